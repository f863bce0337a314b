"""CSV records that do not fit: found by the exact pattern, and kept from DuckDB's reader."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from ingest.formats.csv_framing import (
    LINE,
    Dialect,
    beginning,
    count_lines,
    patterns,
    printable,
    still_open,
)
from ingest.frames import CHUNK, LONGEST_RECORD, chunks, is_utf8
from ingest.rejects import Reject

csv.field_size_limit(LONGEST_RECORD)


def screen(
    blob: Path, dialect: Dialect, width: int, copy: BinaryIO, placeholder: str
) -> Iterator[Reject]:
    """Copy a CSV file, putting a placeholder in the place of whatever does not fit.

    A record that does not fit is given up at the end of its first line, so that one bad quote
    costs one line and never its neighbours. The copy has the lines of the file, one for one.

    Args:
        blob: The file.
        dialect: Its dialect.
        width: Number of fields that a record has.
        copy: Where the copy is written.
        placeholder: What stands first in a placeholder's first field, before its number.

    Yields:
        The rejects, in order, numbered as their placeholders are, from 0.
    """
    exact = patterns(dialect, width)
    newline = dialect.newline.encode()
    pending, offset, line, number = b"", beginning(blob, dialect), dialect.skip + 1, 0
    blanks = dialect.delimiter.encode() * (width - 1) + newline
    skipping = dialect.header
    copy.write(newline * dialect.skip)

    for chunk in chain(chunks(blob, offset, CHUNK // 2), [b""]):
        data, at = pending + chunk, 0
        if chunk and data.endswith(b"\r"):
            data, pending = data[:-1], b"\r"
        else:
            pending = b""
        while at < len(data):
            if skipping:
                head = patterns(dialect, None).record.match(data, at) or LINE.match(data, at)
                assert head
                if chunk and head.end() == len(data):
                    break
                copy.write(b"header" + newline * count_lines(head.group()))
                line, at, skipping = line + count_lines(head.group()), head.end(), not head.group(1)
                continue
            run = exact.run.match(data, at)
            if run and len(run.group()) <= LONGEST_RECORD and _clean(run.group(), newline):
                copy.write(run.group())
                line, at = line + count_lines(run.group()), run.end()
                continue
            one = exact.record.match(data, at)
            if chunk and (one is None or one.end() == len(data)) and still_open(exact, data, at):
                break
            if one and len(one.group(1)) <= LONGEST_RECORD and is_utf8(one.group(1)):
                copy.write(one.group(1) + newline)
            else:
                if one is None or len(one.group(1)) <= LONGEST_RECORD:
                    one = LINE.match(data, at)
                assert one
                text = one.group(1)
                yield Reject(
                    number, line, offset + at, printable(text), reason(text, dialect, width)
                )
                copy.write(f"{placeholder}{number}".encode() + blanks)
                number += 1
            line, at = line + count_lines(one.group()), one.end()
        pending = data[at:] + pending
        offset += at


def _clean(run: bytes, newline: bytes) -> bool:
    """Whether DuckDB takes these records as they are: one line ending throughout, and UTF-8."""
    if newline == b"\n":
        uniform = b"\r" not in run
    elif newline == b"\r":
        uniform = b"\n" not in run
    else:
        uniform = run.count(newline) == run.count(b"\r") == run.count(b"\n")
    return uniform and is_utf8(run)


def reason(line: bytes, dialect: Dialect, width: int) -> str:
    """Say why a line is no record, so that its supplier can act on it."""
    if len(line) > LONGEST_RECORD:
        return f"it is longer than {LONGEST_RECORD >> 20} MB"
    if b"\0" in line:
        return f"it holds a NUL byte, at byte {line.index(0) + 1} of the line"
    try:
        text = line.decode()
    except UnicodeDecodeError as error:
        return f"byte {error.start + 1} of the line (0x{line[error.start]:02x}) is not UTF-8"
    if len(dialect.delimiter) == 1:
        options = {"delimiter": dialect.delimiter, "quotechar": dialect.quote or None}
        try:
            found = len(next(csv.reader([text], strict=True, **options), []))  # type: ignore[arg-type]
        except csv.Error as error:
            unclosed = "unexpected end" in str(error)
            return (
                "a quote is opened and not closed" if unclosed else "text follows a closing quote"
            )
        if found != width:
            return (
                f"it has {found} {'field' if found == 1 else 'fields'} where {width} are expected"
            )
    return f"it does not split into {width} fields"
