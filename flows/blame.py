"""Blame: what went wrong with a load, said to a person, and whether the load is to blame for it."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from flows.project import Project
from ingest import room
from ingest.errors import IngestError, SchemaConflict, TransientError
from quality.checks import CheckInvalid

NOT_THE_FILES = (TransientError, CheckInvalid, SchemaConflict, OSError, duckdb.IOException)
"""Faults of the machine, which may pass, and of the contract, which somebody will mend."""
OUT_OF_MEMORY = (duckdb.OutOfMemoryException, MemoryError)


@dataclass(frozen=True)
class Fault:
    """Why a load did not come to its end."""

    said: str
    counts: bool
    """Whether the same is likely to happen again, so that the load is parked in the end."""


def explain(error: Exception, project: Project) -> Fault:
    """Say what went wrong with a load.

    Args:
        error: What was raised while it was taken further.
        project: The project, which says where everything is, and its limits.
    """
    places = (project.warehouse.parent, project.staging, project.blobs)
    if full := room.shortage(error, places):
        return Fault(str(full), counts=False)
    if isinstance(error, OUT_OF_MEMORY):
        said = (
            f"it takes more memory than memory_limit, {project.memory_limit}, allows; "
            f"raise it in pratique.yaml ({_first_line(error)})"
        )
        return Fault(said, counts=True)
    if isinstance(error, NOT_THE_FILES):
        return Fault(str(error), counts=False)
    if isinstance(error, IngestError | duckdb.Error):
        return Fault(str(error), counts=True)
    return Fault(f"unexpected {type(error).__name__}: {error}", counts=True)


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)
