"""The landing directory: the only walk, and what may be picked up from it."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from ingest.model import MARKERS, SUCCESS, Companion, LandedFile, Marker, identity
from ingest.names import ENDINGS

DATA_SUFFIXES = (
    *(".csv", ".tsv", ".txt", ".json", ".jsonl", ".ndjson"),
    *(".parquet", ".pq", ".xlsx", ".xlsm", ".xls"),
    *ENDINGS,
)
"""Those of every format, and of what files are packed in."""
TEMPORARY_SUFFIXES = (
    *(".tmp", ".temp", ".part", ".partial", ".filepart", ".crdownload", ".download", ".swp"),
    *(".upload", ".uploading", ".writing", ".inprogress", "~"),
)
TEMPORARY_PREFIXES = (".", "~$", "_temporary", "_SUCCESS.")
"""What programs call what they are not done with, or keep for themselves."""


@dataclass(frozen=True)
class Ignored:
    """Something in the landing directory that is not picked up, and why."""

    name: str
    reason: str
    unread: bool = False
    """Whether it could not be looked into, so that nobody knows what is there."""


@dataclass(frozen=True)
class Scan:
    """What one walk over the landing directory saw."""

    files: tuple[LandedFile, ...]
    ignored: tuple[Ignored, ...]

    def hides(self, name: str) -> bool:
        """Whether a file may be there, where the walk could not look."""
        return any(f"{name}/".startswith(f"{one.name}/") for one in self.ignored if one.unread)


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
        name = printable(folder.relative_to(root).as_posix())
        within = "" if folder == root else f"{name}/"
        try:
            entries = [entry for entry in os.scandir(folder) if not _is_temporary(entry.name)]
        except OSError as error:
            if folder == root:
                raise
            yield Ignored(name, f"cannot be read: {error.strerror}", unread=True)
            continue
        folders += [Path(one.path) for one in entries if one.is_dir(follow_symlinks=False)]
        yield from _gather(entry for entry in map(partial(_look, within), entries) if entry)


def _is_temporary(name: str) -> bool:
    return name.startswith(TEMPORARY_PREFIXES) or name.lower().endswith(TEMPORARY_SUFFIXES)


def _gather(found: Iterable[LandedFile | Ignored]) -> Iterator[LandedFile | Ignored]:
    """Put the markers and sidecars of one directory beside the files that they are for."""
    files: list[LandedFile] = []
    beside: dict[str, list[Companion]] = {}
    for one in found:
        if isinstance(one, Ignored):
            yield one
        elif kind := _kind(one.path.name):
            companion = Companion(kind, one.name, one.path, one.ctime_ns)
            of = SUCCESS if kind == SUCCESS else one.name[: -len(kind)]
            beside.setdefault(of, []).append(companion)
        else:
            files.append(one)
    of_all = beside.pop(SUCCESS, [])
    for file in files:
        near = (*beside.pop(file.name, ()), *of_all)
        yield replace(file, beside=near) if near else file
    for of, alone in beside.items():
        for companion in alone:
            yield Ignored(companion.name, f"is for {of}, which is not there")


def _kind(name: str) -> Marker | None:
    """Tell whether a name is that of a marker or a sidecar, and of which kind."""
    if name == SUCCESS:
        return SUCCESS
    endings = (kind for kind in MARKERS if kind != SUCCESS)
    return next((kind for kind in endings if name.endswith((kind, kind.upper()))), None)


def _look(within: str, entry: os.DirEntry[str]) -> LandedFile | Ignored | None:
    name = within + printable(entry.name)
    try:
        status = entry.stat(follow_symlinks=False)
    except OSError as error:
        return Ignored(name, f"cannot be read: {error.strerror}", unread=True)
    if stat.S_ISREG(status.st_mode):
        return _landed(name, Path(entry.path), status)
    if stat.S_ISLNK(status.st_mode):
        return Ignored(name, "is a symbolic link; put the file itself here")
    if not stat.S_ISDIR(status.st_mode):
        return Ignored(name, "is not a regular file")
    if entry.name.lower().endswith(DATA_SUFFIXES):
        return Ignored(name, "is a directory, though it is named like a data file")
    return None


def _landed(name: str, path: Path, status: os.stat_result) -> LandedFile:
    return LandedFile(name, path, *identity(status))


def printable(name: str) -> str:
    """Give a file name as valid Unicode: undecodable bytes, and backslashes, as escapes."""
    return os.fsencode(name.replace("\\", "\\\\")).decode("utf-8", "backslashreplace")


def locate(root: Path, name: str) -> Path:
    """Path of what has a name: the reverse of `printable`."""
    pieces = re.split(r"(\\\\|\\x[0-9a-f]{2})", name)
    plain, escapes = pieces[::2], pieces[1::2]
    bytes_ = [b"\\" if e == r"\\" else bytes.fromhex(e[2:]) for e in escapes]
    spelled = b"".join(p.encode() + b for p, b in zip(plain, [*bytes_, b""], strict=True))
    return root / os.fsdecode(spelled)
