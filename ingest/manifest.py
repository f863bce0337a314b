"""The manifest: every file, version, sighting and load, kept in the warehouse itself.

A stage's output and the fact that it is done are committed together, so there is no second
ledger to disagree with the first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import duckdb

from ingest.errors import NotHeld
from ingest.model import Arrival, Counts, FileVersion, LandedFile, Load, Stage, Status
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
    approved BOOLEAN, attempts INTEGER, error VARCHAR, changed_at TIMESTAMPTZ);
"""

LOADS = """
SELECT l.load_id, l.run_id, l.file_id, f.dataset, f.name, f.version, f.sha256, f.mtime_ns,
    f.arrival, l.stage, l.status, l.fingerprint, l.records_in, l.loaded, l.quarantined,
    l.skipped, l.approved, l.error
FROM pratique.loads l JOIN pratique.files f USING (file_id)
"""


@dataclass(frozen=True)
class Sighting:
    """One look at one landed file, and what it was taken for."""

    name: str
    arrival: Arrival
    dataset: str | None
    version: int | None


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
            "0, 0, 0, 0, false, 0, NULL, now())",
            [run_id, file_id, Stage.RECEIVED.name.lower(), Status.DONE],
        )
    else:
        ((file_id,),) = con.execute(
            "SELECT max(file_id) FROM pratique.files WHERE dataset = ? AND sha256 = ?",
            [frozen.dataset, frozen.sha256],
        ).fetchall()
    see(con, run_id, file, planned.arrival, file_id)


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


def unfinished(con: duckdb.DuckDBPyConnection) -> list[Load]:
    """Loads that a run has to take further, oldest files first."""
    return _loads(
        con,
        "WHERE l.stage NOT IN ('published', 'reported') AND (l.status IN ('done', 'running', "
        "'failed') OR (l.status = 'held' AND l.approved)) ORDER BY f.mtime_ns, f.name, f.version",
    )


def loads(con: duckdb.DuckDBPyConnection, run_id: str | None = None) -> list[Load]:
    """All loads, or those that a run touched last, by file."""
    where = "WHERE l.run_id = ?" if run_id else ""
    return _loads(con, f"{where} ORDER BY f.dataset, f.name, f.version", [run_id] if run_id else [])


def find(con: duckdb.DuckDBPyConnection, load_id: int) -> Load | None:
    """The load with this id."""
    return next(iter(_loads(con, "WHERE l.load_id = ?", [load_id])), None)


def _loads(
    con: duckdb.DuckDBPyConnection, rest: str, values: list[object] | None = None
) -> list[Load]:
    rows = con.execute(f"{LOADS} {rest}", values or []).fetchall()
    return [
        Load(
            load_id=row[0],
            run_id=row[1],
            file=FileVersion(row[2], row[3], row[4], row[5], row[6], row[7]),
            arrival=Arrival(row[8]),
            stage=Stage[row[9].upper()],
            status=Status(row[10]),
            fingerprint=row[11],
            counts=Counts(*row[12:16]),
            approved=row[16],
            error=row[17],
        )
        for row in rows
    ]


def checkpoint(con: duckdb.DuckDBPyConnection, stage: Stage, work: Callable[[], Load]) -> Load:
    """Commit what a stage writes, and the fact that it is done, together or not at all.

    Args:
        con: The warehouse.
        stage: The stage that is done when the work is.
        work: Writes, and gives the load with the counts it then has.

    Returns:
        The load as it is recorded.
    """
    con.begin()
    try:
        done = replace(work(), stage=stage, status=Status.DONE, error=None)
        _record(con, done)
        con.commit()
    except BaseException:
        con.rollback()
        raise
    return done


def approve(con: duckdb.DuckDBPyConnection, load_id: int) -> Load:
    """Let a held load through the gate: the next run publishes it.

    Raises:
        NotHeld: There is no such load, or it is not held.
    """
    load = replace(_held(con, load_id), approved=True)
    _record(con, load)
    return load


def reject(con: duckdb.DuckDBPyConnection, load_id: int, reason: str) -> Load:
    """Turn a held load away for good; its blob and its verdict stay.

    Raises:
        NotHeld: There is no such load, or it is not held.
    """
    return settle(con, _held(con, load_id), Status.REJECTED, reason)


def _held(con: duckdb.DuckDBPyConnection, load_id: int) -> Load:
    load = find(con, load_id)
    if load is None or load.status is not Status.HELD:
        held = [str(one.load_id) for one in loads(con) if one.status is Status.HELD]
        is_what = f"is {load.status}" if load else "does not exist"
        raise NotHeld(f"load {load_id} {is_what}; held are: {', '.join(held) or 'none'}")
    return load


def settle(con: duckdb.DuckDBPyConnection, load: Load, status: Status, error: str | None) -> Load:
    """Record that a load goes no further for now, and why.

    Args:
        con: The warehouse.
        load: The load, at the last stage that is done.
        status: held, failed or rejected.
        error: What stands in its way, as a sentence.
    """
    settled = replace(load, status=status, error=error)
    _record(con, settled)
    return settled


def published(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Datasets of which a load was ever published."""
    rows = con.sql(
        "SELECT DISTINCT dataset FROM pratique.loads JOIN pratique.files USING (file_id) "
        "WHERE stage IN ('published', 'reported') ORDER BY ALL"
    ).fetchall()
    return [dataset for (dataset,) in rows]


def unreported(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Datasets of which something is published, by this run or a killed one, and not reported."""
    rows = con.sql(
        "SELECT DISTINCT dataset FROM pratique.loads JOIN pratique.files USING (file_id) "
        "WHERE stage = 'published' ORDER BY ALL"
    ).fetchall()
    return [dataset for (dataset,) in rows]


def reported(con: duckdb.DuckDBPyConnection) -> None:
    """Record that the reports of all that is published are written."""
    con.execute("UPDATE pratique.loads SET stage = 'reported' WHERE stage = 'published'")


def _record(con: duckdb.DuckDBPyConnection, load: Load) -> None:
    con.execute(
        "UPDATE pratique.loads SET run_id = ?, stage = ?, status = ?, fingerprint = ?, "
        "records_in = ?, loaded = ?, quarantined = ?, skipped = ?, approved = ?, error = ?, "
        "attempts = attempts + 1, changed_at = now() WHERE load_id = ?",
        [
            load.run_id,
            load.stage.name.lower(),
            load.status,
            load.fingerprint,
            load.counts.records_in,
            load.counts.loaded,
            load.counts.quarantined,
            load.counts.skipped,
            load.approved,
            load.error,
            load.load_id,
        ],
    )
