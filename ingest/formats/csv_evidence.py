"""Whether the first row of a table names its columns, or is a record like those below."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass

from ingest.columns import Column
from ingest.formats.csv_kinds import VALUES, kind
from ingest.formats.csv_sniffing import LOOKED_AT, Row

_MISSING = {"", "-", "na", "n/a", "nan", "nil", "none", "null", "unknown", "\\n"}
_USUAL = re.compile(
    r"(?:\w+[ _.-])?(?:id|key|code|name|title|label|type|kind|category|status|state|date|time|"
    r"timestamp|year|month|day|email|e-mail|mail|phone|city|country|address|zip|url|link|price|"
    r"amount|quantity|total|count|value|unit|number|no|nr|description|comment|notes?|text|author|"
    r"source|version|language|gender|age|currency)s?",
    re.IGNORECASE,
)
"""What columns are often called."""
_YEAR = re.compile("(?:19|20)[0-9]{2}")
_TEMPORAL = {"date", "time", "timestamp", "timestamptz"}


@dataclass(frozen=True)
class Guess:
    """What the first row of a table is taken for."""

    header: bool
    sure: bool


def guess_header(table: Sequence[Row], columns: Sequence[Column]) -> Guess:
    """Tell whether the first row of a table names its columns.

    Args:
        table: Rows, of which those as wide as the first are compared with it.
        columns: What the contract says of them: names, and types of what is below.
    """
    first, rest = table[0], [row for row in table[1:LOOKED_AT] if len(row) == len(table[0])]
    if count_named(first, {column.name.lower() for column in columns}):
        return Guess(header=True, sure=True)
    typed = [
        (cell, column)
        for cell, column in zip(first.cells, columns, strict=False)
        if column.type != "varchar" and cell.lower() not in _MISSING
    ]
    if typed and len(first) == len(columns) and all(_may_be(*pair) for pair in typed):
        return Guess(header=False, sure=True)
    if not rest:
        valued = any(kind(cell) in VALUES for cell in first.cells)
        named = any(_USUAL.fullmatch(cell) for cell in first.cells)
        return Guess(header=not valued, sure=named or valued)
    above, alike = against_values(first, rest)
    if not (above or alike) and len(rest) > 1:  # the second row may be a header as well
        above, alike = against_values(first, rest[1:])
    if above:
        return Guess(header=True, sure=2 * above >= alike)
    if alike:
        return Guess(header=False, sure=True)
    names, values = _among_words(first, rest)
    return Guess(header=names >= values, sure=not (names and values) and names != values)


def _may_be(cell: str, column: Column) -> bool:
    """Whether a cell may be a value of a column, rather than a name."""
    if column.type == "boolean":
        return cell.lower() in {"true", "false", "t", "f", "yes", "no", "y", "n", "0", "1"}
    if column.type == "json":
        return cell[:1] in ("{", "[")
    if column.type in _TEMPORAL or column.type == "uuid":
        return any(character.isdigit() for character in cell)
    return kind(cell) == "number"


def against_values(first: Row, rest: Sequence[Row]) -> tuple[int, int]:
    """Count the columns of values whose first cell is none, and those where it is one as well."""
    above = alike = 0
    for cell, below in zip(first.cells, _columns(rest), strict=True):
        kinds = {kind(value) for value in below if value.lower() not in _MISSING}
        if len(kinds) == 1 and kinds <= VALUES and cell.lower() not in _MISSING:
            above += kind(cell) not in VALUES
            alike += kind(cell) in kinds and not _is_year_of_others(cell, below)
    return above, alike


def _is_year_of_others(cell: str, below: Sequence[str]) -> bool:
    """Whether a cell is a year above what are none, and so may name them."""
    return bool(_YEAR.fullmatch(cell)) and not any(map(_YEAR.fullmatch, below))


def _among_words(first: Row, rest: Sequence[Row]) -> tuple[int, int]:
    """Count what speaks for names, and what for values, in a row of words among words."""
    cells = [cell for cell in first.cells if cell]
    names = len([cell for cell in cells if _USUAL.fullmatch(cell)])
    values = len(cells) - len(set(cells)) + (not cells)
    for cell, below in zip(first.cells, _columns(rest), strict=True):
        lengths = {len(value) for value in below}
        if len(below) > 2 and len(lengths) == 1 and lengths != {0}:
            names += len(cell) not in lengths
            values += len(cell) in lengths
        else:
            valued = kind(cell) in VALUES and not _is_year_of_others(cell, below)
            values += valued or (bool(cell) and cell in below)
    return names, values


def _columns(rows: Sequence[Row]) -> Iterator[tuple[str, ...]]:
    return zip(*(row.cells for row in rows), strict=True)


def count_named(row: Row, wanted: Set[str]) -> int:
    """How many columns a row names, if it is half of them at least."""
    known = len(wanted & {bare(cell) for cell in row.cells})
    return known if known and 2 * known >= len(wanted) else 0


def bare(cell: str) -> str:
    """Give a name without the mark of a comment before it, in lower case."""
    return cell.lstrip("#").strip().lower()
