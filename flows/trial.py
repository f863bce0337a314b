"""Trial: a file laid out to be looked at, in a place that is gone when the look is over."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from flows.project import Project
from ingest import blobs, landing, staging, warehouse
from ingest.errors import FileUnreadable
from ingest.frames import bom
from ingest.model import FileError
from ingest.rejects import Reject, StagingArea
from ingest.source import Source
from ingest.transcript import UNKNOWN, Transcript, transcribe

SAMPLE = 4096
"""Bytes by which the format of a file is told whose suffix says nothing."""


@dataclass(frozen=True)
class Trial:
    """A frozen file, and a warehouse in memory to look at it with."""

    con: duckdb.DuckDBPyConnection
    file: str
    """Name that the file has, or would have, below the landing directory."""
    blob: Path
    area: StagingArea
    errors: tuple[FileError, ...]
    """What keeps a run from taking the file from where it is."""

    @property
    def encoding(self) -> str:
        """Name of the encoding, as Python knows it."""
        return "utf-8-sig" if bom(self.blob) else "utf-8"

    def format(self, source: Source) -> str:
        """Tell the format of the file; if need be, by what is in it.

        Raises:
            FileUnreadable: Neither its name nor its content says which it is.
        """
        try:
            return staging.format_of(self.file, source)
        except FileUnreadable:
            with self.blob.open("rb") as blob:
                sample = blob.read(SAMPLE)
            if source is not UNKNOWN or b"\0" in sample:
                raise
            return "json" if sample.lstrip()[:1] in (b"{", b"[") else "csv"

    def transcribe(self, source: Source) -> Transcript:
        """Read the file as text.

        Raises:
            FileUnreadable: It cannot be read.
        """
        return transcribe(self.con, self.blob, self.format(source), source, self.area)

    def rejects(self, limit: int | None = None) -> Iterator[Reject]:
        """Give the records that do not fit, in the order of the file."""
        table = self.area.table("rejects")
        rows = self.con.cursor().execute(f"FROM {table} ORDER BY number LIMIT ?", [limit])
        while some := rows.fetchmany(1000):
            yield from (Reject(*row) for row in some)

    def rejected(self) -> int:
        """Count the records that do not fit."""
        ((count,),) = self.con.sql(f"SELECT count(*) FROM {self.area.table('rejects')}").fetchall()
        return int(count)


@contextmanager
def lay_out(path: Path, project: Project | None) -> Iterator[Trial]:
    """Freeze a file in a temporary directory, beside a warehouse in memory.

    Args:
        path: The file; where it is a symbolic link, what that leads to.
        project: The project, for its limits and its landing directory.

    Raises:
        OSError: The file is not there, or is no regular file.
        IngestError: It cannot be opened, or changes while it is read.
    """
    landed = landing.look(path.resolve())
    limits: dict[str, Any] = {}
    large = Project.model_fields["checkpoint_bytes"].default
    if project:
        limits = {"memory_limit": project.memory_limit, "threads": project.threads}
        large = project.checkpoint_bytes
    with TemporaryDirectory(prefix="pratique-") as scratch:
        room = Path(scratch)
        blob = blobs.freeze(landed, room)
        directories = (room, *([project.warehouse.parent] if project else ()))
        with (
            warehouse.connect(None, directories=directories, **limits) as con,
            staging.area(con, "trial", room, lasting=blob.size >= large) as area,
        ):
            frozen = blobs.locate(blob.sha256, room)
            yield Trial(con, name_of(path, project), frozen, area, tuple(_obstacles(path)))


def name_of(path: Path, project: Project | None) -> str:
    """The name of a file as a run knows it, printable: below the landing directory, or its own."""
    place = path.absolute()
    if project and place.is_relative_to(project.landing):
        return landing.printable(place.relative_to(project.landing).as_posix())
    return landing.printable(place.name)


def _obstacles(path: Path) -> Iterator[FileError]:
    if path.is_symlink():
        message = "it is a symbolic link, which a run leaves alone; put the file itself there"
        yield FileError("symbolic-link", message)
