"""file_integrity: a file that is written as one expects, before anything in it is looked at."""

from __future__ import annotations

import codecs
import fnmatch
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from typing import Annotated, Any

from pydantic import AfterValidator, Field, NonNegativeInt

from quality.context import Context, File
from quality.measure import Fact
from quality.quantities import Share
from quality.rule import Example, rule
from quality.wording import count, listing, percent


def _encoding(name: str) -> str:
    try:
        return codecs.lookup(name).name
    except LookupError:
        raise ValueError(f"{name!r} is no encoding; write utf-8 or cp1252") from None


_FILE = File(
    name="orders_2013-02-08.csv",
    size=1_000,
    made_at=datetime(2013, 2, 8, tzinfo=UTC),
    seen_at=datetime(2013, 2, 8, tzinfo=UTC),
    encoding="utf-8",
    dialect={"delimiter": ";"},
    records=50,
)
_GOOD = Context(file=_FILE)
_ROWS: dict[str, list[Any]] = {"id": [1]}


@rule(
    dimension="validity",
    subject="the file",
    expects="whole, and written as agreed",
    tells="{value} wrong with the file",
    unit="thing",
    examples=[
        Example(
            {"encoding": "UTF-8", "delimiter": ";"},
            _ROWS,
            _ROWS,
            context=_GOOD,
            bad_context=Context(file=replace(_FILE, encoding="cp1252")),
        ),
        Example(
            {"pattern": "orders_????-??-??.csv", "min_size": 100, "max_size": 10_000},
            _ROWS,
            _ROWS,
            context=_GOOD,
            bad_context=Context(file=replace(_FILE, size=99)),
        ),
        Example(
            {"max_rejected": 0.02},
            _ROWS,
            _ROWS,
            context=Context(file=replace(_FILE, rejected=1)),
            bad_context=Context(file=replace(_FILE, rejected=2)),
        ),
    ],
)
def file_integrity(
    context: Context,
    encoding: Annotated[str, AfterValidator(_encoding)] | None = None,
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] | None = None,
    pattern: Annotated[str, Field(min_length=1)] | None = None,
    min_size: NonNegativeInt | None = None,
    max_size: NonNegativeInt | None = None,
    max_rejected: Share = 0,
    ignore: Annotated[list[str], Field(min_length=1)] | None = None,
) -> Fact:
    """A file is whole, and written as agreed: its encoding, its delimiter, its name, its size.

    pratique reads what it can, whatever that takes: it tells the encoding by the letters and the
    delimiter by the lines, and sets records apart that do not fit. This check says how much of that
    is still in order, so that a supplier who has changed his program is told of it.

    Instead: what `format` in the contract declares is not guessed, and need not be checked. The
    names and the order of columns are for `schema`; a file that is cut off, or has other records
    than its sidecar promised, is never green, with this check or without.

    Also known as: encoding-error, extra-cell, missing-cell, blank-row, hash-count and byte-count
    (Frictionless).

    Args:
        encoding: How its text is written: utf-8.
        delimiter: What stands between its cells.
        pattern: What its name looks like, with `*` and `?`: `orders_????-??-??.csv`.
        min_size: The fewest bytes that are good, unpacked.
        max_size: The most bytes that are good, unpacked.
        max_rejected: The part of its records that may not fit.
        ignore: Codes of faults of the whole file that are no matter; docs/codes.md lists them.
    """
    if min_size is not None and max_size is not None and min_size > max_size:
        raise ValueError(f"min_size {min_size} is above max_size {max_size}")
    if (file := context.file) is None:
        return Fact(None, told="nothing is known of the file")

    def wrong() -> Iterator[str]:
        if encoding and (file.encoding is None or codecs.lookup(file.encoding).name != encoding):
            yield f"its encoding is {file.encoding or 'none'}, not {encoding}"
        if delimiter and (found := file.dialect.get("delimiter")) != delimiter:
            yield f"its delimiter is {found!r}, not {delimiter!r}"
        if pattern and not fnmatch.fnmatchcase(file.name.rpartition("/")[2], pattern):
            yield f"its name is {file.name!r}, not {pattern!r}"
        if min_size is not None and file.size < min_size:
            yield f"it has {count(file.size)} bytes, fewer than {count(min_size)}"
        if max_size is not None and file.size > max_size:
            yield f"it has {count(file.size)} bytes, more than {count(max_size)}"
        if file.rejected > file.records * Fraction(str(max_rejected)):
            share = percent(Fraction(file.rejected, file.records))
            yield f"{share} of its records do not fit"
        if faults := [code for code in dict.fromkeys(file.faults) if code not in (ignore or ())]:
            yield listing(faults)

    things = list(wrong())
    return Fact(len(things), max=0, more="".join(f"; {each}" for each in things))
