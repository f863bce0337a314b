from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import duckdb
import pytest

from quality import quarantine
from quality.model import Dimension, Outcome, Severity
from quality.result import CheckResult

DATASET = 'my "flights"'
TABLE = 'quarantine."my ""flights"""'
HOSTILE = 'select "x"; -- it\'s'


def result(
    check: str,
    *columns: str,
    severity: Severity = Severity.ERROR,
    failed: int = 1,
    expected: str = "between 1 and 2400",
    subject: str | None = None,
) -> CheckResult:
    return CheckResult(
        check=check,
        rule=check.partition("(")[0],
        columns=columns,
        severity=severity,
        dimension=Dimension.VALIDITY,
        outcome=Outcome.FAILED,
        rows=3,
        failed=failed,
        subject=subject or ", ".join(columns),
        expected=expected,
        message="",
        weight=3.0,
        on_fail=severity.on_fail,
    )


def quarantined(
    con: duckdb.DuckDBPyConnection,
    staging: str,
    failures: str,
    results: list[CheckResult],
    columns: list[str],
) -> dict[int, list[dict[str, str | None]]]:
    con.execute(f"CREATE TABLE staging AS {staging}")
    con.execute(f"CREATE TABLE failures AS {failures}")
    query = quarantine.records("staging", "(FROM failures)", results, columns)
    return {number: failed for number, failed, _ in con.execute(query).fetchall()}


def test_a_record_tells_every_check_it_failed_warnings_too(con: duckdb.DuckDBPyConnection) -> None:
    records = quarantined(
        con,
        "SELECT 1 AS _record_no, 2500 AS dep_time, NULL AS tailnum, NULL::VARCHAR[] AS _text",
        'SELECT 1 AS _record_no, true AS "range(dep_time)", true AS "not_null(tailnum)"',
        [
            result("range(dep_time)", "dep_time"),
            result("not_null(tailnum)", "tailnum", severity=Severity.WARNING, expected="present"),
        ],
        ["dep_time", "tailnum"],
    )
    assert records == {
        1: [
            {
                "check": "range(dep_time)",
                "rule": "range",
                "column": "dep_time",
                "value": "2500",
                "expected": "between 1 and 2400",
                "message": "dep_time is 2500; expected to be between 1 and 2400",
            },
            {
                "check": "not_null(tailnum)",
                "rule": "not_null",
                "column": "tailnum",
                "value": None,
                "expected": "present",
                "message": "tailnum is empty; expected to be present",
            },
        ]
    }


def test_a_record_waits_if_nothing_else_keeps_it_out(con: duckdb.DuckDBPyConnection) -> None:
    until = datetime(2013, 2, 10, tzinfo=UTC)
    late = replace(result("foreign_key(a, b)", "a", "b"), waits_until=until)
    con.execute(
        "CREATE TABLE staging AS SELECT range AS _record_no, range AS a, NULL AS b, "
        "NULL::VARCHAR[] AS _text FROM range(4)"
    )
    con.execute(
        "CREATE TABLE failures AS FROM (VALUES (0, true, false, false), (1, true, true, false), "
        "(2, true, false, true), (3, false, true, false)) "
        'f(_record_no, "foreign_key(a, b)", "range(a)", "not_null(b)")'
    )
    checks = [
        late,
        result("range(a)", "a"),
        result("not_null(b)", "b", severity=Severity.WARNING),
    ]
    query = quarantine.records("staging", "(FROM failures)", checks, ["a", "b"])
    found = con.sql(f"SELECT _record_no, waits_for FROM ({query}) ORDER BY ALL").fetchall()

    assert found == [
        (0, [{"check": "foreign_key(a, b)", "key": ["0", None]}]),
        (1, None),
        (2, [{"check": "foreign_key(a, b)", "key": ["2", None]}]),
        (3, None),
    ]


@pytest.mark.parametrize(
    ("severity", "records"),
    [
        (Severity.INFO, set()),
        (Severity.WARNING, set()),
        (Severity.ERROR, {2}),
        (Severity.CRITICAL, {2}),
    ],
)
def test_only_grave_checks_quarantine(
    con: duckdb.DuckDBPyConnection, severity: Severity, records: set[int]
) -> None:
    found = quarantined(
        con,
        "SELECT unnest([1, 2, 3]) AS _record_no, 0 AS a, NULL::VARCHAR[] AS _text",
        'SELECT * FROM (VALUES (2, true), (3, NULL)) AS f(_record_no, "range(a)")',
        [result("range(a)", "a", severity=severity)],
        ["a"],
    )
    assert found.keys() == records


def test_a_check_that_nothing_failed_needs_no_column(con: duckdb.DuckDBPyConnection) -> None:
    found = quarantined(
        con,
        "SELECT 1 AS _record_no, 0 AS a, NULL::VARCHAR[] AS _text",
        "SELECT 1 AS _record_no",
        [result("row_count", failed=0, severity=Severity.CRITICAL)],
        ["a"],
    )
    assert found == {}


def test_what_could_not_be_cast_is_shown_as_it_came(con: duckdb.DuckDBPyConnection) -> None:
    (failure,) = quarantined(
        con,
        "SELECT 1 AS _record_no, 7 AS a, NULL::INTEGER AS b, ['7', 'seven'] AS _text",
        'SELECT 1 AS _record_no, true AS "type(b)"',
        [result("type(b)", "b", expected="readable as integer")],
        ["a", "b"],
    )[1]
    assert failure["value"] == "seven"
    assert failure["message"] == "b is seven; expected to be readable as integer"


def test_a_key_of_several_columns_is_named(con: duckdb.DuckDBPyConnection) -> None:
    (failure,) = quarantined(
        con,
        "SELECT 1 AS _record_no, 7 AS a, NULL AS b, NULL::VARCHAR[] AS _text",
        'SELECT 1 AS _record_no, true AS "unique(a, b)"',
        [result("unique(a, b)", "a", "b", expected="unique", subject="(a, b)")],
        ["a", "b"],
    )[1]
    assert failure["column"] == "a, b"
    assert failure["value"] == "a = 7, b = empty"
    assert failure["message"] == "a is 7, b is empty; expected (a, b) to be unique"


def test_of_two_columns_the_one_that_is_judged_is_named(con: duckdb.DuckDBPyConnection) -> None:
    (failure,) = quarantined(
        con,
        "SELECT 1 AS _record_no, 30 AS dewp, 20 AS temp, NULL::VARCHAR[] AS _text",
        'SELECT 1 AS _record_no, true AS "air"',
        [result("air", "dewp", "temp", expected="at most temp", subject="dewp")],
        ["dewp", "temp"],
    )[1]
    assert failure["message"] == "dewp is 30, temp is 20; expected dewp to be at most temp"


def test_an_expression_is_named_for_what_should_be_true(con: duckdb.DuckDBPyConnection) -> None:
    (failure,) = quarantined(
        con,
        "SELECT 1 AS _record_no, 112.5 AS lon, NULL::VARCHAR[] AS _text",
        "SELECT 1 AS _record_no, true AS western",
        [result("western", "lon", expected="true", subject="western")],
        ["lon"],
    )[1]
    assert failure["message"] == "lon is 112.5; expected western to be true"


def test_hostile_names_and_values_stay_values(con: duckdb.DuckDBPyConnection) -> None:
    column = '"' + HOSTILE.replace('"', '""') + '"'
    value = "'); DROP TABLE staging; --" + "x" * 100
    check = f"matches({HOSTILE})"
    key = '"' + check.replace('"', '""') + '"'
    con.execute("CREATE TABLE v AS SELECT ? AS v", [value])
    (failure,) = quarantined(
        con,
        f"SELECT 1 AS _record_no, v AS {column}, NULL::VARCHAR[] AS _text FROM v",
        f"SELECT 1 AS _record_no, true AS {key}",
        [result(check, HOSTILE, expected="it's '; DROP TABLE staging; --")],
        [HOSTILE],
    )[1]
    assert failure["check"] == check
    assert failure["column"] == HOSTILE
    assert failure["value"] == value
    assert failure["expected"] == "it's '; DROP TABLE staging; --"
    assert f"{HOSTILE} is {value[:79]}…; expected" in str(failure["message"])
    assert con.execute("SELECT count(*) FROM staging").fetchall() == [(1,)]


@pytest.fixture
def kept(con: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """Three records in the quarantine of a dataset with a name that needs quotes."""
    con.execute("CREATE SCHEMA quarantine")
    con.execute(
        f"CREATE TABLE {TABLE} (record_id VARCHAR, _file_id BIGINT, "
        "_load_id BIGINT, _record_no BIGINT, file VARCHAR, version INTEGER, line BIGINT, "
        f"byte BIGINT, raw VARCHAR, failures {quarantine.FAILURES}, status VARCHAR, "
        "quarantined_at TIMESTAMPTZ)"
    )
    con.execute(
        f"INSERT INTO {TABLE} SELECT 'r' || n, 1, 1, n, 'a.csv', 1, n + 1, 10 * n, 'x,' || n, "
        "[{'check': 'c', 'rule': 'r', 'column': 'x', 'value': 'x', 'expected': 'y', "
        "'message': 'm'}], CASE WHEN n = 2 THEN 'released' ELSE 'quarantined' END, now() "
        "FROM unnest([3, 2, 1]) AS t(n)"
    )
    return con


def test_listing_has_the_shape_of_the_command(kept: duckdb.DuckDBPyConnection) -> None:
    first, *_ = found = quarantine.listing(kept, DATASET)
    assert [record["record_no"] for record in found] == [1, 2, 3]
    assert first == {
        "record_id": "r1",
        "file": "a.csv",
        "version": 1,
        "record_no": 1,
        "line": 2,
        "raw": "x,1",
        "failures": [
            {
                "check": "c",
                "rule": "r",
                "column": "x",
                "value": "x",
                "expected": "y",
                "message": "m",
            }
        ],
        "status": "quarantined",
    }


def test_listing_can_be_narrowed(kept: duckdb.DuckDBPyConnection) -> None:
    ids = [r["record_id"] for r in quarantine.listing(kept, DATASET, "quarantined", 1)]
    assert ids == ["r1"]
    assert [r["record_id"] for r in quarantine.listing(kept, DATASET, "released")] == ["r2"]


def test_show_finds_one_record(kept: duckdb.DuckDBPyConnection) -> None:
    record = quarantine.show(kept, DATASET, "r2")
    assert record is not None
    assert record["raw"] == "x,2"
    assert quarantine.show(kept, DATASET, "' OR true; --") is None


def test_a_dataset_without_quarantine_has_no_records(con: duckdb.DuckDBPyConnection) -> None:
    assert quarantine.listing(con, "flights") == []
    assert quarantine.show(con, "flights", "r1") is None
