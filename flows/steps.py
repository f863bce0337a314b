"""The way of a load, stage by stage: where ingest and quality meet. Knows nothing of Prefect."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import duckdb

from flows import blame, interrupts
from flows import contract as contracts
from flows.contract import Contract
from flows.judgement import Judgement, judge, unusable
from flows.project import Project
from flows.summary import LoadSummary, summarise_load
from ingest import (
    areas,
    blobs,
    changes,
    manifest,
    progress,
    publishing,
    readiness,
    room,
    staging,
    tables,
    warehouse,
)
from ingest.areas import StagingArea
from ingest.drift import Change
from ingest.formats.known import format_of
from ingest.model import Counts, FileVersion, Load, Stage, Status
from ingest.source import Source
from ingest.sql import identifier
from ingest.staged import Staged, unread
from quality import history
from quality.model import Grade
from quality.scoring import Policy, Score
from quality.wording import plural

Watch = Callable[[Load, str], None]
"""Told which load is at what, as it happens."""


class WarehouseBroken(Exception):
    """DuckDB answers for the warehouse no more; opened again, it is whole."""

    def __init__(self, load: Load | None, error: duckdb.FatalException) -> None:
        super().__init__(str(error).partition("\n")[0])
        self.load = load
        """What was at work, if it was a single one."""


def unwatched(load: Load, doing: str) -> None:
    """Nobody watches."""


def new_run_id() -> str:
    """Name a run: ascending by time, unique."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{uuid4().hex[:6]}"


@contextmanager
def open_warehouse(project: Project) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the project's warehouse for writing, with its manifest and its history."""
    with warehouse.connect(
        project.warehouse,
        memory_limit=project.memory_limit,
        threads=project.threads,
        directories=(project.blobs, project.staging, project.warehouse.parent),
        patience=project.lock_timeout_seconds,
    ) as con:
        manifest.create(con)
        history.create(con)
        yield con


def area_name(load: Load) -> str:
    """Name of the staging area of a load, the same in every attempt."""
    return f"staging_{load.load_id}"


def pending(con: duckdb.DuckDBPyConnection, known: Sequence[Contract]) -> list[Load]:
    """The loads to take further, in the order that references need."""
    order = {contract.dataset: rank for rank, contract in enumerate(contracts.order(known))}
    waiting = [load for load in progress.unfinished(con) if load.file.dataset in order]
    return sorted(waiting, key=lambda load: order[load.file.dataset])


def advance(
    project: Project,
    con: duckdb.DuckDBPyConnection,
    contract: Contract,
    load: Load,
    watch: Watch = unwatched,
) -> LoadSummary:
    """Take one load as far as it goes: staged, judged, and published or held.

    What goes wrong is recorded with the load, so that it stops no other.

    Args:
        project: The project.
        con: Its warehouse.
        contract: The contract of the load's dataset.
        load: The load, with the run that takes it further.
        watch: Told what is being done.

    Raises:
        WarehouseBroken: Nothing more can be recorded, before the warehouse is opened again.
    """
    blob = blobs.locate(load.file.sha256, project.blobs)
    score: Score | None = None
    try:
        size = blob.stat().st_size
        needed = {project.warehouse.parent: 2 * size, project.staging: size}
        room.require(needed, f"loading {load.file.name}")
        lasting = size >= project.checkpoint_bytes
        with areas.attach(con, area_name(load), project.staging, lasting) as area:
            watch(load, "staging")
            staged = _staged(con, load.file, blob, contract.source, area)
            everything = Counts(staged.records, skipped=staged.records)
            load = replace(load, counts=everything)
            load = progress.checkpoint(
                con, Stage.STAGED, lambda: _pinned(con, load, contract.source, staged)
            )
            watch(load, "judging")
            judgement = judge(con, contract, staged, published(con), project.policy)
            score = judgement.score
            verdicts = [(load, judgement)]
            (load,) = progress.checkpoint_all(
                con, Stage.JUDGED, lambda: judged(con, verdicts, project.policy)
            )
            if why := obstacle(contract, load, staged, score):
                return hold(con, load, staged, why, score)
            watch(load, "publishing")
            load = progress.checkpoint(
                con,
                Stage.PUBLISHED,
                lambda: _published(con, load, contract, staged, judgement),
            )
    except duckdb.FatalException as error:
        raise WarehouseBroken(load, error) from error
    except Exception as error:  # whatever a file does to us, it must not stop the others
        if interrupts.is_behind(error):
            raise
        try:
            return fail(project, con, load, error, score)
        except duckdb.FatalException as broken:
            raise WarehouseBroken(load, broken) from error
    return summarise_load(load, score)


def fail(
    project: Project,
    con: duckdb.DuckDBPyConnection,
    load: Load,
    error: Exception,
    score: Score | None = None,
) -> LoadSummary:
    """Record what went wrong with a load; park it when that happens again and again.

    Args:
        project: The project.
        con: Its warehouse.
        load: The load, as it was begun.
        error: What was raised.
        score: Its score, if it was judged.
    """
    fault = blame.explain(error, project)
    if not fault.counts:
        load = replace(load, attempts=max(load.attempts - 1, 0))
        return _stop(con, load, Status.FAILED, fault.said, score)
    if load.attempts < project.park_after:
        return _stop(con, load, Status.FAILED, fault.said, score)
    said = f"parked after {plural(load.attempts, 'attempt')}: {fault.said}"
    return _stop(con, load, Status.PARKED, said, score)


def park(con: duckdb.DuckDBPyConnection, load: Load) -> LoadSummary:
    """Park a load whose last attempts took the process down before they could say anything."""
    said = (
        f"parked after {plural(load.attempts, 'attempt')}, the last of which took the process down "
        "with it: was it killed, or was there too little memory?"
    )
    before = f" Before, it said: {load.error}" if load.error else ""
    return _stop(con, load, Status.PARKED, said + before, None)


def _staged(
    con: duckdb.DuckDBPyConnection, file: FileVersion, blob: Path, source: Source, area: StagingArea
) -> Staged:
    """Stage a file, with all that is wrong with it as a whole."""
    if any(fault.fatal for fault in file.faults):
        return unread(area, source, blob, file.faults)
    format = format_of(file.name, source)
    area = replace(area, pinned=pinned(file, source))
    staged = tables.require(con, source, staging.stage(con, blob, format, source, area))
    miscount = readiness.miscount(file, staged.records)
    errors = (*file.faults, *staged.errors, *([miscount] if miscount else []))
    return replace(staged, errors=errors)


def pinned(file: FileVersion, source: Source) -> Mapping[str, Any]:
    """Tell how a file is written, if that was told before by a source that says the same of it."""
    return file.read_as if file.read_as.get("source") == source.fingerprint else {}


def obstacle(contract: Contract, load: Load, staged: Staged, score: Score) -> str | None:
    """Say why nothing of a load is to be published for now, if so."""
    if not staged.readable:
        return unusable(staged)
    if load.approved:
        return None
    if doubts := [error.message for error in staged.errors if error.doubtful]:
        return "; ".join(doubts)
    if contract.gate != "none" and score.grade >= Grade[contract.gate.upper()]:
        return f"held at the gate: {score.grade.label}, {score.set_by}"
    return None


def reject(con: duckdb.DuckDBPyConnection, load_id: int, reason: str) -> Load:
    """Turn a held or parked load away for good; its blob and its verdict stay.

    Raises:
        NotHeld: There is no such load, or it is neither held nor parked.
    """

    def rejected() -> Load:
        load = progress.reject(con, load_id, reason)
        settle(con, load.status, [load])
        return load

    return progress.atomically(con, rejected)


def published(con: duckdb.DuckDBPyConnection) -> dict[str, duckdb.DuckDBPyRelation]:
    """The datasets that have arrived, by name: those of which a load was published."""
    return {name: con.table(identifier("main", name)) for name in progress.published(con)}


def _pinned(con: duckdb.DuckDBPyConnection, load: Load, source: Source, staged: Staged) -> Load:
    manifest.pin(con, [load.file], read_as(source, staged))
    return load


def read_as(source: Source, staged: Staged) -> dict[str, Any]:
    """Tell how a file was read, and by which source."""
    return {"format": staged.format, "source": source.fingerprint, **staged.dialect}


def judged(
    con: duckdb.DuckDBPyConnection, verdicts: Sequence[tuple[Load, Judgement]], policy: Policy
) -> list[Load]:
    """Record what was found in some loads; in the transaction of the caller."""
    thresholds = {"green": policy.green, "amber": policy.amber}
    history.record(con, *(_verdict(*verdict, thresholds) for verdict in verdicts))
    return [replace(load, fingerprint=judgement.fingerprint) for load, judgement in verdicts]


def _verdict(
    load: Load,
    judgement: Judgement | None = None,
    thresholds: Mapping[str, float] | None = None,
    error: str | None = None,
) -> history.Judged:
    return history.Judged(
        run_id=load.run_id,
        load_id=load.load_id,
        dataset=load.file.dataset,
        file=load.file.name,
        version=load.file.version,
        judged_at=datetime.now(UTC),
        received=load.counts.records_in,
        clean=judgement.clean if judgement else 0,
        score=judgement.score if judgement else None,
        thresholds=thresholds,
        rule_set_fingerprint=judgement.fingerprint if judgement else "",
        results=judgement.results if judgement else (),
        error=error,
    )


def _published(
    con: duckdb.DuckDBPyConnection,
    load: Load,
    contract: Contract,
    staged: Staged,
    judgement: Judgement,
) -> Load:
    counts = publishing.publish(con, load, contract.source, staged, judgement.bad)
    load = replace(load, counts=counts)
    settle(con, "published", [load])
    return load


def settle(con: duckdb.DuckDBPyConnection, status: str, loads: Sequence[Load]) -> None:
    """Record beside their verdicts what became of loads; in the transaction of the caller."""
    settled = [
        history.Settled(load.load_id, status, counts.loaded, counts.quarantined, counts.skipped)
        for load in loads
        for counts in [load.counts]
    ]
    history.settle(con, *settled)


def hold(
    con: duckdb.DuckDBPyConnection, load: Load, staged: Staged, said: str, score: Score
) -> LoadSummary:
    """Hold a load for a person, or turn it away where the contract says so."""
    status = Status.REJECTED if staged.drift.rejected else Status.HELD
    return _stop(con, load, status, said, score, changes.held(staged.drift.changes))


def _stop(
    con: duckdb.DuckDBPyConnection,
    load: Load,
    status: Status,
    said: str,
    score: Score | None,
    brought: Sequence[Change] = (),
) -> LoadSummary:
    """Record why a load goes no further for now, and what it would have changed."""

    def stopped() -> Load:
        changes.record(con, [load], brought)
        if score is None:
            history.record(con, _verdict(load, error=said))
        settle(con, status, [load])
        return progress.settle(con, load, status, said)

    return summarise_load(progress.atomically(con, stopped), score)
