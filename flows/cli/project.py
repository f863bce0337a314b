"""Commands that make a project or start what runs it: init, demo, up."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def init(
    directory: Annotated[
        Path, typer.Argument(metavar="DIR", file_okay=False, help="Where; here, if left out.")
    ] = Path(),
) -> None:
    """Make a project: its file, a landing directory, and a contract to copy from."""
    from flows import scaffold, terminal
    from flows.document import shown

    for path in scaffold.create(directory):
        terminal.say(f"made {shown(path.absolute())}")
    terminal.say("next: copy contracts/orders.yaml.example, drop a file in landing/, pratique run")


def demo() -> None:
    """Run the sample data through everything, and tell where to look."""
    from flows import up

    up.demo()


def up() -> None:
    """Start everything on this machine: the server, the nightly run, and its worker."""
