"""A property of the standard as a column, with the checks that its type and its marks state."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from flows.exchange import bounds
from flows.exchange.odcs import words
from flows.exchange.odcs.statements import ours
from flows.exchange.part import Part
from ingest.columns import Column

Said = dict[str, Any]

_TOKENS = {
    "yyyy": "%Y",
    "uuuu": "%Y",
    "yy": "%y",
    "MMMM": "%B",
    "MMM": "%b",
    "MM": "%m",
    "dd": "%d",
    "HH": "%H",
    "hh": "%I",
    "mm": "%M",
    "ss": "%S",
    "SSS": "%g",
    "a": "%p",
    "EEEE": "%A",
    "EEE": "%a",
    "Z": "%z",
    "XXX": "%z",
}
"""Java's letters for dates, and those of strptime."""


def column(part: Part) -> Said:
    """Read a column, without checks, and leave in the part what it does not say.

    Raises:
        ExchangeInvalid: The property is not what the standard allows.
    """
    name = part.take("name", str)
    if not name:
        raise part.invalid("name", "is missing")
    said: Said = {"name": name, "type": _type(part)}
    if description := part.take("description", str):
        said["description"] = " ".join(description.split())
        if said["description"] != description:
            part.said["description"] = description
    tags = part.take("tags", list) or []
    personal = [tag for tag in tags if str(tag).lower() == "pii"]
    if personal or str(part.said.get("classification")).lower() == "pii":
        said["pii"] = True
    if others := [tag for tag in tags if tag != "pii"]:
        part.said["tags"] = others
    said |= {name: value for name, value in ours(part).items() if name in words.COLUMN}
    options = part.said.get("logicalTypeOptions")
    if "format" not in said and isinstance(options, dict):
        written = _strptime(options.get("format"), said["type"])
        said |= {"format": written} if written else {}
    return said


def stated(part: Part) -> Iterator[tuple[str, Said]]:
    """Take out the checks that a property states by its marks and the options of its type."""
    if part.said.get("required") is True:
        del part.said["required"]
        yield "not_null", {}
    if part.said.get("unique") is True:
        del part.said["unique"]
        yield "unique", {}
    options = part.part("logicalTypeOptions")
    if options.said.get("format") in words.OUR_FORMATS:
        yield "semantic_format", {"format": words.OUR_FORMATS[options.take("format")]}
    if pattern := options.take("pattern", str):
        yield "matches", {"pattern": words.whole(pattern)}
    if lengths := bounds.lengths(options):
        yield "length", lengths
    if limits := bounds.limits(options):
        yield "range", limits
    if options.said:
        part.said["logicalTypeOptions"] = options.said


def _type(part: Part) -> str:
    logical, physical = part.said.get("logicalType"), part.said.get("physicalType")
    options = part.said.get("logicalTypeOptions")
    options = options if isinstance(options, dict) else {}
    kind = next(_physical(physical, logical), None)
    if kind is None and logical == "integer":
        kind = words.WIDTHS.get(str(options.get("format")))
    kind = kind or words.TYPES.get(str(logical), "varchar")
    if kind == "timestamp" and options.get("timezone") is True:
        kind = "timestamptz"
    if words.LOGICAL[kind.partition("(")[0]] == logical:
        del part.said["logicalType"]
    if physical == kind.upper():
        del part.said["physicalType"]
    if kind == "timestamptz" and options.get("timezone") is True:
        rest = {name: value for name, value in options.items() if name != "timezone"}
        part.said["logicalTypeOptions"] = rest or None
    return kind


def _physical(physical: Any, logical: Any) -> Iterator[str]:
    """The type of ours that a physical type is called like, if the logical one agrees."""
    if isinstance(physical, str):
        for text in (physical, physical.partition("(")[0]):
            try:
                kind = Column(name="x", type=text).type
            except ValidationError:
                continue
            if logical in (None, words.LOGICAL[kind.partition("(")[0]]):
                yield kind


def _strptime(written: Any, kind: str) -> str | None:
    """A format of dates in the letters of strptime; None if it is ISO 8601, or cannot be said."""
    if kind not in ("date", "timestamp", "timestamptz") or not isinstance(written, str):
        return None
    if re.fullmatch(r"[yu]{4}-MM-dd(?:'?T'?HH:mm:ss.*)?", written, re.IGNORECASE):
        return None
    told = []
    for piece in re.finditer(r"'([^']*)'|(([A-Za-z])\3*)|[^A-Za-z']", written):
        if piece[2] is None:
            told.append((piece[0] if piece[1] is None else piece[1]).replace("%", "%%"))
        elif piece[2] in _TOKENS:
            told.append(_TOKENS[piece[2]])
        else:
            return None
    return "".join(told)
