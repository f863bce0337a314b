"""What any check may say: which rows it is about, what a null is, what becomes of what fails."""

from dataclasses import replace

import pytest

from quality import CheckInvalid, Outcome, bind, check, score
from quality.scoring import Policy, score_all

ORDERS = {
    "id": [1, 2, 3, 4],
    "country": ["DE", "FR", "DE", None],
    "amount": [-1, -1, 5, None],
    "paid": [True, False, True, None],
}


def at(path):
    return f"orders.yaml:{len(path)}"


def test_where_says_which_rows_a_row_check_is_about(judge):
    (found,) = judge(ORDERS, [check("range", column="amount", min=0, where="paid")]).results

    assert (found.rows, found.failed) == (2, 1)


def test_where_says_which_rows_a_key_check_is_about(judge):
    twice = check("unique", columns=["amount"], where="country = 'DE'")
    (found,) = judge(ORDERS, [twice]).results
    assert (found.rows, found.failed) == (2, 0)

    everywhere = check("unique", columns=["amount"])
    (found,) = judge(ORDERS, [everywhere]).results
    assert (found.rows, found.failed, found.keys, found.surplus) == (3, 2, 1, 1)


def test_only_the_rows_that_are_meant_are_surplus(judge):
    orders = {"key": [7, 7, 7, 7, 8], "kind": ["a", "a", "b", "b", "b"]}
    (found,) = judge(orders, [check("unique", columns=["key"], where="kind = 'a'")]).results

    assert (found.rows, found.failed, found.keys, found.surplus) == (2, 2, 1, 1)


def test_where_says_which_rows_are_counted(judge):
    (found,) = judge(ORDERS, [check("row_count", max=1, where="country = 'DE'")]).results

    assert (found.value, found.outcome) == (2, Outcome.FAILED)


def test_a_row_that_where_does_not_know_is_not_meant(judge):
    (found,) = judge(ORDERS, [check("not_null", column="id", where="amount > 0")]).results

    assert found.rows == 1


@pytest.mark.parametrize(
    ("rule", "arguments"),
    [
        ("range", {"column": "amount", "min": 0}),
        ("unique", {"columns": ["amount"]}),
        ("expression", {"sql": "amount > -2"}),
    ],
)
def test_a_null_fails_where_the_policy_says_so(judge, rule, arguments):
    checks = [
        check(rule, name="ignored", **arguments),
        check(rule, name="failed", null_policy="fail", **arguments),
    ]
    ignored, failed = judge(ORDERS, checks).results

    assert (ignored.rows, failed.rows) == (3, 4)
    assert failed.failed == ignored.failed + 1


def test_what_is_kept_is_not_quarantined_and_yet_not_clean(judge):
    found = judge(ORDERS, [check("range", column="amount", min=0, on_fail="keep")])

    assert (found.rows, found.bad, found.quarantined, found.kept_bad) == (4, 2, 0, 2)
    assert not found.results[0].quarantines


def test_a_warning_can_quarantine(judge):
    gentle = check("range", column="amount", min=0, severity="warning", on_fail="quarantine")
    found = judge(ORDERS, [gentle])

    assert (found.bad, found.quarantined) == (0, 2)


@pytest.mark.parametrize("on_fail", ["hold", "reject_file"])
def test_what_never_fails_has_no_consequence_for_the_file(on_fail):
    with pytest.raises(CheckInvalid, match=f"on_fail: {on_fail} says nothing; use severity: error"):
        check("not_null", column="a", severity="warning", on_fail=on_fail)


def test_what_is_left_after_quarantine_is_counted(judge):
    checks = [
        check("range", column="amount", min=0),
        check("not_null", column="country", severity="warning"),
        check("accepted_values", column="country", values=["FR"], severity="warning"),
    ]
    found = judge(ORDERS, checks)
    amount, country, french = found.results

    assert (amount.published_rows, amount.published_failed) == (1, 0)
    assert amount.published_outcome is Outcome.PASSED
    assert (country.published_rows, country.published_failed) == (2, 1)
    assert (french.published_rows, french.published_failed) == (1, 1)

    scored = score_all(found.results, found, 0, Policy())
    assert scored.published == 0.7  # (3 + 1/2 + 0) of 3 + 1 + 1
    assert scored.value == 0.416  # (3/3 + 3/4 + 1/3) of 3 + 1 + 1


def test_how_many_records_each_check_alone_costs_is_counted(judge):
    checks = [
        check("range", column="amount", min=0),
        check("accepted_values", column="country", values=["FR"]),
        check("not_null", column="paid", severity="warning"),
    ]
    amount, country, paid = judge(ORDERS, checks).results

    assert (amount.sole, country.sole, paid.sole) == (1, 1, 0)


def test_a_waiver_takes_the_consequence_and_keeps_the_finding(judge):
    strict = check("range", column="amount", min=0)
    found = judge(ORDERS, [replace(strict, waived=True), check("not_null", column="id")])
    waived, _ = found.results

    assert (waived.outcome, waived.unwaived, waived.failed) == (Outcome.WAIVED, Outcome.FAILED, 2)
    assert (found.bad, found.quarantined, found.unwaived_bad) == (0, 0, 2)
    scored = score_all(found.results, found, 0, Policy())
    assert (scored.value, scored.unwaived) == (1.0, 0.5)
    alone = judge(ORDERS, [strict, check("not_null", column="id")])
    assert score(alone.results, received=4, clean=2).value == scored.unwaived


def test_a_message_is_said_instead_of_the_rules_own(judge):
    said = "{failed} of {rows} orders ({share}) cost less than nothing; ask the shop"
    (found,) = judge(ORDERS, [check("range", column="amount", min=0, message=said)]).results

    assert found.message == "2 of 3 orders (66.7 %) cost less than nothing; ask the shop"


@pytest.mark.parametrize("message", ["{who} is late", "{failed:d}", "{failed", "{value.real}"])
def test_a_message_knows_its_words(message):
    with pytest.raises(CheckInvalid, match="'message'"):
        check("not_null", column="a", message=message)


@pytest.mark.parametrize(
    ("selector", "columns"),
    [
        (["id", "amount"], ["id", "amount"]),
        ({"matching": ".*a.*"}, ["amount", "paid"]),
        ({"type": "number"}, ["id", "amount"]),
        ({"type": "decimal"}, ["amount"]),
    ],
)
def test_one_check_is_for_many_columns(selector, columns):
    types = [("id", "bigint", None), ("amount", "decimal(9,2)", None), ("paid", "boolean", None)]
    bound = bind(types, [{"not_null": {"each_column": selector, "severity": "critical"}}], at)

    keys = [each.key for each in bound if each.rule.name == "not_null"]
    assert keys == [f"not_null({name})" for name in columns]


@pytest.mark.parametrize(
    ("selector", "told"),
    [
        (["idd"], r"'each_column' there is no column 'idd' \(did you mean 'id'\?\)"),
        ({"matching": "x"}, "'each_column' no column is meant by"),
        ({"matching": "("}, "'each_column' '\\(' is not a regular expression"),
        ({"type": "date"}, "no column is meant by"),
        ("id", "selects no columns"),
    ],
)
def test_a_selector_that_means_nothing_is_told(selector, told):
    with pytest.raises(CheckInvalid, match=told):
        bind([("id", "bigint", None)], [{"not_null": {"each_column": selector}}], at)


def test_a_selector_below_a_column_is_told():
    with pytest.raises(CheckInvalid, match="'each_column' is for the checks of the contract"):
        bind([("id", "bigint", [{"not_null": {"each_column": ["id"]}}])], None, at)


def test_a_where_is_read_before_any_data():
    with pytest.raises(CheckInvalid, match=r"there is no column 'payd' \(did you mean 'paid'\?\)"):
        bind([("paid", "boolean", [{"not_null": {"where": "payd"}}])], None, at)
    with pytest.raises(CheckInvalid, match="a query is not allowed"):
        check("not_null", column="a", where="a IN (SELECT 1)")
