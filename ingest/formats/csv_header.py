"""Where the table of a CSV file begins, and what its columns are called."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ingest.columns import Column
from ingest.formats.csv_dialect import Dialect
from ingest.formats.csv_evidence import Guess, against_values, bare, count_named, guess_header
from ingest.formats.csv_sniffing import COMMENT, LOOKED_AT, Row
from ingest.formats.naming import name_columns
from ingest.model import FileError
from ingest.source import Csv

_LONGEST_NAME = 40


@dataclass(frozen=True)
class Table:
    """Where the records of a file begin, and what their fields are called."""

    skip: int
    """Lines above the header, or above the first record where there is none."""
    header: bool
    names: tuple[str, ...]
    errors: tuple[FileError, ...] = ()


def find_table(
    rows: Sequence[Row],
    spec: Csv,
    columns: Sequence[Column],
    pinned: Dialect | None = None,
) -> Table:
    """Tell the header from what stands above it, and from the records below.

    Args:
        rows: The first records of the file, whatever they are, below the lines that the contract
            says to skip.
        spec: What the contract says of the format; it is taken as it is.
        columns: What it says of the columns: names in a header, types of what is below.
        pinned: The dialect, if it was told before; it is taken as it is as well.
    """
    header = pinned.header if pinned else spec.header
    top = _top(rows, columns, spec, pinned)
    above, table = rows[:top], rows[top:]
    if not table:
        return Table(spec.skip or 0, header is not False, ())
    guess = guess_header(table, columns)
    if header is None:
        header = guess.header
    names, odd_names = _names(table, header, columns)
    errors = [*_decisions(above, table, spec, header, guess), *odd_names]
    if header:
        errors += _more_headers(table)
    elif spec.header is None:
        errors.append(_headerless(table[0].line, len(names), len(columns)))
    return Table(table[0].line - 1, header, names, tuple(errors))


def _top(rows: Sequence[Row], columns: Sequence[Column], spec: Csv, pinned: Dialect | None) -> int:
    """Find the first row of the table: the one that names the columns, or else by its shape."""
    if spec.skip is not None or not rows:
        return 0
    if pinned:
        return sum(row.line <= pinned.skip for row in rows)
    wanted = {column.name.lower() for column in columns}
    best, most = 0, 0
    for i, row in enumerate(rows if wanted and spec.header is not False else ()):
        if (known := count_named(row, wanted)) > most:
            best, most = i, known
        if most == len(wanted):
            break
    return best if most else _below_preamble(rows)


def _below_preamble(rows: Sequence[Row]) -> int:
    """Find the first row that has as many fields as most, if those above have clearly fewer."""
    width = _usual_width(rows)
    first = next((i for i, row in enumerate(rows) if not COMMENT.match(row.cells[0])), 0)
    if first and _names_below(rows[first - 1], rows[first:], width):
        return first - 1
    if width == 1 or not rows:
        return first
    top = next((i for i in range(first, len(rows)) if len(rows[i]) == width), first)
    above, table = rows[first:top], rows[top:]
    alike = sum(len(row) == width for row in table)
    if any(len(row) > width for row in above) or alike < 2 or 2 * alike < len(table):
        return first
    if len(above) == 1 and 2 * len(above[0]) > width and not guess_header(table, ()).header:
        return first  # a header that names too few
    return top


def _usual_width(rows: Sequence[Row]) -> int:
    widths = Counter(map(len, rows))
    several = {width: n for width, n in widths.items() if width > 1}
    return max(several or {1: 1}, key=lambda width: (several.get(width, 0), width))


def _names_below(comment: Row, table: Sequence[Row], width: int) -> bool:
    """Whether the last of the comments above a table names its columns."""
    return (
        1 < len(comment) <= width
        and comment.line == table[0].line - 1
        and all(0 < len(cell) < _LONGEST_NAME for cell in comment.cells)
        and not _beyond(len(comment), table, width)
        and guess_header(table, ()) != Guess(header=True, sure=True)
    )


def _beyond(names: int, table: Sequence[Row], width: int) -> bool:
    """Whether anything stands in the fields that a header of so many names does not name."""
    return any(any(row.cells[names:]) for row in table if len(row) == width)


def _names(
    table: Sequence[Row], header: bool, columns: Sequence[Column]
) -> tuple[tuple[str, ...], Sequence[FileError]]:
    declared = [column.name for column in columns]
    rest = table[1:] if header else table
    width = _usual_width(rest) if rest else len(table[0])
    if not header:
        unnamed = (f"column_{i + 1}" for i in range(len(declared), width))
        return (*declared[:width], *unnamed), ()
    cells, line = table[0].cells, table[0].line
    if len(cells) > width > 1 and not any(cells[width:]):
        cells = cells[:width]
    if len(cells) < width and not _beyond(len(cells), rest, width):
        cells += ("",) * (width - len(cells))
    known = {name.lower() for name in declared}
    cells = tuple(
        cell.lstrip("#").strip() if cell.lower() not in known and bare(cell) in known else cell
        for cell in cells
    )
    names, errors = name_columns(cells, line)
    if len(names) != width and 2 * sum(len(row) == width for row in rest) > len(rest):
        message = f"the header names {len(names)} columns, and most records have {width} fields"
        return names, (*errors, FileError("ragged-header", message, line=line))
    return names, errors


def _decisions(
    above: Sequence[Row], table: Sequence[Row], spec: Csv, header: bool, guess: Guess
) -> Iterator[FileError]:
    """Report what was decided for the supplier."""
    line = table[0].line
    if above and spec.skip is None:
        begins = ", ".join(filter(None, above[0].cells))[:60]
        message = f"the table begins on line {line}; what stands above it is left out: {begins!r}"
        yield FileError("preamble", message, line=above[0].line)
    if spec.header is None and not guess.sure:
        taken = "names the columns" if header else "is a record"
        message = f"it is not clear whether there is a header; line {line} {taken}"
        yield FileError("unsure-header", message, line=line)


def _more_headers(table: Sequence[Row]) -> Iterator[FileError]:
    second, rest = table[1:2], [row for row in table[2:LOOKED_AT] if len(row) == len(table[0])]
    if second and len(second[0]) == len(table[0]) and rest:
        above, alike = against_values(second[0], rest)
        if above > 1 and not alike:
            message = f"line {second[0].line} looks like another header; it is read as a record"
            yield FileError("several-headers", message, line=second[0].line)


def _headerless(line: int, fields: int, columns: int) -> FileError:
    message = f"the file has no header; its columns are called column_1 to column_{fields}"
    if columns == fields:
        message = "the file has no header; its columns are taken in the order of the contract"
    elif columns:
        message = (
            f"the file has no header, and {fields} fields where the contract has {columns} "
            "columns; send it with a header, or say in the contract that it has none"
        )
    return FileError("no-header", message, line=line, fatal=columns not in (0, fields))
