from datetime import date

import pytest

from quality import Outcome, check


def only(judge, frame, bound):
    (result,) = judge(frame, [bound]).results
    return result


@pytest.mark.parametrize("rule", ["accepted_values", "rejected_values"])
def test_a_list_may_be_long(rule, judge):
    numbers = check(rule, column="n", values=list(range(5_000)))
    texts = check(rule, column="t", values=[f"Value {n}" for n in range(5_000)])
    frame = {
        "n": [0.0, 4_999.0, 5_000.0, None],
        "t": ["Value 0", "Value 4999", "Value 5000", ""],
    }

    found = [result.failed for result in judge(frame, [numbers, texts]).results]

    assert found == ([1, 2] if rule == "accepted_values" else [2, 2])


def test_a_number_above_what_floats_can_hold_is_itself(judge):
    frame = {"n": [2**53, 2**53 + 1, 5]}

    large = only(judge, frame, check("accepted_values", column="n", values=[2**53 + 1, 5]))
    small = only(judge, frame, check("accepted_values", column="n", values=[2**53 - 1, 5]))

    assert [each["record_no"] for each in large.examples] == [1]
    assert [each["record_no"] for each in small.examples] == [1, 2]


@pytest.mark.parametrize("text", ["İstanbul", "ΟΔΟΣ", "οδος", "οδοσ", "Straße", "a.b", "\0", "a\n"])
def test_a_value_is_itself_whatever_its_case(text, judge):
    bound = check("accepted_values", column="t", values=[text], ignore_case=True)

    assert only(judge, {"t": [text, text[:-1] + "x"]}, bound).failed == 1


def test_capitals_are_ignored_alike_everywhere(judge):
    frame = {"t": ["σας", "ΣΑΣ", "σασ", "É", "é", "E\u0301", "ẞ", "i", "İ"]}
    bound = check("rejected_values", column="t", values=["Σας", "é", "ß", "I"], ignore_case=True)

    failed = [each["record_no"] for each in only(judge, frame, bound).examples]

    assert failed == [1, 2, 3, 4, 5]  # the first five; those are shown
    assert only(judge, frame, bound).failed == 7


def test_lists_too_long_to_ignore_capitals_in_are_told(judge):
    values = [f"A value with a name: {n}" for n in range(1000)]

    result = only(
        judge, {"t": ["x"]}, check("accepted_values", column="t", values=values, ignore_case=True)
    )

    assert result.outcome is Outcome.ERRORED
    assert "with ignore_case 20000 are the most" in result.message


def test_pairs_are_judged_where_both_are_there(judge):
    frame = {"a": ["x", "x", None, "y", "z"], "b": [1, 2, 1, None, 1]}
    bound = check("column_pair_in_set", left="a", right="b", pairs=[["x", 1], ["y", 2]])

    result = only(judge, frame, bound)

    assert (result.rows, result.failed) == (3, 2)
    assert result.message == "2 of 3 rows (66.7 %): (a, b) is not a pair that goes together"


def test_pairs_may_be_of_any_types_and_many(judge):
    frame = {"day": [date(2013, 1, 1), date(2013, 1, 2)], "ok": [True, True]}
    days = [[date(2013, 1, 1), True], [date(2013, 1, 2), False]]

    assert (
        only(judge, frame, check("column_pair_in_set", left="day", right="ok", pairs=days)).failed
        == 1
    )

    many = [[n, str(m)] for n in range(500) for m in range(3)]
    frame = {"n": [0, 499, 499, 500], "t": ["0", "2", "3", "0"]}
    assert (
        only(judge, frame, check("column_pair_in_set", left="n", right="t", pairs=many)).failed == 2
    )


def test_too_many_pairs_are_a_dataset(judge):
    many = [[str(n), "x"] for n in range(501)]

    result = only(
        judge,
        {"a": ["1"], "b": ["x"]},
        check("column_pair_in_set", left="a", right="b", pairs=many),
    )

    assert result.message.endswith("500 are the most; load them as a dataset and use foreign_key")
