"""Planning: what a landed file is to what is known already. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ingest.model import Arrival, FileVersion, LandedFile


@dataclass(frozen=True)
class Frozen:
    """A landed file with its dataset and the hash of its content."""

    file: LandedFile
    dataset: str
    sha256: str
    in_order: bool = False
    """Whether a later file takes the place of an earlier one, so that what was there before may
    come back under another name."""


@dataclass(frozen=True)
class Planned:
    """What is to be done about a landed file."""

    frozen: Frozen
    arrival: Arrival
    version: int
    """Of the content under this name; 0 when there is nothing to load."""


def plan(landed: Iterable[Frozen], known: Iterable[FileVersion]) -> list[Planned]:
    """Tell what each landed file is: new, a restatement, or known by this or another name.

    Args:
        landed: Frozen files, in the order in which they are to be loaded.
        known: Every file version of the warehouse.
    """
    current: dict[tuple[str, str], tuple[int, str]] = {}
    for file in sorted(known, key=lambda file: file.version):
        current[file.dataset, file.name] = file.version, file.sha256
    contents = {(dataset, sha256) for (dataset, _), (_, sha256) in current.items()}
    newest = {file.dataset: file.sha256 for file in sorted(known, key=lambda file: file.file_id)}
    plans = []
    for frozen in landed:
        version, sha256 = current.get((frozen.dataset, frozen.file.name), (0, ""))
        if sha256 == frozen.sha256:
            plans.append(Planned(frozen, Arrival.TOUCHED, 0))
        elif (
            newest.get(frozen.dataset) == frozen.sha256
            if frozen.in_order
            else (frozen.dataset, frozen.sha256) in contents
        ):
            # Under a name that had other content, its rows go, and those of its twin stand for it.
            overtakes = version and not frozen.in_order
            plans.append(Planned(frozen, Arrival.DUPLICATE, version + 1 if overtakes else 0))
        else:
            arrival = Arrival.RESTATEMENT if version else Arrival.NEW
            plans.append(Planned(frozen, arrival, version + 1))
        if plans[-1].version:
            current[frozen.dataset, frozen.file.name] = version + 1, frozen.sha256
            contents.discard((frozen.dataset, sha256))
            contents.add((frozen.dataset, frozen.sha256))
            newest[frozen.dataset] = frozen.sha256
    return plans
