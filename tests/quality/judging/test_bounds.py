from datetime import date, datetime

import polars as pl
import pytest

from quality import CheckInvalid, Outcome, check

INF, NAN = float("inf"), float("nan")


def failing(judge, frame, *checks):
    """The records that fail each check; that all could run is asked too."""
    results = [result for each in checks for result in judge(frame, [each]).results]
    assert not [each.message for each in results if each.outcome is Outcome.ERRORED]
    return [[each["record_no"] for each in result.examples] for result in results]


def test_a_bound_may_stand_in_each_row(judge):
    frame = {"paid": [5, 6, 5, None, 7], "total": [5, 5, None, 5, 9], "{}": [0, 0, 0, 0, 8]}
    bound = check("range", column="paid", min={"column": "{}"}, max={"column": "total"})

    (result,) = judge(frame, [bound]).results

    assert result.check == "range(paid, {}, total)"
    assert [each["record_no"] for each in result.examples] == [2, 5]
    assert result.message == "2 of 3 rows (66.7 %): paid is not between {} and total"
    assert result.rows == 3


@pytest.mark.parametrize(
    ("given", "bad", "fault"),
    [
        ({"min": 1, "max": 3}, [0, 4], "n is not between 1 and 3"),
        (
            {"min": 1, "max": 3, "inclusive": "neither"},
            [0, 1, 3, 4],
            "n is not more than 1 and less than 3",
        ),
        (
            {"min": 1, "max": 3, "inclusive": "min"},
            [0, 3, 4],
            "n is not at least 1 and less than 3",
        ),
        ({"min": 1, "max": 3, "inclusive": "max"}, [0, 1, 4], "n is not more than 1 and at most 3"),
        ({"min": 1, "max": 3, "mode": "outside"}, [1, 2, 3], "n is between 1 and 3"),
        (
            {"min": 1, "max": 3, "mode": "outside", "inclusive": "neither"},
            [2],
            "n is more than 1 and less than 3",
        ),
        ({"max": 3, "inclusive": "neither"}, [3, 4], "n is not less than 3"),
        ({"max": 3, "inclusive": "max"}, [4], "n is not at most 3"),
        ({"min": 3, "max": 3}, [0, 1, 2, 4], "n is not exactly 3"),
    ],
)
def test_bounds_are_within_or_not_and_said_so(given, bad, fault, judge):
    frame = {"n": [0, 1, 2, 3, 4, None]}

    (result,) = judge(frame, [check("range", column="n", **given)]).results

    assert [int(each["value"]) for each in result.examples] == bad
    assert result.message.endswith(f": {fault}")
    assert result.rows == 5


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "give min, max or both"),
        ({"min": 3, "mode": "outside"}, "outside needs min and max; write max too"),
        ({"min": 3, "max": 3, "inclusive": "min"}, "between 3 and 3 there is nothing"),
        ({"min": 3, "max": 1}, "min 3 is above max 1, so no value could be good"),
    ],
)
def test_bounds_that_make_no_range_are_told(given, words, judge):
    (result,) = judge({"n": [1]}, [check("range", column="n", **given)]).results

    assert result.message.startswith(f"could not run: {words}")


@pytest.mark.parametrize(
    ("rule", "given", "words"),
    [
        (
            "range",
            {"min": "soon"},
            "range: 'min' 'soon' is neither a number nor a date; "
            "write 5, 2013-02-07 or 2013-02-07T18:00",
        ),
        (
            "compare_columns",
            {"tolerance": "2 dais"},
            "compare_columns: 'tolerance' '2 dais' is not a length of time; "
            "write '36 hours', '7 days' or P7D",
        ),
        (
            "compare_columns",
            {"tolerance": -1},
            "compare_columns: 'tolerance' input should be greater than or equal to 0, and is -1",
        ),
    ],
)
def test_what_cannot_be_a_bound_is_told_once(rule, given, words):
    others = {"range": {"column": "n"}, "compare_columns": {"left": "n", "op": "<", "right": "m"}}

    with pytest.raises(CheckInvalid) as invalid:
        check(rule, **others[rule], **given)

    assert invalid.value.problems == (words,)


def test_a_tolerance_is_on_the_side_of_what_would_fail(judge):
    frame = {"a": [1.0, 1.0, 1.0, 1.0, 1.0, None], "b": [0.8, 0.9, 1.0, 1.1, 1.2, 1.0]}
    ops = ["<", "<=", "==", "!=", ">=", ">"]
    checks = [check("compare_columns", left="a", op=op, right="b", tolerance=0.1) for op in ops]

    assert failing(judge, frame, *checks) == [[1], [1], [1, 5], [2, 3, 4], [5], [5]]


def test_times_and_days_may_miss_each_other_by_hours(judge):
    zoned = pl.Series([datetime(2013, 2, 8, 1), datetime(2013, 2, 8, 3)]).dt.replace_time_zone(
        "UTC"
    )
    frame = {
        "day": [date(2013, 2, 7), date(2013, 2, 7)],
        "time": [datetime(2013, 2, 8, 1), datetime(2013, 2, 8, 3)],
        "due": [datetime(2013, 2, 8, 0), datetime(2013, 2, 8, 0)],
        "zoned": zoned,
        "late": zoned.dt.offset_by("-3h"),
    }
    given = {"op": "<=", "tolerance": "26 hours"}
    checks = [
        check("compare_columns", left="time", right="day", **given),
        check("compare_columns", left="time", op="==", right="day", tolerance="25 hours"),
        check("compare_columns", left="day", op="!=", right="time", tolerance="25 hours"),
        check("compare_columns", left="time", op="<", right="due", tolerance="2 hours"),
        check("compare_columns", left="zoned", op="<=", right="late", tolerance="2 hours"),
        check("compare_columns", left="day", op=">=", right="day", tolerance="1 hour"),
    ]

    assert failing(judge, frame, *checks) == [[2], [2], [1], [2], [1, 2], []]


def test_what_is_no_number_is_near_to_itself_alone(judge):
    frame = {
        "a": [INF, INF, NAN, NAN, -INF, 1e308],
        "b": [INF, 1.0, NAN, 1.0, INF, -1e308],
    }
    same = check("compare_columns", left="a", op="==", right="b", tolerance=5)

    assert failing(judge, frame, same) == [[2, 4, 5, 6]]


def test_a_sum_is_made_without_running_over(judge):
    most = 2**31 - 1
    frame = {
        "a": pl.Series([most, most, 1, None], dtype=pl.Int32),
        "b": pl.Series([most, most, 1, 1], dtype=pl.Int32),
        "total": [2 * most, 0, 2, 1],
    }

    (result,) = judge(
        frame, [check("columns_sum_equal", columns=["a", "b"], total={"column": "total"})]
    ).results

    assert (result.rows, result.failed) == (3, 1)
    assert result.message == "1 of 3 rows (33.3 %): the sum of a, b is not total"


def test_a_sum_of_decimals_and_whole_numbers_is_one(judge):
    frame = {
        "a": pl.Series(["0.10", "0.10"]).cast(pl.Decimal(10, 2)),
        "b": [1, 2],
        "c": pl.Series([0.2, 0.2], dtype=pl.Float32),
    }

    bound = check("columns_sum_equal", columns=["a", "b", "c"], total=1.3)

    assert failing(judge, frame, bound) == [[2]]


def test_infinity_adds_up_to_infinity_and_nothing_else_does(judge):
    frame = {"a": [INF, INF, NAN, 1.0], "b": [1.0, -INF, 1.0, 1.0], "t": [INF, 0.0, 2.0, 2.0]}

    bound = check("columns_sum_equal", columns=["a", "b"], total={"column": "t"})

    assert failing(judge, frame, bound) == [[2, 3]]
