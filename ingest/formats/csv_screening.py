"""CSV records that do not fit: found by the exact pattern, and kept from DuckDB's reader."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from ingest.formats.csv_dialect import LINE, Dialect, patterns, split
from ingest.formats.csv_framing import between, body, more, outside_quotes, still_open
from ingest.frames import (
    LONGEST_RECORD,
    NEWLINE,
    RETURN,
    Frame,
    chunks,
    is_utf8,
    positions,
    printable,
)
from ingest.rejects import Reject

csv.field_size_limit(LONGEST_RECORD)

Offsets = NDArray[np.int64]
Split = tuple[Offsets, Offsets, NDArray[np.bool_], int]
"""Where the records of a stretch start and end, which of them do not fit, and the bytes used."""


def screen(blob: Path, dialect: Dialect, copy: BinaryIO, placeholder: str) -> Iterator[Reject]:
    """Copy a CSV file, putting a placeholder in the place of whatever does not fit.

    The copy has a line for each record, all ended alike, and nothing above them but a header.

    Args:
        blob: The file.
        dialect: Its dialect.
        copy: Where the copy is written.
        placeholder: What stands first in a placeholder's first field, before its number.

    Yields:
        The rejects, in order, numbered as their placeholders are, from 0.
    """
    newline, delimiter = dialect.newline.encode(), dialect.delimiter.encode()
    number = 0
    copy.write(b"header" + newline)
    for frame, misfits in fitted(blob, dialect):
        records = [
            frame.data[start:end]
            for start, end in zip(frame.starts.tolist(), frame.ends.tolist(), strict=True)
        ]
        if _is_padded(frame.data, dialect):
            records = [_without_padding(record, dialect) for record in records]
        at = np.flatnonzero(misfits)
        lines = np.searchsorted(frame.breaks, frame.starts[at]) + frame.line
        bytes_ = frame.starts[at] + frame.offset
        for i, line, byte in zip(at.tolist(), lines.tolist(), bytes_.tolist(), strict=True):
            raw = frame.data[frame.starts[i] : frame.ends[i]]
            yield Reject(number, line, byte, printable(raw), reason(raw, dialect))
            records[i] = f"{placeholder}{number}".encode() + delimiter * (dialect.width - 1)
            number += 1
        copy.writelines(record + newline for record in records)


def fitted(blob: Path, dialect: Dialect) -> Iterator[tuple[Frame, NDArray[np.bool_]]]:
    """Find the records of a CSV file, and which of them do not fit.

    What is no record at all is given up at the end of its line, so that one bad quote costs one
    line and never its neighbours. So is a record of other than `width` fields within which a
    line fits; any other is given up whole.

    Args:
        blob: The file.
        dialect: Its dialect.
    """
    _, offset, line = body(blob, dialect)
    pending, wanted = b"", 0
    for chunk in chain(chunks(blob, offset), [b""]):
        data, held = pending + chunk, b""
        if chunk and len(data) < wanted:
            pending = data
            continue
        if chunk and data.endswith(b"\r"):  # a line feed may follow, which is of the same ending
            data, held = data[:-1], b"\r"
        breaks = _line_ends(data)
        starts, ends, misfits, used = _at_once(data, breaks, dialect, not chunk) or _one_by_one(
            data, dialect, not chunk
        )
        breaks = breaks[: np.searchsorted(breaks, used)]
        yield Frame(data[:used], offset, line, starts, ends, breaks), misfits
        line += len(breaks)
        offset += used
        wanted = 0 if used else more(data)
        pending = data[used:] + held


def _line_ends(data: bytes) -> Offsets:
    """Where the lines end, whichever way they do."""
    ends = positions(data, NEWLINE)
    if b"\r" not in data:
        return ends
    returns = positions(data, RETURN)
    octets = np.frombuffer(data + b"\0", np.uint8)
    alone = returns[octets[returns + 1] != NEWLINE]
    return np.sort(np.concatenate([ends, alone]))


def _at_once(data: bytes, breaks: Offsets, dialect: Dialect, final: bool) -> Split | None:
    """Count the fields of all records; None where quotes or line breaks make it uncertain."""
    delimiter = dialect.delimiter.encode()
    if len(delimiter) > 1:
        return None
    apart, outside = positions(data, delimiter[0]), breaks
    if dialect.quote and dialect.quote.encode() in data:
        trusted = outside_quotes(data, breaks, dialect)
        between_fields = outside_quotes(data, apart, dialect)
        if trusted is None or between_fields is None:
            return None
        outside, apart = trusted, between_fields
    starts, ends, used = between(data, outside, final, returns=True)
    if not used or (final and dialect.quote and data.count(dialect.quote.encode()) % 2):
        return None
    if dialect.width != 1:
        filled = ends > starts
        starts, ends = starts[filled], ends[filled]
    misfits = _within(apart, starts, ends) != dialect.width - 1
    if (_within(breaks, starts, ends)[misfits] > 0).any():
        return None
    misfits |= ends - starts >= LONGEST_RECORD
    if b"\0" in data:
        misfits |= _within(positions(data, 0), starts, ends) > 0
    if not is_utf8(data[:used]):
        spans = zip(starts.tolist(), ends.tolist(), strict=True)
        misfits |= [not is_utf8(data[start:end]) for start, end in spans]
    return starts, ends, misfits, used


def _within(places: Offsets, starts: Offsets, ends: Offsets) -> Offsets:
    """Count the places within each span."""
    counts: Offsets = np.searchsorted(places, ends) - np.searchsorted(places, starts)
    return counts


def _one_by_one(data: bytes, dialect: Dialect, final: bool) -> Split:
    """Hold each record against the exact pattern."""
    exact = patterns(dialect, dialect.width)
    starts, ends, misfits, at = [], [], [], 0
    while at < len(data):
        record = exact.record.match(data, at)
        fits = record is not None and _is_sound(record.group(1))
        if (
            not final
            and (record is None or record.end() == len(data))
            and still_open(exact, data, at)
        ):
            break
        record = record or _misfit(data, at, dialect)
        if dialect.width == 1 or record.end(1) > at:
            starts.append(at)
            ends.append(record.end(1))
            misfits.append(not fits)
        at = record.end()
    return np.array(starts, np.int64), np.array(ends, np.int64), np.array(misfits, bool), at


def _is_sound(record: bytes) -> bool:
    return len(record) < LONGEST_RECORD and is_utf8(record)


def _misfit(data: bytes, at: int, dialect: Dialect) -> re.Match[bytes]:
    """Find the end of what does not fit."""
    line, whole = LINE.match(data, at), patterns(dialect).record.match(data, at)
    assert line
    inner = line
    while whole and inner.end() < whole.end():
        fitting = patterns(dialect, dialect.width).record.match(data, inner.end())
        if fitting and dialect.quote.encode() not in fitting.group(1):
            return line
        following = LINE.match(data, inner.end())
        assert following
        inner = following
    return whole or line


def is_misread(data: bytes, dialect: Dialect) -> bool:
    """Whether DuckDB takes data otherwise: NUL bytes, a quote after spaces, an endless record."""
    return len(data) >= LONGEST_RECORD or b"\0" in data or _is_padded(data, dialect)


def _is_padded(data: bytes, dialect: Dialect) -> bool:
    quote, delimiter = dialect.quote.encode(), dialect.delimiter.encode()
    if not quote or quote not in data or delimiter.startswith(b" "):
        return False  # soon told, and so of most files
    if b"  " + quote not in data:
        return False
    padded = rb"(?:%b|^|[\r\n])  +%b" % (re.escape(delimiter), re.escape(quote))
    return re.search(padded, data) is not None


def _without_padding(record: bytes, dialect: Dialect) -> bytes:
    quote = dialect.quote.encode()
    return dialect.delimiter.encode().join(
        bare if (bare := field.strip(b" ")).startswith(quote) else field
        for field in split(record, dialect)
    )


def reason(record: bytes, dialect: Dialect) -> str:
    """Say why a record does not fit, so that its supplier can act on it."""
    if len(record) >= LONGEST_RECORD:
        return f"it is longer than {LONGEST_RECORD >> 20} MB"
    if b"\0" in record:
        return f"it holds a NUL byte, at byte {record.index(0) + 1} of the line"
    try:
        text = record.decode()
    except UnicodeDecodeError as error:
        return f"byte {error.start + 1} of the line (0x{record[error.start]:02x}) is not UTF-8"
    if dialect.quote and dialect.quote in text:
        if out_of_place := _misquoted(text, dialect):
            return out_of_place
        found = len(split(record, dialect))
    else:
        found = text.count(dialect.delimiter) + 1
    if found == dialect.width:
        return f"it does not split into {found} fields"
    return (
        f"it has {found} {'field' if found == 1 else 'fields'} where {dialect.width} are expected"
    )


def _misquoted(text: str, dialect: Dialect) -> str | None:
    """Say what is wrong with the quotes of a record, if anything is."""
    if len(dialect.delimiter) > 1:
        return None
    reader = csv.reader(
        [text],
        delimiter=dialect.delimiter,
        quotechar=dialect.quote,
        doublequote=dialect.escape == dialect.quote,
        escapechar=(dialect.escape if dialect.escape != dialect.quote else "") or None,
        strict=True,
    )
    try:
        next(reader, None)
    except csv.Error as error:
        if "unexpected end" in str(error):
            return "a quote is opened and not closed"
        return "text follows a closing quote"
    return None
