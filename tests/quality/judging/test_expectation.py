"""What the past lets one expect: bands, on pasts that are made up."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from quality.expectation import FAR, SAME_WEEKDAYS, Point, expect

MONDAY = datetime(2013, 1, 7, 12, tzinfo=UTC)


def days(values):
    """A point a day, and the day after them."""
    past = [Point(MONDAY + timedelta(number), value) for number, value in enumerate(values)]
    return past, MONDAY + timedelta(len(past))


def band(values, seasonality="none", sensitivity="medium", rows_of_share=None):
    past, period = days(values)
    return expect(
        past,
        period,
        seasonality=seasonality,
        sensitivity=sensitivity,
        rows_of_share=rows_of_share,
    )


def noise(count, level=1000.0, spread=50.0):
    chance = random.Random(1)
    return [chance.gauss(level, spread) for _ in range(count)]


def test_what_has_never_changed_may_change_by_a_tenth():
    found = band([72.0] * 30)

    assert (found.low, found.high) == (64, 80)  # outwards from 64.8 and 79.2
    assert (found.points, found.of_weekday) == (30, False)


def test_of_what_has_always_been_nothing_nothing_is_expected():
    found = band([0.0] * 30)

    assert (found.low, found.high) == (0, 0)


def test_a_share_that_was_always_nothing_may_be_what_chance_makes_of_so_few_rows():
    few, many = (band([0.0] * 30, rows_of_share=rows) for rows in (100, 1_000_000))

    assert few.low == many.low == 0
    assert 0.01 < few.high < 0.1
    assert 0 < many.high < 0.00001


def test_a_share_stays_between_nothing_and_all():
    found = band([0.5, 0.98] * 15, rows_of_share=50)

    assert 0 <= found.low < found.high <= 1


def test_one_day_of_nonsense_stretches_the_band_a_little_and_moves_it_not_at_all():
    plain, odd = band(noise(60)), band([*noise(59), 1e9])

    assert odd.low == pytest.approx(plain.low, rel=0.05)
    assert odd.high - 1000 <= FAR * 1.1 * (plain.high - 1000)


def test_what_has_been_twice_is_not_unusual():
    assert band([*noise(60), 5000.0, 5000.0]).high >= 5000


def test_a_lasting_change_is_told_twice():
    values = [*noise(60), *noise(10, level=3000.0)]

    told = [values[at] > band(values[:at]).high for at in range(60, 70)]

    assert told == [True, True, *[False] * 8]


def test_a_trend_is_no_anomaly():
    values = [1000 * 1.01**day for day in range(120)]

    found = [band(values[:day]) for day in range(14, 120)]

    assert all(b.low <= values[day] <= b.high for day, b in enumerate(found, 14))


def test_a_weekday_is_judged_by_its_own_once_there_are_enough():
    week = [1000.0] * 5 + [400.0, 600.0]  # from a Monday on
    enough, too_few = [*week * SAME_WEEKDAYS, *week[:5]], [*week * (SAME_WEEKDAYS - 1), *week[:5]]

    saturday, before = band(enough, "weekday"), band(too_few, "weekday")

    assert (saturday.low, saturday.high) == (360, 440)
    assert (saturday.points, saturday.of_weekday) == (SAME_WEEKDAYS, True)
    assert not before.of_weekday
    assert before.low <= 400
    assert band(enough).low <= 400


def test_the_more_sensitive_the_narrower():
    low, medium, high = (band(noise(60), sensitivity=each) for each in ("low", "medium", "high"))

    assert low.low < medium.low < high.low < 1000 < high.high < medium.high < low.high


def test_fewer_points_make_a_wider_band():
    few, many = band([900.0, 1000.0, 1100.0]), band([900.0, 1000.0, 1100.0] * 20)

    assert few.high - few.low > 1.2 * (many.high - many.low)


def test_above_and_below_are_apart():
    found = band([10.0, 11.0, 10.0, 12.0, 10.0, 40.0, 11.0, 35.0, 10.0, 28.0, 11.0, 30.0] * 3)

    assert found.high - 11 > 5 * (11 - found.low)


@pytest.mark.parametrize("spread", [0.01, 1.0, 123.456])
def test_bounds_are_rounded_outwards_so_that_what_is_shown_is_what_counts(spread):
    values = noise(40, level=1000.0, spread=spread)

    found = band(values)

    assert found.low <= min(values) <= max(values) <= found.high
    assert len(f"{found.low:.12g}".replace(".", "").strip("0")) <= 7


@pytest.mark.parametrize(
    ("draw", "most"),
    [
        (lambda chance: chance.gauss(1000, 100), 0.005),
        (lambda chance: chance.lognormvariate(7, 0.5), 0.01),
        (lambda chance: chance.expovariate(1), 0.015),
    ],
    ids=["normal", "lopsided", "very lopsided"],
)
def test_chance_alone_is_hardly_ever_told(draw, most):
    chance = random.Random(7)
    told = judged = 0
    for _ in range(4):
        values = [draw(chance) for _ in range(200)]
        for day in range(14, 200):
            found = band(values[max(0, day - 84) : day])
            told += not found.low <= values[day] <= found.high
            judged += 1

    assert told / judged <= most
