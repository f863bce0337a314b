"""One file a format: which suffixes it goes by, and how its records become columns of text."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ingest.areas import StagingArea
from ingest.encodings import FACTS, UTF8, Encoding, as_utf8, recognise
from ingest.frames import NOT_UTF8, Frame, count, raw_records
from ingest.model import FileError
from ingest.source import Csv, Json, Source

LONGEST_PROBLEM = 300
"""Characters of DuckDB's words about a file, which may quote all of it."""


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
    rescued: Callable[[Collection[str]], str] | None = None
    """Gives the SQL of one JSON object of what none of some fields takes; without it, the other
    cells make one."""
    screen: Callable[[], Text] | None = None
    """What to read instead when DuckDB refuses the file, or counts otherwise than we do."""


def is_of_file(error: duckdb.Error) -> bool:
    """Whether what DuckDB raised while it read a file is the fault of the file."""
    plain = (duckdb.Error, duckdb.InvalidInputException, duckdb.ConversionException)
    return type(error) in plain or "Could not read enough bytes" in str(error)


def said(error: duckdb.Error) -> str:
    """What DuckDB says of a file, in a line that is not too long."""
    return str(error).split("\n", 1)[0][:LONGEST_PROBLEM]


@dataclass(frozen=True)
class Body:
    """The records of a small file in one piece, which may stand behind those of another file."""

    data: bytes
    """They end with a line ending."""
    lines: int
    """How many physical lines they take."""
    byte: int
    """At which byte of the file they begin; what stands before is its header."""
    line: int
    """On which line of the file, from 1."""
    records: int
    """How many there are by the framing."""
    fields: tuple[str, ...]
    """What the file calls its columns."""
    dialect: Mapping[str, Any]


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
    count: Callable[[Path, Mapping[str, Any], Path], int]
    """Counts the records of a blob whose dialect is known, without DuckDB's reader; what it has to
    copy, it copies into a directory."""
    body: Callable[[Path, Source, Mapping[str, Any]], Body | None] = lambda *_: None
    """Gives the records of a small file in one piece, by its dialect if that is pinned; None where
    something about them is peculiar."""


def in_frames(
    suffixes: tuple[str, ...],
    read: Callable[[duckdb.DuckDBPyConnection, Path, Source, StagingArea], Text],
    find: Callable[[Path, Mapping[str, Any]], Iterator[Frame]],
    body: Callable[[Path, Source, Mapping[str, Any]], Body | None] = lambda *_: None,
) -> Format:
    """Make a format of text, whose records are stretches of bytes, in whatever encoding.

    Args:
        suffixes: Which endings of a name speak for it.
        read: Gives a file in UTF-8 as text.
        find: Finds the records of a file in UTF-8, given all that is known of how it is written.
        body: Gives the records of a small file in UTF-8 in one piece; none may be had so.
    """

    def read_encoded(
        con: duckdb.DuckDBPyConnection, blob: Path, source: Source, area: StagingArea
    ) -> Text:
        declared, encoding = _encoding(blob, source, area.pinned)
        utf8 = as_utf8(blob, encoding, area.scratch / f"{blob.name}.utf8")

        def told(text: Text) -> Text:
            screen, errors = text.screen, text.errors
            if utf8 != blob:
                _tell_of_the_file(con, area, encoding)
                errors = tuple(replace(error, byte=None) for error in errors)
            return replace(
                text,
                dialect={**text.dialect, **encoding.facts},
                errors=(*_disagreement(declared, encoding), *errors),
                screen=screen and (lambda: told(screen())),
            )

        return told(read(con, utf8, source, area))

    def count_encoded(blob: Path, dialect: Mapping[str, Any], scratch: Path) -> int:
        utf8 = as_utf8(blob, _known(dialect), scratch / f"{blob.name}.utf8")
        return count(find(utf8, dialect))

    def body_in_utf8(blob: Path, source: Source, pinned: Mapping[str, Any]) -> Body | None:
        declared, encoding = _encoding(blob, source, pinned)
        if encoding.name not in UTF8 or any(_disagreement(declared, encoding)):
            return None
        found = body(blob, source, pinned)
        return found and replace(found, dialect={**found.dialect, **encoding.facts})

    return Format(
        suffixes,
        read_encoded,
        raw_records=lambda con, framed, dialect, wanted: raw_records(find(framed, dialect), wanted),
        count=count_encoded,
        body=body_in_utf8,
    )


def _encoding(blob: Path, source: Source, pinned: Mapping[str, Any]) -> tuple[str | None, Encoding]:
    """Tell the encoding that the contract declares, and the one that the file is in."""
    declared = source.format.encoding if isinstance(source.format, Csv | Json) else None
    return declared, _known(pinned) if pinned else recognise(blob, declared)


def _known(dialect: Mapping[str, Any]) -> Encoding:
    return Encoding(*(dialect[fact] for fact in FACTS))


def _tell_of_the_file(
    con: duckdb.DuckDBPyConnection, area: StagingArea, encoding: Encoding
) -> None:
    """Say of the rejects what is so in the file, of which a copy in UTF-8 was read."""
    con.execute(
        f"UPDATE {area.table('rejects')} SET byte = NULL, reason = regexp_replace(reason, ?, ?)",
        [f"^byte .* {NOT_UTF8}$", f"it holds bytes that are not {encoding.name}, shown as escapes"],
    )


def _disagreement(declared: str | None, encoding: Encoding) -> Iterator[FileError]:
    marked = encoding.name.removesuffix("-sig")
    if declared and encoding.known_by == "mark" and not declared.startswith(marked):
        message = (
            f"it begins with the byte order mark of {encoding.name}, and is read so; "
            f"the contract says {declared}"
        )
        yield FileError("encoding-differs", message)
