"""Commands about loads: run, status, changes, approve, reject, reload, backfill."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from flows.cli.access import AsJson, Directory, open_project, print_json, read_warehouse, require
from flows.cli.faults import tell

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from flows.project import Project
    from flows.summary import RunSummary
    from ingest.model import FileVersion

Strict = Annotated[bool, typer.Option("--strict", help="Exit with 1 on amber too.")]
LoadId = Annotated[int, typer.Argument(metavar="LOAD_ID", help="As `pratique status` tells it.")]


def run(
    project: Directory = None,
    as_json: AsJson = False,
    strict: Strict = False,
) -> None:
    """Take in what is new, judge it, publish what is good enough, and write the reports.

    Exit code: 0 green or amber, 1 red, held or without data, 3 something could not run.
    """
    from flows import inventory, terminal
    from flows.run import run as run_project

    opened = open_project(project)
    expected = 0
    if terminal.watched():
        with read_warehouse(opened) as con:
            expected = inventory.expected(opened, con)
    with terminal.progress(expected) as watch:
        summary = run_project(opened, watch)
    _answer(opened, summary, as_json, strict)


def status(project: Directory = None, as_json: AsJson = False) -> None:
    """Tell how every dataset stands, what is held, and what waits."""
    from flows import inventory
    from flows.cli import answers

    opened = open_project(project)
    with read_warehouse(opened) as con:
        found = inventory.status(opened, con)
    if as_json:
        print_json(asdict(found))
    else:
        answers.of_status(found)


def changes(
    dataset: Annotated[str | None, typer.Argument(metavar="DATASET", help="One, or all.")] = None,
    project: Directory = None,
    as_json: AsJson = False,
) -> None:
    """List what changed in columns, types and tables, with the files that brought it."""
    from flows.cli import differences
    from ingest.changes import listing

    with read_warehouse(open_project(project)) as con:
        found = listing(con, dataset)
    if as_json:
        print_json(found)
    else:
        differences.of_changes(found)


def approve(load_id: LoadId, project: Directory = None) -> None:
    """Let a held load through the gate, or a parked one be tried again: by the next run."""
    from flows import steps, terminal
    from ingest import progress

    with steps.open_warehouse(open_project(project)) as con:
        load = progress.approve(con, load_id)
    does = "publishes it" if load.approved else "tries it again"
    terminal.say(f"{load.file.name} (load {load_id}) is approved; the next run {does}")


def reject(
    load_id: LoadId,
    project: Directory = None,
    reason: Annotated[str, typer.Option("--reason", help="Why, for those who ask later.")] = (
        "rejected by a person"
    ),
) -> None:
    """Turn a held or parked load away for good; its supplier may send the file anew."""
    from flows import endings, steps, terminal

    with steps.open_warehouse(open_project(project)) as con:
        load = endings.reject(con, load_id, reason)
    terminal.say(f"{load.file.name} (load {load_id}) is rejected: {reason}")


def reload(
    file: Annotated[
        str | None,
        typer.Argument(metavar="FILE", help="A landed file, a member of one, or its number."),
    ] = None,
    dataset: Annotated[
        str | None, typer.Option("--dataset", metavar="D", help="All files of a dataset.")
    ] = None,
    project: Directory = None,
    as_json: AsJson = False,
    strict: Strict = False,
) -> None:
    """Load files once more, from their frozen copies, by their contracts as they are now.

    What stands of a file stands until its new load is published. Exit code: as of `run`.
    """
    from flows import reloading, terminal
    from ingest import selection

    if (file is None) == (dataset is None):
        raise typer.BadParameter("name either a FILE or a --dataset")
    opened = open_project(project)
    if dataset:
        _require(opened, dataset)

    def choose(con: DuckDBPyConnection) -> list[FileVersion]:
        return selection.by_dataset(con, dataset) if dataset else selection.by_name(con, file or "")

    with terminal.progress(0) as watch:
        summary = reloading.reload(opened, choose, watch)
    _answer(opened, summary, as_json, strict)


def backfill(
    dataset: Annotated[str, typer.Option("--dataset", metavar="D", help="Of which dataset.")],
    first: Annotated[
        datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="The first day, in UTC.")
    ],
    last: Annotated[
        datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="The last day, itself included.")
    ],
    project: Directory = None,
    as_json: AsJson = False,
    strict: Strict = False,
) -> None:
    """Load what was made of a dataset in a range of days, once more or for the first time.

    When a file was made is what its sidecar says, or else its modification time. Exit code: as of
    `run`.
    """
    from flows import reloading, terminal

    if last < first:
        raise typer.BadParameter("--to is before --from")
    opened = open_project(project)
    _require(opened, dataset)
    with terminal.progress(0) as watch:
        summary = reloading.backfill(opened, dataset, first.date(), last.date(), watch)
    _answer(opened, summary, as_json, strict)


def _require(project: Project, dataset: str) -> None:
    from flows import inventory

    with read_warehouse(project) as con:
        require(dataset, inventory.datasets(project, con))


def _answer(project: Project, summary: RunSummary, as_json: bool, strict: bool) -> None:
    """Tell what a run came to, and end with its exit code."""
    from flows.cli import answers
    from flows.summary import document

    tell(*summary.problems)
    if as_json:
        print_json(document(summary))
    else:
        answers.of_run(summary, project.reports / "index.html")
    raise typer.Exit(summary.exit_code(strict))
