"""Comparison: what a supplier changed in a file, from one version to another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from flows import contract as contracts
from flows import steps
from flows.contract import Contract
from flows.project import Project
from ingest import areas, blobs, rejects
from ingest.areas import StagingArea
from ingest.difference import Difference, difference
from ingest.errors import FileUnknown, FileUnreadable
from ingest.formats.known import format_of
from ingest.model import FileVersion
from ingest.transcript import UNKNOWN, Transcript, transcribe
from quality.checks import CheckInvalid

KEYS = ("primary_key", "unique")
"""Rules that say by which columns records are told apart, the better one first."""


@dataclass(frozen=True)
class Comparison:
    """Two versions of a file."""

    file: str
    dataset: str
    versions: tuple[int, int]
    records: tuple[int, int]
    """Records in each of them."""
    rejected: tuple[int, int]
    """Of those, how many do not fit, so that they are not compared."""
    difference: Difference


def choose(
    found: Sequence[FileVersion], first: int | None, second: int | None
) -> tuple[FileVersion, FileVersion]:
    """Choose two versions of a file: the last two, unless others are named.

    Args:
        found: All of its versions.
        first: Number of the older one.
        second: Number of the newer one; the last one, when only the older one is named.

    Raises:
        FileUnknown: There is no such version.
    """
    newest = found[-1].dataset
    by_number = {file.version: file for file in found if file.dataset == newest}
    if not first and len(by_number) == 1:
        raise FileUnknown(f"{found[-1].name} came once; there is nothing to compare it with")
    new = second or max(by_number)
    old = first or new - 1
    for number in (old, new):
        if number not in by_number:
            known = ", ".join(map(str, by_number))
            raise FileUnknown(f"{found[-1].name} has no version {number}; it has {known}")
    return by_number[old], by_number[new]


def compare(project: Project, old: FileVersion, new: FileVersion, most: int) -> Comparison:
    """Compare two versions of a file, from their blobs.

    Args:
        project: The project.
        old: The older version.
        new: The newer version.
        most: How many examples of each kind.

    Raises:
        FileUnreadable: A version cannot be read.
    """
    known, _ = contracts.of_project(project)
    contract = next((one for one in known if one.dataset == new.dataset), None)
    with (
        steps.open_scratch(project) as (con, room),
        areas.attach(con, "older", room, lasting=True) as older,
        areas.attach(con, "newer", room, lasting=True) as newer,
    ):
        was = _read(con, project, contract, old, older)
        now = _read(con, project, contract, new, newer)
        found = difference(con, was, now, _key(contract), most)
        rejected = (rejects.count(con, older), rejects.count(con, newer))
    versions, records = (old.version, new.version), (was.records, now.records)
    return Comparison(new.name, new.dataset, versions, records, rejected, found)


def _read(
    con: duckdb.DuckDBPyConnection,
    project: Project,
    contract: Contract | None,
    file: FileVersion,
    area: StagingArea,
) -> Transcript:
    source = contract.source if contract else UNKNOWN
    blob = blobs.prove(file, project.blobs)
    read = transcribe(con, blob, format_of(file.name, source), source, area)
    if not read.readable:
        problem = "; ".join(error.message for error in read.errors if error.fatal)
        raise FileUnreadable(f"{file.name}, version {file.version}: {problem}")
    return read


def _key(contract: Contract | None) -> tuple[str, ...]:
    """The columns by which a contract tells records apart."""
    if contract is None:
        return ()
    if contract.source.key:
        return contract.source.key
    try:
        checks = contracts.checks(contract)
    except CheckInvalid:
        return ()
    for rule in KEYS:
        for check in checks:
            if check.rule.name == rule:
                return check.columns
    return ()
