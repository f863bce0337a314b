"""Repetition: files that were received are to be loaded once more, from their blobs."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from flows import steps
from flows.contract import Contract
from flows.project import Project
from ingest import blobs, progress
from ingest.errors import FileUnreadable
from ingest.model import FileVersion, Load


def again(
    project: Project,
    con: duckdb.DuckDBPyConnection,
    known: Sequence[Contract],
    run_id: str,
    files: Sequence[FileVersion],
) -> tuple[list[Load], list[str]]:
    """Have files loaded, each as if it had never been; what stands of them stands until then.

    Args:
        project: The project.
        con: Its warehouse.
        known: All contracts.
        run_id: The run that wants it.
        files: The files.

    Returns:
        The loads to take further, and what cannot be loaded, and why.
    """
    datasets = {contract.dataset for contract in known}
    orphans = sorted({file.dataset for file in files} - datasets)
    problems = [f"{name}: there is no contract to load it by" for name in orphans]
    ids = set()
    for file in files:
        try:
            if file.dataset in datasets:
                blobs.prove(file, project.blobs)
                ids.add(file.file_id)
        except FileUnreadable as unreadable:
            problems.append(str(unreadable))
    progress.again(con, run_id, sorted(ids))
    return [load for load in steps.pending(con, known) if load.file.file_id in ids], problems
