"""A DuckDB without data and without a way out, to ask whether something is written well."""

from __future__ import annotations

import atexit
from functools import cache
from typing import Any

import duckdb


def ask(query: str, *values: Any) -> list[tuple[Any, ...]]:
    """Run a query that needs no data.

    Raises:
        duckdb.Error: DuckDB does not understand it.
    """
    return connection().execute(query, values).fetchall()


def connection() -> duckdb.DuckDBPyConnection:
    """A connection of one's own, so that threads do not wait for each other."""
    return _database().cursor()


@cache
def _database() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(config={"enable_external_access": False, "threads": 1})


# Whatever DuckDB object outlives the interpreter is told to the user as a leak.
atexit.register(_database.cache_clear)
