"""Publishing: good rows, quarantined records and their counts, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping

import duckdb

from ingest import changes, succession, tables
from ingest.errors import BalanceBroken
from ingest.model import Arrival, Counts, Load
from ingest.source import Source
from ingest.sql import identifier
from ingest.staging import Staged


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
        bad: Table with `_record_no` and `failures` of the records to quarantine.

    Raises:
        SchemaConflict: The table has a column of another type.
        BalanceBroken: A record would be lost, or be there twice.
    """
    table = tables.fit(con, source, staged)
    changes.record(con, load, (*staged.drift.changes, *table.changes))
    displaced = succession.supersede(con, load)
    newer = succession.newer(load.file)
    outdated = source.load != "append" and bool(con.sql(newer).fetchall())
    if load.arrival is Arrival.DUPLICATE or (outdated and source.load == "replace"):
        return Counts(staged.records, skipped=staged.records, displaced=displaced)
    if source.load == "replace":
        displaced += succession.displace(con, load)
    quarantined = _quarantine(con, load, staged, bad)
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
    counts = Counts(staged.records, loaded, quarantined, skipped, displaced)
    if not counts.balanced:
        raise BalanceBroken(
            f"{load.file.name}: {counts.records_in} records came in, but {loaded} would be loaded, "
            f"{quarantined} quarantined and {skipped} skipped; nothing was committed"
        )
    return counts


def _quarantine(con: duckdb.DuckDBPyConnection, load: Load, staged: Staged, bad: str) -> int:
    quarantined = _keep(
        con,
        load,
        f"""SELECT r.rowid + 1 AS _record_no, j.line, j.byte, j.raw, [{{'check': 'structure',
            'rule': 'structure', 'column': NULL, 'value': NULL,
            'expected': 'a record that fits the file', 'message': j.reason}}] AS failures
        FROM {staged.area.table("records")} r
        JOIN {staged.area.table("rejects")} j ON r._reject = j.number""",
    )
    numbers = con.execute(f"SELECT _record_no FROM {bad} ORDER BY 1").fetchnumpy()["_record_no"]
    # A screened copy has the lines of the file, but not its bytes.
    byte = "NULL" if staged.screened else "byte"
    for raw in staged.raw_records(con, numbers):
        con.register("_raw", raw)
        quarantined += _keep(
            con,
            load,
            f"SELECT _record_no, line, {byte} AS byte, raw, failures "
            f"FROM _raw JOIN {bad} USING (_record_no)",
        )
        con.unregister("_raw")
    table = identifier("quarantine", load.file.dataset)
    con.execute(  # a record that is bad again is the same record
        f"DELETE FROM {table} WHERE status = 'superseded' AND _file_id = $file "
        f"AND _record_no IN (SELECT _record_no FROM {table} WHERE _load_id = $load)",
        {"file": load.file.file_id, "load": load.load_id},
    )
    return quarantined


def _keep(con: duckdb.DuckDBPyConnection, load: Load, records: str) -> int:
    """Put records into quarantine, with what they came from."""
    return _changed(
        con,
        f"""INSERT INTO {identifier("quarantine", load.file.dataset)} BY NAME
        SELECT $file_id || '-' || _record_no AS record_id, $file_id AS _file_id,
            $load_id AS _load_id, _record_no, $name AS file, $version AS version,
            line, byte, raw, failures, 'quarantined' AS status, now() AS quarantined_at
        FROM ({records})""",
        {
            "file_id": load.file.file_id,
            "load_id": load.load_id,
            "name": load.file.name,
            "version": load.file.version,
        },
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
