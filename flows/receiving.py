"""Receiving: what is new in the landing directory is frozen, and known to the manifest."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb

from flows.contract import Contract
from flows.project import Project
from flows.steps import area_name
from flows.summary import LoadSummary, not_received
from ingest import blobs, landing, manifest, planning, progress, staging
from ingest.errors import FilePartial, IngestError
from ingest.model import Arrival, Status
from ingest.source import claims


@dataclass(frozen=True)
class Received:
    """What a look at the landing directory came to."""

    unclaimed: tuple[str, ...]
    ignored: Mapping[str, str]
    stopped: tuple[LoadSummary, ...]
    """Files that could not be frozen, and why."""


def receive(
    project: Project, con: duckdb.DuckDBPyConnection, known: Sequence[Contract], run_id: str
) -> Received:
    """Freeze what is new in the landing directory, and record its loads as received.

    Args:
        project: The project.
        con: Its warehouse.
        known: The contracts that may claim files.
        run_id: The run that looks.

    Raises:
        OSError: The landing directory cannot be read.
    """
    blobs.sweep(project.blobs)
    staging.sweep(project.staging, map(area_name, progress.unfinished(con)))
    scan = landing.scan(project.landing)
    settled = time.time_ns() - round(project.settle_seconds * 1e9)
    frozen, unclaimed, stopped = [], [], []
    for file in manifest.unseen(con, scan.files):
        owners = [contract.source for contract in known if claims(contract.source, file.name)]
        if len(owners) != 1:
            names = " and ".join(owner.dataset for owner in owners)
            both = f" (claimed by {names})" if owners else ""
            unclaimed.append(f"{file.name}{both}")
            manifest.see(con, run_id, file, Arrival.UNCLAIMED)
        elif file.mtime_ns <= settled or not project.settle_seconds:
            (owner,) = owners
            try:
                blob = blobs.freeze(file, project.blobs)
                in_order = owner.load != "append"
                frozen.append(planning.Frozen(file, owner.dataset, blob.sha256, in_order))
            except FilePartial:
                manifest.see(con, run_id, file, Arrival.PARTIAL)
            except (IngestError, OSError) as error:
                said = str(error)
                stopped.append(not_received(owner.dataset, file.name, Status.FAILED, said))
    frozen.sort(key=lambda one: (one.file.mtime_ns, one.file.name))
    manifest.register(con, run_id, planning.plan(frozen, manifest.versions(con)))
    ignored = {one.name: one.reason for one in scan.ignored}
    return Received(tuple(unclaimed), ignored, tuple(stopped))
