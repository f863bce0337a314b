"""One scan over the rows: all checks are asked at once, and counted in the records they note."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import narwhals as nw

from quality import findings, frames
from quality.frames import RECORD_NO, Frame, Materialise
from quality.measure import Measure
from quality.model import Check
from quality.questions import Question, judge
from quality.result import CheckResult
from quality.table import Table

_ROWS = "rows"
_FAILS, _BAD, _QUARANTINED, _UNWAIVED = "_fails", "_bad", "_quarantined", "_unwaived"
_ALONE = "_alone"
_COUNTS = {
    "bad": nw.col(_BAD),
    "quarantined": nw.col(_QUARANTINED),
    "kept_bad": nw.col(_BAD) & ~nw.col(_QUARANTINED),
    "unwaived_bad": nw.col(_UNWAIVED),
}


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


@dataclass(frozen=True)
class Scan:
    """What one scan found."""

    parts: dict[Any, Scanned]
    noted: Frame
    """The records of which a verdict is not true, with all their verdicts."""

    def failures(self, failing: Sequence[Question], by: tuple[str, ...]) -> Frame:
        """The records that fail a check, and of each question whether they fail it."""
        flags = [~_values(failing).fill_null(True)] if failing else []
        return self.noted.filter(nw.col(_FAILS)).select(RECORD_NO, *by, *flags)


def scan(asked: Asked) -> Scan:
    """Ask all questions in one scan.

    Of a record that all verdicts are true of there is nothing more to say. The others are noted,
    and what is counted is counted in them, so that no verdict is found twice.
    """
    verdicts = [each for each in asked.questions if not each.measure]
    measures = [each for each in asked.questions if each.measure]
    by = asked.table.by
    noted = asked.keep(_noted(asked.table, verdicts))
    measured = frames.by_part(judge(asked.table, measures), by, list(_measured(measures)))
    counted = frames.by_part(noted, by, list(_counted(verdicts)))
    return Scan(
        {part: _scanned(asked, part, e | counted.get(part, {})) for part, e in measured.items()},
        noted,
    )


def _noted(table: Table, verdicts: Sequence[Question]) -> Frame:
    """The records of which a verdict is not true, with what that makes of them."""
    soiling = [each for each in verdicts if each.check.soils]
    strict = [each for each in verdicts if each.check.quarantines]
    grave = [each for each in verdicts if replace(each.check, waived=False).soils]

    def fails(some: Sequence[Question]) -> nw.Expr:
        return nw.col(_FAILS) if len(some) == len(verdicts) else _faults(some) > 0

    flags = {_BAD: soiling, _QUARANTINED: strict, _UNWAIVED: grave}
    good = _all([_EVERY, *(nw.col(each.column) for each in verdicts)])
    noted = judge(table, verdicts).filter(~good.fill_null(False))
    return noted.with_columns((_faults(verdicts) > 0).alias(_FAILS)).with_columns(
        (_faults(soiling) == 1).alias(_ALONE),
        *(fails(some).alias(name) for name, some in flags.items()),
    )


def _measured(measures: Sequence[Question]) -> Iterator[nw.Expr]:
    yield nw.col(RECORD_NO).count().alias(_ROWS)
    for each in measures:
        value = nw.col(each.column)
        yield value.count().alias(f"{each.column}_rows")
        if each.measure:
            yield each.measure.by(value).alias(f"{each.column}_value")


def _counted(verdicts: Sequence[Question]) -> Iterator[nw.Expr]:
    """What is counted in the records that are noted."""
    for name, which in _COUNTS.items():
        yield _number_of(which).alias(name)
    lenient = [each for each in verdicts if not each.check.quarantines]
    soiling = [each for each in verdicts if each.check.soils]
    out = nw.col(_QUARANTINED)
    if verdicts:
        values = _values(verdicts)
        yield _number_of(values.is_null()).name.suffix("_null")
        yield _number_of(~values).name.suffix("_failed")
        yield _number_of(~values.is_null() & out).name.suffix("_out")
    if lenient:
        yield _number_of(~_values(lenient) & ~out).name.suffix("_kept_failed")
    if soiling:
        yield _number_of(~_values(soiling) & nw.col(_ALONE)).name.suffix("_alone")
    for each in verdicts:
        if each.failing is not None:
            hit = ~nw.col(each.joined).is_null() & ~nw.col(each.column).is_null()
            yield _number_of(hit).alias(f"{each.column}_hits")


def _values(questions: Sequence[Question]) -> nw.Expr:
    """The values of questions, all in one expression: hundreds would take long to write."""
    return nw.col(*(each.column for each in questions))


def _number_of(which: nw.Expr) -> nw.Expr:
    """How many records are such; Spark adds up no booleans."""
    return which.cast(nw.Int64).sum()


def _scanned(asked: Asked, part: Any, found: Mapping[str, Any]) -> Scanned:
    rows = int(found[_ROWS])
    return Scanned(
        {each.check.key: _result(each, part, rows, found) for each in asked.questions},
        {_ROWS: rows} | {name: int(found.get(name) or 0) for name in _COUNTS},
    )


def _result(question: Question, part: Any, rows: int, found: Mapping[str, Any]) -> CheckResult:
    if question.measure:
        return _measure(question, question.measure, found)

    def counted(what: str) -> int:
        return int(found.get(f"{question.column}_{what}") or 0)

    applies = rows - counted("null")
    counts = findings.Counts(
        applies,
        failed=counted("failed"),
        keys=question.keys.get(part, 0),
        hits=counted("hits"),
        kept_rows=applies - counted("out"),
        kept_failed=counted("kept_failed"),
    )
    return replace(findings.judged(question.check, counts), sole=counted("alone"))


def _measure(question: Question, measure: Measure, found: Mapping[str, Any]) -> CheckResult:
    value = found[f"{question.column}_value"]
    # Of no rows there is a number, which is none; of no values there is nothing.
    if value is None or (not found[f"{question.column}_rows"] and question.check.columns):
        return findings.measured(question.check, measure, None)
    if isinstance(value, float):
        value = float(f"{value:.12g}")  # the last digits depend on the order of the rows
    return findings.measured(question.check, measure, measure.read(value))


_EVERY = ~nw.col(RECORD_NO).is_null()  # true, and as long as the frame where nothing is asked


def _faults(questions: Sequence[Question]) -> nw.Expr:
    """How many of the checks a record fails, where their values stand beside it."""
    if not questions:
        return nw.col(RECORD_NO) * 0  # as long as the frame
    return frames.summed([q.column for q in questions], lambda value: (~value).cast(nw.Int64))


def _all(verdicts: Sequence[nw.Expr]) -> nw.Expr:
    """Whether all verdicts are true; halved and halved again, for hundreds would nest too deep."""
    if len(verdicts) == 1:
        return verdicts[0]
    half = len(verdicts) // 2
    return _all(verdicts[:half]) & _all(verdicts[half:])
