"""Inventory: what a project holds and what waits, read from its warehouse and landing directory."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from ingest import landing, progress, sightings
from ingest.landing import Scan
from ingest.model import Arrival, Load, Status
from ingest.sql import identifier
from quality import history
from quality.model import Grade

if TYPE_CHECKING:
    import duckdb

    from flows.project import Project

SAID = re.compile(r"""^(dataset|version|status): *["']?([\w.+-]+)""", re.MULTILINE)
"""Where a contract says what it is; parsing many as YAML takes longer than all the rest."""
STOPPED = (Status.HELD, Status.FAILED, Status.PARKED)
"""How a load stands that goes no further for now."""


@dataclass(frozen=True)
class DatasetStatus:
    """A dataset as it stands: what can be queried now, and how its latest run went."""

    dataset: str
    grade: str
    score: float | None
    set_by: str
    run_id: str | None
    at: datetime | None
    """When the latest run judged it."""
    files: int
    """Files in that run."""
    rows: int
    """Rows in its table."""
    quarantined: int
    """Records in quarantine that nobody has settled."""
    waiting: int
    """Records beside them that wait for what another dataset may still bring."""
    contract_version: str | None = None
    contract_status: str | None = None
    """How far its contract is agreed; None if there is none."""
    published_score: float | None = None
    """Of what is left when the bad records are quarantined."""
    unwaived_score: float | None = None
    """As it would be without waivers; None if nothing was waived."""
    low_volume: bool = False
    """Whether the file that set the score has so few records that it says little."""


@dataclass(frozen=True)
class FileStatus:
    """A landed file: one version of it, or why there is none."""

    file: str
    dataset: str | None
    version: int | None
    arrival: str
    seen: str | None = None
    """What the last look at it was taken for: touched, vanished, cleared, ...; or its arrival."""
    file_id: int | None = None
    """Of this version; what `reload` can be told."""
    load_id: int | None = None
    stage: str | None = None
    status: str | None = None
    records_in: int | None = None
    loaded: int | None = None
    quarantined: int | None = None
    skipped: int | None = None
    error: str | None = None


@dataclass(frozen=True)
class ProjectStatus:
    """A project as it stands."""

    grade: str | None
    """The worst of the datasets that have arrived."""
    datasets: tuple[DatasetStatus, ...]
    stopped: tuple[FileStatus, ...]
    """Loads that are held or parked, or that failed; each run tries the failed ones again."""
    waiting: tuple[str, ...]
    """Files that the next run will look at."""


def status(project: Project, con: duckdb.DuckDBPyConnection) -> ProjectStatus:
    """Tell how a project stands.

    Args:
        project: The project.
        con: Its warehouse.

    Raises:
        OSError: The landing directory cannot be read.
    """
    promised = _promised(project)
    names = sorted({*history.datasets(con), *promised})
    standing = tuple(_dataset(con, name, promised.get(name)) for name in names)
    grades = [Grade[one.grade.upper()] for one in standing if one.run_id]
    return ProjectStatus(
        grade=max(grades).label if grades else None,
        datasets=standing,
        stopped=tuple(map(_of_load, progress.stopped(con, *STOPPED))),
        waiting=tuple(_waiting(con, landing.scan(project.landing))),
    )


def files(project: Project, con: duckdb.DuckDBPyConnection) -> list[FileStatus]:
    """List every file version ever received, and what else is in the landing directory.

    Args:
        project: The project.
        con: Its warehouse.

    Raises:
        OSError: The landing directory cannot be read.
    """
    scan = landing.scan(project.landing)
    known = {one.name: one for one in sightings.known(con)}
    latest = {load.file.file_id: load for load in progress.loads(con)}
    loads = [
        _of_load(load, known[load.file.name].arrival if load.file.name in known else None)
        for load in latest.values()
    ]
    received = {one.file for one in loads}
    waiting = {name: known.get(name) for name in _waiting(con, scan)}
    others = [
        FileStatus(one.name, one.dataset, None, one.arrival, one.arrival, error=one.remark)
        for name, one in known.items()
        if name not in waiting and name not in received
    ]
    others += [
        FileStatus(name, None, None, "waiting", error=one.remark if one else None)
        for name, one in waiting.items()
    ]
    others += [
        FileStatus(one.name, None, None, "ignored", error=one.reason) for one in scan.ignored
    ]
    return sorted([*loads, *others], key=lambda one: (one.file, one.version or 0))


def datasets(project: Project, con: duckdb.DuckDBPyConnection) -> list[str]:
    """The datasets that have come, or that contracts are about, by name."""
    return sorted({*history.datasets(con), *_promised(project)})


def expected(project: Project, con: duckdb.DuckDBPyConnection) -> int:
    """How many loads a run seems to have before it.

    Raises:
        OSError: The landing directory cannot be read.
    """
    waiting = list(_waiting(con, landing.scan(project.landing)))
    return len(waiting) + len(progress.unfinished(con))


def _promised(project: Project) -> dict[str, dict[str, str]]:
    """The datasets that contracts are about, right or wrong, and what these say they are."""
    found = {}
    for path in sorted(project.contracts.glob("*.y*ml")):
        with suppress(OSError, UnicodeDecodeError):
            said = dict(SAID.findall(path.read_text("utf-8")))
            if re.fullmatch("[a-z][a-z0-9_]*", said.get("dataset", "")):
                found[said["dataset"]] = said
    return found


def _dataset(
    con: duckdb.DuckDBPyConnection, name: str, promised: dict[str, str] | None
) -> DatasetStatus:
    loads = history.latest(con, name)
    worst = max(loads, key=lambda load: (load.grade, -(load.score or 0.0)), default=None)
    return DatasetStatus(
        dataset=name,
        grade=(worst.grade if worst else Grade.NO_DATA).label,
        score=worst.score if worst else None,
        set_by=worst.set_by if worst else "nothing has arrived",
        run_id=worst.run_id if worst else None,
        at=worst.judged_at if worst else None,
        files=len(loads),
        rows=_count(con, "main", name),
        quarantined=_count(con, "quarantine", name, "status = 'quarantined'"),
        waiting=_count(con, "quarantine", name, "status = 'waiting'"),
        contract_version=promised.get("version") if promised else None,
        contract_status=promised.get("status", "active") if promised else None,
        published_score=worst.published_score if worst else None,
        unwaived_score=worst.unwaived_score if worst else None,
        low_volume=worst.low_volume if worst else False,
    )


def _count(con: duckdb.DuckDBPyConnection, schema: str, table: str, condition: str = "true") -> int:
    there = con.execute(
        "SELECT 1 FROM duckdb_tables() WHERE database_name = current_database() "
        "AND schema_name = ? AND table_name = ?",
        [schema, table],
    ).fetchall()
    if not there:
        return 0
    query = f"SELECT count(*) FROM {identifier(schema, table)} WHERE {condition}"
    return int(con.execute(query).fetchall()[0][0])


def _of_load(load: Load, seen: Arrival | None = None) -> FileStatus:
    return FileStatus(
        file=load.file.name,
        dataset=load.file.dataset,
        version=load.file.version,
        arrival=load.arrival,
        seen=seen,
        file_id=load.file.file_id,
        load_id=load.load_id,
        stage=load.stage.name.lower(),
        status=load.status,
        records_in=load.counts.records_in,
        loaded=load.counts.loaded,
        quarantined=load.counts.quarantined,
        skipped=load.counts.skipped,
        error=load.error,
    )


def _waiting(con: duckdb.DuckDBPyConnection, scan: Scan) -> Iterator[str]:
    """Files that have not been looked at as they are now, or not to their end."""
    last = sightings.last(con)
    for file in scan.files:
        if file.name not in last or not last[file.name].shows(file):
            yield file.name
