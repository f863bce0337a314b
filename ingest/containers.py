"""Containers: what a landed file holds, when it is compressed or an archive.

What came is told by its first bytes and not by its name. What is unpacked is kept only when all
of it is there: a file that turns out to be a bomb, or for which there is no room, leaves nothing.
"""

from __future__ import annotations

import hashlib
import os
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ingest import archives, compression, room
from ingest.archives import Entry
from ingest.blobs import locate
from ingest.compression import Damaged
from ingest.model import Blob, FileError
from ingest.names import COMPRESSED, ENDINGS

STEP = 16 << 20
"""Bytes after which to see whether there is still room on the disk."""


@dataclass(frozen=True)
class Limits:
    """How far a landed file may be unpacked: what a stranger sends must not fill the disk."""

    unpacked: int = 100 << 30
    """Bytes that a landed file may unpack to, with all its members."""
    ratio: int = 250
    """How many times its own size that may be, once it is more than `ratio_from` bytes."""
    ratio_from: int = 64 << 20
    members: int = 10_000
    """How many members an archive may have, those of archives in it included."""
    depth: int = 3
    """How many containers may lie within each other."""


@dataclass(frozen=True)
class Member:
    """A file that came by itself, or in a container."""

    name: str
    """What it is called in the manifest: `a.csv`, `a.csv.gz`, `jan.zip/a.csv`; printable."""
    blob: Blob
    """Its bytes, unpacked; or as they came, when it cannot be unpacked."""
    faults: tuple[FileError, ...] = ()
    """What is wrong with its packing; when one is fatal, nothing of it can be read."""


@dataclass(frozen=True)
class _Draft:
    """Bytes that are not in the store yet."""

    path: Path
    blob: Blob


_Found = tuple[str, _Draft, tuple[FileError, ...]]
"""A member's name, bytes and faults."""


class _Excess(Exception):
    """A landed file goes beyond a limit."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.fault = FileError(code, message, fatal=True)


def unpack(name: str, blob: Blob, store: Path, limits: Limits) -> tuple[Member, ...]:
    """Unpack a frozen file that is compressed or an archive; a plain one is its own member.

    Args:
        name: What the landed file is called.
        blob: Its bytes as they came; they stay in the store.
        store: Directory of the blob store, which the members' blobs go into.
        limits: How far to unpack. Beyond them, the file is one member that cannot be read.

    Raises:
        NoRoom: The disk is too full for what is in it; nothing of it was kept.
    """
    drafts = _Drafts(name, store, blob.size, limits)
    try:
        found = list(_opened(name, name, _Draft(locate(blob.sha256, store), blob), 0, drafts))
        for _, draft, _ in found:
            drafts.keep(draft)
    except _Excess as excess:
        return (Member(name, blob, (excess.fault,)),)
    except OSError as error:
        if full := room.shortage(error, [store]):
            raise full from error
        raise
    finally:
        drafts.clear()
    return tuple(Member(called, draft.blob, faults) for called, draft, faults in found)


class _Drafts:
    """Where drafts are written, and how much more of them there may be."""

    def __init__(self, name: str, store: Path, packed: int, limits: Limits) -> None:
        self.limits = limits
        self._name, self._store = name, store
        self._bytes = min(limits.unpacked, max(limits.ratio_from, limits.ratio * packed))
        self._members = 0
        self._used = 0
        self._drafts: list[Path] = []

    def admit(self, members: int) -> None:
        """Count members in."""
        self._members += members
        if self._members > self.limits.members:
            most = self.limits.members
            raise _Excess("too-many-members", f"it has more than {most} members; send fewer")

    def write(self, pieces: Iterator[bytes]) -> _Draft:
        """Write a draft."""
        path = self._store / f"{uuid.uuid4().hex}.tmp"
        self._drafts.append(path)
        digest, size = hashlib.sha256(), 0
        with path.open("xb") as file:
            for piece in pieces:
                size += len(piece)
                self._take(len(piece))
                digest.update(piece)
                file.write(piece)
        return _Draft(path, Blob(digest.hexdigest(), size))

    def keep(self, draft: _Draft) -> None:
        """Put a draft into the store, for good."""
        target = locate(draft.blob.sha256, self._store)
        if draft.path != target:
            with draft.path.open("rb") as file:
                os.fsync(file.fileno())
            target.parent.mkdir(exist_ok=True)
            draft.path.rename(target)

    def clear(self) -> None:
        """Remove the drafts that are not kept."""
        for path in self._drafts:
            path.unlink(missing_ok=True)

    def _take(self, size: int) -> None:
        if self._used // STEP < (self._used + size) // STEP:
            room.require({self._store: STEP}, f"unpacking {self._name}")
        self._used += size
        if self._used > self._bytes:
            raise _Excess(
                "unpacks-too-large",
                f"it unpacks to more than the {self._bytes >> 20} MB that its limits allow; if it "
                "is sound, raise limits.unpacked or limits.ratio in pratique.yaml",
            )


def _opened(
    name: str, called: str, packed: _Draft, depth: int, drafts: _Drafts
) -> Iterator[_Found]:
    """Find what lies in a draft.

    Args:
        name: What it is called in the manifest.
        called: What of its own name speaks of layers that are still around it.
        packed: The draft.
        depth: How many layers are off it already.
        drafts: Where to unpack it.
    """
    kind = compression.kind_of(packed.path)
    try:
        entries = archives.entries(packed.path, drafts.limits.members) if kind == "zip" else None
    except Damaged as damaged:
        yield name, packed, (_unreadable(damaged),)
        return
    if kind is None or (kind == "zip" and entries is None):
        yield name, packed, _misnamed(called, None)
        return
    if kind not in ENDINGS.values():
        message = f"it is {kind}, which is not unpacked here; send it as zip or gzip"
        yield name, packed, (FileError("foreign-container", message, fatal=True),)
        return
    if depth == drafts.limits.depth:
        message = f"there are more than {depth} containers within each other; pack it once"
        raise _Excess("nested-too-deep", message)
    if entries is None:
        found = _stream(name, called, packed, kind, depth, drafts)
    else:
        found = _members(name, packed, entries, depth, drafts)
    for at, draft, faults in found:
        yield at, draft, (*_misnamed(called, kind), *faults)


def _stream(
    name: str, called: str, packed: _Draft, kind: str, depth: int, drafts: _Drafts
) -> Iterator[_Found]:
    """Unpack what holds one file."""
    faults: list[FileError] = []
    try:
        draft = drafts.write(compression.unpacked(packed.path, kind, faults))
    except Damaged as damaged:
        yield name, packed, (_unreadable(damaged),)
        return
    if called.lower().endswith(COMPRESSED):
        called = called[: called.rindex(".")]
    for at, inner, others in _opened(name, called, draft, depth + 1, drafts):
        yield at, inner, (*faults, *others)


def _members(
    name: str, packed: _Draft, entries: list[Entry], depth: int, drafts: _Drafts
) -> Iterator[_Found]:
    """Unpack an archive; a member that cannot be is kept as it stands in it."""
    drafts.admit(len(entries))
    if not entries:
        message = "there is no file in the archive"
        yield name, packed, (FileError("empty-archive", message, fatal=True),)
    for entry in entries:
        at, fault = f"{name}/{entry.name}", entry.fault
        try:
            draft = None if fault else drafts.write(archives.read(packed.path, entry.info))
        except Damaged as damaged:
            draft, fault = None, _unreadable(damaged)
        if fault:
            yield at, drafts.write(archives.packed(packed.path, entry.info)), (fault,)
        elif draft:
            yield from _opened(at, entry.name, draft, depth + 1, drafts)


def _unreadable(damaged: Damaged) -> FileError:
    return FileError("damaged-container", f"{damaged}; send it again", fatal=True)


def _misnamed(called: str, kind: str | None) -> tuple[FileError, ...]:
    """Tell where a name and what it stands for disagree."""
    ending = PurePosixPath(called).suffix.lower()
    if ENDINGS.get(ending) == kind:
        return ()
    if kind:
        return (FileError("unexpected-container", f"it is {kind}, which its name does not say"),)
    message = f"it is no {ENDINGS[ending]}, though its name ends in {ending}; it is read as it is"
    return (FileError("not-a-container", message),)
