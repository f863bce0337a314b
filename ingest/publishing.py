"""Publishing: good rows, quarantined records and their counts, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import duckdb
import pyarrow as pa

from ingest import changes, inheritance, succession, tables
from ingest.bundles import Bundle
from ingest.errors import BalanceBroken
from ingest.frames import RAW_RECORDS
from ingest.model import Arrival, Counts, Load
from ingest.source import Source
from ingest.sql import identifier
from ingest.staged import Staged

FEW = 60_000
"""Records put into quarantine at once: less than a row group of DuckDB's, else it writes what it is
given in groups of its own, and all of it once more when the warehouse is closed."""


@dataclass
class _Lent:
    """A table that takes the place of the one before, for DuckDB to read by the same name.

    What had a name of its own, DuckDB would keep until the transaction ends.
    """

    table: pa.Table

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.table.__arrow_c_stream__(requested_schema)


def publish(
    con: duckdb.DuckDBPyConnection, load: Load, source: Source, staged: Staged, bad: str
) -> Counts:
    """Write a load's rows and its quarantined records; what they replace goes.

    Runs in the transaction of the caller, who commits the counts with it.

    Args:
        con: The warehouse.
        load: The load.
        source: The contract's half about files.
        staged: The staged file.
        bad: View of the records to quarantine: their `_record_no`, their `failures`, and what each
            `waits_for`, if nothing else keeps it out of the table.

    Raises:
        SchemaConflict: The table has a column of another type.
        BalanceBroken: A record would be lost, or be there twice.
    """
    table = tables.fit(con, source, staged)
    changes.record(con, [load], (*staged.drift.changes, *table.changes))
    displaced = inheritance.pass_on(con, load) if source.load == "append" else 0
    displaced += succession.supersede(con, load)
    newer = succession.newer(load.file)
    outdated = source.load != "append" and bool(con.sql(newer).fetchall())
    if load.arrival is Arrival.DUPLICATE or (outdated and source.load == "replace"):
        return Counts(staged.records, skipped=staged.records, displaced=displaced)
    if source.load == "replace":
        displaced += succession.displace(con, load)
    quarantined = sum(_keep(con, load, records) for records in _quarantined(con, staged, bad))
    _forget(con, [load])
    good = (
        f"FROM {staged.area.table('records')} r WHERE r._reject IS NULL "
        f"AND r.rowid + 1 NOT IN (SELECT _record_no FROM {bad})"
    )
    key = {name: f"r.{staged.cell(name)}" for name in source.key}
    behind = 0
    if outdated:
        theirs = _theirs(source, key, newer)
        behind = _count(con, f"{good} AND {theirs}")
        good = f"{good} AND NOT {theirs}"
    skipped = behind + _skipped(con, key, good)
    if source.load == "merge":
        displaced += _make_room(con, source, key, good)
        good += (
            f" QUALIFY row_number() OVER (PARTITION BY {', '.join(key.values())} "
            "ORDER BY r.rowid DESC) = 1"
        )
    columns, cells = ", ".join(map(identifier, table.cells)), ", ".join(table.cells.values())
    loaded = _changed(
        con,
        f"INSERT INTO {identifier('main', source.dataset)} "
        f"({columns}, _file_id, _record_no, _load_id) SELECT {cells}, ?, r.rowid + 1, ? {good}",
        [load.file.file_id, load.load_id],
    )
    return _balanced(load, Counts(staged.records, loaded, quarantined, skipped, displaced))


def publish_parts(
    con: duckdb.DuckDBPyConnection, bundle: Bundle, loads: Sequence[Load], source: Source, bad: str
) -> list[Load]:
    """Write the rows and the quarantined records of many files, each of one version, at once.

    Runs in the transaction of the caller, who commits the counts with it.

    Args:
        con: The warehouse.
        bundle: The staged files.
        loads: Those of their loads that are to be published.
        source: The contract's half about files.
        bad: View of the records to quarantine, as for `publish`.

    Returns:
        The loads with their counts.

    Raises:
        SchemaConflict: The table has a column of another type.
        BalanceBroken: A record would be lost, or be there twice.
    """
    staged, wanted = bundle.staged, ", ".join(str(load.load_id) for load in loads)
    table = tables.fit(con, source, staged)
    changes.record(con, loads[:1], table.changes)
    changes.record(con, loads, staged.drift.changes)
    displaced = succession.renew(con, loads)
    for records in _quarantined(con, staged, bad):
        _insert_quarantined(
            con,
            source.dataset,
            "SELECT p.file_id AS _file_id, p.load_id AS _load_id, p.file, p.version, "
            "r._record_no - p.before AS _record_no, r.line - p.line AS line, "
            "r.byte - p.byte AS byte, r.raw, r.failures, r.waits_for "
            f"FROM {bundle.apart(records)} WHERE p.load_id IN ({wanted})",
        )
    _forget(con, loads)
    columns, cells = ", ".join(map(identifier, table.cells)), ", ".join(table.cells.values())
    records = f"SELECT rowid + 1 AS _record_no, * FROM {staged.area.table('records')}"
    con.execute(
        f"INSERT INTO {identifier('main', source.dataset)} "
        f"({columns}, _file_id, _record_no, _load_id) "
        f"SELECT {cells}, p.file_id, r._record_no - p.before, p.load_id "
        f"FROM {bundle.apart(records)} WHERE p.load_id IN ({wanted}) AND r._reject IS NULL "
        f"AND r._record_no NOT IN (SELECT _record_no FROM {bad}) ORDER BY r._record_no"
    )
    loaded, quarantined = (
        dict(
            con.sql(
                f"SELECT _load_id, count(*) FROM {identifier(schema, source.dataset)} "
                f"WHERE _load_id IN ({wanted}) GROUP BY ALL"
            ).fetchall()
        )
        for schema in ("main", "quarantine")
    )

    def counted(load: Load) -> Counts:
        return _balanced(
            load,
            Counts(
                records_in=load.counts.records_in,
                loaded=loaded.get(load.load_id, 0),
                quarantined=quarantined.get(load.load_id, 0),
                displaced=displaced.get(load.file.file_id, 0),
            ),
        )

    return [replace(load, counts=counted(load)) for load in loads]


def _balanced(load: Load, counts: Counts) -> Counts:
    if not counts.balanced:
        raise BalanceBroken(
            f"{load.file.name}: {counts.records_in} records came in, but {counts.loaded} would be "
            f"loaded, {counts.quarantined} quarantined and {counts.skipped} skipped; nothing was "
            "committed"
        )
    return counts


def _quarantined(con: duckdb.DuckDBPyConnection, staged: Staged, bad: str) -> Iterator[str]:
    """Give the SQL of the records to quarantine, some at a time: those that do not fit, first."""
    yield f"""SELECT r.rowid + 1 AS _record_no, j.line, j.byte, j.raw, [{{'check': 'structure',
        'rule': 'structure', 'column': NULL, 'value': NULL,
        'expected': 'a record that fits the file', 'message': j.reason}}] AS failures,
        NULL AS waits_for
    FROM {staged.area.table("records")} r
    JOIN {staged.area.table("rejects")} j ON r._reject = j.number"""
    numbers = con.execute(f"SELECT _record_no FROM {bad} ORDER BY 1").fetchnumpy()["_record_no"]
    byte = "NULL::BIGINT" if staged.copied else "byte"
    lent = _Lent(RAW_RECORDS.empty_table())
    con.register("_raw", lent)
    for lent.table in _few(staged.raw_records(con, numbers)):
        # Between bounds that DuckDB knows beforehand, for it to skip all the others.
        first, last = lent.table["_record_no"][0], lent.table["_record_no"][-1]
        yield (
            f"SELECT _record_no, line, {byte} AS byte, raw, failures, waits_for FROM _raw "
            f"JOIN {bad} USING (_record_no) WHERE _record_no BETWEEN {first} AND {last}"
        )
    lent.table = RAW_RECORDS.empty_table()
    con.unregister("_raw")


def _few(raw: Iterable[pa.Table]) -> Iterator[pa.Table]:
    for table in raw:
        yield from (table.slice(first, FEW) for first in range(0, len(table), FEW))


def _keep(con: duckdb.DuckDBPyConnection, load: Load, records: str) -> int:
    """Put records into quarantine, with what they came from."""
    return _insert_quarantined(
        con,
        load.file.dataset,
        "SELECT $file_id AS _file_id, $load_id AS _load_id, $name AS file, $version AS version, * "
        f"FROM ({records})",
        {
            "file_id": load.file.file_id,
            "load_id": load.load_id,
            "name": load.file.name,
            "version": load.file.version,
        },
    )


def _insert_quarantined(
    con: duckdb.DuckDBPyConnection,
    dataset: str,
    records: str,
    values: dict[str, object] | None = None,
) -> int:
    return _changed(
        con,
        f"""INSERT INTO {identifier("quarantine", dataset)} BY NAME
        SELECT _file_id || '-' || _record_no AS record_id, *,
            CASE WHEN waits_for IS NULL THEN 'quarantined' ELSE 'waiting' END AS status,
            now() AS quarantined_at FROM ({records})""",
        values or {},
    )


def _forget(con: duckdb.DuckDBPyConnection, loads: Sequence[Load]) -> None:
    """Take out what is in quarantine again: a record that is bad again is the same record."""
    table = identifier("quarantine", loads[0].file.dataset)
    con.execute(
        f"DELETE FROM {table} WHERE status = 'superseded' AND (_file_id, _record_no) IN "
        f"(SELECT (_file_id, _record_no) FROM {table} WHERE _load_id IN "
        f"({', '.join(str(load.load_id) for load in loads)}))"
    )


def _skipped(con: duckdb.DuckDBPyConnection, key: Mapping[str, str], good: str) -> int:
    if not key:
        return 0
    ((skipped,),) = con.execute(
        "SELECT coalesce(sum(n - 1), 0) "
        f"FROM (SELECT count(*) AS n {good} GROUP BY {', '.join(key.values())})"
    ).fetchall()
    return int(skipped)


def _make_room(
    con: duckdb.DuckDBPyConnection, source: Source, key: Mapping[str, str], good: str
) -> int:
    """Take out the rows whose keys come anew, and tell how many those were."""
    same = " AND ".join(
        f"t.{identifier(name)} IS NOT DISTINCT FROM k.k{i}" for i, name in enumerate(key)
    )
    keys = ", ".join(f"{cell} AS k{i}" for i, cell in enumerate(key.values()))
    table = identifier("main", source.dataset)
    return _changed(
        con, f"DELETE FROM {table} t USING (SELECT DISTINCT {keys} {good}) k WHERE {same}", []
    )


def _theirs(source: Source, key: Mapping[str, str], newer: str) -> str:
    """Give the SQL condition that a newer file has brought the key of a record."""
    same = " AND ".join(
        f"t.{identifier(name)} IS NOT DISTINCT FROM {cell}" for name, cell in key.items()
    )
    table = identifier("main", source.dataset)
    return f"EXISTS (FROM {table} t WHERE {same} AND t._file_id IN ({newer}))"


def _count(con: duckdb.DuckDBPyConnection, rows: str) -> int:
    ((count,),) = con.sql(f"SELECT count(*) {rows}").fetchall()
    return int(count)


def _changed(
    con: duckdb.DuckDBPyConnection, sql: str, values: list[object] | dict[str, object]
) -> int:
    ((rows,),) = con.execute(sql, values).fetchall()
    return int(rows)
