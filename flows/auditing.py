"""Auditing: what a project claims to hold is proved again, from its blobs and its own tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from flows import contract as contracts
from flows.project import Project
from ingest import audit, ledger
from ingest.audit import Version
from ingest.errors import FileUnknown
from ingest.ledger import Difference

Watch = Callable[[Version], None]
"""Told which file version has been looked at."""


@dataclass(frozen=True)
class Claims:
    """What a warehouse says of its files, and where its own tables say otherwise."""

    versions: tuple[Version, ...]
    hashes: frozenset[str] | None
    """Of all that there are to be blobs of; None when only some are looked at."""
    differences: tuple[Difference, ...]

    @property
    def bytes(self) -> int:
        """How many there are to read."""
        return sum(version.size or 0 for version in self.versions)


@dataclass(frozen=True)
class Audit:
    """What was looked at, and what is not as the warehouse says."""

    files: int
    """File versions."""
    bytes: int
    """In their blobs."""
    records: int
    """Counted in their blobs."""
    differences: tuple[Difference, ...]
    strays: tuple[str, ...]
    """What lies in the blob store and belongs to nothing; it does no harm."""


def read_claims(
    project: Project, con: duckdb.DuckDBPyConnection, dataset: str | None = None
) -> Claims:
    """Read what a warehouse says of its files, and hold its tables against it.

    Args:
        project: The project, whose contracts tell what is merged.
        con: Its warehouse.
        dataset: Name of a dataset; without it, all.

    Raises:
        FileUnknown: Nothing was ever received of it.
    """
    known = ledger.datasets(con)
    if dataset and dataset not in known:
        others = ", ".join(known) or "none"
        raise FileUnknown(f"nothing was ever received of {dataset}; known are: {others}")
    agreed, _ = contracts.of_project(project)
    keys = {each.dataset: each.source.key for each in agreed}
    return Claims(
        versions=tuple(audit.versions(con, dataset)),
        hashes=None if dataset else frozenset(audit.hashes(con)),
        differences=(
            *(() if dataset else ledger.forgotten(con)),
            *(
                difference
                for name in ([dataset] if dataset else known)
                for difference in ledger.differences(con, name, keys.get(name))
            ),
        ),
    )


def prove(project: Project, claims: Claims, watch: Watch = lambda version: None) -> Audit:
    """Hold what a warehouse says of its files against their blobs.

    The warehouse is not needed for it, so that a run may go on meanwhile.

    Args:
        project: The project, which says where blobs are.
        claims: What its warehouse says.
        watch: Told of each file version, when it has been looked at.
    """
    differences, records = list(claims.differences), 0
    with TemporaryDirectory(prefix="pratique-") as scratch:
        for version in claims.versions:
            proof = audit.prove(version, project.blobs, Path(scratch))
            records += proof.records
            differences += proof.differences
            watch(version)
    strays = () if claims.hashes is None else audit.strays(project.blobs, claims.hashes)
    return Audit(
        files=len(claims.versions),
        bytes=claims.bytes,
        records=records,
        differences=tuple(differences),
        strays=tuple(strays),
    )
