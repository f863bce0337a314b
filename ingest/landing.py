"""The landing directory: the only walk, and what may be picked up from it."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ingest.model import LandedFile

TEMPORARY_SUFFIXES = (".tmp", ".temp", ".part", ".partial", ".filepart", ".crdownload", "~")


@dataclass(frozen=True)
class Ignored:
    """Something in the landing directory that is not picked up, and why."""

    name: str
    reason: str


@dataclass(frozen=True)
class Scan:
    """What one walk over the landing directory saw."""

    files: tuple[LandedFile, ...]
    ignored: tuple[Ignored, ...]


def scan(root: Path) -> Scan:
    """Walk the landing directory once, without following any link.

    Args:
        root: The landing directory.

    Returns:
        Regular files in the order of their names, and what was left alone with the reason.

    Raises:
        OSError: The landing directory itself cannot be read.
    """
    seen = list(_walk(root, root, suffixes=(".csv", ".json", ".jsonl", ".ndjson")))
    return Scan(
        files=tuple(sorted((s for s in seen if isinstance(s, LandedFile)), key=lambda f: f.name)),
        ignored=tuple(sorted((s for s in seen if isinstance(s, Ignored)), key=lambda i: i.name)),
    )


def look(path: Path) -> LandedFile:
    """Describe one regular file, named by its own name: for commands that are given a file.

    Raises:
        OSError: The file does not exist, or is not a regular file.
    """
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        raise OSError(f"{path} is not a regular file")
    return _landed(path.name, path, status)


def _walk(root: Path, folder: Path, suffixes: tuple[str, ...]) -> Iterator[LandedFile | Ignored]:
    with os.scandir(folder) as entries:
        for entry in entries:
            path = Path(entry.path)
            name = printable(path.relative_to(root).as_posix())
            if entry.name.startswith((".", "_SUCCESS")) or entry.name.endswith(TEMPORARY_SUFFIXES):
                continue
            try:
                status = entry.stat(follow_symlinks=False)
                if stat.S_ISDIR(status.st_mode):
                    if entry.name.lower().endswith(suffixes):
                        yield Ignored(name, "is a directory, though it is named like a data file")
                    yield from _walk(root, path, suffixes)
                elif stat.S_ISLNK(status.st_mode):
                    yield Ignored(name, "is a symbolic link; put the file itself here")
                elif stat.S_ISREG(status.st_mode):
                    yield _landed(name, path, status)
                else:
                    yield Ignored(name, "is not a regular file")
            except OSError as error:
                yield Ignored(name, f"cannot be read: {error.strerror}")


def _landed(name: str, path: Path, status: os.stat_result) -> LandedFile:
    return LandedFile(name, path, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


def printable(name: str) -> str:
    """Give a file name as valid Unicode: undecodable bytes are written as escapes."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")
