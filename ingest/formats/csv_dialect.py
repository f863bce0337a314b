"""How a CSV file is written, and the exact patterns of its records and fields."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from ingest.frames import printable


@dataclass(frozen=True)
class Dialect:
    """How a CSV file separates its records and fields."""

    delimiter: str = ","
    quote: str = '"'
    escape: str = '"'
    newline: str = "\n"
    header: bool = True
    skip: int = 0
    """Lines above the header, or above the first record where there is none."""
    width: int = 0
    """Fields that a record has; 0 as long as nobody knows."""
    screened: bool = False
    """Whether some records do not fit, so that each is held against the exact pattern."""

    @property
    def single(self) -> bool:
        """Whether a record has one field: a blank line is then an empty record."""
        return self.width == 1


@dataclass(frozen=True)
class Patterns:
    """A record, as regular expressions over bytes."""

    field: re.Pattern[bytes]
    """One field, or as much of it as is in place."""
    record: re.Pattern[bytes]
    """One record and its line ending; group 1 is the record alone."""
    unfinished: re.Pattern[bytes]
    """The beginning of a record whose end may still come."""


LINE = re.compile(rb"([^\r\n]*+)(?:\r\n|\n|\r|\Z)")


def patterns(dialect: Dialect, width: int | None = None) -> Patterns:
    """Give the patterns for records of `width` fields, or of any number of them."""
    return _patterns(
        dialect.delimiter.encode(), dialect.quote.encode(), dialect.escape.encode(), width
    )


@lru_cache(maxsize=64)
def _patterns(delimiter: bytes, quote: bytes, escape: bytes, width: int | None) -> Patterns:
    apart, mark, before = map(re.escape, (delimiter, quote, escape))
    plain = rb"[^%b\r\n\0]" % apart
    if len(delimiter) > 1:
        plain = rb"(?:(?!%b)[^\r\n\0])" % apart
    field, begun = rb"%b*+" % plain, rb"%b*+\Z" % plain
    if quote:
        inside = rb"%b(?:[^%b%b\0]++|%b[^\0])*+" % (mark, mark, before, before)
        if escape in (b"", quote):
            doubled = b"" if not escape else rb"|%b%b" % (mark, mark)
            inside = rb"%b(?:[^%b\0]++%b)*+" % (mark, mark, doubled)
        bare = rb"(?!%b)%b++" % (mark, plain)
        pad = b"" if delimiter.startswith(b" ") else b" *+"
        field = rb"%b(?:%b%b%b|%b)?+" % (pad, inside, mark, pad, bare)
        begun = rb"%b(?:%b(?:%b%b)?+|%b)?+\Z" % (pad, inside, mark, pad, bare)
    others = b"*+" if width is None else b"{%d}+" % (width - 1)
    record = rb"%b(?:%b%b)%b" % (field, apart, field, others)
    return Patterns(
        field=re.compile(field),
        record=re.compile(rb"(%b)(?:\r\n|\n|\r|\Z)" % record),
        unfinished=re.compile(rb"(?:%b%b)*+%b" % (field, apart, begun)),
    )


def fields(record: bytes, dialect: Dialect) -> list[str]:
    """Split a record into the texts of its fields; what is out of place stays with its field."""
    return [_text(printable(field), dialect) for field in split(record, dialect)]


def split(record: bytes, dialect: Dialect) -> list[bytes]:
    """Split a record into its fields as they stand."""
    delimiter, field = dialect.delimiter.encode(), patterns(dialect).field
    if not dialect.quote or dialect.quote.encode() not in record:
        return record.split(delimiter)
    found, at = [], 0
    while True:
        begun = field.match(record, at)
        assert begun  # it may be empty
        end = record.find(delimiter, begun.end())
        end = len(record) if end < 0 else end
        found.append(record[at:end])
        if end == len(record):
            return found
        at = end + len(delimiter)


def _text(field: str, dialect: Dialect) -> str:
    if not dialect.quote or dialect.quote not in field:
        return field
    bare = field.strip(" ")
    if not bare.startswith(dialect.quote):
        return field
    inner = bare[1:].removesuffix(dialect.quote)
    if dialect.escape in ("", dialect.quote):
        return inner.replace(2 * dialect.escape, dialect.escape)
    return re.sub(f"{re.escape(dialect.escape)}(.)", r"\1", inner, flags=re.DOTALL)


def count_lines(data: bytes) -> int:
    """How many physical lines end within data, however they end."""
    return data.count(b"\n") + data.count(b"\r") - data.count(b"\r\n")
