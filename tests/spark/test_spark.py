"""Frames of PySpark are judged where they are, by the rules that the page of Python names."""

import re
from pathlib import Path

import polars as pl
import pytest

import quality
from quality import RULES, Outcome, Severity, check
from quality.rule import Kind

pyspark = pytest.importorskip("pyspark", reason="make test-spark brings it")
pytestmark = pytest.mark.spark

PAGE = (Path(__file__).parents[2] / "docs" / "python.md").read_text(encoding="utf-8")
NOT_THERE = set(re.findall(r"`(\w+)`", PAGE.partition("Not on PySpark: ")[2].partition("\n\n")[0]))


@pytest.fixture(scope="session")
def spark():
    """Makes a frame of PySpark of columns."""
    from pyspark.sql import SparkSession

    session = (
        SparkSession.builder.master("local[1]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "1")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.driver.host", "127.0.0.1")
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("OFF")
    yield lambda columns: session.createDataFrame(pl.DataFrame(columns).to_arrow())
    session.stop()


def as_it_says(rule, spark):
    """Whether all examples of a rule are judged as they say."""
    broken = Outcome.FAILED if rule.severity >= Severity.ERROR else Outcome.WARNED
    for example in rule.examples:
        bound = check(rule.name, **example.arguments)
        others = {name: spark(each) for name, each in example.references.items()}
        context = example.bad_context or example.context
        good = quality.evaluate(spark(example.good), [bound], others, context=example.context)
        bad = quality.evaluate(spark(example.amid), [bound], others, context=context)
        if (good.results[0].outcome, bad.results[0].outcome) != (Outcome.PASSED, broken):
            return False
        failed = 0 if rule.kind is Kind.DATASET else len(next(iter(example.bad.values())))
        if bad.results[0].failed != failed:
            return False
    return True


OF_FRAMES = {name: rule for name, rule in RULES.items() if name != "type"}
"""The values of a frame have their types already."""


@pytest.mark.parametrize("rule", OF_FRAMES.values(), ids=OF_FRAMES)
def test_a_rule_runs_on_pyspark_unless_the_page_says_otherwise(rule, spark):
    assert as_it_says(rule, spark) == (rule.name not in NOT_THERE)


def test_a_frame_comes_back_in_two(spark):
    frame = spark({"id": [1, 2, 2, 4], "age": [7, -1, None, 200]})
    checks = [
        check("unique", columns=["id"]),
        check("range", column="age", min=0, max=120),
        check("row_count"),
    ]

    found = quality.evaluate(frame, checks)

    assert [row.id for row in found.good.collect()] == [1]
    assert sorted((row.id, row._failed, row._reasons) for row in found.bad.collect()) == [
        (2, ["unique(id)"], ["id is not unique"]),
        (2, ["unique(id)", "range(age)"], ["id is not unique", "age is not between 0 and 120"]),
        (4, ["range(age)"], ["age is not between 0 and 120"]),
    ]
    assert [result.failed for result in found.results] == [2, 2, 0]
