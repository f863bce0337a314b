"""What a report says beside its findings: of whom, since when, by whose leave, against what."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from datetime import timedelta

import duckdb
import pytest

from quality import recording, report
from quality.model import Grade, Outcome
from quality.overview import LEAST_POINTS, read_view
from quality.recording import Judged
from quality.result import CheckResult, Overlap
from quality.view import DatasetView, Waiver

View = Callable[..., DatasetView]
WAIVER = Waiver("range(dep_time)", "The clock was broken", "Ada", "2026-12-31")


@pytest.fixture
def view(con: duckdb.DuckDBPyConnection, flights: Callable[..., Judged]) -> View:
    """A view of one load that is changed before it is recorded."""

    def made(score: dict[str, object] | None = None, **changes: object) -> DatasetView:
        judged = dataclasses.replace(flights("2013-02-09", 1), **changes)  # type: ignore[arg-type]
        found = dataclasses.replace(judged.score, **score or {})  # type: ignore[type-var]
        recording.record(con, dataclasses.replace(judged, score=found))
        view = read_view(con, "flights")
        assert view
        return view

    return made


def texts(view: DatasetView) -> tuple[str, str]:
    """The page, and the markdown without its escapes."""
    return report.html(view), report.markdown(view).replace("\\", "").replace("\u2060", "")


def owned(results: tuple[CheckResult, ...]) -> tuple[CheckResult, ...]:
    return (dataclasses.replace(results[0], owner="crew"), *results[1:])


def test_the_owner_of_the_dataset_has_to_act(view: View) -> None:
    of_dataset = view(owner="ops", description="Departures of a day")
    for text in texts(of_dataset):
        assert "To act: ops" in text
        assert "Departures of a day" in text
    document = json.loads(report.json(of_dataset))
    assert (document["owner"], document["description"]) == ("ops", "Departures of a day")


def test_the_owner_of_the_check_acts_before_that_of_the_dataset(
    view: View, flights: Callable[..., Judged]
) -> None:
    results = owned(flights("2013-02-09", 1).results)
    for text in texts(view(owner="ops", results=results)):
        assert text.index("To act: crew") < text.index("To act: ops")


def test_the_published_score_stands_beside_that_of_what_came(view: View) -> None:
    for text in texts(view(score={"published": 0.987})):
        assert "0.782" in text
        assert "Of what is published" in text
        assert "0.987" in text
    for text in texts(view(score={"published": None})):
        assert "Of what is published" not in text


def test_waivers_stand_with_their_reason_owner_and_end_and_what_they_hide(
    view: View, flights: Callable[..., Judged]
) -> None:
    results = list(flights("2013-02-09", 1).results)
    hidden = {"outcome": Outcome.WAIVED, "unwaived": Outcome.FAILED, "message": "9 rows are odd"}
    results[4] = dataclasses.replace(results[4], **hidden)  # type: ignore[arg-type]
    waived = view(score={"unwaived": 0.5}, waivers=(WAIVER,), results=tuple(results))
    for text in texts(waived):
        assert "range(dep_time) is waived until 2026-12-31: The clock was broken (Ada)." in text
        assert "9 rows are odd." in text
        assert "Without waivers" in text
        assert "could not be judged" not in text
    document = json.loads(report.json(waived))
    assert document["waivers"] == [dataclasses.asdict(WAIVER)]
    assert document["unwaived_score"] == 0.5
    for text in texts(view()):
        assert "aiver" not in text


def test_few_records_are_a_word_of_caution(view: View) -> None:
    few, enough = view(received=29), view(received=30)
    for text in texts(few):
        assert "low volume: of 29 records, each weighs much" in text
    assert "low volume" in report.index_html([few])
    assert "low volume" in report.index_markdown([few])
    assert json.loads(report.json(few))["low_volume"]
    assert not any("low volume" in text for text in texts(enough))


def test_what_to_fix_first_comes_with_its_gain_and_its_cause(
    view: View, flights: Callable[..., Judged]
) -> None:
    results = list(flights("2013-02-09", 1).results)
    results[1] = dataclasses.replace(results[1], failed=22)
    alike = (Overlap((results[1].check, results[3].check), 22, others=False),)
    found = view(results=tuple(results), overlaps=alike)
    for text in texts(found):
        assert "What to fix first" in text
        assert "22 records fail" in text
        assert "as well: one cause." in text
        assert "Fixed alone, the score would be 0." in text
    explained = json.loads(report.json(found))["explanation"]
    assert explained["remedies"][0]["gain"] > 0


def test_a_file_without_fault_has_nothing_to_fix(view: View) -> None:
    sound = view(score={"value": 1.0, "grade": Grade.GREEN}, results=())
    assert not any("What to fix first" in text for text in texts(sound))


def test_a_check_against_its_past_is_drawn_with_its_band(
    con: duckdb.DuckDBPyConnection, flights: Callable[..., Judged]
) -> None:
    for n in range(1, LEAST_POINTS + 1):
        judged = flights("2013-02-07", n, f"run-{n}")
        at = judged.judged_at + timedelta(days=n)
        usual = dataclasses.replace(
            judged.results[0],
            check="usual volume",
            value=900.0 + n,
            low=800.0 + n,
            high=1000.0,
            period=at,
            unit="",
        )
        night = dataclasses.replace(
            judged, file=f"{n}.csv", judged_at=at, results=(usual, *judged.results)
        )
        recording.record(con, night)
        view = read_view(con, "flights")
        assert view
        drawn = n == LEAST_POINTS
        assert [len(course.points) for course in view.courses] == ([n] if drawn else [])
        for text in texts(view):
            assert ("Against what is usual" in text) == drawn
    (course,) = json.loads(report.json(view))["courses"]
    assert [point["value"] for point in course["points"]] == [901.0, 902.0, 903.0]
    assert course["points"][0]["low"] == 801.0


def test_a_bound_that_somebody_wrote_is_no_course(
    con: duckdb.DuckDBPyConnection, flights: Callable[..., Judged]
) -> None:
    for n in range(1, LEAST_POINTS + 1):
        judged = flights("2013-02-07", n, f"run-{n}")
        result = dataclasses.replace(judged.results[0], period=judged.judged_at, low=None, high=9.0)
        recording.record(con, dataclasses.replace(judged, file=f"{n}.csv", results=(result,)))
    view = read_view(con, "flights")
    assert view
    assert view.courses == ()
