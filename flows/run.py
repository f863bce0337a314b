"""A whole run without Prefect: what is new is received, judged, published and reported."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import duckdb

from flows import attempts, clearing, receiving, steps, waiting
from flows import contract as contracts
from flows.contract import Contract
from flows.project import Project
from flows.receiving import Received
from flows.summary import RunSummary, summarise, summarise_load
from ingest import progress, room, sightings
from ingest.model import Load
from quality import overview, report

Selection = Callable[
    [duckdb.DuckDBPyConnection, Sequence[Contract], str], tuple[Received, list[Load]]
]
"""What is to be loaded in a run of some name, by some contracts, and how it came to be known."""


def run(project: Project, watch: steps.Watch = steps.unwatched) -> RunSummary:
    """Take everything that is new, and everything that is not finished, as far as it goes.

    Args:
        project: The project.
        watch: Told which load is at what.

    Raises:
        OSError: The landing directory cannot be read.
        WarehouseBusy: Another process holds the warehouse.
        NoRoom: The disk of the warehouse is too full to record anything.
    """

    def everything(
        con: duckdb.DuckDBPyConnection, known: Sequence[Contract], run_id: str
    ) -> tuple[Received, list[Load]]:
        return receiving.receive(project, con, known, run_id), steps.pending(con, known)

    return take(project, everything, watch)


def take(project: Project, select: Selection, watch: steps.Watch) -> RunSummary:
    """Take some loads as far as they go, and report on what became of them.

    Args:
        project: The project.
        select: Says which loads.
        watch: Told which load is at what.

    Raises:
        WarehouseBusy: Another process holds the warehouse.
        NoRoom: The disk of the warehouse is too full to record anything.
    """
    known, problems = contracts.of_project(project)
    run_id = steps.new_run_id()
    with steps.open_warehouse(project) as con:
        received, selected = select(con, known, run_id)
        problems += received.problems
        parked = [summarise_load(load, None) for load in progress.parked(con)]
    own = [replace(load, run_id=run_id) for load in selected]
    loads = [*received.stopped, *attempts.advance_all(project, known, own, watch)]
    released, unreleased = waiting.release(project, known, run_id, watch)
    loads += released
    problems += unreleased
    with steps.open_warehouse(project) as con:
        problems += clearing.clear(project, con, run_id)
        still = waiting.counts(con)
        stale = {*progress.unreported(con), *(load.dataset for load in loads)}
        try:
            write_reports(project, con, sorted(stale))
            progress.reported(con)
            sightings.reported(con)
        except OSError as error:  # what is published is published; the next run reports it
            why = room.shortage(error, [project.reports]) or error
            problems.append(f"reports could not be written: {why}")
    ignored, told = dict(received.ignored), dict.fromkeys(problems)
    return summarise(run_id, loads, received.unclaimed, ignored, told, parked, still)


def write_reports(
    project: Project, con: duckdb.DuckDBPyConnection, datasets: Sequence[str]
) -> list[Path]:
    """Write the report files of some datasets, and the page that lists them all.

    Args:
        project: The project, which says where reports go.
        con: Its warehouse.
        datasets: Whose reports to write anew.

    Returns:
        The files written.
    """
    views = overview.read_views(con)
    texts = {
        project.reports / f"{view.dataset}{suffix}": render(view)
        for view in views
        if view.dataset in datasets
        for suffix, render in {
            ".html": report.html,
            ".md": report.markdown,
            ".json": report.json,
        }.items()
    }
    if texts:
        links = {view.dataset: f"{view.dataset}.html" for view in views}
        texts[project.reports / "index.html"] = report.index_html(views, links)
    project.reports.mkdir(parents=True, exist_ok=True)
    for path, text in texts.items():
        unfinished = path.with_suffix(f"{path.suffix}.tmp")
        unfinished.write_text(text, encoding="utf-8")
        unfinished.replace(path)
    return list(texts)
