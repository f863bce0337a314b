import pytest

from quality import CheckInvalid, Outcome, check
from quality.condition import columns_of, functions
from quality.sql import quoted


@pytest.mark.parametrize(
    "sql",
    [
        "a > 1 AND upper(b) = 'X' OR c IS NOT NULL",
        "a BETWEEN 1 AND 2 -- why",
        "a IN (1, 2)",
        "CASE WHEN a > 1 THEN b LIKE 'x%' ELSE TRUE END",
        "try_cast(b AS DATE) < DATE '2020-01-01'",
        "len(list_filter(l, lambda x: x > a)) = 0",
        "seen <= current_timestamp + INTERVAL 1 DAY",
        "coalesce(nullif(a, 0), 1) > 0",
        "s.field IS DISTINCT FROM s['other']",
        "b COLLATE NOCASE = 'x'",
    ],
)
def test_a_condition_on_one_row_passes(sql):
    assert check("expression", sql=sql).arguments == {"sql": sql}


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("a > 1; DROP TABLE orders", "not an SQL expression: "),
        ("a > ", "not an SQL expression: "),
        ("a > 1) AS x, (b > 2", "is more than one expression"),
        ("a > 1) FROM read_csv('/etc/passwd') WHERE (TRUE", "is more than one expression"),
        ("a > 1) UNION SELECT (TRUE", "is more than one expression"),
        ("a > 1) ORDER BY (a", "is more than one expression"),
        ("a > 1) USING SAMPLE (10%", "is more than one expression"),
        ("a IN (SELECT id FROM customers)", "a query is not allowed; use foreign_key"),
        ("EXISTS (FROM read_text('/etc/passwd'))", "a query is not allowed"),
        ("count(*) > 1", "count_star() does not depend on the row alone"),
        ("sum(a) > 1", "sum() does not depend on the row alone"),
        ("row_number() OVER () > 1", "a window looks at other rows; use unique or aggregate"),
        ("COLUMNS(*) > 1", "* is not a value; name the columns"),
        ("a > ?", "there are no parameters; write the value itself"),
        ("a > $limit", "there are no parameters; write the value itself"),
        ("getvariable('x') > a", "getvariable() does not depend on the row alone"),
        ("current_setting('threads') > a", "current_setting() does not depend on the row alone"),
        ("json_serialize_plan(b) = b", "json_serialize_plan() does not depend on the row alone"),
        pytest.param(
            "index_key({'table': 't'}, 'i', a) = b",
            "index_key() does not depend on the row alone",
            marks=pytest.mark.skipif("index_key" not in functions(), reason="DuckDB has none yet"),
        ),
        ("nextval('s') > a", "nextval() does not depend on the row alone"),
        ("random() > a", "random() does not depend on the row alone"),
        ("read_text('/etc/passwd') > a", "read_text() does not depend on the row alone"),
        ("write_log(b) > a", "write_log() does not depend on the row alone"),
        ("uper(b) = 'X'", "there is no function uper()"),
        ("a.upper() = 'X'", "write upper(column), and not a.upper()"),
    ],
)
def test_what_looks_beyond_the_row_is_refused(sql, words):
    with pytest.raises(CheckInvalid) as invalid:
        check("expression", sql=sql)

    assert words in str(invalid.value)


def test_the_columns_of_a_condition_are_those_it_reads():
    assert columns_of("a > 1 AND \"b c\" = 'd' AND a < current_date") == ("a", "b c")
    assert columns_of("len(list_filter(l, lambda x: x > a)) = 0") == ("l", "a")
    assert columns_of("x > 0 AND len(list_filter(l, lambda x: x > 1)) = 0") == ("x", "l")
    assert columns_of("s.field > 1") == ("s",)


def test_a_condition_that_is_no_condition_is_told(judge):
    (number,) = judge({"a": [1]}, [check("expression", sql="a + 1")]).results

    assert number.outcome is Outcome.ERRORED
    assert "'a + 1' gives" in number.message
    assert "and not true or false" in number.message


def test_a_condition_that_fails_on_some_row_is_told_and_stops_nothing(judge):
    frame = {"a": ["1", "x"]}
    broken, sound = judge(
        frame, [check("expression", sql="CAST(a AS INTEGER) > 0"), check("not_null", column="a")]
    ).results

    assert broken.outcome is Outcome.ERRORED
    assert broken.message.startswith("could not run: ")
    assert sound.outcome is Outcome.PASSED


# Polars takes these for patterns in SQL too, even in quotes.
PATTERNS_TO_POLARS = {"*", "^c.*$"}


@pytest.mark.parametrize(
    "name", ['select "x"; --', "*", "a.b", "^c.*$", "c0", "check_0", '"', "{}", "Größe"]
)
def test_a_column_may_be_called_anything(name, judge):
    frame = {"c1": [7, 8], name: [5, None], f"{name}__castable": [True, True]}
    frame |= {"c0": [0, 0]} if name != "c0" else {}
    references = {"others": {name: [6]}}
    checks = [
        check("range", column=name, max=4),
        check("unique", columns=["c1", name]),
        check("foreign_key", columns=[name], to={"dataset": "others", "columns": [name]}),
        check("aggregate", column=name, function="max", max=4),
        check("type", column=name),
    ]
    if name not in PATTERNS_TO_POLARS:
        checks.append(check("expression", sql=f"{quoted(name)} < 5"))

    evaluation = judge(frame, checks, references)

    failed, passed = Outcome.FAILED, Outcome.PASSED
    outcomes = [result.outcome for result in evaluation.results]
    assert outcomes == [failed, passed, failed, failed, passed, failed][: len(checks)]
    assert evaluation.results[0].examples == ({"record_no": 1, "value": "5"},)
    assert evaluation.failures.collect_schema().names()[1] == f"range({name})"
