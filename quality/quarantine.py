"""The bad records of a load, each with every check it failed; and reading them back."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from quality.escaping import LONGEST_VALUE, MASKED
from quality.result import CheckResult
from quality.sql import literal, quoted

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

FAILURES = (
    'STRUCT("check" VARCHAR, rule VARCHAR, "column" VARCHAR, '
    '"value" VARCHAR, expected VARCHAR, message VARCHAR)[]'
)
"""The SQL type of a record's failures."""
WAITS = 'STRUCT("check" VARCHAR, "key" VARCHAR[])[]'
"""The SQL type of what a record waits for: which checks failed, and the keys they did not find."""
_FIELDS = ("record_id", "file", "version", "_record_no", "line", "raw", "failures", "status")


def records(
    staging: str,
    failures: str,
    results: Sequence[CheckResult],
    columns: Sequence[str],
    personal: Collection[str] = (),
) -> str:
    """Write the query for the records that must be quarantined.

    They are given by `_record_no`, with their `failures`, and what each `waits_for`. A record is
    quarantined for a check whose severity asks for it, and then lists all that it failed. It waits
    if nothing else stands in its way than what may still come. A check that no record failed costs
    nothing.

    Args:
        staging: The staging relation, as SQL: a quoted name, or a query in parentheses. Its
            `_text` holds the cell texts of a record in which a cast failed.
        failures: `_record_no` and a BOOLEAN by each check's key, as SQL; true where it failed.
        results: What the checks found.
        columns: The contract's columns, in the order of `_text`.
        personal: Those of them whose values are masked in what is said of a record. Its raw text
            holds them, for it is what people mend.
    """
    failing = [result for result in results if result.failed]
    grave = [f"f.{quoted(each.check)}" for each in failing if each.quarantines]
    reasons = ", ".join(
        f"CASE WHEN f.{quoted(each.check)} THEN {_failure(each, columns, personal)} END"
        for each in failing
    )
    return (
        f"SELECT f._record_no, list_filter([{reasons}], lambda x: x IS NOT NULL)::{FAILURES} "
        f"AS failures, {_waits_for(failing)} AS waits_for "
        f"FROM {failures} AS f JOIN {staging} AS s USING (_record_no) "
        f"WHERE {' OR '.join(grave) or 'false'}"
    )


def _waits_for(failing: Sequence[CheckResult]) -> str:
    """The list of what a record waits for, as SQL; null where something else keeps it out."""
    keeping = [each for each in failing if each.quarantines]
    late = [each for each in keeping if each.waits_until]
    if not late:
        return f"NULL::{WAITS}"
    final = [f"f.{quoted(each.check)}" for each in keeping if not each.waits_until]
    waits = []
    for each in late:
        key = ", ".join(f"CAST(s.{quoted(column)} AS VARCHAR)" for column in each.columns)
        wait = f"{{'check': {literal(each.check)}, 'key': [{key}]}}"
        waits.append(f"CASE WHEN f.{quoted(each.check)} THEN {wait} END")
    listed = f"list_filter([{', '.join(waits)}], lambda x: x IS NOT NULL)::{WAITS}"
    return f"CASE WHEN coalesce({' OR '.join(final) or 'false'}, false) THEN NULL ELSE {listed} END"


def listing(
    con: DuckDBPyConnection, dataset: str, status: str | None = None, limit: int | None = None
) -> list[dict[str, Any]]:
    """The quarantined records of a dataset, in the order of its loads.

    Args:
        status: Only records of this status, `quarantined` say.
    """
    wanted, values = ("status = ?", [status]) if status else ("true", [])
    return _read(con, dataset, f"{wanted} ORDER BY _load_id, _record_no LIMIT ?", [*values, limit])


def show(con: DuckDBPyConnection, dataset: str, record_id: str) -> dict[str, Any] | None:
    """One quarantined record, or nothing when the dataset has none of this id."""
    found = _read(con, dataset, "record_id = ?", [record_id])
    return found[0] if found else None


def found(con: DuckDBPyConnection, dataset: str, keys: str, files: Sequence[int]) -> None:
    """Take keys that are there now off what records wait for; the records wait on for their load.

    Args:
        con: The warehouse.
        dataset: Name of the dataset.
        keys: Table of what it waits for: `_file_id`, `check`, `key`, and whether that is `there`.
        files: The files whose records are meant.
    """
    table = f"quarantine.{quoted(dataset)}"
    con.execute(
        f"""UPDATE {table} q SET waits_for = w.still FROM (
            SELECT record_id, list(wait) FILTER (NOT there) AS still
            FROM (SELECT record_id, _file_id, unnest(waits_for) AS wait FROM {table}
                WHERE status = 'waiting' AND _file_id IN (SELECT unnest(?))) r
            JOIN {keys} k ON k._file_id = r._file_id AND k."check" = wait."check"
                AND k."key" IS NOT DISTINCT FROM wait."key"
            GROUP BY record_id HAVING bool_or(there)) w
        WHERE q.record_id = w.record_id AND q.status = 'waiting'""",
        [files],
    )


def _read(
    con: DuckDBPyConnection, dataset: str, which: str, values: list[Any]
) -> list[dict[str, Any]]:
    exists = con.execute(
        "SELECT count(*) FROM duckdb_tables() WHERE database_name = current_database() "
        "AND schema_name = 'quarantine' AND table_name = ?",
        [dataset],
    ).fetchall()
    if exists == [(0,)]:
        return []
    rows = con.execute(
        f"SELECT {', '.join(_FIELDS)} FROM quarantine.{quoted(dataset)} WHERE {which}", values
    ).fetchall()
    names = [field.removeprefix("_") for field in _FIELDS]
    return [dict(zip(names, row, strict=True)) for row in rows]


def _failure(result: CheckResult, columns: Sequence[str], personal: Collection[str]) -> str:
    """The struct that tells one failed check, as SQL."""
    cells = {name: _cell(result, name, columns) for name in result.columns if name in columns}
    cells |= {name: _masked(cell) for name, cell in cells.items() if name in personal}
    shown = [f"{literal(name + ' is ')} || {_shortened(cell)}" for name, cell in cells.items()]
    expected = literal(_expectation(result))
    fields = {
        "check": literal(result.check),
        "rule": literal(result.rule),
        "column": literal(", ".join(result.columns)) if result.columns else "NULL",
        "value": _value(cells),
        "expected": literal(result.expected),
        "message": " || ', ' || ".join(shown) + f" || '; ' || {expected}" if shown else expected,
    }
    return "{" + ", ".join(f"'{name}': {sql}" for name, sql in fields.items()) + "}"


def _expectation(result: CheckResult) -> str:
    # A single column has just been named, with its value.
    named = "" if result.columns == (result.subject,) else f"{result.subject} "
    return f"expected {named}to be {result.expected}"


def _cell(result: CheckResult, column: str, columns: Sequence[str]) -> str:
    # What could not be cast is only in the text; all else is shown as it was understood.
    if result.rule == "type":
        return f"s._text[{columns.index(column) + 1}]"
    return f"CAST(s.{quoted(column)} AS VARCHAR)"


def _masked(cell: str) -> str:
    return f"CASE WHEN {cell} IS NOT NULL THEN {literal(MASKED)} END"


def _value(cells: dict[str, str]) -> str:
    if len(cells) < 2:
        return next(iter(cells.values()), "NULL")
    named = (f"{literal(name + ' = ')} || {_filled(cell)}" for name, cell in cells.items())
    return " || ', ' || ".join(named)


def _shortened(cell: str) -> str:
    longest = LONGEST_VALUE
    return (
        f"CASE WHEN length({cell}) > {longest} THEN left({cell}, {longest - 1}) || '…' "
        f"ELSE {_filled(cell)} END"
    )


def _filled(cell: str) -> str:
    return f"coalesce({cell}, 'empty')"
