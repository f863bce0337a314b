"""Many parts judged at once are judged as each would be by itself."""

from dataclasses import replace

import duckdb
import narwhals as nw
import polars as pl
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import quality.rule
from quality import RULES, check
from quality.evaluation import evaluate, evaluate_parts
from quality.frames import PART, RECORD_NO, Frame, into_tables, rows
from quality.questions import Inseparable

NAMES = ["a", "b"]
CHECKS = [
    check("not_null", column="a"),
    check("range", column="a", min=1, name="r"),
    check("type", column="a"),
    check("unique", columns=["a"], fail_above=0.5),
    check("unique", columns=["b", "a"]),
    check("primary_key", columns=["b"]),
    check("foreign_key", columns=["a"], to="others.id", severity="warning"),
    check("foreign_key", columns=["b"], to="missing.id"),
    check("expression", sql="a > 0 OR b = 'x'"),
    check("row_count", min=2),
    check("aggregate", column="a", function="mean", max=1, name="mean"),
    check("aggregate", column="a", function="distinct_ratio", min=0.5, name="distinct"),
]
SCHEMA = {PART: pl.Int64, "a": pl.Int64, "b": pl.String, "a__castable": pl.Boolean}
OTHERS = pl.DataFrame({"id": [0, 1]})

record = st.tuples(
    st.integers(0, 2),
    st.one_of(st.none(), st.integers(-1, 2)),
    st.sampled_from(["x", "y", None]),
    st.one_of(st.none(), st.booleans()),
)


def told(evaluation):
    flags = rows(evaluation.failures)
    return evaluation.results, evaluation.rows, evaluation.bad, flags


def apart(frame, checks, references):
    """What is found in each part by itself, and the failures of all."""
    found = {
        part: told(evaluate(frame.filter(pl.col(PART) == part).drop(PART), checks, references))
        for part in frame[PART].unique()
    }
    flags = [each for *_, flags in found.values() for each in flags]
    alone = {part: each[:3] for part, each in found.items()}
    return alone, sorted(flags, key=lambda each: each[RECORD_NO])


def together(native, checks, references, materialise=None):
    found = evaluate_parts(native, checks, references, materialise)
    flags = told(next(iter(found.values())))[3] if found else []
    at_once = {part: told(each)[:3] for part, each in found.items()}
    return at_once, sorted(flags, key=lambda each: each[RECORD_NO])


@pytest.fixture(scope="module")
def con():
    return duckdb.connect(config={"threads": 1})


@settings(max_examples=5, deadline=None, database=None, phases=[Phase.generate])
@given(records=st.lists(record, max_size=40))
def test_parts_are_judged_as_they_would_be_alone(con, records):
    frame = pl.DataFrame(records, SCHEMA, orient="row").with_row_index(RECORD_NO, offset=1)
    con.register("judged", frame)
    con.register("others", OTHERS)

    expected = apart(frame, CHECKS, {"others": OTHERS})
    assert together(frame, CHECKS, {"others": OTHERS}) == expected
    relations = con.table("judged"), {"others": con.table("others")}
    assert together(relations[0], CHECKS, relations[1], into_tables(con)) == expected


SEPARABLE = {name: rule for name, rule in RULES.items() if rule.separable}


@pytest.mark.parametrize("rule", SEPARABLE.values(), ids=SEPARABLE)
def test_every_rule_judges_parts_as_it_would_alone(rule, con):
    for example in rule.examples:
        bound = replace(check(rule.name, **example.arguments), key="it")
        if not bound.separable:
            continue
        schema = pl.concat(
            [pl.DataFrame(example.good, strict=False), pl.DataFrame(example.bad, strict=False)],
            how="vertical_relaxed",
        ).schema
        parts = [
            pl.DataFrame(columns, schema).with_columns(pl.lit(part).alias(PART))
            for part, columns in enumerate([example.good, example.bad, example.good])
        ]
        frame = pl.concat(parts).with_row_index(RECORD_NO, offset=1)
        references = {name: pl.DataFrame(each) for name, each in example.references.items()}
        con.register("judged", frame)
        relations = {}
        for name, each in references.items():
            con.register(name, each)
            relations[name] = con.table(name)

        expected = apart(frame, [bound], references)
        assert together(con.table("judged"), [bound], relations) == expected


def test_a_rule_that_needs_all_keys_of_one_file_is_not_asked_of_many():
    @quality.rule.rule(dimension="validity", expects="few", examples=[])
    def few(frame: Frame, columns: quality.arguments.Columns) -> Frame:
        return frame.filter(nw.len() > 2)

    frame = pl.DataFrame({RECORD_NO: [1], PART: [1], "a": [1]})
    try:
        with pytest.raises(Inseparable):
            evaluate_parts(frame, [check("few", columns=["a"])])
    finally:
        del RULES["few"]


def test_a_check_that_breaks_in_one_part_is_not_told_of_all():
    con = duckdb.connect()
    frame = con.sql("SELECT range AS _part, range + 1 AS _record_no, range AS a FROM range(3)")
    broken = check("expression", sql="CAST(CASE a WHEN 1 THEN 'x' END AS INTEGER) = 1")
    with pytest.raises(duckdb.Error):
        evaluate_parts(frame, [broken])
