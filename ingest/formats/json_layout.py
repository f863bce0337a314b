"""How a JSON file is laid out: lines, objects one after the other, or an array, maybe within."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic_core import from_json

from ingest.formats.json_envelope import locate
from ingest.frames import bom

HEAD = 1 << 20
"""Bytes at the beginning of a file by which its layout is told."""
DEEPEST = 4
"""Levels down to which an array of records is looked for."""

Kind = Literal["lines", "objects", "array"]

_JOINT = re.compile(rb"\}[ \t]*\{")
# Where blanks begin and nowhere among them, or a megabyte of blanks would take for ever.
_BRACE = re.compile(r'(?<![ \t\r\n])([ \t\r\n]*+)\{([ \t\r\n]*)("(?:[^"\\]++|\\.)*+")')
_BLANKS = r"[ \t\r\n]*"
_NEVER = re.compile(r"(?!)")


@dataclass(frozen=True)
class Layout:
    """Where the records of a file stand, and how one of them begins."""

    kind: Kind
    newline: bytes
    """What ends a physical line."""
    path: tuple[str, ...]
    """The keys that lead to the array, if it stands within an object."""
    start: int
    """Byte from which on there are records."""
    line: int
    """Physical line on which that byte stands."""
    beginning: re.Pattern[str]
    """Matches where a record begins after another one, in text of a character a byte."""

    @property
    def dialect(self) -> dict[str, Any]:
        """What the layout can be recalled by."""
        return {
            "layout": self.kind,
            **({"newline": "\r"} if self.newline == b"\r" else {}),
            **({"records": ".".join(self.path)} if self.path else {}),
        }


def tell(blob: Path) -> Layout:
    """Tell the layout of a file from its beginning."""
    head = _head(blob)
    newline = b"\r" if b"\r" in head and b"\n" not in head else b"\n"
    text = head.lstrip()
    kind: Kind = "lines"
    if text[:1] == b"[" and not (_in_lines(head, newline) and _whole(text.split(newline, 1)[0])):
        kind = "array"
    elif text[:1] == b"{" and not _in_lines(head, newline):
        kind = "objects"
    return _laid_out(blob, kind, newline, ())


def within(blob: Path, records: str) -> Layout | None:
    """Lay out a file whose records stand in an array within an object; None if it is not there.

    Args:
        blob: The file.
        records: The keys that lead to the array, with dots between.
    """
    path = tuple(records.split("."))
    if locate(blob, path) is None:
        return None
    return _laid_out(blob, "array", tell(blob).newline, path)


def recall(blob: Path, dialect: Mapping[str, Any]) -> Layout:
    """Lay out a file whose layout has been told before."""
    path = tuple(dialect["records"].split(".")) if "records" in dialect else ()
    return _laid_out(blob, dialect["layout"], dialect.get("newline", "\n").encode(), path)


def keys_within(blob: Path) -> dict[str, set[str]]:
    """Find the keys of a file that is one object, and those of the arrays of objects within it.

    Returns:
        The keys by the ways there, with dots between; the object itself stands at "". Nothing, if
        the file is not one object.
    """
    try:
        value = from_json(_head(blob).strip(), allow_partial=True)
    except ValueError:
        return {}
    return {"": set(value), **dict(_arrays(value, ()))} if isinstance(value, dict) else {}


def _arrays(value: Any, way: tuple[str, ...]) -> Iterator[tuple[str, set[str]]]:
    if isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
        yield ".".join(way), set().union(*value)
    elif isinstance(value, dict) and len(way) < DEEPEST:
        for key, inner in value.items():
            if key and "." not in key:
                yield from _arrays(inner, (*way, key))


def _head(blob: Path) -> bytes:
    with blob.open("rb") as file:
        file.seek(bom(blob))
        return file.read(HEAD)


def _in_lines(head: bytes, newline: bytes) -> bool:
    """Whether the lines look like records, and not like parts of some, or several at once."""
    lines = [line for line in map(bytes.strip, head.split(newline)) if line]
    if len(lines) > 1 and len(head) == HEAD:
        lines.pop()
    whole = sum(line.startswith(b"{") and line.endswith(b"}") for line in lines)
    joints = sum(len(_JOINT.findall(line)) for line in lines)
    return whole * 2 >= len(lines) > joints


def _whole(line: bytes) -> bool:
    """Whether a line is JSON by itself."""
    try:
        from_json(line)
    except ValueError:
        return False
    return True


def _laid_out(blob: Path, kind: Kind, newline: bytes, path: tuple[str, ...]) -> Layout:
    start = locate(blob, path) if kind == "array" else bom(blob)
    assert start is not None
    with blob.open("rb") as file:
        line = file.read(start).count(newline) + 1
        head = file.read(HEAD).decode("latin-1")
    return Layout(kind, newline, path, start, line, _beginning(head, kind))


def _beginning(head: str, kind: Kind) -> re.Pattern[str]:
    """Tell how a record begins by the first one; by its indentation, if others have that too."""
    first = _BRACE.search(head)
    if not first:
        return _NEVER
    before, after, key = first.groups()
    comma = "," if kind == "array" else ""
    indented = re.compile(comma + re.escape(f"{before}{{{after}{key}") + _BLANKS + ":")
    if "\n" in before + after and indented.search(head, first.end()):
        return indented
    blanks = _BLANKS if comma else ""
    return re.compile(comma + blanks + r"\{" + _BLANKS + re.escape(key) + _BLANKS + ":")
