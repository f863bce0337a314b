"""Two datasets that should say the same: rows, what is missing, and totals."""

import pytest

from quality import Outcome, check
from quality.checks import CheckInvalid

BOOKED = {"ledger": {"id": [1, 2, 2, 3, None], "amount": [5.0, 7.0, 8.0, None, 1.0]}}


def same(**said):
    return check("reconcile", columns=["id"], to="ledger.id", compare=["amount"], **said)


@pytest.mark.parametrize(
    ("id", "amount", "fails"),
    [
        (1, 5.0, False),
        (1, 5.1, True),
        (1, None, True),
        (3, None, False),
        (3, 0.0, True),
        (4, 5.0, True),
        (None, 1.0, True),
        (2, 7.0, True),  # one of two that have its key says something else
    ],
)
def test_a_row_is_there_with_the_same_values_or_fails(judge, id, amount, fails):
    rows = {"id": [1, 3, id], "amount": [5.0, None, amount]}

    (result,) = judge(rows, [same()], BOOKED).results

    assert (result.rows, result.failed) == (3, int(fails))


def test_numbers_may_be_apart_as_far_as_is_said(judge):
    rows = {"id": [1, 1, 1], "amount": [5.5, 4.5, 5.51]}

    (result,) = judge(rows, [same(tolerance=0.5)], BOOKED).results

    assert result.failed == 1
    assert result.expected == "the same in ledger.id, give or take 0.5"


def test_what_is_not_here_is_told_as_a_number(judge):
    missing = check("reconcile_missing", columns=["id"], to="ledger.id")

    (result,) = judge({"id": [1, 1, 9, None]}, [missing], BOOKED).results

    assert (result.outcome, result.value) == (Outcome.FAILED, 2)
    assert result.message == "what is missing of ledger.id is 2 keys; expected at most 0"


def test_a_total_tells_both_numbers(judge):
    total = check("reconcile_total", column="amount", to="ledger.amount", tolerance=1)

    (result,) = judge({"amount": [10.0, 9.5]}, [total], BOOKED).results

    assert (result.outcome, result.value) == (Outcome.FAILED, -1.5)
    assert result.message == (
        "the sum is 19.5 here and 21 in ledger; expected at most 1 away from it"
    )


@pytest.mark.parametrize("rule", ["reconcile", "reconcile_missing"])
def test_nothing_is_reconciled_with_what_did_not_come(judge, rule):
    (result,) = judge({"id": [1]}, [check(rule, columns=["id"], to="ledger.id")]).results

    assert result.outcome is Outcome.NOT_EVALUATED


@pytest.mark.parametrize(
    ("rule", "given", "said"),
    [
        ("reconcile", {"columns": ["a"], "to": "t.[a, b]"}, "1 columns cannot refer to 2 of t"),
        (
            "reconcile",
            {"columns": ["a"], "to": "t.a", "compare": ["b"], "against": ["c", "d"]},
            "1 columns cannot be compared with 2",
        ),
        ("reconcile_total", {"column": "a", "to": "t.[a, b]"}, "a total is made of one"),
    ],
)
def test_what_does_not_fit_is_refused(judge, rule, given, said):
    (result,) = judge(
        {"a": [1], "b": [1]},
        [check(rule, **given)],
        {"t": {"a": [1], "b": [1], "c": [1], "d": [1]}},
    ).results

    assert said in result.message


@pytest.mark.parametrize(
    ("rule", "given"),
    [("reconcile", {"columns": ["id"]}), ("reconcile_total", {"column": "id"})],
)
def test_no_two_numbers_are_less_than_nothing_apart(rule, given):
    with pytest.raises(CheckInvalid, match="'tolerance' input should be greater than or equal"):
        check(rule, to="ledger.id", tolerance=-1, **given)


def test_columns_that_the_other_does_not_have_are_named(judge):
    (result,) = judge({"id": [1], "amount": [1.0]}, [same(against=["paid"])], BOOKED).results

    assert "there is no column 'paid' in ledger" in result.message


def test_a_column_is_compared_once():
    with pytest.raises(CheckInvalid, match="names a column twice"):
        check("reconcile", columns=["id"], to="ledger.id", compare=["a", "a"])
