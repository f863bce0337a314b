"""Succession: whose rows take the place of whose, in the transaction that publishes a load."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from ingest.model import FileVersion, Load, Status
from ingest.sql import identifier, literal

STANDING = f"stage IN ('published', 'reported') AND status = '{Status.DONE}'"
"""SQL: of a load of `pratique.loads`, whether its records are those that can be queried."""
APART = "status IN ('quarantined', 'waiting')"
"""SQL: of a record in quarantine, whether it stands there: for good, or for what may come."""
UNFINISHED = f"stage NOT IN ('published', 'reported') AND status <> '{Status.REJECTED}'"
"""SQL: of a load, whether it may still be published."""


def supersede(con: duckdb.DuckDBPyConnection, load: Load) -> int:
    """Take out what was loaded of older versions of a file, and of this one before.

    Returns:
        How many rows went from the table.
    """
    file = load.file
    return _take_out(
        con,
        load,
        f"SELECT file_id FROM pratique.files WHERE dataset = {literal(file.dataset)} "
        f"AND name = {literal(file.name)} AND version <= {file.version}",
        f"superseded by version {file.version}",
    )


def renew(con: duckdb.DuckDBPyConnection, loads: Sequence[Load]) -> dict[int, int]:
    """Take out what was loaded before of files of a dataset that have one version only.

    Returns:
        How many rows went from the table, by file; none for one that is not there.
    """
    table = identifier("main", loads[0].file.dataset)
    files = f"SELECT unnest([{', '.join(str(load.file.file_id) for load in loads)}])"
    gone = con.sql(
        f"SELECT _file_id, count(*) FROM {table} WHERE _file_id IN ({files}) GROUP BY ALL"
    ).fetchall()
    _take_out(con, loads[0], files, "superseded by version 1")
    return dict(gone)


def displace(con: duckdb.DuckDBPyConnection, load: Load) -> int:
    """Take out all that was loaded of the dataset.

    Returns:
        How many rows went from the table.
    """
    file = load.file
    files = f"SELECT file_id FROM pratique.files WHERE dataset = {literal(file.dataset)}"
    return _take_out(con, load, files, f"superseded by {file.name}, version {file.version}")


def newer(file: FileVersion) -> str:
    """Give the SQL of what a file must not take the place of, because it was made before.

    What is about to be loaded again is left out, for it will take its own place again; so is what
    came too late itself.
    """
    return f"""SELECT f.file_id FROM pratique.files f SEMI JOIN
        (FROM pratique.loads WHERE {STANDING} AND (skipped < records_in OR records_in = 0)) l
        USING (file_id) ANTI JOIN
        (FROM pratique.loads WHERE {UNFINISHED} AND status IN ('done', 'running', 'failed')) p
        USING (file_id)
        WHERE f.dataset = {literal(file.dataset)} AND f.name <> {literal(file.name)}
        AND (f.produced_ns, f.file_id) > ({file.produced_ns}, {file.file_id})"""


def _take_out(con: duckdb.DuckDBPyConnection, load: Load, files: str, why: str) -> int:
    dataset = load.file.dataset
    ((gone,),) = con.execute(
        f"DELETE FROM {identifier('main', dataset)} WHERE _file_id IN ({files})"
    ).fetchall()
    con.execute(
        f"UPDATE {identifier('quarantine', dataset)} SET status = 'superseded' "
        f"WHERE {APART} AND _file_id IN ({files})"
    )
    con.execute(
        "UPDATE pratique.loads SET status = ?, error = ?, changed_at = now() "
        f"WHERE {STANDING} AND load_id <> ? AND file_id IN ({files})",
        [Status.SUPERSEDED, why, load.load_id],
    )
    return int(gone)
