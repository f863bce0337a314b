"""Inheritance: rows that a file gives up pass to another one of the same content.

Content is loaded once, under the name that it came by first. When the file of that name is sent
anew with other content, it may still be what another file has: a copy of it, or a file that was
corrected to be the same, or yesterday's, moved aside for that of today.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from ingest.model import Arrival, Load, Status
from ingest.sightings import LOOKS
from ingest.sql import identifier
from ingest.succession import APART, STANDING
from ingest.warehouse import draw


@dataclass(frozen=True)
class _Estate:
    """What stands of an older version, and who is to have it."""

    file_id: int
    load_id: int
    heir: str
    heir_id: int | None
    """File version of the heir; none if it was never more than a copy."""


def pass_on(con: duckdb.DuckDBPyConnection, load: Load) -> int:
    """Give what older versions of a file brought to files that have their content still.

    Runs in the transaction that publishes the newer version.

    Args:
        con: The warehouse.
        load: The load of the newer version.

    Returns:
        How many rows are not this file's any more.
    """
    return sum(_pass_on(con, load, estate) for estate in _estates(con, load))


def _estates(con: duckdb.DuckDBPyConnection, load: Load) -> list[_Estate]:
    file = load.file
    rows = con.execute(
        f"""WITH old AS (SELECT f.file_id, f.sha256, l.load_id FROM pratique.files f
            JOIN (FROM pratique.loads WHERE {STANDING}) l USING (file_id)
            WHERE (dataset, name) = ($dataset, $name) AND version < $version),
        current AS (FROM pratique.files WHERE dataset = $dataset AND name <> $name
            QUALIFY version = max(version) OVER (PARTITION BY name)),
        heirs AS (
            SELECT sha256, name, file_id FROM current WHERE arrival = '{Arrival.DUPLICATE}'
            UNION ALL SELECT f.sha256, s.name, NULL FROM {LOOKS} s
            JOIN pratique.files f USING (file_id)
            WHERE f.dataset = $dataset AND s.name <> $name AND s.look_id = s.last
            AND s.arrival <> '{Arrival.VANISHED}' AND s.name NOT IN (SELECT name FROM current))
        SELECT old.file_id, old.load_id, h.name, h.file_id FROM old JOIN heirs h USING (sha256)
        QUALIFY row_number() OVER (PARTITION BY old.file_id ORDER BY h.file_id, h.name) = 1""",
        {"dataset": file.dataset, "name": file.name, "version": file.version},
    ).fetchall()
    return [_Estate(*row) for row in rows]


def _pass_on(con: duckdb.DuckDBPyConnection, load: Load, estate: _Estate) -> int:
    heir = _recognise(con, estate) if estate.heir_id is None else estate.heir_id
    con.execute(
        "UPDATE pratique.files SET arrival = ? WHERE file_id = ? AND version > 1",
        [Arrival.RESTATEMENT, heir],
    )
    (load_id,) = draw(con, "load_ids", 1)
    ((rows,),) = con.execute(
        f"UPDATE {identifier('main', load.file.dataset)} SET _file_id = ?, _load_id = ? "
        "WHERE _file_id = ?",
        [heir, load_id, estate.file_id],
    ).fetchall()
    con.execute(
        f"UPDATE {identifier('quarantine', load.file.dataset)} q SET _file_id = f.file_id, "
        "_load_id = $load, record_id = f.file_id || '-' || _record_no, file = f.name, "
        "version = f.version FROM pratique.files f WHERE f.file_id = $heir "
        f"AND q._file_id = $old AND {APART}",
        {"heir": heir, "load": load_id, "old": estate.file_id},
    )
    con.execute(
        "UPDATE pratique.loads SET status = ?, error = ?, changed_at = now() "
        f"WHERE {STANDING} AND file_id = ?",
        [Status.SUPERSEDED, "it has rows of its own now", heir],
    )
    con.execute(
        "INSERT INTO pratique.loads SELECT * REPLACE (? AS load_id, ? AS run_id, ? AS file_id, "
        "0 AS displaced, false AS reported, now() AS changed_at) "
        "FROM pratique.loads WHERE load_id = ?",
        [load_id, load.run_id, heir, estate.load_id],
    )
    return int(rows)


def _recognise(con: duckdb.DuckDBPyConnection, estate: _Estate) -> int:
    """Make a copy a file of its own."""
    (file_id,) = draw(con, "file_ids", 1)
    con.execute(
        f"""INSERT INTO pratique.files SELECT f.* REPLACE ($id AS file_id, s.name AS name,
            1 AS version, s.mtime_ns AS mtime_ns, s.mtime_ns AS produced_ns, NULL AS promised,
            '[]' AS faults, '{Arrival.NEW}' AS arrival, now() AS first_seen_at)
        FROM pratique.files f, {LOOKS} s
        WHERE f.file_id = $old AND s.name = $name AND s.look_id = s.last""",
        {"id": file_id, "old": estate.file_id, "name": estate.heir},
    )
    con.execute(
        "UPDATE pratique.sightings SET file_id = ? WHERE name = ? AND look_id = "
        "(SELECT max(look_id) FROM pratique.sightings WHERE name = ?)",
        [file_id, estate.heir, estate.heir],
    )
    return file_id
