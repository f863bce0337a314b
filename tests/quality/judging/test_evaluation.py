import duckdb
import narwhals as nw
import polars as pl
import pytest

import quality.rule
from quality import RULES, Outcome, check
from quality.evaluation import evaluate
from quality.frames import RECORD_NO, into_tables


def failed(evaluation, key):
    """The numbers of the records that failed a check."""
    failing = evaluation.failures.filter(nw.col(key)).select(RECORD_NO).collect("polars")
    return sorted(failing[RECORD_NO].to_list())


def test_rows_are_good_or_bad_or_not_judged(judge):
    evaluation = judge({"age": [7, -1, None, 200]}, [check("range", column="age", min=0, max=120)])

    (result,) = evaluation.results
    assert (result.rows, result.failed, result.outcome) == (3, 2, Outcome.FAILED)
    assert result.message == "2 of 3 rows (66.7 %): age is not between 0 and 120"
    assert failed(evaluation, "range(age)") == [2, 4]
    assert (evaluation.rows, evaluation.bad) == (4, 2)
    assert result.examples == ({"record_no": 2, "value": "-1"}, {"record_no": 4, "value": "200"})


def test_a_result_says_why_its_check_is_there(judge):
    why = "An age is what the fare depends on"
    checks = [
        check("not_null", column="age", description=why),
        check("row_count", min=9, description=why),
        check("foreign_key", columns=["age"], to="fares.age", description=why),
        check("unique", columns=["age"]),
    ]

    results = judge({"age": [7]}, checks).results

    assert [result.description for result in results] == [why, why, why, None]


def test_a_cell_that_could_not_be_read_is_told_once_and_hides_no_other_column(judge):
    frame = {
        "age": [None, 7, None],
        "age__castable": [False, True, None],
        "city": ["", "Nantes", "Brest"],
    }
    checks = [
        check("type", column="age", dtype="integer"),
        check("not_null", column="age"),
        check("expression", sql="age IS NOT NULL"),
        check("primary_key", columns=["age"]),
        check("not_missing", column="city"),
    ]

    evaluation = judge(frame, checks)

    by_key = {result.check: result for result in evaluation.results}
    assert failed(evaluation, "type(age)") == [1]
    assert by_key["type(age)"].rows == 2
    for key in ("not_null(age)", "expression(age)", "primary_key(age)"):
        assert failed(evaluation, key) == [3], key
        assert by_key[key].rows == 2, key
    assert failed(evaluation, "not_missing(city)") == [1]
    assert evaluation.bad == 2


def test_a_cell_that_could_not_be_read_is_no_null_to_an_aggregate(judge):
    frame = {"age": [None, 7, None], "age__castable": [False, True, None]}

    (ratio,) = judge(
        frame, [check("aggregate", column="age", function="null_ratio", max=0.4)]
    ).results

    assert ratio.value == 0.5


def test_a_broken_check_stops_nothing(judge):
    @quality.rule.rule(dimension="validity", expects="sound", examples=[])
    def broken() -> nw.Expr:
        raise RuntimeError("out of order\nand more")

    try:
        checks = [
            check("range", column="age", max=5),
            check("broken"),
            check("not_null", column="agee"),
            check("matches", column="age", pattern="x"),
            check("type", column="age"),
            check("row_count", min=2),
        ]
        evaluation = judge({"age": [5, 6]}, checks)
    finally:
        del RULES["broken"]

    outcomes = [result.outcome for result in evaluation.results]
    assert outcomes == [Outcome.FAILED, *[Outcome.ERRORED] * 4, Outcome.PASSED]
    messages = [result.message for result in evaluation.results]
    assert messages[1] == "could not run: out of order"
    assert messages[2] == "could not run: there is no column 'agee' in the data"
    assert failed(evaluation, "range(age)") == [2]
    assert failed(evaluation, "matches(age)") == []


def test_what_is_empty_has_not_passed(judge):
    checks = [
        check("not_null", column="a"),
        check("unique", columns=["a"]),
        check("expression", sql="a > 0"),
        check("aggregate", column="a", function="distinct_count", max=9),
        check("aggregate", column="a", function="null_ratio", max=0.1, name="nulls"),
        check("row_count"),
        check("row_count", min=0, name="may be empty"),
    ]

    evaluation = judge({"a": pl.Series([], dtype=pl.Int64)}, checks)

    outcomes = [result.outcome for result in evaluation.results]
    assert outcomes == [*[Outcome.NOT_EVALUATED] * 5, Outcome.FAILED, Outcome.PASSED]
    assert (evaluation.rows, evaluation.bad) == (0, 0)


def test_a_check_that_applies_nowhere_has_not_passed(judge):
    checks = [
        check("range", column="a", min=0),
        check("unique", columns=["a"]),
        check("freshness", column="t", max_age="1 day"),
    ]
    frame = {
        "a": pl.Series([None, None], dtype=pl.Int64),
        "t": pl.Series([None, None], dtype=pl.Date),
    }

    evaluation = judge(frame, checks)

    assert {result.outcome for result in evaluation.results} == {Outcome.NOT_EVALUATED}


def test_a_reference_that_has_not_come_says_nothing(judge):
    (result,) = judge({"id": [1]}, [check("foreign_key", columns=["id"], to="planes.id")]).results

    assert result.outcome is Outcome.NOT_EVALUATED
    assert result.message == "not evaluated: nothing of planes has been published"


def test_a_reference_that_is_empty_has_nothing_to_refer_to(judge):
    empty = {"planes": {"id": pl.Series([], dtype=pl.Int64)}}
    (result,) = judge(
        {"id": [1, None]}, [check("foreign_key", columns=["id"], to="planes.id")], empty
    ).results

    assert (result.outcome, result.rows, result.failed) == (Outcome.FAILED, 1, 1)


def test_repeated_keys_are_counted_three_ways(judge):
    frame = {"day": [1, 1, 1, 2, 2, 3, None], "flight": [7, 7, 7, 7, 7, 7, 7]}
    checks = [check(rule, columns=["day", "flight"]) for rule in ("unique", "primary_key")]

    evaluation = judge(frame, checks)

    unique, primary = evaluation.results
    assert unique.message == (
        "5 of 6 rows (83.3 %): (day, flight) is not unique; 2 keys repeated, 3 rows too many"
    )
    assert primary.message == (
        "6 of 7 rows (85.7 %): (day, flight) is not unique and present; "
        "2 keys repeated, 3 rows too many; 1 row without a whole key"
    )
    assert failed(evaluation, "unique(day, flight)") == [1, 2, 3, 4, 5]
    assert failed(evaluation, "primary_key(day, flight)") == [1, 2, 3, 4, 5, 7]
    assert unique.examples[0] == {"record_no": 1, "value": "day 1, flight 7"}


@pytest.mark.parametrize(
    ("settings", "bad", "outcome"),
    [
        ({}, 0, Outcome.PASSED),
        ({}, 5, Outcome.WARNED),
        ({}, 6, Outcome.FAILED),
        ({"warn_above": 0.02}, 2, Outcome.PASSED_WITH_FAILURES),
        ({"warn_above": 0.02}, 3, Outcome.WARNED),
        ({"fail_above": 7, "warn_above": 7}, 7, Outcome.PASSED_WITH_FAILURES),
        ({"fail_above": 0.07}, 7, Outcome.WARNED),
        ({"fail_above": "100%"}, 100, Outcome.WARNED),
        ({"severity": "critical"}, 1, Outcome.FAILED),
        ({"severity": "critical", "fail_above": 1}, 1, Outcome.WARNED),
        ({"severity": "warning"}, 100, Outcome.WARNED),
        ({"severity": "warning", "warn_above": 100}, 100, Outcome.PASSED_WITH_FAILURES),
        ({"severity": "info"}, 100, Outcome.PASSED_WITH_FAILURES),
    ],
)
def test_how_many_failures_make_which_outcome(settings, bad, outcome):
    frame = pl.DataFrame({RECORD_NO: range(100), "a": [None] * bad + [1] * (100 - bad)})

    (result,) = evaluate(frame, [check("not_null", column="a", **settings)]).results

    assert result.outcome is outcome


@pytest.mark.parametrize(
    ("severity", "outcome"),
    [
        ("critical", Outcome.FAILED),
        ("error", Outcome.FAILED),
        ("warning", Outcome.WARNED),
        ("info", Outcome.PASSED_WITH_FAILURES),
    ],
)
def test_a_measure_out_of_bounds_ends_as_its_severity_says(severity, outcome, judge):
    (result,) = judge({"a": [1]}, [check("row_count", min=700, severity=severity)]).results

    assert (result.outcome, result.value, result.rows) == (outcome, 1.0, 0)
    assert result.message == "the number of rows is 1; expected at least 700"


@pytest.mark.parametrize(
    ("function", "sentence"),
    [
        ("min", "the smallest a is 1"),
        ("max", "the largest a is 4"),
        ("sum", "the sum of a is 9"),
        ("mean", "the mean of a is 2.25"),
        ("median", "the median of a is 2"),
        ("stddev", "the standard deviation of a is 1.25831"),
        ("distinct_count", "the number of different values of a is 3"),
        ("distinct_ratio", "the share of different values of a is 75 %"),
        ("null_count", "the number of rows without a is 2"),
        ("null_ratio", "33.3 % of a is empty"),
    ],
)
def test_what_is_made_of_a_column_is_told_in_words(function, sentence, judge):
    checks = [check("aggregate", column="a", function=function, min=0, max=1, name="a rule")]

    (result,) = judge({"a": [1, 2, 2, 4, None, None]}, checks).results

    share = function.endswith("_ratio")
    assert (
        result.message == f"{sentence}; expected between 0{' % and 100 %' if share else ' and 1'}"
    )
    assert result.unit == ("share" if share else "")
    assert isinstance(result.value, float)


@pytest.mark.parametrize(
    ("empty", "message"),
    [
        (1000, "10 % of a is empty; expected at most 10 %"),
        (1001, "10.01 % of a is empty; expected at most 10 %"),
        (1010, "10.1 % of a is empty; expected at most 10 %"),
        (9999, "over 99.9 % of a is empty; expected at most 10 %"),
    ],
)
def test_a_share_beyond_its_bound_does_not_read_like_the_bound(empty, message):
    frame = pl.DataFrame({RECORD_NO: range(10_000), "a": [None] * empty + [1] * (10_000 - empty)})

    (result,) = evaluate(
        frame, [check("aggregate", column="a", function="null_ratio", max=0.1)]
    ).results

    assert result.message == message


def test_what_is_no_number_is_within_no_bounds(judge):
    checks = [
        check("aggregate", column="a", function="mean", name="at most", max=5),
        check("aggregate", column="a", function="mean", name="at least", min=0),
    ]

    results = judge({"a": [1.0, float("nan")]}, checks).results

    assert [result.outcome for result in results] == [Outcome.FAILED] * 2
    assert results[0].message == "the mean of a is nan; expected at most 5"


def test_a_condition_goes_by_its_name(judge):
    checks = [
        check("expression", sql="lon < 0", name="western"),
        check("expression", sql="lon > 0"),
    ]

    named, other = judge({"lon": [-5, 112]}, checks).results

    assert named.message == "1 of 2 rows (50 %): western is not true: lon < 0"
    assert other.message == "1 of 2 rows (50 %): expression(lon) is not true: lon > 0"


def test_only_critical_and_error_make_a_record_bad(judge):
    checks = [
        check("not_null", column="a", severity=severity, name=severity)
        for severity in ("info", "warning")
    ]

    evaluation = judge({"a": [1, None]}, checks)

    assert evaluation.bad == 0
    assert failed(evaluation, "info") == failed(evaluation, "warning") == [2]


@pytest.mark.parametrize(
    "fault",
    [
        duckdb.OutOfMemoryException("no memory"),
        duckdb.TransactionException("failed to commit: no space left"),
        duckdb.FatalException("the database has been invalidated"),
        RuntimeError("Query interrupted"),
    ],
)
def test_a_fault_of_the_machine_is_no_verdict(fault):
    @quality.rule.rule(dimension="validity", expects="small", examples=[])
    def hungry() -> nw.Expr:
        raise fault

    try:
        with pytest.raises(type(fault)):
            evaluate(pl.DataFrame({RECORD_NO: [1]}), [check("hungry")])
    finally:
        del RULES["hungry"]


def test_failures_stay_a_query_on_duckdb_unless_they_are_kept():
    con = duckdb.connect()
    frame = con.sql("SELECT range + 1 AS _record_no, range AS a FROM range(10)")
    checks = [check("range", column="a", max=3), check("not_null", column="a")]

    lazy = evaluate(frame, checks).failures
    kept = evaluate(frame, checks, materialise=into_tables(con)).failures

    expected = [(number, True, False) for number in range(5, 11)]
    assert sorted(nw.to_native(lazy).fetchall()) == expected
    assert sorted(nw.to_native(kept).fetchall()) == expected
    assert nw.to_native(kept).columns == [RECORD_NO, "range(a)", "not_null(a)"]
    tables = con.execute("SELECT count(*) FROM duckdb_tables() WHERE temporary").fetchall()
    assert tables == [(1,)]


def test_failures_may_be_kept_in_another_catalog(tmp_path):
    con = duckdb.connect()
    con.execute(f"ATTACH '{tmp_path / 'staging.duckdb'}' AS \"sta ging\"")
    frame = con.sql("SELECT 1 AS _record_no, 5 AS a")
    keep = into_tables(con, '"sta ging".main')

    evaluation = evaluate(frame, [check("range", column="a", max=3)], materialise=keep)

    assert failed(evaluation, "range(a)") == [1]
    kept = con.execute("SELECT database_name FROM duckdb_tables()").fetchall()
    assert kept == [("sta ging",)]


def test_two_checks_with_one_key_are_refused():
    frame = pl.DataFrame({RECORD_NO: [1], "a": [1]})

    with pytest.raises(ValueError, match="two checks have the same key; give one of them a name"):
        evaluate(frame, [check("range", column="a", min=1), check("range", column="a", max=2)])
