"""The object around an array of records: the way in, and what follows the array."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

from ingest.formats.json_strictness import breaks_off, fault, repeated_key
from ingest.frames import LONGEST_RECORD, bom

LOOK = 1 << 16
"""Bytes in which the way in is looked for first."""

_BLANK = re.compile(r"[ \t\r\n]*")
_SCANNER = json.JSONDecoder(parse_int=str, parse_float=str)


def locate(blob: Path, path: tuple[str, ...]) -> int | None:
    """Find the byte after the bracket that opens the array at a path; it stands early in the file.

    Args:
        blob: The file.
        path: The keys that lead to the array; none, if the file is the array.
    """
    with blob.open("rb") as file:
        file.seek(bom(blob))
        start, text, size = file.tell(), "", LOOK
        while len(text) < LONGEST_RECORD and (more := file.read(size)):
            text += more.decode("latin-1")
            at = _way(text, 0, path)
            if at is not None:
                return start + at
            size = len(text)
    return None


def _way(text: str, at: int, path: tuple[str, ...]) -> int | None:
    """Follow the keys; whatever stands beside the way is skipped."""
    at = _skip(text, at)
    if not path:
        return at + 1 if text[at : at + 1] == "[" else None
    if text[at : at + 1] != "{":
        return None
    while text[at : at + 1] in ("{", ","):
        try:
            key, at = _SCANNER.raw_decode(text, _skip(text, at + 1))
            at = _skip(text, at)
            if not isinstance(key, str) or text[at : at + 1] != ":":
                return None
            at = _skip(text, at + 1)
            if _unmangled(key) == path[0]:
                return _way(text, at, path[1:])
            _, at = _SCANNER.raw_decode(text, at)
        except (json.JSONDecodeError, RecursionError):
            return None
        at = _skip(text, at)
    return None


def _skip(text: str, at: int) -> int:
    found = _BLANK.match(text, at)
    return found.end() if found else at


def _unmangled(key: str) -> str:
    """A key that was read a character a byte, as it was meant."""
    try:
        return key.encode("latin-1").decode()
    except UnicodeError:
        return key


def closes(blob: Path, at: int, path: tuple[str, ...]) -> bool | None:
    """Whether what follows the array closes the object around it; None where the file breaks off.

    Args:
        blob: The file.
        at: Byte after the bracket that closes the array.
        path: The keys that lead to the array.
    """
    with blob.open("rb") as file:
        if blob.stat().st_size - at > LONGEST_RECORD:
            file.seek(-LOOK, os.SEEK_END)
            return file.read().rstrip().endswith(b"}") or None
        file.seek(at)
        rest = file.read()
    around = b"".join(b"{%s:" % json.dumps(key).encode() for key in path) + b"[]" + rest
    if breaks_off(around):
        return None
    return fault(around) is None and repeated_key(around) is None
