"""Frames as people have them go in, and come back in two of the same kind."""

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import quality
from quality import CheckInvalid, Grade, Outcome, check

PEOPLE = {"id": [1, 2, 2, 4], "age": [7, -1, None, 200], "name": ["Ada", "Bo", None, "<b>"]}
CHECKS = [
    check("unique", columns=["id"], severity="critical"),
    check("range", column="age", min=0, max=120),
    check("not_null", column="name", severity="warning"),
]
BAD = [
    (2, ["unique(id)", "range(age)"], ["id is not unique", "age is not between 0 and 120"]),
    (2, ["unique(id)", "not_null(name)"], ["id is not unique", "name is empty"]),
    (4, ["range(age)"], ["age is not between 0 and 120"]),
]


def relation(frame, query="FROM people"):
    con = duckdb.connect(config={"threads": 1})
    con.register("handed_over", frame)
    con.execute("CREATE TABLE people AS FROM handed_over")
    return con.table("people") if query == "FROM people" else con.sql(query)


KINDS = {
    "polars": lambda frame: frame,
    "lazy": lambda frame: frame.lazy(),
    "pandas": lambda frame: pd.DataFrame(frame.to_dict(as_series=False)).convert_dtypes(),
    "arrow": lambda frame: frame.to_arrow(),
    "table of DuckDB": relation,
    "query of DuckDB": lambda frame: relation(frame, "SELECT * FROM people WHERE true"),
}


def records(frame):
    """All rows as tuples, whatever the frame is."""
    if isinstance(frame, pd.DataFrame):
        return list(frame.itertuples(index=False, name=None))
    if isinstance(frame, pa.Table):
        return [tuple(row.values()) for row in frame.to_pylist()]
    if isinstance(frame, duckdb.DuckDBPyRelation):
        return frame.fetchall()
    return frame.lazy().collect().rows()


@pytest.fixture(params=KINDS.values(), ids=KINDS)
def native(request):
    """Makes a frame of each kind of one of Polars."""
    return request.param


def test_every_kind_of_frame_comes_back_in_two_of_its_kind(native):
    frame = native(pl.DataFrame(PEOPLE))

    found = quality.evaluate(frame, CHECKS)

    assert type(found.good) is type(found.bad) is type(frame)
    assert [row[0] for row in records(found.good)] == [1]
    assert sorted((row[0], list(row[3]), list(row[4])) for row in records(found.bad)) == sorted(BAD)
    assert (found.rows, found.quarantined) == (4, 3)
    assert (found.score.grade, found.score.published) == (Grade.RED, 1.0)
    assert [result.failed for result in found.results] == [2, 2, 1]


def test_where_nothing_is_wrong_nothing_is_bad(native):
    found = quality.evaluate(native(pl.DataFrame(PEOPLE)), ["row_count"])

    assert len(records(found.good)) == 4
    assert records(found.bad) == []
    assert found.score.grade is Grade.GREEN


def test_an_empty_frame_is_judged_too(native):
    frame = native(pl.DataFrame(PEOPLE).clear())

    found = quality.evaluate(frame, [check("row_count")])

    assert (records(found.good), records(found.bad)) == ([], [])
    assert found.score.grade is Grade.NO_DATA


def test_what_is_bad_can_be_mended_and_judged_again(native):
    bad = quality.evaluate(native(pl.DataFrame(PEOPLE)), CHECKS).bad

    again = quality.evaluate(bad, CHECKS)

    assert sorted((row[0], list(row[3]), list(row[4])) for row in records(again.bad)) == sorted(BAD)


def test_numbers_of_records_in_a_frame_are_no_more_than_a_column(native):
    frame = pl.DataFrame({"_record_no": [7, 7], "a": [1, None]})

    found = quality.evaluate(native(frame), [check("not_null", column="a")])

    assert records(found.good) == [(7, 1)]
    assert records(found.bad)[0][0] == 7


def test_a_column_that_is_called_like_the_number_of_a_row_is_not_judged_by_that(native):
    frame = native(pl.DataFrame({"_record_no": [None, 5], "a": [1, 2]}))
    checks = [check("not_null", column="_record_no"), check("not_null", column="a")]

    number, sound = quality.evaluate(frame, checks).results

    assert number.outcome is Outcome.ERRORED
    assert "is no column to judge" in number.message
    assert sound.outcome is Outcome.PASSED


def test_an_example_says_where_the_row_stands(native):
    (result,) = quality.evaluate(native(pl.DataFrame(PEOPLE)), [CHECKS[1]]).results

    assert result.examples == ({"record_no": 1, "value": "-1"}, {"record_no": 3, "value": "200"})


def test_rows_of_pandas_keep_index_and_types():
    frame = pd.DataFrame(PEOPLE, index=pd.Index(list("wxyz"), name="who")).assign(
        name=lambda it: it["name"].astype("category"),
        age=lambda it: it["age"].astype("Int16"),
        odd=[1, "x", None, {}],
    )

    found = quality.evaluate(frame, CHECKS)

    assert list(found.bad.index) == ["x", "y", "z"]
    assert found.good.dtypes.equals(frame.dtypes)
    assert found.bad.dtypes[list(frame.columns)].equals(frame.dtypes)


def test_a_column_of_pandas_with_values_of_several_kinds_is_judged_as_far_as_it_goes():
    frame = pd.DataFrame({"odd": [1, "x", None]})
    checks = [check("not_null", column="odd"), check("range", column="odd", min=0)]

    present, between = quality.evaluate(frame, checks).results

    assert (present.rows, present.failed) == (3, 1)
    assert between.outcome is Outcome.ERRORED


@pytest.mark.parametrize("name", ["_failed", "_reasons", "_row_of_frame", "flag_0"])
def test_a_check_may_be_called_like_a_column_of_the_bad_rows(name, native):
    found = quality.evaluate(
        native(pl.DataFrame({"a": [1, None]})), [check("not_null", column="a", name=name)]
    )

    assert [list(cell) for cell in records(found.bad)[0][1:]] == [[name], ["a is empty"]]


def test_no_name_of_a_column_is_taken_for_the_number_of_a_row(native):
    frame = native(pl.DataFrame({"_row_of_frame": [None, 5]}))

    found = quality.evaluate(frame, [check("not_null", column="_row_of_frame")])

    assert records(found.good) == [(5,)]


@pytest.mark.parametrize("zone", ["UTC", "America/New_York"])
def test_moments_are_the_same_in_every_zone(zone, native):
    days = pl.Series(["2013-03-09T05:00Z", "2013-03-10T05:00Z", "2013-03-11T05:00Z"])
    moments = days.str.to_datetime(time_zone="UTC")
    frame = native(pl.DataFrame({"at": moments.dt.convert_time_zone(zone)}))
    if isinstance(frame, duckdb.DuckDBPyRelation):
        frame.query("_source", f"SET TimeZone = '{zone}'")
    checks = [
        check("sequential", column="at", step="1 day"),
        check("not_in_future", column="at", as_of="2013-03-10T05:00:00Z"),
        check("range", column="at", max="2013-03-10T05:00:00Z"),
    ]

    found = quality.evaluate(frame, checks)

    assert [result.failed for result in found.results] == [0, 1, 1], found
    assert type(found.good) is type(frame)


def test_words_of_a_fixed_set_are_text():
    words = pl.Series("word", ["a", "b", "cc"], pl.Enum(["a", "b", "cc"]))
    frame = words.to_frame().with_columns(loose=pl.col("word").cast(pl.Categorical))
    checks = [check("length", column=name, max=1) for name in frame.columns]

    found = quality.evaluate(frame, checks)

    assert [result.failed for result in found.results] == [1, 1]
    assert found.bad.schema["word"] == words.dtype


def test_checks_are_written_as_in_a_contract():
    checks = [
        "row_count",
        {"not_null": {"each_column": {"type": "number"}}},
        {"range": {"column": "age", "min": 0}},
        check("range", column="age", max=120),
    ]

    results = quality.evaluate(pl.DataFrame(PEOPLE), checks).results

    assert [result.check for result in results] == [
        *("row_count", "not_null(id)", "not_null(age)", "range(age)", "range(age)#2"),
    ]


def test_every_mistake_in_the_checks_is_told_at_once():
    checks = [
        {"range": {"column": "age", "mn": 0}},
        "rnge",
        {"not_null": {"each_column": ["agee"]}},
    ]

    with pytest.raises(CheckInvalid) as invalid:
        quality.evaluate(pl.DataFrame(PEOPLE), checks)

    told = [str(problem) for problem in invalid.value.problems]
    assert [line.partition(" ")[0] for line in told] == ["checks[0]", "checks[1]", "checks[2]"]
    assert "did you mean 'range'?" in told[1]
    assert "there is no column 'agee' (did you mean 'age'?)" in told[2]


@pytest.mark.parametrize("other", ["polars", "lazy", "pandas", "arrow"])
def test_frames_in_memory_refer_to_each_other(other):
    names = KINDS[other](pl.DataFrame({"name": ["Ada", "Bo"]}))

    found = quality.evaluate(
        pl.DataFrame(PEOPLE),
        [check("foreign_key", columns=["name"], to="names.name")],
        {"names": names},
    )

    assert found.bad["name"].to_list() == ["<b>"]


def test_relations_refer_to_relations():
    people = relation(pl.DataFrame(PEOPLE))
    known = people.filter("name <> '<b>'")

    found = quality.evaluate(
        people, [check("foreign_key", columns=["name"], to="names.name")], {"names": known}
    )

    assert [row[2] for row in found.bad.fetchall()] == ["<b>"]


@pytest.mark.parametrize(
    ("frame", "other", "why"),
    [
        (pl.DataFrame(PEOPLE), relation(pl.DataFrame(PEOPLE)), r"give its \.pl\(\)"),
        (relation(pl.DataFrame(PEOPLE)), pl.DataFrame(PEOPLE), "give a relation on the same conn"),
        ([1, 2], None, "list is no frame that can be judged; give a frame of Polars, pandas or"),
    ],
)
def test_what_cannot_be_judged_is_refused_with_a_way_out(frame, other, why):
    with pytest.raises(TypeError, match=why):
        quality.evaluate(frame, ["row_count"], {"others": other})


def test_two_columns_of_pandas_with_one_name_are_refused():
    frame = pd.DataFrame([[1, 2]], columns=["a", "a"])

    with pytest.raises(ValueError, match="two columns are called 'a'; rename one"):
        quality.evaluate(frame, ["row_count"])


def test_a_query_is_computed_once_so_that_its_rows_are_those_that_were_judged():
    con = duckdb.connect()
    drawn = con.sql("SELECT random() AS x FROM range(1000)")

    found = quality.evaluate(drawn, [check("range", column="x", max=0.5)])

    assert all(x <= 0.5 for (x,) in found.good.fetchall())
    assert all(x > 0.5 for x, *_ in found.bad.fetchall())
    assert len(found.good.fetchall()) + len(found.bad.fetchall()) == 1000


def test_a_table_may_have_any_columns_and_stand_in_any_schema():
    con = duckdb.connect()
    con.execute('CREATE SCHEMA "s p"; CREATE TABLE "s p"."t t" ("rowid" INT, "a""b" INT)')
    con.execute('INSERT INTO "s p"."t t" VALUES (5, 1), (6, NULL)')

    found = quality.evaluate(con.table('"s p"."t t"'), [check("not_null", column='a"b')])

    assert found.good.fetchall() == [(5, 1)]
    assert found.bad.fetchall() == [(6, None, ['not_null(a"b)'], ['a"b is empty'])]


def test_the_table_of_a_split_is_plain_and_in_a_notebook_escaped():
    found = quality.evaluate(
        pl.DataFrame({"<i>": [None, 1]}), [check("not_null", column="<i>", severity="critical")]
    )

    assert repr(found).splitlines() == [
        "red 0.500, 1 of 2 records cannot be used",
        "2 rows: 1 good, 1 bad",
        "",
        "failed  critical  not_null(<i>)  1 of 2 rows (50 %): <i> is empty",
    ]
    assert "<i>" not in found._repr_html_()
    assert "not_null(&lt;i&gt;)" in found._repr_html_()


def test_a_policy_moves_the_lights():
    frame = pl.DataFrame({"a": [1, 1, 1, None]})
    lenient = quality.Policy(green=0.7, amber=0.5)
    checks = [check("not_null", column="a", fail_above=0.5)]

    assert quality.evaluate(frame, checks).score.grade is Grade.AMBER
    assert quality.evaluate(frame, checks, policy=lenient).score.grade is Grade.GREEN


cells = st.one_of(st.none(), st.integers(-2, 5))


# Without shrinking: a failing example is a frame, as short as it is.
@settings(max_examples=7, deadline=None, database=None, phases=[Phase.generate])
@given(rows=st.lists(st.tuples(cells, cells), min_size=2, max_size=20))
def test_no_row_is_lost_and_none_comes_twice(rows):
    frame = pl.DataFrame(rows, {"a": pl.Int64, "b": pl.Int64}, orient="row")
    checks = [check("range", column="a", min=0), check("unique", columns=["a", "b"])]

    splits = [quality.evaluate(make(frame), checks) for make in KINDS.values()]

    polars, *_ = splits
    for split in splits:
        both = [*records(split.good), *(row[:2] for row in records(split.bad))]
        if not isinstance(split.good, pd.DataFrame):  # which makes NaN of what is not there
            key = lambda row: tuple((cell is not None, cell or 0) for cell in row)  # noqa: E731
            assert sorted(both, key=key) == sorted(frame.rows(), key=key)
        assert len(both) == len(rows)
        assert split.results == polars.results
        assert split.score == polars.score


def test_a_column_that_would_be_taken_for_a_cast_verdict_is_refused():
    frame = pl.DataFrame({"x": [-1, 5], "x__castable": [False, True]})
    with pytest.raises(ValueError, match="'x__castable' is called as what tells whether a value"):
        quality.evaluate(frame, [check("range", column="x", min=0)])
