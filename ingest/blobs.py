"""Blobs: frozen copies of landed files, addressed by their content."""

from __future__ import annotations

import hashlib
import os
import stat
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from io import FileIO
from pathlib import Path

from ingest import room
from ingest.errors import FilePartial, FileUnreadable
from ingest.model import Blob, FileVersion, LandedFile, identity

CHUNK = 16 << 20
SMALL = 1 << 20
"""Bytes that are hashed sooner than a thread is made for it."""
TICK = 10_000_000
"""Nanoseconds within which two changes of a file may be given the same time by Linux."""


def freeze(file: LandedFile, blobs: Path) -> Blob:
    """Copy a landed file into the blob store, under the hash of the copy.

    Everything later reads the copy, so what was judged is what was loaded, and can be
    read again for ever.

    Args:
        file: The landed file, as the scan saw it.
        blobs: Directory of the blob store.

    Raises:
        FilePartial: The file is not there or not what the scan saw, or changed meanwhile.
        FileUnreadable: The file cannot be opened, or is no regular file any more.
        NoRoom: The disk of the blob store is too full for it.
    """
    blobs.mkdir(parents=True, exist_ok=True)
    unfinished = blobs / f"{uuid.uuid4().hex}.tmp"
    try:
        source = os.open(file.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError as error:
        raise FilePartial(f"{file.name}: went away after it was seen") from error
    except OSError as error:
        raise FileUnreadable(f"{file.name}: cannot be opened: {error.strerror}") from error
    try:
        _let_the_clock_tick(file.ctime_ns)
        before = os.fstat(source)
        if not stat.S_ISREG(before.st_mode):
            raise FileUnreadable(f"{file.name}: is not a regular file")
        if identity(before) != (file.size, file.mtime_ns, file.ctime_ns):
            raise FilePartial(f"{file.name}: changed after it was seen; left for the next run")
        room.require({blobs: file.size}, f"a copy of {file.name}")
        with open(unfinished, "x+b", buffering=0) as copy:
            _copy(source, copy.fileno())
            copied = copy.tell()
            sha256 = _hash_durably(copy, copied)
        if identity(os.fstat(source)) != identity(before) or copied != before.st_size:
            raise FilePartial(f"{file.name}: changed while it was copied; left for the next run")
        blob = Blob(sha256, copied)
        target = locate(blob.sha256, blobs)
        target.parent.mkdir(exist_ok=True)
        unfinished.rename(target)
        return blob
    finally:
        os.close(source)
        unfinished.unlink(missing_ok=True)


def sweep(blobs: Path) -> None:
    """Remove what a killed run left half copied; only for who holds the warehouse."""
    for unfinished in blobs.glob("*.tmp"):
        unfinished.unlink()


def locate(sha256: str, blobs: Path) -> Path:
    """Path of the blob with this hash (64 hexadecimal digits), whether or not it exists."""
    return blobs / sha256[:2] / sha256


def prove(file: FileVersion, blobs: Path) -> Path:
    """Find the blob of a file version, which must still be what it was when it was frozen.

    Raises:
        FileUnreadable: It is gone, or is something else now.
    """
    path = locate(file.sha256, blobs)
    try:
        with path.open("rb") as blob:
            if hashlib.file_digest(blob, "sha256").hexdigest() == file.sha256:
                return path
        wrong = "is not what it was"
    except OSError as error:
        wrong = f"cannot be read: {error.strerror}"
    raise FileUnreadable(
        f"{file.name}, version {file.version}: its frozen copy {file.sha256} {wrong}; put the "
        "same file into the landing directory once more, and the next run freezes it anew"
    )


def _copy(source: int, target: int) -> None:
    """Copy from one open file to another, within the kernel where that can be done."""
    with suppress(OSError, AttributeError):
        while os.copy_file_range(source, target, CHUNK):
            pass
    while chunk := os.read(source, CHUNK):
        os.write(target, chunk)


def _hash_durably(copy: FileIO, size: int) -> str:
    """Hash a copy while the disk makes it durable, which takes as long and needs no processor."""
    copy.seek(0)
    if size <= SMALL:
        os.fsync(copy.fileno())
        return hashlib.file_digest(copy, "sha256").hexdigest()
    with ThreadPoolExecutor(1) as beside:
        digest = beside.submit(hashlib.file_digest, copy, "sha256")
        os.fsync(copy.fileno())
    return digest.result().hexdigest()


def _let_the_clock_tick(changed_ns: int) -> None:
    """Wait until whatever is written to a file from now on is given another time."""
    tick = changed_ns + TICK - time.time_ns()
    if 0 < tick <= TICK:
        time.sleep(tick / 1e9)
