"""Values that Python judges: each once, in batches, whatever they hold and however many fail."""

from itertools import chain

import duckdb
import narwhals as nw
import polars as pl
import pytest

import quality.rule
from quality import RULES, Outcome, check, values
from quality.arguments import Column
from quality.evaluation import evaluate, evaluate_parts
from quality.frames import PART, RECORD_NO, into_tables
from quality.values import ByValue

HOSTILE = ["'; DROP TABLE t; --", '"', "\0", "a\0b", "a", "A", "\\", "\N{GREEK SMALL LETTER SIGMA}"]


@pytest.fixture
def asked():
    """A rule by which what is in a list is bad, and all that it was asked about."""
    seen = []

    def judge(bad):
        def verdicts(found):
            seen.append(found)
            return [each not in bad for each in found]

        return verdicts

    @quality.rule.rule(dimension="validity", expects="welcome", examples=[])
    def welcome(column: Column, bad: list[object]) -> ByValue:
        return ByValue((column,), judge(bad))

    @quality.rule.rule(dimension="validity", expects="a pair", examples=[])
    def pair(left: Column, right: Column) -> ByValue:
        return ByValue((left, right), lambda a, b: [x == y for x, y in zip(a, b, strict=True)])

    @quality.rule.rule(dimension="validity", expects="short", examples=[])
    def short(column: Column) -> ByValue:
        long = nw.col(column).str.len_chars() > 2
        return ByValue((column,), judge(["long", "no"]), among=long)

    @quality.rule.rule(dimension="validity", expects="good", examples=[])
    def none_good(column: Column) -> ByValue:
        return ByValue((column,), lambda found: [False] * len(found))

    yield seen
    for rule in (welcome, pair, short, none_good):
        del RULES[rule.__name__]


def failed(evaluation, key):
    failing = evaluation.failures.filter(nw.col(key)).select(RECORD_NO).collect("polars")
    return sorted(failing[RECORD_NO].to_list())


def test_each_value_is_judged_once_and_every_row_of_it(judge, asked):
    evaluation = judge(
        {"name": ["a", "b", None, "a", "c", "b"]}, [check("welcome", column="name", bad=["b", "c"])]
    )

    (result,) = evaluation.results
    assert sorted(chain(*asked)) == ["a", "b", "c"]
    assert failed(evaluation, "welcome(name)") == [2, 5, 6]
    assert (result.rows, result.failed, result.keys, result.surplus) == (5, 3, 2, 0)
    assert result.message == ("3 of 5 rows (60 %): name is not welcome; 2 different values")


@pytest.mark.parametrize("bad", [HOSTILE, HOSTILE[:4], HOSTILE[4:], []])
def test_a_value_is_itself_and_nothing_else(judge, asked, bad):
    evaluation = judge({"name": HOSTILE}, [check("welcome", column="name", bad=bad)])

    wanted = [number for number, value in enumerate(HOSTILE, 1) if value in bad]
    assert failed(evaluation, "welcome(name)") == wanted


@pytest.mark.parametrize("values", [[1, 2, 3], [0.5, -0.0, 2.5], [True, False]])
def test_values_are_judged_as_what_they_are(judge, asked, values):
    evaluation = judge({"v": [*values, *values]}, [check("welcome", column="v", bad=values[:1])])

    assert sorted(chain(*asked)) == sorted(values)
    assert failed(evaluation, "welcome(v)") == [1, len(values) + 1]


def test_batches_are_judged_one_after_the_other(judge, asked, monkeypatch):
    monkeypatch.setattr(values, "BATCH", 3)

    evaluation = judge({"n": list(range(10)) * 2}, [check("welcome", column="n", bad=[0, 5, 9])])

    assert max(map(len, asked)) <= 3
    assert failed(evaluation, "welcome(n)") == [1, 6, 10, 11, 16, 20]


def test_of_several_columns_each_combination_is_judged(judge, asked):
    frame = {"a": ["x", "y", None, "x"], "b": ["x", "x", "x", None]}

    evaluation = judge(frame, [check("pair", left="a", right="b")])

    (result,) = evaluation.results
    assert (result.rows, failed(evaluation, "pair(a, b)")) == (2, [2])


def test_what_an_expression_can_tell_is_not_asked_about(judge, asked):
    evaluation = judge({"t": ["a", "no", "long", "well", None]}, [check("short", column="t")])

    (result,) = evaluation.results
    assert sorted(chain(*asked)) == ["long", "well"]
    assert (result.rows, failed(evaluation, "short(t)")) == (4, [3])


def test_a_row_without_a_value_fails_where_the_check_says_so(judge, asked):
    evaluation = judge(
        {"name": ["a", None]}, [check("welcome", column="name", bad=[], null_policy="fail")]
    )

    (result,) = evaluation.results
    assert (result.rows, failed(evaluation, "welcome(name)")) == (2, [2])


def test_only_the_rows_that_a_check_is_about_are_judged(judge, asked):
    frame = {"name": ["a", "b", "b"], "n": [1, 1, 2], "n__castable": [True, True, True]}

    evaluation = judge(frame, [check("welcome", column="name", bad=["b"], where="n = 1")])

    (result,) = evaluation.results
    assert (result.rows, failed(evaluation, "welcome(name)")) == (2, [2])


def test_nothing_is_asked_where_there_is_nothing(judge, asked):
    evaluation = judge(
        {"name": pl.Series([None], dtype=pl.String)}, [check("welcome", column="name", bad=[])]
    )

    assert evaluation.results[0].outcome is Outcome.NOT_EVALUATED
    assert not asked


def test_what_goes_wrong_is_told_and_leaves_the_connection_usable(judge, asked):
    @quality.rule.rule(dimension="validity", expects="sound", examples=[])
    def unsound(column: Column) -> ByValue:
        return ByValue((column,), lambda found: [1 / 0 for _ in found])

    @quality.rule.rule(dimension="validity", expects="sound", examples=[])
    def lazy(column: Column) -> ByValue:
        return ByValue((column,), lambda found: [True])

    try:
        checks = [
            check("unsound", column="n"),
            check("lazy", column="n"),
            check("range", column="n", min=2),
        ]
        results = judge({"n": [1, 2, 3]}, checks).results
    finally:
        del RULES["unsound"], RULES["lazy"]

    assert [each.outcome for each in results[:2]] == [Outcome.ERRORED] * 2
    assert results[0].message == "could not run: division by zero"
    assert results[1].message == "could not run: of 3 values 1 were judged"
    assert results[2].failed == 1


def test_a_relation_is_judged_without_a_place_to_keep_anything(asked, locked):
    rows = locked.sql("SELECT 1 + range AS _record_no, 'v' || range % 100 AS name FROM range(1000)")

    evaluation = evaluate(rows, [check("welcome", column="name", bad=["v7", "v77"])])

    assert evaluation.bad == 20


def test_nothing_is_left_behind_but_what_is_kept(asked):
    with duckdb.connect() as con:
        con.execute("ATTACH ':memory:' AS area")
        rows = con.sql("SELECT 1 + range AS _record_no, range AS n FROM range(1000)")

        evaluate(rows, [check("welcome", column="n", bad=[7])], None, into_tables(con, "area.main"))

        kept = con.sql("SELECT DISTINCT database_name FROM duckdb_tables()").fetchall()
        con.execute("DETACH area")
        assert kept == [("area",)]
        assert not con.sql("FROM duckdb_tables()").fetchall()


def test_parts_are_judged_each_for_itself(asked, locked):
    locked.execute(
        "CREATE OR REPLACE TABLE judged AS SELECT * FROM (VALUES (1, 1, 'a'), (2, 1, 'b'), "
        "(3, 2, 'a'), (4, 3, 'b'), (5, 3, 'b')) AS v(_record_no, _part, name)"
    )
    checks = [check("welcome", column="name", bad=["b"])]

    on_duckdb = evaluate_parts(locked.table("judged"), checks, None, into_tables(locked))
    on_polars = evaluate_parts(locked.table("judged").pl(), checks)

    found = {part: each.results[0] for part, each in on_duckdb.items()}
    assert found == {part: each.results[0] for part, each in on_polars.items()}
    assert {part: (each.failed, each.keys) for part, each in found.items()} == {
        1: (1, 1),
        2: (0, 0),
        3: (2, 1),
    }
    assert PART == "_part"


def test_many_values_may_all_be_bad(judge, asked):
    frame = {"name": [f"v{number}\0'" for number in range(100_000)]}

    (result,) = judge(frame, [check("none_good", column="name")]).results

    assert (result.failed, result.keys) == (100_000, 100_000)
