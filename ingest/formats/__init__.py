"""One file a format: which suffixes it goes by, and how its records become columns of text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import duckdb

from ingest.frames import Frame
from ingest.model import FileError
from ingest.rejects import StagingArea
from ingest.source import Source


@dataclass(frozen=True)
class Text:
    """A file as a relation of text: one row for each record, in the order of the file."""

    relation: str
    """What to select from, as SQL."""
    cells: Mapping[str, str]
    """The fields found in the file, each with the SQL expression of its text."""
    rejected: str
    """SQL expression: number of the reject in whose place a row stands, else null."""
    framed: Path
    """The file in which the records stand, each one row of the relation."""
    records: int
    """How many there are by the framing, which knows nothing of DuckDB's reader."""
    dialect: Mapping[str, Any]
    """How the file is written, in the words of its format."""
    errors: tuple[FileError, ...] = ()
    screen: Callable[[], Text] | None = None
    """What to read instead when DuckDB refuses the file, or counts otherwise than we do."""


class Format(Protocol):
    """What a module in this folder offers."""

    @property
    def SUFFIXES(self) -> tuple[str, ...]:  # noqa: N802
        """Which endings of a name speak for the format."""

    def read(
        self, con: duckdb.DuckDBPyConnection, blob: Path, source: Source, area: StagingArea
    ) -> Text:
        """Give a file as text."""

    def find(self, framed: Path, dialect: Mapping[str, Any]) -> Iterator[Frame]:
        """Find the records of a file whose dialect is known."""
