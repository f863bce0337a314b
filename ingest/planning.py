"""Planning: what a landed file is to what is known already. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ingest.model import Arrival, FileError, FileVersion, LandedFile


@dataclass(frozen=True)
class Frozen:
    """A landed file, or a member of one, with its dataset and the hash of its content."""

    file: LandedFile
    dataset: str
    sha256: str
    in_order: bool = False
    """Whether a later file takes the place of an earlier one, so that what was there before may
    come back under another name."""
    member: str = ""
    """What it is called, if it came in a container."""
    size: int = 0
    """Bytes, unpacked."""
    packed: str = ""
    """Hash of the landed file as it came."""
    produced_ns: int = 0
    """When its content was made, as its sidecar or else its mtime says."""
    promised: int | None = None
    """Records that its sidecar says it has."""
    faults: tuple[FileError, ...] = ()
    """What is wrong with it already."""

    @property
    def name(self) -> str:
        """What it is known by."""
        return self.member or self.file.name


@dataclass(frozen=True)
class Planned:
    """What is to be done about a landed file."""

    frozen: Frozen
    arrival: Arrival
    version: int
    """Of the content under this name; 0 when there is nothing to load."""


def plan(
    landed: Iterable[Frozen], known: Iterable[FileVersion], newest: Mapping[str, int] | None = None
) -> list[Planned]:
    """Tell what each landed file is: new, late, a restatement, or known by this or another name.

    Args:
        landed: Frozen files, in the order in which they are to be loaded.
        known: The file versions of the warehouse that have to do with them.
        newest: When the newest content of each dataset was made that is loaded already.
    """
    current: dict[tuple[str, str], FileVersion] = {}
    for file in sorted(known := list(known), key=lambda file: file.version):
        current[file.dataset, file.name] = file
    versions = {name: (file.version, file.sha256) for name, file in current.items()}
    by_age = sorted(current.values(), key=lambda file: (file.produced_ns, file.file_id))
    last = {file.dataset: file.sha256 for file in by_age}
    holders: dict[tuple[str, str], set[str]] = {}
    for file in known:
        if file.standing or current[file.dataset, file.name] is file:
            holders.setdefault((file.dataset, file.sha256), set()).add(file.name)
    standing = {(file.dataset, file.sha256, file.name) for file in known if file.standing}
    plans = []
    for frozen in landed:
        dataset, name, content = frozen.dataset, frozen.name, frozen.sha256
        version, before = versions.get((dataset, name), (0, ""))
        late = frozen.produced_ns < (newest or {}).get(dataset, frozen.produced_ns)
        twins = holders.get((dataset, content), set()) - {name}
        if before == content:
            plans.append(Planned(frozen, Arrival.TOUCHED, 0))
        elif last.get(dataset) == content if frozen.in_order else twins:
            # Under a name that had other content, its rows go, and those of its twin stand for it.
            overtakes = version and not frozen.in_order
            plans.append(Planned(frozen, Arrival.DUPLICATE, version + 1 if overtakes else 0))
        elif version:
            plans.append(Planned(frozen, Arrival.RESTATEMENT, version + 1))
        else:
            plans.append(Planned(frozen, Arrival.LATE if late else Arrival.NEW, 1))
        if plans[-1].version:
            versions[dataset, name] = version + 1, content
            holders.setdefault((dataset, content), set()).add(name)
            if (dataset, before, name) not in standing:  # else it is passed on when its rows go
                holders.get((dataset, before), set()).discard(name)
            if not late:
                last[dataset] = content
    return plans
