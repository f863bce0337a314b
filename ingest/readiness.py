"""Readiness: whether a landed file is whole, and what its sidecar says it is.

A sidecar is `<file>.meta.json` beside a file: `{"records": 3, "sha256": "…", "produced_at": "…"}`,
of which any part may be left out.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ingest.errors import SidecarInvalid
from ingest.model import SIDECAR, SUCCESS, FileError, LandedFile, Marker, moment

LONGEST_SIDECAR = 1 << 16
"""Bytes."""
SECOND = 1_000_000_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Sidecar(BaseModel):
    """What a supplier says about a file."""

    model_config = ConfigDict(frozen=True)

    records: Annotated[int, Field(ge=0, le=1 << 62, strict=True)] | None = None
    """How many it has."""
    sha256: Annotated[str, Field(pattern="^[0-9a-fA-F]{64}$")] | None = None
    """Of its bytes as they land, in hexadecimal digits."""
    produced_at: datetime | None = None
    """When its content was made; in UTC, when no zone is given."""

    @property
    def produced_ns(self) -> int | None:
        """When its content was made, in nanoseconds."""
        if self.produced_at is None:
            return None
        at = self.produced_at
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at
        return moment((at - EPOCH) // timedelta(microseconds=1) * 1000)


def sidecar(file: LandedFile) -> Sidecar | None:
    """Read the sidecar of a landed file, if it has one.

    Raises:
        SidecarInvalid: It does not say what a sidecar may say.
        OSError: It cannot be read.
    """
    beside = file.companion(SIDECAR)
    if beside is None:
        return None
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    with open(os.open(beside.path, flags), "rb") as opened:
        text = opened.read(LONGEST_SIDECAR + 1)
    if len(text) > LONGEST_SIDECAR:
        raise SidecarInvalid(f"{beside.name}: is longer than {LONGEST_SIDECAR} bytes")
    try:
        said = Sidecar.model_validate_json(text.removeprefix(b"\xef\xbb\xbf"))
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, problem["loc"]))
        raise SidecarInvalid(
            f"{beside.name}: {where + ': ' if where else ''}{problem['msg']}; it may say "
            "records, a number, sha256, 64 hexadecimal digits, and produced_at, a time"
        ) from error
    if not said.model_fields_set:
        raise SidecarInvalid(f"{beside.name}: says none of records, sha256 and produced_at")
    return said


def settled(file: LandedFile, since_ns: int, now_ns: int, seconds: float) -> bool:
    """Whether a file has been left alone for a while.

    Args:
        file: The file.
        since_ns: When it was first seen as it is now.
        now_ns: The time now.
        seconds: How long it must have been left alone.
    """
    changed = max(file.mtime_ns, file.ctime_ns)
    return not seconds or min(changed, since_ns) <= now_ns - round(seconds * SECOND)


def missing(file: LandedFile, marker: Marker) -> str | None:
    """Say what is the matter with the marker that a file must have; nothing when it is there."""
    beside = file.companion(marker)
    if beside is None:
        folder = file.name.rpartition("/")[0]
        name = f"{folder}/{marker}".lstrip("/") if marker == SUCCESS else f"{file.name}{marker}"
        return f"waits for {name}"
    if beside.ctime_ns < file.ctime_ns:
        return f"is newer than {beside.name}, which must be put there after it"
    return None


def mismatch(file: LandedFile, said: Sidecar | None, sha256: str) -> FileError | None:
    """Tell that a file is not the one that its sidecar is about.

    Args:
        file: The file.
        said: Its sidecar.
        sha256: Hash of the file as it landed.
    """
    if said is None or said.sha256 is None or said.sha256.lower() == sha256:
        return None
    message = (
        f"{file.name}: its sidecar says that it has the sha256 {said.sha256.lower()}, and it has "
        f"{sha256}; send the file again, or a sidecar that is about this one"
    )
    return FileError("sidecar-sha256", message, incomplete=True, doubtful=True)


def miscount(name: str, promised: int | None, records: int) -> FileError | None:
    """Tell that a file has not as many records as its sidecar says.

    Args:
        name: What it is called.
        promised: How many its sidecar says, if it says that.
        records: How many it has.
    """
    if promised is None or promised == records:
        return None
    message = (
        f"{name}: its sidecar says that it has {promised} records, and it has "
        f"{records}; send the file again, or a sidecar that is about this one"
    )
    return FileError("sidecar-records", message, incomplete=True, doubtful=True)
