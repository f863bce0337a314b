"""A whole run without Prefect: what is new is received, judged, published and reported."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import duckdb

from flows import contract as contracts
from flows import receiving, steps
from flows.project import Project
from flows.summary import LoadSummary, RunSummary, summarise
from ingest import progress
from quality import overview, report


def run(project: Project, watch: steps.Watch = lambda load, doing: None) -> RunSummary:
    """Take everything that is new, and everything that is not finished, as far as it goes.

    Args:
        project: The project.
        watch: Told which load is at what.

    Raises:
        OSError: The landing directory cannot be read.
        WarehouseBusy: Another process holds the warehouse.
    """
    known, problems = contracts.read_all(project.contracts, project.gate)
    by_dataset = {contract.dataset: contract for contract in known}
    run_id = steps.new_run_id()
    with steps.open_warehouse(project) as con:
        received = receiving.receive(project, con, known, run_id)
        problems += received.problems
        loads: list[LoadSummary] = list(received.stopped)
        for load in steps.pending(con, known):
            contract = by_dataset[load.file.dataset]
            loads.append(steps.advance(project, con, contract, replace(load, run_id=run_id), watch))
        stale = {*progress.unreported(con), *(load.dataset for load in loads)}
        try:
            write_reports(project, con, sorted(stale))
            progress.reported(con)
        except OSError as error:  # what is published is published; the next run reports it
            problems.append(f"reports could not be written: {error}")
    return summarise(run_id, loads, received.unclaimed, dict(received.ignored), problems)


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
