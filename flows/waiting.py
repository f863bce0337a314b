"""Waiting: records whose keys other datasets do not have yet, and their release when they do.

A record waits in quarantine. When what it waits for is there, or its grace is over, its file is
loaded once more; so it comes into the table as all records do, and what stands of the file stands
until then.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import duckdb

from flows import attempts, repetition, steps
from flows import contract as contracts
from flows.contract import Contract
from flows.project import Project
from flows.summary import LoadSummary
from ingest import selection
from ingest.model import Load, Status
from ingest.sql import identifier, literal
from quality import quarantine
from quality.checks import CheckInvalid
from quality.evaluation import evaluate
from quality.frames import RECORD_NO
from quality.model import Check


def release(
    project: Project, known: Sequence[Contract], run_id: str, watch: steps.Watch = steps.unwatched
) -> tuple[list[LoadSummary], list[str]]:
    """Load files again of which a record has waited long enough.

    What that publishes may be what records of other files wait for; so it is done until nothing
    more comes of it, with no file more than once.

    Args:
        project: The project.
        known: All contracts.
        run_id: The run.
        watch: Told which load is at what.

    Returns:
        What became of their loads, and what cannot be loaded, and why.

    Raises:
        WarehouseBusy: Another process holds the warehouse.
        NoRoom: The disk of the warehouse is too full to record anything.
    """
    done: set[int] = set()
    summaries: list[LoadSummary] = []
    problems: list[str] = []
    while True:
        with steps.open_warehouse(project) as con:
            loads, told = take_up(project, con, known, run_id, done)
        problems += told
        if not loads:
            return summaries, problems
        done |= {load.file.file_id for load in loads}
        summaries += attempts.advance_all(project, known, loads, watch)


def take_up(
    project: Project,
    con: duckdb.DuckDBPyConnection,
    known: Sequence[Contract],
    run_id: str,
    but: Collection[int] = (),
) -> tuple[list[Load], list[str]]:
    """Have files loaded again of which a record has waited long enough.

    Args:
        project: The project.
        con: Its warehouse.
        known: All contracts.
        run_id: The run.
        but: Ids of files to leave alone.

    Returns:
        The loads to take further, and what cannot be loaded, and why.
    """
    with_records = set(counts(con))
    wanting = [contract for contract in known if contract.dataset in with_records]
    ids = {file_id for contract in wanting for file_id in _due(con, contract)}
    files = selection.by_id(con, sorted(ids - {*but}))
    loads, problems = repetition.again(project, con, known, run_id, files)
    for contract in wanting:
        tried = [load.file.file_id for load in loads if load.file.dataset == contract.dataset]
        if tried:
            quarantine.found(con, contract.dataset, _keys(contract), tried)
    return [replace(load, run_id=run_id) for load in loads], problems


def possible(con: duckdb.DuckDBPyConnection, known: Iterable[Contract]) -> bool:
    """Whether a record waits, or may do so by a contract."""
    return bool(counts(con)) or any(_patient(contract) for contract in known)


def counts(con: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """How many records wait, of each dataset of which one does."""
    tables = con.sql(
        "SELECT table_name FROM duckdb_tables() WHERE database_name = current_database() "
        "AND schema_name = 'quarantine' ORDER BY ALL"
    ).fetchall()
    if not tables:
        return {}
    waiting = " UNION ALL ".join(
        f"SELECT {literal(name)}, count(*) FROM {identifier('quarantine', name)} "
        "WHERE status = 'waiting'"
        for (name,) in tables
    )
    return {name: count for name, count in con.sql(waiting).fetchall() if count}


def _keys(contract: Contract) -> str:
    """Temporary table of what a dataset waits for: file, check and key, and whether it is there."""
    return identifier(f"_waiting_{contract.dataset}")


def _due(con: duckdb.DuckDBPyConnection, contract: Contract) -> Iterator[int]:
    """Give the files of a dataset of which a record has waited long enough."""
    if (checks := _patient(contract)) is None:
        return
    keys = _keys(contract)
    # A file that was tried, and held or turned away, is tried again for a key that was not there.
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE {keys} AS
        SELECT row_number() OVER () AS {RECORD_NO}, false AS there, *
        FROM (SELECT DISTINCT _file_id, tried, wait.check AS "check", wait.key AS "key"
            FROM (SELECT _file_id, newest > _load_id AS tried, unnest(waits_for) AS wait
                FROM {identifier("quarantine", contract.dataset)} JOIN (
                    SELECT file_id, max(load_id) AS newest, arg_max(status, load_id) AS came_to
                    FROM pratique.loads GROUP BY ALL) ON file_id = _file_id
                WHERE status = 'waiting'
                AND (newest = _load_id OR came_to IN ('{Status.HELD}', '{Status.REJECTED}'))))"""
    )
    seen = con.sql(
        f"""SELECT DISTINCT w._file_id, w.check, epoch_us(f.first_seen_at)
        FROM {keys} w JOIN pratique.files f ON f.file_id = w._file_id WHERE NOT w.tried"""
    ).fetchall()
    now = datetime.now(UTC)
    for file_id, key, seen_us in seen:
        grace = checks[key].grace if key in checks else None
        if grace is None or datetime.fromtimestamp(seen_us / 1e6, UTC) + grace <= now:
            yield file_id
    for check in checks.values():
        _find(con, contract, check)
    for (file_id,) in con.sql(f"SELECT DISTINCT _file_id FROM {keys} WHERE there").fetchall():
        yield file_id


def _patient(contract: Contract) -> dict[str, Check] | None:
    """The checks of a contract for which records wait; None where that cannot be told."""
    try:
        checks = contracts.checks(contract)
    except CheckInvalid:
        return None
    return {each.key: each for each in checks if each.grace is not None}


def _find(con: duckdb.DuckDBPyConnection, contract: Contract, check: Check) -> None:
    """Mark the keys that are there now: told by the check itself."""
    types = {column.name: column.duckdb_type for column in contract.source.columns}
    cells = ", ".join(
        f"CAST(key[{place}] AS {types[name]}) AS {identifier(name)}"
        for place, name in enumerate(check.columns, 1)
    )
    keys, waiting = _keys(contract), f'"check" = {literal(check.key)}'
    frame = con.sql(f"SELECT {RECORD_NO}, {cells} FROM {keys} WHERE {waiting}")
    found = evaluate(frame, [replace(check, where=None)], steps.published(con))
    if found.results[0].rows:
        unknown = found.failures.to_native().sql_query()
        con.execute(
            f"UPDATE {keys} SET there = true WHERE {waiting} AND {RECORD_NO} NOT IN "
            f"(SELECT {RECORD_NO} FROM ({unknown}) WHERE {identifier(check.key)})"
        )
