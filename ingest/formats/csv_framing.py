"""CSV records: where they stand in a file.

`frames` is fast and trusts quotes only where they can be trusted: when every opening quote
of a stretch follows a delimiter or a line ending, and every closing one is followed by one,
counting quotes tells inside from outside. Any other stretch is read by the exact pattern.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ingest.frames import (
    LONGEST_RECORD,
    NEWLINE,
    RETURN,
    Frame,
    bom,
    chunks,
    positions,
)

Offsets = NDArray[np.int64]


@dataclass(frozen=True)
class Dialect:
    """How a CSV file separates its records and fields."""

    delimiter: str = ","
    quote: str = '"'
    escape: str = '"'
    newline: str = "\n"
    header: bool = True
    skip: int = 0
    single: bool = False
    """Whether a record has one field: a blank line is then an empty record."""


@dataclass(frozen=True)
class Patterns:
    """A record of so many fields, as regular expressions over bytes."""

    field: re.Pattern[bytes]
    """One field, or as much of it as is in place."""
    record: re.Pattern[bytes]
    """One record and its line ending; group 1 is the record alone."""
    run: re.Pattern[bytes]
    """As many ended records as stand in a row, and the blank lines among them."""
    unfinished: re.Pattern[bytes]
    """The beginning of a record whose end may still come."""


LINE = re.compile(rb"([^\r\n]*+)(?:\r\n|\n|\r|\Z)")


@lru_cache(maxsize=16)
def patterns(dialect: Dialect, width: int | None) -> Patterns:
    """Compile the patterns for records of `width` fields, or of any number of them."""
    delimiter = re.escape(dialect.delimiter.encode())
    quote = re.escape(dialect.quote.encode())
    plain = rb"[^%b\r\n\0]" % delimiter
    if len(dialect.delimiter.encode()) > 1:
        plain = rb"(?:(?!%b)[^\r\n\0])" % delimiter
    field, begun = rb"%b*+" % plain, rb"%b*+\Z" % plain
    if quote:
        escape = re.escape(dialect.escape.encode())
        inside = rb"%b(?:[^%b\0]++|%b%b)*+" % (quote, quote, quote, quote)
        if dialect.escape not in ("", dialect.quote):
            inside = rb"%b(?:[^%b%b\0]++|%b[^\0])*+" % (quote, quote, escape, escape)
        bare = rb"(?!%b)%b++" % (quote, plain)
        pad = b"" if dialect.delimiter[0] == " " else b" *+"
        field = rb"%b(?:%b%b%b|%b)?+" % (pad, inside, quote, pad, bare)
        begun = rb"%b(?:%b(?:%b%b)?+|%b)?+\Z" % (pad, inside, quote, pad, bare)
    others = b"*+" if width is None else b"{%d}+" % (width - 1)
    record = rb"%b(?:%b%b)%b" % (field, delimiter, field, others)
    return Patterns(
        field=re.compile(field),
        record=re.compile(rb"(%b)(?:\r\n|\n|\r|\Z)" % record),
        run=re.compile(rb"(?:%b(?:\r\n|\n|\r)|\r\n|\n|\r)++" % record),
        unfinished=re.compile(rb"(?:%b%b)*+%b" % (field, delimiter, begun)),
    )


def frames(blob: Path, dialect: Dialect) -> Iterator[Frame]:
    """Find the records of a CSV file; its header and its blank lines are none.

    Args:
        blob: The file.
        dialect: Its dialect.
    """
    newline = RETURN if dialect.newline == "\r" else NEWLINE
    pending, offset, line = b"", beginning(blob, dialect), dialect.skip + 1
    header = dialect.header
    for chunk in chain(chunks(blob, offset), [b""]):
        data = pending + chunk
        breaks = positions(data, newline)
        starts, ends, used = _split(data, breaks, dialect, final=not chunk)
        if not used and len(data) >= LONGEST_RECORD:
            starts, ends, used = np.zeros(1, np.int64), np.array([len(data)]), len(data)
        data, pending = data[:used], data[used:]
        filled = np.flatnonzero(ends > starts)
        if header and len(filled):
            starts, ends, header = starts[filled[0] + 1 :], ends[filled[0] + 1 :], False
            filled = np.flatnonzero(ends > starts)
        if not dialect.single:
            starts, ends = starts[filled], ends[filled]
        breaks = breaks[: np.searchsorted(breaks, used)]
        yield Frame(data, offset, line, starts, ends, breaks)
        line += len(breaks)
        offset += used


def still_open(exact: Patterns, data: bytes, at: int) -> bool:
    """Whether the end of the record that begins here may still come."""
    if len(data) - at >= LONGEST_RECORD:
        return False
    line = LINE.match(data, at)
    return exact.unfinished.match(data, at) is not None or (
        line is not None and line.end() == len(data)
    )


def printable(data: bytes) -> str:
    """Give bytes as text: those that are not UTF-8 are written as escapes."""
    return data.decode("utf-8", "backslashreplace")


def fields(record: bytes, dialect: Dialect) -> list[str]:
    """Split a record into the texts of its fields; what is out of place stays with its field."""
    delimiter, found, at = dialect.delimiter.encode(), [], 0
    while True:
        begun = patterns(dialect, None).field.match(record, at)
        assert begun  # it may be empty
        end = record.find(delimiter, begun.end())
        end = len(record) if end < 0 else end
        found.append(_unquoted(printable(record[at:end]), dialect))
        if end == len(record):
            return found
        at = end + len(delimiter)


def _unquoted(text: str, dialect: Dialect) -> str:
    bare = text.strip(" ")
    if not dialect.quote or not bare.startswith(dialect.quote):
        return text
    inner = bare[1:].removesuffix(dialect.quote)
    return inner.replace((dialect.escape or dialect.quote) + dialect.quote, dialect.quote)


def beginning(blob: Path, dialect: Dialect) -> int:
    """Byte at which the header begins, or the first record where there is none."""
    start = bom(blob)
    with blob.open("rb") as file:
        file.seek(start)
        for _ in range(dialect.skip):
            start += len(file.readline())
    return start


def count_lines(data: bytes) -> int:
    """How many physical lines end within data, however they end."""
    return data.count(b"\n") + data.count(b"\r") - data.count(b"\r\n")


def _split(
    data: bytes, breaks: Offsets, dialect: Dialect, final: bool
) -> tuple[Offsets, Offsets, int]:
    """Find the records that end within data: their starts, their ends, and the bytes used."""
    if dialect.quote and dialect.quote.encode() in data:
        if dialect.escape not in ("", dialect.quote) and dialect.escape.encode() in data:
            return _split_exactly(data, dialect, final)
        outside = _outside(data, breaks, dialect)
        if outside is None:
            return _split_exactly(data, dialect, final)
        breaks = outside
    starts = np.concatenate([np.zeros(1, np.int64), breaks + 1])
    if final and starts[-1] < len(data):
        ends, used = np.append(breaks, len(data)), len(data)
    else:
        starts, ends, used = starts[:-1], breaks, int(starts[-1])
    if dialect.newline != "\r" and len(ends):
        octets = np.frombuffer(data, np.uint8)
        ends = ends - ((ends > starts) & (octets[ends - 1] == RETURN))
    return starts, ends, used


def _outside(data: bytes, breaks: Offsets, dialect: Dialect) -> Offsets | None:
    """Keep the line breaks outside quotes; None where the quotes cannot be trusted."""
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
    outside: Offsets = breaks[np.searchsorted(quotes, breaks) % 2 == 0]
    return outside


def _split_exactly(data: bytes, dialect: Dialect, final: bool) -> tuple[Offsets, Offsets, int]:
    exact, at = patterns(dialect, None), 0
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
