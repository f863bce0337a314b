"""Clearing: what becomes of landed files when all that came in them is committed."""

from __future__ import annotations

import duckdb

from flows.document import shown
from flows.project import Project
from ingest import clearing, manifest, sightings
from ingest.model import Arrival
from quality.wording import plural


def clear(project: Project, con: duckdb.DuckDBPyConnection, run_id: str) -> list[str]:
    """Archive or delete what a project wants out of its landing directory after commit.

    Args:
        project: The project.
        con: Its warehouse.
        run_id: The run.

    Returns:
        What could not be done, and why.
    """
    if project.after_commit == "keep":
        return []
    archive = project.archive if project.after_commit == "archive" else None
    cleared, failed = {}, []
    orphaned = manifest.orphaned(con)
    for file in clearing.finished(con):
        if file.name in orphaned:
            continue
        try:
            if clearing.clear(file, project.landing, archive):
                place = f"archived as {shown(file.place(archive))}" if archive else "deleted"
                cleared[file.name] = place
        except OSError as error:
            into = f" cannot be moved into {shown(archive)}" if archive else " cannot be deleted"
            failed.append(f"{file.name}{into}: {error.strerror}")
    sightings.follow(con, run_id, Arrival.CLEARED, cleared)
    if not failed:
        return []
    what = plural(len(failed), "file")
    return [f"{what} could not be taken out of {shown(project.landing)}, as {failed[0]}"]
