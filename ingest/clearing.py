"""Clearing: a landed file goes out of the landing directory, when all of it is committed.

A file is renamed before it goes, and looked at once more: so what a supplier puts in its place at
the last moment is not taken for it. Whatever stops us halfway, the next run goes on from there.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import duckdb

from ingest.landing import locate
from ingest.model import MARKERS, SIDECAR, SUCCESS, Look, identity
from ingest.sightings import LOOKS
from ingest.succession import UNFINISHED

LONGEST_NAME = 100


@dataclass(frozen=True)
class Finished:
    """A landed file of which everything is published, or turned away."""

    name: str
    look: Look
    sha256: str
    """Hash of the file as it landed."""
    day: str
    """On which it was seen so, in UTC: 2026-01-31."""

    def place(self, archive: Path) -> Path:
        """Where it goes in an archive, whatever its supplier called it."""
        safe = re.sub(r"[^A-Za-z0-9._-]+", "_", self.name)[-LONGEST_NAME:]
        return archive / self.day / f"{self.sha256[:16]}-{safe}"


def finished(con: duckdb.DuckDBPyConnection) -> list[Finished]:
    """Find the landed files with which we are done."""
    rows = con.sql(
        f"""WITH unfinished AS (SELECT DISTINCT file_id FROM pratique.loads WHERE {UNFINISHED})
        SELECT landed, any_value((size, mtime_ns, ctime_ns, sidecar_ns)), any_value(sha256),
            strftime(max(seen_at), '%Y-%m-%d')
        FROM {LOOKS} LEFT JOIN unfinished u USING (file_id) WHERE look_id = last AND NOT gone
        GROUP BY landed
        HAVING bool_and(NOT unsettled AND file_id IS NOT NULL AND u.file_id IS NULL)
        ORDER BY landed"""
    ).fetchall()
    return [Finished(name, tuple(look), sha256, day) for name, look, sha256, day in rows]


def clear(file: Finished, landing: Path, archive: Path | None) -> bool:
    """Move a file out of the landing directory, or delete it, with its markers and its sidecar.

    Args:
        file: What it was when it was frozen.
        landing: The landing directory.
        archive: Where it goes; None to delete it.

    Returns:
        Whether it is gone; not when it has changed since, or was gone before we came.

    Raises:
        OSError: It cannot be moved.
    """
    path = locate(landing, file.name)
    digest = hashlib.sha256(f"{file.sha256} {file.name}".encode()).hexdigest()
    aside = path.with_name(f".{digest[:16]}.pratique")
    target = file.place(archive) if archive else None
    if not aside.exists():
        if not path.exists():
            return target is None or target.exists()
        if _look(path) != file.look:
            return False
        path.rename(aside)
    if _look(aside)[:2] != file.look[:2]:
        _give_back(aside, path)
        return False
    try:
        _put(aside, target)
    except OSError:  # or else nobody would see it any more, and try again
        with suppress(FileExistsError):
            _give_back(aside, path)
        raise
    for ending, beside in _companions(path):
        if not path.exists():
            _put(beside, target and target.with_name(target.name + ending))
    return True


def _give_back(aside: Path, path: Path) -> None:
    os.link(aside, path)
    aside.unlink()


def _companions(path: Path) -> Iterator[tuple[str, Path]]:
    """What stands beside a file and is about it, by its ending."""
    for marker in MARKERS:
        for ending in (marker, marker.upper()):
            beside = path.with_name(path.name + ending)
            if marker != SUCCESS and beside.is_file():
                yield marker, beside


def _look(path: Path) -> Look:
    sidecars = (beside for marker, beside in _companions(path) if marker == SIDECAR)
    sidecar = next(sidecars, None)
    sidecar_ns = sidecar.lstat().st_ctime_ns if sidecar else 0
    return *identity(path.lstat()), sidecar_ns


def _put(path: Path, target: Path | None) -> None:
    if target is None or target.exists():  # the same, for it is called by its hash
        path.unlink()
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        path.rename(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        unfinished = target.with_name(f"{target.name}.tmp")
        try:
            shutil.copy2(path, unfinished)
            with unfinished.open("rb") as copy:
                os.fsync(copy.fileno())
            unfinished.rename(target)
        finally:
            unfinished.unlink(missing_ok=True)
        path.unlink()
