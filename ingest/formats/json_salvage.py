"""Elements of JSON that is not as it should be: told one by one, and found again after a bad one.

A bad element ends with its brackets, if another one follows; or else where the next one begins: at
a brace and the key that the first element of the file begins with, if what stands there leads on.
What cannot be told goes with the bad one, so it is rejected with it and never lost.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest.formats.json_layout import Layout
from ingest.formats.json_strictness import breaks_off
from ingest.frames import LONGEST_RECORD

SURE = 200
"""Elements in a row that prove that we are among the elements, and not within one."""
NEAR = 12
"""Characters before the end of a piece in which an error may be no more than the end."""

FAR = 256
"""Characters before a place in which a brace is looked for."""

_BLANK = re.compile(r"[ \t\r\n]*")
# Possessive, or each character of a long text would be remembered as a way back.
_TOKENS = re.compile(r'"(?:[^"\\\n]++|\\.)*+"|[]{}[]')
_BARE = re.compile(r'[^][{}",]+')
"""What neither opens nor closes anything: `NaN`."""
_SCANNER = json.JSONDecoder(parse_int=str, parse_float=str)


@dataclass(frozen=True)
class Found:
    """What was found in a piece of a file."""

    spans: NDArray[np.int64]
    """Where each record begins and ends, a row a record."""
    used: int
    """Bytes of the piece that are done with; the others are to be seen again, with more."""
    closed: bool | None = None
    """Whether the elements end here as they should; None where they go on."""
    torn: bool = False
    """Whether the one record is a piece of a longer one."""
    lost: bool = False
    """Whether what comes next is a piece of that one, too."""


@dataclass(frozen=True)
class _Step:
    """One element, or what stands in its place."""

    span: tuple[int, int] | None
    then: int
    closed: bool | None = None


class _More(Exception):
    """More of the file has to be seen to tell."""


class _TooLong(Exception):
    """No more may be seen, and it is not told yet where a record ends."""


def salvage(data: bytes, layout: Layout, *, first: bool, lost: bool, final: bool) -> Found:
    """Tell the elements of a piece of a file, as far as can be told from the piece.

    Args:
        data: The piece; it begins where an element ends, or where the first one may begin.
        layout: The layout of the file.
        first: Whether no element stands before it.
        lost: Whether it begins within a record that is too long.
        final: Whether the file ends with it.
    """
    piece = _Piece(data.decode("latin-1"), layout, final, final or len(data) >= LONGEST_RECORD)
    spans: list[tuple[int, int]] = []
    used = 0
    try:
        while True:
            step = (
                _found_again(piece, used, used) if lost else _step(piece, used, first and not spans)
            )
            spans += [step.span] if step.span else []
            used = step.then
            if step.closed is not None or lost:
                return Found(_rows(spans), used, step.closed, torn=lost)
    except _More:
        return Found(_rows(spans), used, lost=lost)
    except _TooLong:
        if spans:
            return Found(_rows(spans), used)
        return Found(_rows([(0, len(data))]), len(data), torn=True, lost=True)


def _rows(spans: list[tuple[int, int]]) -> NDArray[np.int64]:
    return np.array(spans, np.int64).reshape(-1, 2)


def _step(piece: _Piece, at: int, first: bool) -> _Step:
    at = piece.skip(at)
    if not piece.at(at):
        return _Step(None, at, closed=not piece.array)
    if piece.array and piece.at(at) == "]":
        return _bracket(piece, at)
    if piece.array and piece.at(at) == ",":
        comma, at = at, piece.skip(at + 1)
        if not piece.at(at):
            return _Step(None, at, closed=False)
        if piece.at(at) in ",]":
            return _Step((comma, comma + 1), at)
        if first:
            return _Step((comma, comma + 1), comma + 1)
    end = piece.value(at)
    if end is not None and piece.goes_on(end):
        return _Step((at, end), piece.skip(end))
    return _found_again(piece, at, at + 1)


def _bracket(piece: _Piece, at: int) -> _Step:
    """Close the array; or give up the bracket with what comes after it."""
    if piece.ends(at + 1):
        return _Step(None, at + 1, closed=True)
    again = piece.again(at + 1)
    if again is None:
        piece.see_all()
    end = len(piece.text) if again is None else again
    return _Step(piece.trimmed(at, end), end, closed=True if again is None else None)


def _found_again(piece: _Piece, bad: int, search: int) -> _Step:
    """Give up what stands somewhere, up to where an element begins again."""
    again = piece.balanced(bad)
    if again is None:
        again = piece.again(search)
    if again is not None:
        return _Step(piece.trimmed(bad, again), again)
    piece.see_all()
    closing = piece.closing(bad)
    if closing is None:
        return _Step(piece.trimmed(bad, len(piece.text)), len(piece.text), closed=False)
    return _Step(piece.trimmed(bad, closing), min(closing + 1, len(piece.text)), closed=True)


@dataclass(frozen=True)
class _Piece:
    """A piece of a file, a character a byte, and what it takes to tell its elements."""

    text: str
    layout: Layout
    final: bool
    """Whether the file ends with it."""
    whole: bool
    """Whether it has to be told now, for there is no more of it, or more is too much."""

    @property
    def array(self) -> bool:
        return self.layout.kind == "array"

    @property
    def between(self) -> str:
        """What a record is told by that goes before the next one, or begins it."""
        return "," if self.array else "{"

    def skip(self, at: int) -> int:
        """Where something stands, from a place on."""
        found = _BLANK.match(self.text, at)
        return found.end() if found else at

    def at(self, at: int) -> str:
        """The character at a place; none at the end of the file."""
        if at >= len(self.text) and not self.whole:
            raise _More
        return self.text[at : at + 1]

    def see_all(self) -> None:
        """Go on only if no more of the file will ever be seen."""
        if not self.final:
            raise _TooLong if self.whole else _More

    def trimmed(self, start: int, end: int) -> tuple[int, int] | None:
        """A span without the blanks around it."""
        end = start + len(self.text[start:end].rstrip(" \t\r\n"))
        start = min(self.skip(start), end)
        return (start, end) if start < end else None

    def value(self, at: int) -> int | None:
        """Where the value ends that begins at a place, if there is one."""
        try:
            return _SCANNER.raw_decode(self.text, at)[1]
        except json.JSONDecodeError as error:
            near = error.pos > len(self.text) - NEAR or error.msg.startswith("Unterminated string")
            if near and not self.whole:
                raise _More from None
        except RecursionError:
            pass
        return None

    def goes_on(self, end: int) -> bool:
        """Whether what stands after an element is what should."""
        following = self.at(self.skip(end))
        return following in (("", ",", "]") if self.array else ("", "{"))

    def ends(self, at: int) -> bool:
        """Whether what stands at a place may well follow the array."""
        at = self.skip(at)
        if self.layout.path and self.at(at) == ",":
            return self.at(self.skip(at + 1)) == '"'
        return self.at(at) in ("", "}" if self.layout.path else "")

    def balanced(self, at: int) -> int | None:
        """Where an element begins again, if all that was opened from a place on is closed there."""
        bare = _BARE.match(self.text, at)
        end = bare.end() if bare else self.bracketed(at)
        if end is None:
            return None
        after = self.skip(end)
        return after if self.at(after) == self.between and self.leads_on(after) else None

    def bracketed(self, at: int) -> int | None:
        """Where an object ends by its brackets, whatever is between them."""
        if self.at(at) != "{":
            return None
        depth = 0
        for token in _TOKENS.finditer(self.text, at):
            depth += (token[0] in "{[") - (token[0] in "]}")
            if depth <= 0:
                return token.end() if depth == 0 and token[0] == "}" else None
        self.at(len(self.text))
        return None

    def again(self, at: int) -> int | None:
        """Where an element begins again, or the comma before it, from a place on."""
        for found in self.layout.beginning.finditer(self.text, at):
            if self.leads_on(found.start()):
                return found.start()
        return None

    def leads_on(self, at: int) -> bool:
        """Whether elements follow each other from a place on, as if one of them began there."""
        likely = self.text[max(at - FAR, 0) : at].rstrip(" \t\r\n").endswith("}")
        for sound in range(SURE):
            end = self.value(self.skip(at + (self.text[at] == ",")))
            if end is None:
                return likely or sound > 0
            at = self.skip(end)
            if not self.at(at):
                return True
            if self.array and self.at(at) == "]":
                return self.ends(at + 1)
            if self.at(at) not in ("," if self.array else ",{"):
                return likely or sound > 0
        return True

    def closing(self, bad: int) -> int | None:
        """Where a bad element ends after which there is none; None where the file breaks off."""
        if breaks_off(self.text[bad:].encode("latin-1")):
            return None
        end = len(self.text.rstrip(" \t\r\n"))
        if not self.array:
            return end
        if (ended := self.bracketed(bad)) and self.at(after := self.skip(ended)) == "]":
            return after
        bracket = self.text.rfind("]", bad)
        return bracket if bracket >= 0 and (self.layout.path or bracket == end - 1) else None
