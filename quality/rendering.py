"""Pages made of templates, in which strangers' text is only text.

Everything in a page may be a stranger's text, so templates escape by default: what is printed
without being marked as safe is made visible and harmless first.
"""

from __future__ import annotations

import shlex
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from quality import advice, escaping, sentences
from quality.model import Grade, Outcome, Severity
from quality.sql import quoted
from quality.view import CheckView
from quality.wording import count, plural, unbroken

if TYPE_CHECKING:
    from jinja2 import Environment

_MOST_FINDINGS = 12
_MOST_HELD = 5
_MOST_REMEDIES = 5
_OUTCOME_LIGHTS = {
    Outcome.WARNED: Grade.AMBER,
    Outcome.FAILED: Grade.RED,
    Outcome.ERRORED: Grade.RED,
    Outcome.WAIVED: Grade.NO_DATA,
    Outcome.NOT_EVALUATED: Grade.NO_DATA,
}


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
        "name": quoted,
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
        "owner": advice.owner,
        "gain": advice.gain,
        "plan": advice.plan,
        "waiver": advice.waiver,
        "low_volume": advice.low_volume,
        "what": advice.what,
        "most_findings": _MOST_FINDINGS,
        "most_held": _MOST_HELD,
        "most_remedies": _MOST_REMEDIES,
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
