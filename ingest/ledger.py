"""Ledger: what the manifest says of loads, held against the rows that there are.

Every load says how many records came in, and how many of them were loaded, quarantined and
skipped; and how many rows went from the table for its own. So each load can be proved by the
rows that bear its number, and the table by the sum of all its loads: what was put in, less what
was taken out. This holds for `merge` too, where a later file takes single rows of an earlier one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import duckdb

from ingest.model import Stage, Status
from ingest.sql import identifier, literal
from ingest.succession import APART, STANDING

EMPTY = (
    "(SELECT NULL::BIGINT AS _file_id, NULL::BIGINT AS _load_id, NULL::BIGINT AS _record_no, "
    "NULL::VARCHAR AS record_id, NULL::VARCHAR AS file, NULL::INTEGER AS version, "
    "NULL::VARCHAR AS status WHERE false)"
)
"""What stands for a table that is not there."""


@dataclass(frozen=True)
class Difference:
    """Something that is not as the manifest says."""

    code: str
    message: str
    dataset: str | None = None
    file: str | None = None
    version: int | None = None
    load_id: int | None = None


STAGES = ", ".join(literal(stage.name.lower()) for stage in Stage)
STATUSES = ", ".join(map(literal, Status))

PROOFS = {
    "unknown-status": f"""
        SELECT load_id, format('its stage is {{}} and its status {{}}, which cannot be',
            coalesce(stage, 'none'), coalesce(status, 'none')) FROM audit_loads
        WHERE (stage IN ({STAGES}) AND status IN ({STATUSES})) IS DISTINCT FROM true""",
    "wrong-version": """
        SELECT NULL, format('the versions of {} are numbered {}', coalesce(name, 'a file'),
            string_agg(coalesce(version::VARCHAR, 'none'), ', ' ORDER BY version))
        FROM pratique.files WHERE dataset = $dataset GROUP BY name
        HAVING (min(version) = 1 AND max(version) = count(*)
            AND count(DISTINCT version) = count(*)) IS DISTINCT FROM true""",
    "wrong-name": """
        SELECT NULL, format('file {} is called {}, and was never seen by that name', file_id,
            coalesce(name, 'nothing')) FROM pratique.files f WHERE dataset = $dataset AND NOT EXISTS
            (FROM pratique.sightings s WHERE s.file_id = f.file_id AND s.name = f.name)""",
    "unbalanced": """
        SELECT load_id, format('{} records came in, and {} were loaded, {} quarantined and {} '
            'skipped', records_in, loaded, quarantined, skipped) FROM audit_loads
        WHERE (records_in = loaded + quarantined + skipped) IS DISTINCT FROM true""",
    "not-published": """
        SELECT load_id, format('{} rows and {} quarantined records are counted of a load that was '
            'never published', loaded, quarantined) FROM audit_loads
        WHERE NOT published AND (loaded <> 0 OR quarantined <> 0 OR displaced <> 0)""",
    "two-versions": """
        SELECT max(load_id), format('loads {} stand for it at once',
            string_agg(load_id, ' and ' ORDER BY load_id))
        FROM audit_loads WHERE standing GROUP BY name HAVING count(*) > 1""",
    "extra-rows": """
        SELECT load_id, format('{} of its records were loaded, and {} rows of it are there',
            loaded + released, rows) FROM audit_loads
        WHERE standing AND rows > loaded + released""",
    "wrong-quarantine": """
        SELECT load_id, format('{} of its records were quarantined, and {} are in quarantine',
            quarantined, bad) FROM audit_loads
        WHERE bad > quarantined OR bad < quarantined - CASE WHEN standing THEN 0 ELSE later END""",
    "stale-rows": """
        SELECT load_id, format('{} of its rows are in the table and {} of its records in '
            'quarantine, though it is {}', rows, waiting, coalesce(status, 'nothing'))
        FROM audit_loads
        WHERE NOT standing AND (rows > 0 OR waiting > 0)""",
    "wrong-record": """
        SELECT max(_load_id), format('{} of its records in quarantine are not what they are '
            'called, record {} for one', count(*), min(_record_no))
        FROM {quarantine} q JOIN pratique.files f ON f.file_id = q._file_id
        WHERE (q.record_id = f.file_id || '-' || q._record_no AND (q.file, q.version) =
            (f.name, f.version)
            AND q.status IN ('quarantined', 'waiting', 'superseded', 'released'))
            IS DISTINCT FROM true GROUP BY _file_id""",
    "orphan-rows": """
        SELECT NULL, format('{} rows in {} are of load {} and file {}, which are not known '
            'together', sum(n), place, coalesce(_load_id::VARCHAR, 'none'),
            coalesce(_file_id::VARCHAR, 'none'))
        FROM (SELECT *, 'the table' AS place FROM audit_rows UNION ALL BY NAME
            SELECT *, 'quarantine' AS place FROM audit_bad) r
        WHERE NOT EXISTS (FROM audit_loads l WHERE l.load_id = r._load_id
            AND l.file_id = r._file_id) GROUP BY place, _load_id, _file_id""",
    "wrong-number": """
        SELECT load_id, format('its rows are numbered from {} to {}, and it has {} records',
            min(low), max(high), any_value(records_in))
        FROM (FROM audit_rows UNION ALL BY NAME FROM audit_bad) r
        JOIN audit_loads l ON l.load_id = r._load_id AND l.file_id = r._file_id
        GROUP BY load_id HAVING bool_or((low >= 1 AND high <= records_in AND numbered = n)
            IS DISTINCT FROM true)""",
    "twice": """
        SELECT max(_load_id), format('{} of its records are there more than once, record {} for '
            'one', count(*), min(_record_no))
        FROM (SELECT _file_id, _record_no, max(_load_id) AS _load_id FROM {main} GROUP BY ALL
            HAVING count(*) > 1 UNION ALL
            SELECT _file_id, _record_no, _load_id FROM {quarantine}
            GROUP BY _file_id, _record_no, _load_id HAVING count(*) > 1) GROUP BY _file_id""",
    "in-both": """
        SELECT _load_id, format('{} of its records are in the table and in quarantine, record {} '
            'for one', count(*), min(_record_no))
        FROM {main} m SEMI JOIN {quarantine} q ON m._load_id = q._load_id
            AND m._record_no = q._record_no AND q.status <> 'released' GROUP BY _load_id""",
    "no-load": """
        SELECT NULL, format('file {}, version {} of {}, has no load', file_id, version, name)
        FROM pratique.files WHERE dataset = $dataset
        AND file_id NOT IN (SELECT file_id FROM pratique.loads)""",
}
"""SQL by what it finds: the load, and what is wrong with it."""


def datasets(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Datasets of which a file came; what else is in the warehouse is somebody's own."""
    rows = con.sql("SELECT DISTINCT dataset FROM pratique.files ORDER BY ALL").fetchall()
    return [dataset for (dataset,) in rows]


def forgotten(con: duckdb.DuckDBPyConnection) -> Iterator[Difference]:
    """Find files that were received, as sightings tell, and that nothing more is known of."""
    rows = con.sql(
        "SELECT DISTINCT name, file_id FROM pratique.sightings WHERE file_id IS NOT NULL "
        "AND file_id NOT IN (SELECT file_id FROM pratique.files) ORDER BY ALL"
    ).fetchall()
    for name, file_id in rows:
        message = f"it was received as file {file_id}, of which nothing more is known"
        yield Difference("unknown-file", message, file=name)


def differences(
    con: duckdb.DuckDBPyConnection, dataset: str, key: Sequence[str] | None = None
) -> Iterator[Difference]:
    """Hold what the manifest says of the loads of a dataset against its tables.

    Args:
        con: The warehouse, which is only read.
        dataset: Name of the dataset.
        key: The columns that tell its rows apart if files are merged into it, or none; None when
            that is not known.
    """
    tables = {schema: _table(con, schema, dataset) for schema in ("main", "quarantine")}
    _count(con, dataset, tables)
    known = {
        row[0]: row[1:]
        for row in con.sql("SELECT load_id, name, version FROM audit_loads").fetchall()
    }
    for code, proof in PROOFS.items():
        sql = proof.replace("{main}", tables["main"]).replace("{quarantine}", tables["quarantine"])
        values = {"dataset": dataset} if "$dataset" in sql else {}
        for load_id, message in con.execute(sql, values).fetchall():
            file, version = known.get(load_id, (None, None))
            yield Difference(code, message, dataset, file, version, load_id)
    yield from _whole(con, dataset)
    if key:
        yield from _keys(con, dataset, tables["main"], key)
    elif key is not None:
        yield from _skips(con, dataset)


def _table(con: duckdb.DuckDBPyConnection, schema: str, dataset: str) -> str:
    """Give the quoted name of a table of the dataset, or what stands for one that is not there."""
    there = con.execute(
        "SELECT 1 FROM duckdb_columns() WHERE database_name = current_database() "
        "AND schema_name = ? AND table_name = ? AND column_name = '_load_id'",
        [schema, dataset],
    ).fetchall()
    return identifier(schema, dataset) if there else EMPTY


def _count(con: duckdb.DuckDBPyConnection, dataset: str, tables: Mapping[str, str]) -> None:
    """Count the rows of each load, and lay the counts beside what the loads say."""
    counts = (
        "_file_id, _load_id, count(*) AS n, count(_record_no) AS numbered, "
        "min(_record_no) AS low, max(_record_no) AS high"
    )
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE audit_rows AS SELECT {counts} FROM {tables['main']} "
        "GROUP BY ALL"
    )
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE audit_bad AS SELECT {counts},
        count(*) FILTER ({APART}) AS waiting,
        count(*) FILTER (status = 'released') AS released
        FROM {tables["quarantine"]} GROUP BY ALL"""
    )
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE audit_loads AS
        SELECT l.* EXCLUDE (displaced), coalesce(l.displaced, 0) AS displaced, f.name, f.version,
            stage IN ('published', 'reported') AS published,
            coalesce({STANDING}, false) AS standing,
            coalesce(r.n, 0) AS rows, coalesce(q.n, 0) AS bad, coalesce(q.waiting, 0) AS waiting,
            coalesce(q.released, 0) AS released, coalesce((SELECT sum(o.n) FROM audit_bad o
                WHERE o._file_id = l.file_id AND o._load_id > l.load_id), 0) AS later
        FROM pratique.loads l JOIN pratique.files f USING (file_id)
        LEFT JOIN audit_rows r ON r._load_id = l.load_id AND r._file_id = l.file_id
        LEFT JOIN audit_bad q ON q._load_id = l.load_id AND q._file_id = l.file_id
        WHERE f.dataset = {literal(dataset)}"""
    )


def _whole(con: duckdb.DuckDBPyConnection, dataset: str) -> Iterator[Difference]:
    """Hold the table against the sum of all its loads."""
    ((put, taken, stand, there),) = con.sql(
        """SELECT coalesce(sum(loaded + released) FILTER (published), 0),
        coalesce(sum(displaced) FILTER (published), 0),
        coalesce(sum(loaded + released) FILTER (standing), 0),
        (SELECT coalesce(sum(n), 0) FROM audit_rows) FROM audit_loads"""
    ).fetchall()
    left = put - taken
    if there != left:
        message = (
            f"it has {there} rows; its loads put in {put} and took out {taken}, which leaves {left}"
        )
        yield Difference("wrong-sum", message, dataset)
    if stand == left:  # no load took single rows of another, so each has all of its own
        short = con.sql(
            "SELECT load_id, name, version, loaded + released, rows FROM audit_loads "
            "WHERE standing AND rows < loaded + released"
        ).fetchall()
        for load_id, file, version, loaded, rows in short:
            message = f"{loaded} of its records were loaded, and {rows} rows of it are there"
            yield Difference("missing-rows", message, dataset, file, version, load_id)


def _skips(con: duckdb.DuckDBPyConnection, dataset: str) -> Iterator[Difference]:
    """Find records that were skipped though nothing was merged."""
    odd = con.sql(
        "SELECT load_id, name, version, skipped, records_in FROM audit_loads "
        "WHERE published AND skipped NOT IN (0, records_in)"
    ).fetchall()
    for load_id, file, version, skipped, records in odd:
        message = f"{skipped} of its {records} records were skipped, and there is no reason for it"
        yield Difference("unexplained-skips", message, dataset, file, version, load_id)


def _keys(
    con: duckdb.DuckDBPyConnection, dataset: str, table: str, key: Sequence[str]
) -> Iterator[Difference]:
    """Find rows that should have been merged."""
    columns = con.sql(f"FROM {table}").columns
    if not set(key) <= set(columns):
        return
    names = ", ".join(map(identifier, key))
    ((keys,),) = con.sql(
        f"SELECT count(*) FROM (SELECT {names} FROM {table} GROUP BY ALL HAVING count(*) > 1)"
    ).fetchall()
    if keys:
        message = f"{keys} values of its key {', '.join(key)} are there more than once"
        yield Difference("key-twice", message, dataset)
