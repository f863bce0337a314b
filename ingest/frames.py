"""Where records stand in a blob: found with numpy, handed on as Arrow, never looped over.

A frame is a stretch of a blob that holds whole records, with the byte at which each begins
and ends. Formats make frames; what reads them gets back any record as it came: its raw
text, its line and its byte. That is also the count that does not depend on DuckDB's reader.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

CHUNK = 1 << 20
"""Bytes read at once: as many as a core's cache holds, which is twice as fast as more."""
TABLE = 16 << 20
"""Bytes of raw records handed on at once."""
NEWLINE, RETURN = 10, 13
LONGEST_RECORD = 16 << 20
"""Bytes; what is longer comes in pieces, so that memory is bounded and nobody waits for its end."""

BOM = b"\xef\xbb\xbf"
NOT_UTF8 = "is not UTF-8"
"""What is said of a byte that is no text."""
UNDECODED = b"\xff\xc0\xff"
"""Stands in a copy behind what did not decode: it is invalid, whatever comes before and after."""

RAW_RECORDS = pa.schema(
    [
        ("_record_no", pa.int64()),
        ("line", pa.int64()),
        ("byte", pa.int64()),
        ("raw", pa.large_string()),
    ]
)


@dataclass(frozen=True)
class Frame:
    """A stretch of a blob that holds whole records."""

    data: bytes
    offset: int
    """Byte of the blob at which `data` begins."""
    line: int
    """Physical line of the blob at which `data` begins, from 1."""
    starts: NDArray[np.int64]
    """Byte of `data` at which each record begins."""
    ends: NDArray[np.int64]
    """Byte of `data` at which each record ends, its line ending not included."""
    breaks: NDArray[np.int64]
    """Byte of `data` at which each physical line ends."""

    def __len__(self) -> int:
        return len(self.starts)


def chunks(blob: Path, start: int = 0, size: int = CHUNK) -> Iterator[bytes]:
    """Read a blob piece by piece, from a byte on."""
    with blob.open("rb") as file:
        file.seek(start)
        while data := file.read(size):
            yield data


def bom(blob: Path) -> int:
    """Length of the byte order mark at the beginning of a file, which some programs write twice."""
    with blob.open("rb") as file:
        head = file.read(2 * len(BOM))
    return len(BOM) * (head.startswith(BOM) + (head == 2 * BOM))


def positions(data: bytes, byte: int) -> NDArray[np.int64]:
    """Where a byte occurs in data."""
    return np.flatnonzero(np.frombuffer(data, np.uint8) == byte).astype(np.int64, copy=False)


def count(frames: Iterator[Frame]) -> int:
    """How many records the frames hold."""
    return sum(map(len, frames))


def raw_records(frames: Iterator[Frame], wanted: NDArray[np.int64]) -> Iterator[pa.Table]:
    """Cut records out of a blob as they came.

    Args:
        frames: All frames of the blob, in order.
        wanted: Ascending record numbers, from 1.

    Yields:
        Tables of `RAW_RECORDS`, of some `TABLE` bytes each: a row for each wanted record.
    """
    some: list[pa.RecordBatch] = []
    size = 0
    for batch in _cut(frames, wanted):
        some.append(batch)
        size += batch.nbytes
        if size > TABLE:
            yield pa.Table.from_batches(some)
            some, size = [], 0
    yield pa.Table.from_batches(some, RAW_RECORDS)


def _cut(frames: Iterator[Frame], wanted: NDArray[np.int64]) -> Iterator[pa.RecordBatch]:
    first = 1
    for frame in frames:
        low, high = np.searchsorted(wanted, [first, first + len(frame)])
        if low < high:
            yield _batch(frame, first, wanted[low:high] - first)
        if high == len(wanted):
            return
        first += len(frame)


def _batch(frame: Frame, first: int, at: NDArray[np.int64]) -> pa.RecordBatch:
    """Give the records of a frame that stand `at` (from 0); its first has the number `first`."""
    starts, ends = frame.starts[at], frame.ends[at]
    return pa.record_batch(
        [
            pa.array(at + first),
            pa.array(np.searchsorted(frame.breaks, starts) + frame.line),
            pa.array(starts + frame.offset),
            _texts(frame.data, starts, ends),
        ],
        schema=RAW_RECORDS,
    )


def _texts(data: bytes, starts: NDArray[np.int64], ends: NDArray[np.int64]) -> pa.Array:
    """Cut texts out of data; bytes that are not UTF-8 are written as escapes."""
    if is_utf8(data):
        # Between two wanted records lies what is not wanted: cut it all, then take every other.
        offsets = np.column_stack([starts, ends]).ravel()
        offsets = np.append(offsets, ends[-1:]) if len(ends) else np.zeros(1, np.int64)
        pieces = pa.LargeStringArray.from_buffers(
            len(offsets) - 1, pa.py_buffer(offsets), pa.py_buffer(data)
        )
        return pieces.take(pa.array(np.arange(0, len(offsets) - 1, 2)))
    return pa.array(
        [printable(data[a:b]) for a, b in zip(starts, ends, strict=True)],
        pa.large_string(),
    )


def printable(data: bytes) -> str:
    """Give bytes as text; those that are not UTF-8 are written as escapes."""
    return data.replace(UNDECODED, b"").decode("utf-8", "backslashreplace")


def is_utf8(data: bytes) -> bool:
    """Whether bytes are text in UTF-8."""
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
