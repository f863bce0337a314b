"""Staging areas: where one load is staged, in a DuckDB catalog of its own.

In memory for a small file, because doing it again is cheaper than saving it; a file for a large
one, so that a later failure never parses again.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from ingest.sql import identifier, literal


@dataclass(frozen=True)
class StagingArea:
    """Where one load is staged."""

    catalog: str
    """Name of the attached DuckDB catalog."""
    scratch: Path
    """Directory for files that are gone when the load is over."""
    pinned: Mapping[str, Any] = field(default_factory=dict)
    """How the file is written, where an earlier attempt has told; it is not told anew."""

    def table(self, name: str) -> str:
        """Quoted name of a table of the catalog."""
        return identifier(self.catalog, "main", name)

    def holds(self, path: Path) -> bool:
        """Whether a file is a copy that was made to be read here."""
        return path.is_relative_to(self.scratch)


@contextmanager
def attach(
    con: duckdb.DuckDBPyConnection, name: str, directory: Path, lasting: bool
) -> Iterator[StagingArea]:
    """Attach a staging catalog for the length of a block.

    Args:
        con: The connection.
        name: Name of the catalog, unique to the load.
        directory: Where its files go.
        lasting: Whether it is a file, and stays when the block ends with an error.
    """
    scratch = directory / name
    scratch.mkdir(parents=True, exist_ok=True)
    target = str(scratch / "staging.duckdb") if lasting else ":memory:"
    attach = f"ATTACH {literal(target)} AS {identifier(name)}"
    try:
        con.execute(attach)
    except duckdb.Error:  # what was kept was only to save work
        shutil.rmtree(scratch)
        scratch.mkdir()
        con.execute(attach)
    keeping = lasting
    try:
        yield StagingArea(name, scratch)
        keeping = False
    finally:
        with suppress(duckdb.Error):  # what has become of a load is settled by now
            con.execute(f"DETACH {identifier(name)}")
        if not keeping:
            shutil.rmtree(scratch, ignore_errors=True)


def sweep(directory: Path, keep: Iterable[str]) -> None:
    """Remove the areas that a killed run left behind, but those that will be taken up again."""
    kept = set(keep)
    for left in directory.glob("staging_*"):
        if re.fullmatch(r"staging_\d+", left.name) and left.name not in kept:
            shutil.rmtree(left)
