"""Numbers at the end of their types, and what is lost in floating-point ones, change no verdict."""

import polars as pl
import pytest

from quality import Outcome, check

PAIR = pl.Series([5, 6], dtype=pl.UInt32), pl.Series([6, 5], dtype=pl.UInt32)


@pytest.mark.parametrize(
    ("ours", "theirs", "tolerance", "failed"),
    [
        (*PAIR, 1, 0),
        (*PAIR, 0.5, 2),
        ([2**63 - 1, 5], [-1, 5], 1, 1),
        ([0.8, 0.7], [0.7, 0.8], 0.1, 0),
        ([float("inf"), float("nan")], [float("inf"), float("nan")], 1, 0),
    ],
)
def test_a_tolerance_holds_for_numbers_of_every_type(ours, theirs, tolerance, failed, judge):
    reconcile = check("reconcile", columns=["k"], to="ledger.k", compare=["n"], tolerance=tolerance)
    ledger = {"ledger": {"k": [1, 2], "n": theirs}}
    (result,) = judge({"k": [1, 2], "n": ours}, [reconcile], ledger).results
    assert (result.rows, result.failed) == (2, failed), result.message


def test_a_sum_of_whole_numbers_may_be_larger_than_each_of_them_could(judge):
    columns = {"n": [2**62] * 4, "g": [1] * 4}
    checks = [
        check("aggregate", column="n", function="sum", min=2**63),
        check("group_condition", group_by=["g"], function="sum", column="n", min=2**63),
        check("reconcile_total", column="n", to="ledger.n"),
    ]
    found = judge(columns, checks, {"ledger": {"n": [0]}}).results
    outcomes = [each.outcome for each in found]
    assert outcomes == [Outcome.PASSED, Outcome.PASSED, Outcome.FAILED]


@pytest.mark.parametrize(
    ("ours", "theirs", "outcome"),
    [
        ([0.1, 0.2], [0.3], Outcome.PASSED),
        ([1e11, 0.25], [1e11, 0.5], Outcome.FAILED),
        ([2**53, 1], [2**53], Outcome.FAILED),
        ([float("nan")], [1.0], Outcome.FAILED),
    ],
)
def test_totals_differ_by_more_than_their_last_digits(ours, theirs, outcome, judge):
    total = check("reconcile_total", column="n", to="ledger.n")
    (result,) = judge({"n": ours}, [total], {"ledger": {"n": theirs}}).results
    assert result.outcome is outcome, result.message


@pytest.mark.parametrize("kind", [pl.Int8, pl.Int32, pl.Int64])
def test_the_greatest_number_may_stand_for_a_range_without_an_end(kind, judge):
    columns = {
        "first": pl.Series([1, 10], dtype=kind),
        "last": pl.Series([9, pl.select(kind.max()).item()], dtype=kind),
    }
    apart = check("no_overlap", lower="first", upper="last", upper_included=True)
    (result,) = judge(columns, [apart]).results
    assert (result.outcome, result.rows) == (Outcome.PASSED, 2), result.message


@pytest.mark.parametrize(("column", "step"), [("day", 1), ("n", "1 day")])
def test_a_step_goes_with_the_type_of_its_column(column, step, judge):
    columns = {"day": pl.Series(["2013-02-07"]).str.to_date(), "n": [1]}
    (result,) = judge(columns, [check("sequential", column=column, step=step)]).results
    assert result.outcome is Outcome.ERRORED
    assert "does not go with the column" in result.message
