"""Batching: many small files of a dataset go their way at once, and each comes out as if alone."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import groupby

import duckdb

from flows import contract as contracts
from flows import endings, interrupts, provenance, steps
from flows.contract import Contract
from flows.judgement import Judgement, judge_parts
from flows.project import Project
from flows.steps import Watch, unwatched
from flows.summary import LoadSummary, summarise_load
from ingest import areas, blobs, bundles, manifest, progress, publishing, room, tables
from ingest.bundles import Apart, Bundle, Part
from ingest.errors import TransientError
from ingest.model import Arrival, Counts, Load, Stage, Status
from ingest.source import SchemaContract, Source
from quality import recording
from quality.checks import CheckInvalid, references
from quality.context import Context, Past
from quality.model import PUBLISHED, Check
from quality.rule import Kind
from quality.wording import plural

SMALL = 1 << 20
"""Bytes up to which a file is not worth a way of its own."""
MOST_BYTES = 64 << 20
MOST_FILES = 1000
"""What goes at once; what breaks on the way is done again for all of it."""


def batches(
    project: Project,
    known: Mapping[str, Contract],
    loads: Iterable[Load],
    alone: Collection[int] = (),
) -> Iterator[list[Load]]:
    """Put loads together that may go at once, and leave every other by itself.

    Args:
        project: The project.
        known: The contracts, by dataset.
        loads: The loads, dataset by dataset.
        alone: Ids of those that must go alone in any case.
    """
    for dataset, own in groupby(loads, key=lambda load: load.file.dataset):
        batch: dict[str, Load] = {}
        left, shared = MOST_BYTES, _shared(known[dataset])
        for load in own:
            size = _size(project, load) if shared and load.load_id not in alone else None
            full = len(batch) == MOST_FILES or load.file.name in batch
            if batch and (size is None or size > left or full):
                yield [*batch.values()]
                batch, left = {}, MOST_BYTES
            if size is None:
                yield [load]
            else:
                batch[load.file.name] = load
                left -= size
        if batch:
            yield [*batch.values()]


def _shared(contract: Contract) -> bool:
    """Whether the files of a dataset have nothing to do with each other."""
    try:
        checks = contracts.checks(contract)
    except CheckInvalid:
        return False
    if not all(check.separable or _of_one_file(check) for check in checks):
        return False
    source = contract.source
    usual = source.schema_contract.model_copy(update={"tables": "evolve"}) == SchemaContract()
    return usual and source.load == "append" and contract.dataset not in references(checks)


def _looks_back(contract: Contract) -> bool:
    """Whether what is found in a file may depend on the files before it."""
    checks = contracts.checks(contract)
    return any(not check.separable and "context" in check.rule.given for check in checks)


def _of_one_file(check: Check) -> bool:
    """Whether a check looks at the whole of a file, and at nothing of the dataset's other rows."""
    return check.rule.kind is Kind.DATASET and PUBLISHED not in check.datasets


def _size(project: Project, load: Load) -> int | None:
    """Tell the size of a load's file if it may share a batch: it is small, and was no trouble."""
    known = load.file.faults or load.file.promised is not None
    if known or load.approved or load.status is not Status.DONE:
        return None
    if load.attempts + 1 >= project.park_after:
        return None
    if load.arrival is Arrival.DUPLICATE or load.file.version > 1:
        return None
    try:
        size = blobs.locate(load.file.sha256, project.blobs).stat().st_size
    except OSError:
        return None
    return size if size <= min(SMALL, project.checkpoint_bytes) else None


def advance(
    project: Project,
    con: duckdb.DuckDBPyConnection,
    contract: Contract,
    loads: Iterable[Load],
    watch: Watch = unwatched,
) -> Iterator[tuple[Load, LoadSummary]]:
    """Take loads of a batch as far as they go at once.

    Args:
        project: The project.
        con: Its warehouse.
        contract: The contract of their dataset.
        loads: The loads, with the run that takes them further.
        watch: Told what is being done.

    Yields:
        Each as soon as it is committed, and what became of it; but those that must go alone, unless
        those after them look back on them.

    Raises:
        WarehouseBroken: Nothing more can be recorded of a load that went alone, before the
            warehouse is opened again.
        duckdb.FatalException: The same, of many.
    """
    known = [(load, _part(project, contract, load)) for load in loads]
    if not _looks_back(contract):
        for group in bundles.alike(part for _, part in known if part):
            yield from _together(project, con, contract, group, watch)
        return
    for likeness, run in groupby(known, key=lambda each: each[1] and each[1].likeness):
        if likeness:
            parts = [part for _, part in run if part]
            yield from _together(project, con, contract, parts, watch)
        else:
            for load, _ in run:
                yield load, steps.advance(project, con, contract, load, watch)


def _part(project: Project, contract: Contract, load: Load) -> Part | None:
    blob, pinned = blobs.locate(load.file.sha256, project.blobs), steps.pinned
    try:
        return bundles.part(load, blob, contract.source, pinned(load.file, contract.source))
    except Exception as error:  # by itself, it tells better what is wrong with it
        if interrupts.is_behind(error):
            raise
        return None


def _together(
    project: Project,
    con: duckdb.DuckDBPyConnection,
    contract: Contract,
    parts: Sequence[Part],
    watch: Watch,
) -> Iterator[tuple[Load, LoadSummary]]:
    """Take loads as far as they go at once; where that does not work out, fewer at a time."""
    looks_back = _looks_back(contract)
    if looks_back and len(parts) == 1:
        load = parts[0].load
        yield load, steps.advance(project, con, contract, load, watch)
    if len(parts) < 2:
        return
    committed = set()
    try:
        for load, summary in _published(project, con, contract, parts, watch):
            committed.add(load.load_id)
            yield load, summary
        return
    except Apart as apart:
        groups = apart.groups
    except duckdb.FatalException:
        raise
    except TransientError:  # nor would it work out for fewer
        return
    except Exception as error:  # by itself, each load tells better what is wrong with it
        if interrupts.is_behind(error):
            raise
        groups = bundles.halves(parts)
    for group in _in_turn(parts, groups) if looks_back else groups:
        rest = [part for part in group if part.load.load_id not in committed]
        yield from _together(project, con, contract, rest, watch)


def _in_turn(parts: Sequence[Part], groups: Iterable[Sequence[Part]]) -> list[list[Part]]:
    """Cut groups of parts where others come between, so that all come in their order."""
    grouped = {part.load.load_id: (n, part) for n, group in enumerate(groups) for part in group}
    in_order = [grouped[part.load.load_id] for part in parts]
    return [[part for _, part in run] for _, run in groupby(in_order, key=lambda each: each[0])]


def _published(
    project: Project,
    con: duckdb.DuckDBPyConnection,
    contract: Contract,
    parts: Sequence[Part],
    watch: Watch,
) -> Iterator[tuple[Load, LoadSummary]]:
    """Stage and judge files at once, and publish or hold each."""
    source = contract.source
    with areas.attach(con, steps.area_name(parts[0].load), project.staging, False) as area:
        size = sum(part.blob.stat().st_size for part in parts)
        needed = {project.warehouse.parent: 2 * size, project.staging: 2 * size}
        room.require(needed, f"loading {plural(len(parts), 'file')}")
        for part in parts:
            watch(part.load, "staging")
        bundle = bundles.stage(con, parts, source, area)
        staged = tables.require(con, source, bundle.staged)
        if not staged.readable:  # of which nothing is judged
            raise Apart([part] for part in parts)
        loads = progress.checkpoint_all(con, Stage.STAGED, lambda: _pinned(con, source, bundle))
        found = _judged(project, con, contract, bundle)
        verdicts = [(load, found[load.load_id]) for load in loads if load.load_id in found]
        loads = progress.checkpoint_all(
            con, Stage.JUDGED, lambda: endings.judged(con, verdicts, project.policy)
        )
        bad, passed = "", []
        for load in loads:
            judgement = found[load.load_id]
            if why := steps.obstacle(contract, load, staged, judgement):
                yield load, endings.hold(con, load, staged, why, judgement)
            else:
                watch(load, "publishing")
                passed.append(load)
                bad = judgement.bad
        if not passed:
            return
        for load in progress.checkpoint_all(
            con, Stage.PUBLISHED, lambda: _written(con, source, bundle, passed, bad)
        ):
            yield load, summarise_load(load, found[load.load_id].score)


def _judged(
    project: Project, con: duckdb.DuckDBPyConnection, contract: Contract, bundle: Bundle
) -> dict[int, Judgement]:
    """Judge files in their order: a check of the past sees what those before it will publish."""
    loads = {part.load.load_id: part.load for part in bundle.parts}
    found: dict[int, Judgement] = {}
    earlier: dict[str, dict[str, Past]] = {}

    def beside(part: Part) -> Context:
        return provenance.of_part(con, part, bundle, earlier)

    judged = judge_parts(con, contract, bundle, steps.published(con), project.policy, beside)
    for load_id, judgement in judged:
        found[load_id] = judgement
        if not steps.obstacle(contract, loads[load_id], bundle.staged, judgement):
            earlier[loads[load_id].file.name] = {
                each.check: Past(
                    each.period or datetime.now(UTC), each.value, recording.kept(each.detail)
                )
                for each in judgement.results
            }
    return found


def _pinned(con: duckdb.DuckDBPyConnection, source: Source, bundle: Bundle) -> list[Load]:
    files = [part.load.file for part in bundle.parts]
    manifest.pin(con, files, steps.read_as(source, bundle.staged))
    return [
        replace(part.load, counts=Counts(part.body.records, skipped=part.body.records))
        for part in bundle.parts
    ]


def _written(
    con: duckdb.DuckDBPyConnection,
    source: Source,
    bundle: Bundle,
    loads: Sequence[Load],
    bad: str,
) -> list[Load]:
    published = publishing.publish_parts(con, bundle, loads, source, bad)
    endings.settle(con, "published", published)
    return published
