"""Commands that find out what is in data before anything is agreed: profile and suggest."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from flows.cli.access import (
    AsJson,
    Directory,
    as_text,
    nearest_project,
    open_project,
    print_json,
    read_warehouse,
    refuse,
    write,
)
from flows.cli.faults import tell

if TYPE_CHECKING:
    from flows.drafting import Draft
    from flows.portrait import Portrait
    from flows.project import Project


def profile(
    subject: Annotated[
        str, typer.Argument(metavar="FILE|DATASET", help="A file, or what is published.")
    ],
    format: Annotated[
        Literal["text", "json", "html"], typer.Option("--format", help="What to make of it.")
    ] = "text",
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write it there.")
    ] = None,
    project: Directory = None,
    as_json: AsJson = False,
) -> None:
    """Show what is in a file, or in a published dataset, column by column.

    Types, gaps, values and how they are spread; forms of text, keys, and columns that go together.
    No contract is needed. What a contract marks with `pii: true` is masked.

    Exit code: 0, or 3 when there is nothing to read.
    """
    from flows.cli import portraits
    from quality.profiling import document

    form = "json" if as_json else format
    if out and form == "text":
        raise typer.BadParameter("--out takes --format html or json")
    found = _portrait(subject, project)
    if form == "text":
        portraits.of_portrait(found)
        return
    if form == "json":
        about = {"subject": found.subject, "remarks": list(found.remarks)}
        text = as_text(about | document(found.profile))
    else:
        from quality import profile_page

        text = profile_page.html(found.subject, found.profile, found.remarks)
    if out:
        write(out, text)
    else:
        sys.stdout.write(text)


def suggest(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE…", readable=False, help="CSV, JSON, Parquet or Excel files."),
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="PATH", help="A contract's file, or a directory; - prints instead."
        ),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Write over a contract that is there.")
    ] = False,
    project: Directory = None,
    as_json: AsJson = False,
) -> None:
    """Write the contract that files give reason for, with the evidence for each check.

    Files whose names differ by a date or a number become one contract. In a project it is written
    to its contracts; elsewhere it is printed.

    Exit code: 0, or 3 when a file cannot be read, or a contract is there already.
    """
    from flows import drafting
    from flows.cli import portraits

    opened = nearest_project(project)
    drafts = drafting.draft(files, opened)
    places = _places(drafts, opened, out)
    if not force:
        refuse(filter(None, places), "--force writes over it, --out - prints")
    for draft, place in zip(drafts, places, strict=True):
        if place:
            write(place, draft.text)
    if as_json:
        print_json({"contracts": [_told(*one) for one in zip(drafts, places, strict=True)]})
        return
    for number, (draft, place) in enumerate(zip(drafts, places, strict=True)):
        if place:
            portraits.of_draft(draft, place)
        else:
            sys.stdout.write(("---\n" if number else "") + draft.text)
    if any(places):
        portraits.say_next(opened, drafts)
    elif opened is None and out is None:
        tell("no project is here, so nothing was written; `pratique init DIR` makes one")


def _portrait(subject: str, directory: Path | None) -> Portrait:
    """Profile a file if there is one of that name, else a dataset."""
    from flows import portrait
    from flows.project import ProjectInvalid
    from flows.trial import exists
    from ingest.errors import FileUnknown

    path = Path(subject)
    if exists(path) or not subject.isidentifier():
        return portrait.of_file(path, nearest_project(directory))
    try:
        opened = open_project(directory)
    except ProjectInvalid:
        if directory:
            raise
        raise FileUnknown(f"{subject}: no such file, and no project around it") from None
    with read_warehouse(opened) as con:
        return portrait.of_dataset(subject, opened, con)


def _places(
    drafts: Sequence[Draft], project: Project | None, out: Path | None
) -> list[Path | None]:
    """Where each contract goes; None for one that is printed."""
    from flows.contract import SUFFIXES

    if str(out) == "-" or (out is None and project is None):
        return [None for _ in drafts]
    if out is not None and out.suffix in SUFFIXES:
        if len(drafts) > 1:
            names = ", ".join(draft.dataset for draft in drafts)
            raise typer.BadParameter(f"these are contracts of {names}; --out a directory for them")
        return [out]
    directory = out if out is not None else project.contracts  # type: ignore[union-attr]
    return [directory / f"{draft.dataset}.yaml" for draft in drafts]


def _told(draft: Draft, place: Path | None) -> dict[str, Any]:
    return {
        "dataset": draft.dataset,
        "path": str(place) if place else None,
        "files": list(draft.files),
        "records": draft.records,
        "checks": [
            {
                "rule": each.rule,
                "column": each.column,
                "arguments": dict(each.arguments),
                "evidence": each.evidence,
            }
            for each in draft.suggested
        ],
        "yaml": draft.text,
    }
