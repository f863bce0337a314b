"""Relations of DuckDB: opened to be judged, and cut into two."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

import narwhals as nw
from duckdb import SQLExpression, StarExpression
from narwhals import dependencies

from quality.frames import RECORD_NO, Frame
from quality.opening import FAILED, REASONS, ROW, Opened, columns_beside
from quality.sql import literal, quoted


def opened(relation: Any) -> Opened:
    """Open a relation."""

    def keep(frame: Frame) -> Frame:
        table = _kept(relation, nw.to_native(frame).sql_query())
        kept: Frame = nw.from_native(relation.query("_source", f"FROM {table}"))
        return kept

    numbered = _numbered(relation)
    names = relation.columns
    cells = {name: SQLExpression(quoted(name)) for name in names}

    def cut(failures: Frame, reasons: Mapping[str, str], grave: Sequence[str]) -> tuple[Any, Any]:
        which = " OR ".join(map(quoted, grave)) or "false"
        told = (
            nw.to_native(failures)
            .filter(SQLExpression(which))
            .select(
                SQLExpression(RECORD_NO).alias(ROW),
                *(
                    SQLExpression(_listed_in_sql(t)).alias(n)
                    for n, t in columns_beside(reasons).items()
                ),
            )
            .set_alias("t")
        )
        good = numbered.set_alias("r").join(told, ROW, how="anti")
        others = [name for name in names if name.lower() not in (FAILED, REASONS)]
        bad = numbered.select(ROW, *map(cells.get, others)).set_alias("r").join(told, ROW)
        return tuple(rows.select(StarExpression(exclude=[ROW])) for rows in (good, bad))

    own = [cell for name, cell in cells.items() if name.lower() != RECORD_NO]
    return Opened(numbered.select(SQLExpression(ROW).alias(RECORD_NO), *own), keep, cut, _relation)


def _relation(other: Any) -> Any:
    if not dependencies.is_duckdb_relation(other):
        raise TypeError(
            f"{type(other).__name__} is no reference for a relation; give a relation on the same "
            "connection: con.table('planes')"
        )
    return other


def _numbered(relation: Any) -> Any:
    """A relation with the numbers of its rows in front.

    Only a table has them. Any other is computed once, into a table of its own: what is computed
    again may come in another order, and other rows would be bad.
    """
    names = relation.columns
    if relation.type == "TABLE_RELATION" and "rowid" not in map(str.lower, names):
        return relation.select(SQLExpression("rowid").alias(ROW), StarExpression())
    given = ", ".join(f"{quoted(name)} AS c{place}" for place, name in enumerate(names))
    table = _kept(relation, f"SELECT {given} FROM ({relation.sql_query()})")
    named = ", ".join(f"c{place} AS {quoted(name)}" for place, name in enumerate(names))
    return relation.query("_source", f"SELECT rowid AS {ROW}, {named} FROM {table}")


def _kept(relation: Any, query: str) -> str:
    """The name of a temporary table, on a relation's connection, that holds a query's rows."""
    table = f"_kept_{uuid4().hex}"
    relation.query("_source", f"CREATE TEMP TABLE {table} AS {query}")
    return table


def _listed_in_sql(texts: Mapping[str, str]) -> str:
    """The texts of the checks that a record fails."""
    if not texts:  # lists without values are more than some versions of DuckDB can bear
        return "[]::VARCHAR[]"
    told, flags = ", ".join(map(literal, texts.values())), ", ".join(map(quoted, texts))
    return f"list_where([{told}]::VARCHAR[], [{flags}]::BOOLEAN[])"
