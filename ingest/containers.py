"""Containers: what a landed file holds, when it is compressed or an archive."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ingest.model import Blob, FileError


@dataclass(frozen=True)
class Limits:
    """How far a landed file may be unpacked: what a stranger sends must not fill the disk."""

    unpacked: int = 100 << 30
    """Bytes that a landed file may unpack to, with all its members."""
    ratio: int = 250
    """How many times its own size that may be, once it is more than `ratio_from` bytes."""
    ratio_from: int = 64 << 20
    members: int = 10_000
    """How many members an archive may have, with the archives in it."""
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
    """What is wrong with its packing; when fatal, nothing of it can be read."""


def unpack(name: str, blob: Blob, store: Path, limits: Limits) -> tuple[Member, ...]:
    """Unpack a frozen file that is compressed or an archive; a plain one is its own member.

    Args:
        name: What the landed file is called.
        blob: Its bytes as they came; they stay in the store.
        store: Directory of the blob store, which the members' blobs go into.
        limits: How far to unpack.
    """
    return (Member(name, blob),)
