"""The terminal: calm tables, one bar of progress, and nothing a stranger's text can do to them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from quality.escaping import cut, visible
from quality.model import Grade
from quality.sentences import points
from quality.wording import count

if TYPE_CHECKING:
    from ingest.model import Load

LEAST_REMARK = 40
"""Columns; with less room, what explains a row stands under the table instead of in it."""
UNBOUNDED = 10_000
"""Columns of a pipe or a file: nothing there needs wrapping."""
LONGEST_CELL = 400
GAP = 2
LIGHT = ""
"""The column of lights, which needs no name."""

Row = Mapping[str, Any]


def watched() -> bool:
    """Whether somebody sees what is not the answer: progress, and reasons to wait."""
    return sys.stderr.isatty()


def light(grade: str | None) -> str:
    """The light of a grade by its label."""
    return Grade[grade.upper()].light if grade else Grade.NO_DATA.light


def say(line: str, style: str = "") -> None:
    """Print one line of an answer."""
    _console().print(Text(visible(line), style))


def show(rows: Sequence[Row], *columns: str, remark: str | None = None) -> None:
    """Print rows as a table.

    Args:
        rows: What to show, by column.
        columns: Which columns, in which order.
        remark: The column that explains a row and may be long; on a narrow terminal it stands
            under the table, by the first column that is no light.
    """
    out = _console()
    room = out.width - sum(_width(rows, name) + GAP for name in columns)
    remarks = remark is not None and any(row.get(remark) for row in rows)
    beside = remark is not None and remarks and room >= min(LEAST_REMARK, _width(rows, remark))
    names = [*columns, *([remark] if remark and beside else [])]
    table = Table(
        box=box.SIMPLE_HEAD,
        header_style="dim",
        show_edge=False,
        pad_edge=False,
        padding=(0, GAP - 1 if room + GAP >= 0 else 0, 0, 0),
    )
    for name in names:
        number = all(isinstance(row.get(name), int | float | None) for row in rows)
        table.add_column(
            Text(visible(name)),
            justify="right" if number else "left",
            no_wrap=number or name == LIGHT,
            overflow="fold",
        )
    for row in rows:
        table.add_row(*(_cell(row.get(name), dim=name == remark) for name in names))
    out.print(table)
    if remark and not beside:
        by = next(name for name in columns if name != LIGHT)
        for row in rows:
            if row.get(remark):
                out.print(Text(visible(f"{row[by]}: {row[remark]}"), "dim"))


def _width(rows: Sequence[Row], name: str) -> int:
    return max(cell_len(name), *(_cell(row.get(name)).cell_len for row in rows), 0)


def fitting(rows: Sequence[Row], columns: Sequence[str]) -> list[str]:
    """Choose the first columns, as many of them as the terminal has room for."""
    room = _console().width + GAP
    chosen: list[str] = []
    for name in columns:
        room -= GAP + _width(rows, name)
        if chosen and room < 0:
            break
        chosen.append(name)
    return chosen


def _cell(value: Any, dim: bool = False) -> Text:
    match value:
        case None:
            return Text("–", "dim")
        case float():
            return Text(points(value))
        case int():
            return Text(count(value), "" if value else "dim")
    return Text(cut(visible(str(value)), LONGEST_CELL), "dim" if dim else "")


def _console(stderr: bool = False) -> Console:
    """A console that obeys no markup, and wraps only what a person looks at."""
    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() else UNBOUNDED
    return Console(file=stream, width=width, highlight=False, markup=False, emoji=False)


@contextmanager
def progress(expected: int) -> Iterator[Callable[[Load, str], None]]:
    """Show how a run comes along, if somebody is watching.

    Args:
        expected: How many files there seem to be.

    Yields:
        What to tell which load is at what.
    """
    if not watched():
        yield lambda load, doing: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description:<10}", markup=False),
        BarColumn(bar_width=16),
        MofNCompleteColumn(),
        TextColumn("{task.fields[records]} records", markup=False),
        TimeElapsedColumn(),
        TextColumn("{task.fields[file]}", markup=False),
    )
    records: dict[int, int] = {}
    with Progress(*columns, console=_console(stderr=True), transient=True) as bar:
        task = bar.add_task("looking", total=expected, records="0", file="")

        def watch(load: Load, doing: str) -> None:
            records[load.load_id] = load.counts.records_in
            bar.update(
                task,
                description=doing,
                completed=len(records) - 1,
                total=max(expected, len(records)),
                records=count(sum(records.values())),
                file=cut(visible(load.file.name), 40),
            )

        yield watch


@contextmanager
def reading(expected: int) -> Iterator[Callable[[str, int], None]]:
    """Show how far files have been read, if somebody is watching.

    Args:
        expected: Bytes that there are.

    Yields:
        What to tell that a file has been read, and how many bytes it has.
    """
    if not watched():
        yield lambda file, size: None
        return
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("reading"),
        BarColumn(bar_width=16),
        DownloadColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[file]}", markup=False),
    )
    with Progress(*columns, console=_console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=expected, file="")
        yield lambda file, size: bar.update(task, advance=size, file=cut(visible(file), 40))


def waiting(reason: str) -> AbstractContextManager[Any]:
    """Say, if somebody is watching, why nothing happens for now."""
    return _console(stderr=True).status(reason) if watched() else nullcontext()
