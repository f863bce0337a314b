"""Progress: how far each load has come, which stage is done, and what stands in its way.

A stage's output and the fact that it is done are committed together, so there is no second
ledger to disagree with the first.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, replace
from typing import TypeVar

import duckdb

from ingest.errors import NotHeld
from ingest.model import Arrival, Counts, FileError, FileVersion, Load, Stage, Status
from ingest.succession import UNFINISHED
from ingest.warehouse import lend, transaction

WAITING = (Status.HELD, Status.PARKED)
"""What waits for a person."""

Written = TypeVar("Written")

_RECORD = {
    "load_id": "BIGINT",
    "run_id": "VARCHAR",
    "stage": "VARCHAR",
    "status": "VARCHAR",
    "fingerprint": "VARCHAR",
    **dict.fromkeys(Counts.__dataclass_fields__, "BIGINT"),
    "approved": "BOOLEAN",
    "error": "VARCHAR",
    "attempts": "INTEGER",
}

LOADS = """
SELECT l.load_id, l.run_id, l.file_id, f.dataset, f.name, f.version, f.sha256, f.mtime_ns,
    f.arrival, l.stage, l.status, l.fingerprint, l.records_in, l.loaded, l.quarantined,
    l.skipped, l.displaced, l.approved, l.error, f.produced_ns, f.promised, f.faults, l.attempts,
    f.dialect
FROM pratique.loads l JOIN pratique.files f USING (file_id)
"""


def unfinished(con: duckdb.DuckDBPyConnection) -> list[Load]:
    """Loads that a run has to take further, oldest files first."""
    return _loads(
        con,
        "WHERE l.stage NOT IN ('published', 'reported') AND (l.status IN ('done', 'running', "
        "'failed') OR (l.status = 'held' AND l.approved)) ORDER BY f.produced_ns, f.file_id",
    )


def loads(con: duckdb.DuckDBPyConnection) -> list[Load]:
    """All loads, by file."""
    return _loads(con, "ORDER BY f.dataset, f.name, f.version")


def stopped(con: duckdb.DuckDBPyConnection, *how: Status) -> list[Load]:
    """Loads that were stopped in some way, by file."""
    those = "WHERE l.status IN (SELECT unnest(?)) ORDER BY f.dataset, f.name, f.version"
    return _loads(con, those, [[*how]])


def parked(con: duckdb.DuckDBPyConnection) -> list[Load]:
    """Loads that failed again and again, and are left alone until somebody approves them."""
    return stopped(con, Status.PARKED)


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
            file=FileVersion(
                *(row[2], row[3], row[4], row[5], row[6], row[7], row[19], row[20]),
                faults=_faults(row[21]),
                read_as=json.loads(row[23] or "{}"),
            ),
            arrival=Arrival(row[8]),
            stage=Stage[row[9].upper()],
            status=Status(row[10]),
            fingerprint=row[11],
            counts=Counts(*row[12:17]),
            approved=row[17],
            error=row[18],
            attempts=row[22],
        )
        for row in rows
    ]


def _faults(kept: str | None) -> tuple[FileError, ...]:
    return tuple(FileError(**fault) for fault in json.loads(kept or "[]"))


def again(con: duckdb.DuckDBPyConnection, run_id: str, file_ids: Sequence[int]) -> None:
    """Have files loaded once more; what stands of them stands until that is published.

    A load that did not come to its end goes on instead; one that is held is judged anew.

    Args:
        con: The warehouse.
        run_id: The run that wants it.
        file_ids: The files.
    """
    with transaction(con):
        con.execute(
            f"UPDATE pratique.loads SET status = ?, attempts = 0 WHERE {UNFINISHED} "
            "AND file_id IN (SELECT unnest(?))",
            [Status.DONE, file_ids],
        )
        con.execute(
            f"""INSERT INTO pratique.loads BY NAME SELECT nextval('pratique.load_ids') AS load_id,
                ? AS run_id, file_id, ? AS stage, ? AS status, '' AS fingerprint, 0 AS records_in,
                0 AS loaded, 0 AS quarantined, 0 AS skipped, 0 AS displaced, false AS approved,
                false AS reported, 0 AS attempts, now() AS changed_at
            FROM (SELECT unnest(?) AS file_id)
            WHERE file_id NOT IN (SELECT file_id FROM pratique.loads WHERE {UNFINISHED})""",
            [run_id, Stage.RECEIVED.name.lower(), Status.DONE, file_ids],
        )


def checkpoint(con: duckdb.DuckDBPyConnection, stage: Stage, work: Callable[[], Load]) -> Load:
    """Commit what a stage writes, and the fact that it is done, together or not at all.

    Args:
        con: The warehouse.
        stage: The stage that is done when the work is.
        work: Writes, and gives the load with the counts it then has.

    Returns:
        The load as it is recorded.
    """

    (load,) = checkpoint_all(con, stage, lambda: [work()])
    return load


def checkpoint_all(
    con: duckdb.DuckDBPyConnection, stage: Stage, work: Callable[[], Iterable[Load]]
) -> list[Load]:
    """Commit what a stage writes of many loads, and the fact that it is done of all of them.

    Args:
        con: The warehouse.
        stage: The stage that is done when the work is.
        work: Writes, and gives the loads with the counts they then have.

    Returns:
        The loads as they are recorded.
    """

    def finish() -> list[Load]:
        done = [replace(load, stage=stage, status=Status.DONE, error=None) for load in work()]
        if stage is Stage.PUBLISHED:
            done = [replace(load, attempts=0) for load in done]
        _record(con, done)
        return done

    return atomically(con, finish)


def atomically(con: duckdb.DuckDBPyConnection, work: Callable[[], Written]) -> Written:
    """Commit all that the work writes, or nothing of it."""
    with transaction(con):
        return work()


def begin(con: duckdb.DuckDBPyConnection, some: Sequence[Load]) -> list[Load]:
    """Count an attempt of loads before it is made, so that one which ends the process counts."""
    _count_attempts(con, some, 1)
    return [replace(load, attempts=load.attempts + 1) for load in some]


def release(con: duckdb.DuckDBPyConnection, some: Sequence[Load]) -> None:
    """Take back the attempts of loads that were begun and are not to blame for their end."""
    _count_attempts(con, some, -1)


def _count_attempts(con: duckdb.DuckDBPyConnection, some: Sequence[Load], more: int) -> None:
    con.execute(
        "UPDATE pratique.loads SET attempts = greatest(attempts + ?, 0) "
        "WHERE load_id IN (SELECT unnest(?))",  # what was published meanwhile counts none
        [more, [load.load_id for load in some]],
    )


def approve(con: duckdb.DuckDBPyConnection, load_id: int) -> Load:
    """Let a held load through the gate, and a parked one be tried again: by the next run.

    It is judged again, by the contract as it then is; what cannot be read then is held again.

    Raises:
        NotHeld: There is no such load, or it is neither held nor parked.
    """
    load = _stopped(con, load_id)
    if load.status is Status.PARKED:
        return settle(con, replace(load, attempts=0), Status.FAILED, load.error)
    return settle(con, replace(load, approved=True), Status.HELD, load.error)


def reject(con: duckdb.DuckDBPyConnection, load_id: int, reason: str) -> Load:
    """Turn a held or parked load away for good; its blob and its verdict stay.

    Raises:
        NotHeld: There is no such load, or it is neither held nor parked.
    """
    return settle(con, _stopped(con, load_id), Status.REJECTED, reason)


def _stopped(con: duckdb.DuckDBPyConnection, load_id: int) -> Load:
    """The load with this id, which waits for a person."""
    load = find(con, load_id)
    if load is None or load.status not in WAITING:
        held = [str(one.load_id) for one in stopped(con, *WAITING)]
        is_what = f"is {load.status}" if load else "does not exist"
        raise NotHeld(f"load {load_id} {is_what}; held or parked are: {', '.join(held) or 'none'}")
    return load


def settle(con: duckdb.DuckDBPyConnection, load: Load, status: Status, error: str | None) -> Load:
    """Record that a load goes no further for now, and why.

    Args:
        con: The warehouse.
        load: The load, at the last stage that is done.
        status: held, failed, parked or rejected.
        error: What stands in its way, as a sentence.
    """
    attempts = load.attempts if status in (Status.FAILED, Status.PARKED) else 0
    settled = replace(load, status=status, error=error, attempts=attempts)
    _record(con, [settled])
    return settled


def published(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Datasets of which a load was ever published."""
    rows = con.sql(
        "SELECT DISTINCT dataset FROM pratique.loads JOIN pratique.files USING (file_id) "
        "WHERE stage IN ('published', 'reported') ORDER BY ALL"
    ).fetchall()
    return [dataset for (dataset,) in rows]


def unreported(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Datasets with a load that went on, or was stopped, since the reports were written."""
    rows = con.sql(
        "SELECT DISTINCT dataset FROM pratique.loads JOIN pratique.files USING (file_id) "
        "WHERE NOT reported ORDER BY ALL"
    ).fetchall()
    return [dataset for (dataset,) in rows]


def reported(con: duckdb.DuckDBPyConnection) -> None:
    """Record that the reports are written of all that is so far."""
    con.execute(
        "UPDATE pratique.loads SET reported = true, "
        "stage = CASE stage WHEN 'published' THEN 'reported' ELSE stage END WHERE NOT reported"
    )


def _record(con: duckdb.DuckDBPyConnection, some: Iterable[Load]) -> None:
    rows = [
        {
            "load_id": load.load_id,
            "run_id": load.run_id,
            "stage": load.stage.name.lower(),
            "status": load.status,
            "fingerprint": load.fingerprint,
            **asdict(load.counts),
            "approved": load.approved,
            "error": load.error,
            "attempts": load.attempts,
        }
        for load in some
    ]
    recorded = ", ".join(f"{name} = r.{name}" for name in _RECORD)
    with lend(con, _RECORD, rows) as lent:
        con.execute(
            f"UPDATE pratique.loads SET {recorded}, reported = false, changed_at = now() "
            f"FROM {lent} r WHERE loads.load_id = r.load_id"
        )
