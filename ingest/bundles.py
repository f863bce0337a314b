"""Bundles: small files that are alike, written one behind the other and staged as one file.

Staging, judging and publishing cost much the same for ten records as for ten thousand. So what
would be done to each of many small files is done once to all of them, and told apart by where
their records stand. A file about which anything is peculiar stays by itself.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from ingest import staging, strays
from ingest.areas import StagingArea
from ingest.formats import Body
from ingest.formats.known import FORMATS, format_of
from ingest.model import Load
from ingest.source import Source
from ingest.staged import Staged
from ingest.warehouse import lend

_PLACES = {
    **dict.fromkeys(("load_id", "file_id", "before", "line", "byte"), "BIGINT"),
    "file": "VARCHAR",
    "version": "INTEGER",
}


@dataclass(frozen=True)
class Part:
    """A small file whose records may stand behind those of another."""

    load: Load
    blob: Path
    format: str
    body: Body
    before: int = 0
    """What its record numbers in the bundle are more than in the file."""
    line: int = 0
    """What its lines in the bundle are more than in the file; may be negative."""
    byte: int = 0
    """What its bytes in the bundle are more than in the file; may be negative."""

    @cached_property
    def likeness(self) -> str:
        """What is the same of two files that may share a bundle."""
        return json.dumps([self.format, self.body.dialect, self.body.fields], sort_keys=True)


@dataclass(frozen=True)
class Bundle:
    """Small files, staged as one."""

    parts: tuple[Part, ...]
    staged: Staged
    rejected: Mapping[int, int]
    """How many records of a file do not fit, by its load's id; none where it is not there."""

    def apart(self, numbered: str) -> str:
        """Give the SQL of numbered records, `r`, each beside the part `p` that it belongs to."""
        return _apart(self.staged.area, numbered)


class Apart(Exception):
    """Files cannot share one bundle; carries those that still may."""

    def __init__(self, groups: Iterable[Sequence[Part]]) -> None:
        self.groups = [group for group in groups if group]
        super().__init__(" and ".join(str(len(group)) for group in self.groups))


def part(load: Load, blob: Path, source: Source, pinned: Mapping[str, Any]) -> Part | None:
    """Describe a small file as a part of a bundle, if it may be one.

    Args:
        load: Its load.
        blob: The frozen file.
        source: The contract's half about files.
        pinned: How it is written, where that is known.

    Raises:
        FileUnreadable: No format goes by its suffix.
    """
    format = format_of(load.file.name, source)
    body = FORMATS[format].body(blob, source, pinned)
    return Part(load, blob, format, body) if body and body.records else None


def stage(
    con: duckdb.DuckDBPyConnection, parts: Sequence[Part], source: Source, area: StagingArea
) -> Bundle:
    """Stage files that are alike as one.

    Args:
        con: The connection.
        parts: The files.
        source: The contract's half about files.
        area: Where to stage them.

    Raises:
        Apart: Together they would not be read as each is alone.
        FileUnreadable: They cannot be read.
    """
    path = area.scratch / "bundle"
    parts = _write(path, parts)
    area = replace(area, scratch=area.scratch / "copies")  # of which the bundle is none
    area.scratch.mkdir()
    dialect = parts[0].body.dialect
    area = replace(area, pinned=dialect)
    staged = staging.stage(con, path, parts[0].format, source, area)
    if not staged.readable:
        raise Apart([each] for each in parts)
    if staged.dialect != dialect:
        raise Apart(_by_health(con, staged, parts, area.scratch))
    _verify(con, staged, parts)
    _tell(con, area, parts)
    rejected, odd = _found(con, staged)
    if odd:
        others = [each for each in parts if each.load.load_id not in odd]
        raise Apart([others, *([each] for each in parts if each.load.load_id in odd)])
    return Bundle(tuple(parts), replace(staged, errors=()), rejected)


def alike(parts: Iterable[Part]) -> list[list[Part]]:
    """Put those together that may share a bundle, in their order."""
    groups: dict[str, list[Part]] = {}
    for each in parts:
        groups.setdefault(each.likeness, []).append(each)
    return list(groups.values())


def halves(parts: Sequence[Part]) -> list[Sequence[Part]]:
    """Divide files in two, for want of a better reason."""
    return [parts[: len(parts) // 2], parts[len(parts) // 2 :]]


def _apart(area: StagingArea, numbered: str) -> str:
    return f"({numbered}) r ASOF JOIN {area.table('parts')} p ON r._record_no > p.before"


def _write(path: Path, parts: Sequence[Part]) -> list[Part]:
    """Write parts one behind the other, and tell where each stands.

    What comes before the records is taken from the first, for it is the same in all.
    """
    placed, before, line = [], 0, parts[0].body.line
    with path.open("wb") as file:
        file.write(parts[0].blob.read_bytes()[: parts[0].body.byte])
        for each in parts:
            body, byte = each.body, file.tell() - each.body.byte
            placed.append(replace(each, before=before, line=line - body.line, byte=byte))
            file.write(body.data)
            before, line = before + body.records, line + body.lines
    return placed


def _by_health(
    con: duckdb.DuckDBPyConnection, staged: Staged, parts: Sequence[Part], scratch: Path
) -> Iterator[Sequence[Part]]:
    """Divide files by whether some of their records do not fit, for which all were screened.

    A sound file must not be read in another way because of its neighbours.
    """
    screened = {**parts[0].body.dialect, "screened": True}
    rejects = con.sql(f"SELECT DISTINCT line FROM {staged.area.table('rejects')}").fetchnumpy()
    top = np.array([each.body.line + each.line for each in parts])
    sick = set((np.searchsorted(top, rejects["line"], "right") - 1).tolist())
    if staged.dialect != screened or not sick:
        yield from halves(parts)
        return
    yield [each for i, each in enumerate(parts) if i not in sick]
    count = FORMATS[staged.format].count
    yield [
        replace(part, body=replace(part.body, dialect=screened, records=records))
        for part in (each for i, each in enumerate(parts) if i in sick)
        for records in [count(part.blob, screened, scratch)]
    ]


def _tell(con: duckdb.DuckDBPyConnection, area: StagingArea, parts: Sequence[Part]) -> None:
    """Keep beside the staged records where each part of them is from."""
    rows = [
        {
            "load_id": each.load.load_id,
            "file_id": each.load.file.file_id,
            "file": each.load.file.name,
            "version": each.load.file.version,
            "before": each.before,
            "line": each.line,
            "byte": each.byte,
        }
        for each in parts
    ]
    with lend(con, _PLACES, rows) as lent:
        con.execute(f"CREATE TABLE {area.table('parts')} AS FROM {lent}")


def _found(
    con: duckdb.DuckDBPyConnection, staged: Staged
) -> tuple[dict[int, int], Collection[int]]:
    """Look what is in each file, by its load.

    Returns:
        How many records do not fit, of those files that have some; and the files that end with
        one, which may be no record at all, or have a column without a value of its type.
    """
    strange = " OR ".join(
        f"(count(c{i}) = 0 AND count(CASE WHEN {strays.lost(i)} THEN 1 END) > 0)"
        for i, column in enumerate(staged.columns)
        if column.name in staged.drift.strays
    )
    records = f"SELECT rowid + 1 AS _record_no, * FROM {staged.area.table('records')}"
    rows = con.sql(
        "SELECT p.load_id, count(r._reject), "
        f"arg_max(r._reject IS NOT NULL, r._record_no) OR {strange or 'false'} "
        f"FROM {_apart(staged.area, records)} GROUP BY ALL"
    ).fetchall()
    return (
        {load_id: rejected for load_id, rejected, _ in rows if rejected},
        {load_id for load_id, _, odd in rows if odd},
    )


def _verify(con: duckdb.DuckDBPyConnection, staged: Staged, parts: Sequence[Part]) -> None:
    """Make sure that every file has its own records, all of them, and those of no other.

    Raises:
        Apart: One has not; it is then left by itself.
    """
    first = np.array([each.before + 1 for each in parts])
    last = np.array([each.before + each.body.records for each in parts])
    top = np.array([each.body.line + each.line for each in parts])
    bottom = top + [each.body.lines for each in parts]
    line = np.zeros(last[-1] + 1, np.int64)
    for raw in staged.raw_records(con, np.unique([first, last])):
        line[raw["_record_no"].to_numpy()] = raw["line"].to_numpy()
    astray = np.flatnonzero((line[first] < top) | (line[last] >= bottom))
    if len(astray) or staged.records != last[-1]:
        odd = int(astray[0]) if len(astray) else len(parts) - 1
        raise Apart([parts[:odd], [parts[odd]], parts[odd + 1 :]])
