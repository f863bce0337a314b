"""Room on disks: seen to before it is needed, and told where there was not enough of it."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from ingest.errors import NoRoom

SPARE = 16 << 20
"""Bytes to leave free: what a load is recorded by takes little, and has to be written."""
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
SAID = ("No space left", "Disk quota exceeded", "File too large", "max_temp_directory_size")
"""How DuckDB says so: in words, and not only in errors of one class."""


def require(needed: Mapping[Path, int], what: str) -> None:
    """See that there is room on the disks for what is about to be written.

    Args:
        needed: Bytes, by the directory that they go to.
        what: What they are for: `loading orders.csv`.

    Raises:
        NoRoom: There is less, on the disk that one or several of the directories are on.
    """
    disks: dict[int, list[Path]] = {}
    for directory in needed:
        disks.setdefault(_existing(directory).stat().st_dev, []).append(directory)
    for directories in disks.values():
        wanted, free = sum(needed[one] for one in directories) + SPARE, _free(directories[0])
        if free < wanted:
            names = " and ".join(map(str, directories))
            raise NoRoom(
                f"{what} may take {_megabytes(wanted)} in {names}, where {_megabytes(free)} are "
                "free; make room, and run again"
            )


def shortage(error: BaseException, directories: Iterable[Path]) -> NoRoom | None:
    """Tell which disk is full, if that is what an error is about.

    Args:
        error: What was raised while something was written.
        directories: Where it may have been written.
    """
    said = str(error)
    if getattr(error, "errno", None) not in FULL and not any(words in said for words in SAID):
        return None
    fullest = min(directories, key=_free)
    return NoRoom(
        f"the disk is full: {_megabytes(_free(fullest))} are free in {fullest}, and more was "
        f"needed; nothing is lost; make room, and run again ({said.splitlines()[0]})"
    )


def _existing(directory: Path) -> Path:
    """The directory, or the nearest above it that exists."""
    return next(each for each in (directory, *directory.parents) if each.exists())


def _free(directory: Path) -> int:
    disk = os.statvfs(_existing(directory))
    return disk.f_bavail * disk.f_frsize


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.1f} MB"
