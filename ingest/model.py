"""The nouns of ingestion: files, versions, loads and the stages they pass. No I/O."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from pathlib import Path


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


class Arrival(StrEnum):
    """How a sighting relates to what is known."""

    NEW = "new"
    DUPLICATE = "duplicate"
    RESTATEMENT = "restatement"
    TOUCHED = "touched"
    LATE = "late"
    PARTIAL = "partial"
    UNCLAIMED = "unclaimed"


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

    @property
    def look(self) -> tuple[int, int, int]:
        """What tells whether it has changed since it was last seen."""
        return self.size, self.mtime_ns, self.ctime_ns


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


@dataclass(frozen=True)
class Counts:
    """Where a load's records went."""

    records_in: int = 0
    loaded: int = 0
    quarantined: int = 0
    skipped: int = 0
    """In neither table: the load is held or rejected, or merge kept a later record of the key."""

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
