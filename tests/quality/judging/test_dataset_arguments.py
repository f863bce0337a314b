"""What dataset rules do not take, and how they say so: when a contract is read, not at night."""

import pytest

from quality.checks import CheckInvalid, bind

COLUMNS = [("x", "double", None), ("text", "varchar", None), ("day", "date", None)]


def problem(rule, **arguments):
    with pytest.raises(CheckInvalid) as found:
        bind(COLUMNS, [{rule: arguments}], lambda path: "")
    return str(found.value)


@pytest.mark.parametrize(
    ("rule", "arguments", "said"),
    [
        ("metric_anomaly", {"metric": "mean"}, "mean is made of a column; say which"),
        ("metric_anomaly", {"metric": "row_count", "column": "x"}, "row_count is of whole rows"),
        ("metric_anomaly", {"metric": "row_count", "history": 9}, "14 is above history 9"),
        ("metric_anomaly", {"metric": "row_count", "at": "dya"}, "no column 'dya' (did you mean"),
        ("aggregate", {"column": "x", "function": "percentile", "max": 1}, "percentile needs it"),
        ("aggregate", {"column": "x", "function": "percentile", "max": 1, "q": 95}, "q: 0.95"),
        ("aggregate", {"column": "x", "function": "mean", "max": 1, "q": 0.5}, "q belongs to"),
        ("aggregate", {"column": "x", "function": "value_ratio", "max": 1}, "value_ratio needs"),
        ("not_null_proportion", {"column": "x", "min": 0.5, "max": 0.4}, "min 0.5 is above max"),
        ("distinct_values", {"column": "x"}, "give values, or min and max"),
        ("row_count", {"max_change": 0.5, "min": 3}, "min and max are a check of their own"),
        ("row_count", {"factor": 2}, "factor goes with equals"),
        ("arrival", {}, "give max_age or by"),
        ("arrival", {"by": "6 o'clock"}, "is not a time of day; write '09:00'"),
        ("arrival", {"by": True}, "True is not a time of day; write '09:00'"),
        ("arrival", {"by": "06:00+02:00"}, "'06:00+02:00' is not a time of day; write '09:00'"),
        ("arrival", {"max_age": "99999999999 days"}, "is not a length of time"),
        ("row_count", {"max_change": float("inf")}, "'max_change' inf is no number to reckon with"),
        ("row_count", {"equals": "o", "factor": float("inf")}, "inf is no number to reckon with"),
        ("range", {"column": "x", "min": "2013-02-01", "max": 5}, "are of two kinds"),
        (
            "range",
            {"column": "day", "min": "2013-02-01T00:00", "max": "2013-01-31"},
            "min 2013-02-01 00:00:00 is above max 2013-01-31",
        ),
        ("arrival", {"by": "06:00", "zone": "Berlin"}, "'Berlin' is no time zone"),
        ("arrival", {"max_age": "1 day", "days": ["mon"]}, "days and zone go with by"),
        ("no_time_gaps", {"column": "day", "every": "0 days"}, "is no time; write '1 hour'"),
        ("file_integrity", {"encoding": "utf-9"}, "'utf-9' is no encoding"),
        ("file_integrity", {"min_size": 9, "max_size": 8}, "min_size 9 is above max_size 8"),
        ("distribution", {"column": "text", "test": "ks"}, "ks is for numbers"),
        ("distribution", {"column": "day"}, "neither numbers nor texts"),
        ("distribution", {"column": "text", "shares": {"a": 0.5, "b": 0.6}}, "add up to 1.1"),
    ],
)
def test_what_makes_no_sense_is_told_when_the_contract_is_read(rule, arguments, said):
    assert said in problem(rule, **arguments)
