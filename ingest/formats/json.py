"""JSON: lines, arrays and objects, strictly judged, as columns of text.

DuckDB reads lines: those of the file itself, if it is nothing but sound records, one a line; or
those of a copy, in which a record that does not fit is but a number. At first it is hoped that
all records have the keys that the first ones have; all keys are read only where that is not so.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb
import msgspec

from ingest.areas import StagingArea
from ingest.columns import Column
from ingest.errors import FileUnreadable
from ingest.formats import Body, Text, said
from ingest.formats.json_fields import FITS, Fields, Keys, asked_for, fields, read_keys, rescued
from ingest.formats.json_framing import stretches
from ingest.formats.json_layout import Layout, keys_within, recall, tell, within
from ingest.formats.json_screening import Tally, screen, survey
from ingest.frames import LONGEST_RECORD, Frame, bom
from ingest.model import FileError
from ingest.rejects import keep
from ingest.source import Json, Source
from ingest.sql import literal

SUFFIXES = (".json", ".jsonl", ".ndjson")
MOST_FIELDS = 1000
"""Keys that become fields where no contract says which ones to take."""
SAMPLE = 1000
"""Records that show which keys to hope for."""

CUT_OFF = FileError(
    "cut-off", "the last object is not closed: the file may be cut off", incomplete=True
)
NOT_CLOSED = {
    "array": FileError(
        "truncated-array",
        "the array is not closed; what should follow its last record is missing",
        incomplete=True,
    ),
    "objects": CUT_OFF,
    "lines": CUT_OFF,
}

_RECORD = msgspec.json.Decoder(dict[str, msgspec.Raw])


@dataclass(frozen=True)
class _Lines:
    """Lines for DuckDB to read, each a record or the number of one that does not fit."""

    path: Path
    tally: Tally
    thorough: bool
    """Whether no key repeats in any of the records."""

    @property
    def sql(self) -> str:
        """The relation of `raw`."""
        return (
            f"read_csv({literal(self.path)}, auto_detect = false, header = false, delim = '\x01', "
            "quote = '', escape = '', nullstr = ['\x02'], columns = {'raw': 'VARCHAR'}, "
            f"max_line_size = {LONGEST_RECORD + 2}, buffer_size = {2 * LONGEST_RECORD})"
        )


@dataclass(frozen=True)
class _Reading:
    """What is read, and by what."""

    con: duckdb.DuckDBPyConnection
    area: StagingArea
    blob: Path
    layout: Layout
    source: Source
    errors: tuple[FileError, ...]


def read(con: duckdb.DuckDBPyConnection, blob: Path, source: Source, area: StagingArea) -> Text:
    """Give a JSON file as text: strings as they are, other values as JSON writes them.

    Args:
        con: The connection that will read it.
        blob: The frozen file, in UTF-8.
        source: The contract's half about files.
        area: Where the rejects are kept, and the copy, should one be needed.
    """
    layout, errors = (recall(blob, area.pinned), ()) if area.pinned else _laid_out(blob, source)
    reading = _Reading(con, area, blob, layout, source, errors)
    if any(error.fatal for error in errors):
        return Text("", {}, "", blob, 0, layout.dialect, errors)
    tally = survey(blob, layout)
    lines = _Lines(blob, tally, thorough=False) if tally else _copy(reading, thorough=False)
    return _hoped(reading, lines) or _told(reading, lines)


def body(blob: Path, source: Source, pinned: Mapping[str, Any]) -> Body | None:
    """Give the records of a small file that has one a line in one piece, if all of them fit."""
    layout, errors = (recall(blob, pinned), ()) if pinned else _laid_out(blob, source)
    tally = None if errors else survey(blob, layout)
    if not tally or not tally.records or any(column.path for column in source.columns):
        return None
    data = blob.read_bytes()[layout.start :].rstrip(b"\n")
    if b"\r" in data:
        return None
    keys = {frozenset(_RECORD.decode(line)) for line in data.split(b"\n")}
    known, found = {column.name for column in source.columns}, frozenset[str]().union(*keys)
    if found - known and len(keys) > 1:  # how often each comes decides on their order
        return None
    # Which known keys there are is all the same, as long as none is missing that is required.
    missing = {column.name for column in source.columns if column.required} - found
    told = found if found - known or missing else frozenset[str]()
    lines = tally.records
    return Body(
        data + b"\n", lines, layout.start, layout.line, lines, (*sorted(told),), layout.dialect
    )


def find(framed: Path, dialect: Mapping[str, Any]) -> Iterator[Frame]:
    """Find the records of a file whose dialect is known."""
    return (stretch.frame for stretch in stretches(framed, recall(framed, dialect)))


def _laid_out(blob: Path, source: Source) -> tuple[Layout, tuple[FileError, ...]]:
    """Tell where the records stand: as the contract says, or else where its columns are."""
    layout, declared = tell(blob), _spec(source).records
    ways = {} if layout.kind == "array" else keys_within(blob)
    if declared:
        found = within(blob, declared)
        error = FileError("no-records", f"there is no array at {declared}", fatal=True)
        return (found, ()) if found else (layout, (error,))
    wanted = {(column.path or column.name).split(".")[0].lower() for column in source.columns}
    known = [way for way, keys in ways.items() if wanted & {key.lower() for key in keys}]
    if "" in known or not known:
        return layout, ()
    found = within(blob, known[0])
    if len(known) > 1 or found is None:
        message = f"arrays of records stand at {' and '.join(known)}; say which with format.records"
        return layout, (FileError("records-within", message),)
    message = f"the records stand in an array at {known[0]}; say so with format.records"
    return found, (FileError("records-within", message),)


def _copy(reading: _Reading, *, thorough: bool) -> _Lines:
    """Copy the records that fit, and keep those that do not."""
    tally, path = Tally(), reading.area.scratch / f"{reading.blob.name}.lines"
    with path.open("wb") as copy:
        rejects = screen(reading.blob, reading.layout, copy, tally, thorough=thorough)
        keep(reading.con, reading.area, rejects)
    return _Lines(path, tally, thorough)


def _hoped(reading: _Reading, lines: _Lines) -> Text | None:
    """Read the lines in the hope that all records have the same keys, and no others than wanted."""
    names = None if lines.tally.nested else _first_keys(lines.path)
    if not names:
        return None
    plan = _plan(reading.source, Keys(names))
    missing = [c for c in reading.source.columns if c.required and c.name not in plan.cells]
    if plan.others or missing or len(json.loads(plan.structure)) < len(names):
        return None
    text = _text(reading, lines, plan, "json_transform_strict")
    # What is strict misses no key and no repetition, so all are told where they are no more.
    told = lines.tally.keys == len(names) * lines.tally.records
    no_more = (
        f"CASE WHEN {FITS} AND len(json_keys(raw)) <> {len(names)} "
        "THEN error('a record has other keys than the first one') END::JSON"
    )
    hope = "NULL::JSON" if told else no_more
    return replace(text, rescued=lambda taken: hope, screen=lambda: _told(reading, lines))


def _told(reading: _Reading, lines: _Lines) -> Text:
    """Read the lines by all the keys that there are."""
    shapes, ways = reading.area.table("shapes"), asked_for(reading.source.columns)
    try:
        keys = read_keys(reading.con, lines.sql, shapes, ways, lines.tally.nested)
    except (duckdb.InvalidInputException, duckdb.ConversionException) as error:
        if lines.thorough:
            raise FileUnreadable(f"the file cannot be read: {said(error)}") from error
        keys = Keys((), repeated=True)
    if keys.repeated and not lines.thorough:
        return _told(reading, _copy(reading, thorough=True))
    text = _text(reading, lines, _plan(reading.source, keys), "json_transform")
    if lines.thorough:
        return text
    return replace(text, screen=lambda: _told(reading, _copy(reading, thorough=True)))


def _plan(source: Source, keys: Keys) -> Fields:
    """Plan the fields that the contract wants, or those that there are where there is none."""
    columns = source.columns or tuple(
        Column.model_construct(name=name) for name in keys.names[:MOST_FIELDS] if "\0" not in name
    )
    return fields(columns, keys, _spec(source).null_values)


def _text(reading: _Reading, lines: _Lines, plan: Fields, transform: str) -> Text:
    copied, errors = lines.path != reading.blob, list(reading.errors)
    if not (lines.tally.records or reading.layout.kind == "array"):
        errors.append(FileError("empty-file", "the file is empty", fatal=True))
    elif not lines.tally.closed:
        errors.append(NOT_CLOSED[reading.layout.kind])
    record = f"CASE WHEN {FITS} THEN raw END" if copied else "raw"
    return Text(
        relation=f"(SELECT raw, {transform}({record}, {literal(plan.structure)}) AS j "
        f"FROM {lines.sql})",
        cells=plan.cells,
        rescued=partial(rescued, plan),
        rejected=f"CASE WHEN NOT {FITS} THEN raw::BIGINT END" if copied else "NULL::BIGINT",
        framed=reading.blob,
        records=lines.tally.records,
        dialect=reading.layout.dialect,
        errors=tuple(errors),
    )


def _first_keys(lines: Path) -> list[str] | None:
    """Tell the keys of the first records, if all of them have the same."""
    with lines.open("rb") as file:
        file.seek(bom(lines))
        some = [list(_RECORD.decode(line)) for line in islice(file, SAMPLE) if line[:1] == b"{"]
    return some[0] if some and all(set(keys) == set(some[0]) for keys in some) else None


def _spec(source: Source) -> Json:
    return source.format if isinstance(source.format, Json) else Json()
