import pytest

from quality import CheckInvalid, Outcome, check


@pytest.mark.parametrize(
    ("rule", "given"),
    [
        ("is_null", {"column": "a"}),
        ("rows_complete", {"columns": ["a"]}),
        ("at_least_one_of", {"columns": ["a", "b"]}),
        ("required_if", {"when": "a > 1", "then": ["b"]}),
    ],
)
def test_a_rule_about_nulls_has_no_other_policy_for_them(rule, given):
    with pytest.raises(CheckInvalid, match="null_policy has no say here"):
        check(rule, **given, null_policy="fail")


def test_every_row_is_judged_by_what_is_missing_in_it(judge):
    frame = {"a": [1, None, 1, None], "b": [None, None, 1, 1], "c": [None, None, None, None]}
    checks = [
        check("rows_complete", columns=["a", "b"]),
        check("at_least_one_of", columns=["a", "b", "c"]),
        check("at_least_one_of", columns=["a", "b"], mode="exactly_one"),
        check("is_null", column="a"),
    ]

    results = judge(frame, checks).results

    assert [result.rows for result in results] == [4, 4, 4, 4]
    failed = [[each["record_no"] for each in result.examples] for result in results]
    assert failed == [[1, 2, 4], [2], [2, 3], [1, 3]]
    assert [result.message.split(": ")[1] for result in results] == [
        "(a, b) is incomplete",
        "none of (a, b, c) is filled in",
        "none of (a, b) is filled in, or more than one",
        "a is filled in",
    ]


def test_a_cell_that_could_not_be_read_is_neither_there_nor_missing(judge):
    frame = {"a": [None, None], "a__castable": [False, None], "b": [1, 1]}

    (result,) = judge(frame, [check("rows_complete", columns=["a", "b"])]).results

    assert (result.rows, result.failed) == (1, 1)


@pytest.mark.parametrize("name", ['a "b"', "a b; --", "{}", "Größe"])
def test_what_is_required_may_be_called_anything(name, judge):
    quoted = '"' + name.replace('"', '""') + '"'
    frame = {"kind": ["x", "x", "y", None], name: [1, None, None, None]}
    checks = [
        check("required_if", when="kind = 'x'", then=[name]),
        check("required_if", when=f"{quoted} IS NULL", then=["kind"], name="the other way"),
    ]

    there, other = judge(frame, checks).results

    assert (there.rows, there.failed) == (2, 1)
    assert there.message == f"1 of 2 rows (50 %): {name} is empty where kind = 'x'"
    assert (other.rows, other.failed) == (3, 1)


def test_a_condition_with_a_comment_at_its_end_is_one(judge):
    frame = {"kind": ["x"], "a": [None]}

    (result,) = judge(frame, [check("required_if", when="kind = 'x' -- why", then=["a"])]).results

    assert result.failed == 1


def test_a_condition_that_looks_elsewhere_is_refused():
    with pytest.raises(CheckInvalid, match="a query is not allowed"):
        check("required_if", when="a IN (SELECT 1)", then=["b"])


def test_two_of_three_are_compared_where_one_is_missing(judge):
    frame = {"a": [1, 1, 1, None, None], "b": [1, 2, None, None, None], "c": [2, 3, None, 1, None]}

    (result,) = judge(frame, [check("distinct_within_row", columns=["a", "b", "c"])]).results

    assert (result.rows, result.failed) == (2, 1)
    assert result.outcome is Outcome.FAILED


def test_a_column_alone_is_not_compared(judge):
    (result,) = judge({"a": [1]}, [check("distinct_within_row", columns=["a"])]).results

    assert result.message.endswith("one column alone is the same as nothing; name two or more")
