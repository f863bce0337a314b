"""One file a format: which suffixes it goes by, and how its records become columns of text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from ingest.frames import Frame
from ingest.model import FileError


@dataclass(frozen=True)
class Text:
    """A file as a relation of text: one row for each record, in the order of the file."""

    relation: str
    """What to select from, as SQL."""
    cells: Mapping[str, str]
    """The fields found in the file, each with the SQL expression of its text."""
    rejected: str
    """SQL expression: number of the reject in whose place a row stands, else null."""
    frames: Callable[[], Iterator[Frame]]
    """Where the records stand, each one row of the relation."""
    records: int
    """How many there are by the framing, which knows nothing of DuckDB's reader."""
    dialect: Mapping[str, str | bool] = field(default_factory=dict)
    errors: tuple[FileError, ...] = ()
    screen: Callable[[], Text] | None = None
    """What to read instead when DuckDB refuses the file, or counts otherwise than we do."""
