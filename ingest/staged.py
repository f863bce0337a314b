"""Staged: what is known of a staged file, kept beside its rows so that it is found again."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ingest import drift
from ingest.areas import StagingArea
from ingest.columns import Column
from ingest.drift import Drift
from ingest.formats.known import FORMATS
from ingest.model import FileError
from ingest.source import Source
from ingest.sql import identifier

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


def sound_records(staged: Staged, verdict: Callable[[str], str]) -> str:
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


def remember(con: duckdb.DuckDBPyConnection, staged: Staged, key: str) -> None:
    """Keep what is known of a staged file beside its rows.

    Args:
        con: The connection.
        staged: The staged file.
        key: What it was made of.
    """
    kept = {name: value for name, value in asdict(staged).items() if name in FACTS}
    kept["drift"] = drift.plain(staged.drift)
    table = staged.area.table("staged")
    con.execute(
        f"CREATE OR REPLACE TABLE {table} AS SELECT ? AS key, ? AS facts", [key, json.dumps(kept)]
    )


def recall(
    con: duckdb.DuckDBPyConnection, source: Source, area: StagingArea, key: str
) -> Staged | None:
    """Give what an earlier attempt staged, if it came to its end.

    Args:
        con: The connection.
        source: The contract's half about files.
        area: Where it was staged.
        key: What it must have been made of.
    """
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
