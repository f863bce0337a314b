"""Trial: a file laid out to be looked at, in a place that is gone when the look is over."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from flows.project import Project
from ingest import archives, areas, blobs, containers, landing, rejects, staging, warehouse
from ingest.areas import StagingArea
from ingest.compression import Damaged, kind_of
from ingest.containers import Limits, Member
from ingest.encodings import recognise
from ingest.errors import FileUnreadable
from ingest.formats.known import format_of
from ingest.model import FileError
from ingest.rejects import Reject
from ingest.source import Source
from ingest.staged import Staged, unread
from ingest.transcript import UNKNOWN, Transcript, transcribe

SAMPLE = 4096
"""Bytes by which the format of a file is told whose suffix says nothing."""
SHOWN = 5
"""Members of an archive that are named when one has to be chosen."""


@dataclass(frozen=True)
class Trial:
    """A frozen file, and a warehouse in memory to look at it with."""

    con: duckdb.DuckDBPyConnection
    file: str
    """Name that the file has, or would have, below the landing directory."""
    blob: Path
    sha256: str
    """Of what is in it."""
    area: StagingArea
    errors: tuple[FileError, ...]
    """What keeps a run from taking the file from where it is, and what is wrong with its packing.
    """

    @property
    def packed(self) -> bool:
        """Whether it could not be unpacked, so that there is nothing to read."""
        return any(error.fatal for error in self.errors)

    def format(self, source: Source) -> str:
        """Tell the format of the file; if need be, by what is in it.

        Raises:
            FileUnreadable: Neither its name nor its content says which it is.
        """
        try:
            return format_of(self.file, source)
        except FileUnreadable:
            with self.blob.open("rb") as blob:
                sample = blob.read(SAMPLE).decode(recognise(self.blob, None).name, "replace")
            if source is not UNKNOWN or "\0" in sample:
                raise
            return "json" if sample.lstrip()[:1] in ("{", "[") else "csv"

    def stage(self, source: Source) -> Staged:
        """Stage the file.

        Raises:
            FileUnreadable: It cannot be read.
        """
        if self.packed:
            return unread(self.area, source, self.blob, self.errors)
        staged = staging.stage(self.con, self.blob, self.format(source), source, self.area)
        return replace(staged, errors=(*self.errors, *staged.errors))

    def transcribe(self, source: Source) -> Transcript:
        """Read the file as text.

        Raises:
            FileUnreadable: It cannot be read.
        """
        if self.packed:
            return Transcript(self.area, (), 0, {}, self.errors)
        read = transcribe(self.con, self.blob, self.format(source), source, self.area)
        return replace(read, errors=(*self.errors, *read.errors))

    def rejects(self, limit: int | None = None) -> Iterator[Reject]:
        """Give the records that do not fit, in the order of the file."""
        table = self.area.table("rejects")
        rows = self.con.cursor().execute(f"FROM {table} ORDER BY number LIMIT ?", [limit])
        while some := rows.fetchmany(1000):
            yield from (Reject(*row) for row in some)

    def rejected(self) -> int:
        """Count the records that do not fit."""
        return rejects.count(self.con, self.area)


@contextmanager
def lay_out(path: Path, project: Project | None) -> Iterator[Trial]:
    """Freeze a file in a temporary directory, beside a warehouse in memory.

    Args:
        path: The file; where it is a symbolic link, what that leads to. What lies in an archive is
            named by its path within it: `jan.zip/orders.csv`.
        project: The project, for its limits and its landing directory.

    Raises:
        OSError: The file is not there, or is no regular file.
        IngestError: It cannot be opened, changes while it is read, or is several files.
    """
    with lay_out_all([path], project) as (trial,):
        yield trial


@contextmanager
def lay_out_all(paths: Sequence[Path], project: Project | None) -> Iterator[tuple[Trial, ...]]:
    """Freeze files in a temporary directory, all beside one warehouse in memory.

    Args:
        paths: The files, each as `lay_out` takes it.
        project: The project, for its limits and its landing directory.

    Raises:
        OSError: A file is not there, or is no regular file.
        IngestError: One cannot be opened, changes while it is read, or is several files.
    """
    limits: dict[str, Any] = {}
    large = Project.model_fields["checkpoint_bytes"].default
    if project:
        limits = {"memory_limit": project.memory_limit, "threads": project.threads}
        large = project.checkpoint_bytes
    with TemporaryDirectory(prefix="pratique-") as scratch, ExitStack() as stack:
        room = Path(scratch)
        members = [_member(path, room, project) for path in paths]
        directories = (room, *([project.warehouse.parent] if project else ()))
        con = stack.enter_context(warehouse.connect(None, directories=directories, **limits))
        trials = []
        for number, (path, member) in enumerate(zip(paths, members, strict=True)):
            size, digest = member.blob.size, member.blob.sha256
            name = f"trial_{number}"
            area = stack.enter_context(areas.attach(con, name, room, lasting=size >= large))
            rejects.keep(con, area, [])
            blob = blobs.locate(digest, room)
            errors = (*_obstacles(_split(path)[0]), *member.faults)
            trials.append(Trial(con, member.name, blob, digest, area, errors))
        yield tuple(trials)


def _member(path: Path, room: Path, project: Project | None) -> Member:
    """Freeze a file; of an archive, what is meant in it."""
    outer, inside = _split(path)
    frozen = blobs.freeze(landing.look(outer.resolve()), room)
    name = _landed_name(outer, project)
    unpacking = project.limits if project else Limits()
    return _chosen(containers.unpack(name, frozen, room, unpacking), name, inside)


def exists(path: Path) -> bool:
    """Whether a path means a file, or what may lie in one."""
    return path.is_file() or _split(path)[0] != path


def name_of(path: Path, project: Project | None) -> str:
    """The name of a file as a run knows it, printable: below the landing directory, or its own.

    Args:
        path: The file, or what lies in an archive, or an archive of one file.
        project: The project, for its landing directory.
    """
    outer, inside = _split(path)
    name = _landed_name(outer, project)
    inside = inside or _only_member(outer)
    return f"{name}/{inside}" if inside else name


def _landed_name(path: Path, project: Project | None) -> str:
    place = path.absolute()
    if project and place.is_relative_to(project.landing):
        return landing.printable(place.relative_to(project.landing).as_posix())
    return landing.printable(place.name)


def _split(path: Path) -> tuple[Path, str]:
    """Tell a file, and what is meant in it: nothing for most."""
    for outer in (path, *path.parents):
        if outer.is_file():
            inside = path.relative_to(outer).parts
            return outer, landing.printable("/".join(inside))
    return path, ""


def _only_member(path: Path) -> str:
    """What is in an archive of one file."""
    if not path.is_file() or kind_of(path) != "zip":
        return ""
    try:
        entries = archives.entries(path, Limits.members) or []
    except Damaged:
        return ""
    return entries[0].name if len(entries) == 1 else ""


def _chosen(members: tuple[Member, ...], name: str, inside: str) -> Member:
    if inside:
        meant = [member for member in members if member.name == f"{name}/{inside}"]
    else:
        meant = list(members)
    if len(meant) == 1:
        return meant[0]
    known = ", ".join(member.name for member in members[:SHOWN])
    more = f" and {len(members) - SHOWN} more" if len(members) > SHOWN else ""
    wanted = f"{inside} is not in {name}" if inside else f"{name} holds several files"
    raise FileUnreadable(f"{wanted}; name one of {known}{more}")


def _obstacles(path: Path) -> Iterator[FileError]:
    if path.is_symlink():
        message = "it is a symbolic link, which a run leaves alone; put the file itself there"
        yield FileError("symbolic-link", message)
