"""Rules over rows that belong together: against plain loops, on both engines, with all oddities."""

import math
from datetime import date, datetime
from itertools import pairwise

import duckdb
import narwhals as nw
import polars as pl
import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from quality import CheckInvalid, Outcome, check
from quality.checks import bind
from quality.evaluation import evaluate
from quality.frames import RECORD_NO, into_tables

ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "g": st.sampled_from(["a", "b", "", None]),
            "n": st.none() | st.integers(-3, 6),
            "m": st.none() | st.integers(-3, 6),
            "x": st.none() | st.sampled_from([-1.5, -0.0, 0.0, 0.5, 2.0, 99.0, math.nan, math.inf]),
            "t": st.sampled_from(
                ["José", "JOSE", "jose.", "J", "ΟΔΟΣ", "οδος", "", " ", "\0", "a@b.org", None]
            ),
            "d": st.none() | st.dates(date(2013, 2, 1), date(2013, 2, 9)),
        }
    ),
    min_size=3,
    max_size=25,
)
ONE = {"g": "a", "n": 1, "m": 2, "x": 1.0, "t": "x", "d": date(2013, 2, 1)}
SCHEMA = {
    "g": pl.String,
    "n": pl.Int64,
    "m": pl.Int64,
    "x": pl.Float64,
    "t": pl.String,
    "d": pl.Date,
}
GROUPED = ["g"]
LOOPED = [
    check("monotonic", column="n"),
    check("sequential", column="n"),
    check("no_overlap", lower="n", upper="m"),
    check("duplicate_rows"),
    check("one_value_per_key", column="x", key=["g"]),
    check("group_condition", group_by=GROUPED, function="count", max=3),
]
EVERY_RULE = [
    *LOOPED,
    check("monotonic", column="x", group_by=GROUPED, name="NaN"),
    check("monotonic", column="d", order_by="n", strict=True, group_by=GROUPED),
    check("monotonic", column="t", order_by="x", decreasing=True, name="texts"),
    check("sequential", column="n", step=2, group_by=GROUPED, name="twos"),
    check("sequential", column="d", step="1 day"),
    check("no_overlap", lower="n", upper="m", partition=GROUPED, zero_length=False, name="g"),
    check("no_overlap", lower="n", upper="m", upper_included=True, gaps="forbidden", name="i"),
    check("no_overlap", lower="n", upper="m", gaps="required", name="r"),
    check("no_overlap", lower="d", upper="d", partition=["g"], upper_included=True, name="days"),
    check("one_value_per_key", column="t", key=["g", "n"], name="two"),
    check("duplicate_rows", columns=["g", "x"], name="floats"),
    check("duplicate_rows", columns=["t", "n"], method="standardised", name="folded"),
    check("group_condition", group_by=["g", "n"], function="count", max=1, name="pairs"),
    *(
        check("group_condition", group_by=GROUPED, function=f, column="x", min=0, max=2, name=f)
        for f in ("sum", "mean", "median", "min", "max", "distinct_count", "null_ratio")
    ),
    check("semantic_format", column="t", format="hostname"),
    check("semantic_format", column="n", format="latitude"),
    check("semantic_format", column="x", format="latitude", name="x latitude"),
    check("no_pii", column="t", patterns=["J"]),
    *(
        check("outlier", column="x", method=method, k=1.5, min_rows=3, name=f"x {method}")
        for method in ("mad", "iqr", "z")
    ),
    *(
        check("outlier", column="n", method=method, group_by=GROUPED, min_rows=4, name=method)
        for method in ("mad", "iqr", "z")
    ),
]


@pytest.fixture(scope="module")
def con():
    with duckdb.connect(config={"threads": 2}) as connection:
        yield connection


@settings(max_examples=7, deadline=None, database=None, phases=[Phase.explicit, Phase.generate])
@given(rows=ROWS)
@example(rows=[ONE])
@example(rows=[])
def test_polars_and_duckdb_judge_groups_alike(rows, con):
    frame = numbered(rows)
    con.register("judged", frame)

    polars = evaluate(frame, EVERY_RULE)
    on_duckdb = evaluate(con.table("judged"), EVERY_RULE, None, into_tables(con))

    for mine, theirs in zip(on_duckdb.results, polars.results, strict=True):
        assert mine == theirs or same_but_nan(mine, theirs)
    assert all(result.outcome is not Outcome.ERRORED for result in polars.results)
    assert sorted(nw.to_native(on_duckdb.failures).fetchall()) == sorted(
        polars.failures.collect().rows()
    )


@settings(max_examples=60, deadline=None, database=None, phases=[Phase.generate])
@given(rows=ROWS)
def test_each_rule_finds_what_a_plain_loop_finds(rows):
    frame = numbered(rows)

    evaluation = evaluate(frame, LOOPED)

    records = frame.to_dicts()
    assert failed(evaluation, "monotonic(n)") == going_back(records)
    assert failed(evaluation, "sequential(n)") == out_of_step(records)
    assert failed(evaluation, "no_overlap(n, m)") == overlapping(records, lambda row: 0)
    assert failed(evaluation, "duplicate_rows") == repeated(records, frame.columns[1:])
    assert failed(evaluation, "one_value_per_key(x, g)") == ambiguous(records)
    assert failed(evaluation, "group_condition(g)") == crowded(records, 3)


def numbered(rows):
    return pl.DataFrame(rows, schema=SCHEMA).with_row_index(RECORD_NO, offset=1)


def failed(evaluation, key):
    failing = evaluation.failures.filter(nw.col(key)).select(RECORD_NO).collect("polars")
    return sorted(failing[RECORD_NO].to_list())


def same_but_nan(mine, theirs):
    """Results that hold NaN are equal to none, themselves included."""
    return str(mine) == str(theirs)


def going_back(rows):
    known = [row for row in rows if row["n"] is not None]
    pairs = [(a, b) for a, b in pairwise(known) if b["n"] < a["n"]]
    return sorted({row[RECORD_NO] for pair in pairs for row in pair})


def out_of_step(rows):
    known = sorted((row for row in rows if row["n"] is not None), key=lambda row: row["n"])
    pairs = [(a, b) for a, b in pairwise(known) if b["n"] - a["n"] != 1]
    return sorted({row[RECORD_NO] for pair in pairs for row in pair})


def overlapping(rows, group):
    def end(row):
        return math.inf if row["m"] is None else row["m"]

    known = [row for row in rows if row["n"] is not None]
    bad = {row[RECORD_NO] for row in known if end(row) < row["n"]}
    proper = [row for row in known if end(row) >= row["n"]]
    for a in proper:
        for b in proper:
            inside = a["n"] < end(b) and b["n"] < end(a)
            point = a["n"] == end(a) and not b["n"] < a["n"] < end(b)
            if a is not b and group(a) == group(b) and inside and not point:
                other_is_point = b["n"] == end(b) and not a["n"] < b["n"] < end(a)
                if not other_is_point:
                    bad |= {a[RECORD_NO], b[RECORD_NO]}
    return sorted(bad)


def repeated(rows, columns):
    def key(row):
        values = [row[name] for name in columns]
        return tuple("NaN" if value != value else 0.0 if value == 0 else value for value in values)

    keys = [key(row) for row in rows]
    return [row[RECORD_NO] for row, each in zip(rows, keys, strict=True) if keys.count(each) > 1]


def ambiguous(rows):
    known = [row for row in rows if None not in (row["x"], row["g"])]
    values = {}
    for row in known:
        values.setdefault(row["g"], set()).add(
            "NaN" if math.isnan(row["x"]) else 0.0 if row["x"] == 0 else row["x"]
        )
    return [row[RECORD_NO] for row in known if len(values[row["g"]]) > 1]


def crowded(rows, most):
    groups = [row["g"] for row in rows]
    return [row[RECORD_NO] for row in rows if groups.count(row["g"]) > most]


def test_a_repeated_key_is_told_in_all_three_ways(judge):
    evaluation = judge(
        {"k": [7] * 2_023 + list(range(100, 1_100)), "v": [1] * 3_023},
        [
            check("unique", columns=["k"]),
            check("primary_key", columns=["k"]),
            check("duplicate_rows"),
            check("duplicate_rows", columns=["k"], method="standardised", name="folded"),
        ],
    )

    for result in evaluation.results:
        assert (result.failed, result.surplus, result.keys) == (2_023, 2_022, 1), result.check
        assert result.message.startswith("2 023 of 3 023 rows (66.9 %): ")
        assert result.message.endswith("; 1 key repeated, 2 022 rows too many")


def test_a_group_that_fails_is_counted_once(judge):
    evaluation = judge(
        {"g": ["a", "a", None, None, None, "b"]},
        [check("group_condition", group_by=["g"], function="count", max=1)],
    )

    (result,) = evaluation.results
    assert (result.rows, result.failed, result.keys) == (6, 5, 2)
    assert result.message == (
        "5 of 6 rows (83.3 %): the number of rows for each g is not at most 1; "
        "2 groups out of bounds"
    )


def test_a_duplicate_row_looks_at_all_columns_but_those_that_are_not_the_data(judge):
    frame = {
        "a": [1, 1, 1],
        "b": ["x", "x", "y"],
        "a__castable": [True, True, True],
        "_text": [["1", "x"], ["01", "x"], ["1", "y"]],
    }

    (result,) = judge(frame, [check("duplicate_rows")]).results

    assert (result.failed, result.columns) == (2, ("a", "b"))
    assert result.message.startswith("2 of 3 rows (66.7 %): the row is there more than once; 1 key")
    assert result.examples[0]["value"] == "a 1, b x"


def test_ties_are_taken_as_they_stand_in_the_file(judge):
    frame = {"day": [2, 1, 1, 2], "n": [5, 1, 2, 4]}

    evaluation = judge(frame, [check("monotonic", column="n", order_by="day")])

    assert failed(evaluation, "monotonic(n, day)") == [1, 4]


def test_a_single_value_that_is_too_high_does_not_condemn_all_after_it(judge):
    evaluation = judge({"n": [1, 900, 2, 3, 4]}, [check("monotonic", column="n")])

    assert failed(evaluation, "monotonic(n)") == [2, 3]


@pytest.mark.parametrize(
    ("values", "step", "bad"),
    [
        ([date(2013, 2, 1), date(2013, 2, 2), date(2013, 2, 4)], "1 day", [2, 3]),
        ([datetime(2013, 2, 1), datetime(2013, 2, 1, 6), datetime(2013, 2, 1, 12)], "6 hours", []),
        ([datetime(2013, 3, 31), datetime(2013, 4, 1)], "1 day", []),
        ([1, 3, 5, 5], 2, [3, 4]),
        ([1.0, 2.0, 2.5], 1, [2, 3]),
    ],
)
def test_steps_are_numbers_or_times(values, step, bad, judge):
    evaluation = judge({"v": values}, [check("sequential", column="v", step=step)])

    assert failed(evaluation, "sequential(v)") == bad


@pytest.mark.parametrize("step", [0, -1, 1.5, True, "soon", "0 days"])
def test_a_step_goes_forward(step):
    with pytest.raises(CheckInvalid):
        check("sequential", column="v", step=step)


def test_ranges_with_an_open_end_overlap_all_that_begin_later(judge):
    frame = {"a": [1, 5, 9, None], "b": [None, 6, None, 3]}

    evaluation = judge(frame, [check("no_overlap", lower="a", upper="b")])

    (result,) = evaluation.results
    assert (result.rows, failed(evaluation, "no_overlap(a, b)")) == (3, [1, 2, 3])


def test_times_have_no_next_one():
    problems = rejected("no_overlap", {"lower": "t", "upper": "t", "upper_included": True})

    assert "upper_included is for whole numbers and dates" in problems


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"group_by": ["g"], "function": "count"}, "give min, max or both"),
        ({"group_by": ["g"], "function": "count", "min": 3, "max": 1}, "min 3 is above max 1"),
        ({"group_by": ["g"], "function": "sum", "max": 1}, "sum needs a column"),
        (
            {"group_by": ["g"], "function": "count", "column": "n", "max": 1},
            "count takes no column",
        ),
        ({"group_by": [], "function": "count", "max": 1}, "'group_by'"),
    ],
)
def test_a_condition_of_groups_says_what_it_lacks(given, told):
    assert told in rejected("group_condition", given)


def rejected(rule, given):
    columns = [("g", "varchar", []), ("n", "bigint", []), ("t", "timestamp", [])]
    with pytest.raises(CheckInvalid) as refused:
        bind(columns, [{rule: given}], lambda path: "contract.yaml:1")
    return str(refused.value)


def test_an_outlier_is_found_where_most_values_are_the_same(judge):
    frame = {"n": [0] * 40 + [1_000_000]}

    evaluation = judge(
        frame, [check("outlier", column="n", method=m, name=m) for m in ("mad", "z")]
    )

    assert failed(evaluation, "mad") == failed(evaluation, "z") == [41]


def test_too_few_numbers_have_no_outlier_but_what_is_no_number(judge):
    evaluation = judge({"x": [1.0] * 20 + [1e9, math.nan]}, [check("outlier", column="x")])

    assert failed(evaluation, "outlier(x)") == [22]


def test_each_group_has_outliers_of_its_own(judge):
    groups = ["cheap"] * 40 + [None] * 40
    prices = [*(10 + n % 5 for n in range(39)), 1000, *(1000 + n % 50 for n in range(39)), 10]

    evaluation = judge(
        {"g": groups, "price": prices}, [check("outlier", column="price", group_by=["g"])]
    )

    assert failed(evaluation, "outlier(price, g)") == [40, 80]


def test_a_gap_beside_a_long_range_is_measured_from_its_end(judge):
    frame = {"a": [1, 2, 20], "b": [10, 3, 30]}

    evaluation = judge(frame, [check("no_overlap", lower="a", upper="b", gaps="forbidden")])

    assert failed(evaluation, "no_overlap(a, b)") == [1, 2, 3]


def test_duplicates_may_be_found_however_they_are_written(judge):
    names = ["José  Ruiz", "JOSE RUIZ", "jose-ruiz!", "Jose Ruix", "ＪＯＳＥ", None, ""]

    evaluation = judge(
        {"name": names}, [check("duplicate_rows", columns=["name"], method="standardised")]
    )

    assert failed(evaluation, "duplicate_rows(name)") == [1, 2, 3]


def test_some_rows_may_stand_beside_a_gap(judge):
    evaluation = judge(
        {"n": [*range(100), 99]},
        [check("sequential", column="n", severity="error", fail_above="5%")],
    )

    (result,) = evaluation.results
    assert (result.failed, result.outcome) == (2, Outcome.WARNED)


@pytest.mark.parametrize(
    ("rule", "arguments", "told"),
    [
        ("monotonic", {"column": "n"}, "n is not at least what it is in the row before"),
        (
            "monotonic",
            {"column": "n", "order_by": "m", "group_by": ["g"], "strict": True},
            "n is not more than in the row before, by m, for each g",
        ),
        ("sequential", {"column": "n"}, "n is not in steps of 1, without a gap or a repeat"),
        (
            "no_overlap",
            {"lower": "n", "upper": "m", "partition": ["g"]},
            "from n to m is not apart from all other ranges of the same g",
        ),
        (
            "group_condition",
            {"group_by": ["g", "n"], "function": "null_count", "column": "m", "max": 1},
            "the null count of m for each g, n is not at most 1",
        ),
        ("one_value_per_key", {"column": "n", "key": ["g"]}, "n is not the same for each g"),
        (
            "outlier",
            {"column": "n", "group_by": ["g"]},
            "n is not within 3.5 robust deviations of the median for each g",
        ),
        ("duplicate_rows", {"columns": ["g", "n"]}, "(g, n) is there more than once"),
        (
            "duplicate_rows",
            {"method": "standardised"},
            "the row is there more than once, however it is written",
        ),
        (
            "semantic_format",
            {"column": "n", "format": "phone", "country": "FR"},
            "n is not a telephone number (FR)",
        ),
        (
            "no_pii",
            {"column": "t", "entities": ["email", "ip"], "patterns": ["a{2}"]},
            "t is not free of e-mail addresses and IP addresses, and of a{2}",
        ),
    ],
)
def test_a_fault_is_told_in_a_sentence(rule, arguments, told):
    assert check(rule, **arguments).fault == told
