"""What other tools were seen to get wrong; each of it is a test that fails if we do it too."""

import socket
from fractions import Fraction

import duckdb
import polars as pl
import pytest

import quality
from quality import Grade, Outcome, check, evaluation
from quality.frames import RECORD_NO, cast_verdict
from quality.wording import percent

FRAME = pl.DataFrame({"id": [1, 2, 2], "age": [7, 200, None]})
CHECKS = [
    check("unique", columns=["id"]),
    check("range", column="age", min=0, max=120),
    check("row_count"),
    check("aggregate", column="age", function="mean", max=200),
]


def in_polars(frame):
    return frame


def lazily(frame):
    return frame.lazy()


def in_duckdb(frame):
    con = duckdb.connect(config={"threads": 1})
    con.register("handed_over", frame)
    con.execute("CREATE TABLE frame AS FROM handed_over")
    return con.table("frame")


@pytest.fixture(params=[in_polars, lazily, in_duckdb])
def native(request):
    """Makes a frame of each kind of one of Polars."""
    return request.param


def rows(frame):
    """The rows of either kind."""
    return frame.fetchall() if hasattr(frame, "fetchall") else frame.lazy().collect().rows()


def test_a_missing_column_never_scores_well(native):
    good = [check("not_null", column="id", name=f"good {n}") for n in range(50)]

    found = quality.evaluate(native(FRAME), [*good, check("not_null", column="email")])

    assert found.results[-1].outcome is Outcome.ERRORED
    assert found.score.grade is not Grade.GREEN
    assert found.score.set_by == "capped by not_null(email), which could not run"


def test_nothing_is_not_green(native):
    found = quality.evaluate(native(FRAME.clear()), [check("not_null", column="id")])

    assert found.results[0].outcome is Outcome.NOT_EVALUATED
    assert (found.score.value, found.score.grade) == (0, Grade.NO_DATA)


def test_one_broken_check_neither_stops_nor_voids_the_others(native):
    broken = [check("matches", column="age", pattern="x"), check("not_null", column="gone")]

    alone = quality.evaluate(native(FRAME), CHECKS)
    beside = quality.evaluate(native(FRAME), [broken[0], *CHECKS, broken[1]])

    assert [result.outcome for result in (beside.results[0], beside.results[-1])] == [
        Outcome.ERRORED
    ] * 2
    assert beside.results[1:-1] == alone.results
    assert (rows(beside.good), rows(beside.bad)) == (rows(alone.good), rows(alone.bad))


def test_duplicates_are_among_the_bad_all_of_them(native):
    found = quality.evaluate(native(FRAME), [CHECKS[0]])

    assert [id for id, *_ in rows(found.good)] == [1]
    assert [(id, failed) for id, _, failed, _ in rows(found.bad)] == [(2, ["unique(id)"])] * 2


def test_the_values_of_a_lazy_frame_are_judged_and_not_its_schema_alone():
    found = quality.evaluate(FRAME.lazy(), [CHECKS[1]])

    assert found.results[0].failed == 1
    assert found.bad.collect()["age"].to_list() == [200]


def test_a_cell_that_cannot_be_read_hides_nothing_of_other_columns(native):
    frame = pl.DataFrame(  # as staging hands it over
        {"age": [None, 7], cast_verdict("age"): [False, True], "city": [None, "Nantes"]},
        {"age": pl.Int64, cast_verdict("age"): pl.Boolean, "city": pl.String},
    ).with_row_index(RECORD_NO, offset=1)
    checks = [
        check("type", column="age"),
        check("not_null", column="age"),
        check("not_null", column="city"),
    ]

    readable, present, city = evaluation.evaluate(native(frame), checks).results

    assert (readable.failed, city.failed) == (1, 1)
    assert (present.rows, present.failed) == (1, 0)


@pytest.mark.parametrize("rows", [1_000, 3_000, 1_000_000])
def test_nothing_is_rounded_to_all_or_to_none(rows):
    frame = pl.DataFrame({"a": pl.int_range(rows, eager=True)})
    some = [
        check("range", column="a", min=1, name="all but one", severity="critical"),
        check("range", column="a", max=0, name="none but one", severity="critical"),
    ]

    for each in some:
        found = quality.evaluate(frame, [each])
        (result,) = found.results
        assert found.score.value < 1
        assert "100 %" not in repr(found)
        assert "(0 %)" not in repr(found)
        assert "100 %" not in percent(Fraction(result.rows - result.failed, result.rows))


def test_nothing_is_asked_of_the_network(native, monkeypatch):
    def refuse(*_, **__):
        raise AssertionError("a socket was opened")

    frame = native(FRAME)
    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)

    assert quality.evaluate(frame, CHECKS).results[0].failed == 2


def test_the_same_rows_judged_twice_give_the_same(native):
    frame = native(FRAME)

    first, second = (quality.evaluate(frame, CHECKS) for _ in range(2))

    assert first.results == second.results
    assert first.score == second.score
    assert (rows(first.good), rows(first.bad)) == (rows(second.good), rows(second.bad))


@pytest.mark.parametrize(("policy", "rows", "failed"), [("ignore", 2, 1), ("fail", 3, 2)])
def test_a_null_is_what_the_check_says_that_it_is(native, policy, rows, failed):
    checks = [check("range", column="age", min=0, max=120, null_policy=policy)]

    (result,) = quality.evaluate(native(FRAME), checks).results

    assert (result.rows, result.failed) == (rows, failed)
