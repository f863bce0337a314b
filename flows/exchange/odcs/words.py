"""The words of the Open Data Contract Standard, beside those of a contract."""

from __future__ import annotations

import re
from datetime import timedelta

VERSION = "v3.1.0"
OURS = "pratique"
"""Name of the custom property, and of the engine, for what the standard has no word for."""
UNVERSIONED = "0.0.0"
"""The standard wants a version; this one stands for none."""

FILES = ("files", "format", "load", "key", "gate", "ready", "schema_contract", "waivers")
"""What a contract says about files and waivers, for which the standard has no word."""
COLUMN = ("required", "path", "format")
"""What it says of a column."""

LOGICAL = {
    "boolean": "boolean",
    "smallint": "integer",
    "integer": "integer",
    "bigint": "integer",
    "hugeint": "integer",
    "double": "number",
    "decimal": "number",
    "date": "date",
    "time": "time",
    "timestamp": "timestamp",
    "timestamptz": "timestamp",
    "uuid": "string",
    "json": "object",
    "varchar": "string",
}
TYPES = {
    "string": "varchar",
    "integer": "bigint",
    "number": "double",
    "boolean": "boolean",
    "date": "date",
    "time": "time",
    "timestamp": "timestamp",
    "object": "json",
    "array": "json",
}
WIDTHS = {
    "i8": "smallint",
    "u8": "smallint",
    "i16": "smallint",
    "u16": "integer",
    "i32": "integer",
    "u32": "bigint",
    "i64": "bigint",
    "u64": "hugeint",
    "i128": "hugeint",
}
"""Integers by their `format`."""

DIMENSIONS = {
    "completeness": "completeness",
    "validity": "conformity",
    "uniqueness": "uniqueness",
    "consistency": "consistency",
    "timeliness": "timeliness",
    "accuracy": "accuracy",
    "volume": "coverage",
}
FORMATS = {
    "email": "email",
    "url": "uri",
    "hostname": "hostname",
    "ipv4": "ipv4",
    "ipv6": "ipv6",
    "uuid": "uuid",
}
"""Formats of text: ours, and the standard's, which are those of JSON Schema."""
OUR_FORMATS = {theirs: ours for ours, theirs in FORMATS.items()}

BOUNDED = ("integer", "number", "date", "time", "timestamp")
"""Kinds of values that can have a smallest and a largest."""

OPERATORS = (
    "mustBe",
    "mustNotBe",
    "mustBeGreaterThan",
    "mustBeGreaterOrEqualTo",
    "mustBeLessThan",
    "mustBeLessOrEqualTo",
    "mustBeBetween",
    "mustNotBeBetween",
)
SHORTHAND = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\.[A-Za-z_][A-Za-z0-9_]*")
"""How the standard names a column of another table."""

UNITS = {"d": "days", "h": "hours", "min": "minutes", "s": "seconds"}
"""Units of an agreed age, from the longest to the shortest."""


def age(span: timedelta) -> tuple[float | int, str]:
    """A length of time as a number and its unit."""
    for unit, name in UNITS.items():
        number = span / timedelta(**{name: 1})
        if number and number == int(number):
            return int(number), unit
    return span.total_seconds(), "s"


def anchored(pattern: str) -> str:
    """A pattern of the whole value as one that is looked for anywhere in it."""
    plain = "|" not in pattern and not pattern.startswith(("(?", "^"))
    return f"^{pattern}$" if plain and not pattern.endswith("$") else f"^(?:{pattern})$"


def whole(pattern: str) -> str:
    """A pattern that is looked for anywhere in a value as one of the whole value."""
    if pattern.startswith("^(?:") and pattern.endswith(")$") and _one_group(pattern[1:-1]):
        return pattern[4:-2]
    ends = len(pattern) - len(pattern.rstrip("$")) == 1 and not _escaped(pattern[:-1])
    if pattern.startswith("^") and ends and "|" not in pattern:
        return pattern[1:-1]
    return f"(?s:.*)(?:{pattern})(?s:.*)"


def _escaped(before: str) -> bool:
    """Whether what comes after a text is taken by a backslash at its end."""
    return (len(before) - len(before.rstrip("\\"))) % 2 == 1


def _one_group(pattern: str) -> bool:
    """Whether a pattern that begins and ends with a bracket is one group."""
    depth, index, listed = 0, 0, False
    while index < len(pattern):
        letter = pattern[index]
        if letter == "\\":
            index += 2
            continue
        if listed:
            listed = letter != "]"
        elif letter == "[":
            listed = True
        else:
            depth += (letter == "(") - (letter == ")")
            if depth == 0 and index < len(pattern) - 1:
                return False
        index += 1
    return depth == 0
