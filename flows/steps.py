"""The way of a load, stage by stage: where ingest and quality meet. Knows nothing of Prefect."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

import duckdb

from flows import endings, interrupts
from flows.contract import Contract
from flows.judgement import Judgement, judge, unusable
from flows.project import Project
from flows.provenance import context
from flows.references import order
from flows.summary import LoadSummary, summarise_load
from ingest import (
    areas,
    blobs,
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
from ingest.formats.known import format_of
from ingest.model import Counts, FileVersion, Load, Stage
from ingest.source import Source
from ingest.sql import identifier
from ingest.staged import Staged, unread
from quality import recording
from quality.model import Grade
from quality.scoring import Score

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
        recording.create(con)
        yield con


@contextmanager
def open_scratch(project: Project) -> Iterator[tuple[duckdb.DuckDBPyConnection, Path]]:
    """Open a warehouse in memory, for looking into blobs, and a directory that goes with it."""
    with (
        TemporaryDirectory(prefix="pratique-") as scratch,
        warehouse.connect(
            None,
            memory_limit=project.memory_limit,
            threads=project.threads,
            directories=(Path(scratch), project.blobs),
        ) as con,
    ):
        yield con, Path(scratch)


def area_name(load: Load) -> str:
    """Name of the staging area of a load, the same in every attempt."""
    return f"staging_{load.load_id}"


def pending(con: duckdb.DuckDBPyConnection, known: Sequence[Contract]) -> list[Load]:
    """The loads to take further, in the order that references need."""
    ranks = {contract.dataset: rank for rank, contract in enumerate(order(known))}
    waiting = [load for load in progress.unfinished(con) if load.file.dataset in ranks]
    return sorted(waiting, key=lambda load: ranks[load.file.dataset])


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
        if load.approved or not blob.exists():  # it may be long ago that it was frozen
            blobs.prove(load.file, project.blobs)
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
            beside = context(con, load, size, staged)
            judgement = judge(con, contract, staged, published(con), project.policy, beside)
            score = judgement.score
            verdicts = [(load, judgement)]
            (load,) = progress.checkpoint_all(
                con, Stage.JUDGED, lambda: endings.judged(con, verdicts, project.policy)
            )
            if why := obstacle(contract, load, staged, judgement):
                return endings.hold(con, load, staged, why, judgement)
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
            return endings.fail(project, con, load, error, score)
        except duckdb.FatalException as broken:
            raise WarehouseBroken(load, broken) from error
    return summarise_load(load, score)


def _staged(
    con: duckdb.DuckDBPyConnection, file: FileVersion, blob: Path, source: Source, area: StagingArea
) -> Staged:
    """Stage a file, with all that is wrong with it as a whole."""
    if any(fault.fatal for fault in file.faults):
        return unread(area, source, blob, file.faults)
    format = format_of(file.name, source)
    area = replace(area, pinned=pinned(file, source))
    staged = tables.require(con, source, staging.stage(con, blob, format, source, area))
    miscount = readiness.miscount(file.name, file.promised, staged.records)
    errors = (*file.faults, *staged.errors, *([miscount] if miscount else []))
    return replace(staged, errors=errors)


def pinned(file: FileVersion, source: Source) -> Mapping[str, Any]:
    """Tell how a file is written, if that was told before by a source that says the same of it."""
    return file.read_as if file.read_as.get("source") == source.fingerprint else {}


def obstacle(contract: Contract, load: Load, staged: Staged, judgement: Judgement) -> str | None:
    """Say why nothing of a load is to be published for now, if so."""
    score = judgement.score
    if not staged.readable:
        return unusable(staged)
    if load.approved:
        return None
    if doubts := [error.message for error in staged.errors if error.doubtful]:
        return "; ".join(doubts)
    if stops := judgement.stops:
        return f"{stops[0].on_fail.replace('_', ' ')} by {stops[0].check}: {stops[0].message}"
    if contract.gate != "none" and score.grade >= Grade[contract.gate.upper()]:
        return f"held at the gate: {score.grade.label}, {score.set_by}"
    return None


def published(con: duckdb.DuckDBPyConnection) -> dict[str, duckdb.DuckDBPyRelation]:
    """The datasets that have arrived, by name: those of which a load was published."""
    return {name: con.table(identifier("main", name)) for name in progress.published(con)}


def _pinned(con: duckdb.DuckDBPyConnection, load: Load, source: Source, staged: Staged) -> Load:
    manifest.pin(con, [load.file], read_as(source, staged))
    return load


def read_as(source: Source, staged: Staged) -> dict[str, Any]:
    """Tell how a file was read, and by which source."""
    return {"format": staged.format, "source": source.fingerprint, **staged.dialect}


def _published(
    con: duckdb.DuckDBPyConnection,
    load: Load,
    contract: Contract,
    staged: Staged,
    judgement: Judgement,
) -> Load:
    counts = publishing.publish(con, load, contract.source, staged, judgement.bad)
    load = replace(load, counts=counts)
    endings.settle(con, "published", [load])
    return load
