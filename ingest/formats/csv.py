"""CSV: the dialect, the columns as text, and where records stand.

DuckDB reads the file strictly and without sniffing, so a file that is sound costs one scan.
One that it refuses, or of which it sees another number of records than the framing does, is
screened: a copy in which every record that does not fit is replaced by a placeholder, line
for line, so that record numbers and line numbers stay those of the file.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ingest.errors import FileUnreadable
from ingest.frames import NEWLINE, RETURN, Frame, chunks, positions
from ingest.sql import identifier, literal

SUFFIXES = (".csv", ".tsv", ".txt")
DELIMITERS = (",", ";", "\t", "|")
SAMPLE = 1 << 16
LONGEST_RECORD = 16 << 20


@dataclass(frozen=True)
class Dialect:
    """How a CSV file separates its records and fields."""

    delimiter: str = ","
    quote: str = '"'
    newline: str = "\n"
    header: bool = True


def sniff(blob: Path, names: tuple[str, ...] = (), delimiter: str | None = None) -> Dialect:
    """Tell the dialect from the first 64 KiB of a file.

    Args:
        blob: The file.
        names: Column names that are expected in the header, where a contract tells them.
        delimiter: The delimiter, where a contract tells it.
    """
    sample = _sample(blob)
    newline = "\n" if b"\n" in sample else "\r" if b"\r" in sample else "\n"
    return Dialect(delimiter or _likeliest(sample, names), newline=newline)


def header(blob: Path, dialect: Dialect) -> list[str]:
    """Read the header cells as they stand in the file; empty for an empty file."""
    for frame in frames(blob, dialect):
        if len(frame):
            return cells(frame.data[frame.starts[0] : frame.ends[0]], dialect)
    return []


def cells(record: bytes, dialect: Dialect) -> list[str]:
    """Split one record into its cells."""
    text = record.decode("utf-8", "backslashreplace")
    return next(csv.reader([text], delimiter=dialect.delimiter, quotechar=dialect.quote), [])


def relation(path: Path, dialect: Dialect, width: int, nulls: tuple[str, ...]) -> str:
    """Give the SQL that reads a file as text columns c0, c1, …, refusing whatever does not fit.

    Args:
        path: The blob or its screened copy.
        dialect: Its dialect.
        width: Number of columns.
        nulls: Texts that stand for no value.
    """
    columns = ", ".join(f"'c{i}': 'VARCHAR'" for i in range(width))
    # A list of null texts may not be empty; a control character never stands alone in a cell.
    return (
        f"read_csv({literal(path)}, auto_detect = false, strict_mode = true, "
        f"header = {str(dialect.header).lower()}, delim = {literal(dialect.delimiter)}, "
        f"quote = {literal(dialect.quote)}, escape = {literal(dialect.quote)}, "
        f"nullstr = [{', '.join(map(literal, nulls or (chr(26),)))}], "
        f"max_line_size = {LONGEST_RECORD}, buffer_size = {2 * LONGEST_RECORD}, "
        f"columns = {{{columns}}})"
    )
