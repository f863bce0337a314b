from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from datetime import UTC, datetime
from xml.etree import ElementTree

import duckdb
import pytest

from quality import charts, drawing, recording
from quality.model import Grade, Outcome
from quality.overview import read_view
from quality.recording import Judged
from quality.view import Cell, Course, DatasetView, Point

LARGEST = 25_000
SVG = "{http://www.w3.org/2000/svg}"


def texts(svg: str) -> list[str]:
    return [element.text or "" for element in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def test_bars_tell_score_and_grade_of_each_file(blizzard: DatasetView) -> None:
    svg = charts.scores_by_file(blizzard)
    assert svg
    found = texts(svg)
    assert [t for t in found if t.startswith("2013")] == [f"2013-02-{d:02}" for d in range(7, 14)]
    assert sum("amber" in t for t in found) == 2
    assert {"0.7", "0.9"} <= set(found)


def test_checks_tell_the_share_of_each_file(blizzard: DatasetView) -> None:
    svg = charts.checks_by_file(blizzard)
    assert svg
    assert {"cancelled_flights", "57.5 %", "24.6 %", "2013-02-09"} <= set(texts(svg))


def test_a_picture_for_any_ground_lets_none_shine_through(blizzard: DatasetView) -> None:
    svg = charts.checks_by_file(blizzard)
    assert svg
    solid = drawing.opaque(svg)
    assert ' opacity="' in svg
    assert ' opacity="' not in solid
    assert texts(solid) == texts(svg)
    depth = round(0.15 + 0.85 * (168 / 684) ** 0.5, 2)
    assert f'fill="{drawing.on_white(drawing.COLOURS[Grade.AMBER], depth)}"' in solid


def test_only_colours_are_made_opaque() -> None:
    svg = (
        f'<svg xmlns="{SVG[1:-1]}"><g fill="#000000"><path opacity="0.5" /></g>'
        '<path fill="#ffffff" opacity="0.1" /><path stroke="#000000" opacity="0.6" /></svg>'
    )
    group, white, line = ElementTree.fromstring(drawing.opaque(svg))
    assert group[0].attrib == {"fill": "#808080"}
    assert white.attrib == {"fill": "#ffffff"}
    assert line.attrib == {"stroke": "#000000", "opacity": "0.6"}


def test_trend_dots_every_run_and_marks_new_rules(month: DatasetView) -> None:
    svg = charts.trend(month)
    assert svg
    assert len(month.runs) == 30
    lines = [e for e in ElementTree.fromstring(svg).iter(f"{SVG}line") if e.get("stroke-dasharray")]
    assert len([line for line in lines if line.get("stroke-dasharray") == "2,3"]) == 1
    assert "other rules" in texts(svg)


def test_trend_joins_no_scores_of_different_rules(month: DatasetView) -> None:
    for view, parts in (
        (month, 2),
        (dataclasses.replace(month, runs=month.runs[:10]), 1),
    ):
        svg = charts.trend(view)
        assert svg
        paths = ElementTree.fromstring(svg).iter(f"{SVG}path")
        drawn = [path.get("d", "") for path in paths]
        assert sum(1 for d in drawn if d.startswith("M") and "L" in d and "A" not in d) == parts
        assert ("other rules" in texts(svg)) == (parts > 1)


def course(*points: tuple[float, float | None, float | None]) -> Course:
    moments = (datetime(2013, 2, day, tzinfo=UTC) for day in range(1, 29))
    made = zip(points, moments, strict=False)
    outcome = Outcome.PASSED
    return Course("usual", "", tuple(Point(at, *measured, outcome) for measured, at in made))


def test_a_course_shows_the_band_where_there_is_one() -> None:
    early = [(10.0, None, None)] * 3
    later = [(11.0, 8.0, 13.0), (12.0, 8.0, None), (1e9, None, 13.0)]
    for points, banded in ((early, 0), (early + later, 3)):
        root = ElementTree.fromstring(charts.course(course(*points)))
        bands = [e for e in root.iter() if e.get("opacity") == "0.2" or e.get("fill-opacity")]
        assert len(list(root.iter(f"{SVG}path"))) >= len(points)
        assert sum(len(e) or 1 for e in bands) >= banded
        assert bool(bands) == bool(banded)


def test_a_course_of_one_value_is_drawn() -> None:
    assert charts.course(course((0.0, 0.0, 0.0), (0.0, 0.0, 0.0)))


def test_there_is_no_chart_of_nothing(
    con: duckdb.DuckDBPyConnection, flights: Callable[..., Judged]
) -> None:
    recording.record(con, flights("2013-02-07", 1))
    view = read_view(con, "flights")
    assert view
    assert charts.scores_by_file(view) is None
    assert charts.checks_by_file(view) is None
    assert charts.trend(view) is None


@pytest.mark.parametrize("name", ["month", "blizzard"])
def test_charts_are_small_well_formed_and_alone(name: str, request: pytest.FixtureRequest) -> None:
    view = request.getfixturevalue(name)
    shaded = charts.checks_by_file(view)
    assert shaded
    drawn = [charts.scores_by_file(view), shaded, drawing.opaque(shaded), charts.trend(view)]
    assert drawn.count(None) == 1
    for svg in filter(None, drawn):
        root = ElementTree.fromstring(svg)
        assert len(svg.encode()) < LARGEST
        attributes = [(name, value) for e in root.iter() for name, value in e.items()]
        # Two pictures on one page would share ids; anything with an address could be fetched.
        assert not [name for name, _ in attributes if name == "id" or "href" in name]
        assert not [value for _, value in attributes if "url(" in value]
        assert not list(root.iter(f"{SVG}script"))


HOSTILE = "x\"'<script>alert(1)</script>&\x00\u202e"


def test_hostile_names_are_drawn_as_text(
    con: duckdb.DuckDBPyConnection, flights: Callable[..., Judged]
) -> None:
    for n, name in enumerate((HOSTILE + "1", HOSTILE + "2"), 1):
        judged = flights("2013-02-09", n)
        results = tuple(dataclasses.replace(r, check=HOSTILE + r.check) for r in judged.results)
        recording.record(con, dataclasses.replace(judged, file=name, results=results))
    view = read_view(con, "flights")
    assert view
    for svg in (charts.scores_by_file(view), charts.checks_by_file(view)):
        assert svg
        root = ElementTree.fromstring(svg)
        assert not [e for e in root.iter() if e.tag.endswith("script")]
        assert any("script>" in text for text in texts(svg))


def test_colours_mix_with_white() -> None:
    assert drawing.on_white("#d2453d", 1.0) == "#d2453d"
    assert drawing.on_white("#d2453d", 0.0) == "#ffffff"
    assert drawing.on_white("#000000", 0.5) == "#808080"


@pytest.mark.parametrize(
    ("files", "shorts"),
    [
        (["flights_2013-02-07.csv", "flights_2013-02-08.csv"], ["2013-02-07", "2013-02-08"]),
        (["a.csv", "b.json"], ["a.csv", "b.json"]),
        (["a.csv", "a.csv"], ["a (1)", "a (2)"]),
        (["in/x.csv", "in/y.csv"], ["x", "y"]),
        (["day_1.csv.gz", "day_2.csv.gz"], ["1", "2"]),
        (["v1.10.csv", "v1.20.csv"], ["v1.10", "v1.20"]),
        (["alone.csv"], ["alone"]),
    ],
)
def test_names_lose_what_they_share(
    blizzard: DatasetView, files: list[str], shorts: list[str]
) -> None:
    loads = [dataclasses.replace(blizzard.worst, file=file) for file in files]
    assert charts.short_names(loads) == shorts


@pytest.mark.parametrize(
    ("outcome", "rows", "failed", "value", "unit", "text"),
    [
        (Outcome.PASSED, 10, 0, None, "", "·"),
        (Outcome.WARNED, 100_000, 1, None, "", "under 0.1 %"),
        (Outcome.FAILED, 10, 10, None, "", "100 %"),
        (Outcome.FAILED, 0, 0, 0.5746, "", "0.57"),
        (Outcome.FAILED, 0, 0, 0.5746, "share", "57.5 %"),
        (Outcome.PASSED, 0, 0, 0.0004, "share", "under 0.1 %"),
        (Outcome.PASSED, 0, 0, 1.0, "share", "100 %"),
        (Outcome.PASSED, 0, 0, 1234.0, "", "1 234"),
        (Outcome.FAILED, 0, 0, 3.54, "day", "3.5"),
        (Outcome.PASSED, 0, 0, math.nan, "", "nan"),
        (Outcome.ERRORED, 0, 0, None, "", "error"),
        (Outcome.NOT_EVALUATED, 0, 0, None, "", "–"),
    ],
)
def test_a_cell_says_how_the_check_ended(
    outcome: Outcome, rows: int, failed: int, value: float | None, unit: str, text: str
) -> None:
    assert charts.cell_text(Cell("c", 1, outcome, rows, failed, value, unit)) == text
