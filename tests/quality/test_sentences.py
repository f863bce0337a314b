from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import duckdb
import pytest

from quality import recording, sentences
from quality.model import Grade, Outcome
from quality.overview import read_view
from quality.recording import Judged
from quality.view import CheckView, DatasetView, Example


def check_of(view: DatasetView, name: str, **changes: Any) -> CheckView:
    found = next(check for check in view.checks if check.check == name)
    return dataclasses.replace(found, **changes)


def graded(view: DatasetView, *grades: Grade, **changes: Any) -> DatasetView:
    """The view as if its first files had these grades, and the others were not there."""
    loads = tuple(
        dataclasses.replace(load, grade=grade)
        for load, grade in zip(view.loads, grades, strict=False)
    )
    return dataclasses.replace(
        view,
        loads=loads,
        worst=loads[0],
        files={grade: grades.count(grade) for grade in grades},
        run=dataclasses.replace(view.run, grade=max(grades), files=len(grades)),
        **changes,
    )


@pytest.mark.parametrize(
    ("grades", "verdict"),
    [
        ([Grade.GREEN] * 3, "Good to use: all 3 files are green;"),
        ([Grade.GREEN], "Good to use: flights_2013-02-07.csv is green;"),
        (
            [Grade.GREEN, Grade.AMBER],
            "Use with care: 1 of 2 files is amber (flights_2013-02-08.csv);",
        ),
        ([Grade.AMBER] * 4, "Use with care: 4 of 4 files are amber;"),
        (
            [Grade.RED, Grade.AMBER, Grade.AMBER],
            "Do not rely on it: of 3 files, 1 is red and 2 are amber;",
        ),
        ([Grade.NO_DATA], "No data: flights_2013-02-07.csv is without data;"),
    ],
)
def test_the_verdict_is_a_sentence(
    blizzard: DatasetView, grades: list[Grade], verdict: str
) -> None:
    assert sentences.verdict(graded(blizzard, *grades)).startswith(verdict)


def test_the_verdict_says_where_the_records_went(blizzard: DatasetView) -> None:
    assert sentences.verdict(blizzard) == (
        "Use with care: 2 of 7 files are amber (flights_2013-02-08.csv, flights_2013-02-09.csv); "
        "5 971 of 6 115 records loaded, 144 in quarantine."
    )
    held = dataclasses.replace(blizzard.loads[0], status="held")
    view = dataclasses.replace(blizzard, loads=(held,), loaded=0, quarantined=0, skipped=6115)
    assert "; 1 file held until a person approves; 0 of 6 115 records loaded, 6 115 set aside." in (
        sentences.verdict(view)
    )
    assert sentences.verdict(dataclasses.replace(blizzard, received=0)).endswith(
        "no records came in."
    )


def test_what_set_the_score_names_the_file(blizzard: DatasetView) -> None:
    assert sentences.set_by(blizzard).endswith(" (flights_2013-02-09.csv)")
    assert "(" not in sentences.set_by(graded(blizzard, Grade.GREEN)).removesuffix(")")[-30:]


@pytest.fixture
def nights(
    con: duckdb.DuckDBPyConnection, flights: Callable[..., Judged]
) -> Callable[..., DatasetView]:
    """Makes the view after two runs, each of one judged day."""

    def view(before: Judged, now: Judged) -> DatasetView:
        recording.record(con, dataclasses.replace(before, run_id="before", load_id=1))
        recording.record(con, dataclasses.replace(now, run_id="now", load_id=2))
        found = read_view(con, "flights")
        assert found
        return found

    return view


def test_changes_tell_what_is_worse_and_better(
    nights: Callable[..., DatasetView], flights: Callable[..., Judged]
) -> None:
    view = nights(flights("2013-02-07", 1), flights("2013-02-09", 2))
    assert sentences.changes(view) == [
        "The score went from 0.978 (green) to 0.782 (amber).",
        "cancelled_flights went from passed (0.4 %) to failed (57.5 %).",
        "not_null(dep_time) fails in more records: 57.5 %, before 0.4 %.",
        "not_null(tailnum) fails in more records: 24.6 %, before 0.1 %.",
        "foreign_key(tailnum) fails in fewer records: 13.8 %, before 15.9 %.",
        "foreign_key(dest) fails in more records: 3.2 %, before 2.1 %.",
    ]


def test_changes_name_a_check_that_cannot_run_and_other_rules(
    nights: Callable[..., DatasetView], flights: Callable[..., Judged]
) -> None:
    day = flights("2013-02-07", 1)
    broken = dataclasses.replace(day.results[1], outcome=Outcome.ERRORED, rows=0, failed=0)
    now = dataclasses.replace(
        day, rule_set_fingerprint="other", results=(day.results[0], broken, *day.results[2:])
    )
    assert sentences.changes(nights(day, now)) == [
        "The rules have changed: scores before and after do not compare exactly.",
        "not_null(tailnum) could not run.",
    ]


def test_nothing_of_note_is_said_too(
    nights: Callable[..., DatasetView], flights: Callable[..., Judged]
) -> None:
    day = flights("2013-02-07", 1)
    assert sentences.changes(nights(day, day)) == [
        "Nothing of note since the run before, on 14 February 2013."
    ]


def test_the_first_run_has_nothing_to_compare_with(blizzard: DatasetView) -> None:
    (change,) = sentences.changes(blizzard)
    assert change.startswith("This is the first run")


def test_a_finding_says_where_it_is_worst(blizzard: DatasetView) -> None:
    assert sentences.finding(check_of(blizzard, "not_null(tailnum)")) == (
        "In flights_2013-02-09.csv, the worst of 7 files: 168 of 684 rows (24.6 %): tailnum is "
        "empty. In all together: 375 of 6 115 records (6.1 %)."
    )
    alone = check_of(blizzard, "not_null(tailnum)", files=1, files_failed=1, message="It is so.")
    assert sentences.finding(alone) == "It is so."
    once = dataclasses.replace(alone, files=7)
    assert sentences.finding(once) == "Only in flights_2013-02-09.csv, of 7 files: It is so."
    assert sentences.finding(check_of(blizzard, "cancelled_flights")) == (
        "In flights_2013-02-09.csv, the worst of 2 files: 57.5 % of dep_time is empty; expected at "
        "most 10 %."
    )


@pytest.mark.parametrize(
    ("description", "text"),
    [
        (None, ""),
        ("  ", ""),
        ("What did not leave\n  did not land\n", "What did not leave did not land."),
        ("Ask the airline!", "Ask the airline!"),
    ],
)
def test_a_description_reads_as_a_sentence(
    blizzard: DatasetView, description: str | None, text: str
) -> None:
    check = check_of(blizzard, "not_null(tailnum)", description=description)
    assert sentences.about(check) == text


def test_examples_are_gathered_by_value(blizzard: DatasetView) -> None:
    rows = [(2, "A"), (1200, "B"), (4, "A"), (5, None), (6, "A"), (7, "C")]
    examples = tuple(Example("f", n - 1, n, value) for n, value in rows)
    check = check_of(blizzard, "not_null(tailnum)", examples=examples)
    assert sentences.examples(check) == [
        ("A", "lines 2, 4 and 6"),
        ("B", "line 1 200"),
        (None, "line 5"),
    ]
    unplaced = tuple(dataclasses.replace(example, line=None) for example in examples[:2])
    check = dataclasses.replace(check, examples=unplaced)
    assert sentences.examples(check) == [("A", "record 1"), ("B", "record 1 199")]


@pytest.mark.parametrize(
    ("score", "text"),
    [(1.0, "1.000"), (0.9999, "0.999"), (0.29, "0.290"), (0.0, "0.000"), (None, "–")],
)
def test_a_score_is_cut_and_never_rounded_up(score: float | None, text: str) -> None:
    assert sentences.points(score) == text
