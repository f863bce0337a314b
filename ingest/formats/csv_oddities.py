"""CSV records that fit, and look as if they were none, or several in one."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ingest.formats.csv_dialect import Dialect, patterns
from ingest.formats.csv_kinds import VALUES, kind
from ingest.frames import BOM, Frame, positions, printable
from ingest.model import FileError

COMPARED = 8
"""Bytes of all records that are compared before any is looked at by itself."""
LOOKED_AT = 100
"""Records of a frame that are looked at more closely."""


def oddities(frame: Frame, dialect: Dialect, header: bytes) -> Iterator[FileError]:
    """Tell of the first record of each kind that is odd.

    Args:
        frame: Records of a CSV file.
        dialect: Its dialect.
        header: Its header as it stands, empty where there is none.
    """
    for repeated in (header, BOM + header) if header else ():
        if (line := _same(frame, repeated)) is not None:
            message = f"line {line} repeats the header; it is read as a record"
            yield FileError("repeated-header", message, line=line)
    if len(frame.breaks) > len(frame) and dialect.quote:
        yield from _several_in_one(frame, dialect)


def _same(frame: Frame, record: bytes) -> int | None:
    """Find the line of the first record that is the same as another."""
    octets = np.frombuffer(frame.data, np.uint8)
    alike = np.flatnonzero(frame.ends - frame.starts == len(record))
    for at in range(0, len(record), len(record) // COMPARED + 1):
        alike = alike[octets[frame.starts[alike] + at] == record[at]]
    for i in alike.tolist():
        if frame.data[frame.starts[i] : frame.ends[i]] == record:
            return _line(frame, i)
    return None


def _several_in_one(frame: Frame, dialect: Dialect) -> Iterator[FileError]:
    """Tell of a record of many lines each of which, but for the quotes, would be one as well."""
    first = np.searchsorted(frame.breaks, frame.starts)
    last = np.searchsorted(frame.breaks, frame.ends)
    delimiters = positions(frame.data, dialect.delimiter.encode()[-1])
    until = np.searchsorted(delimiters, np.append(frame.breaks, len(frame.data)))
    others = np.cumsum(np.diff(until, prepend=0) != dialect.width - 1)
    before = np.where(first > 0, others[first - 1], 0)
    exact = patterns(dialect, dialect.width).record
    for i in np.flatnonzero((last > first) & (others[last] == before))[:LOOKED_AT].tolist():
        record = frame.data[frame.starts[i] : frame.ends[i]]
        if exact.fullmatch(record) and _are_alike(printable(record), dialect):
            line, lines = _line(frame, i), int(last[i] - first[i]) + 1
            message = (
                f"a quote that opens on line {line} closes on line {line + lines - 1}, "
                f"so that {lines} lines that look like records are read as one"
            )
            yield FileError("records-in-quotes", message, line, int(frame.starts[i]) + frame.offset)
            return


def _are_alike(record: str, dialect: Dialect) -> bool:
    """Whether the lines of a record have the same kinds of values in the same places."""
    around = f" {dialect.quote}"
    lines = [line.split(dialect.delimiter) for line in record.splitlines()]
    columns = zip(*lines, strict=False)
    kinds = [{kind(cell.strip(around)) for cell in column} - {""} for column in columns]
    telling = len(lines) > 2 or any(VALUES & found for found in kinds)
    return telling and all(len(found) <= 1 for found in kinds)


def _line(frame: Frame, i: int) -> int:
    return frame.line + int(np.searchsorted(frame.breaks, frame.starts[i]))
