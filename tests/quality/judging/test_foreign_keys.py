"""Keys that another dataset has, or may still have: with nulls in them, and with time to come."""

from datetime import UTC, datetime, timedelta

import pytest

from quality import Outcome, check
from quality.checks import CheckInvalid
from quality.context import Context, File
from quality.scoring import Policy, score_all

SEEN = datetime(2013, 2, 7, 2, tzinfo=UTC)
FILE = File("orders.csv", made_at=SEEN, seen_at=SEEN)
ORDERS = {"customer": ["a", "b", "b", None]}
CUSTOMERS = {"customers": {"code": ["a"]}}


def after(days: float) -> Context:
    return Context(file=FILE, now=SEEN + timedelta(days=days))


def late(**said):
    return check("foreign_key", columns=["customer"], to="customers.code", grace="3 days", **said)


def test_what_may_still_come_only_warns_and_says_until_when(judge):
    (result,) = judge(ORDERS, [late()], CUSTOMERS, after(2.9)).results

    assert result.outcome is Outcome.WARNED
    assert (result.rows, result.failed) == (3, 2)
    assert result.waits_until == SEEN + timedelta(days=3)
    assert result.message == (
        "2 of 3 rows (66.7 %): customer is not found in customers.code; 1 key unknown; "
        "waiting until 2013-02-10 02:00 UTC"
    )


def test_when_the_grace_is_over_it_is_a_failure_like_any_other(judge):
    (result,) = judge(ORDERS, [late()], CUSTOMERS, after(3)).results

    assert result.outcome is Outcome.FAILED
    assert result.waits_until is None
    assert "waiting" not in result.message


def test_a_file_that_nothing_is_known_of_was_seen_now(judge):
    (result,) = judge(ORDERS, [late()], CUSTOMERS).results

    assert result.outcome is Outcome.WARNED


@pytest.mark.parametrize("said", [{}, {"severity": "warning"}, {"on_fail": "keep"}])
def test_a_record_that_waits_is_kept_out_and_is_not_unusable(judge, said):
    found = judge(ORDERS, [late(**said)], CUSTOMERS, after(1))

    assert (found.quarantined, found.bad, found.unwaived_bad) == (2, 0, 0)


def test_a_file_of_which_all_waits_is_amber_and_never_red(judge):
    found = judge({"customer": ["b", "c"]}, [late()], CUSTOMERS, after(1))

    assert score_all(found.results, found, 0, Policy()).value == 0.8


def test_one_record_of_many_that_waits_costs_what_it_is(judge):
    found = judge({"customer": ["b"] + ["a"] * 99}, [late()], CUSTOMERS, after(1))

    assert score_all(found.results, found, 0, Policy()).value == 0.99


def test_nothing_waits_for_a_dataset_of_which_nothing_came(judge):
    (result,) = judge(ORDERS, [late()], {}, after(1)).results

    assert result.outcome is Outcome.NOT_EVALUATED


def test_a_null_is_a_key_where_nulls_are(judge):
    null_safe = check("foreign_key", columns=["customer"], to="customers.code", null_safe=True)

    (there,) = judge(ORDERS, [null_safe], {"customers": {"code": ["a", "b", None]}}).results
    (not_there,) = judge(ORDERS, [null_safe], {"customers": {"code": ["a", "b"]}}).results

    assert (there.rows, there.failed) == (4, 0)
    assert (not_there.rows, not_there.failed) == (4, 1)


def test_a_null_is_not_what_it_is_filled_with(judge):
    null_safe = check("foreign_key", columns=["a", "b"], to="t.[a, b]", null_safe=True)
    rows = {"a": [0, None, 0, None], "b": ["", "", None, None]}

    for n in range(4):
        others = {name: values[:n] + values[n + 1 :] for name, values in rows.items()}
        (result,) = judge(rows, [null_safe], {"t": others}).results
        assert (result.rows, result.failed) == (4, 1)


def test_which_rows_of_the_other_count_is_said_in_its_own_columns(judge):
    active = check(
        "foreign_key", columns=["customer"], to="customers.code", ref_where="closed IS NULL"
    )
    customers = {"customers": {"code": ["a", "b"], "closed": [None, 2012]}}

    (result,) = judge(ORDERS, [active], customers).results
    (missing,) = judge(ORDERS, [active], CUSTOMERS).results

    assert result.failed == 2
    assert result.expected == "found in customers.code where closed IS NULL"
    assert missing.outcome is Outcome.ERRORED
    assert "there is no column 'closed' in customers" in missing.message


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ("code IN (SELECT 1)", "a query is not allowed"),
        ("read_text('/etc/passwd') <> ''", "read_text() does not depend on the row alone"),
        ("true; DROP TABLE t", "not an SQL expression"),
    ],
)
def test_a_condition_on_the_other_is_as_harmless_as_any(condition, said):
    with pytest.raises(CheckInvalid) as refused:
        check("foreign_key", columns=["a"], to="t.a", ref_where=condition)

    assert said in str(refused.value)


def test_a_key_that_may_be_referred_to_once_is_counted_with_the_unknown(judge):
    once = check("foreign_key", columns=["customer"], to="customers.code", cardinality="one_to_one")
    orders = {"customer": ["a", "a", "b", "c", None]}

    (result,) = judge(orders, [once], {"customers": {"code": ["a", "b"]}}).results

    assert (result.rows, result.failed, result.keys) == (4, 3, 2)
    assert "2 keys unknown or referred to twice" in result.message


def test_what_is_referred_to_twice_cannot_be_waited_for(judge):
    (result,) = judge(ORDERS, [late(cardinality="one_to_one")], CUSTOMERS, after(1)).results

    assert result.outcome is Outcome.ERRORED
    assert "a key that is referred to twice will not come later" in result.message
