"""The manifest: every file, version and sighting, kept in the warehouse itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import duckdb

from ingest.model import Arrival, FileVersion, LandedFile, Stage, Status
from ingest.planning import Planned

TABLES = """
CREATE SCHEMA IF NOT EXISTS pratique;
CREATE SCHEMA IF NOT EXISTS quarantine;
CREATE SEQUENCE IF NOT EXISTS pratique.file_ids;
CREATE SEQUENCE IF NOT EXISTS pratique.load_ids;
CREATE TABLE IF NOT EXISTS pratique.files (
    file_id BIGINT, dataset VARCHAR, name VARCHAR, version INTEGER, sha256 VARCHAR, size BIGINT,
    mtime_ns BIGINT, arrival VARCHAR, first_seen_at TIMESTAMPTZ, dialect JSON);
CREATE TABLE IF NOT EXISTS pratique.sightings (
    run_id VARCHAR, name VARCHAR, size BIGINT, mtime_ns BIGINT, ctime_ns BIGINT,
    arrival VARCHAR, file_id BIGINT, seen_at TIMESTAMPTZ);
CREATE TABLE IF NOT EXISTS pratique.loads (
    load_id BIGINT, run_id VARCHAR, file_id BIGINT, stage VARCHAR, status VARCHAR,
    fingerprint VARCHAR, records_in BIGINT, loaded BIGINT, quarantined BIGINT, skipped BIGINT,
    approved BOOLEAN, reported BOOLEAN, attempts INTEGER, error VARCHAR,
    changed_at TIMESTAMPTZ);
"""


@dataclass(frozen=True)
class Sighting:
    """One look at one landed file, and what it was taken for."""

    look: tuple[int, int, int]
    """Size, mtime_ns and ctime_ns."""
    arrival: Arrival
    dataset: str | None


def create(con: duckdb.DuckDBPyConnection) -> None:
    """Create the manifest where it is not there yet."""
    con.execute(TABLES)


def exists(con: duckdb.DuckDBPyConnection) -> bool:
    """Whether the warehouse has a manifest."""
    return bool(
        con.sql(
            "SELECT 1 FROM duckdb_tables() WHERE database_name = current_database() "
            "AND schema_name = 'pratique' AND table_name = 'loads'"
        ).fetchall()
    )


def versions(con: duckdb.DuckDBPyConnection) -> list[FileVersion]:
    """Every file version that was ever received."""
    rows = con.sql(
        "SELECT file_id, dataset, name, version, sha256, mtime_ns FROM pratique.files"
    ).fetchall()
    return [FileVersion(*row) for row in rows]


def unseen(con: duckdb.DuckDBPyConnection, files: Iterable[LandedFile]) -> list[LandedFile]:
    """Keep the files that do not look as they did when they were last seen and known."""
    rows = con.sql(
        "SELECT name, arg_max((size, mtime_ns, ctime_ns), seen_at) FROM pratique.sightings "
        "WHERE file_id IS NOT NULL GROUP BY name"
    ).fetchall()
    known = {name: tuple(look) for name, look in rows}
    return [
        file for file in files if known.get(file.name) != (file.size, file.mtime_ns, file.ctime_ns)
    ]


def register(con: duckdb.DuckDBPyConnection, run_id: str, plans: Iterable[Planned]) -> None:
    """Record what was frozen: sightings, file versions, and their loads as received.

    A load that a newer version of its file overtakes before it is published is given up.
    """
    con.begin()
    try:
        for planned in plans:
            _register(con, run_id, planned)
        con.commit()
    except BaseException:
        con.rollback()
        raise


def _register(con: duckdb.DuckDBPyConnection, run_id: str, planned: Planned) -> None:
    frozen, file = planned.frozen, planned.frozen.file
    if planned.version:
        con.execute(
            "UPDATE pratique.loads SET status = ?, error = ?, changed_at = now() "
            "WHERE stage <> 'reported' AND stage <> 'published' AND file_id IN "
            "(SELECT file_id FROM pratique.files WHERE dataset = ? AND name = ?)",
            [
                Status.REJECTED,
                f"overtaken by version {planned.version}",
                frozen.dataset,
                file.name,
            ],
        )
        ((file_id,),) = con.execute(
            "INSERT INTO pratique.files VALUES "
            "(nextval('pratique.file_ids'), ?, ?, ?, ?, ?, ?, ?, now(), NULL) RETURNING file_id",
            [
                frozen.dataset,
                file.name,
                planned.version,
                frozen.sha256,
                file.size,
                file.mtime_ns,
                planned.arrival,
            ],
        ).fetchall()
        con.execute(
            "INSERT INTO pratique.loads VALUES (nextval('pratique.load_ids'), ?, ?, ?, ?, '', "
            "0, 0, 0, 0, false, false, 0, NULL, now())",
            [run_id, file_id, Stage.RECEIVED.name.lower(), Status.DONE],
        )
    else:
        ((file_id,),) = con.execute(
            "SELECT max(file_id) FROM pratique.files WHERE dataset = ? AND sha256 = ?",
            [frozen.dataset, frozen.sha256],
        ).fetchall()
    see(con, run_id, file, planned.arrival, file_id)


def sightings(con: duckdb.DuckDBPyConnection) -> dict[str, Sighting]:
    """The last look at each file, by its name."""
    rows = con.sql(
        "SELECT s.name, s.size, s.mtime_ns, s.ctime_ns, s.arrival, f.dataset "
        "FROM pratique.sightings s LEFT JOIN pratique.files f USING (file_id) "
        "QUALIFY row_number() OVER (PARTITION BY s.name ORDER BY s.seen_at DESC) = 1"
    ).fetchall()
    return {
        name: Sighting((size, mtime, ctime), Arrival(arrival), dataset)
        for name, size, mtime, ctime, arrival, dataset in rows
    }


def see(
    con: duckdb.DuckDBPyConnection,
    run_id: str,
    file: LandedFile,
    arrival: Arrival,
    file_id: int | None = None,
) -> None:
    """Record one look at a landed file, unless the last one was just the same."""
    con.execute(
        """INSERT INTO pratique.sightings
        SELECT $run, $name, $size, $mtime, $ctime, $arrival, $file_id, now()
        WHERE NOT EXISTS (FROM pratique.sightings WHERE name = $name AND size = $size
        AND mtime_ns = $mtime AND ctime_ns = $ctime AND arrival = $arrival)""",
        {
            "run": run_id,
            "name": file.name,
            "size": file.size,
            "mtime": file.mtime_ns,
            "ctime": file.ctime_ns,
            "arrival": arrival,
            "file_id": file_id,
        },
    )
