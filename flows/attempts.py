"""Attempts: loads are taken further, each so that whatever it does to us stops no other.

An attempt is counted before it is made. So a load that takes the whole process down, as when it
needs more memory than there is, is found out by the runs that come after, and parked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress

import duckdb

from flows import steps
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
    done: list[LoadSummary] = []
    broken: WarehouseBroken | None = None
    while waiting or broken:
        with steps.open_warehouse(project) as con:
            if broken:
                done.append(steps.fail(project, con, broken.load, broken))
            broken = None
            try:
                _advance(project, con, contracts, waiting, done, watch)
            except WarehouseBroken as error:
                broken = error
    return done


def _advance(
    project: Project,
    con: duckdb.DuckDBPyConnection,
    contracts: Mapping[str, Contract],
    waiting: dict[int, Load],
    done: list[LoadSummary],
    watch: Watch,
) -> None:
    """Take loads further until none waits.

    Raises:
        WarehouseBroken: DuckDB gave the warehouse up before.
    """
    # What never failed is counted with its like, for a commit each would take too long.
    fresh = [load for load in waiting.values() if not load.attempts]
    begun = {load.load_id: load for load in progress.begin(con, fresh)}
    while waiting:
        load = waiting.pop(next(iter(waiting)))
        if load.attempts >= project.park_after:
            done.append(steps.park(con, load))
            continue
        if load.load_id not in begun:
            begun |= {each.load_id: each for each in progress.begin(con, [load])}
        contract = contracts[load.file.dataset]
        try:
            done.append(steps.advance(project, con, contract, begun[load.load_id], watch))
        except BaseException:
            with suppress(duckdb.Error):  # broken, or else interrupted, which is nobody's fault
                progress.release(con, list(begun.values()))
            raise
        del begun[load.load_id]
