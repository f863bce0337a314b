"""Two projects that should hold the same: what one lacks, and what it has too much of."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from ingest.sql import identifier, literal

OF_THE_RUN = {"run_id", "look_id", "ctime_ns", "sidecar_ns", "said"}
"""Columns that no two runs agree about."""
FILE = {"file_id", "_file_id"}
"""Columns that are compared by the name and the version of the file that they stand for."""
LOAD = {"load_id", "_load_id"}
"""Columns that are compared by the file of the load, and by the how manyeth of its loads it is."""
PLACES = ("landing", "archive", "blobs", "staging")
DAY = re.compile(r"\d{4}-\d\d-\d\d")
"""Archives have a directory for each day on which somebody looked."""


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
        tables, wanted = _tables(con, "found"), _tables(con, "wanted")
        for schema, table in sorted({*tables, *wanted}):
            columns = tables.get((schema, table)) or wanted[schema, table]
            if columns != wanted.get((schema, table), columns):
                differing.append(f"{schema}.{table} (other columns)")
                continue
            here, there = (
                _rows(which, schema, table, columns) if (schema, table) in those else None
                for which, those in {"found": tables, "wanted": wanted}.items()
            )
            missing, extra = _beyond(con, there, here), _beyond(con, here, there)
            if schema != "pratique":
                lost, duplicated = lost + missing, duplicated + extra
            if missing or extra:
                differing.append(f"{schema}.{table} ({missing} missing, {extra} too many)")
    return Difference(lost, duplicated, tuple(differing))


def files(project: Path) -> dict[str, str]:
    """Hash what is in the directories of a project, each file by where it is."""
    found = {}
    for path in sorted(each for place in PLACES for each in (project / place).rglob("*")):
        if path.is_file():
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            found[DAY.sub("day", path.relative_to(project).as_posix())] = digest
    return found


def compare_files(found: Mapping[str, str], wanted: Mapping[str, str]) -> list[str]:
    """Tell which files of two projects are not the same."""
    return [
        f"{path} {'is missing' if path not in found else 'is not as it should be'}"
        if path in wanted
        else f"{path} should not be there"
        for path in sorted({*found, *wanted})
        if found.get(path) != wanted.get(path)
    ]


def _tables(
    con: duckdb.DuckDBPyConnection, catalog: str
) -> dict[tuple[str, str], list[tuple[str, str]]]:
    """Give the columns of each table, with their types."""
    columns = con.execute(
        "SELECT schema_name, table_name, column_name, data_type FROM duckdb_columns() "
        "WHERE database_name = ? AND NOT internal ORDER BY column_name",
        [catalog],
    ).fetchall()
    tables: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for schema, table, name, type in columns:
        tables.setdefault((schema, table), []).append((name, type))
    return tables


def _rows(catalog: str, schema: str, table: str, columns: list[tuple[str, str]]) -> str:
    """Give the SQL of what there is to compare in a table."""
    cells = [
        _cell(catalog, name)
        for name, type in columns
        if name not in OF_THE_RUN and (schema == "main" or type != "TIMESTAMP WITH TIME ZONE")
    ]
    return f"SELECT {', '.join(cells)} FROM {identifier(catalog, schema, table)} t"


def _cell(catalog: str, name: str) -> str:
    file = "f.name || ' ' || f.version"
    files = f"{catalog}.pratique.files f"
    if name in FILE:
        return f"(SELECT {file} FROM {files} WHERE f.file_id = t.{name}) AS {name}"
    if name in LOAD:
        place = "row_number() OVER (PARTITION BY file_id ORDER BY load_id)"
        return (
            f"(SELECT load FROM (SELECT load_id, {file} || ' ' || {place} AS load FROM "
            f"{catalog}.pratique.loads JOIN {files} USING (file_id)) l "
            f"WHERE l.load_id = t.{name}) AS {name}"
        )
    if name == "record_id":
        return "t.record_id = t._file_id || '-' || t._record_no AS record_id"
    return f"t.{identifier(name)}"


def _beyond(con: duckdb.DuckDBPyConnection, some: str | None, others: str | None) -> int:
    """Count the rows of a table that another one does not have, or not so often."""
    rows = f"{some} EXCEPT ALL {others}" if some and others else some
    return con.execute(f"SELECT count(*) FROM ({rows})").fetchall()[0][0] if rows else 0
