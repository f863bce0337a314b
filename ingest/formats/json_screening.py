"""JSON for DuckDB to read: a sound record a line, and a number where one does not fit."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from ingest.formats.json_framing import PIECE, stretches
from ingest.formats.json_layout import Layout
from ingest.formats.json_strictness import count_values, exact, fault, repeated_key
from ingest.frames import LONGEST_RECORD, NEWLINE, Frame, chunks, positions, printable
from ingest.rejects import Reject

FLAT = bytes.maketrans(b"\r\n", b"\t\t")
"""Line breaks become blanks between tokens; within a string, a tab is no better than they are."""
BRACE, QUOTE, COLON, BLANK = (ord(each) for each in '{": ')
TOO_LONG = f"it is longer than {LONGEST_RECORD >> 20} MB"


@dataclass
class Tally:
    """What has been seen of a file so far."""

    records: int = 0
    nested: bool = False
    """Whether there may be objects within records."""
    keys: int | None = None
    """Their keys are no more than so many; None where that was not counted."""
    closed: bool = False
    """Whether the file ends as it should."""


def survey(blob: Path, layout: Layout) -> Tally | None:
    """Count the records of a file that is nothing but sound records, one a line.

    Args:
        blob: The file.
        layout: Its layout.

    Returns:
        None, if it is not.
    """
    if layout.kind != "lines" or layout.newline != b"\n":
        return None
    tally, pending, keys = Tally(closed=True), b"", 0
    endings: set[bytes | None] = set()
    for chunk in chain(chunks(blob, layout.start, PIECE), [b""]):
        data = pending + chunk
        used = data.rfind(b"\n") + 1 if chunk else len(data)
        data, pending = data[:used], data[used:]
        octets, breaks = np.frombuffer(data, np.uint8), positions(data, NEWLINE)
        lines = len(breaks) + (used > 0 and not chunk)
        begun = octets[np.append(0, breaks + 1)[:lines]] == BRACE
        endings |= {_ending(data, len(breaks))} if len(breaks) else set()
        if not begun.all() or count_values(data) != lines or len(endings) > 1:
            return None
        if max(len(data), len(pending)) > LONGEST_RECORD:
            return None
        tally.records += lines
        tally.nested |= bool(np.count_nonzero(octets == BRACE) > lines)
        keys += _most_keys(octets)
    return None if None in endings else replace(tally, keys=keys)


def _most_keys(octets: NDArray[np.uint8]) -> int:
    """Count the quotes that may end a key: those before a colon, or before blanks."""
    after = octets[1:]
    ends = (octets[:-1] == QUOTE) & ((after == COLON) | (after <= BLANK))
    return int(np.count_nonzero(ends))


def _ending(data: bytes, breaks: int) -> bytes | None:
    """Tell what lines end with; None where they do not all end alike."""
    if b"\r" not in data:
        return b"\n"
    return b"\r\n" if data.count(b"\r") == data.count(b"\r\n") == breaks else None


def screen(
    blob: Path, layout: Layout, copy: BinaryIO, tally: Tally, *, thorough: bool
) -> Iterator[Reject]:
    """Copy the records of a file, one a line; a record that does not fit is but its number.

    Args:
        blob: The file.
        layout: Its layout.
        copy: Where the copy is written.
        tally: What has been seen; filled while the rejects are taken.
        thorough: Whether keys that repeat are looked for, which takes a look at every record.

    Yields:
        The rejects, in order, numbered as records are, from 1.
    """
    for stretch in stretches(blob, layout):
        frame, first = stretch.frame, tally.records + 1
        tally.records += len(frame)
        tally.nested |= frame.data.count(b"{") > len(frame)
        tally.closed = bool(stretch.closed)
        quick = not (thorough or stretch.torn or len(frame.data) > LONGEST_RECORD)
        if quick and (stretch.sound or count_values(frame.data) == len(frame)):
            copy.write(_lines(frame))
            continue
        for number, (start, end) in enumerate(_spans(frame), first):
            raw = frame.data[start:end]
            reason: str | None = TOO_LONG
            if not stretch.torn and len(raw) <= LONGEST_RECORD:
                reason = fault(raw) or (_repeats(raw) if thorough else None)
            if reason:
                line = frame.line + int(np.searchsorted(frame.breaks, start))
                yield Reject(number, line, frame.offset + start, printable(raw), reason)
            copy.write(b"%d\n" % number if reason else exact(raw).translate(FLAT) + b"\n")


def _repeats(record: bytes) -> str | None:
    key = repeated_key(record)
    return key and f"the key {json.dumps(key)} stands in it twice"


def _lines(frame: Frame) -> bytes:
    """Write the records of a frame, one a line."""
    within = np.searchsorted(frame.ends, frame.breaks)
    broken = b"\r" in frame.data or (
        frame.breaks > np.append(frame.starts, len(frame.data))[within]
    )
    text = frame.data.translate(FLAT) if np.any(broken) else frame.data
    return b"".join([b"%b\n" % text[start:end] for start, end in _spans(frame)])


def _spans(frame: Frame) -> Iterator[tuple[int, int]]:
    return zip(frame.starts.tolist(), frame.ends.tolist(), strict=True)
