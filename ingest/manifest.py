"""The manifest: every file, version and sighting, kept in the warehouse itself."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

import duckdb

from ingest import sightings
from ingest.model import Arrival, FileVersion, Stage, Status
from ingest.planning import Frozen, Planned
from ingest.sightings import LOOKS, Seen
from ingest.succession import STANDING
from ingest.warehouse import draw, lend, transaction

TABLES = """
CREATE SCHEMA IF NOT EXISTS pratique;
CREATE SCHEMA IF NOT EXISTS quarantine;
CREATE SEQUENCE IF NOT EXISTS pratique.file_ids;
CREATE SEQUENCE IF NOT EXISTS pratique.load_ids;
CREATE TABLE IF NOT EXISTS pratique.files (
    file_id BIGINT, dataset VARCHAR, name VARCHAR, version INTEGER, sha256 VARCHAR, size BIGINT,
    mtime_ns BIGINT, produced_ns BIGINT, promised BIGINT, faults JSON, arrival VARCHAR,
    first_seen_at TIMESTAMPTZ, dialect JSON);
CREATE TABLE IF NOT EXISTS pratique.loads (
    load_id BIGINT, run_id VARCHAR, file_id BIGINT, stage VARCHAR, status VARCHAR,
    fingerprint VARCHAR, records_in BIGINT, loaded BIGINT, quarantined BIGINT, skipped BIGINT,
    displaced BIGINT,
    approved BOOLEAN, reported BOOLEAN, attempts INTEGER, error VARCHAR,
    changed_at TIMESTAMPTZ);
CREATE TABLE IF NOT EXISTS pratique.schema_changes (
    dataset VARCHAR, file_id BIGINT, file VARCHAR, version INTEGER, change VARCHAR,
    "column" VARCHAR, "from" VARCHAR, "to" VARCHAR, action VARCHAR, recorded_at TIMESTAMPTZ);
"""

_NEWS = {
    "file_id": "BIGINT",
    "load_id": "BIGINT",
    "dataset": "VARCHAR",
    "version": "INTEGER",
    "content": "VARCHAR",
    "bytes": "BIGINT",
    "produced_ns": "BIGINT",
    "promised": "BIGINT",
    "faults": "VARCHAR",
    **sightings.COLUMNS,
}
"""A row a landed file, or a member of one."""


def create(con: duckdb.DuckDBPyConnection) -> None:
    """Create the manifest where it is not there yet."""
    con.execute(TABLES + sightings.TABLES)


def exists(con: duckdb.DuckDBPyConnection) -> bool:
    """Whether the warehouse has a manifest."""
    return bool(
        con.sql(
            "SELECT 1 FROM duckdb_tables() WHERE database_name = current_database() "
            "AND schema_name = 'pratique' AND table_name = 'loads'"
        ).fetchall()
    )


def versions(con: duckdb.DuckDBPyConnection, landed: Sequence[Frozen]) -> list[FileVersion]:
    """What is known that has to do with some frozen files.

    These are all versions of the names that these files have, of those that have or had the same
    content, and of the one whose content was made last of each dataset.
    """
    columns = ("dataset", "name", "sha256")
    frozen = [{column: getattr(one, column) for column in columns} for one in landed]
    with lend(con, dict.fromkeys(columns, "VARCHAR"), frozen) as table:
        rows = con.sql(
            f"""WITH names AS (
                SELECT dataset, name FROM {table}
                UNION SELECT f.dataset, f.name
                FROM pratique.files f SEMI JOIN {table} USING (dataset, sha256)
                UNION SELECT dataset, arg_max(name, (produced_ns, file_id))
                FROM pratique.files SEMI JOIN {table} USING (dataset) GROUP BY dataset)
            SELECT file_id, dataset, name, version, sha256, mtime_ns, produced_ns,
                file_id IN (SELECT file_id FROM pratique.loads WHERE {STANDING})
            FROM pratique.files SEMI JOIN names USING (dataset, name)"""
        ).fetchall()
    return [replace(FileVersion(*row[:7]), standing=row[7]) for row in rows]


def orphaned(con: duckdb.DuckDBPyConnection) -> set[str]:
    """Landed files that were taken for copies of what is neither loaded any more nor to be."""
    rows = con.sql(
        f"""WITH held AS (SELECT dataset, sha256 FROM pratique.files
            QUALIFY version = max(version) OVER (PARTITION BY dataset, name)
            UNION ALL SELECT dataset, sha256 FROM pratique.files SEMI JOIN
            (FROM pratique.loads WHERE {STANDING}) l USING (file_id))
        SELECT DISTINCT landed FROM {LOOKS} s JOIN pratique.files f USING (file_id)
        ANTI JOIN held h ON (h.dataset, h.sha256) = (f.dataset, f.sha256)
        WHERE look_id = last AND NOT gone"""
    ).fetchall()
    return {landed for (landed,) in rows}


def loaded(con: duckdb.DuckDBPyConnection, frozen: Frozen) -> list[int]:
    """How many records each load has by which the content of a frozen file stands."""
    rows = con.execute(
        "SELECT records_in FROM pratique.loads JOIN pratique.files USING (file_id) "
        f"WHERE {STANDING} AND (dataset, sha256) = (?, ?)",
        [frozen.dataset, frozen.sha256],
    ).fetchall()
    return [records for (records,) in rows]


def newest(con: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """When the newest content of each dataset was made that is published."""
    rows = con.sql(
        "SELECT dataset, max(produced_ns) FROM pratique.loads JOIN pratique.files "
        f"USING (file_id) WHERE {STANDING} GROUP BY ALL"
    ).fetchall()
    return dict(rows)


def first_seen_ns(con: duckdb.DuckDBPyConnection, file_id: int) -> int:
    """When a file version was first seen, in nanoseconds since 1970."""
    ((seen_us,),) = con.execute(
        "SELECT epoch_us(first_seen_at) FROM pratique.files WHERE file_id = ?", [file_id]
    ).fetchall()
    return int(seen_us) * 1000


def register(
    con: duckdb.DuckDBPyConnection,
    run_id: str,
    plans: Iterable[Planned] = (),
    others: Iterable[Seen] = (),
) -> None:
    """Record what was seen, all or nothing: sightings, file versions, and loads as received.

    A load that a newer version of its file overtakes before it is published is given up; one that
    is held is tried again when its sidecar now says something else.
    """
    plans = list(plans)
    fresh = sum(1 for one in plans if one.version)
    ids = zip(draw(con, "file_ids", fresh), draw(con, "load_ids", fresh), strict=True)
    rows = [_planned(one, *(next(ids) if one.version else (None, None))) for one in plans]
    rows += map(_seen, others)
    if not rows:
        return
    with lend(con, _NEWS, rows) as news, transaction(con):
        _receive(con, run_id, news)
        _correct(con, news)
        sightings.see(
            con,
            run_id,
            f"SELECT n.* REPLACE (coalesce(n.file_id, k.file_id) AS file_id) FROM {news} n "
            f"LEFT JOIN {_known(news)} k USING (landed, name) UNION ALL BY NAME {_dropped(news)}",
        )


def pin(
    con: duckdb.DuckDBPyConnection, files: Iterable[FileVersion], read_as: Mapping[str, Any]
) -> None:
    """Record how files were read, so that their records can be had again as they were.

    Args:
        con: The warehouse.
        files: The files.
        read_as: Their format, their dialect, and the fingerprint of the source they were read by.
    """
    if news := [file.file_id for file in files if read_as != file.read_as]:
        con.execute(
            "UPDATE pratique.files SET dialect = ? WHERE file_id IN (SELECT unnest(?))",
            [json.dumps(read_as), news],
        )


def _receive(con: duckdb.DuckDBPyConnection, run_id: str, news: str) -> None:
    """Record new file versions, and what is to be done about them."""
    con.execute(
        "INSERT INTO pratique.files BY NAME SELECT file_id, dataset, name, version, "
        "content AS sha256, bytes AS size, mtime_ns, produced_ns, promised, faults, arrival, "
        f"now() AS first_seen_at FROM {news} WHERE file_id IS NOT NULL"
    )
    con.execute(
        "UPDATE pratique.loads SET status = ?, error = 'overtaken by version ' || n.version, "
        "changed_at = now() FROM pratique.files f, (SELECT dataset, name, max(version) AS version "
        f"FROM {news} WHERE file_id IS NOT NULL GROUP BY ALL) n WHERE f.file_id = loads.file_id "
        "AND (f.dataset, f.name) = (n.dataset, n.name) AND f.version < n.version "
        "AND stage NOT IN ('published', 'reported')",
        [Status.REJECTED],
    )
    con.execute(
        "INSERT INTO pratique.loads BY NAME SELECT load_id, ? AS run_id, file_id, ? AS stage, "
        "? AS status, '' AS fingerprint, 0 AS records_in, 0 AS loaded, 0 AS quarantined, "
        "0 AS skipped, 0 AS displaced, false AS approved, false AS reported, 0 AS attempts, "
        "now() AS changed_at "
        f"FROM {news} WHERE load_id IS NOT NULL",
        [run_id, Stage.RECEIVED.name.lower(), Status.DONE],
    )


def _correct(con: duckdb.DuckDBPyConnection, news: str) -> None:
    """Take over what a sidecar now says of known content, and try again what was held for it."""
    changed = con.execute(
        f"UPDATE pratique.files SET promised = n.promised, faults = n.faults FROM {news} n "
        f"JOIN {_known(news)} k USING (landed, name) WHERE files.file_id = k.file_id "
        "AND n.arrival = ? AND (files.promised, files.faults::VARCHAR) IS DISTINCT FROM "
        "(n.promised, n.faults) RETURNING files.file_id",
        [Arrival.TOUCHED],
    ).fetchall()
    con.execute(
        "UPDATE pratique.loads SET status = ?, changed_at = now() "
        "WHERE status = ? AND file_id IN (SELECT unnest(?))",
        [Status.DONE, Status.HELD, [file_id for (file_id,) in changed]],
    )


def _known(news: str) -> str:
    """The version with the content of what is not new, if it can be under the same name."""
    return (
        "(SELECT n.landed, n.name, arg_max(f.file_id, (f.name = n.name, f.file_id)) AS file_id "
        f"FROM {news} n JOIN pratique.files f ON (f.dataset, f.sha256) = (n.dataset, n.content) "
        "WHERE n.file_id IS NULL GROUP BY ALL)"
    )


def _dropped(news: str) -> str:
    """What came in a landed file when it was last whole, and does not any more."""
    return (
        f"SELECT * REPLACE ('{Arrival.VANISHED}' AS arrival) FROM {LOOKS} s SEMI JOIN "
        f"(FROM {news} WHERE arrival NOT IN ('{Arrival.PARTIAL}', '{Arrival.WAITING}')) n "
        f"USING (landed) ANTI JOIN {news} n USING (landed, name) "
        "WHERE look_id = last_whole AND NOT gone"
    )


def _planned(planned: Planned, file_id: int | None, load_id: int | None) -> sightings.Row:
    frozen = planned.frozen
    return sightings.describe(frozen.file) | {
        "file_id": file_id,
        "load_id": load_id,
        "dataset": frozen.dataset,
        "version": planned.version,
        "content": frozen.sha256,
        "bytes": frozen.size,
        "produced_ns": frozen.produced_ns,
        "promised": frozen.promised,
        "faults": json.dumps([asdict(fault) for fault in frozen.faults]),
        "name": frozen.name,
        "sha256": frozen.packed,
        "arrival": planned.arrival,
    }


def _seen(seen: Seen) -> sightings.Row:
    return sightings.describe(seen.file) | {
        "name": seen.name,
        "sha256": seen.packed,
        "arrival": seen.arrival,
        "said": seen.said,
    }
