from datetime import date, timedelta

import pytest

from quality import CheckInvalid, Dimension, Severity, bind, check, fingerprint, references
from quality.arguments import Keys

COLUMNS = [("year", "integer"), ("tailnum", "varchar"), ("seen", "timestamptz")]


def line(path):
    """Where a path is written: some line that the path decides."""
    numbers = [step for step in path if isinstance(step, int)]
    return f"contracts/orders.yaml:{10 + sum(numbers)}"


def bound(checks=(), **below):
    """Checks of a contract with the columns above."""
    columns = [(name, kind, below.get(name)) for name, kind in COLUMNS]
    return bind(columns, list(checks), line)


def problems(*checks, **below):
    with pytest.raises(CheckInvalid) as invalid:
        bound(checks, **below)
    return list(invalid.value.problems)


def test_types_are_checked_without_asking():
    assert [each.key for each in bound()] == ["type(year)", "type(seen)"]
    assert bound()[0].expected == "readable as integer"


def test_a_type_may_matter_less():
    seen, year = bound(year=[{"type": {"severity": "warning"}}])

    assert (seen.key, seen.severity) == ("type(seen)", Severity.ERROR)
    assert (year.key, year.severity) == ("type(year)", Severity.WARNING)
    assert year.expected == "readable as integer"


def test_a_column_fills_itself_in():
    checks = bound(
        tailnum=["not_null", "unique", {"foreign_key": {"to": "planes.tailnum"}}],
        year=[{"range": {"min": 1903}}, {"compare_columns": {"op": "<", "right": "year"}}],
    )
    by_key = {each.key: each for each in checks}

    assert by_key["not_null(tailnum)"].arguments == {"column": "tailnum"}
    assert by_key["unique(tailnum)"].arguments == {"columns": ["tailnum"], "within": "file"}
    assert by_key["foreign_key(tailnum)"].reference == Keys(dataset="planes", columns=["tailnum"])
    assert by_key["compare_columns(year)"].arguments["left"] == "year"
    assert by_key["range(year)"].place == "contracts/orders.yaml:10"


def test_settings_default_to_those_of_rule_and_severity():
    plain = check("range", column="a", min=0)
    critical = check("range", column="a", min=0, severity="critical")
    warning = check("range", column="a", min=0, severity="warning", dimension="accuracy")
    info = check("range", column="a", min=0, severity="info", weight=2.5)

    assert (plain.severity, plain.dimension) == (Severity.ERROR, Dimension.VALIDITY)
    assert (plain.warn_above, plain.fail_above, plain.weight) == (0, 0.05, 3)
    assert (critical.warn_above, critical.fail_above, critical.weight) == (0, 0, 5)
    assert (warning.fail_above, warning.weight) == (None, 1)
    assert warning.dimension is Dimension.ACCURACY
    assert (info.fail_above, info.weight) == (None, 2.5)


@pytest.mark.parametrize(
    ("written", "limit"),
    [(0.01, 0.01), ("1%", 0.01), ("0.5 %", 0.005), ("100%", 1.0), (1, 1), (20, 20), (0, 0)],
)
def test_a_share_and_a_number_of_rows_cannot_be_mistaken(written, limit):
    told = check("not_null", column="a", fail_above=written).fail_above

    assert (told, type(told)) == (limit, type(limit))


@pytest.mark.parametrize("written", [1.0, 1.5, -1, -0.1, "5", "101%", True, float("nan")])
def test_a_limit_that_could_mean_two_things_is_refused(written):
    with pytest.raises(CheckInvalid, match=r"write 0\.05 or 5% for a share of the rows"):
        check("not_null", column="a", fail_above=written)


def test_arguments_are_read_as_people_write_them():
    assert check("range", column="a", min="2013-02-07").arguments["min"] == date(2013, 2, 7)
    assert check("freshness", column="a", max_age="36 hours").arguments["max_age"] == timedelta(
        hours=36
    )
    assert check("freshness", column="a", max_age="P2D").arguments["max_age"] == timedelta(days=2)
    assert check("foreign_key", columns=["a", "b"], to="routes.[x, y]").reference == Keys(
        dataset="routes", columns=["x", "y"]
    )


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (("range", {"column": "a", "min": 1, "max": 2400}), "a is between 1 and 2400"),
        (("range", {"column": "a", "min": 0.5}), "a is at least 0.5"),
        (("length", {"column": "a", "min": 2, "max": 2}), "a is exactly 2 characters long"),
        (("length", {"column": "a", "min": 0, "max": 1}), "a is between 0 and 1 character long"),
        (("length", {"column": "a", "min": 1}), "a is at least 1 character long"),
        (("compare_columns", {"left": "a", "op": "!=", "right": "b"}), "a is different from b"),
        (("compare_columns", {"left": "a", "op": ">=", "right": "b"}), "a is at least b"),
        (("not_in_future", {"column": "a"}), "a is no later than now"),
        (
            ("not_in_future", {"column": "a", "tolerance": "2 hours", "as_of": "2013-02-08T12:00"}),
            "a is no later than 2 hours after 2013-02-08 12:00:00",
        ),
        (("unique", {"columns": ["a", "b"]}), "(a, b) is unique"),
        (("foreign_key", {"columns": ["a"], "to": "planes.id"}), "a is found in planes.id"),
        (("row_count", {"max": 1}), "the number of rows is exactly 1"),
        (
            ("freshness", {"column": "a", "max_age": "P2D"}),
            "the age of the newest a is at most 2 days",
        ),
        (("row_count", {"min": 700, "max": 1100}), "the number of rows is between 700 and 1 100"),
        (("aggregate", {"column": "a", "function": "null_ratio", "max": 0.1}), "a is at most 10 %"),
        (
            ("aggregate", {"column": "a", "function": "distinct_ratio", "min": 0.9995}),
            "a is at least 99.95 %",
        ),
        (
            ("aggregate", {"column": "a", "function": "sum", "min": 0, "max": 1234567.5}),
            "a is between 0 and 1 234 567.5",
        ),
        (("expression", {"sql": "a > b"}), "expression(a, b) is true"),
        (("expression", {"sql": "a > b", "name": "a leads"}), "a leads is true"),
        (("matches", {"column": "a", "pattern": "{x}"}), "a is in the form {x}"),
        (
            ("accepted_values", {"column": "a", "values": [*range(13)]}),
            "a is one of 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, … (13 in all)",
        ),
    ],
)
def test_a_check_is_a_sentence(call, sentence):
    rule, arguments = call
    bound = check(rule, **arguments)

    assert f"{bound.subject} is {bound.expected}" == sentence


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (("range", {"column": "a", "min": 1, "max": 2400}), "a is not between 1 and 2400"),
        (("not_null", {"column": "a"}), "a is empty"),
        (("not_missing", {"column": "a"}), "a is not filled in"),
        (("type", {"column": "a", "dtype": "integer"}), "a is not readable as integer"),
        (("compare_columns", {"left": "a", "op": "<", "right": "b"}), "a is not less than b"),
        (("compare_columns", {"left": "a", "op": "==", "right": "b"}), "a is not the same as b"),
        (("not_in_future", {"column": "a"}), "a is later than now"),
        (
            ("not_in_future", {"column": "a", "tolerance": "1 day"}),
            "a is later than 1 day after now",
        ),
        (("primary_key", {"columns": ["a"]}), "a is not unique and present"),
        (("expression", {"sql": "a > b", "name": "a leads"}), "a leads is not true: a > b"),
    ],
)
def test_what_is_wrong_is_a_sentence_too(call, sentence):
    rule, arguments = call

    assert check(rule, **arguments).fault == sentence


def test_keys_differ_also_where_capitals_do_not_count():
    checks = bound(
        [
            {"expression": {"sql": "year > 1"}},
            {"expression": {"sql": "year > 2"}},
            {"expression": {"sql": "year > 3"}},
            {"expression": {"sql": "year > 4", "name": "old"}},
        ]
    )

    assert [each.key for each in checks[2:]] == [
        "expression(year)",
        "expression(year)#2",
        "expression(year)#3",
        "old",
    ]
    twice = {"expression": {"sql": "year > 4", "name": "OLD"}}
    assert problems({"expression": {"sql": "year > 4", "name": "old"}}, twice) == [
        "contracts/orders.yaml:11 checks[1] expression: another check is called 'OLD'; "
        "choose another name"
    ]


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        (
            {"range": {"column": "year", "mn": 1}},
            "range: 'mn' is not a parameter; range takes column, min, max, inclusive, "
            "mode (did you mean 'min'?)",
        ),
        (
            {"accepted_values": {"column": "year"}},
            "accepted_values: 'values' is missing; "
            "accepted_values takes column, values, ignore_case",
        ),
        (
            {"range": {"column": "yaer", "min": 1}},
            "range: there is no column 'yaer' (did you mean 'year'?)",
        ),
        (
            {"range": {"column": "year", "min": "many"}},
            "range: 'min' 'many' is neither a number nor a date; "
            "write 5, 2013-02-07 or 2013-02-07T18:00",
        ),
        ({"range": {"column": "year"}}, "range: give min, max or both"),
        (
            {"range": {"column": "year", "min": 3, "max": 1}},
            "range: min 3 is above max 1, so no value could be good",
        ),
        (
            {"not_null": {"column": "year", "severity": "fatal"}},
            "not_null: 'severity' 'fatal' is not a severity; "
            "there are critical, error, warning, info",
        ),
        (
            {"not_null": {"column": "year", "dimension": "beauty"}},
            "not_null: 'dimension' 'beauty' is not a dimension; there are completeness, validity, "
            "uniqueness, consistency, timeliness, accuracy, volume",
        ),
        (
            {"not_null": {"column": "year", "severity": "warning", "fail_above": 5}},
            "not_null: a check of severity warning never fails, so fail_above says nothing; "
            "leave it out, or use severity: error",
        ),
        (
            {"not_null": {"column": "year", "warn_above": "10%"}},
            "not_null: warn_above (10 %) is above fail_above (5 %); set both",
        ),
        (
            {"row_count": {"fail_above": 3}},
            "row_count: fail_above says nothing of a single value; set the bounds instead",
        ),
        (
            {"freshness": {"column": "seen", "max_age": "soon"}},
            "freshness: 'max_age' 'soon' is not a length of time; "
            "write '36 hours', '7 days' or P7D",
        ),
        (
            {"foreign_key": {"columns": ["year"], "to": "planes"}},
            "foreign_key: 'to' 'planes' names no column of a dataset; write planes.tailnum",
        ),
        (
            {"foreign_key": {"columns": ["year", "seen"], "to": "planes.year"}},
            "foreign_key: 2 columns cannot refer to 1 of planes",
        ),
        ({"unique": {"columns": ["year", "year"]}}, "unique: 'columns' names a column twice"),
        (
            {"unique": {"columns": "year"}},
            "unique: 'columns' input should be a valid list, and is 'year'",
        ),
        ({"range": [1, 2]}, "range: takes its arguments by name; write {range: {argument: value}}"),
        (
            {"range": {"column": "year"}, "severity": "info"},
            "one check names one rule; write {range: {…}}, with severity inside the braces",
        ),
        (7, "is not a check; write a rule, or {rule: {argument: value}}"),
        (
            {"matches": {"column": "tailnum", "pattern": "a)|(b"}},
            "matches: 'pattern' 'a)|(b' is not a regular expression: "
            "Invalid Input Error: unexpected ): a)|(b",
        ),
    ],
)
def test_what_is_wrong_is_told_with_what_to_write_instead(written, problem):
    (told,) = problems(written)

    assert told.removeprefix("contracts/orders.yaml:10 checks[0]").lstrip(": ") == problem


def test_a_rule_that_does_not_exist_is_guessed():
    (told,) = problems("uniq")

    assert told.startswith(
        "contracts/orders.yaml:10 checks[0] uniq: no rule is called 'uniq' "
        "(did you mean 'unique'?); there are accepted_values, aggregate, "
    )


def test_problems_of_a_column_say_where_they_stand():
    assert problems(tailnum=["not_null", {"range": {"mn": 1}}, "row_count"]) == [
        "contracts/orders.yaml:12 columns[1].checks[1] range: 'mn' is not a parameter; "
        "range takes min, max, inclusive, mode (did you mean 'min'?)",
        "contracts/orders.yaml:13 columns[1].checks[2] row_count: is about the whole dataset; "
        "move it to the checks of the contract",
    ]
    assert problems(tailnum=[{"not_null": {"column": "year"}}]) == [
        "contracts/orders.yaml:11 columns[1].checks[0] not_null: stands below 'tailnum', "
        "its column; leave column out"
    ]
    assert problems(tailnum="not_null") == [
        "contracts/orders.yaml:11 columns[1].checks: is not a list of checks; write [not_null]"
    ]


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ({"matches": {"column": "year", "pattern": "[0-9]"}}, "No function matches"),
        ({"range": {"column": "tailnum", "min": 1}}, "Cannot compare values of type VARCHAR"),
        ({"expression": {"sql": "year + 1"}}, "gives Int32, and not true or false"),
    ],
)
def test_an_empty_table_tells_what_only_duckdb_knows(written, words):
    (told,) = problems(written)

    assert words in told


def test_all_problems_are_told_at_once():
    assert len(problems("uniq", {"range": {"column": "year"}}, "row_count", 7)) == 3


def test_references_are_what_must_be_loaded_first():
    checks = bound([{"foreign_key": {"columns": ["tailnum"], "to": "planes.tailnum"}}])

    assert references(checks) == {"planes"}
    assert references(bound()) == set()


def test_the_fingerprint_changes_with_what_counts_and_with_nothing_else():
    first = bound([{"range": {"column": "year", "min": date(2013, 1, 1).year}}])
    again = bound([{"range": {"min": 2013, "column": "year", "description": "why"}}])
    other = bound([{"range": {"column": "year", "min": 2012}}])

    assert fingerprint(first) == fingerprint(again) != fingerprint(other)
    assert len(fingerprint(first)) == 64
