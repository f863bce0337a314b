"""Inference: the narrowest type that every value of a column can have without loss."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import duckdb

from ingest.casting import cast
from ingest.columns import Column

SAMPLE = 10_000
"""Records that rule most types out before all records are asked."""
AT_ONCE = 250
"""Verdicts that one statement asks for: to prepare twice as many takes more than twice as long."""

_WHOLE = "(0|-?[1-9][0-9]*)"
_NUMBER = r"-?(0|[1-9][0-9]*)(\.[0-9]*)?([eE][-+]?[0-9]+)?"
_ZONE = ":[0-9.]+ ?(Z|[-+][0-9:]+)$"
_DIGITS = 17
"""More of them than a double can keep apart."""

# What each type asks of a text besides being castable, so that reading it as that type and writing
# it again says the same: no leading zero of a postal code is lost, and no 1 becomes true.
_LOOKS: Mapping[str, str] = {
    "boolean": "lower({t}) IN ('true', 'false')",
    "integer": f"regexp_full_match({{t}}, '{_WHOLE}')",
    "bigint": f"regexp_full_match({{t}}, '{_WHOLE}')",
    "hugeint": f"regexp_full_match({{t}}, '{_WHOLE}')",
    "double": f"regexp_full_match({{t}}, '{_NUMBER}') "
    f"AND length(regexp_replace({{t}}, '[eE].*|[^0-9]', '', 'g')) <= {_DIGITS}",
    "date": "true",
    "time": "{t}[3] = ':'",
    "timestamp": f"NOT regexp_matches({{t}}, '{_ZONE}')",
    "timestamptz": "true",
    "uuid": "length({t}) = 36",
    "json": "{t}[1] IN ('{', '[')",
}
"""Every type that is told from a text, the narrowest first; smallint is left out, because the next
file outgrows it."""


def infer(con: duckdb.DuckDBPyConnection, table: str, texts: Sequence[str]) -> list[str]:
    """Tell the type of columns of text; varchar where there is no value to tell it by.

    Args:
        con: The connection.
        table: Where the columns are, quoted.
        texts: Their names, quoted.
    """
    found: dict[int, str] = {}
    candidates: list[list[str]] = [list(_LOOKS)] * len(texts)
    asked = [(i, type) for i, types in enumerate(candidates) for type in types]
    held = _held(con, f"(FROM {table} LIMIT {SAMPLE})", texts, asked)
    candidates = [[t for t in types if (i, t) in held] for i, types in enumerate(candidates)]
    while asked := [(i, types[0]) for i, types in enumerate(candidates) if types]:
        held = _held(con, table, texts, asked)
        for i, type in held:
            found[i] = type
        candidates = [[] if i in found else types[1:] for i, types in enumerate(candidates)]
    return [found.get(i, "varchar") for i in range(len(texts))]


def _held(
    con: duckdb.DuckDBPyConnection,
    relation: str,
    texts: Sequence[str],
    asked: Sequence[tuple[int, str]],
) -> set[tuple[int, str]]:
    """Tell which columns have which types, of those that are asked for, in every value."""
    held: set[tuple[int, str]] = set()
    for first in range(0, len(asked), AT_ONCE):
        some = asked[first : first + AT_ONCE]
        verdicts = ", ".join(f"bool_and({_has(texts[i], type)})" for i, type in some)
        (row,) = con.sql(f"SELECT {verdicts} FROM {relation}").fetchall()
        held |= {pair for pair, verdict in zip(some, row, strict=True) if verdict}
    return held


def _has(text: str, type: str) -> str:
    """Give the SQL that says whether a text has a type; null where there is no text."""
    looks = _LOOKS[type].replace("{t}", text)
    castable = f"{cast(Column(name='value', type=type), text)} IS NOT NULL"
    return f"CASE WHEN {text} IS NOT NULL THEN {looks} AND {castable} END"
