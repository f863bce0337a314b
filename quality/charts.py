"""The charts of a report: which files are worse, why, and since when."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from fractions import Fraction
from itertools import takewhile
from typing import Any

from quality import sentences
from quality.drawing import (
    COLOUR,
    COLOURS,
    DARK_INK,
    GAP,
    INK,
    TEXT,
    Spec,
    draw,
    layer,
    name_axis,
    nominal,
    quantitative,
    score_axis,
    width_of,
)
from quality.escaping import cut, visible
from quality.model import Grade, Outcome, Severity
from quality.view import Cell, CheckView, Course, DatasetView, LoadView
from quality.wording import SHARE, amount, count, percent

_OUTCOME_COLOURS = {
    Outcome.PASSED_WITH_FAILURES: COLOURS[Grade.NO_DATA],
    Outcome.WAIVED: COLOURS[Grade.NO_DATA],
    Outcome.WARNED: COLOURS[Grade.AMBER],
    Outcome.FAILED: COLOURS[Grade.RED],
    Outcome.ERRORED: COLOURS[Grade.RED],
}
_MARKS = {
    Outcome.NOT_EVALUATED: "–",
    Outcome.WARNED: "warn",
    Outcome.FAILED: "fail",
    Outcome.WAIVED: "waived",
}
_WIDTH, _CELL = 340, 48
_MOST_BARS = 31
_MOST_ROWS, _MOST_COLUMNS = 10, 14


def scores_by_file(view: DatasetView) -> str | None:
    """The score of each file of the run against the thresholds; none for a single file."""
    loads = view.loads[-_MOST_BARS:]
    if len(loads) < 2:
        return None
    names = short_names(loads)
    bars = [
        {
            "file": name,
            "score": load.score or 0.0,
            "text": f"{sentences.points(load.score)}  {load.grade.label.replace('_', ' ')}",
            "colour": COLOURS[load.grade],
        }
        for name, load in zip(names, loads, strict=True)
    ]
    file = {"y": nominal("file", sort=names, axis=name_axis(names))}
    beside = file | {"x": {"value": _WIDTH}}
    layers = [
        *_thresholds(view, "x"),
        layer("bar", file | {"x": _score(view), "color": COLOUR}, size=14),
        layer("text", beside | {"text": TEXT}, align="left", dx=12, fontWeight=600),
    ]
    return draw(bars, layers, width=_WIDTH, height={"step": 26}, right=48)


def trend(view: DatasetView) -> str | None:
    """The score of the last runs against the thresholds; none before the second run.

    Where the rules changed the line is broken, and a dotted one stands there.
    """
    if len(view.runs) < 2:
        return None
    last = len(view.runs) - 1
    earlier = (view.runs[0], *view.runs)
    changed = [
        run.rule_set_fingerprint != before.rule_set_fingerprint
        for run, before in zip(view.runs, earlier, strict=False)
    ]
    points = [
        {
            "place": place,
            "score": run.score,
            "text": sentences.points(run.score) if place == last else "",
            "colour": COLOURS[run.grade],
            "changed": changed[place],
            # Scores by different rules are not joined by a line, for they do not compare.
            "rules": sum(changed[: place + 1]),
            "since": place - 0.5,
            "note": "",
        }
        for place, run in enumerate(view.runs)
    ]
    if changes := [point for point in points if point["changed"]]:
        changes[-1]["note"] = "other rules"
    days = _days([run.at for run in view.runs])
    score = {"x": quantitative("place", **days), "y": _score(view)}
    since = {"x": quantitative("since", **days)}
    noted = {"y": {"value": "height"}, "text": nominal("note")}
    layers = [
        *_thresholds(view, "y"),
        layer("rule", since, where="datum.changed", strokeDash=[2, 3], color=INK),
        layer("text", since | noted, where="datum.note", align="left", dx=5, dy=-6, fontSize=11),
        layer("line", score | {"detail": nominal("rules")}, color=INK, opacity=0.6),
        layer("circle", score | {"color": COLOUR}, size=70, opacity=1),
        layer("text", score | {"text": TEXT}, dy=-14, fontWeight=600),
    ]
    return draw(points, layers, width=480, height=150)


def course(measured: Course) -> str:
    """What a check measured in one file after the other, before the band it was expected in."""
    points = [
        {
            "place": place,
            "from": place - 0.5,
            "to": place + 0.5,
            "value": point.value,
            "low": point.low,
            "high": point.high,
            "banded": point.low is not None or point.high is not None,
            "colour": _OUTCOME_COLOURS.get(point.outcome, INK),
            "size": 70 if point.outcome in _OUTCOME_COLOURS else 28,
        }
        for place, point in enumerate(measured.points)
    ]
    # A band that is open to one side ends where the picture does.
    every = [n for p in measured.points for n in (p.value, p.low, p.high) if n is not None]
    least, most = min(every), max(every)
    room = (most - least) * 0.06 or abs(most) * 0.06 or 1.0
    domain = [least - room, most + room]
    for point in points:
        point["low"] = domain[0] if point["low"] is None else point["low"]
        point["high"] = domain[1] if point["high"] is None else point["high"]
    days = _days([point.at for point in measured.points])
    tells = {"title": None, "format": "~%" if measured.unit == SHARE else "~s", "tickCount": 4}
    scale = {"domain": domain, "nice": False, "zero": False}
    band = {
        "x": quantitative("from", **days),
        "x2": {"field": "to"},
        "y": quantitative("low", scale=scale, axis=tells),
        "y2": {"field": "high"},
    }
    height = quantitative("value", scale=scale, axis=tells)
    value = {"x": quantitative("place", **days), "y": height}
    size = {"size": quantitative("size", scale=None)}
    layers = [
        layer("rect", band, where="datum.banded", color=COLOURS[Grade.GREEN], opacity=0.2),
        layer("line", value, color=INK, opacity=0.6),
        layer("circle", value | size | {"color": COLOUR}, opacity=1),
    ]
    return draw(points, layers, width=480, height=110)


def checks_by_file(view: DatasetView) -> str | None:
    """The share of failing records for each check and file; none for one file, or all well."""
    loads = view.compared[-_MOST_COLUMNS:]
    checks = {check.check: check for check in view.findings[:_MOST_ROWS]}
    if len(loads) < 2 or not checks:
        return None
    files = short_names(loads)
    columns = {load.load_id: name for load, name in zip(loads, files, strict=True)}
    rows = dict(zip(checks, _distinct([cut(visible(key), 38) for key in checks]), strict=True))
    cells = [
        {
            "check": rows[cell.check],
            "file": columns[cell.load_id],
            "text": cell_text(cell),
            **_shade(cell, checks[cell.check]),
        }
        for cell in view.cells
        if cell.check in checks and cell.load_id in columns
    ]
    width = max(width_of(files) + 12, _CELL)
    upright = width * len(files) <= 620
    across = {"title": None, "orient": "top", "labelAngle": 0 if upright else -40}
    names = [*rows.values()]
    cell = {
        "x": nominal("file", sort=files, scale=GAP, axis=across),
        "y": nominal("check", sort=names, scale=GAP, axis=name_axis(names)),
    }
    shade = {"color": COLOUR, "opacity": quantitative("depth", scale=None)}
    layers = [
        layer("rect", cell | shade, where="datum.colour"),
        layer("text", cell | {"text": TEXT}, where="datum.colour", fontSize=11, color=DARK_INK),
        layer("text", cell | {"text": TEXT}, where="!datum.colour", fontSize=11),
    ]
    step = {"step": width if upright else _CELL}
    return draw(cells, layers, width=step, height={"step": 28})


def short_names(loads: Sequence[LoadView]) -> list[str]:
    """File names without what they all begin and end with, `2013-02-08`; each another."""
    names = [visible(load.file) for load in loads]
    start = _common_start(names)
    start = start[: max(start.rfind(mark) for mark in "_/ ") + 1]
    rests = [name.removeprefix(start) for name in names]
    end = _common_start([rest[::-1] for rest in rests])[::-1]
    end = end[end.find(".") :] if "." in end else ""
    return _distinct(
        [
            cut(rest.removesuffix(end) or rest, 34)
            + (f" v{load.version}" if load.version > 1 else "")
            for rest, load in zip(rests, loads, strict=True)
        ]
    )


def _common_start(texts: Sequence[str]) -> str:
    same = takewhile(lambda letters: len(set(letters)) == 1, zip(*texts, strict=False))
    return "".join(letters[0] for letters in same)


def _distinct(names: list[str]) -> list[str]:
    """Names as they are; those that are not alone with their name, with their place."""
    return [
        name if names.count(name) == 1 else f"{name} ({place})"
        for place, name in enumerate(names, 1)
    ]


def _shade(cell: Cell, check: CheckView) -> dict[str, Any]:
    """Colour for how the check ended; depth for how many records failed."""
    colour = _OUTCOME_COLOURS.get(cell.outcome)
    if colour and check.severity is Severity.INFO:
        colour = COLOURS[Grade.NO_DATA]
    blameless = cell.outcome is Outcome.ERRORED or not cell.rows
    depth = 0.15 + 0.85 * (1.0 if blameless else cell.failed / cell.rows) ** 0.5
    return {"colour": colour, "depth": round(depth, 2)}


def cell_text(cell: Cell) -> str:
    """What a cell says: the share that failed, what was measured, or how the check ended."""
    if cell.outcome is Outcome.ERRORED:
        return "error"
    if cell.rows and cell.failed:
        return percent(Fraction(cell.failed, cell.rows))
    if cell.value is None:
        return _MARKS.get(cell.outcome, "·")
    if cell.unit == SHARE:
        return amount(cell.value, SHARE)
    if cell.value.is_integer():
        return count(int(cell.value))
    return f"{cell.value:.2g}" if abs(cell.value) < 1 else f"{cell.value:.1f}"


def _days(moments: Sequence[datetime]) -> Spec:
    """The look of a channel whose places are moments one after the other, told by their days."""
    last = len(moments) - 1
    days = json.dumps([f"{moment.day} {moment:%b}" for moment in moments])
    ticks = {
        "title": None,
        "grid": False,
        "labelPadding": 8,
        "values": list(range(0, last + 1, last // 8 + 1)),
        "labelExpr": f"({days})[datum.value]",
    }
    return {"scale": {"domain": [-0.5, last + 0.5], "nice": False}, "axis": ticks}


def _score(view: DatasetView) -> Spec:
    axis = score_axis(view.thresholds.values())
    return quantitative("score", scale={"domain": [0, 1]}, axis=axis)


def _thresholds(view: DatasetView, channel: str) -> list[Spec]:
    dashed: Spec = {"strokeDash": [4, 4], "strokeWidth": 1.5}
    return [
        layer("rule", {channel: _score(view)}, color=COLOURS[grade], **dashed)
        | {"data": {"values": [{"score": value}]}}
        for grade in (Grade.AMBER, Grade.GREEN)
        if (value := view.thresholds.get(grade.label)) is not None
    ]
