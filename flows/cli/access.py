"""What commands have in common: a project is named, opened to read, and answered about."""

from __future__ import annotations

import json
import sys
from collections.abc import Collection, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    import duckdb

    from flows.project import Project

Directory = Annotated[
    Path | None,
    typer.Option(
        "--project",
        metavar="DIR",
        exists=True,
        file_okay=False,
        help="The project, instead of the one around the current directory.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


def open_project(directory: Path | None) -> Project:
    """Read the project around a directory, or around the current one.

    Raises:
        ProjectInvalid: There is none, or it says what it may not.
    """
    from flows import project

    return project.read(project.find(directory or Path.cwd()))


def nearest_project(directory: Path | None) -> Project | None:
    """Read the project that is named, or the one around the current directory, if there is one.

    Raises:
        ProjectInvalid: It is not there though it is named, or says what it may not.
    """
    from flows import project

    if directory:
        return open_project(directory)
    try:
        path = project.find(Path.cwd())
    except project.ProjectInvalid:
        return None
    return project.read(path)


@contextmanager
def read_warehouse(project: Project) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a project's warehouse to read; before the first run, one with nothing in it.

    Raises:
        WarehouseBusy: A run still holds it when the project's patience is over.
    """
    from flows.terminal import waiting
    from ingest import manifest, warehouse
    from quality import recording

    with ExitStack() as stack:
        if project.warehouse.exists():
            patience = project.lock_timeout_seconds
            with waiting("a run holds the warehouse; waiting for it"):
                con = stack.enter_context(
                    warehouse.connect(project.warehouse, read_only=True, patience=patience)
                )
        if not project.warehouse.exists() or not manifest.exists(con):
            con = stack.enter_context(warehouse.connect(None))
            manifest.create(con)
            recording.create(con)
        yield con


def require(dataset: str, known: Collection[str]) -> None:
    """See that a dataset is one of those that are known.

    Raises:
        BadParameter: It is not.
    """
    from quality.wording import guess

    if dataset not in known:
        raise typer.BadParameter(f"there is no dataset {dataset!r}{guess(dataset, known)}")


def print_json(document: Any) -> None:
    """Print a JSON document: the whole answer, and nothing else."""
    sys.stdout.write(as_text(document))


def as_text(document: Any) -> str:
    """Write a JSON document."""
    return json.dumps(document, indent=2, default=_plain) + "\n"


def refuse(places: Iterable[Path], instead: str) -> None:
    """See that no contract is written over, nor another one put beside it for the same dataset.

    Args:
        places: Where contracts are to be written.
        instead: What was done, or can be, instead.

    Raises:
        FileExistsError: One is there already.
    """
    from flows.contract import SUFFIXES
    from flows.document import shown

    for place in places:
        for path in (place, *(place.with_suffix(suffix) for suffix in SUFFIXES)):
            if path.exists():
                raise FileExistsError(f"{shown(path)} is there already; {instead}")


def write(path: Path, text: str) -> None:
    """Write a file, and the directories that it needs."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
