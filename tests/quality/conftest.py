from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import duckdb
import pytest

from quality import history
from quality.history import Judged
from quality.model import CheckResult, Dimension, Outcome, Severity
from quality.overview import read_view
from quality.scoring import score
from quality.view import DatasetView

MIDNIGHT = datetime(2013, 2, 14, 2, 0, tzinfo=UTC)
# What a blizzard does to seven days of flights: records, cancelled, without tail number,
# with a tail number that no plane has, with a destination that no airport has.
BLIZZARD = {
    "2013-02-07": (932, 4, 1, 148, 20),
    "2013-02-08": (930, 472, 161, 130, 20),
    "2013-02-09": (684, 393, 168, 71, 22),
    "2013-02-10": (829, 26, 7, 135, 20),
    "2013-02-11": (929, 73, 28, 146, 20),
    "2013-02-12": (893, 6, 4, 145, 20),
    "2013-02-13": (918, 13, 6, 144, 22),
}


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        history.create(connection)
        yield connection


@pytest.fixture
def blizzard(con: duckdb.DuckDBPyConnection) -> DatasetView:
    """The flights after a first run over a week with a blizzard in it."""
    for load_id, day in enumerate(BLIZZARD, 1):
        judged = _flights(day, load_id)
        history.record(con, judged)
        history.settle(
            con,
            load_id,
            status="published",
            loaded=judged.clean,
            quarantined=judged.received - judged.clean,
            skipped=0,
        )
    view = read_view(con, "flights")
    assert view
    return view


@pytest.fixture
def flights() -> Callable[..., Judged]:
    """Makes a day's flights as they would be judged."""
    return _flights


def _flights(day: str, load_id: int, run_id: str = "run-1") -> Judged:
    rows, cancelled, no_tail, no_plane, no_airport = BLIZZARD[day]
    results = (
        cancelled_flights(cancelled / rows),
        finding("not_null(tailnum)", "present", rows, no_tail, Severity.WARNING),
        finding(
            "foreign_key(tailnum)", "found in planes.tailnum", rows - no_tail, no_plane,
            Severity.WARNING, Dimension.CONSISTENCY, "N14568",
        ),
        finding(
            "foreign_key(dest)", "found in airports.faa", rows, no_airport,
            Severity.ERROR, Dimension.CONSISTENCY, "SJU",
        ),
        finding("range(dep_time)", "between 1 and 2400", rows - cancelled, 0, Severity.ERROR),
        finding("unique(carrier, flight, origin)", "unique", rows, 0,
                Severity.CRITICAL, Dimension.UNIQUENESS),
        finding("not_null(dep_time)", "present", rows, cancelled, Severity.INFO),
    )  # fmt: skip
    clean = rows - no_airport
    return Judged(
        run_id=run_id,
        load_id=load_id,
        dataset="flights",
        file=f"flights_{day}.csv",
        version=1,
        judged_at=MIDNIGHT + timedelta(seconds=load_id),
        received=rows,
        clean=clean,
        score=score(results, received=rows, clean=clean),
        thresholds={"green": 0.9, "amber": 0.7},
        rule_set_fingerprint="5f1d0c9a7e44b2d1",
        results=results,
    )


def finding(
    check: str,
    expected: str,
    rows: int,
    failed: int,
    severity: Severity = Severity.ERROR,
    dimension: Dimension = Dimension.COMPLETENESS,
    value: str | None = None,
) -> CheckResult:
    """What a row check found, with the outcome that the default thresholds give it."""
    rule, _, column = check.removesuffix(")").partition("(")
    outcome = Outcome.WARNED if failed else Outcome.PASSED
    if severity > Severity.WARNING and failed > 0.05 * rows:
        outcome = Outcome.FAILED
    return CheckResult(
        check=check,
        rule=rule,
        columns=tuple(column.split(", ")),
        severity=severity,
        dimension=dimension,
        outcome=outcome,
        rows=rows,
        failed=failed,
        expected=expected,
        message=f"{failed} of {rows} rows ({failed / rows:.1%}): {column} is not {expected}",
        weight=float(severity),
        examples=tuple(
            {"record_no": n, "value": value, "line": n + 1} for n in range(11, 11 + min(failed, 3))
        ),
    )


def cancelled_flights(share: float) -> CheckResult:
    """What a dataset check found: fails above a tenth."""
    return CheckResult(
        check="cancelled_flights",
        rule="aggregate",
        columns=("dep_time",),
        severity=Severity.ERROR,
        dimension=Dimension.COMPLETENESS,
        outcome=Outcome.PASSED if share <= 0.1 else Outcome.FAILED,
        rows=0,
        failed=0,
        expected="at most 0.1",
        message=f"the null_ratio of dep_time is {share:.3g}, and not at most 0.1",
        weight=3.0,
        value=share,
        description="The share of cancelled flights: above a tenth few flew",
    )
