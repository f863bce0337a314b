"""Succession: whose rows take the place of whose, in the transaction that publishes a load."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from ingest.model import Arrival, FileVersion, Load, Status
from ingest.sql import identifier, literal

STANDING = f"stage IN ('published', 'reported') AND status = '{Status.DONE}'"
"""SQL: of a load of `pratique.loads`, whether its records are those that can be queried."""
UNFINISHED = f"stage NOT IN ('published', 'reported') AND status <> '{Status.REJECTED}'"
"""SQL: of a load, whether it may still be published."""


def supersede(con: duckdb.DuckDBPyConnection, load: Load) -> int:
    """Take out what was loaded of older versions of a file, and of this one before.

    Returns:
        How many rows went from the table.
    """
    file = load.file
    return _hand_over(con, load) + _take_out(
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

    What is about to be loaded again is left out: it will take its own place again.
    """
    return f"""SELECT f.file_id FROM pratique.files f SEMI JOIN
        (FROM pratique.loads WHERE {STANDING}) l USING (file_id) ANTI JOIN
        (FROM pratique.loads WHERE {UNFINISHED} AND status IN ('done', 'running', 'failed')) p
        USING (file_id)
        WHERE f.dataset = {literal(file.dataset)} AND f.name <> {literal(file.name)}
        AND (f.produced_ns, f.file_id) > ({file.produced_ns}, {file.file_id})"""


def _hand_over(con: duckdb.DuckDBPyConnection, load: Load) -> int:
    """Give what an older version brought to a file that was corrected to have just that content.

    Such a file gave up its own rows, and those of its twin stood for it. Now they are its own.

    Returns:
        How many rows are not this file's any more.
    """
    dataset = load.file.dataset
    heirs = con.execute(
        f"""WITH current AS (FROM pratique.files
            QUALIFY version = max(version) OVER (PARTITION BY dataset, name)),
        standing AS (FROM pratique.loads WHERE {STANDING})
        SELECT o.file_id, s.load_id, h.file_id, h.name, h.version, l.load_id
        FROM pratique.files o JOIN standing s USING (file_id)
        JOIN current h ON (h.dataset, h.sha256) = (o.dataset, o.sha256)
        JOIN standing l ON l.file_id = h.file_id
        WHERE (o.dataset, o.name) = ($dataset, $name) AND o.version < $version
        AND h.name <> o.name AND h.arrival = '{Arrival.DUPLICATE}'
        QUALIFY row_number() OVER (PARTITION BY o.file_id ORDER BY h.file_id) = 1""",
        {"dataset": dataset, "name": load.file.name, "version": load.file.version},
    ).fetchall()
    moved = 0
    for old, old_load, heir, name, version, heir_load in heirs:
        ((rows,),) = con.execute(
            f"UPDATE {identifier('main', dataset)} SET _file_id = ?, _load_id = ? "
            "WHERE _file_id = ?",
            [heir, heir_load, old],
        ).fetchall()
        moved += rows
        con.execute(
            f"UPDATE {identifier('quarantine', dataset)} SET _file_id = $heir, _load_id = $load, "
            "record_id = $heir || '-' || _record_no, file = $name, version = $version "
            "WHERE _file_id = $old AND status = 'quarantined'",
            {"heir": heir, "load": heir_load, "name": name, "version": version, "old": old},
        )
        con.execute(
            "UPDATE pratique.loads SET loaded = o.loaded, quarantined = o.quarantined, "
            "skipped = o.skipped FROM pratique.loads o WHERE o.load_id = ? AND loads.load_id = ?",
            [old_load, heir_load],
        )
        con.execute(
            "UPDATE pratique.files SET arrival = ? WHERE file_id = ?", [Arrival.RESTATEMENT, heir]
        )
    return moved


def _take_out(con: duckdb.DuckDBPyConnection, load: Load, files: str, why: str) -> int:
    dataset = load.file.dataset
    ((gone,),) = con.execute(
        f"DELETE FROM {identifier('main', dataset)} WHERE _file_id IN ({files})"
    ).fetchall()
    con.execute(
        f"UPDATE {identifier('quarantine', dataset)} SET status = 'superseded' "
        f"WHERE status = 'quarantined' AND _file_id IN ({files})"
    )
    con.execute(
        "UPDATE pratique.loads SET status = ?, error = ?, changed_at = now() "
        f"WHERE {STANDING} AND load_id <> ? AND file_id IN ({files})",
        [Status.SUPERSEDED, why, load.load_id],
    )
    return int(gone)
