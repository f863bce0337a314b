"""Where the records of a JSON file stand: told by its lines, or by the depth of its brackets.

Elements are found a chunk at once with numpy, and what was found is then proved by a strict parse
of the chunk; only where that fails are they told one by one (`json_salvage`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ingest.formats.json_envelope import closes
from ingest.formats.json_layout import Layout
from ingest.formats.json_salvage import Found, salvage
from ingest.formats.json_strictness import breaks_off, count_elements, count_values
from ingest.frames import LONGEST_RECORD, Frame, chunks, positions

PIECE = 1 << 18
"""Bytes read at once: what the processor's cache holds, with all that is made of them."""
FEW = 64
"""Steps after which a leap, which looks at every byte, is the shorter way."""
CURLY = 0x20
"""The bit by which a curly bracket differs from a square one."""
CLOSES = 0x04
"""The bit by which a bracket that closes differs from one that opens."""

_BLANK = np.zeros(256, bool)
_BLANK[list(b" \t\r\n")] = True
_COMMA = re.compile(rb"[ \t\r\n]*,")

Offsets = NDArray[np.int64]


@dataclass(frozen=True)
class Stretch:
    """A frame, and what is known of its records."""

    frame: Frame
    sound: bool = False
    """Whether all of them are strictly JSON objects, but for keys that repeat; else open."""
    torn: bool = False
    """Whether it holds a piece of a record that is too long."""
    closed: bool | None = None
    """Whether the records end with it as they should; None where they go on."""


def stretches(blob: Path, layout: Layout) -> Iterator[Stretch]:
    """Find the records of a file whose layout is known.

    What follows an array is a record as well, so that it is rejected and not lost; so is what is
    left of a record where the file breaks off.
    """
    return _lines(blob, layout) if layout.kind == "lines" else _elements(blob, layout)


def _lines(blob: Path, layout: Layout) -> Iterator[Stretch]:
    """Find the records of a file that has one a line; blank lines are none."""
    offset, line = layout.start, layout.line
    for data, torn, final in _whole_lines(blob, layout):
        breaks = positions(data, layout.newline[0])
        ends = breaks if data.endswith(layout.newline) else np.append(breaks, len(data))
        starts = np.append(np.zeros(1, np.int64), breaks + 1)[: len(ends)]
        starts, ends = _trimmed(np.frombuffer(data, np.uint8), starts, ends)
        frame = Frame(data, offset, line, starts, ends, breaks)
        closed = not breaks_off(data.strip()) if final else None
        yield Stretch(frame, torn=torn, closed=closed)
        offset, line = offset + len(data), line + len(breaks)


def _whole_lines(blob: Path, layout: Layout) -> Iterator[tuple[bytes, bool, bool]]:
    """Cut a file behind ends of lines, but for a line that is too long, which comes in pieces.

    Yields:
        Some bytes, whether they are a piece of a line, and whether the file ends with them.
    """
    pending, torn = b"", False
    for chunk in chain(chunks(blob, layout.start, PIECE), [b""]):
        data = pending + chunk
        if torn and (end := data.find(layout.newline) + 1):
            yield data[:end], True, False
            data, torn = data[end:], False
        used = data.rfind(layout.newline) + 1 if chunk else len(data)
        if not used and len(data) >= LONGEST_RECORD:
            used, torn = len(data), True
        yield data[:used], torn, not chunk
        pending = data[used:]


def _elements(blob: Path, layout: Layout) -> Iterator[Stretch]:
    """Find the elements of an array, or objects that stand one after the other."""
    pending, offset, line = b"", layout.start, layout.line
    first, lost, closed = True, False, None
    with blob.open("rb") as file:
        file.seek(offset)
        while closed is None:
            piece = file.read(min(max(PIECE, len(pending)), LONGEST_RECORD))
            data = pending + piece
            found = None if lost else _proved(data, layout, first=first)
            sound = found is not None
            found = found or salvage(data, layout, first=first, lost=lost, final=not piece)
            used, pending = data[: found.used], data[found.used :]
            breaks = positions(used, layout.newline[0])
            frame = Frame(used, offset, line, found.spans[:, 0], found.spans[:, 1], breaks)
            offset, line = offset + len(used), line + len(breaks)
            first, lost, closed = first and not used, found.lost, found.closed
            yield Stretch(frame, sound, found.torn, None if layout.path else closed)
    if layout.path:
        yield from _rest(blob, offset, line, layout, closes(blob, offset, layout.path))


def _rest(
    blob: Path, offset: int, line: int, layout: Layout, as_it_should: bool | None
) -> Iterator[Stretch]:
    """Give what follows an array: nothing, if it is what should, or may be the beginning of it."""
    rest = chunks(blob, offset, LONGEST_RECORD) if as_it_should is False else ()
    for data in chain(rest, [b""]):
        starts, ends = np.zeros(1, np.int64), np.full(1, len(data), np.int64)
        starts, ends = _trimmed(np.frombuffer(data, np.uint8), starts, ends)
        breaks = positions(data, layout.newline[0])
        frame = Frame(data, offset, line, starts, ends, breaks)
        yield Stretch(frame, closed=None if data else as_it_should is not None)
        offset, line = offset + len(data), line + len(breaks)


def _proved(data: bytes, layout: Layout, *, first: bool) -> Found | None:
    """Find elements by their depth, all but the last; None where they turn out to be anything else.

    Args:
        data: A piece of a file; it begins where an element ends, or where the first one may begin.
        layout: The layout of the file.
        first: Whether no element stands before it.
    """
    begin, array = 0, layout.kind == "array"
    if array and not first:
        comma = _COMMA.match(data)
        if comma is None:
            return None
        begin = comma.end()
    starts, ends = _nested(data, begin)
    if len(ends) < 2 or data[begin : starts[0]].strip(b" \t\r\n"):
        return None
    whole = data[starts[0] : ends[-1]]
    if (count_elements(b"[" + whole + b"]") if array else count_values(whole)) != len(ends):
        return None
    return Found(np.column_stack([starts, ends])[:-1], used=int(ends[-2]))


def _nested(data: bytes, begin: int) -> tuple[Offsets, Offsets]:
    """Find where brackets open and close that stand in no others, from a byte on."""
    octets = np.frombuffer(data, np.uint8)[begin:]
    quotes = octets == ord('"')
    if b"\\" in data:
        at = np.flatnonzero(quotes)
        quotes[at[_escapes_before(octets, at) % 2 == 1]] = False
    curly = octets | CURLY
    brackets = (curly == ord("{")) | (curly == ord("}"))
    marks = np.flatnonzero(brackets & ~_within(quotes))
    closing = octets[marks] & CLOSES > 0
    depth = np.cumsum(np.where(closing, -1, 1))
    within_array = np.cumsum(depth < 0) == 0
    ends = marks[closing & (depth == 0) & within_array] + 1
    starts = marks[~closing & (depth == 1) & within_array][: len(ends)]
    return starts + begin, ends + begin


def _within(quotes: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Tell what stands within quotes, 64 bytes at once: a bit is the parity of those before it."""
    packed = np.packbits(quotes, bitorder="little")
    words = np.append(packed, np.zeros(-len(packed) % 8, np.uint8)).view(np.uint64)
    for shift in (1, 2, 4, 8, 16, 32):
        words ^= words << np.uint64(shift)
    open_before = np.bitwise_xor.accumulate(words >> np.uint64(63))[:-1]
    words[1:] ^= open_before * np.uint64(2**64 - 1)
    within = np.unpackbits(words.view(np.uint8), count=len(quotes), bitorder="little")
    return within.view(np.bool_)


def _escapes_before(octets: NDArray[np.uint8], at: Offsets) -> Offsets:
    """Count the backslashes that stand in a row before each position."""
    runs = np.zeros(len(at), np.int64)
    for _ in range(FEW):
        before = at - 1 - runs
        more = (before >= 0) & (octets[np.maximum(before, 0)] == ord("\\"))
        if not more.any():
            return runs
        runs += more
    others = np.append(-1, np.flatnonzero(octets != ord("\\")))
    leapt: Offsets = at - 1 - others[np.searchsorted(others, at) - 1]
    return leapt


def _trimmed(octets: NDArray[np.uint8], starts: Offsets, ends: Offsets) -> tuple[Offsets, Offsets]:
    """Leave out blanks around what stands between, and what is nothing but blanks."""
    octets = np.append(octets, ord("."))
    for _ in range(FEW):
        ahead = (starts < ends) & _BLANK[octets[starts]]
        behind = (starts < ends) & _BLANK[octets[ends - 1]] & ~ahead
        if not (ahead.any() or behind.any()):
            break
        starts, ends = starts + ahead, ends - behind
    else:
        filled = np.append(np.flatnonzero(~_BLANK[octets]), len(octets))
        starts = np.minimum(filled[np.searchsorted(filled, starts)], ends)
        last = filled[np.maximum(np.searchsorted(filled, ends) - 1, 0)] + 1
        ends = np.clip(last, starts, ends)
    return starts[ends > starts], ends[ends > starts]
