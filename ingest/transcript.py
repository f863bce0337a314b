"""Transcript: a file as rows of text, with all its fields, whether or not a contract knows them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from ingest.areas import StagingArea
from ingest.formats import Text
from ingest.formats.known import FORMATS
from ingest.inference import infer
from ingest.model import FileError
from ingest.rejects import keep
from ingest.source import Source
from ingest.staging import write

BATCH = 1000
UNKNOWN = Source.model_construct(dataset="", files="", columns=())
"""What there is to know of a file that nothing is agreed about."""


@dataclass(frozen=True)
class Transcript:
    """A file, read and not yet understood."""

    area: StagingArea
    fields: tuple[str, ...]
    """What the file calls its columns."""
    records: int
    """Records in the file, those that do not fit included."""
    dialect: Mapping[str, Any]
    errors: tuple[FileError, ...]

    @property
    def table(self) -> str:
        """Quoted name of the table: a column of text for each field, `t0`, `t1`, …."""
        return self.area.table("transcript")

    @property
    def readable(self) -> bool:
        """Whether there is a table."""
        return not any(error.fatal for error in self.errors)

    def texts(self, con: duckdb.DuckDBPyConnection) -> Iterator[tuple[str | None, ...]]:
        """Give the records that fit, each as the texts of its fields, in the order of the file."""
        if not self.readable:
            return
        rows = con.cursor().execute(
            f"SELECT * EXCLUDE (reject) FROM {self.table} WHERE reject IS NULL ORDER BY rowid"
        )
        while some := rows.fetchmany(BATCH):
            yield from some

    def types(self, con: duckdb.DuckDBPyConnection) -> list[str]:
        """Tell the narrowest type that each field can have."""
        names = [f"t{i}" for i in range(len(self.fields))]
        return infer(con, self.table, names) if self.readable else ["varchar" for _ in names]


def transcribe(
    con: duckdb.DuckDBPyConnection,
    blob: Path,
    format: str,
    source: Source,
    area: StagingArea,
) -> Transcript:
    """Read a file as a load would, and keep it as text.

    Args:
        con: The connection.
        blob: The frozen file.
        format: A key of `FORMATS`.
        source: What the contract says about files, or `UNKNOWN`.
        area: Where to keep it.

    Raises:
        FileUnreadable: Not even screened does the file read as what it claims to be.
    """
    keep(con, area, [])
    text = FORMATS[format].read(con, blob, source, area)
    if not any(error.fatal for error in text.errors):
        text = write(con, text, area.table("transcript"), _as_text)
    return Transcript(area, tuple(text.cells), text.records, text.dialect, text.errors)


def _as_text(text: Text) -> str:
    cells = [f"{cell} AS t{i}" for i, cell in enumerate(text.cells.values())]
    return f"SELECT {', '.join([*cells, text.rejected])} AS reject FROM {text.relation}"
