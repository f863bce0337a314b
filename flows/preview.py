"""Preview: the records of a file as a load would read them, before anything is made of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flows.contract import Contract
from flows.project import Project
from flows.trial import lay_out
from ingest.model import FileError
from ingest.rejects import Reject
from ingest.transcript import UNKNOWN


@dataclass(frozen=True)
class Preview:
    """The records of a file as a load would read them."""

    file: str
    columns: tuple[str, ...]
    dialect: Mapping[str, Any]
    encoding: str | None
    """As Python knows it; None for what is no text."""
    records_in: int
    records: Iterator[tuple[str | None, ...]]
    """Each as text, in the order of the file."""
    bad: int
    rejected: Iterator[Reject]
    """The records that do not fit."""
    file_errors: tuple[FileError, ...]


@contextmanager
def preview(path: Path, project: Project | None, contract: Contract | None) -> Iterator[Preview]:
    """Read a file as a load would, for the length of a block.

    Args:
        path: The file.
        project: The project, for its limits.
        contract: What says how the file is read, if there is one.

    Raises:
        OSError: The file is not there, or is no regular file.
        IngestError: It cannot be read.
    """
    with lay_out(path, project) as trial:
        transcript = trial.transcribe(contract.source if contract else UNKNOWN)
        yield Preview(
            file=trial.file,
            columns=transcript.fields,
            dialect=transcript.dialect,
            encoding=transcript.dialect.get("encoding"),
            records_in=transcript.records,
            records=transcript.texts(trial.con),
            bad=trial.rejected(),
            rejected=trial.rejects(),
            file_errors=transcript.errors,
        )
