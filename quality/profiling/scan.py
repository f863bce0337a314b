"""The scan: what takes one look at every row, asked of all columns together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from quality.profiling.groups import Table, comparable, family_of
from quality.profiling.model import Family

AT_ONCE = 50
"""Columns that one statement asks about."""

Facts = Mapping[str, Any]

_OF_ALL = {"values": "count({c})", "estimate": "approx_count_distinct({c})"}
_OF_BOUNDS = {"low": "min({f})", "high": "max({f})"}
_OF_NUMBERS = {
    "mean": "avg({d})",
    # Of greater numbers it cannot be told, and some versions of DuckDB give up over them.
    "stddev": "CASE WHEN max(abs({d})) < 1e150 THEN stddev_samp({d}) FILTER (abs({d}) < 1e150) END",
    "zeros": "count(*) FILTER ({c} = 0)",
    "negatives": "count(*) FILTER ({c} < 0)",
    "whole": "bool_and({d} = floor({d}))",
    "infinite": "count({c}) - count({d})",
}
_OF_TEXTS = {
    "shortest": "min(length({c}))",
    "longest": "max(length({c}))",
    "mean_length": "avg(length({c}))",
    "blanks": r"count(*) FILTER (regexp_matches({c}, '^\s|\s$'))",
    "empty": r"count(*) FILTER (ord({c}) <= 32 AND regexp_full_match({c}, '\s*'))",
}


def scan(table: Table) -> dict[str, Facts]:
    """Ask of every column what needs no more than one look at each of its values.

    Args:
        table: The table.

    Returns:
        The facts of each column, by its name.
    """
    found: dict[str, Facts] = {}
    for first in range(0, len(table.names), AT_ONCE):
        names = table.names[first : first + AT_ONCE]
        asked = [(name, fact, sql) for name in names for fact, sql in _facts(table, name).items()]
        (row,) = table.ask(", ".join(sql for _, _, sql in asked))
        for (name, fact, _), value in zip(asked, row, strict=True):
            found[name] = {**found.get(name, {}), fact: value}
    return found


def _facts(table: Table, name: str) -> dict[str, str]:
    type = table.type(name)
    column = comparable(table, name)
    family = family_of(type)
    unbounded = type in ("DOUBLE", "FLOAT") or family is Family.MOMENT
    finite = f"CASE WHEN isfinite({column}) THEN {column} END" if unbounded else column
    asked = _OF_ALL | _OF_BOUNDS
    asked |= _OF_NUMBERS if family is Family.NUMBER else {}
    asked |= _OF_TEXTS if family is Family.TEXT else {}
    words = {"c": column, "f": finite, "d": f"({finite})::DOUBLE"}
    return {fact: sql.format(**words) for fact, sql in asked.items()}
