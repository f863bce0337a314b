"""CSV: its dialect, its header, and its records as columns of text.

DuckDB reads the file strictly and without sniffing, so a sound file costs one scan. A file
that it refuses, or of which it counts other records than the framing does, is screened.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from dataclasses import fields as dataclass_fields
from pathlib import Path
from typing import Any

import duckdb

from ingest.areas import StagingArea
from ingest.formats import Body, Text
from ingest.formats import csv_framing as framing
from ingest.formats.csv_dialect import Dialect
from ingest.formats.csv_footnotes import MOST_NOTES, below_table, total
from ingest.formats.csv_framing import frames
from ingest.formats.csv_header import Table, find_table
from ingest.formats.csv_oddities import oddities
from ingest.formats.csv_screening import fitted, is_misread, screen
from ingest.formats.csv_sniffing import head, mixed_endings, rows, sniff
from ingest.frames import LONGEST_RECORD, Frame, count
from ingest.model import FileError
from ingest.rejects import keep, last
from ingest.source import Csv, Source
from ingest.sql import literal

SUFFIXES = (".csv", ".tsv", ".txt")
NEVER = chr(26)
"""A null text that no cell consists of; DuckDB's list of null texts may not be empty."""
EMPTY = FileError("empty-file", "the file is empty: not even a header", fatal=True)


def read(con: duckdb.DuckDBPyConnection, blob: Path, source: Source, area: StagingArea) -> Text:
    """Give a CSV file as text; it is read twice only when something is wrong with it.

    Args:
        con: The connection that will read it.
        blob: The frozen file.
        source: The contract's half about files.
        area: Where rejects are kept, and the screened copy, should one be needed.
    """
    spec, dialect, table = _described(blob, source, area.pinned)
    names, (header, _, _) = table.names, framing.body(blob, dialect)
    records, misread = 0, dialect.screened
    odd: dict[str, FileError] = {}
    for frame in frames(blob, dialect):
        records += len(frame)
        misread = misread or is_misread(frame.data, dialect)
        for error in oddities(frame, dialect, header):
            odd.setdefault(error.code, error)
    sound = Text(
        relation=_relation(blob, dialect, spec.null_values) if names else "",
        cells={name: f"c{i}" for i, name in enumerate(names)},
        rejected="NULL::BIGINT",
        framed=blob,
        records=records,
        dialect=asdict(dialect),
        errors=(*table.errors, *odd.values(), *total(blob, dialect)) if names else (EMPTY,),
    )
    if misread and names:
        return _screened(con, blob, dialect, sound, spec, area)
    return replace(sound, screen=lambda: _screened(con, blob, dialect, sound, spec, area))


def body(blob: Path, source: Source, pinned: Mapping[str, Any]) -> Body | None:
    """Give the records of a small file in one piece, unless there is anything peculiar about it."""
    _, dialect, table = _described(blob, source, pinned)
    data, newline = blob.read_bytes(), dialect.newline.encode()
    header, byte, line = framing.body(blob, dialect)
    data = data[byte:].rstrip(newline) + newline
    peculiar = table.errors or dialect.width < 2 or is_misread(data, dialect)
    if peculiar or not _uniform(data, newline) or any(total(blob, dialect)):
        return None
    found = list(find(blob, asdict(dialect)))
    if any(error for frame in found for error in oddities(frame, dialect, header)):
        return None
    records = count(iter(found))
    return Body(data, data.count(newline), byte, line, records, table.names, asdict(dialect))


def _uniform(data: bytes, newline: bytes) -> bool:
    """Whether all lines end alike."""
    rest = data.replace(newline, b"")
    return b"\n" not in rest and b"\r" not in rest


def _described(blob: Path, source: Source, pinned: Mapping[str, Any]) -> tuple[Csv, Dialect, Table]:
    """Tell what the contract says of a file, how it is written, and where its table begins."""
    spec = source.format if isinstance(source.format, Csv) else Csv()
    known = _dialect(pinned) if pinned else None
    skip = spec.skip or 0
    sample = head(blob, skip)
    dialect = known or sniff(sample, spec, [column.name for column in source.columns])
    table = find_table(rows(sample, dialect, skip), spec, source.columns, known)
    table = replace(table, errors=(*table.errors, *mixed_endings(sample, dialect)))
    width = len(table.names)
    return spec, replace(dialect, header=table.header, skip=table.skip, width=width), table


def _screened(
    con: duckdb.DuckDBPyConnection,
    blob: Path,
    dialect: Dialect,
    sound: Text,
    spec: Csv,
    area: StagingArea,
) -> Text:
    # The mark cannot be guessed, so no cell of a file can pass for a placeholder.
    mark = f"reject-{uuid.uuid4().hex}-"
    path = area.scratch / f"{blob.name}.screened"
    dialect = replace(dialect, screened=True)
    with path.open("wb") as copy:
        keep(con, area, screen(blob, dialect, copy, mark))
    notes = below_table(blob, dialect, last(con, area, MOST_NOTES + 1))
    return replace(
        sound,
        relation=_relation(path, replace(dialect, header=True, skip=0), spec.null_values),
        rejected=f"CASE WHEN starts_with(c0, '{mark}') "
        f"THEN substr(c0, {len(mark) + 1})::BIGINT END",
        records=count(find(blob, asdict(dialect))),
        dialect=asdict(dialect),
        errors=(*sound.errors, *notes),
        screen=None,
    )


def _relation(path: Path, dialect: Dialect, nulls: tuple[str, ...]) -> str:
    """Give the SQL that reads a file as text columns c0, c1, …, refusing what does not fit."""
    columns = ", ".join(f"'c{i}': 'VARCHAR'" for i in range(dialect.width))
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
    known = _dialect(dialect)
    if known.screened:
        return (frame for frame, _ in fitted(framed, known))
    return frames(framed, known)


def _dialect(known: Mapping[str, Any]) -> Dialect:
    """Take what is ours from all that is known of how a file is written."""
    return Dialect(**{each.name: known[each.name] for each in dataclass_fields(Dialect)})
