"""Groups: the different values of one column, each with the rows that have it, computed once.

Nearly all that is told of a column beside its bounds is told of these, so the table itself is read
once a column however much is asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

import duckdb

from quality.profiling.model import Family
from quality.sql import quoted

MOST_COUNTED = 100_000
"""Different values up to which a column is counted value by value, in all rows."""
SAMPLED = 100_000
"""Rows, about, that speak for a column of more values than that."""

_NUMBERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "FLOAT", "DOUBLE", "DECIMAL")
_MOMENTS = ("DATE", "TIMESTAMP")


@dataclass(frozen=True)
class Table:
    """A table, and the names and types of its columns."""

    con: duckdb.DuckDBPyConnection
    sql: str
    """What to select from."""
    names: tuple[str, ...]
    types: tuple[str, ...]
    rows: int

    def type(self, name: str) -> str:
        """The type of a column, as DuckDB spells it."""
        return self.types[self.names.index(name)]

    def ask(self, what: str, rest: str = "") -> list[tuple[Any, ...]]:
        """Select from the table."""
        return self.con.execute(f"SELECT {what} FROM {self.sql} {rest}").fetchall()


@dataclass(frozen=True)
class Groups:
    """The different values `v` of a column, each with the number `n` of its rows."""

    con: duckdb.DuckDBPyConnection
    table: str
    type: str
    rows: int
    exact: bool
    """Whether they are all values of the column, and not those of a sample."""

    @property
    def family(self) -> Family:
        """What can be asked of them."""
        return family_of(self.type)

    def ask(self, what: str, rest: str = "") -> list[tuple[Any, ...]]:
        """Select from the values."""
        return self.con.execute(f"SELECT {what} FROM {self.table} {rest}").fetchall()


def table_of(con: duckdb.DuckDBPyConnection, relation: duckdb.DuckDBPyRelation) -> Table:
    """Take a relation for a table to ask."""
    names, sql = tuple(relation.columns), f"({relation.sql_query()})"
    ((rows,),) = con.execute(f"SELECT count(*) FROM {sql}").fetchall()
    return Table(con, sql, names, tuple(map(str, relation.types)), rows)


@contextmanager
def sampled(table: Table) -> Iterator[Table]:
    """Give some rows of a large table, the same ones each time, for the length of a block."""
    if table.rows <= 2 * SAMPLED:
        yield table
        return
    made = quoted(f"_sample_{uuid4().hex}")
    columns = ", ".join(map(quoted, table.names))
    table.con.execute(
        f"CREATE TEMP TABLE {made} AS SELECT * FROM {table.sql} "
        f"WHERE hash({columns}) % {table.rows // SAMPLED} = 0"
    )
    try:
        ((rows,),) = table.con.execute(f"SELECT count(*) FROM {made}").fetchall()
        yield replace(table, sql=made, rows=rows)
    finally:
        table.con.execute(f"DROP TABLE {made}")


def family_of(type: str) -> Family:
    """Tell what can be asked of a column of a type, as DuckDB spells it."""
    if type.removeprefix("U").startswith(_NUMBERS) and "[" not in type:
        return Family.NUMBER
    if type.startswith(_MOMENTS) and "[" not in type:
        return Family.MOMENT
    return Family.TEXT if type == "VARCHAR" else Family.OTHER


def comparable(table: Table, name: str) -> str:
    """The SQL of a column's values as they are grouped: a moment in UTC, a list as its text."""
    column, type = quoted(name), table.type(name)
    if "WITH TIME ZONE" in type and family_of(type) is Family.MOMENT:
        return f"({column} AT TIME ZONE 'UTC')"
    return f"{column}::VARCHAR" if family_of(type) is Family.OTHER else column


@contextmanager
def group(table: Table, name: str, exact: bool) -> Iterator[Groups]:
    """Compute the values of a column, for the length of a block.

    Args:
        table: The table, or a sample of it.
        name: The column.
        exact: Whether it is the whole table.
    """
    made = quoted(f"_groups_{uuid4().hex}")
    table.con.execute(
        f"CREATE TEMP TABLE {made} AS SELECT v, count(*) AS n "
        f"FROM (SELECT {comparable(table, name)} AS v FROM {table.sql}) GROUP BY v"
    )
    try:
        yield Groups(table.con, made, table.type(name), table.rows, exact)
    finally:
        table.con.execute(f"DROP TABLE {made}")
