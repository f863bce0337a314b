"""The command that believes nothing: audit."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from flows.cli.access import AsJson, Directory, open_project, print_json, read_warehouse


def audit(
    dataset: Annotated[
        str | None, typer.Option("--dataset", metavar="D", help="This one alone.")
    ] = None,
    project: Directory = None,
    as_json: AsJson = False,
) -> None:
    """Prove again that nothing is lost and nothing is there twice.

    Every blob is hashed, its records are counted, and the tables are held against the counts.

    Exit code: 0 all is as it should be, 1 something is not, 3 it could not be found out.
    """
    from flows import auditing, terminal
    from flows.cli import answers
    from flows.summary import ExitCode

    opened = open_project(project)
    with read_warehouse(opened) as con:
        claims = auditing.read_claims(opened, con, dataset)
    with terminal.reading(claims.bytes) as watch:
        found = auditing.prove(
            opened, claims, lambda version: watch(version.file, version.size or 0)
        )
    if as_json:
        print_json({"ok": not found.differences} | asdict(found))
    else:
        answers.of_audit(found)
    raise typer.Exit(ExitCode.RED if found.differences else ExitCode.OK)
