"""Staging: a file as typed rows and the verdict of each cast, one row a record.

A staging area is a DuckDB catalog of its own: in memory for a small file, because doing it
again is cheaper than saving it; a file for a large one, so that a later failure never
parses again.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ingest import drift, names, strays
from ingest.casting import cast
from ingest.drift import Drift
from ingest.errors import FileUnreadable
from ingest.formats import Format, Text, csv, excel, in_frames, is_of_file, parquet
from ingest.formats import json as json_format
from ingest.model import FileError
from ingest.rejects import StagingArea, keep
from ingest.source import Column, Source
from ingest.sql import identifier, literal

FORMATS = {
    "csv": in_frames(csv.SUFFIXES, csv.read, csv.find, csv.body),
    "json": in_frames(json_format.SUFFIXES, json_format.read, json_format.find, json_format.body),
    "excel": Format(excel.SUFFIXES, excel.read, excel.raw_records, excel.count),
    "parquet": Format(parquet.SUFFIXES, parquet.read, parquet.raw_records, parquet.count),
}
LONGEST_PROBLEM = 300
"""Characters of DuckDB's words about a file, which may quote all of it."""
FACTS = ("fields", "records", "rejected", "format", "framed", "dialect", "errors", "drift")


@dataclass(frozen=True)
class Staged:
    """A file, staged."""

    area: StagingArea
    columns: tuple[Column, ...]
    fields: tuple[str, ...]
    """What the file calls its columns."""
    records: int
    """Records in the file, counted without DuckDB's reader."""
    rejected: int
    """Of those, how many do not fit."""
    format: str
    framed: str
    dialect: Mapping[str, Any]
    errors: tuple[FileError, ...]
    drift: Drift = field(default_factory=Drift)
    """How the file differs from what is declared."""

    @property
    def copied(self) -> bool:
        """Whether a copy was read, which has the lines of the file, but not its bytes."""
        return self.area.holds(Path(self.framed))

    @property
    def readable(self) -> bool:
        """Whether there are rows to judge."""
        return not any(error.fatal for error in self.errors)

    def cell(self, name: str) -> str:
        """What a column of the contract is called in the table `records`: `c0`.

        Names of our own, for a supplier may well call a column `rowid`.
        """
        return f"c{[column.name for column in self.columns].index(name)}"

    def raw_records(
        self, con: duckdb.DuckDBPyConnection, wanted: NDArray[np.int64]
    ) -> Iterator[pa.Table]:
        """Give records as they came, by their ascending numbers, in tables of `RAW_RECORDS`."""
        format = FORMATS[self.format]
        return format.raw_records(con, Path(self.framed), self.dialect, wanted)


def format_of(name: str, source: Source) -> str:
    """Tell a file's format by its contract, or else by its suffix.

    Raises:
        FileUnreadable: No format goes by that suffix.
    """
    if source.format:
        return source.format.type
    suffix = names.suffix(name)
    for kind, format in FORMATS.items():
        if suffix in format.suffixes:
            return kind
    known = ", ".join(suffix for format in FORMATS.values() for suffix in format.suffixes)
    raise FileUnreadable(f"{name}: no format goes by {suffix or 'no suffix'}; known are {known}")


@contextmanager
def area(
    con: duckdb.DuckDBPyConnection, name: str, directory: Path, lasting: bool
) -> Iterator[StagingArea]:
    """Attach a staging catalog for the length of a block.

    Args:
        con: The connection.
        name: Name of the catalog, unique to the load.
        directory: Where its files go.
        lasting: Whether it is a file, and stays when the block ends with an error.
    """
    scratch = directory / name
    scratch.mkdir(parents=True, exist_ok=True)
    target = str(scratch / "staging.duckdb") if lasting else ":memory:"
    attach = f"ATTACH {literal(target)} AS {identifier(name)}"
    try:
        con.execute(attach)
    except duckdb.Error:  # what was kept was only to save work
        shutil.rmtree(scratch)
        scratch.mkdir()
        con.execute(attach)
    keeping = lasting
    try:
        yield StagingArea(name, scratch)
        keeping = False
    finally:
        with suppress(duckdb.Error):  # what has become of a load is settled by now
            con.execute(f"DETACH {identifier(name)}")
        if not keeping:
            shutil.rmtree(scratch, ignore_errors=True)


def sweep(directory: Path, keep: Iterable[str]) -> None:
    """Remove the areas that a killed run left behind, but those that will be taken up again."""
    kept = set(keep)
    for left in directory.glob("staging_*"):
        if re.fullmatch(r"staging_\d+", left.name) and left.name not in kept:
            shutil.rmtree(left)


def stage(
    con: duckdb.DuckDBPyConnection, blob: Path, format: str, source: Source, area: StagingArea
) -> Staged:
    """Stage a file, or find it staged already for the same blob and the same source.

    Args:
        con: The connection.
        blob: The frozen file.
        format: A key of `FORMATS`.
        source: The contract's half about files.
        area: Where to stage it.

    Raises:
        FileUnreadable: Not even screened does the file read as what it claims to be.
    """
    key = f"{blob.name} {source.fingerprint}"
    if found := _find(con, source, area, key):
        return found
    keep(con, area, [])
    text = FORMATS[format].read(con, blob, source, area)
    fields, seen = _look(con, source, text)
    while _loadable(text, seen):
        known = text.cells.keys()
        text = write(con, text, area.table("records"), partial(_typed, source, seen.loaded))
        if text.cells.keys() == known:
            break
        fields, seen = _look(con, source, text)
    if _loadable(text, seen):
        raw_records = partial(FORMATS[format].raw_records, con, text.framed, text.dialect)
        copied = area.holds(text.framed)
        seen = strays.settle(con, source, area, seen, raw_records, copied)
    ((rejected,),) = con.sql(f"SELECT count(*) FROM {area.table('rejects')}").fetchall()
    staged = Staged(
        area=area,
        columns=source.columns,
        fields=tuple(fields),
        records=text.records,
        rejected=rejected,
        format=format,
        framed=str(text.framed),
        dialect=text.dialect,
        errors=(*text.errors, *(each for each in drift.findings(seen, fields) if each.fatal)),
        drift=seen,
    )
    _remember(con, staged, key)
    return staged


def _look(
    con: duckdb.DuckDBPyConnection, source: Source, text: Text
) -> tuple[dict[str, str], Drift]:
    fields = _aligned(text.cells, source.columns)
    return fields, strays.look(con, source, replace(text, cells=fields)) if fields else Drift()


def _loadable(text: Text, seen: Drift) -> bool:
    return not seen.held and not any(error.fatal for error in text.errors)


def unread(area: StagingArea, source: Source, blob: Path, faults: tuple[FileError, ...]) -> Staged:
    """Stage nothing of a file of which is known that it cannot be read.

    Args:
        area: Where it would be staged.
        source: The contract's half about files.
        blob: The frozen file.
        faults: What is wrong with it.
    """
    return Staged(
        area=area,
        columns=source.columns,
        fields=(),
        records=0,
        rejected=0,
        format="",
        framed=str(blob),
        dialect={},
        errors=faults,
    )


def _aligned(cells: Mapping[str, str], columns: tuple[Column, ...]) -> dict[str, str]:
    """Call a field as the contract does where only the case differs."""
    exact = {column.name for column in columns} & set(cells)
    wanted = {c.name.lower(): c.name for c in columns if c.name not in exact}
    return {
        name if name in exact else wanted.pop(name.lower(), name): cell
        for name, cell in cells.items()
    }


def write(
    con: duckdb.DuckDBPyConnection, text: Text, table: str, select: Callable[[Text], str]
) -> Text:
    """Write a text into a table, one row a record; screened first, where it must be.

    Args:
        con: The connection.
        text: The text.
        table: Quoted name of the table.
        select: What to write of a text, as SQL.

    Returns:
        The text that was read in the end, or what was found to be unreadable instead.

    Raises:
        FileUnreadable: Not even screened does it read.
    """
    while True:
        try:
            con.execute(f"CREATE OR REPLACE TABLE {table} AS {select(text)}")
            ((rows,),) = con.sql(f"SELECT count(*) FROM {table}").fetchall()
            if rows == text.records:
                return text
            problem = f"{rows} records are read where {text.records} stand in the file"
        except duckdb.Error as error:
            if not is_of_file(error):
                raise
            problem = str(error).split("\n", 1)[0][:LONGEST_PROBLEM]
        if text.screen is None:
            raise FileUnreadable(f"the file cannot be read: {problem}")
        text = text.screen()
        if any(error.fatal for error in text.errors):
            return text


def _typed(source: Source, added: Sequence[str], text: Text) -> str:
    fields = _aligned(text.cells, source.columns)
    cells = {c.name: fields.get(c.name, "NULL::VARCHAR") for c in source.columns}
    typed = {c.name: cast(c, cells[c.name]) for c in source.columns}
    lost = [
        f"({cells[name]} IS NOT NULL AND {value} IS NULL)"
        for name, value in typed.items()
        if value != cells[name]
    ]
    kept = [f"{fields[name]} AS u{i}" for i, name in enumerate(added)]
    unknown = {n: cell for n, cell in fields.items() if n not in cells and n not in added}
    rescued = ", ".join(f"{literal(name)}, {cell}" for name, cell in unknown.items())
    if rescued:
        filled = f"coalesce({', '.join(unknown.values())}) IS NOT NULL"
        rescued = f"CASE WHEN {filled} THEN json_object({rescued}) END"
    if text.rescued:
        rescued = text.rescued({*cells, *added})
    return f"""SELECT
        {", ".join([*(f"{value} AS c{i}" for i, value in enumerate(typed.values())), *kept])},
        {rescued or "NULL::JSON"} AS _rescued,
        CASE WHEN {" OR ".join(lost) or "false"} THEN [{", ".join(cells.values())}] END AS _text,
        {text.rejected} AS _reject
        FROM {text.relation}"""


def relation(staged: Staged, verdict: Callable[[str], str]) -> str:
    """Give the SQL of the sound records, to be judged.

    Args:
        staged: The staged file.
        verdict: Names the column that says whether a cell of a column could be cast.
    """
    cells = [f"c{i} AS {identifier(column.name)}" for i, column in enumerate(staged.columns)]
    casts = [
        f"CASE WHEN c{i} IS NOT NULL THEN true "
        f"WHEN _text[{i + 1}] IS NOT NULL THEN false END AS {identifier(verdict(column.name))}"
        for i, column in enumerate(staged.columns)
        if column.type != "varchar"
    ]
    return (
        f"SELECT rowid + 1 AS _record_no, _text, {', '.join([*cells, *casts])} "
        f"FROM {staged.area.table('records')} WHERE _reject IS NULL"
    )


def _remember(con: duckdb.DuckDBPyConnection, staged: Staged, key: str) -> None:
    kept = {name: value for name, value in asdict(staged).items() if name in FACTS}
    kept["drift"] = drift.plain(staged.drift)
    table = staged.area.table("staged")
    con.execute(
        f"CREATE OR REPLACE TABLE {table} AS SELECT ? AS key, ? AS facts", [key, json.dumps(kept)]
    )


def _find(
    con: duckdb.DuckDBPyConnection, source: Source, area: StagingArea, key: str
) -> Staged | None:
    """Find what an earlier attempt staged, if it came to its end."""
    tables = "SELECT 1 FROM duckdb_tables() WHERE database_name = ? AND table_name = 'staged'"
    if not con.execute(tables, [area.catalog]).fetchall():
        return None
    kept = con.execute(f"SELECT facts FROM {area.table('staged')} WHERE key = ?", [key]).fetchall()
    if not kept:
        return None
    facts = json.loads(kept[0][0])
    facts["errors"] = tuple(FileError(**error) for error in facts["errors"])
    facts["drift"] = drift.recall(facts["drift"])
    facts["fields"] = tuple(facts["fields"])
    return Staged(area=area, columns=source.columns, **facts)
