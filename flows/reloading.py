"""Reloading: files that were received are loaded once more, from their blobs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

import duckdb

from flows import receiving, repetition, steps
from flows.contract import Contract
from flows.project import Project
from flows.receiving import Received
from flows.run import take
from flows.summary import RunSummary
from ingest import selection
from ingest.model import FileVersion, Load

DAY = 86_400_000_000_000
"""Nanoseconds."""

Choice = Callable[[duckdb.DuckDBPyConnection], list[FileVersion]]


def reload(project: Project, choose: Choice, watch: steps.Watch = steps.unwatched) -> RunSummary:
    """Load files once more by their contracts as they are now.

    What stands of a file stands until its new load is published, which takes it out in the same
    transaction. So it may be done any number of times.

    Args:
        project: The project.
        choose: Says which files.
        watch: Told which load is at what.

    Raises:
        FileUnknown: There is no such file.
        WarehouseBusy: Another process holds the warehouse.
    """

    def chosen(
        con: duckdb.DuckDBPyConnection, known: Sequence[Contract], run_id: str
    ) -> tuple[Received, list[Load]]:
        return _again(project, con, known, run_id, choose(con), Received())

    return take(project, chosen, watch)


def backfill(
    project: Project,
    dataset: str,
    first: date,
    last: date,
    watch: steps.Watch = steps.unwatched,
) -> RunSummary:
    """Load what was made in a range of days, whether or not it was loaded before.

    Args:
        project: The project.
        dataset: Name of the dataset.
        first: The first day, in UTC.
        last: The last day, itself included.
        watch: Told which load is at what.

    Raises:
        OSError: The landing directory cannot be read.
        WarehouseBusy: Another process holds the warehouse.
    """
    since_ns, until_ns = _midnight(first), _midnight(last) + DAY

    def chosen(
        con: duckdb.DuckDBPyConnection, known: Sequence[Contract], run_id: str
    ) -> tuple[Received, list[Load]]:
        received = receiving.receive(project, con, known, run_id)
        files = selection.by_dataset(con, dataset, since_ns, until_ns)
        return _again(project, con, known, run_id, files, received)

    return take(project, chosen, watch)


def _again(
    project: Project,
    con: duckdb.DuckDBPyConnection,
    known: Sequence[Contract],
    run_id: str,
    files: Sequence[FileVersion],
    received: Received,
) -> tuple[Received, list[Load]]:
    """Have files loaded once more; what cannot be is told, and stays."""
    loads, problems = repetition.again(project, con, known, run_id, files)
    return replace(received, problems=(*received.problems, *problems)), loads


def _midnight(day: date) -> int:
    return (day - date(1970, 1, 1)).days * DAY
