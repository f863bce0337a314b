"""Promises: what sidecars say of more than one file, or of what is loaded already."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import duckdb

from flows import steps
from flows.project import Project
from ingest import areas, blobs, manifest, readiness
from ingest.containers import Member
from ingest.errors import IngestError
from ingest.formats.known import format_of
from ingest.model import FileError, LandedFile
from ingest.planning import Planned
from ingest.readiness import Sidecar
from ingest.source import Source, claims
from ingest.transcript import transcribe


def broken(
    project: Project,
    sources: Sequence[Source],
    file: LandedFile,
    sidecar: Sidecar | None,
    members: Sequence[Member],
) -> FileError | None:
    """Tell that an archive has not as many records as its sidecar says, all members together.

    Args:
        project: The project.
        sources: What may claim its members; what nobody claims does not count.
        file: The archive.
        sidecar: What its supplier says about it.
        members: What is in it. If that is one file, it is held to the promise when it is loaded.
    """
    if sidecar is None or sidecar.records is None or len(members) == 1:
        return None
    records = sum(_counts(project, sources, members))
    return readiness.miscount(file.name, sidecar.records, records)


def contradicted(con: duckdb.DuckDBPyConnection, plans: Iterable[Planned]) -> Iterator[str]:
    """Tell what sidecars say otherwise of content that is loaded already.

    Args:
        con: The warehouse.
        plans: What landed.
    """
    for frozen in (planned.frozen for planned in plans if not planned.version):
        if frozen.promised is None and not frozen.faults:
            continue
        for records in manifest.loaded(con, frozen):
            short = readiness.miscount(frozen.name, frozen.promised, records)
            for doubt in (*frozen.faults, *([short] if short else [])):
                if doubt.doubtful:
                    yield f"{doubt.message}; what is loaded of it stays"


def _counts(
    project: Project, sources: Sequence[Source], members: Iterable[Member]
) -> Iterator[int]:
    """Count the records of each member that can be read."""
    with steps.open_scratch(project) as (con, room):
        for member in members:
            owners = [source for source in sources if claims(source, member.name)]
            if len(owners) != 1 or any(fault.fatal for fault in member.faults):
                continue
            blob = blobs.locate(member.blob.sha256, project.blobs)
            with areas.attach(con, "counted", room, lasting=True) as area:
                try:
                    format = format_of(member.name, owners[0])
                    yield transcribe(con, blob, format, owners[0], area).records
                except IngestError:
                    continue
