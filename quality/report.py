"""Reports for a person: markdown for Prefect and files, HTML in one file, JSON. Pure.

Everything in a report may be a stranger's text, so templates escape by default: what is printed
without being marked as safe is made visible and harmless first.
"""

from __future__ import annotations

import dataclasses
import json as _json
import shlex
from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache, lru_cache
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from quality import charts, escaping, sentences
from quality.drawing import opaque
from quality.model import Grade, Outcome, Severity
from quality.view import CheckView, DatasetView
from quality.wording import count, plural, unbroken

if TYPE_CHECKING:
    from jinja2 import Environment

LARGEST_MARKDOWN = 100_000
"""Bytes; what a Prefect artifact should not exceed. Charts give way first."""
_MOST_FINDINGS = 12
_MOST_HELD = 5
_OUTCOME_LIGHTS = {
    Outcome.WARNED: Grade.AMBER,
    Outcome.FAILED: Grade.RED,
    Outcome.ERRORED: Grade.RED,
    Outcome.WAIVED: Grade.NO_DATA,
    Outcome.NOT_EVALUATED: Grade.NO_DATA,
}


def markdown(view: DatasetView) -> str:
    """One dataset as markdown, at most `LARGEST_MARKDOWN` bytes, charts as images inside."""
    pictures = [(name, alt, _data_uri(opaque(svg))) for name, alt, svg in _charts(view)]
    while True:
        text = render("report.md", view=view, charts=dict(_named(pictures)))
        if len(text.encode()) <= LARGEST_MARKDOWN or not pictures:
            return text
        pictures.pop()


def html(view: DatasetView) -> str:
    """One dataset as a page that needs nothing but itself: no script, no request."""
    return render("report.html", view=view, charts=dict(_named(_charts(view))))


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
def _charts(view: DatasetView) -> list[tuple[str, str, str]]:
    """Name, words for those who cannot see it, and picture; the most telling first."""
    # Nothing else of a report takes long, so the page and the markdown share the pictures.
    drawn = [
        ("checks", "Failing records by check and file", charts.checks_by_file(view)),
        ("scores", f"Score of each file of {view.dataset}", charts.scores_by_file(view)),
        ("trend", f"Score of {view.dataset} over the last runs", charts.trend(view)),
    ]
    return [(name, alt, svg) for name, alt, svg in drawn if svg]


def _named(pictures: Sequence[tuple[str, str, str]]) -> list[tuple[str, dict[str, Any]]]:
    from markupsafe import Markup

    return [(name, {"alt": alt, "picture": Markup(drawn)}) for name, alt, drawn in pictures]


def _data_uri(svg: str) -> str:
    return "data:image/svg+xml;base64," + b64encode(svg.encode()).decode()


def _document(view: DatasetView) -> dict[str, Any]:
    checks = [
        _plain(check) | {"share": float(check.share), "sentence": sentences.finding(check)}
        for check in view.checks
    ]
    return {
        "dataset": view.dataset,
        "grade": view.run.grade.label,
        "score": view.run.score,
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
        "loads": [_plain(load) for load in view.loads],
        "checks": checks,
        "runs": [_plain(run) for run in view.runs],
    }


def _plain(value: Any) -> Any:
    """Dataclasses as dicts, enums as their words, moments as text; all that JSON can hold."""
    if dataclasses.is_dataclass(value):
        return {f.name: _plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, float) and not isfinite(value):
        return str(value)
    return getattr(value, "label", value)


def render(template: str, **values: Any) -> str:
    """Fill in one of the templates; strangers' text is made harmless on the way.

    Args:
        template: Its name and kind: `report.html`.
        values: What it speaks of.
    """
    kind = template.partition(".")[2]
    return _environment(kind).get_template(f"{template}.j2").render(values)


@cache
def _environment(kind: str) -> Environment:
    """Templates of a kind, `md` or `html`, which escape whatever is not marked as safe."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    def shown(value: Any) -> Any:
        if isinstance(value, Markup) or not isinstance(value, str):
            return value
        return Markup(escaping.markdown(value)) if kind == "md" else escaping.visible(value)

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        finalize=shown,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {
        "address": lambda address: Markup(quote(address, safe="/:?=&#%")),
        "bar": _bar,
        "code": lambda text, cell=False: Markup(escaping.code(text, cell)),
        "cut": lambda text, longest=escaping.LONGEST_VALUE: escaping.cut(
            escaping.visible(text), longest
        ),
        "minute": lambda at: f"{at.day} {at:%b %Y, %H:%M}",
        "moment": lambda at: f"{sentences.day(at)}, {at:%H:%M} UTC",
        "count": lambda number: "–" if number is None else count(number),
        "plural": plural,
        "points": sentences.points,
        "unbroken": unbroken,
        "shell": shlex.quote,
        "name": lambda name: '"' + name.replace('"', '""') + '"',
        "outcome": sentences.outcome,
        "light": _light,
    }
    environment.globals |= {
        "verdict": sentences.verdict,
        "set_by": sentences.set_by,
        "changes": sentences.changes,
        "finding": sentences.finding,
        "about": sentences.about,
        "examples": sentences.examples,
        "fate": sentences.fate,
        "rules_changed": sentences.rules_changed,
        "most_findings": _MOST_FINDINGS,
        "most_held": _MOST_HELD,
    }
    return environment


def _light(check: CheckView) -> Grade:
    """The light of a check; what only informs has none of the three colours."""
    if check.severity is Severity.INFO:
        return Grade.NO_DATA
    return _OUTCOME_LIGHTS.get(check.outcome, Grade.GREEN)


def _bar(score: float) -> str:
    """A score as ten little blocks, for where nothing can be drawn."""
    full = int(score * 10)
    return "▰" * full + "▱" * (10 - full)
