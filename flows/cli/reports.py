"""Commands about what was found: report, and quarantine list and show."""

from __future__ import annotations

import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.cli.access import AsJson, Directory, open_project, print_json, read_warehouse, require
from flows.cli.faults import tell

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from quality.view import DatasetView

Dataset = Annotated[str, typer.Argument(metavar="DATASET", help="Name of a dataset.")]


class Form(StrEnum):
    """What a report can be printed as."""

    HTML = "html"
    MD = "md"
    JSON = "json"
    JUNIT = "junit"


class Standing(StrEnum):
    """Which records of a quarantine."""

    QUARANTINED = "quarantined"
    WAITING = "waiting"
    SUPERSEDED = "superseded"
    ALL = "all"


quarantine = typer.Typer(name="quarantine", help="The bad records.", no_args_is_help=True)


def report(
    dataset: Annotated[str | None, typer.Argument(metavar="DATASET", help="One, or all.")] = None,
    form: Annotated[
        Form | None, typer.Option("--format", help="Print the report, instead of writing files.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", dir_okay=False, help="Print it into this file."),
    ] = None,
    project: Directory = None,
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
) -> None:
    """Write the report files anew and say where the page is, or print one report.

    What is printed is only the path, so that `open $(pratique report)` shows the page.
    """
    from flows import run
    from quality import overview

    opened = open_project(project)
    with read_warehouse(opened) as con:
        views = overview.read_views(con)
        if dataset:
            require(dataset, [view.dataset for view in views])
        if not views:
            tell("no file was judged yet; `pratique run` judges what has landed")
        if form is None and not as_json and out is None:
            names = [dataset] if dataset else [view.dataset for view in views]
            written = run.write_reports(opened, con, names)
            for page in (f"{dataset or 'index'}.html",):
                if opened.reports / page in written:
                    typer.echo(opened.reports / page)
            return
        chosen = [view for view in views if view.dataset == (dataset or view.dataset)]
        wanted = Form.JSON if as_json else form or _form_of(out)
        if wanted is Form.JUNIT:
            text = _junit(con, chosen)
        else:
            text = _text(chosen, wanted, alone=bool(dataset))
    if out:
        out.write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)


@quarantine.command("list")
def list_records(
    dataset: Dataset,
    project: Directory = None,
    as_json: AsJson = False,
    standing: Annotated[
        Standing,
        typer.Option(
            "--status",
            help="waiting: for what another dataset does not have yet; superseded: of versions "
            "that were replaced.",
        ),
    ] = Standing.QUARANTINED,
    limit: Annotated[
        int | None, typer.Option("--limit", metavar="N", min=1, help="At most so many.")
    ] = None,
) -> None:
    """List the bad records of a dataset, each with all that is wrong with it."""
    from flows import inventory
    from flows.cli import answers
    from quality import quarantine as records

    opened = open_project(project)
    with read_warehouse(opened) as con:
        require(dataset, inventory.datasets(opened, con))
        status = None if standing is Standing.ALL else standing.value
        most = limit if as_json or limit else answers.MOST_RECORDS + 1
        found = records.listing(con, dataset, status, most)
    if as_json:
        print_json(found)
    else:
        answers.of_quarantine(found, limit or answers.MOST_RECORDS)


@quarantine.command("show")
def show_record(
    dataset: Dataset,
    record_id: Annotated[str, typer.Argument(metavar="RECORD_ID", help="As the list has it.")],
    project: Directory = None,
    as_json: AsJson = False,
) -> None:
    """Show one bad record: where it stood, its raw text, and every check that it failed."""
    from flows import inventory
    from flows.cli import answers
    from quality import quarantine as records

    opened = open_project(project)
    with read_warehouse(opened) as con:
        require(dataset, inventory.datasets(opened, con))
        found = records.show(con, dataset, record_id)
    if found is None:
        raise typer.BadParameter(f"{dataset} has no quarantined record {record_id}")
    if as_json:
        print_json(found)
    else:
        answers.of_record(found)


def _form_of(out: Path | None) -> Form:
    suffix = out.suffix.lstrip(".") if out else ""
    if suffix == "xml":
        return Form.JUNIT
    return Form(suffix) if suffix in list(Form) else Form.HTML


def _junit(con: DuckDBPyConnection, views: list[DatasetView]) -> str:
    from quality import junit, overview

    accounts = (each for view in views for each in overview.accounts(con, view.dataset))
    return junit.junit([junit.of_account(each) for each in accounts])


def _text(views: list[DatasetView], form: Form, alone: bool) -> str:
    """Render one dataset by itself, or several together."""
    from quality import report

    match form, alone:
        case Form.HTML, True:
            return report.html(views[0])
        case Form.MD, True:
            return report.markdown(views[0])
        case Form.JSON, True:
            return report.json(views[0])
        case Form.HTML, False:
            return report.index_html(views)
        case Form.MD, False:
            return report.index_markdown(views)
    return json.dumps([json.loads(report.json(view)) for view in views], indent=2) + "\n"
