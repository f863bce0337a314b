"""One file a format: which suffixes it goes by, and how its records become columns of text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ingest.frames import Frame, count, raw_records
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


@dataclass(frozen=True)
class Format:
    """How the files of a format are read, and what can be had again from one that was."""

    suffixes: tuple[str, ...]
    """Which endings of a name speak for the format."""
    read: Callable[[duckdb.DuckDBPyConnection, Path, Source, StagingArea], Text]
    """Gives a file as text."""
    raw_records: Callable[
        [duckdb.DuckDBPyConnection, Path, Mapping[str, Any], NDArray[np.int64]], Iterator[pa.Table]
    ]
    """Gives records of a file whose dialect is known, by their ascending numbers from 1, as they
    came: in tables of `RAW_RECORDS`."""
    count: Callable[[Path, Mapping[str, Any]], int]
    """Counts the records of a file whose dialect is known, without DuckDB's reader."""


def in_frames(
    suffixes: tuple[str, ...],
    read: Callable[[duckdb.DuckDBPyConnection, Path, Source, StagingArea], Text],
    find: Callable[[Path, Mapping[str, Any]], Iterator[Frame]],
) -> Format:
    """Make a format of text, whose records are stretches of bytes.

    Args:
        suffixes: Which endings of a name speak for it.
        read: Gives a file as text.
        find: Finds the records of a file whose dialect is known.
    """
    return Format(
        suffixes,
        read,
        raw_records=lambda con, framed, dialect, wanted: raw_records(find(framed, dialect), wanted),
        count=lambda framed, dialect: count(find(framed, dialect)),
    )
