"""Reports for a person: markdown for Prefect and files, HTML in one file, JSON. Pure."""

from __future__ import annotations

import json as _json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from quality import charts, explanation, sentences
from quality.drawing import opaque
from quality.explanation import Explanation
from quality.plain import plain
from quality.rendering import render
from quality.view import DatasetView

LARGEST_MARKDOWN = 100_000
"""Bytes; what a Prefect artifact should not exceed. Charts give way first."""


MOST_COURSES = 4
"""Checks whose course is drawn."""


def markdown(view: DatasetView) -> str:
    """One dataset as markdown, at most `LARGEST_MARKDOWN` bytes, charts as images inside."""
    pictures = [(name, alt, _data_uri(opaque(svg))) for name, alt, svg in _charts(view)]
    while True:
        text = render("report.md", **_about(view), charts=dict(_named(pictures)))
        if len(text.encode()) <= LARGEST_MARKDOWN or not pictures:
            return text
        pictures.pop()


def html(view: DatasetView) -> str:
    """One dataset as a page that needs nothing but itself: no script, no request."""
    return render("report.html", **_about(view), charts=dict(_named(_charts(view))))


def json(view: DatasetView) -> str:
    """One dataset as a JSON document with the same facts."""
    return _json.dumps(_document(view), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def index_markdown(views: Sequence[DatasetView], links: Mapping[str, str] | None = None) -> str:
    """All datasets as a markdown table, the worst first.

    Args:
        links: Where the report of a dataset is, by its name.
    """
    return render("index.md", views=_worst_first(views), links=links or {})


def index_html(views: Sequence[DatasetView], links: Mapping[str, str] | None = None) -> str:
    """All datasets as a page, the worst first.

    Args:
        links: Where the report of a dataset is, by its name.
    """
    return render("index.html", views=_worst_first(views), links=links or {})


def _worst_first(views: Sequence[DatasetView]) -> list[DatasetView]:
    return sorted(views, key=lambda v: (-v.run.grade, v.run.score or 0.0, v.dataset))


@lru_cache(maxsize=16)
def _explained(view: DatasetView) -> Explanation:
    return explanation.explain(view.account)


def _about(view: DatasetView) -> dict[str, Any]:
    explained = _explained(view)
    gaining = sum(each.score > (view.worst.score or 0.0) for each in explained.remedies)
    needed = explained.plan.remedies if explained.plan else 0
    # What gains nothing is of interest only where all else gains nothing either.
    remedies = explained.remedies[: max(gaining, needed) or None]
    return {"view": view, "explained": explained, "remedies": remedies}


@lru_cache(maxsize=16)
def _charts(view: DatasetView) -> list[tuple[str, str, str]]:
    """Name, words for those who cannot see it, and picture; the most telling first."""
    # Nothing else of a report takes long, so the page and the markdown share the pictures.
    drawn = [
        ("checks", "Failing records by check and file", charts.checks_by_file(view)),
        ("scores", f"Score of each file of {view.dataset}", charts.scores_by_file(view)),
        ("trend", f"Score of {view.dataset} over the last runs", charts.trend(view)),
    ]
    drawn += [
        (
            f"course {place}",
            f"What {course.check} measured, and what it expected",
            charts.course(course),
        )
        for place, course in enumerate(view.courses[:MOST_COURSES])
    ]
    return [(name, alt, svg) for name, alt, svg in drawn if svg]


def _named(pictures: Sequence[tuple[str, str, str]]) -> list[tuple[str, dict[str, Any]]]:
    from markupsafe import Markup

    return [(name, {"alt": alt, "picture": Markup(drawn)}) for name, alt, drawn in pictures]


def _data_uri(svg: str) -> str:
    return "data:image/svg+xml;base64," + b64encode(svg.encode()).decode()


def _document(view: DatasetView) -> dict[str, Any]:
    checks = [
        plain(check) | {"share": float(check.share), "sentence": sentences.finding(check)}
        for check in view.checks
    ]
    return {
        "dataset": view.dataset,
        "grade": view.run.grade.label,
        "score": view.run.score,
        "published_score": view.published_score,
        "unwaived_score": view.unwaived_score,
        "low_volume": view.worst.low_volume,
        "owner": view.owner,
        "description": view.description,
        "verdict": sentences.verdict(view),
        "set_by": {
            "file": view.worst.file,
            "reason": view.worst.set_by,
            "check": view.worst.set_by_check,
        },
        "run_id": view.run.run_id,
        "at": view.run.at.isoformat(),
        "thresholds": dict(view.thresholds),
        "rule_set_fingerprint": view.run.rule_set_fingerprint,
        "records": {
            "received": view.received,
            "loaded": view.loaded,
            "quarantined": view.quarantined,
            "skipped": view.skipped,
        },
        "files": {grade.label: count for grade, count in view.files.items()},
        "changes": sentences.changes(view),
        "dimensions": dict(view.dimensions),
        "loads": [plain(load) for load in view.loads],
        "checks": checks,
        "runs": [plain(run) for run in view.runs],
        "waivers": [plain(waiver) for waiver in view.waivers],
        "explanation": explanation.document(_explained(view)),
        "courses": [plain(course) for course in view.courses],
    }
