from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb
import pytest

from quality import history, recording
from quality.model import Grade, Outcome
from quality.overview import MOST_LOADS, read_view, read_views
from quality.recording import Judged
from quality.view import DatasetView

Flights = Callable[..., Judged]


def test_what_is_recorded_reads_back_as_it_was(
    con: duckdb.DuckDBPyConnection, flights: Flights
) -> None:
    judged = flights("2013-02-09", 1)
    recording.record(con, judged)
    (load,) = history.latest(con, "flights")
    assert history.results(con, 1) == judged.results
    assert (load.score, load.grade) == (judged.score.value, Grade.AMBER)
    assert load.judged_at == judged.judged_at
    assert load.dimensions == judged.score.dimensions
    assert load.thresholds == {"green": 0.9, "amber": 0.7}
    assert (load.status, load.loaded) == ("judged", None)


def test_recording_a_load_again_replaces_it(
    con: duckdb.DuckDBPyConnection, flights: Flights
) -> None:
    judged = flights("2013-02-09", 1)
    recording.record(con, judged)
    recording.record(con, dataclasses.replace(judged, results=judged.results[:1], received=1))
    (load,) = history.latest(con, "flights")
    assert load.received == 1
    assert history.results(con, 1) == judged.results[:1]


def test_recording_is_part_of_the_callers_transaction(
    con: duckdb.DuckDBPyConnection, flights: Flights
) -> None:
    con.execute("BEGIN")
    recording.record(con, flights("2013-02-09", 1))
    con.execute("ROLLBACK")
    assert history.datasets(con) == ()


def test_many_loads_are_recorded_at_once(con: duckdb.DuckDBPyConnection, flights: Flights) -> None:
    recording.record(con, flights("2013-02-08", 1), flights("2013-02-09", 2))
    assert [load.load_id for load in history.latest(con, "flights")] == [1, 2]


def test_settling_fills_in_what_became_of_the_load(
    con: duckdb.DuckDBPyConnection, flights: Flights
) -> None:
    recording.record(con, flights("2013-02-08", 1), flights("2013-02-09", 2))
    recording.settle(con, recording.Settled(2, "held", loaded=0, quarantined=0, skipped=684))
    first, second = history.latest(con, "flights")
    assert (first.status, first.skipped) == ("judged", None)
    assert (second.status, second.loaded, second.skipped) == ("held", 0, 684)


def test_a_held_load_waits_until_it_is_settled_or_overtaken(
    con: duckdb.DuckDBPyConnection, flights: Flights
) -> None:
    days = ("2013-02-07", "2013-02-08", "2013-02-09")
    waiting = [flights(day, n, f"run-{n}") for n, day in enumerate(days, 1)]
    recording.record(con, *waiting, dataclasses.replace(flights(days[0], 4), version=2))
    for n in (1, 2, 3):
        recording.settle(con, recording.Settled(n, "held", loaded=0, quarantined=0, skipped=9))
    assert [load.load_id for load in history.held(con, "flights")] == [2, 3]
    recording.settle(con, recording.Settled(3, "published", loaded=9, quarantined=0, skipped=0))
    view = read_view(con, "flights")
    assert view is not None
    assert [load.load_id for load in view.held] == [2], "though its run is not the latest"


def test_a_load_that_was_not_judged_counts_as_red_and_says_why(
    con: duckdb.DuckDBPyConnection, flights: Flights
) -> None:
    now = datetime(2013, 2, 14, tzinfo=UTC)
    rejected = Judged("run-1", 9, "flights", "x.csv", 1, now, 0, error="it is a directory")
    recording.record(con, flights("2013-02-07", 1), rejected)
    view = read_view(con, "flights")
    assert view is not None
    assert (view.run.score, view.run.grade) == (0.0, Grade.RED)
    assert (view.worst.file, view.worst.set_by) == ("x.csv", "it is a directory")
    assert view.worst.status == "rejected"
    assert view.thresholds == {"green": 0.9, "amber": 0.7}


@pytest.mark.parametrize("value", [math.nan, math.inf, "\x00", "'; DROP", '"', "\ud7ff", "é\n"])
def test_any_example_can_be_kept(
    con: duckdb.DuckDBPyConnection, flights: Flights, value: Any
) -> None:
    judged = flights("2013-02-09", 1)
    result = dataclasses.replace(
        judged.results[0], value=None, examples=({"record_no": 1, "value": value},)
    )
    recording.record(con, dataclasses.replace(judged, results=(result,)))
    (kept,) = history.results(con, 1)
    assert kept.examples[0]["value"] == (value if isinstance(value, str) else str(value))


def test_a_run_has_the_lowest_score_and_the_worst_grade_of_its_loads(blizzard: DatasetView) -> None:
    assert blizzard.run.score == min(load.score or 0 for load in blizzard.loads)
    assert blizzard.run.grade is Grade.AMBER
    assert blizzard.worst.file == "flights_2013-02-09.csv"
    assert blizzard.files == {Grade.GREEN: 5, Grade.AMBER: 2}


def test_trend_is_oldest_first_and_limited(
    con: duckdb.DuckDBPyConnection, flights: Flights
) -> None:
    for n in range(1, 5):
        judged = flights("2013-02-07", n, f"run-{n}")
        at = judged.judged_at + timedelta(days=n)
        recording.record(con, dataclasses.replace(judged, judged_at=at))
    assert [run.run_id for run in history.trend(con, "flights", 3)] == ["run-2", "run-3", "run-4"]


def test_checks_add_up_over_the_files_of_a_run(blizzard: DatasetView) -> None:
    check = next(each for each in blizzard.checks if each.check == "not_null(tailnum)")
    assert (check.failed, check.rows) == (375, 6115)
    assert (check.files, check.files_failed) == (7, 7)
    assert (check.worst_file, check.worst_failed) == ("flights_2013-02-09.csv", 168)
    assert [example.line for example in check.examples] == [12, 13, 14]
    assert check.outcome is Outcome.WARNED


def test_the_check_that_cost_most_comes_first(blizzard: DatasetView) -> None:
    assert [check.check for check in blizzard.findings] == [
        "cancelled_flights",
        "not_null(tailnum)",
        "foreign_key(tailnum)",
        "foreign_key(dest)",
        "not_null(dep_time)",
    ]


def test_a_file_alone_is_compared_with_those_before_it(
    con: duckdb.DuckDBPyConnection, flights: Flights
) -> None:
    for n, day in enumerate(("2013-02-07", "2013-02-08", "2013-02-09"), 1):
        recording.record(con, flights(day, n, f"run-{n}"))
    view = read_view(con, "flights")
    assert view is not None
    assert [load.load_id for load in view.loads] == [3]
    assert [load.load_id for load in view.compared] == [1, 2, 3]
    assert {cell.load_id for cell in view.cells} == {1, 2, 3}
    assert view.previous is not None
    assert view.previous.run_id == "run-2"
    assert view.previous_checks["cancelled_flights"].outcome is Outcome.FAILED


def test_of_too_many_files_the_worst_are_shown(
    con: duckdb.DuckDBPyConnection, flights: Flights
) -> None:
    good = [flights("2013-02-07", n) for n in range(1, MOST_LOADS + 10)]
    recording.record(con, *good, flights("2013-02-09", 1000))
    view = read_view(con, "flights")
    assert view is not None
    assert len(view.loads) == MOST_LOADS
    assert view.loads[-1].load_id == 1000
    assert view.run.files == MOST_LOADS + 10
    assert view.received == 932 * (MOST_LOADS + 9) + 684


def test_views_are_of_every_dataset(con: duckdb.DuckDBPyConnection, flights: Flights) -> None:
    assert read_views(con) == ()
    assert read_view(con, "flights") is None
    weather = dataclasses.replace(flights("2013-02-07", 2), dataset="weather")
    recording.record(con, weather, flights("2013-02-07", 1))
    assert [view.dataset for view in read_views(con)] == ["flights", "weather"]
