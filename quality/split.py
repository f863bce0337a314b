"""A frame judged by checks: its good rows, its bad ones with the reasons, and a score."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Generic, TypeVar

from quality import evaluation, natives, scoring, sentences
from quality.checks import listed
from quality.context import Context
from quality.escaping import visible
from quality.frames import cast_verdict
from quality.model import Check, Grade, Outcome
from quality.result import CheckResult
from quality.scoring import Policy, Score
from quality.wording import count, plural, unbroken

Native = TypeVar("Native")

_COLOURS = {Grade.GREEN: "#1a7f37", Grade.AMBER: "#9a6700", Grade.RED: "#cf222e"}
_LIGHTS = {
    Outcome.FAILED: Grade.RED,
    Outcome.ERRORED: Grade.RED,
    Outcome.WARNED: Grade.AMBER,
    Outcome.NOT_EVALUATED: Grade.AMBER,
}


@dataclass(frozen=True, repr=False)
class Split(Generic[Native]):
    """What was found in a frame, and the frame in two; it prints as a table."""

    good: Native
    """The rows that a load would publish, of the kind that was given."""
    bad: Native
    """The rows that it would quarantine. Beside each stand `_failed`, the keys of the checks that
    it fails, and `_reasons`, what is wrong with it."""
    results: tuple[CheckResult, ...]
    """What each check found, in the order of the checks."""
    score: Score
    rows: int
    """Rows that were judged."""
    quarantined: int
    """Of those, how many are bad."""

    def __repr__(self) -> str:
        table = [
            (sentences.outcome(each.outcome), each.severity.label, each.check)
            for each in self.results
        ]
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        padded = (
            "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))
            for line in table
        )
        found = (f"{line}  {each.message}" for line, each in zip(padded, self.results, strict=True))
        return "\n".join([self._verdict(), self._counts(), "", *found])

    def _repr_html_(self) -> str:
        headings = (
            f"<th {_LEFT}>{name}</th>" for name in ("outcome", "severity", "check", "found")
        )
        return (
            f"<p>{_coloured(self._verdict(), self.score.grade)}<br>{_safe(self._counts())}</p>"
            f"<table><thead><tr>{''.join(headings)}</tr></thead>"
            f"<tbody>{''.join(map(_row, self.results))}</tbody></table>"
        )

    def _verdict(self) -> str:
        return f"{self.score.grade.label} {sentences.points(self.score.value)}, {self.score.set_by}"

    def _counts(self) -> str:
        good = self.rows - self.quarantined
        return f"{plural(self.rows, 'row')}: {count(good)} good, {count(self.quarantined)} bad"


def evaluate(
    frame: Native,
    checks: Sequence[Check | Mapping[str, Any] | str],
    references: Mapping[str, Any] | None = None,
    *,
    policy: Policy | None = None,
    context: Context | None = None,
) -> Split[Native]:
    """Judge a frame by checks, and split it into its good rows and its bad ones.

        found = evaluate(orders, [check("range", column="quantity", min=1), "row_count"])
        found.good, found.bad, found.score.grade

    Args:
        frame: A frame of Polars, pandas or PySpark, a table of Arrow, or a relation of DuckDB. A
            lazy frame is collected, and a relation that is no table computed into a temporary
            one, once.
        checks: What `check` gives, or what a contract lists: `{"range": {"column": "age"}}`.
        references: Other datasets by name: relations on the connection of a relation, otherwise
            frames of any kind. A check that refers to one that is not here is not evaluated.
        policy: Where green and amber begin, if not at 0.9 and 0.7.
        context: What is known beside the rows, for checks that compare with loads before.

    Raises:
        CheckInvalid: With every problem in the checks that was found.
        TypeError: Something that is given is no frame.
        ValueError: A column is called as if it told whether the values of another could be read.
    """
    opened = natives.opened(frame)
    types = natives.types(opened.rows)
    if taken := next((name for name in types if cast_verdict(name) in types), None):
        raise ValueError(
            f"the column {cast_verdict(taken)!r} is called as what tells whether a value of "
            f"{taken!r} could be read; rename it"
        )
    bound = listed(checks, types)
    others = {name: opened.other(each) for name, each in (references or {}).items()}
    found = evaluation.evaluate(opened.rows, bound, others, opened.keep, context)
    failed = {result.check: result for result in found.results if result.failed}
    reasons = {each.key: each.fault for each in bound if each.key in failed}
    grave = [key for key, result in failed.items() if result.quarantines]
    good, bad = opened.cut(found.failures, reasons, grave)
    score = scoring.score_all(found.results, found, rejected=0, policy=policy or Policy())
    return Split(good, bad, found.results, score, found.rows, found.quarantined)


_LEFT = 'style="text-align: left"'


def _row(result: CheckResult) -> str:
    ended = _coloured(sentences.outcome(result.outcome), _LIGHTS.get(result.outcome, Grade.GREEN))
    told = (
        _safe(result.severity.label),
        f"<code>{_safe(result.check)}</code>",
        _safe(result.message),
    )
    return "<tr>" + "".join(f"<td {_LEFT}>{cell}</td>" for cell in (ended, *told)) + "</tr>"


def _coloured(text: str, light: Grade) -> str:
    return f'<b style="color: {_COLOURS.get(light, "#57606a")}">{_safe(text)}</b>'


def _safe(text: str) -> str:
    return escape(unbroken(visible(text)))
