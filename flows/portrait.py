"""Portrait: what is in a file, or in a published dataset, whether or not anything is agreed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from flows import contract as contracts
from flows import inspection
from flows.project import Project
from flows.reading import read
from flows.trial import lay_out_all
from ingest.errors import FileUnknown
from ingest.sql import identifier
from quality.profiling import Profile, masked, profile
from quality.wording import guess, plural

OURS = "_"
"""What the names of columns begin with that no supplier has sent."""


@dataclass(frozen=True)
class Portrait:
    """A profile, and of what."""

    subject: str
    """The file, or the dataset."""
    profile: Profile
    remarks: tuple[str, ...] = ()
    """What could not be taken into account, and how values were read."""


def of_file(path: Path, project: Project | None) -> Portrait:
    """Profile a file by itself; what the contract that claims it calls personal is masked.

    Args:
        path: The file.
        project: The project, for its limits and its contracts.

    Raises:
        ContractInvalid: The contract is not right, so nobody knows what is personal.
        OSError: The file is not there, or is no regular file.
        IngestError: It cannot be read, or has no records.
    """
    contract = inspection.find_contract(path, project)
    with lay_out_all([path], project) as trials:
        reading = read(trials)
        found = profile(reading.con, reading.relation)
    remarks = [
        f"{word.word or 'an empty text'} is taken for no value" for word in reading.null_words
    ]
    if reading.misfits:
        remarks.append(f"{plural(reading.misfits, 'record')} did not fit and are not in it")
    remarks += [f"{name} is not in it: {why}" for name, why in reading.left_out.items()]
    personal = contract.pii if contract else frozenset()
    return Portrait(reading.files[0], masked(found, personal), tuple(remarks))


def of_dataset(dataset: str, project: Project, con: duckdb.DuckDBPyConnection) -> Portrait:
    """Profile what is published of a dataset; what its contract calls personal is masked.

    Args:
        dataset: Its name.
        project: The project.
        con: The project's warehouse.

    Raises:
        FileUnknown: It is neither a file nor a published dataset.
    """
    tables = con.execute(
        "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'main' AND NOT temporary"
    ).fetchall()
    known = sorted(name for (name,) in tables)
    if dataset not in known:
        raise FileUnknown(
            f"{dataset} is neither a file nor a published dataset{guess(dataset, known)}"
        )
    described = con.table(identifier("main", dataset))
    names = [name for name in described.columns if not name.startswith(OURS)]
    relation = con.sql(
        f"SELECT {', '.join(map(identifier, names))} FROM {identifier('main', dataset)}"
    )
    found = profile(con, relation)
    owners = [c for c in contracts.of_project(project)[0] if c.dataset == dataset]
    personal = owners[0].pii if owners else frozenset()
    return Portrait(dataset, masked(found, personal))
