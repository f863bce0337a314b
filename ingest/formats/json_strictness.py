"""What JSON is, to the letter: judged by the chunk while all is well, and by the record when not.

The parsers that build values, DuckDB's among them, let pass what RFC 8259 does not: NaN, trailing
commas, keys that repeat. So records are checked by one that builds none, at a gigabyte a second.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray
from pydantic_core import from_json

from ingest.frames import NOT_UTF8, is_utf8, positions

MOST_DIGITS = 17
"""As many as a double keeps apart; DuckDB reads any number with a point as one."""
SHOWN = 20
"""Characters of a record that show what is wrong with it."""
DOT, ZERO = ord("."), ord("0")


class _Object(msgspec.Struct, gc=False):
    """Any object: what is in it is checked, and not kept."""


_RECORD = msgspec.json.Decoder(_Object)
_ARRAY = msgspec.json.Decoder(list[_Object])
_LONG = re.compile(rb"[0-9.]{%d}" % (MOST_DIGITS + 2))
_NUMBER = re.compile(rb'"(?:[^"\\]++|\\.)*+"|-?([0-9]+\.[0-9]+)(?:[eE][-+]?[0-9]+)?')


def count_values(data: bytes) -> int | None:
    """Count the objects that stand in a text one after the other; None where anything else does."""
    return _counted(_RECORD.decode_lines, data)


def count_elements(data: bytes) -> int | None:
    """Count the objects of an array; None where it is none, or holds anything else."""
    return _counted(_ARRAY.decode, data)


def _counted(decode: Any, data: bytes) -> int | None:
    try:
        found: Sequence[_Object] = decode(data)
    except (msgspec.DecodeError, RecursionError):
        return None
    return len(found) if is_utf8(data) and not has_long_decimals(data) else None


def has_long_decimals(data: bytes) -> bool:
    """Whether there may be a number with a point and more digits than a double keeps."""
    octets = np.frombuffer(data, np.uint8)
    dots = positions(data, DOT)

    def digits(step: int) -> NDArray[np.bool_]:
        return octets[np.clip(dots + step, 0, len(octets) - 1)] - ZERO < 10

    # More than half of so many digits stand on one side: hardly a dot is left to be counted by.
    half = MOST_DIGITS // 2 + 1
    long = digits(-half) & digits(-1 - half // 2) | digits(half) & digits(1 + half // 2)
    dots = dots[digits(-1) & digits(1) & long]
    before, _ = _digits(octets, dots, -1)
    after, zeros = _digits(octets, dots, 1)
    small = (before == 1) & (octets[dots - 1] == ZERO)
    return bool((np.where(small, after - zeros, before + after) > MOST_DIGITS).any())


def _digits(
    octets: NDArray[np.uint8], at: NDArray[np.int64], step: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Count the digits in a row beside each position, as far as it matters; and first zeros."""
    digits, zeros = np.zeros(len(at), np.int64), np.zeros(len(at), np.int64)
    alive = leading = np.ones(len(at), bool)
    while alive.any() and digits.max() <= 2 * MOST_DIGITS:
        at = np.clip(at + step, 0, len(octets) - 1)
        alive = alive & (octets[at] - ZERO < 10)
        leading = leading & alive & (octets[at] == ZERO)
        digits, zeros = digits + alive, zeros + leading
    return digits, zeros


def exact(record: bytes) -> bytes:
    """Write numbers that would lose digits as texts, which lose none."""
    if not _LONG.search(record):
        return record

    def quoted(found: re.Match[bytes]) -> bytes:
        number = found[1]
        long = number and len(number.replace(b".", b"").lstrip(b"0")) > MOST_DIGITS
        return b'"' + found[0] + b'"' if long else found[0]

    return _NUMBER.sub(quoted, record)


def fault(record: bytes) -> str | None:
    """Say why a record is not an object in strict JSON, so that its supplier can act on it."""
    try:
        record.decode()
    except UnicodeDecodeError as error:
        return f"byte {error.start + 1} of the record (0x{record[error.start]:02x}) {NOT_UTF8}"
    try:
        _RECORD.decode(record)
    except msgspec.ValidationError:
        return f"it is {_shown(record)}, not an object"
    except msgspec.DecodeError as error:
        return f"it is not valid JSON: {_told(record) or error}"
    except RecursionError:
        return "it is nested deeper than can be read"
    return None


def breaks_off(record: bytes) -> bool:
    """Whether a text is the beginning of an object, and no more."""
    return record[:1] == b"{" and (_words(record, allow_inf_nan=True) or "").startswith("EOF")


def _told(record: bytes) -> str | None:
    """Say what is wrong with JSON, and where in its record."""
    if record == b",":
        return "there is a comma too many"
    if record[:1] in (b",", b"]", b"}"):
        return "something follows the array, or closes it too early"
    words = _words(record)
    return words and f"{words} of the record"


def _words(record: bytes, *, allow_inf_nan: bool = False) -> str | None:
    """Say what is wrong with JSON in the words of a parser that has better ones."""
    try:
        from_json(record, allow_inf_nan=allow_inf_nan)
    except ValueError as error:
        return str(error)
    return None


def repeated_key(record: bytes) -> str | None:
    """Find a key that stands twice in one object of a record, however deep."""
    twice: list[str] = []

    def note(pairs: list[tuple[str, Any]]) -> None:
        seen: set[str] = set()
        twice.extend(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]

    json.loads(record, object_pairs_hook=note, parse_int=str, parse_float=str)
    return twice[0] if twice else None


def _shown(text: bytes) -> str:
    said = text[: SHOWN * 4].decode("utf-8", "replace")
    return said if len(said) <= SHOWN else f"{said[:SHOWN]}…"
