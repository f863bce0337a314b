"""The nouns of ingestion: files, versions, loads and the stages they pass. No I/O."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from pathlib import Path
from typing import Any, Literal, get_args

# fmt: off
Marker = Literal[
    ".done", ".ok", ".ready", ".complete", ".success", ".fin", ".trg", ".flag", ".eof",
    ".meta.json", "_SUCCESS",
]
# fmt: on
"""What says, by being there, that a file is whole: an ending that a file beside it has, besides
the same name, or the name of a file that speaks of its whole directory."""
MARKERS: tuple[Marker, ...] = get_args(Marker)
SIDECAR, SUCCESS = MARKERS[-2:]

Look = tuple[int, int, int, int]
"""Size, mtime and ctime of a landed file, and ctime of its sidecar or 0."""


def moment(ns: int) -> int:
    """Nanoseconds since 1970; a stranger's time that 64 bits do not hold, as the nearest."""
    return max(-(1 << 63), min(ns, (1 << 63) - 1))


def identity(status: os.stat_result) -> tuple[int, int, int]:
    """Size, mtime and ctime of a file: what tells whether it has changed."""
    return status.st_size, moment(status.st_mtime_ns), moment(status.st_ctime_ns)


class Stage(IntEnum):
    """How far a load has come; a re-run starts at the first stage that is not done."""

    RECEIVED = 1
    STAGED = 2
    JUDGED = 3
    PUBLISHED = 4
    REPORTED = 5


class Status(StrEnum):
    """How the stage a load stands at has ended."""

    RUNNING = "running"
    DONE = "done"
    HELD = "held"
    FAILED = "failed"
    REJECTED = "rejected"
    PARKED = "parked"
    """It failed again and again; no run tries it again before somebody says so."""
    SUPERSEDED = "superseded"
    """Published once; what took its place is published now."""


class Arrival(StrEnum):
    """How a sighting relates to what is known."""

    NEW = "new"
    DUPLICATE = "duplicate"
    RESTATEMENT = "restatement"
    TOUCHED = "touched"
    LATE = "late"
    """Made before what was loaded already."""
    PARTIAL = "partial"
    """It changed while it was frozen, or is not yet what its sidecar says; tried again."""
    UNCLAIMED = "unclaimed"
    WAITING = "waiting"
    """Not settled yet, or its marker has not come."""
    VANISHED = "vanished"
    """It was there, and is not any more."""
    CLEARED = "cleared"
    """Taken out of the landing directory by us, as the project wants it after commit."""


@dataclass(frozen=True)
class Companion:
    """A marker or a sidecar beside a landed file, which is no data itself."""

    kind: Marker
    name: str
    path: Path
    ctime_ns: int


@dataclass(frozen=True)
class LandedFile:
    """A regular file seen in the landing directory."""

    name: str
    """Path below the landing directory, with forward slashes; printable."""
    path: Path
    """Where to open it."""
    size: int
    """Bytes."""
    mtime_ns: int
    ctime_ns: int
    beside: tuple[Companion, ...] = ()

    def companion(self, kind: Marker) -> Companion | None:
        """What stands beside it under such a name."""
        return next((each for each in self.beside if each.kind == kind), None)

    @property
    def look(self) -> Look:
        """What tells whether it, or what its sidecar says of it, has changed."""
        sidecar = self.companion(SIDECAR)
        return self.size, self.mtime_ns, self.ctime_ns, sidecar.ctime_ns if sidecar else 0


@dataclass(frozen=True)
class FileError:
    """Something wrong with a file as a whole, said so that its supplier can act on it."""

    code: str
    message: str
    line: int | None = None
    byte: int | None = None
    fatal: bool = False
    """Whether nothing of the file can be loaded."""
    incomplete: bool = False
    """Whether there was more of it than came."""
    doubtful: bool = False
    """Whether nothing of it is published before a person says that it may be."""


@dataclass(frozen=True)
class Blob:
    """The frozen, content-addressed copy that everything after reads."""

    sha256: str
    size: int
    """Bytes."""


@dataclass(frozen=True)
class FileVersion:
    """One content under one name, for one dataset."""

    file_id: int
    dataset: str
    name: str
    version: int
    sha256: str
    mtime_ns: int
    produced_ns: int = 0
    """When its content was made, as its sidecar or else its mtime says; what order goes by."""
    promised: int | None = None
    """Records that its sidecar says it has."""
    faults: tuple[FileError, ...] = ()
    """What was wrong with it before it was read."""
    standing: bool = False
    """Whether its records are published, and nothing took their place yet."""
    read_as: Mapping[str, Any] = field(default_factory=dict, compare=False)
    """How it was read when it was last staged: its format, its dialect, and by which source."""


@dataclass(frozen=True)
class Counts:
    """Where a load's records went."""

    records_in: int = 0
    loaded: int = 0
    quarantined: int = 0
    skipped: int = 0
    """In neither table: the load is held or rejected, or merge kept a later record of the key."""
    displaced: int = 0
    """Rows that went from the table, because these took their place."""

    @property
    def balanced(self) -> bool:
        """Whether every record is accounted for."""
        return self.records_in == self.loaded + self.quarantined + self.skipped


@dataclass(frozen=True)
class Load:
    """One file version under one contract version, and how far it has come."""

    load_id: int
    run_id: str
    file: FileVersion
    arrival: Arrival
    stage: Stage
    status: Status
    fingerprint: str = ""
    counts: Counts = field(default_factory=Counts)
    approved: bool = False
    error: str | None = None
    attempts: int = 0
    """How often it was begun since it last came to an end, this time included."""
