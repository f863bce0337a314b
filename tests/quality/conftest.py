from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import duckdb
import pytest

from quality import check, findings, recording
from quality.findings import Counts
from quality.measure import Fact
from quality.model import Check
from quality.overview import read_view
from quality.recording import Judged
from quality.result import CheckResult
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

CHECKS = (
    check(
        "aggregate",
        name="cancelled_flights",
        function="null_ratio",
        column="dep_time",
        max=0.1,
        dimension="completeness",
        description="The share of cancelled flights: above a tenth few flew",
    ),
    check("not_null", column="tailnum", severity="warning"),
    check("foreign_key", columns=["tailnum"], to="planes.tailnum", severity="warning"),
    check("foreign_key", columns=["dest"], to="airports.faa"),
    check("range", column="dep_time", min=1, max=2400),
    check("unique", columns=["carrier", "flight", "origin"], severity="critical"),
    check("not_null", column="dep_time", severity="info"),
)


@contextmanager
def _warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(config={"threads": 1}) as connection:
        recording.create(connection)
        yield connection


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with _warehouse() as connection:
        yield connection


@pytest.fixture(scope="session")
def blizzard() -> DatasetView:
    """The flights after a first run over a week with a blizzard in it."""
    week = [_flights(day, load_id) for load_id, day in enumerate(BLIZZARD, 1)]
    with _warehouse() as con:
        recording.record(con, *week)
        for judged in week:
            bad = judged.received - judged.clean
            recording.settle(
                con, recording.Settled(judged.load_id, "published", judged.clean, bad, skipped=0)
            )
        view = read_view(con, "flights")
    assert view
    return view


@pytest.fixture(scope="session")
def month() -> DatasetView:
    """Thirty-three nights, with a file each and new rules half-way."""
    days = ("2013-02-07", "2013-02-09", "2013-02-10")
    nights = []
    for n in range(1, 34):
        judged = _flights(days[n % 3], n, f"run-{n}")
        night = replace(
            judged,
            file=f"flights {n:02}.csv",
            judged_at=judged.judged_at + timedelta(days=n),
            rule_set_fingerprint="old" if n < 20 else "new",
        )
        nights.append(night)
    with _warehouse() as con:
        recording.record(con, *nights)
        view = read_view(con, "flights")
    assert view
    return view


@pytest.fixture
def flights() -> Callable[..., Judged]:
    """Makes a day's flights as they would be judged."""
    return _flights


def _flights(day: str, load_id: int, run_id: str = "run-1") -> Judged:
    rows, cancelled, no_tail, no_plane, no_airport = BLIZZARD[day]
    share, *others = CHECKS
    found = (
        (rows, no_tail, None),
        (rows - no_tail, no_plane, "N14568"),
        (rows, no_airport, "SJU"),
        (rows - cancelled, 0, None),
        (rows, 0, None),
        (rows, cancelled, None),
    )
    results = (
        findings.stated(share, Fact(cancelled / rows, max=share.arguments["max"])),
        *(_judged(check, *counts) for check, counts in zip(others, found, strict=True)),
    )
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


def _judged(check: Check, rows: int, failed: int, value: str | None = None) -> CheckResult:
    """What a row or key check found; the first records that fail have this value."""
    keys = min(failed, 4) if value else 0
    result = findings.judged(check, Counts(rows, failed, keys, hits=failed))
    first = range(11, 11 + min(failed, 3))
    examples = tuple({"record_no": n, "value": value, "line": n + 1} for n in first)
    return replace(result, examples=examples)
