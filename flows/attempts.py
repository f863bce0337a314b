"""Attempts: loads are taken further, each so that whatever it does to us stops no other.

An attempt is counted before it is made. So a load that takes the whole process down, as when it
needs more memory than there is, is found out by the runs that come after, and parked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

import duckdb

from flows import batching, endings, interrupts, steps
from flows.contract import Contract
from flows.project import Project
from flows.steps import WarehouseBroken, Watch, unwatched
from flows.summary import LoadSummary
from ingest import progress
from ingest.model import Load


def advance_all(
    project: Project, known: Iterable[Contract], loads: Iterable[Load], watch: Watch = unwatched
) -> list[LoadSummary]:
    """Take loads as far as they go.

    Args:
        project: The project.
        known: All contracts.
        loads: The loads, with the run that takes them further, in the order that references need.
        watch: Told which load is at what.

    Raises:
        WarehouseBusy: Another process holds the warehouse.
        NoRoom: The disk of the warehouse is too full to record anything.
    """
    contracts = {contract.dataset: contract for contract in known}
    # The last attempt of a load comes last, so that it takes down no other.
    in_turn = sorted(loads, key=lambda load: load.attempts + 1 >= project.park_after)
    waiting = {load.load_id: load for load in in_turn}
    alone: set[int] = set()
    done: list[LoadSummary] = []
    broken: WarehouseBroken | None = None
    while waiting or broken:
        with steps.open_warehouse(project) as con:
            if broken and broken.load:
                done.append(endings.fail(project, con, broken.load, broken))
            broken = None
            _recall(con, waiting)
            try:
                _advance(project, con, contracts, waiting, alone, done, watch)
            except WarehouseBroken as error:
                broken = error
                if error.load:
                    waiting.pop(error.load.load_id, None)
    place: dict[int | None, int] = {load.load_id: n for n, load in enumerate(in_turn)}
    return sorted(done, key=lambda summary: place[summary.load_id])


def _recall(con: duckdb.DuckDBPyConnection, waiting: dict[int, Load]) -> None:
    """Leave out what another run has taken to its end while nobody held the warehouse."""
    unfinished = {load.load_id: load for load in progress.unfinished(con)}
    for load in [*waiting.values()]:
        if load.load_id in unfinished:
            waiting[load.load_id] = replace(unfinished[load.load_id], run_id=load.run_id)
        else:
            del waiting[load.load_id]


def _advance(
    project: Project,
    con: duckdb.DuckDBPyConnection,
    contracts: Mapping[str, Contract],
    waiting: dict[int, Load],
    alone: set[int],
    done: list[LoadSummary],
    watch: Watch,
) -> None:
    """Take loads further until none waits, small ones at once.

    Args:
        project: The project.
        con: Its warehouse.
        contracts: All contracts, by dataset.
        waiting: The loads by their ids; what is done is taken out.
        alone: The loads that must not go with others; those are added that broke the warehouse
            together, for one of them will do it again.
        done: What became of loads is added.
        watch: Told which load is at what.

    Raises:
        WarehouseBroken: DuckDB gave the warehouse up before.
    """
    # What never failed is counted with its like, for a commit each would take too long.
    fresh = [load for load in waiting.values() if not load.attempts]
    begun = {load.load_id: load for load in progress.begin(con, fresh)}
    try:
        for batch in batching.batches(project, contracts, [*waiting.values()], alone):
            interrupts.check()
            contract = contracts[batch[0].file.dataset]
            if again := [load for load in batch if 0 < load.attempts < project.park_after]:
                begun |= {load.load_id: load for load in progress.begin(con, again)}
            if len(batch) > 1:
                together = [begun[load.load_id] for load in batch]
                for load, summary in _at_once(project, con, contract, together, alone, watch):
                    done.append(summary)
                    del waiting[load.load_id], begun[load.load_id]
            for load in batch:
                if load.load_id in waiting:
                    del waiting[load.load_id]
                    ready = begun.get(load.load_id)
                    done.append(
                        steps.advance(project, con, contract, ready, watch)
                        if ready
                        else endings.park(con, load)
                    )
                    begun.pop(load.load_id, None)
    except BaseException:
        with suppress(duckdb.Error):  # broken, or else interrupted, which is nobody's fault
            progress.release(con, list(begun.values()))
        raise


def _at_once(
    project: Project,
    con: duckdb.DuckDBPyConnection,
    contract: Contract,
    loads: Sequence[Load],
    alone: set[int],
    watch: Watch,
) -> Iterator[tuple[Load, LoadSummary]]:
    try:
        yield from batching.advance(project, con, contract, loads, watch)
    except duckdb.FatalException as error:
        alone |= {load.load_id for load in loads}
        raise WarehouseBroken(None, error) from error
