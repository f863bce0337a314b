"""Receiving: what is new in the landing directory is frozen, and known to the manifest."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from threading import Lock

import duckdb

from flows import clearing, promises
from flows.contract import Contract
from flows.project import Project
from flows.steps import area_name
from flows.summary import LoadSummary, not_received
from ingest import (
    areas,
    blobs,
    containers,
    landing,
    manifest,
    planning,
    progress,
    readiness,
    room,
    sightings,
)
from ingest.errors import FilePartial, IngestError, SidecarInvalid
from ingest.model import Arrival, LandedFile, Status
from ingest.names import is_archive
from ingest.planning import Frozen
from ingest.readiness import Sidecar
from ingest.sightings import Seen, Sighting
from ingest.source import Source, claims

AT_A_TIME = 8
"""Files that are frozen at once."""
_UNPACKING = Lock()


@dataclass(frozen=True)
class Received:
    """What a look at the landing directory came to."""

    unclaimed: tuple[str, ...] = ()
    ignored: Mapping[str, str] = field(default_factory=dict)
    stopped: tuple[LoadSummary, ...] = ()
    """Files that could not be frozen, and why."""
    problems: tuple[str, ...] = ()
    """What should have been whole by now and is not."""


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
    areas.sweep(project.staging, map(area_name, progress.unfinished(con)))
    problems = clearing.clear(project, con, run_id)
    before, orphaned = sightings.last(con), manifest.orphaned(con)
    usual = {name: one for name, one in before.items() if name not in orphaned}
    place, scan = _place(project.landing), landing.scan(project.landing)
    sources = [contract.source for contract in known]
    found = list(_look_at_all(project, sources, scan.files, usual))
    frozen = sorted(
        (each for each in found if isinstance(each, Frozen)),
        key=lambda each: (each.produced_ns, each.name),
    )
    seen = [each for each in found if isinstance(each, Seen)]
    opened = {each.file.name for each in frozen}
    news = [
        each
        for each in seen
        if each.file.name in opened
        or each.file.name not in before
        or not before[each.file.name].tells(each)
    ]
    if _place(project.landing) != place:
        problems.append(f"{project.landing} went away while it was read; the next run looks again")
    plans = planning.plan(frozen, manifest.versions(con, frozen), manifest.newest(con))
    manifest.register(con, run_id, plans, news)
    there = {file.name for file in scan.files}
    vanished = {name: None for name in before if name not in there and not scan.hides(name)}
    problems += [*_emptied(project, len(vanished), len(before)), *promises.contradicted(con, plans)]
    sightings.follow(con, run_id, Arrival.VANISHED, vanished)
    return Received(
        unclaimed=tuple(_unclaimed(each) for each in seen if each.arrival is Arrival.UNCLAIMED),
        ignored={one.name: one.reason for one in scan.ignored},
        stopped=tuple(each for each in found if isinstance(each, LoadSummary)),
        problems=(*problems, *(each for each in found if isinstance(each, str))),
    )


def _place(directory: Path) -> tuple[int, int] | None:
    """Tell a directory from every other that may stand where it did, as when a disk goes away."""
    try:
        status = directory.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _emptied(project: Project, vanished: int, known: int) -> Iterator[str]:
    """Tell that a landing directory is empty of a sudden, as when its disk is not mounted."""
    if vanished == known > 1 and project.landing.is_dir() and not any(project.landing.iterdir()):
        yield (
            f"{project.landing} is empty, and {known} files were in it; if nobody took them out, "
            "is its disk mounted? What is loaded of them stays"
        )


def _look_at_all(
    project: Project,
    sources: Sequence[Source],
    files: Iterable[LandedFile],
    before: Mapping[str, Sighting],
) -> Iterator[Frozen | Seen | LoadSummary | str]:
    """Take what is new and whole, some files at a time: most of it is waiting for the disk."""

    def look(file: LandedFile) -> list[Frozen | Seen | LoadSummary | str]:
        return list(_look(project, sources, file, before.get(file.name)))

    with ThreadPoolExecutor(AT_A_TIME) as several:
        try:
            yield from chain.from_iterable(several.map(look, files))
        except BaseException:
            several.shutdown(wait=False, cancel_futures=True)
            raise


def _look(
    project: Project, sources: Sequence[Source], file: LandedFile, before: Sighting | None
) -> Iterator[Frozen | Seen | LoadSummary | str]:
    """Take a landed file if it is new and whole.

    Yields:
        What is frozen of it, what there is nothing to load of, what could not be received, and
        what somebody has to be told.
    """
    if before and before.shows(file) and not _claimed(sources, before.unclaimed):
        yield from (_nobodys(sources, file, name) for name in before.unclaimed)
        return
    owners = _owners(sources, file.name)
    if len(owners) != 1 and not is_archive(file.name):
        yield _nobodys(sources, file, file.name)
        return
    marker = owners[0].ready.marker if len(owners) == 1 and owners[0].ready else None
    now_ns = time.time_ns()
    since_ns = before.since_ns if before and before.look == file.look else now_ns
    settled = readiness.settled(file, since_ns, now_ns, project.settle_seconds)
    try:
        sidecar = readiness.sidecar(file)
        hashed = sidecar is not None and sidecar.sha256 is not None
        if marker and (why := readiness.missing(file, marker)):
            yield Seen(file, Arrival.WAITING, why)
        elif marker or settled or hashed:
            yield from _freeze(project, sources, file, sidecar, bool(marker or settled))
        else:
            yield Seen(file, Arrival.WAITING, "changed a moment ago")
    except SidecarInvalid as invalid:
        yield Seen(file, Arrival.PARTIAL, str(invalid))
        if settled:
            yield str(invalid)
    except FilePartial as partial:
        yield Seen(file, Arrival.PARTIAL, str(partial))
        tries = (before.tries if before else 0) + 1
        if tries >= project.partial_tries:
            yield f"{partial}; that was so {tries} times by now"
    except (IngestError, OSError) as error:
        said = str(room.shortage(error, [project.blobs]) or error)
        if len(owners) == 1:
            yield not_received(owners[0].dataset, file.name, Status.FAILED, said)
        else:
            yield said


def _freeze(
    project: Project,
    sources: Sequence[Source],
    file: LandedFile,
    sidecar: Sidecar | None,
    whole: bool,
) -> Iterator[Frozen | Seen | str]:
    """Freeze a landed file, and tell whose each of its members is.

    Args:
        project: The project.
        sources: What may claim it.
        file: The file.
        sidecar: What its supplier says about it.
        whole: Whether there is nothing more of it to come.

    Raises:
        FilePartial: It is not yet what its sidecar says.
        IngestError: It cannot be frozen.
        OSError: There is no room for it.
    """
    blob = blobs.freeze(file, project.blobs)
    wrong = readiness.mismatch(file, sidecar, blob.sha256)
    if wrong and not whole:
        raise FilePartial(wrong.message)
    with _UNPACKING:  # it takes memory, which has to do for one
        members = containers.unpack(file.name, blob, project.blobs, project.limits)
        short = promises.broken(project, sources, file, sidecar, members)
    doubts = [doubt for doubt in (wrong, short) if doubt]
    made_ns = sidecar.produced_ns if sidecar else None
    made_ns = file.mtime_ns if made_ns is None else made_ns
    for member in members:
        owners = _owners(sources, member.name) or _owners(sources, file.name)
        if len(owners) == 1:
            yield Frozen(
                file,
                owners[0].dataset,
                member.blob.sha256,
                in_order=owners[0].load != "append",
                member=member.name,
                size=member.blob.size,
                packed=blob.sha256,
                # Nothing was made after it was seen, whatever a clock or a supplier says.
                produced_ns=min(made_ns, time.time_ns()),
                promised=sidecar.records if sidecar and len(members) == 1 else None,
                faults=(*member.faults, *doubts),
            )
        else:
            yield _nobodys(sources, file, member.name, blob.sha256)
            yield from (f"{member.name}: {one.message}" for one in member.faults if one.fatal)


def _owners(sources: Iterable[Source], name: str) -> list[Source]:
    return [source for source in sources if claims(source, name)]


def _claimed(sources: Sequence[Source], names: Iterable[str]) -> bool:
    """Whether one of what nobody claimed belongs to somebody now."""
    return any(len(_owners(sources, name)) == 1 for name in names)


def _nobodys(
    sources: Iterable[Source], file: LandedFile, name: str, packed: str | None = None
) -> Seen:
    both = " and ".join(owner.dataset for owner in _owners(sources, name))
    said = f"claimed by {both}" if both else None
    return Seen(file, Arrival.UNCLAIMED, said, name, packed)


def _unclaimed(seen: Seen) -> str:
    return f"{seen.name} ({seen.said})" if seen.said else seen.name
