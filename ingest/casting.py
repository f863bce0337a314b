"""Casts that lose nothing: a text that would be rounded or cut does not have the type."""

from __future__ import annotations

from ingest.columns import Column
from ingest.sql import literal

MOST_DIGITS = 38
FINITE = {"double", "date", "timestamp", "timestamptz"}
"""Types that have an infinity, and a double's NaN: no supplier means one."""
NUMBERS = {"DOUBLE", "DECIMAL(38, 10)"}
MICROSECONDS = {"time": 15, "timestamp": 26, "timestamptz": 26}
"""Characters of the longest text that cannot say more than a microsecond."""
WIDER = {
    "smallint": "DOUBLE",
    "integer": "DOUBLE",
    "bigint": "DECIMAL(38, 10)",  # a double has too few digits to tell
    "hugeint": "DOUBLE",
    "date": "TIMESTAMP",
    "timestamp": "TIMESTAMP WITH TIME ZONE",
}
"""A type that holds all a text of that type may say, and more."""


def cast(column: Column, text: str) -> str:
    """Give the SQL that reads a text as a column's type, null where it cannot be read so.

    A cast holds when it equals the cast to a wider type, so `1.5` is no integer, `1.005` no
    decimal(9,2), and `2024-01-01 09:30` no date; DuckDB by itself rounds and cuts, and drops
    what is less than a microsecond.

    Args:
        column: The column, with its type and perhaps a format.
        text: SQL expression of the text.
    """
    kind = column.duckdb_type
    if column.type == "varchar":
        return text
    if column.format:
        return f"TRY_CAST(try_strptime({text}, {literal(column.format)}) AS {kind})"
    narrow = f"TRY_CAST({text} AS {kind})"
    holds = [f"{narrow} = TRY_CAST({text} AS {wider})"] if (wider := _wider(column.type)) else []
    if column.type in FINITE:
        holds.append(f"isfinite({narrow})")
    if longest := MICROSECONDS.get(column.type):
        finer = f"regexp_matches({text}, '[.][0-9]{{6}}0*[1-9]')"
        holds.append(f"(length({text}) <= {longest} OR NOT {finer})")
    if column.type == "double" or wider in NUMBERS or column.type.startswith("decimal"):
        holds.append(f"NOT contains({text}, '_')")  # DuckDB reads 1_000 as Python does
    return f"CASE WHEN {' AND '.join(holds)} THEN {narrow} END" if holds else narrow


def _wider(type: str) -> str | None:
    if not type.startswith("decimal"):
        return WIDER.get(type)
    precision, scale = map(int, type.removeprefix("decimal(").removesuffix(")").split(","))
    return f"DECIMAL({MOST_DIGITS}, {min(MOST_DIGITS - (precision - scale), scale + 6)})"
