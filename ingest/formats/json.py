"""JSON: one object a line, or one array of objects, as columns of text.

Records are found by their line, or by their depth in the array, before any of them is parsed:
so a bad one is one reject, and what cannot be parsed strictly is never guessed at.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray
from pydantic_core import from_json

from ingest.formats import Text
from ingest.frames import LONGEST_RECORD, NEWLINE, Frame, all_records, bom, chunks, positions
from ingest.model import FileError
from ingest.rejects import Reject, StagingArea, keep
from ingest.source import Json, Source
from ingest.sql import identifier, literal

SUFFIXES = (".json", ".jsonl", ".ndjson")
SUSPECT = r"NaN|Infinity|,\s*[}\]]"
"""What DuckDB's parser lets pass and JSON does not; found within a string, it is no fault."""

SAMPLE = 1024
FEW = 64
"""Steps after which a leap, which looks at every byte, is the shorter way."""
BLANKS = np.frombuffer(b" \t\r\n", np.uint8)
DEPTH = np.zeros(256, np.int8)
DEPTH[list(b"[{")] = 1
DEPTH[list(b"]}")] = -1
MARKS = DEPTH != 0
MARKS[ord(",")] = True

Offsets = NDArray[np.int64]


def read(con: duckdb.DuckDBPyConnection, blob: Path, source: Source, area: StagingArea) -> Text:
    """Give a JSON file as text: strings as they are, other values as JSON writes them.

    Args:
        con: The connection that will read it.
        blob: The frozen file.
        source: The contract's half about files.
        area: Where the records and the rejects among them are kept.
    """
    spec = source.format if isinstance(source.format, Json) else Json()
    array = _opening(blob) is not None
    dialect = {"layout": "array" if array else "lines"}
    records = area.table("lines")
    con.register("_lines", all_records(find(blob, dialect)))
    con.execute(f"CREATE OR REPLACE TABLE {records} AS FROM _lines")
    con.unregister("_lines")
    keep(con, area, _faults(con, records))
    con.execute(
        f"UPDATE {records} SET raw = NULL "
        f"WHERE _record_no IN (SELECT number FROM {area.table('rejects')})"
    )
    fields = con.sql(
        f"SELECT key FROM (SELECT unnest(json_keys(raw)) AS key FROM {records}) GROUP BY key "
        "ORDER BY count(*) DESC, key"
    ).fetchall()
    total = con.sql(f"SELECT count(*) FROM {records}").fetchall()[0][0]
    structure, cells = _cells([key for (key,) in fields], spec)
    errors = []
    if not total and not array:
        errors.append(FileError("empty-file", "the file is empty", fatal=True))
    if array and not _closed(blob):
        message = "the array is not closed; what should follow its last record is missing"
        errors.append(FileError("truncated-array", message, incomplete=True))
    return Text(
        relation=f"(SELECT _record_no, raw, json_transform(raw, {literal(structure)}) AS j "
        f"FROM {records})",
        cells=cells,
        rejected="CASE WHEN raw IS NULL THEN _record_no END",
        framed=blob,
        records=total,
        dialect=dialect,
        errors=tuple(errors),
    )


def find(framed: Path, dialect: Mapping[str, Any]) -> Iterator[Frame]:
    """Find the records of a file whose layout is known."""
    return (array_frames if dialect["layout"] == "array" else line_frames)(framed)


def _cells(keys: list[str], spec: Json) -> tuple[str, dict[str, str]]:
    """Plan how each key is taken out: all in one parse, but those that DuckDB takes for one."""
    structure: dict[str, str] = {}
    cells: dict[str, str] = {}
    taken: set[str] = set()
    for key in keys:
        if key and key.lower() not in taken:
            taken.add(key.lower())
            structure[key] = "VARCHAR"
            cells[key] = f"j.{identifier(key)}"
        else:
            pointer = "/" + key.replace("~", "~0").replace("/", "~1")
            cells[key] = f"json_extract_string(raw, {literal(pointer)})"
    if spec.null_values:
        nulls = ", ".join(map(literal, spec.null_values))
        cells = {key: f"CASE WHEN {c} NOT IN ({nulls}) THEN {c} END" for key, c in cells.items()}
    return json.dumps(structure or {"_": "VARCHAR"}), cells


def _faults(con: duckdb.DuckDBPyConnection, records: str) -> Iterator[Reject]:
    """Judge strictly whatever DuckDB's parser refuses, or may have let pass."""
    suspects = con.cursor().execute(
        f"""SELECT _record_no, line, byte, raw FROM {records} WHERE CASE
        WHEN NOT json_valid(raw) THEN true
        WHEN json_type(raw) <> 'OBJECT' THEN true
        WHEN len(json_keys(raw)) <> len(list_distinct(json_keys(raw))) THEN true
        ELSE regexp_matches(raw, ?) END ORDER BY _record_no""",
        [SUSPECT],
    )
    while rows := suspects.fetchmany(1000):
        for number, line, byte, raw in rows:
            if reason := _fault(raw):
                yield Reject(number, line, byte, raw, reason)


def _fault(raw: str) -> str | None:
    try:
        value = from_json(raw, allow_inf_nan=False)
        pairs = json.loads(raw, object_pairs_hook=list)
    except ValueError as error:
        if byte := re.search(r"\\x[0-9a-f]{2}", raw):
            return f"it holds a byte that is not UTF-8, shown as {byte.group()}"
        return f"it is not valid JSON: {error}"
    if not isinstance(value, dict):
        return f"it is {json.dumps(value)[:40]}, not an object"
    if len(pairs) != len(value):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        return f"the key {json.dumps(twice)} stands in it twice"
    return None


def line_frames(blob: Path) -> Iterator[Frame]:
    """Find the records of a file that has one a line; blank lines are none."""
    pending, offset, line = b"", bom(blob), 1
    for chunk in chain(chunks(blob, offset), [b""]):
        data = pending + chunk
        breaks = positions(data, NEWLINE)
        if (not chunk and not data.endswith(b"\n")) or _endless(data, breaks):
            breaks = np.append(breaks, len(data))
        yield (frame := _between(data, offset, line, breaks))
        line += len(frame.breaks)
        offset, pending = offset + len(frame.data), data[len(frame.data) :]


def array_frames(blob: Path) -> Iterator[Frame]:
    """Find the elements of an array by the depth of brackets outside strings.

    What stands after the array is a record as well, so that it is rejected and not lost; so is
    the last element of an array that is not closed.
    """
    offset = _opening(blob) or 0
    with blob.open("rb") as file:
        line = file.read(offset).count(b"\n") + 1
    pending, closed = b"", False
    for chunk in chain(chunks(blob, offset), [b""]):
        data, breaks = pending + chunk, np.zeros(0, np.int64)
        if not closed:
            breaks, closed = _separators(data)
        if closed or not chunk or _endless(data, breaks):
            breaks = np.append(breaks, len(data))
        yield (frame := _between(data, offset, line, breaks))
        line += len(frame.breaks)
        offset, pending = offset + len(frame.data), data[len(frame.data) :]


def _endless(data: bytes, breaks: Offsets) -> bool:
    """Whether what comes after the last break is too long to wait for its end."""
    return len(data) - (int(breaks[-1]) if len(breaks) else 0) >= LONGEST_RECORD


def _between(data: bytes, offset: int, line: int, breaks: Offsets) -> Frame:
    """Make a frame of what stands between breaks, without white space around it."""
    octets = np.frombuffer(data + b"\n", np.uint8)
    starts = np.append(np.zeros(1, np.int64), breaks[:-1] + 1)[: len(breaks)]
    starts, ends = _trimmed(octets, starts, breaks)
    filled = ends > starts
    used = min(int(breaks[-1]) + 1, len(data)) if len(breaks) else 0
    data = data[:used]
    return Frame(data, offset, line, starts[filled], ends[filled], positions(data, NEWLINE))


def _trimmed(octets: NDArray[np.uint8], starts: Offsets, ends: Offsets) -> tuple[Offsets, Offsets]:
    """Move starts and ends to where something stands; step by step, and then in one leap."""
    for _ in range(FEW):
        ahead = (starts < ends) & np.isin(octets[starts], BLANKS)
        behind = (starts < ends) & np.isin(octets[ends - 1], BLANKS) & ~ahead
        if not (ahead.any() or behind.any()):
            return starts, ends
        starts, ends = starts + ahead, ends - behind
    filled = np.append(np.flatnonzero(~np.isin(octets, BLANKS)), len(octets))
    starts = np.minimum(filled[np.searchsorted(filled, starts)], ends)
    last = filled[np.maximum(np.searchsorted(filled, ends) - 1, 0)] + 1
    return starts, np.clip(last, starts, ends)


def _separators(data: bytes) -> tuple[Offsets, bool]:
    """Find the commas between elements, and the bracket that closes the array, if it is there."""
    octets = np.frombuffer(data, np.uint8)
    quotes = positions(data, ord('"'))
    if b"\\" in data:
        quotes = quotes[_escapes_before(octets, quotes) % 2 == 0]
    marks = np.flatnonzero(MARKS[octets])
    marks = marks[np.searchsorted(quotes, marks) % 2 == 0]
    depth = np.cumsum(DEPTH[octets[marks]], dtype=np.int64)
    closing = np.flatnonzero(depth < 0)[:1]
    within = int(closing[0]) if len(closing) else len(marks)
    commas = (depth[:within] == 0) & (octets[marks[:within]] == ord(","))
    return np.append(marks[:within][commas], marks[closing]), len(closing) > 0


def _escapes_before(octets: NDArray[np.uint8], at: Offsets) -> Offsets:
    """Count the backslashes that stand in a row before each position."""
    runs = np.zeros(len(at), np.int64)
    for _ in range(FEW):
        before = at - 1 - runs
        more = (before >= 0) & (octets[np.maximum(before, 0)] == ord("\\"))
        if not more.any():
            return runs
        runs += more
    others = np.append(-1, np.flatnonzero(octets != ord("\\")))
    leapt: Offsets = at - 1 - others[np.searchsorted(others, at) - 1]
    return leapt


def _opening(blob: Path) -> int | None:
    """Byte after the bracket that opens an array, if the file begins with one."""
    with blob.open("rb") as file:
        file.seek(bom(blob))
        while piece := file.read(SAMPLE):
            if stripped := piece.lstrip():
                at = file.tell() - len(stripped)
                return at + 1 if stripped.startswith(b"[") else None
    return None


def _closed(blob: Path) -> bool:
    with blob.open("rb") as file:
        file.seek(max(blob.stat().st_size - SAMPLE, 0))
        return file.read().rstrip().endswith(b"]")
