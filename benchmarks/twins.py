"""Two warehouses that should hold the same: what one lacks, and what it has too much of."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from ingest.sql import identifier, literal

OF_THE_RUN = {
    *("run_id", "load_id", "_load_id", "look_id", "record_id", "attempts"),
    *("ctime_ns", "sidecar_ns", "said"),
}
"""Columns that no two runs agree about."""
FILE = {"file_id", "_file_id"}
"""Columns that are compared by the name and the version of the file that they stand for."""


@dataclass(frozen=True)
class Difference:
    """What a warehouse and its twin do not agree about."""

    lost: int = 0
    """Records of the twin's that are neither in a table nor in quarantine."""
    duplicated: int = 0
    """Records that the twin does not have, or not so often."""
    tables: tuple[str, ...] = ()
    """All tables that differ, those of the history included."""


def compare(warehouse: Path, twin: Path) -> Difference:
    """Compare two warehouses, table by table and row by row."""
    with duckdb.connect() as con:
        for name, path in {"found": warehouse, "wanted": twin}.items():
            con.execute(f"ATTACH {literal(path)} AS {name} (READ_ONLY)")
        lost, duplicated, differing = 0, 0, []
        tables = {each: _rows(con, "found", *each) for each in _tables(con, "found")}
        wanted = {each: _rows(con, "wanted", *each) for each in _tables(con, "wanted")}
        for schema, table in sorted({*tables, *wanted}):
            here, there = tables.get((schema, table)), wanted.get((schema, table))
            missing, extra = _beyond(con, there, here), _beyond(con, here, there)
            if schema != "pratique":
                lost, duplicated = lost + missing, duplicated + extra
            if missing or extra:
                differing.append(f"{schema}.{table} ({missing} missing, {extra} too many)")
    return Difference(lost, duplicated, tuple(differing))


def _tables(con: duckdb.DuckDBPyConnection, catalog: str) -> list[tuple[str, str]]:
    return con.execute(
        "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = ?", [catalog]
    ).fetchall()


def _rows(con: duckdb.DuckDBPyConnection, catalog: str, schema: str, table: str) -> str:
    """Give the SQL of what there is to compare in a table."""
    columns = con.execute(
        "SELECT column_name, data_type FROM duckdb_columns() WHERE database_name = ? "
        "AND schema_name = ? AND table_name = ? ORDER BY column_name",
        [catalog, schema, table],
    ).fetchall()
    cells = [
        f"(SELECT name || ' ' || version FROM {catalog}.pratique.files f "
        f"WHERE f.file_id = t.{name}) AS {name}"
        if name in FILE
        else f"t.{identifier(name)}"
        for name, type in columns
        if name not in OF_THE_RUN and (schema == "main" or type != "TIMESTAMP WITH TIME ZONE")
    ]
    return f"SELECT {', '.join(cells)} FROM {identifier(catalog, schema, table)} t"


def _beyond(con: duckdb.DuckDBPyConnection, some: str | None, others: str | None) -> int:
    """Count the rows of a table that another one does not have, or not so often."""
    rows = f"{some} EXCEPT ALL {others}" if some and others else some
    return con.execute(f"SELECT count(*) FROM ({rows})").fetchall()[0][0] if rows else 0
