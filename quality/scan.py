"""One scan over the rows: what all checks count, fused into one query."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import narwhals as nw

from quality import findings, frames
from quality.frames import RECORD_NO, Materialise, Table
from quality.model import Check, CheckResult
from quality.questions import Question, judge

_BAD, _QUARANTINED = "_bad", "_quarantined"
_COUNTS = ("rows", "bad", "quarantined", "kept_bad", "unwaived_bad")


@dataclass(frozen=True)
class Asked:
    """What is asked of a table."""

    table: Table
    checks: Sequence[Check]
    questions: Sequence[Question]
    """Those of the checks that can be asked."""
    keep: Materialise


@dataclass(frozen=True)
class Scanned:
    """What one scan counted in one part."""

    results: dict[str, CheckResult]
    counts: dict[str, int]
    """`rows`, and the other counts of an evaluation, by name."""


def scan(asked: Asked) -> dict[Any, Scanned]:
    """Ask all questions in one scan, and count what each part answers."""
    verdicts = [each for each in asked.questions if not each.measure]
    soiling = [each for each in verdicts if each.check.soils]
    strict = [each for each in verdicts if each.check.quarantines]
    without_waivers = [each for each in verdicts if replace(each.check, waived=False).soils]
    kept = ~nw.col(_QUARANTINED)
    counts = [
        nw.col(RECORD_NO).count().alias("rows"),
        nw.col(_BAD).sum().alias("bad"),
        nw.col(_QUARANTINED).sum().alias("quarantined"),
        (nw.col(_BAD) & kept).sum().alias("kept_bad"),
        fails_any(without_waivers).sum().alias("unwaived_bad"),
    ]
    for each in asked.questions:
        value = nw.col(each.column)
        counts.append(value.count().alias(f"{each.column}_rows"))
        if each.measure:
            counts.append(each.measure.by(value).alias(f"{each.column}_value"))
        else:
            counts.append((~value).sum().alias(f"{each.column}_failed"))
            counts.append((~value.is_null() & kept).sum().alias(f"{each.column}_kept"))
            if not each.check.quarantines:
                counts.append((~value & kept).sum().alias(f"{each.column}_kept_failed"))
        if each.failing is not None:
            hit = ~nw.col(each.joined).is_null() & ~value.is_null()
            counts.append(hit.sum().alias(f"{each.column}_hits"))
    judged = judge(asked.table, asked.questions).with_columns(
        fails_any(soiling).alias(_BAD), fails_any(strict).alias(_QUARANTINED)
    )
    counted = frames.by_part(judged, asked.table.by, counts)
    return {
        part: Scanned(
            {each.check.key: _result(each, part, found) for each in asked.questions},
            {name: int(found[name] or 0) for name in _COUNTS},
        )
        for part, found in counted.items()
    }


def _result(question: Question, part: Any, counted: Mapping[str, Any]) -> CheckResult:
    check, column = question.check, question.column
    rows = int(counted[f"{column}_rows"])
    if question.measure is None:
        counts = findings.Counts(
            rows,
            failed=int(counted[f"{column}_failed"]),
            keys=question.keys.get(part, 0),
            hits=int(counted.get(f"{column}_hits") or 0),
            kept_rows=int(counted[f"{column}_kept"]),
            kept_failed=int(counted.get(f"{column}_kept_failed", 0)),
        )
        return findings.judged(check, counts)
    value = counted[f"{column}_value"]
    # Of no rows there is a number, which is none; of no values there is nothing.
    if value is None or (rows == 0 and check.columns):
        return findings.measured(check, question.measure, None)
    if isinstance(value, float):
        value = float(f"{value:.12g}")  # the last digits depend on the order of the rows
    return findings.measured(check, question.measure, question.measure.read(value))


def fails_any(questions: Sequence[Question]) -> nw.Expr:
    """Whether a record fails one of the checks, where their values stand beside it."""
    every = ~nw.col(RECORD_NO).is_null()  # true, and as long as the frame where nothing is asked
    return ~_all([every, *(nw.col(each.column).fill_null(True) for each in questions)])


def _all(verdicts: Sequence[nw.Expr]) -> nw.Expr:
    """Whether all verdicts are true; halved and halved again, for hundreds would nest too deep."""
    if len(verdicts) == 1:
        return verdicts[0]
    half = len(verdicts) // 2
    return _all(verdicts[:half]) & _all(verdicts[half:])
