"""Commands that try a file and change nothing: check and preview."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.cli.access import AsJson, Directory, nearest_project, print_json
from flows.cli.faults import tell

if TYPE_CHECKING:
    from flows.preview import Preview

File = Annotated[
    Path,
    typer.Argument(metavar="FILE", readable=False, help="A CSV, JSON, Parquet or Excel file."),
]
Named = Annotated[
    str | None,
    typer.Option(
        "--contract",
        metavar="C",
        help="A contract's file, or a dataset; without it, the contract that claims the file.",
    ),
]


def check(
    file: File,
    contract: Named = None,
    project: Directory = None,
    as_json: AsJson = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 1 on amber too.")] = False,
    junit: Annotated[
        Path | None,
        typer.Option("--junit", metavar="FILE", dir_okay=False, help="Write JUnit XML there too."),
    ] = None,
) -> None:
    """Tell what a run would make of a file, and load nothing.

    Without a contract: how the file is written, what its columns look like, and what does not fit.

    Exit code: 0 green or amber, 1 red or without data, 3 the file cannot be read.
    """
    from flows import inspection
    from flows.cli import answers
    from flows.summary import ExitCode
    from quality.model import Grade

    opened = nearest_project(project)
    agreed = inspection.find_contract(file, opened, contract)
    found = inspection.inspect(file, opened, agreed)
    if junit:
        junit.write_text(inspection.junit(found, agreed), encoding="utf-8")
    if as_json:
        tell(*found.remarks)
        print_json(inspection.document(found))
    else:
        answers.of_inspection(found)
    worst = Grade.AMBER if strict else Grade.RED
    raise typer.Exit(ExitCode.RED if found.score.grade >= worst else ExitCode.OK)


def preview(
    file: File,
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=1, help="So many.")] = 10,
    everything: Annotated[bool, typer.Option("--all", help="All records.")] = False,
    contract: Named = None,
    project: Directory = None,
    as_json: AsJson = False,
) -> None:
    """Show the records of a file as a load would read them, as text."""
    from flows import inspection, preview
    from flows.cli import answers

    opened = nearest_project(project)
    agreed = inspection.find_contract(file, opened, contract)
    with preview.preview(file, opened, agreed) as found:
        tell(*(error.message for error in found.file_errors))
        most = None if everything else limit
        if as_json:
            _print(found, most)
        else:
            answers.of_preview(found, most)


def _print(found: Preview, most: int | None) -> None:
    """Print a preview piece by piece, since a file may not fit into memory."""
    rejected = (
        {"line": reject.line, "byte": reject.byte, "raw": reject.raw, "reason": reject.reason}
        for reject in found.rejected
    )
    out = sys.stdout
    out.write(f'{{"columns": {json.dumps(found.columns)},\n"records": [')
    out.writelines(_elements(found.records, most))
    out.write('],\n"rejected": [')
    out.writelines(_elements(rejected, most))
    dialect, encoding = json.dumps(found.dialect), json.dumps(found.encoding)
    out.write(f'],\n"dialect": {dialect},\n"encoding": {encoding}}}\n')


def _elements(values: Iterator[object], most: int | None) -> Iterator[str]:
    for number, value in enumerate(islice(values, most)):
        yield f"{',' if number else ''}\n{json.dumps(value)}"
