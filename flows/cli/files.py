"""Commands about files that came: files, and files diff."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from flows.cli.access import AsJson, Directory, open_project, print_json, read_warehouse

files = typer.Typer(name="files", invoke_without_command=True)


@files.callback()
def list_files(context: typer.Context, project: Directory = None, as_json: AsJson = False) -> None:
    """List the files that came in, and what became of each; or compare versions of one."""
    from flows import inventory
    from flows.cli import answers

    if context.invoked_subcommand:
        return
    opened = open_project(project)
    with read_warehouse(opened) as con:
        found = inventory.files(opened, con)
    if as_json:
        print_json([asdict(file) for file in found])
    else:
        answers.of_files(found)


@files.command()
def diff(
    name: Annotated[str, typer.Argument(metavar="NAME", help="As `pratique files` has it.")],
    first: Annotated[
        int | None, typer.Argument(metavar="V1", min=1, help="A version; the last but one.")
    ] = None,
    second: Annotated[
        int | None, typer.Argument(metavar="V2", min=1, help="A version; the last one.")
    ] = None,
    project: Directory = None,
    as_json: AsJson = False,
    limit: Annotated[
        int, typer.Option("--limit", metavar="N", min=0, max=10_000, help="Examples of each kind.")
    ] = 20,
) -> None:
    """Tell which records a newer version of a file adds, removes and changes.

    Records are told apart by the contract's key, or by the columns that it says are unique, or
    else by all of their values.
    """
    from flows import comparison
    from flows.cli import differences
    from ingest import selection

    opened = open_project(project)
    with read_warehouse(opened) as con:
        chosen = comparison.choose(selection.versions(con, name), first, second)
    found = comparison.compare(opened, *chosen, limit)
    if as_json:
        print_json(asdict(found))
    else:
        differences.of_comparison(found)
