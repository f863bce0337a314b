"""Frames, wherever they are: the few things that DuckDB and Polars are asked in different ways."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias
from uuid import uuid4

import duckdb
import narwhals as nw

from quality.condition import Condition

Frame: TypeAlias = nw.LazyFrame[Any]
"""A table that narwhals can read: nothing is pulled from it until it is asked for rows."""

Materialise: TypeAlias = Callable[[Frame], Frame]
"""Computes a frame once, and gives it back as one that can be read again and again."""

RECORD_NO = "_record_no"
"""The column that numbers the records of a file from 1."""


def columns(frame: Frame) -> list[str]:
    """The columns of a frame, without asking for their types, which takes a query on DuckDB."""
    native = nw.to_native(frame)
    on_duckdb = isinstance(native, duckdb.DuckDBPyRelation)
    return list(native.columns if on_duckdb else frame.collect_schema().names())


def rows(frame: Frame) -> list[dict[str, Any]]:
    """All rows of a small frame."""
    native = nw.to_native(frame)
    if isinstance(native, duckdb.DuckDBPyRelation):
        # Not by way of Arrow or Polars, which take longer to import than this takes to run.
        return [dict(zip(native.columns, row, strict=True)) for row in native.fetchall()]
    return list(frame.collect().rows(named=True))


def attach(frame: Frame, conditions: Mapping[str, Condition]) -> Frame:
    """Add what conditions give as columns of a frame, each under its name.

    Raises:
        TypeError: A condition is neither true nor false, but a number or a text.
    """
    native = nw.to_native(frame)
    if isinstance(native, duckdb.DuckDBPyRelation):
        given = [duckdb.SQLExpression(each.sql).alias(name) for name, each in conditions.items()]
        judged = native.select(duckdb.StarExpression(), *given)
        types = dict(zip(judged.columns, map(str, judged.types), strict=True))
        boolean = "BOOLEAN"
    else:
        polars = nw.get_native_namespace(frame)
        given = [polars.sql_expr(each.sql).alias(name) for name, each in conditions.items()]
        judged = native.with_columns(*given)
        types, boolean = judged.collect_schema(), polars.Boolean
    for name, condition in conditions.items():
        if types[name] != boolean:
            raise TypeError(f"{condition.sql!r} gives {types[name]}, and not true or false")
    return nw.from_native(judged)


def collected(frame: Frame) -> Frame:
    """A Polars frame computed; a DuckDB relation as it is, for nothing says where it may be kept."""
    native = nw.to_native(frame)
    return frame if isinstance(native, duckdb.DuckDBPyRelation) else frame.collect().lazy()


def into_tables(con: duckdb.DuckDBPyConnection, schema: str | None = None) -> Materialise:
    """Materialise into tables of the connection that the frames belong to.

    Args:
        con: The connection.
        schema: Where the tables go, as SQL: the schema of an attached catalog. By default they
            are temporary, and go with the connection.
    """

    def create(frame: Frame) -> Frame:
        name = f"_failing_{uuid4().hex}"
        table = f"{schema}.{name}" if schema else name
        # As text: the connection may be closed to Python's own variables.
        query = nw.to_native(frame).sql_query()
        con.execute(f"CREATE {'' if schema else 'TEMP '}TABLE {table} AS {query}")
        return nw.from_native(con.sql(f"FROM {table}"))

    return create
