"""Excel workbooks: their sheets, row by row, in bounded memory.

What is read is streamed, and the texts that the cells of all sheets share are kept in a file: so
neither a sheet of a million rows takes memory nor one that claims to have sixteen thousand million
cells. Libraries were tried: they round numbers to nine places, or make nothing of an error, or die
of a sheet with one cell in its last corner.
"""

from __future__ import annotations

import mmap
import tempfile
from array import array
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import IO, NamedTuple

from ingest.formats.excel_cells import BUILTIN, Kind, kind, moment, number, unescape
from ingest.formats.excel_package import (
    Attributes,
    Package,
    Unfit,
    damage_told,
    elements,
    local,
    parse,
    related,
)
from ingest.formats.excel_package import opened as opened_package
from ingest.frames import LONGEST_RECORD

LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
LONGEST_CELL = 1 << 20
"""Characters; Excel itself has 32 767."""


class Sheet(NamedTuple):
    """A sheet of a workbook."""

    name: str
    part: str
    hidden: bool


class Row(NamedTuple):
    """A row with something in it."""

    number: int
    """From 1."""
    cells: dict[int, str]
    """The texts of the cells that are not empty, by their columns from 1."""
    uncomputed: int | None
    """The first column with a formula whose value was not stored."""


class Merged(NamedTuple):
    """A stretch of cells that are shown as one, of which only the first has a value."""

    cells: str
    """As Excel calls them: `B1:D1`."""
    first: int
    """Row."""
    last: int


@dataclass(frozen=True)
class Workbook:
    """A workbook, open."""

    package: Package
    sheets: tuple[Sheet, ...]
    texts: Callable[[int], str]
    """Gives a text that cells share, by its place among them."""
    kinds: Mapping[str | None, Kind]
    """What a number stands for besides itself, by the style of its cell."""
    from_1904: bool


@contextmanager
def opened(blob: Path, scratch: Path | None = None) -> Iterator[Workbook]:
    """Open a workbook for the length of a block.

    Args:
        blob: The file.
        scratch: Directory for what does not fit into memory; without it, the system's.

    Raises:
        Unfit: It is none, or none that can be read.
    """
    with opened_package(blob) as package, tempfile.TemporaryFile(dir=scratch) as kept:
        with damage_told():
            main = next(iter(related(package, "", "officeDocument").values()), "")
            if not main.endswith(".xml"):
                message = "it is no .xlsx workbook; open it in Excel and save it as .xlsx"
                raise Unfit("not-excel", message)
            sheets, from_1904 = _sheets(package, main)
            texts, kinds = _texts(package, main, kept), _kinds(package, main)
        yield Workbook(package, sheets, texts, kinds, from_1904)


def rows(book: Workbook, sheet: Sheet) -> Iterator[Row | Merged]:
    """Give the rows of a sheet that have something in them, in order, and then the merged cells.

    Raises:
        Unfit: The sheet is damaged.
    """
    with damage_told():
        reading = _Reading(book)
        for _ in parse(book.package, sheet.part, reading.start, reading.end, reading.chars):
            yield from reading.found
            reading.found.clear()


def _sheets(package: Package, main: str) -> tuple[tuple[Sheet, ...], bool]:
    worksheets, sheets, from_1904 = related(package, main, "worksheet"), [], False
    for element, given in elements(package, main):
        if element == "workbookPr":
            from_1904 = given.get("date1904") in ("1", "true")
        elif element == "sheet":
            reference = next((v for k, v in given.items() if k.endswith(":id")), "")
            if reference in worksheets:
                hidden = given.get("state", "visible") != "visible"
                sheets.append(Sheet(given["name"], worksheets[reference], hidden))
    return tuple(sheets), from_1904


def _kinds(package: Package, main: str) -> dict[str | None, Kind]:
    formats: dict[int, Kind | None] = dict(BUILTIN)
    kinds: dict[str | None, Kind] = {}
    within, style = "", 0
    for part in related(package, main, "styles").values():
        for element, given in elements(package, part):
            if element == "numFmt":
                formats[int(given["numFmtId"])] = kind(given["formatCode"])
            elif element in ("cellXfs", "cellStyleXfs"):
                within = element
            elif element == "xf" and within == "cellXfs":
                if found := formats.get(int(given.get("numFmtId", 0))):
                    kinds[str(style)] = found
                style += 1
    return kinds


def _texts(package: Package, main: str, kept: IO[bytes]) -> Callable[[int], str]:
    """Write the texts that cells share into a file, and give what finds them again there."""
    offsets, reading = array("Q", [0]), _Text()

    def end(name: str) -> None:
        reading.end(name)
        if local(name) == "si":
            offsets.append(offsets[-1] + kept.write(unescape(reading.text).encode()))
            reading.text = ""

    for part in related(package, main, "sharedStrings").values():
        for _ in parse(package, part, reading.start, end, reading.chars):
            pass
    kept.write(b"\n")  # no empty file can be mapped
    kept.flush()
    data = mmap.mmap(kept.fileno(), 0, access=mmap.ACCESS_READ)
    return lambda index: data[offsets[index] : offsets[index + 1]].decode()


class _Text:
    """The text within an element, in one piece or several, without how it is pronounced."""

    def __init__(self) -> None:
        self.text = ""
        self._open = self._aside = False

    def start(self, name: str, given: Attributes) -> None:
        name = local(name)
        self._open = name == "t" and not self._aside
        self._aside |= name == "rPh"

    def end(self, name: str) -> None:
        self._open = False
        self._aside &= local(name) != "rPh"

    def chars(self, text: str) -> None:
        if self._open:
            self.text += text
            if len(self.text) > LONGEST_CELL:
                raise ValueError(f"a cell has more than {LONGEST_CELL} characters")


class _Reading(_Text):
    """The rows of a sheet, as its elements begin and end."""

    def __init__(self, book: Workbook) -> None:
        super().__init__()
        self.found: list[Row | Merged] = []
        self._book = book
        self._row, self._column = 0, 0
        self._cells: dict[int, str] = {}
        self._length = 0
        self._uncomputed: int | None = None
        self._cell: Attributes = {}
        self._formula = False

    def start(self, name: str, given: Attributes) -> None:
        name = local(name)
        if name == "v":
            self._open = True
        elif name == "c":
            letters = given.get("r", "").rstrip("0123456789")
            self._column = column_number(letters) if letters else self._column + 1
            if self._column > LAST_COLUMN:
                raise ValueError(f"row {self._row} has more than {LAST_COLUMN} cells")
            self._cell, self._formula, self.text = given, False, ""
        elif name == "f":
            self._formula = True
        elif name == "row":
            number = int(given.get("r", self._row + 1))
            if not self._row < number <= LAST_ROW:
                raise ValueError(f"row {number} follows row {self._row}")
            self._row, self._column = number, 0
        elif name == "mergeCell":
            self.found.append(_merged(given["ref"]))
        else:
            super().start(name, given)

    def end(self, name: str) -> None:
        name = local(name)
        if name == "v":
            self._open = False
        elif name == "c":
            if self.text and (value := self._value(self.text)):
                if self._column in self._cells:
                    raise ValueError(f"row {self._row} has two cells for one column")
                self._cells[self._column] = value
                self._length += len(value)
                if self._length > LONGEST_RECORD:
                    raise ValueError(f"row {self._row} has more than {LONGEST_RECORD >> 20} MB")
            elif self._formula and not self.text and self._cell.get("t") != "str":
                self._uncomputed = self._uncomputed or self._column
        elif name == "row":
            if self._cells or self._uncomputed:
                self.found.append(Row(self._row, self._cells, self._uncomputed))
                self._cells, self._uncomputed, self._length = {}, None, 0
        else:
            super().end(name)

    def _value(self, text: str) -> str:
        type = self._cell.get("t", "n")
        if type == "s":
            return self._book.texts(int(text))
        if type == "n":
            kind = self._book.kinds.get(self._cell.get("s"))
            return moment(text, kind, self._book.from_1904) if kind else number(text)
        if type == "b":
            return "true" if text == "1" else "false"
        return unescape(text)


@lru_cache(maxsize=1 << 15)
def column_number(letters: str) -> int:
    """Tell which column letters stand for: 28 for AB."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    if not 0 < number <= LAST_COLUMN:
        raise ValueError(f"there is no column {letters}")
    return number


def column_letters(number: int) -> str:
    """Name a column as Excel does: AB for 28."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _merged(cells: str) -> Merged:
    rows = [int(corner.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")) for corner in cells.split(":")]
    return Merged(cells, min(rows), max(rows))
