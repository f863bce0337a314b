"""Checks that compare a file with those before it: a made-up year, and all that may be odd."""

import json
import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest

from quality import Outcome, check
from quality.context import Context, File, Past
from quality.evaluation import evaluate
from quality.frames import RECORD_NO
from quality.scoring import score

START = datetime(2013, 1, 7, 5, tzinfo=UTC)
"""A Monday."""


def context(before, moment=START):
    file = File(f"{moment:%Y-%m-%d}.csv", made_at=moment, seen_at=moment, columns=("x",))
    return Context(file=file, history=lambda key: before.get(key, []), now=moment)


def judged(values, asked, before, moment):
    """Judge a file whose rows hold `values`, by what came before, and keep what it measured."""
    columns = values if isinstance(values, dict) else {"x": values}
    frame = pl.DataFrame(columns).with_row_index(RECORD_NO, offset=1)
    results = evaluate(frame, asked, context=context(before, moment)).results
    for each in results:
        kept = json.loads(json.dumps(each.detail))
        before.setdefault(each.check, []).append(Past(each.period or moment, each.value, kept))
    return results


def day_by_day(files, *asked):
    """The results of files that come a day after the other."""
    before = {}
    return [
        judged(values, asked, before, START + timedelta(days=number))
        for number, values in enumerate(files)
    ]


def usual(**arguments):
    return check("metric_anomaly", **{"metric": "row_count", "min_points": 7} | arguments)


def test_a_made_up_year_shows_what_was_planted_and_next_to_nothing_else():
    chance = random.Random(3)
    asked = (
        usual(name="volume", seasonality="weekday", min_points=14),
        usual(name="nulls", metric="null_ratio", column="x", direction="high"),
        usual(name="mean", metric="mean", column="x"),
        usual(name="peak", metric="max", column="x", direction="high"),
    )
    planted = {101: "volume", 160: "nulls", 222: "peak", 300: "mean"}
    before, told = {}, {}
    for number in range(365):
        moment = START + timedelta(days=number)
        weekend = 0.6 if moment.weekday() >= 5 else 1
        rows = round(chance.gauss(200, 6) * weekend * (1 + number / 1000))
        values = [None if chance.random() < 0.02 else chance.gauss(20, 5) for _ in range(rows)]
        if number == 101:
            values = values[: rows // 2]
        if number == 160:
            values = [value if n % 3 else None for n, value in enumerate(values)]
        if number == 222:
            values[17] = 1048.4
        if number == 300:
            values = [value and value * 1.5 for value in values]
        results = judged(values, asked, before, moment)
        flagged = {each.check for each in results if each.outcome is Outcome.WARNED}
        if flagged:
            told[number] = flagged

    assert all(check in told.get(number, ()) for number, check in planted.items()), told
    assert len(told.keys() - planted.keys()) <= 3, told


def test_the_verdict_is_explained():
    weeks = [[1.0] * (100 if number % 7 == 0 else 300) for number in range(35)]

    *_, (last,) = day_by_day([*weeks, [1.0] * 300], usual(seasonality="weekday"))

    assert last.outcome is Outcome.WARNED
    assert last.message == (
        "the number of rows is 300; expected between 90 and 110, from the last 5 Mondays"
    )
    assert (last.value, last.low, last.high) == (300, 90, 110)
    assert last.period == START + timedelta(days=35)


def test_too_little_past_is_no_pass_and_costs_nothing():
    results = day_by_day([[1.0]] * 8, usual())
    early, (enough,) = [each for (each,) in results[:7]], results[7]

    assert {each.outcome for each in early} == {Outcome.NOT_EVALUATED}
    assert early[2].message == "not evaluated: 2 earlier files of 7 that are needed"
    assert {each.weight for each in early} == {0}
    assert enough.outcome is Outcome.PASSED
    (good,) = evaluate(numbered([1]), [check("not_null", column="x")]).results
    assert score([good, *early], received=1, clean=1).value == 1


def test_what_cannot_be_measured_is_not_evaluated_and_counts():
    ((nothing,),) = day_by_day([{"x": [None]}], usual(metric="mean", column="x"))

    assert nothing.outcome is Outcome.NOT_EVALUATED
    assert nothing.weight == 1


def test_an_empty_file_has_no_rows_which_is_unusual():
    *_, (empty,) = day_by_day([*[[1.0] * 5] * 8, []], usual())

    assert (empty.outcome, empty.value) == (Outcome.WARNED, 0)


@pytest.mark.parametrize(
    ("direction", "few", "many"),
    [
        ("both", Outcome.WARNED, Outcome.WARNED),
        ("low", Outcome.WARNED, Outcome.PASSED),
        ("high", Outcome.PASSED, Outcome.WARNED),
    ],
)
def test_only_what_is_bad_is_told(direction, few, many):
    past = [[1.0] * (20 + number % 3) for number in range(9)]

    *_, (too_few,) = day_by_day([*past, [1.0]], usual(direction=direction))
    *_, (too_many,) = day_by_day([*past, [1.0] * 99], usual(direction=direction))

    assert (too_few.outcome, too_many.outcome) == (few, many)
    assert (too_few.low is None) == (direction == "high")
    assert (too_many.high is None) == (direction == "low")


def test_nan_is_told_and_never_part_of_the_past():
    mean = usual(metric="mean", column="x")
    files = [*[[5.0, 6.0]] * 7, [5.0, float("nan")], [5.0, 6.0]]

    *_, (odd,), (after,) = day_by_day(files, mean)

    assert odd.outcome is Outcome.WARNED
    assert after.outcome is Outcome.PASSED
    assert "the last 7 files" in after.message


def test_an_old_file_is_judged_by_what_was_before_it():
    asked, before = usual(), {}
    for number in range(10):
        judged([1.0] * 10, [asked], before, START + timedelta(days=number))
    old = START + timedelta(days=20)
    first = judged([1.0] * 10, [asked], before, old)
    for number in range(30, 60):
        judged([1.0] * 99, [asked], before, START + timedelta(days=number))
    before[asked.key] = [each for each in before[asked.key] if each.period != old]

    again = judged([1.0] * 10, [asked], before, old)

    assert again == first
    assert again[0].outcome is Outcome.PASSED


def test_two_that_measure_different_things_under_one_name_do_not_mix():
    before = {}
    for number in range(8):
        moment = START + timedelta(days=number)
        judged([50.0], [usual(name="n", metric="mean", column="x")], before, moment)

    asked = usual(name="n", metric="max", column="x")
    (found,) = judged([1.0], [asked], before, START + timedelta(days=8))

    assert found.outcome is Outcome.NOT_EVALUATED


def test_the_rows_say_what_time_they_are_about():
    asked = usual(at="day", metric="mean", column="x", min_points=3)
    rows = {"x": [1.0, 1.0, 1.0], "day": [date(2031, 1, 1), date(2013, 2, 8), date(2013, 2, 8)]}

    ((found,),) = day_by_day([rows], asked)

    assert found.period == datetime(2013, 2, 8, tzinfo=UTC)


def numbered(values):
    return pl.DataFrame({"x": values}).with_row_index(RECORD_NO, offset=1)


def test_a_spread_that_moves_is_told_with_what_moved_most():
    chance = random.Random(5)
    files = [[chance.gauss(20, 5) for _ in range(500)] for _ in range(9)]
    moved = [chance.gauss(26, 5) for _ in range(500)]

    *same, (other,) = day_by_day([*files, moved], check("distribution", column="x"))

    assert {each.outcome for (each,) in same[7:]} == {Outcome.PASSED}
    assert other.outcome is Outcome.WARNED
    assert "most above 2" in other.message
    assert "expected at most 0.25, from the last 9 files" in other.message


def test_a_spread_of_personal_values_is_compared_without_keeping_them():
    usually, moved = ["ann"] * 80 + ["bob"] * 120, ["ann"] * 190 + ["bob"] * 10
    asked = replace(check("distribution", column="x"), personal=frozenset({"x"}))

    *same, (other,) = day_by_day([usually] * 8 + [moved], asked)

    assert {each.outcome for (each,) in same[7:]} == {Outcome.PASSED}
    assert other.outcome is Outcome.WARNED
    assert "ann" not in json.dumps(other.detail) + other.message
    assert sorted(other.detail["counts"].values()) == [10, 190]


def test_what_is_kept_of_a_load_is_small_whatever_is_in_it():
    chance = random.Random(5)
    rows = {
        "x": [chance.gauss(0, 10**9) for _ in range(3000)],
        "text": ["\u4e2d" * chance.randint(1, 60) + str(chance.random()) for _ in range(3000)],
        "many": ["\U0001f600" * 38 + str(number % 100) for number in range(3000)],
    }
    asked = [check("distribution", column=name) for name in rows]
    asked += [usual(), check("row_count", max_change=0.1, name="change")]
    columns = tuple(f"column {number} {'x' * 50}" for number in range(2000))
    wide = File("wide.csv", made_at=START, seen_at=START, columns=columns)
    frame = pl.DataFrame(rows).with_row_index(RECORD_NO, offset=1)
    asked.append(check("schema", baseline="previous"))

    results = evaluate(frame, asked, context=Context(file=wide)).results

    assert all(len(json.dumps(each.detail)) < 20_000 for each in results)
    assert all(each.detail for each in results if each.rule != "schema")


def test_a_day_in_which_nothing_comes_is_a_gap():
    days = [datetime(2013, 2, day) for day in (7, 8, 10)]

    ((found,),) = day_by_day([{"x": days}], check("no_time_gaps", column="x", every="1 day"))

    assert found.outcome is Outcome.FAILED
    assert found.message.startswith(
        "the number of gaps in x is 1 of 4, the first from 2013-02-09 00:00:00"
    )


@pytest.mark.parametrize(
    ("hour", "minutes", "late"),
    [(5, 30, False), (6, 0, False), (6, 1, True), (17, 59, True), (18, 1, False)],
)
def test_a_file_counts_for_the_delivery_that_is_nearest(hour, minutes, late):
    seen = datetime(2013, 2, 8, hour, minutes, tzinfo=UTC)

    results = judged([1.0], [check("arrival", by="06:00")], {}, seen)

    assert (results[0].outcome is Outcome.FAILED) == late


@pytest.mark.parametrize("six", ["18:00", 18 * 60])
def test_a_time_may_be_written_as_yaml_reads_it(six):
    seen = datetime(2013, 2, 8, 18, 1, tzinfo=UTC)

    (found,) = judged([1.0], [check("arrival", by=six)], {}, seen)

    assert found.message.startswith("the file came 1 minute late for Fri 08 Feb")


def test_on_a_day_on_which_nothing_is_due_the_next_is_meant():
    saturday = datetime(2013, 2, 9, 12, tzinfo=UTC)
    asked = check("arrival", by="06:00", days=["mon"], zone="America/New_York")

    (found,) = judged([1.0], [asked], {}, saturday)

    assert found.outcome is Outcome.PASSED
    assert found.message.startswith("the file came 2 820 minutes early for Mon 11 Feb")


def test_a_header_is_compared_with_the_one_before():
    before = {}
    asked = [check("schema", baseline="previous")]
    (first,) = judged([1.0], asked, before, START)
    (same,) = judged([1.0], asked, before, START + timedelta(days=1))

    assert (first.outcome, same.outcome) == (Outcome.NOT_EVALUATED, Outcome.PASSED)


def test_a_group_that_is_out_of_bounds_is_named():
    rows = {"x": [1.0, 2.0, 30.0, 40.0], "store": ["a", "a", "b", None]}
    asked = check("aggregate", column="x", function="mean", max=10, group_by=["store"])

    ((found,),) = day_by_day([rows], asked)

    assert found.message == (
        "the mean of x is 40 for null, and 2 of 3 groups are out of bounds; expected at most 10"
    )
