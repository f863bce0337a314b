"""Excel: one sheet of a workbook, copied as JSON lines, each on the line of its row there."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ingest import frames
from ingest.areas import StagingArea
from ingest.formats import Text
from ingest.formats import json as json_format
from ingest.formats.excel_package import Unfit, allowance
from ingest.formats.excel_workbook import Merged, Row, Sheet, Workbook, column_letters, opened, rows
from ingest.formats.naming import name_columns
from ingest.model import FileError
from ingest.source import Excel, Json, Source

SUFFIXES = (".xlsx", ".xlsm", ".xls")
SAMPLE = 100
"""Rows among which the header is looked for."""
FILLED = 2 / 3
"""Of the cells of the fullest row: so many has a header that names no column of the contract."""

REMARKS = {
    "merged-header": "cells of the header are merged, as {where} are: only the first column of "
    "them has the name",
    "merged-cells": "cells are merged in {times} places, first in {where}: only the first of them "
    "has the value",
    "missing-value": "formulas in {times} rows came without their values, first in {where}; open "
    "the workbook in Excel, save it and send it again",
}


class Table(NamedTuple):
    """What was copied of a sheet."""

    names: tuple[str, ...]
    errors: tuple[FileError, ...]


def read(con: duckdb.DuckDBPyConnection, blob: Path, source: Source, area: StagingArea) -> Text:
    """Give a sheet as text.

    A number is given as Excel shows it in full, a date as ISO 8601, an error as `#N/A`, and a
    formula as the value that was stored with it.

    Args:
        con: The connection that will read it.
        blob: The frozen file.
        source: The contract's half about files.
        area: Where the copy is kept.
    """
    spec = source.format if isinstance(source.format, Excel) else Excel()
    copy = area.scratch / f"{blob.name}.jsonl"
    try:
        with opened(blob, area.scratch) as book:
            sheet, others = _choose(book, spec.sheet)
            declared = {column.name.lower() for column in source.columns}
            header, above = _header(book, sheet, spec.header_row, declared)
            table = _copy(book, sheet, header, copy, allowance(blob))
    except Unfit as unfit:
        return Text("", {}, "NULL::BIGINT", blob, 0, {}, (unfit.fault,))
    as_lines = source.model_copy(update={"format": Json(null_values=spec.null_values)})
    text = json_format.read(con, copy, as_lines, replace(area, pinned={"layout": "lines"}))
    return replace(
        text,
        cells=_cells(table.names, text.cells, source),
        dialect={"sheet": sheet.name, "header_row": header.number, "copy": text.dialect},
        errors=(*others, *above, *table.errors),
    )


def _cells(names: Sequence[str], found: Mapping[str, str], source: Source) -> dict[str, str]:
    """Give the cells of all columns, in the order of the sheet, also of those without a value.

    Where only the case differs, they have been found by the names of the contract.
    """
    alike = {c.name.lower(): c.name for c in source.columns if c.name not in names}
    called = (name if name in found else alike.get(name.lower(), name) for name in names)
    return {name: found.get(name, "NULL::VARCHAR") for name in called}


def raw_records(
    con: duckdb.DuckDBPyConnection,
    framed: Path,
    dialect: Mapping[str, Any],
    wanted: NDArray[np.int64],
) -> Iterator[pa.Table]:
    """Give records, each as a JSON object of its cells."""
    return frames.raw_records(json_format.find(framed, dialect["copy"]), wanted)


def count(blob: Path, dialect: Mapping[str, Any], scratch: Path) -> int:
    """Count the rows below the header that have something in them."""
    with opened(blob, scratch) as book:
        sheet, _ = _choose(book, dialect["sheet"])
        below = (each for each in _filled(book, sheet) if each.number > dialect["header_row"])
        return sum(1 for _ in below)


def _filled(book: Workbook, sheet: Sheet) -> Iterator[Row]:
    return (each for each in rows(book, sheet) if isinstance(each, Row))


def _choose(book: Workbook, name: str | None) -> tuple[Sheet, list[FileError]]:
    """Choose the sheet to read: the one that is named, or the first that shows something."""
    if name is not None:
        for sheet in book.sheets:
            if sheet.name == name:
                return sheet, []
        known = ", ".join(sheet.name for sheet in book.sheets)
        raise Unfit("unknown-sheet", f"there is no sheet {name} in it; it has {known}")
    filled = [sheet for sheet in book.sheets if next(_filled(book, sheet), None)]
    if not filled:
        raise Unfit("empty-file", "no sheet of the workbook has anything in it")
    chosen = min(filled, key=lambda sheet: sheet.hidden)
    if len(filled) == 1:
        return chosen, []
    others = ", ".join(sheet.name for sheet in filled if sheet != chosen)
    message = (
        f"only the sheet {chosen.name} is read, and not {others}; the contract can name another: "
        "format: {type: excel, sheet: …}"
    )
    return chosen, [FileError("several-sheets", message)]


def _header(
    book: Workbook, sheet: Sheet, declared_row: int | None, declared: set[str]
) -> tuple[Row, list[FileError]]:
    """Find the row that names the columns: the one that is declared, or the likeliest."""
    if declared_row:
        for row in _filled(book, sheet):
            if row.number == declared_row:
                return row, []
            if row.number > declared_row:
                break
        message = f"row {declared_row} of {sheet.name} is empty, and should name the columns"
        raise Unfit("no-header", message)
    first = list(islice(_filled(book, sheet), SAMPLE))
    if not first:
        raise Unfit("empty-file", f"there is nothing in the sheet {sheet.name}")

    def known(row: Row) -> int:
        return len({_name(cell).lower() for cell in row.cells.values()} & declared)

    header = max(first, key=known)
    if not known(header):
        width = max(len(row.cells) for row in first) * FILLED
        header = next(row for row in first if len(row.cells) >= width)
    above = [row.number for row in first if row.number < header.number]
    if not above:
        return header, []
    message = (
        f"row {header.number} names the columns, and what stands above it in row "
        f"{', '.join(map(str, above[:5]))}{', …' if len(above) > 5 else ''} is left out"
    )
    return header, [FileError("preamble", message, line=header.number)]


def _name(cell: str) -> str:
    return " ".join(cell.split())


def _copy(book: Workbook, sheet: Sheet, header: Row, path: Path, most: int) -> Table:
    """Copy what is below the header as JSON lines."""
    names, errors = _names(header)
    remarks = _Remarks()
    line, size = 0, 0
    with path.open("wb") as copy:
        for each in rows(book, sheet):
            if isinstance(each, Merged):
                remarks.merged(each, header)
            elif each.number > header.number:
                for column in sorted(each.cells.keys() - names.keys()):
                    names[column] = _unused(f"column_{column}", names)
                    letters = column_letters(column)
                    message = f"column {letters} has no name; it is called {names[column]}"
                    errors.append(FileError("blank-header", message, line=header.number))
                remarks.uncomputed(each)
                record = {names[column]: text for column, text in each.cells.items()}
                written = "\n" * (each.number - 1 - line) + json.dumps(record, ensure_ascii=False)
                line, size = each.number, size + copy.write(f"{written}\n".encode())
                if size > most:
                    raise Unfit("decompression-bomb", f"its rows take more than {most >> 20} MB")
    return Table(tuple(names.values()), (*errors, *remarks.told()))


def _names(header: Row) -> tuple[dict[int, str], list[FileError]]:
    """Name the columns that the header names; others may turn out to hold nothing at all."""
    heads = [_name(header.cells.get(i, "")) for i in range(1, max(header.cells, default=0) + 1)]
    called, errors = name_columns(heads, line=header.number)
    names = {i: name for i, (name, head) in enumerate(zip(called, heads, strict=True), 1) if head}
    return names, [error for error in errors if error.code != "blank-header"]


def _unused(name: str, names: Mapping[int, str]) -> str:
    while name in names.values():
        name += "_"
    return name


class _Remarks:
    """What is odd about a sheet: how often, and where first."""

    def __init__(self) -> None:
        self._found: dict[str, tuple[int, str, int]] = {}

    def merged(self, cells: Merged, header: Row) -> None:
        if cells.last > header.number:
            self._count("merged-cells", cells.cells, cells.first)
        elif cells.last == header.number:
            self._count("merged-header", cells.cells, cells.first)

    def uncomputed(self, row: Row) -> None:
        if row.uncomputed:
            self._count(
                "missing-value", f"{column_letters(row.uncomputed)}{row.number}", row.number
            )

    def _count(self, code: str, where: str, line: int) -> None:
        times, first, at = self._found.get(code, (0, where, line))
        self._found[code] = times + 1, first, at

    def told(self) -> Iterator[FileError]:
        for code, (times, where, line) in self._found.items():
            message = REMARKS[code].format(times=times, where=where)
            yield FileError(code, message, line=line, incomplete=code == "missing-value")
