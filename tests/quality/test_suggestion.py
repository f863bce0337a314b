"""Suggestions: certain where the evidence is, a warning where it is thin, and nothing without."""

from __future__ import annotations

import duckdb
import pytest

from quality.profiling import profile
from quality.suggestion import Delivery, Suggested, suggest
from quality.widening import Spread, known_range, rounded_down, rounded_up, widened


def suggested(sql: str) -> dict[tuple[str, str | None], Suggested]:
    with duckdb.connect() as con:
        con.execute(f"CREATE TABLE t AS {sql}")
        told = profile(con, con.table("t"))
    return {(one.rule, one.column): one for one in suggest(told, (), Delivery((told.rows,)))}


@pytest.mark.parametrize(
    ("rows", "severity"), [(5, "none"), (20, "warning"), (59, "warning"), (60, None)]
)
def test_the_severity_of_not_null_follows_the_evidence(rows: int, severity: str | None) -> None:
    found = suggested(f"SELECT 'x' AS a FROM range({rows})").get(("not_null", "a"))
    assert (found.arguments.get("severity") if found else "none") == severity


def test_few_values_that_come_often_are_listed_and_warn() -> None:
    one = suggested("SELECT ['open', 'shut'][1 + i % 2] AS a FROM range(200) r(i)")
    assert one["accepted_values", "a"].arguments == {
        "values": ["open", "shut"],
        "severity": "warning",
    }
    rare = "SELECT CASE WHEN i = 7 THEN 'odd' ELSE 'open' END AS a FROM range(200) r(i)"
    assert ("accepted_values", "a") not in suggested(rare)


def test_a_gap_is_bounded_by_twice_of_what_it_was() -> None:
    some = suggested("SELECT CASE WHEN i % 5 > 0 THEN 1 END AS a FROM range(200) r(i)")
    assert some["not_null_proportion", "a"].arguments == {"min": 0.6, "severity": "warning"}
    assert ("not_null", "a") not in some


def test_a_date_may_lie_ahead_where_its_name_says_so() -> None:
    found = suggested(
        "SELECT DATE '2013-01-01' + (i % 99)::INTEGER AS created_on, "
        "DATE '2013-01-01' + (i % 99)::INTEGER AS valid_until, "
        "DATE '2013-01-01' + (i % 99)::INTEGER AS day_of_it FROM range(200) r(i)"
    )
    assert found["not_in_future", "created_on"].arguments == {}
    assert found["not_in_future", "day_of_it"].arguments == {"severity": "warning"}
    assert ("not_in_future", "valid_until") not in found


def test_a_form_only_warns_for_other_letters_may_come() -> None:
    found = suggested("SELECT 'K' || (1000 + i) AS code, i % 3 AS x FROM range(400) r(i)")
    expected = {"pattern": "K[0-9]{4}", "severity": "warning"}
    assert found["matches", "code"].arguments == expected


def test_numbers_that_name_things_have_no_range() -> None:
    found = suggested("SELECT i % 50 AS customer_id, (i * 7) % 50 AS size FROM range(200) r(i)")
    assert ("range", "customer_id") not in found
    assert found["range", "size"].arguments["severity"] == "warning"


def spread(low: float, high: float, *quantiles: float) -> Spread:
    shares = ("0.01", "0.25", "0.75", "0.99")
    return Spread(low, high, dict(zip(shares, quantiles or (low, low, high, high), strict=True)))


@pytest.mark.parametrize(
    ("of", "whole", "to"),
    [
        (spread(1, 4), True, (0, 6)),
        (spread(-10, 10), True, (-20, 20)),
        (spread(80, 4983, 90, 500, 1400, 2600), True, (0, 9000)),
        (spread(50, 100), True, (20, 130)),
        (spread(15.98, 51.98), False, (-3, 70)),
        (spread(0.1, 0.2), False, (0.05, 0.25)),
        (spread(-20, -1), True, (-30, 0)),
    ],
)
def test_a_range_is_widened_outward_and_never_narrowed(
    of: Spread, whole: bool, to: tuple[float, float]
) -> None:
    least, most = widened(of, whole)
    assert (least, most) == pytest.approx(to)
    assert least <= of.low < of.high <= most


def test_a_stray_value_does_not_widen_what_is_expected() -> None:
    wind = spread(0, 1048, 0, 7, 15, 29)
    assert wind.without_strays().high == 29
    assert spread(0, 40, 0, 7, 15, 29).without_strays().high == 40


@pytest.mark.parametrize(
    ("name", "low", "high", "known"),
    [
        ("month", 2, 2, (1, 12)),
        ("Month", 0, 12, None),  # not months as everybody counts them
        ("lat", -33.5, 70.1, (-90, 90)),
        ("hours", 1, 20, None),
        ("minute", 0.5, 3, None),
    ],
)
def test_what_everybody_knows_needs_values_that_bear_it_out(
    name: str, low: float, high: float, known: tuple[float, float] | None
) -> None:
    found = known_range(name, low, high, whole=low == int(low) and high == int(high))
    assert (found and (found.min, found.max)) == known


def test_counts_are_rounded_to_two_digits() -> None:
    assert [rounded_up(n) for n in (7, 99, 101, 1864)] == [7, 99, 110, 1900]
    assert [rounded_down(n) for n in (0, 7, 109, 342)] == [1, 7, 100, 340]
