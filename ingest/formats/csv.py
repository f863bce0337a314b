"""CSV: its dialect, its header, and its records as columns of text.

DuckDB reads the file strictly and without sniffing, so a sound file costs one scan. A file
that it refuses, or of which it counts other records than the framing does, is screened.
"""

from __future__ import annotations

import csv
import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import duckdb

from ingest.formats import Text
from ingest.formats.csv_framing import Dialect, fields, frames
from ingest.formats.csv_screening import screen
from ingest.formats.naming import name_columns
from ingest.frames import LONGEST_RECORD, Frame, bom, count
from ingest.model import FileError
from ingest.rejects import StagingArea, keep
from ingest.source import Csv, Source
from ingest.sql import literal

SUFFIXES = (".csv", ".tsv", ".txt")
DELIMITERS = ",;\t|"
SAMPLE = 1 << 16
NEVER = chr(26)
"""A null text that no cell consists of; DuckDB's list of null texts may not be empty."""


def read(con: duckdb.DuckDBPyConnection, blob: Path, source: Source, area: StagingArea) -> Text:
    """Give a CSV file as text; it is read twice only when something is wrong with it.

    Args:
        con: The connection that will read it.
        blob: The frozen file.
        source: The contract's half about files.
        area: Where rejects are kept, and the screened copy, should one be needed.
    """
    spec = source.format if isinstance(source.format, Csv) else Csv()
    declared = tuple(column.name for column in source.columns)
    dialect = sniff(blob, spec, declared)
    names, errors = header(blob, dialect, declared)
    dialect = replace(dialect, single=len(names) == 1)
    records, holds_nul = 0, False
    for frame in frames(blob, dialect):
        records += len(frame)
        holds_nul = holds_nul or b"\0" in frame.data
    sound = Text(
        relation=_relation(blob, dialect, len(names), spec.null_values),
        cells={name: f"c{i}" for i, name in enumerate(names)},
        rejected="NULL::BIGINT",
        framed=blob,
        records=records,
        dialect=asdict(dialect),
        errors=errors,
    )
    if holds_nul and names:  # DuckDB would let it pass
        return _screened(con, blob, dialect, sound, spec, area)
    return replace(sound, screen=lambda: _screened(con, blob, dialect, sound, spec, area))


def _screened(
    con: duckdb.DuckDBPyConnection,
    blob: Path,
    dialect: Dialect,
    sound: Text,
    spec: Csv,
    area: StagingArea,
) -> Text:
    # The mark cannot be guessed, so no cell of a file can pass for a placeholder.
    mark, width = f"reject-{uuid.uuid4().hex}-", len(sound.cells)
    path = area.scratch / f"{blob.name}.screened"
    with path.open("wb") as copy:
        keep(con, area, screen(blob, dialect, width, copy, mark))
    return replace(
        sound,
        relation=_relation(path, dialect, width, spec.null_values),
        rejected=f"CASE WHEN starts_with(c0, '{mark}') "
        f"THEN substr(c0, {len(mark) + 1})::BIGINT END",
        framed=path,
        records=count(frames(path, dialect)),
        screen=None,
    )


def _relation(path: Path, dialect: Dialect, width: int, nulls: tuple[str, ...]) -> str:
    """Give the SQL that reads a file as text columns c0, c1, …, refusing what does not fit."""
    columns = ", ".join(f"'c{i}': 'VARCHAR'" for i in range(width))
    return (
        f"read_csv({literal(path)}, auto_detect = false, strict_mode = true, "
        f"header = {str(dialect.header).lower()}, skip = {dialect.skip}, "
        f"delim = {literal(dialect.delimiter)}, quote = {literal(dialect.quote)}, "
        f"escape = {literal(dialect.escape)}, "
        f"nullstr = [{', '.join(map(literal, nulls or (NEVER,)))}], "
        f"max_line_size = {LONGEST_RECORD}, buffer_size = {2 * LONGEST_RECORD}, "
        f"columns = {{{columns}}})"
    )


def find(framed: Path, dialect: Mapping[str, Any]) -> Iterator[Frame]:
    """Find the records of a file whose dialect is known."""
    return frames(framed, Dialect(**dialect))


def sniff(blob: Path, spec: Csv, names: tuple[str, ...] = ()) -> Dialect:
    """Tell the dialect from what the contract says and the first 64 KiB of the file.

    Args:
        blob: The file.
        spec: What the contract says of it.
        names: Columns that the header is expected to name.
    """
    with blob.open("rb") as file:
        file.seek(bom(blob))
        sample = file.read(SAMPLE)
    crlf = sample.count(b"\r\n")
    endings = {
        "\n": sample.count(b"\n") - crlf,
        "\r\n": crlf,
        "\r": sample.count(b"\r") - crlf,
    }
    return Dialect(
        delimiter=spec.delimiter or _likeliest(sample.decode("utf-8", "replace"), names),
        quote=spec.quote,
        escape=spec.escape,
        skip=spec.skip + (0 if spec.skip else _blank_lines(sample)),
        newline=max(endings, key=lambda ending: endings[ending]),
        header=spec.header,
    )


def _blank_lines(sample: bytes) -> int:
    """How many blank lines a file begins with: DuckDB would take the first for its header."""
    blank = re.match(rb"(?:\r\n|\n|\r)*", sample)
    return len((blank.group() if blank else b"").replace(b"\r\n", b"\n"))


def _likeliest(sample: str, names: tuple[str, ...]) -> str:
    """Choose the delimiter whose header names most columns, and then splits most lines alike."""
    lines = [line for line in sample.splitlines()[:100] if line.strip()]
    if len(lines) > 1 and len(sample) >= SAMPLE // 2:
        lines.pop()

    def merit(delimiter: str) -> tuple[int, float, int]:
        rows = [row for row in csv.reader(lines, delimiter=delimiter) if row]
        if not rows:
            return 0, 0.0, 0
        known = len({cell.strip() for cell in rows[0]} & set(names))
        width = len(rows[0])
        alike = sum(len(row) == width for row in rows) / len(rows) if width > 1 else 0.0
        return known, alike, width

    return max(DELIMITERS, key=merit)


def header(
    blob: Path, dialect: Dialect, declared: tuple[str, ...]
) -> tuple[tuple[str, ...], tuple[FileError, ...]]:
    """Read the names of the columns; blank and repeated ones are given a name of their own."""
    whole = frames(blob, replace(dialect, header=False))
    first = next((frame for frame in whole if len(frame)), None)
    if first is None:
        return (), (FileError("empty-file", "the file is empty: not even a header", fatal=True),)
    cells = fields(first.data[first.starts[0] : first.ends[0]], dialect)
    if not dialect.header:
        unnamed = (f"column_{i + 1}" for i in range(len(declared), len(cells)))
        return (*declared[: len(cells)], *unnamed), ()
    return name_columns(cells, dialect.skip + 1)
