"""Endings: how a load stops or ends, and what is recorded of it beside its verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import duckdb

from flows import blame
from flows.contract import Waiver
from flows.judgement import Judgement
from flows.project import Project
from flows.summary import LoadSummary, summarise_load
from ingest import changes, progress
from ingest.drift import Change
from ingest.model import Load, Status
from ingest.staged import Staged
from quality import recording, view
from quality.scoring import Policy, Score
from quality.wording import plural


def judged(
    con: duckdb.DuckDBPyConnection, verdicts: Sequence[tuple[Load, Judgement]], policy: Policy
) -> list[Load]:
    """Record what was found in some loads; in the transaction of the caller."""
    thresholds = {"green": policy.green, "amber": policy.amber}
    recording.record(con, *(_verdict(*verdict, thresholds) for verdict in verdicts))
    return [replace(load, fingerprint=judgement.fingerprint) for load, judgement in verdicts]


def _verdict(
    load: Load,
    judgement: Judgement | None = None,
    thresholds: Mapping[str, float] | None = None,
    error: str | None = None,
) -> recording.Judged:
    return recording.Judged(
        run_id=load.run_id,
        load_id=load.load_id,
        dataset=load.file.dataset,
        file=load.file.name,
        version=load.file.version,
        judged_at=datetime.now(UTC),
        received=load.counts.records_in,
        rejected=judgement.rejected if judgement else 0,
        clean=judgement.clean if judgement else 0,
        score=judgement.score if judgement else None,
        thresholds=thresholds,
        rule_set_fingerprint=judgement.fingerprint if judgement else "",
        contract_version=judgement.contract.version if judgement else None,
        owner=judgement.contract.owner if judgement else None,
        description=judgement.contract.description if judgement else None,
        waivers=tuple(map(_waiver, judgement.waivers)) if judgement else (),
        results=judgement.results if judgement else (),
        overlaps=judgement.overlaps if judgement else (),
        error=error,
    )


def _waiver(waiver: Waiver) -> view.Waiver:
    return view.Waiver(waiver.check, waiver.reason, waiver.owner, waiver.until.isoformat())


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


def settle(con: duckdb.DuckDBPyConnection, status: str, loads: Sequence[Load]) -> None:
    """Record beside their verdicts what became of loads; in the transaction of the caller."""
    settled = [
        recording.Settled(load.load_id, status, counts.loaded, counts.quarantined, counts.skipped)
        for load in loads
        for counts in [load.counts]
    ]
    recording.settle(con, *settled)


def hold(
    con: duckdb.DuckDBPyConnection, load: Load, staged: Staged, said: str, judgement: Judgement
) -> LoadSummary:
    """Hold a load for a person, or turn it away where the contract says so."""
    rejected = staged.drift.rejected or any(r.on_fail == "reject_file" for r in judgement.stops)
    status = Status.REJECTED if rejected else Status.HELD
    return _stop(con, load, status, said, judgement.score, changes.held(staged.drift.changes))


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
            recording.record(con, _verdict(load, error=said))
        settle(con, status, [load])
        return progress.settle(con, load, status, said)

    return summarise_load(progress.atomically(con, stopped), score)
