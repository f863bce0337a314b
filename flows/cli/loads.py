"""Commands about files and their loads: run, status, files, changes, approve, reject."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from flows.cli.access import AsJson, Directory, open_project, print_json, read_warehouse
from flows.cli.faults import tell

LoadId = Annotated[int, typer.Argument(metavar="LOAD_ID", help="As `pratique status` tells it.")]


def run(
    project: Directory = None,
    as_json: AsJson = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 1 on amber too.")] = False,
) -> None:
    """Take in what is new, judge it, publish what is good enough, and write the reports.

    Exit code: 0 green or amber, 1 red, held or without data, 3 something could not run.
    """
    from flows import inventory, terminal
    from flows.cli import answers
    from flows.run import run as run_project
    from flows.summary import document

    opened = open_project(project)
    expected = 0
    if terminal.watched():
        with read_warehouse(opened) as con:
            expected = inventory.expected(opened, con)
    with terminal.progress(expected) as watch:
        summary = run_project(opened, watch)
    tell(*summary.problems)
    if as_json:
        print_json(document(summary))
    else:
        answers.of_run(summary, opened.reports / "index.html")
    raise typer.Exit(summary.exit_code(strict))


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


def files(project: Directory = None, as_json: AsJson = False) -> None:
    """List the files that came in, and what became of each."""
    from flows import inventory
    from flows.cli import answers

    opened = open_project(project)
    with read_warehouse(opened) as con:
        found = inventory.files(opened, con)
    if as_json:
        print_json([asdict(file) for file in found])
    else:
        answers.of_files(found)


def changes(
    dataset: Annotated[str | None, typer.Argument(metavar="DATASET", help="One, or all.")] = None,
    project: Directory = None,
    as_json: AsJson = False,
) -> None:
    """List what changed in columns, types and tables, with the files that brought it."""
    from flows.cli import answers
    from ingest.changes import listing

    with read_warehouse(open_project(project)) as con:
        found = listing(con, dataset)
    if as_json:
        print_json(found)
    else:
        answers.of_changes(found)


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
    from flows import steps, terminal

    with steps.open_warehouse(open_project(project)) as con:
        load = steps.reject(con, load_id, reason)
    terminal.say(f"{load.file.name} (load {load_id}) is rejected: {reason}")
