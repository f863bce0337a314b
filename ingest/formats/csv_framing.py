"""CSV records: where they stand in a file.

`frames` is fast and trusts quotes only where they can be trusted: when every opening quote
of a stretch follows a delimiter or a line ending, and every closing one is followed by one,
counting quotes tells inside from outside. Any other stretch is read by the exact pattern.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ingest.formats.csv_dialect import LINE, Dialect, Patterns, count_lines, patterns
from ingest.frames import CHUNK, LONGEST_RECORD, NEWLINE, RETURN, Frame, bom, chunks, positions

Offsets = NDArray[np.int64]

ENDING = re.compile(rb"\r\n|\n|\r")
HEADER = 1 << 14
"""Bytes that most headers fit into."""


def frames(blob: Path, dialect: Dialect) -> Iterator[Frame]:
    """Find the records of a CSV file; its header and its blank lines are none.

    Args:
        blob: The file.
        dialect: Its dialect.
    """
    newline = RETURN if dialect.newline == "\r" else NEWLINE
    _, offset, line = body(blob, dialect)
    pending, wanted = b"", 0
    for chunk in chain(chunks(blob, offset), [b""]):
        data = pending + chunk
        if chunk and len(data) < wanted:
            pending = data
            continue
        breaks = positions(data, newline)
        starts, ends, used = _split(data, breaks, dialect, final=not chunk)
        if not used and len(data) >= LONGEST_RECORD:
            starts, ends, used = np.zeros(1, np.int64), np.array([len(data)]), len(data)
        wanted = 0 if used else more(data)
        data, pending = data[:used], data[used:]
        if dialect.width != 1:
            filled = ends > starts
            starts, ends = starts[filled], ends[filled]
        breaks = breaks[: np.searchsorted(breaks, used)]
        yield Frame(data, offset, line, starts, ends, breaks)
        line += len(breaks)
        offset += used


def more(data: bytes) -> int:
    """Bytes to have before data, in which no record ends, are looked at again."""
    return min(2 * len(data), LONGEST_RECORD)


def body(blob: Path, dialect: Dialect) -> tuple[bytes, int, int]:
    """Find the header, and what follows it.

    Args:
        blob: The file.
        dialect: Its dialect.

    Returns:
        The header as it stands, empty where there is none; byte and line that come after it.
    """
    start, line = beginning(blob, dialect.skip), dialect.skip + 1
    if not dialect.header:
        return b"", start, line
    exact = patterns(dialect)
    with blob.open("rb") as file:
        file.seek(start)
        data, size = b"", HEADER
        while piece := file.read(size):
            data, size = data + piece, 2 * size
            at = len(data) - len(data.lstrip(b"\r\n"))
            record = exact.record.match(data, at)
            if record and record.end() < len(data):
                break
            if not still_open(exact, data, at):
                break
    at = len(data) - len(data.lstrip(b"\r\n"))
    found = exact.record.match(data, at) or LINE.match(data, at)
    assert found
    return found.group(1), start + found.end(), line + count_lines(data[: found.end()])


def beginning(blob: Path, skip: int) -> int:
    """Byte that comes after the byte order mark and so many lines."""
    at, left = bom(blob), skip
    if not left:
        return at
    with blob.open("rb") as file:
        file.seek(at)
        while left and (piece := file.read(CHUNK)):
            if piece.endswith(b"\r"):
                piece += file.read(1)
            ends = [ending.end() for ending in islice(ENDING.finditer(piece), left)]
            left -= len(ends)
            at += len(piece) if left else ends[-1]
    return at


def still_open(exact: Patterns, data: bytes, at: int) -> bool:
    """Whether the end of the record that begins here may still come."""
    if len(data) - at >= LONGEST_RECORD:
        return False
    line = LINE.match(data, at)
    return exact.unfinished.match(data, at) is not None or (
        line is not None and line.end() == len(data)
    )


def _split(
    data: bytes, breaks: Offsets, dialect: Dialect, final: bool
) -> tuple[Offsets, Offsets, int]:
    """Find the records that end within data: their starts, their ends, and the bytes used."""
    if dialect.quote and dialect.quote.encode() in data:
        outside = outside_quotes(data, breaks, dialect)
        if outside is None:
            return _split_exactly(data, dialect, final)
        breaks = outside
    return between(data, breaks, final, returns=dialect.newline != "\r")


def between(
    data: bytes, breaks: Offsets, final: bool, returns: bool
) -> tuple[Offsets, Offsets, int]:
    """Give what stands between line breaks: starts, ends, and the bytes used.

    Args:
        data: A stretch of the file that begins with a record.
        breaks: Where the records end.
        final: Whether the file ends with the stretch.
        returns: Whether a carriage return before a line break belongs to it.
    """
    starts = np.concatenate([np.zeros(1, np.int64), breaks + 1])
    if final and starts[-1] < len(data):
        ends, used = np.append(breaks, len(data)), len(data)
    else:
        starts, ends, used = starts[:-1], breaks, int(starts[-1])
    if returns and len(ends):
        octets = np.frombuffer(data, np.uint8)
        ends = ends - ((ends > starts) & (octets[ends - 1] == RETURN))
    return starts, ends, used


def outside_quotes(data: bytes, places: Offsets, dialect: Dialect) -> Offsets | None:
    """Keep the places outside quotes; None where the quotes cannot be trusted."""
    if dialect.escape != dialect.quote and (not dialect.escape or dialect.escape.encode() in data):
        return None
    octets = np.frombuffer(data, np.uint8)
    delimiter = dialect.delimiter.encode()
    quote = dialect.quote.encode()[0]
    quotes = np.flatnonzero(octets == quote)
    opening, closing = quotes[0::2], quotes[1::2]
    before = octets[opening[opening > 0] - 1]
    after = octets[closing[closing < len(data) - 1] + 1]
    if not (
        np.isin(before, [delimiter[-1], NEWLINE, RETURN, quote]).all()
        and np.isin(after, [delimiter[0], NEWLINE, RETURN, quote]).all()
    ):
        return None
    outside: Offsets = places[np.searchsorted(quotes, places) % 2 == 0]
    return outside


def _split_exactly(data: bytes, dialect: Dialect, final: bool) -> tuple[Offsets, Offsets, int]:
    exact, at = patterns(dialect), 0
    starts, ends = [], []
    while at < len(data):
        record = exact.record.match(data, at)
        if (
            not final
            and (record is None or record.end() == len(data))
            and still_open(exact, data, at)
        ):
            break
        record = record or LINE.match(data, at)
        assert record
        starts.append(record.start(1))
        ends.append(record.end(1))
        at = record.end()
    return np.array(starts, np.int64), np.array(ends, np.int64), at
