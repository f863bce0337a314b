"""Frames, wherever they are: the few things that DuckDB and Polars are asked in different ways."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias
from uuid import uuid4

import duckdb
import narwhals as nw
from narwhals import dependencies

from quality.sql import quoted

Frame: TypeAlias = nw.LazyFrame[Any]
"""A table that narwhals can read: nothing is pulled from it until it is asked for rows."""

Tables: TypeAlias = Mapping[str, Frame]
"""Tables by name, whose columns go by the names that they came with."""

Materialise: TypeAlias = Callable[[Frame], Frame]
"""Computes a frame once, and gives it back as one that can be read again and again."""

RECORD_NO = "_record_no"
"""The column that numbers the records of a file from 1."""

PART = "_part"
"""The column that tells apart what is judged at once, but each for itself."""

TEXT = "_text"
"""The column that may hold the texts of a record's cells, as they came."""

GROUP = "_group"
"""The column that tells apart the groups that failing records belong to, so that a rule which
points at records may have its groups counted."""

_PIECE = 50


def cast_verdict(column: str) -> str:
    """Name of the column that says of each row whether `column` could be cast to its type.

    It is true where the text could be cast, false where it could not, and null where there was no
    text to cast.
    """
    return f"{column}__castable"


def by_part(
    frame: Frame, by: tuple[str, ...], measures: Sequence[nw.Expr]
) -> dict[Any, dict[str, Any]]:
    """What is measured of each part; where there are none, of the frame, under `None`."""
    if not by:
        (whole,) = rows(frame.select(*measures))
        return {None: whole}
    return {row[PART]: row for row in rows(frame.group_by(*by).agg(*measures))}


def rows(frame: Frame) -> list[dict[str, Any]]:
    """All rows of a small frame."""
    native = nw.to_native(frame)
    if _is_duckdb(native):
        # Not by way of Arrow or Polars, which take longer to import than this takes to run.
        return [dict(zip(native.columns, row, strict=True)) for row in native.fetchall()]
    return list(frame.collect().rows(named=True))


def summed(columns: Sequence[str], of: Callable[[nw.Expr], nw.Expr]) -> nw.Expr:
    """The sum of what is made of many columns, in each row, without nulls.

    In pieces, and of each piece at once: a sum of hundreds nests deeper than Python goes, and
    hundreds of expressions take long to write.

    Args:
        columns: One column at least.
        of: What is made of each.
    """
    pieces = (columns[at : at + _PIECE] for at in range(0, len(columns), _PIECE))
    return nw.sum_horizontal(*(nw.sum_horizontal(of(nw.col(*piece))) for piece in pieces))


def columns(frame: Frame) -> list[str]:
    """The names of a frame's columns."""
    native = nw.to_native(frame)
    # A relation knows its names, while their types would take a query.
    return list(native.columns) if _is_duckdb(native) else frame.collect_schema().names()


def length(frame: Frame) -> int:
    """How many rows a frame has."""
    ((counted,),) = (row.values() for row in rows(frame.select(nw.len().alias("rows"))))
    return int(counted)


def repeated(frame: Frame, columns: Sequence[str]) -> Frame:
    """The keys that come more than once."""
    native = nw.to_native(frame)
    single = dependencies.is_polars_lazyframe(native) and len(columns) == 1
    if single and frame.collect_schema()[columns[0]].is_integer():
        # Numbers mostly come in their order, in which Polars sorts them in no time.
        import polars as pl

        key = pl.col(columns[0])
        again = key.eq_missing(key.shift()) & (pl.int_range(pl.len()) > 0)
        found: Frame = nw.from_native(native.select(key.sort()).filter(again).unique())
        return found
    counted = frame.group_by(*columns).agg(nw.len().alias("_times"))
    return counted.filter(nw.col("_times") > 1).select(*columns)


def with_moments(frame: Frame, column: str, name: str) -> Frame:
    """The frame, and the dates or times of a column in microseconds since 1970 beside it.

    A date is the midnight that it begins with, and a time without a zone is UTC, wherever the
    session is.
    """
    native = nw.to_native(frame)
    if not _is_duckdb(native):
        return frame.with_columns(nw.col(column).dt.timestamp("us").alias(name))
    moment = duckdb.SQLExpression(f"epoch_us({quoted(column)})").alias(name)
    beside: Frame = nw.from_native(native.select(duckdb.StarExpression(), moment))
    return beside


def within(value: nw.Expr, groups: Sequence[str] | None, order_by: Sequence[str] = ()) -> nw.Expr:
    """What a value is in the group that a row belongs to; without groups, in all rows.

    Args:
        value: An aggregate; or a value that depends on the order of the rows, such as `shift`.
        groups: The columns that make groups; null is a group of its own.
        order_by: The order of the rows in each group.
    """
    if not groups and not order_by:
        return value
    return value.over(*(groups or ()), order_by=order_by or None)


def folded(frame: Frame, columns: Sequence[str]) -> Frame:
    """A frame with texts as one hears them: without capitals, accents, punctuation, more blanks.

    Args:
        frame: The frame.
        columns: Columns of text.
    """
    native = nw.to_native(frame)
    if _is_duckdb(native):
        plain = {name: f"strip_accents({quoted(name)})" for name in columns}
        kept = (plain.get(name, quoted(name)) for name in native.columns)
        named = zip(kept, native.columns, strict=True)
        native = native.select(*(duckdb.SQLExpression(sql).alias(name) for sql, name in named))
    else:
        import polars as pl

        marks = r"\p{Mn}"
        native = native.with_columns(
            pl.col(*columns).str.normalize("NFD").str.replace_all(marks, "") if columns else ()
        )
    heard: Frame = nw.from_native(native)
    return heard.with_columns(
        nw.col(name)
        .str.to_lowercase()
        .str.replace_all("\N{GREEK SMALL LETTER FINAL SIGMA}", "\N{GREEK SMALL LETTER SIGMA}")
        .str.replace_all(r"[^\p{L}\p{N}]+", " ")
        .str.strip_chars(" ")
        for name in columns
    )


def marked(frame: Frame, found: Frame, on: Sequence[str], name: str) -> Frame:
    """The frame, and beside it a column that is true where a row is found in another frame.

    Args:
        frame: The frame.
        found: What is looked for, each once.
        on: The columns by which a row is found.
        name: Name of the column; it is null in the other rows.
    """
    if len(on) == 1 and dependencies.is_polars_lazyframe(nw.to_native(frame)):
        # Polars would copy all columns for a join.
        import polars as pl

        (column,) = on
        known = nw.to_native(found.select(column).collect())[column].implode()
        is_found = pl.when(pl.col(column).is_in(known)).then(pl.lit(True)).alias(name)
        beside: Frame = nw.from_native(nw.to_native(frame).with_columns(is_found))
        return beside
    return frame.join(found.select(*on, nw.lit(True).alias(name)), on=list(on), how="left")


def collected(frame: Frame) -> Frame:
    """A Polars frame computed; a DuckDB relation as it is, since nothing says where to keep it."""
    return frame if _is_duckdb(nw.to_native(frame)) else frame.collect().lazy()


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


def in_duckdb(frame: Frame) -> bool:
    """Whether a frame is a relation of DuckDB."""
    return _is_duckdb(nw.to_native(frame))


def _is_duckdb(native: Any) -> bool:
    return isinstance(native, duckdb.DuckDBPyRelation)
