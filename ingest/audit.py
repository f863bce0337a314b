"""Audit: what the manifest says of blobs, held against the blobs.

A blob is hashed again, and its records are counted again without DuckDB's reader. The warehouse
is needed only to know what there should be, so that nobody waits for it while files are read.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import duckdb

from ingest import blobs
from ingest.formats.known import FORMATS
from ingest.ledger import Difference


class Version(NamedTuple):
    """A file version, and what its last load says of it."""

    dataset: str
    file: str
    version: int
    sha256: str | None
    size: int | None
    """Bytes."""
    dialect: str | None
    """How it was read, as JSON; None if it never was."""
    load_id: int | None
    records: int | None
    """How many it has, by that load."""


@dataclass(frozen=True)
class Proof:
    """What came of looking at the blob of a file version."""

    records: int
    """Counted in it."""
    differences: tuple[Difference, ...] = ()


def versions(con: duckdb.DuckDBPyConnection, dataset: str | None = None) -> list[Version]:
    """List the file versions that were ever received, of one dataset or of all.

    Args:
        con: The warehouse.
        dataset: Name of the dataset.
    """
    rows = con.execute(
        """SELECT dataset, name, version, sha256, size, dialect, load_id, records_in
        FROM pratique.files LEFT JOIN (FROM pratique.loads WHERE stage <> 'received'
            QUALIFY load_id = max(load_id) OVER (PARTITION BY file_id)) USING (file_id)
        WHERE dataset = coalesce(?, dataset) ORDER BY ALL""",
        [dataset],
    ).fetchall()
    return [Version(*row) for row in rows]


def hashes(con: duckdb.DuckDBPyConnection) -> set[str]:
    """Give the hash of all that was ever frozen: files, and the containers that they came in."""
    rows = con.sql(
        "SELECT sha256 FROM pratique.files UNION SELECT sha256 FROM pratique.sightings"
    ).fetchall()
    return {sha256 for (sha256,) in rows}


def prove(version: Version, store: Path, scratch: Path) -> Proof:
    """Hash the blob of a file version, and count its records.

    Args:
        version: The file version.
        store: Directory of the blob store.
        scratch: Directory for copies, which are gone afterwards.
    """

    def wrong(code: str, message: str) -> Difference:
        return Difference(
            code, message, version.dataset, version.file, version.version, version.load_id
        )

    blob = blobs.locate(version.sha256 or "none", store)
    try:
        with blob.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
            size = file.tell()
    except OSError as error:
        said = f"its blob {version.sha256} cannot be read: {error.strerror}"
        return Proof(0, (wrong("missing-blob", said),))
    if found != version.sha256:
        said = f"its blob {version.sha256} is not what it was: its hash is {found}"
        return Proof(0, (wrong("changed-blob", said),))
    if size != version.size:
        said = f"its blob has {size} bytes, and is said to have {version.size}"
        return Proof(0, (wrong("wrong-size", said),))
    if not version.records and version.dialect is None:
        return Proof(0)
    try:
        records = _count(version, blob, scratch)
    except Exception as error:  # whatever keeps one file from being counted
        said = f"its records cannot be counted: {type(error).__name__}: {error}"
        return Proof(0, (wrong("not-counted", said),))
    if records == version.records:
        return Proof(records)
    said = f"{records} records are in its blob, and {version.records} are said to have come in"
    return Proof(records, (wrong("wrong-count", said),))


def _count(version: Version, blob: Path, scratch: Path) -> int:
    dialect = json.loads(version.dialect or "{}")
    format, _ = dialect.pop("format"), dialect.pop("source", None)
    if not dialect:  # it was never looked into
        return 0
    try:
        return FORMATS[format].count(blob, dialect, scratch)
    finally:
        for copy in scratch.iterdir():
            copy.unlink()


def strays(store: Path, known: Collection[str]) -> Iterator[str]:
    """Find what is in a blob store and is the blob of nothing known, by its path there.

    Args:
        store: Directory of the blob store.
        known: Hashes of all that was ever frozen.
    """
    for shelf in sorted(store.iterdir()) if store.is_dir() else ():
        for path in sorted(shelf.iterdir()) if shelf.is_dir() else [shelf]:
            if path.name not in known or blobs.locate(path.name, store) != path:
                yield path.relative_to(store).as_posix()
