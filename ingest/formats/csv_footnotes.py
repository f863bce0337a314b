"""What stands at the end of a CSV file besides its records: notes, totals, half a record."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import takewhile
from pathlib import Path

from ingest.formats.csv_dialect import Dialect, fields
from ingest.formats.csv_kinds import VALUES, kind
from ingest.frames import printable
from ingest.model import FileError
from ingest.rejects import Reject

TAIL = 1 << 12
"""Bytes at the end of a file that are looked at."""
MOST_NOTES = 30
"""What goes on for longer are records of another kind, and no notes."""
_SUM = r"(?:grand |sub[ -]?)?(?:totals?|sum|summe|gesamt(?:summe)?|insgesamt|somme|totale|suma)"
_TOTAL = re.compile(rf"{_SUM}(?![^\W_])", re.IGNORECASE)
_NOTE = re.compile(
    rf"(?:{_SUM}|records?|rows?|count|end|eof|trailer|source|notes?)(?![^\W_])", re.IGNORECASE
)


def below_table(blob: Path, dialect: Dialect, last_first: Sequence[Reject]) -> Iterator[FileError]:
    """Tell what the rejects at the end of a file are, if they are no records.

    Args:
        blob: The file.
        dialect: Its dialect.
        last_first: Its rejects, from the end of the file on.
    """
    misfits = _at_the_end(blob, last_first)
    if not misfits:
        return
    last = misfits[0]
    if _is_part(last.raw, dialect) and not _tail(blob).endswith((b"\n", b"\r")):
        message = f"line {last.line}, the last one, is no whole record: the file may be cut off"
        yield FileError("cut-off", message, last.line, last.byte, incomplete=True)
        return
    notes = list(takewhile(lambda each: _is_short(each.raw, dialect), misfits))
    if 0 < len(notes) <= MOST_NOTES and any(_is_wordy(note.raw) for note in notes):
        first = notes[-1]
        lines = "last line is a note" if len(notes) == 1 else f"last {len(notes)} lines are notes"
        message = f"the {lines} below the table: {first.raw[:60]!r}"
        yield FileError("footnote", message, first.line, first.byte)


def _at_the_end(blob: Path, last_first: Sequence[Reject]) -> list[Reject]:
    """Keep the rejects that nothing but blank lines comes after."""
    found, end = [], blob.stat().st_size
    with blob.open("rb") as file:
        for reject in last_first:
            assert reject.byte is not None  # it stands in a file
            file.seek(reject.byte)
            rest = file.read(min(end - reject.byte, len(reject.raw.encode()) + TAIL))
            if file.tell() != end or printable(rest).rstrip("\r\n") != reject.raw:
                break
            found.append(reject)
            end = reject.byte
    return found


def _is_part(raw: str, dialect: Dialect) -> bool:
    """Whether a line is rather half a record than a note."""
    marks = filter(None, (dialect.delimiter, dialect.quote))
    half = any(mark in raw for mark in marks) or kind(raw.strip()) in VALUES
    return half and not _NOTE.match(raw)


def _is_short(raw: str, dialect: Dialect) -> bool:
    """Whether a line has fewer fields than a record by far."""
    filled = sum(map(bool, map(str.strip, fields(raw.encode(), dialect))))
    return dialect.width > 1 and filled <= max(1, dialect.width // 2)


def _is_wordy(raw: str) -> bool:
    return " " in raw.strip() or _NOTE.match(raw) is not None


def total(blob: Path, dialect: Dialect) -> Iterator[FileError]:
    """Tell whether the last record looks like a total of those above it.

    Args:
        blob: The file.
        dialect: Its dialect.
    """
    line = next(reversed(_tail(blob).splitlines()), b"")
    cells = fields(line, dialect)
    named = next(filter(None, map(str.strip, cells)), "")
    if len(cells) == dialect.width > 1 and _TOTAL.match(named):
        message = f"the last record looks like a total, and is taken as a record: {named[:60]!r}"
        yield FileError("total-row", message)


def _tail(blob: Path) -> bytes:
    with blob.open("rb") as file:
        file.seek(max(blob.stat().st_size - TAIL, 0))
        return file.read()
