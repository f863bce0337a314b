from datetime import UTC, date, datetime, timedelta
from typing import get_args

import duckdb
import narwhals as nw
import polars as pl
import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from quality import Outcome, check
from quality.context import Context, File, Past
from quality.evaluation import evaluate
from quality.frames import RECORD_NO, into_tables
from quality.metrics import Function
from quality.rules.charset import Unwanted
from quality.rules.string_case import Case

SPECIAL = ["", " ", "a", "A", "ab", "N14", "n/a", "é", "2012-02-29", "2013-02-29", "7 feb 13", "\0"]
SPECIAL += ["2013-02-07 18:00:59", "e\u0301", "👨\u200d👩", "ΣΑΣ", "İ", "ß", "\ufeffa"]
SPECIAL += ["\u00a0-\u2028", '{"a": 1}', '{"a": [', "1e999", "a text of some length"]
FLOATS = [-1.5, 0.0, 0.5, 2.0, 3.25, float("nan")]
texts = st.none() | st.sampled_from(SPECIAL) | st.text(max_size=4)
numbers = st.one_of(st.none(), st.integers(-3, 3))
floats = st.one_of(st.none(), st.sampled_from(FLOATS))
# Between the years in which floats hold every microsecond: the median of more would be rounded.
CENTURIES = datetime(1700, 1, 1), datetime(2200, 1, 1)
moments = st.none() | st.datetimes(*CENTURIES, allow_imaginary=False)
rows = st.fixed_dictionaries(
    {
        "text": texts,
        "number": numbers,
        "other": numbers,
        "amount": floats,
        "seen": moments,
        "due": st.none() | st.dates(max_value=date(9999, 10, 1)),
    }
)
SEEN = {2: datetime.min, 3: datetime.max, 4: None}
EVERY_VALUE = [
    (
        {
            "text": text,
            "number": None if n % 8 == 7 else n * n % 7 - 3,
            "other": None if n % 5 == 4 else n % 5 - 1,
            "amount": [*FLOATS, None][n % 7],
            "seen": SEEN.get(n, datetime(2010, 5, 5, 5, 5, 5) - timedelta(hours=9 * n)),
            "due": date(2010, 5, 1) + timedelta(days=n),
        },
        n % 6 > 0,
    )
    for n, text in enumerate([*SPECIAL, None])
]
SCHEMA = {
    "text": pl.String,
    "number": pl.Int64,
    "other": pl.Int64,
    "amount": pl.Float64,
    "seen": pl.Datetime("us"),
    "due": pl.Date,
    "number__castable": pl.Boolean,
}
OF = {"percentile": {"q": 0.9}, "value_ratio": {"value": 2}}
EVERY_RULE = [
    check("not_null", column="number"),
    check("not_missing", column="text"),
    check("range", column="number", min=-1, max=2),
    check("range", column="amount", min=0.5),
    check("range", column="seen", max="2000-01-01"),
    check("accepted_values", column="text", values=["a", "N14", ""]),
    check("accepted_values", column="amount", values=[2, 0.5], name="amounts"),
    check("accepted_values", column="text", values=["a"], ignore_case=True, name="any case"),
    check("matches", column="text", pattern="[A-Z]?[0-9a-z]+"),
    check("length", column="text", min=1, max=2),
    check("type", column="number"),
    check("compare_columns", left="number", op="<=", right="other"),
    check("not_in_future", column="seen", as_of="2010-05-05T05:05:05"),
    check("compare_columns", left="amount", op="==", right="other", tolerance=0.5),
    check("compare_columns", left="number", op="!=", right="other", tolerance=1, name="apart"),
    check("compare_columns", left="seen", op="<", right="due", tolerance="30 days"),
    check("compare_columns", left="due", op=">=", right="seen", tolerance="5 hours", name="due"),
    check("range", column="number", min=-1, max={"column": "other"}, inclusive="min"),
    check("range", column="amount", min=0, max=2, mode="outside", name="outside"),
    check("accepted_values", column="number", values=[-1, 0.5, 2**60], name="large"),
    check("rejected_values", column="text", values=["É", "σας"], ignore_case=True),
    check("rejected_values", column="amount", values=[2, -1.5]),
    check("matches", column="text", pattern=[r"\w+", r"\s*", "[[a]+"], name="any form"),
    check("matches", column="text", pattern=[r".*\W", ".{2,}"], mode="all", name="all forms"),
    check("not_matches", column="text", pattern=[r"\d", "^a|^É"], ignore_case=True),
    check("not_missing", column="text", words=["σας", "-"], trim=False, name="untrimmed"),
    check("length", column="text", exact=2, name="two"),
    check("is_null", column="text"),
    check("sql", query="SELECT _record_no FROM this WHERE number > other", name="rows"),
    check("sql", query="SELECT t.text FROM this t JOIN codes c ON c.code = t.text", name="codes"),
    check("sql_value", query="SELECT count(*) FROM this WHERE number = 0", max=1, name="zeros"),
    check("rows_complete", columns=["text", "number"]),
    check("at_least_one_of", columns=["text", "other"]),
    check("at_least_one_of", columns=["text", "other", "seen"], mode="exactly_one"),
    check("required_if", when="other > 0", then=["text", "seen"]),
    check("date_format", column="text", formats=["%Y-%m-%d", "%-d %b %y"]),
    check("timestamp_format", column="text"),
    *(check("string_case", column="text", case=case, name=case) for case in get_args(Case)),
    *(check("charset", column="text", without=[each], name=each) for each in get_args(Unwanted)),
    check("distinct_within_row", columns=["number", "other", "amount"]),
    check("columns_sum_equal", columns=["number", "amount"], total={"column": "other"}),
    check("columns_sum_equal", columns=["number", "other"], total=1, tolerance=1.5, name="one"),
    check("column_pair_in_set", left="text", right="number", pairs=[["a", 1], ["a", 2], ["", 3]]),
    check("column_pair_in_set", left="amount", right="text", pairs=[[0.5, "é"], [2, "N14"]]),
    check("not_older_than", column="seen", max_age="7 days", as_of="2010-05-05"),
    check("not_older_than", column="due", max_age="7 days", as_of="2010-05-05"),
    check("business_calendar", column="seen", opens="08:30", closes="17:00"),
    check("business_calendar", column="due", weekdays=["sat", "sun"], country="FR"),
    check("truncation", column="text", limit=2),
    check("truncation", column="text", pile=1, name="pile"),
    check("json_valid", column="text"),
    check("json_has_keys", column="text", keys=["a"]),
    check("json_schema", column="text", definition={"type": "object", "required": ["a"]}),
    check("expression", sql="number + 1 > other OR text IS NULL"),
    check("unique", columns=["number"]),
    check("unique", columns=["text", "number"]),
    check("primary_key", columns=["other"]),
    check("foreign_key", columns=["text"], to="codes.code"),
    check("foreign_key", columns=["number", "text"], to="codes.[id, code]"),
    check(
        "foreign_key",
        columns=["number", "text"],
        to="codes.[id, code]",
        null_safe=True,
        name="null",
    ),
    check(
        "foreign_key",
        columns=["number"],
        to="codes.id",
        null_safe=True,
        cardinality="one_to_one",
        name="null once",
    ),
    check("foreign_key", columns=["number"], to="codes.id", cardinality="one_to_one", name="once"),
    check("foreign_key", columns=["text"], to="codes.code", ref_where="id > 1", name="only N14"),
    check("foreign_key", columns=["text"], to="codes.code", grace="1 day", name="late"),
    check("reconcile", columns=["text"], to="codes.code", compare=["number"], against=["id"]),
    check("reconcile", columns=["number"], to="codes.id", tolerance=1, name="by number"),
    check("reconcile_missing", columns=["text"], to="codes.code"),
    check("reconcile_total", column="number", to="codes.id", tolerance=2),
    check("sql", query="SELECT text FROM this GROUP BY text HAVING count(*) > 1"),
    check("sql", query="SELECT _record_no FROM this JOIN codes ON text = code", name="joined"),
    check("sql_value", query="SELECT sum(number) FROM this", min=0),
    check("row_count", min=2, max=4),
    check("freshness", column="seen", max_age="7 days", as_of="2010-05-05"),
    *(
        check(
            "aggregate",
            column=column,
            function=function,
            min=0,
            max=1,
            group_by=groups,
            name=f"{function}({', '.join([column, *(groups or ())])})",
            **OF.get(function, {}),
        )
        for function in get_args(Function)
        for column, groups in (("number", None), ("amount", None), ("amount", ["other", "text"]))
    ),
    check("not_null_proportion", column="number", min=0.5),
    check("distinct_values", column="text", values=["a", "A", "é"], name="the set"),
    check("distinct_values", column="number", values=[-1, 0], mode="contain", name="contained"),
    check("distinct_values", column="text", values=["a", "A"], mode="subset", name="a subset"),
    check("distinct_values", column="other", min=2, max=3),
    check("row_count", equals="codes", factor=1.5, name="half as many again"),
    check("row_count", max_change=0.5, name="as before"),
    check("freshness", column="seen", max_age="7 days", as_of="arrival", name="fresh then"),
    check("arrival", max_age="1 hour"),
    check("arrival", by="06:00", zone="Asia/Tokyo", days=["mon", "fri"], name="by six"),
    check("no_time_gaps", column="seen", every="400 days"),
    check(
        "no_time_gaps", column="due", every="1 day", min=2, group_by=["other"], name="daily each"
    ),
    check("schema"),
    check("schema", baseline="previous", allow_reorder=True, name="schema before"),
    check("file_integrity", encoding="utf-8", delimiter=";", pattern="*.csv", max_size=9),
    check(
        "metric_anomaly",
        metric="row_count",
        at="seen",
        seasonality="weekday",
        name="usual row_count",
    ),
    *(
        check(
            "metric_anomaly",
            metric=function,
            column="amount",
            at="due",
            min_points=3,
            name=f"usual {function}",
        )
        for function in ("mean", "max", "skew", "null_ratio", "mode_ratio")
    ),
    *(check("distribution", column=c, name=f"spread of {c}") for c in ("text", "number", "amount")),
]
BEFORE = [datetime(1, 1, day, tzinfo=UTC) for day in range(1, 29)]
NOW = Context(
    now=datetime(2010, 5, 5, tzinfo=UTC),
    file=File(
        name="judged.csv",
        size=10,
        made_at=datetime(2010, 5, 4, 22, 30, tzinfo=UTC),
        seen_at=datetime(2010, 5, 5, tzinfo=UTC),
        encoding="utf-8",
        dialect={"delimiter": ","},
        columns=("text", "other"),
        declared=("text", "number"),
        records=3,
        rejected=1,
    ),
    history=lambda key: [
        Past(moment, None, {"of": key.removeprefix("usual "), "value": number % 3, "rows": 9})
        for number, moment in enumerate(BEFORE)
    ],
)
CODES = pl.DataFrame({"id": [1, 2, None], "code": ["a", "N14", None]})


@pytest.fixture(scope="module")
def con():
    return duckdb.connect(config={"threads": 1})


# Without shrinking: a failing example is a frame, as short as it is.
@settings(max_examples=4, deadline=None, database=None, phases=[Phase.explicit, Phase.generate])
@given(rows=st.lists(st.tuples(rows, st.booleans()), min_size=2, max_size=30))
@example(rows=EVERY_VALUE)
@example(rows=[])
def test_polars_and_duckdb_judge_alike(rows, con):
    records = [
        row | {"number": row["number"] if readable else None, "number__castable": readable}
        for row, readable in rows
    ]
    frame = pl.DataFrame(records, schema=SCHEMA).with_row_index(RECORD_NO, offset=1)
    con.register("judged", frame)
    con.register("codes", CODES)

    polars = evaluate(frame, EVERY_RULE, {"codes": CODES}, context=NOW)
    relations = con.table("judged"), {"codes": con.table("codes")}
    on_duckdb = evaluate(relations[0], EVERY_RULE, relations[1], into_tables(con), NOW)

    assert list(map(repr, on_duckdb.results)) == list(map(repr, polars.results))  # NaN is NaN
    assert (on_duckdb.rows, on_duckdb.bad) == (polars.rows, polars.bad)
    assert all(result.outcome is not Outcome.ERRORED for result in polars.results)
    assert sorted(nw.to_native(on_duckdb.failures).fetchall()) == sorted(
        polars.failures.collect().rows()
    )


@pytest.mark.parametrize("type", ["TIMESTAMPTZ", "TIMESTAMP", "DATE"])
@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo", "America/New_York"])
def test_what_lies_in_the_future_is_so_wherever_the_session_is(type, zone):
    with duckdb.connect() as here:
        here.execute(f"SET TimeZone = '{zone}'")
        moments = here.sql(
            f"SELECT 1 AS _record_no, (TIMESTAMPTZ '2010-05-05 00:00:00Z')::{type} AS seen"
            if type == "TIMESTAMPTZ"
            else f"SELECT 1 AS _record_no, {type} '2010-05-05' AS seen"
        )
        good, bad = (
            check("not_in_future", column="seen", as_of=as_of, name=as_of)
            for as_of in ("2010-05-05T00:00:00", "2010-05-04T23:59:59")
        )

        found = evaluate(moments, [good, bad]).results

    assert [result.failed for result in found] == [0, 1]
