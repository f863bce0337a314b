"""Commands that make a project, or start all that runs it: init, demo, up."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.cli.access import Directory

Port = Annotated[
    int | None,
    typer.Option("--port", min=1, max=65_535, help="Of the server; 4200, or any that is free."),
]


def init(
    directory: Annotated[
        Path, typer.Argument(metavar="DIR", file_okay=False, help="Where; here, if left out.")
    ] = Path(),
) -> None:
    """Make a project: its file, a landing directory, and a contract to learn from."""
    from flows import scaffold, terminal
    from flows.document import shown

    for path in scaffold.create(directory):
        terminal.say(f"made {shown(path.absolute())}")
    terminal.say("next: drop a file in landing/, pratique suggest landing/FILE, pratique run")


def demo(
    directory: Annotated[
        Path, typer.Argument(metavar="DIR", file_okay=False, help="Where the sample goes.")
    ] = Path("demo"),
    port: Port = None,
    keep_open: Annotated[
        bool | None,
        typer.Option(
            "--keep-open/--no-keep-open",
            help="Whether the server stays until Ctrl-C; on a terminal it does.",
        ),
    ] = None,
) -> None:
    """Run the sample data through a Prefect server, and tell where to look."""
    from flows import up

    raise typer.Exit(up.demo(directory, port, keep_open).exit_code())


def up(project: Directory = None, port: Port = None) -> None:
    """Start Prefect on this machine: the server, the nightly run, and a worker, until Ctrl-C."""
    from flows import up

    up.up(project or Path.cwd(), port)
