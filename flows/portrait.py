"""Portrait: what is in a file, or in a published dataset, whether or not anything is agreed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from flows import contract as contracts
from flows import inspection, steps
from flows.project import Project
from flows.reading import read
from flows.trial import lay_out_all
from ingest.errors import FileUnknown
from ingest.sql import identifier
from ingest.tables import LINEAGE
from quality.profiling import Profile, masked, profile
from quality.wording import guess, plural


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
    known = steps.published(con)
    if dataset not in known:
        raise FileUnknown(
            f"{dataset} is neither a file nor a published dataset{guess(dataset, known)}"
        )
    names = [name for name in known[dataset].columns if name not in LINEAGE]
    columns = (duckdb.SQLExpression(identifier(name)) for name in names)
    relation = known[dataset].select(*columns)
    found = profile(con, relation)
    owners = [c for c in contracts.of_project(project)[0] if c.dataset == dataset]
    personal = owners[0].pii if owners else frozenset()
    return Portrait(dataset, masked(found, personal))
