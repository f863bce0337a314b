"""The landing directory: the only walk, and what may be picked up from it."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ingest.model import LandedFile

DATA_SUFFIXES = (".csv", ".json", ".jsonl", ".ndjson")
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
    seen = list(_walk(root))
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


def _walk(root: Path) -> Iterator[LandedFile | Ignored]:
    folders = [root]  # not by recursion: a supplier may nest deeper than Python does
    while folders:
        folder = folders.pop()
        try:
            entries = list(os.scandir(folder))
        except OSError as error:
            if folder == root:
                raise
            yield Ignored(_name(root, folder), f"cannot be read: {error.strerror}")
            continue
        for entry in entries:
            if entry.name.startswith((".", "_SUCCESS")) or entry.name.endswith(TEMPORARY_SUFFIXES):
                continue
            if entry.is_dir(follow_symlinks=False):
                folders.append(Path(entry.path))
            if found := _look(root, entry):
                yield found


def _look(root: Path, entry: os.DirEntry[str]) -> LandedFile | Ignored | None:
    name = _name(root, Path(entry.path))
    try:
        status = entry.stat(follow_symlinks=False)
    except OSError as error:
        return Ignored(name, f"cannot be read: {error.strerror}")
    if stat.S_ISREG(status.st_mode):
        return _landed(name, Path(entry.path), status)
    if stat.S_ISLNK(status.st_mode):
        return Ignored(name, "is a symbolic link; put the file itself here")
    if not stat.S_ISDIR(status.st_mode):
        return Ignored(name, "is not a regular file")
    if entry.name.lower().endswith(DATA_SUFFIXES):
        return Ignored(name, "is a directory, though it is named like a data file")
    return None


def _name(root: Path, path: Path) -> str:
    return printable(path.relative_to(root).as_posix())


def _landed(name: str, path: Path, status: os.stat_result) -> LandedFile:
    return LandedFile(name, path, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


def printable(name: str) -> str:
    """Give a file name as valid Unicode: undecodable bytes, and backslashes, as escapes."""
    return os.fsencode(name.replace("\\", "\\\\")).decode("utf-8", "backslashreplace")
