"""Judging rows: all checks in one scan where possible, each by itself where one is broken.

A second scan finds the failing records, for the checks that any record fails. On DuckDB nothing
comes into Python but counts and a few examples. Many small frames are judged as fast as one when
they are the parts of one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import duckdb
import narwhals as nw

from quality import examples, findings, frames
from quality.frames import PART, RECORD_NO, Frame, Materialise, Table
from quality.model import Check, CheckResult
from quality.questions import NotEvaluated, Question, judge, prepare
from quality.rule import Kind

_MACHINE = (
    duckdb.OutOfMemoryException,
    duckdb.IOException,
    duckdb.InterruptException,
    duckdb.TransactionException,
    duckdb.FatalException,
    MemoryError,
)
"""Faults of the machine are no verdict on the data, and worth another try."""


@dataclass(frozen=True)
class Evaluation:
    """What was found in the rows of one load."""

    results: tuple[CheckResult, ...]
    """One result a check, in the order of the checks."""
    failures: Frame
    """Each record that failed a row or key check: `_record_no`, and for each such check a column
    of its key, true where the record failed it."""
    rows: int
    """Records that were judged."""
    bad: int
    """Of those, how many failed a critical or error check: what quarantine keeps."""


@dataclass(frozen=True)
class _Asked:
    """What is asked of a table."""

    table: Table
    checks: Sequence[Check]
    questions: Sequence[Question]
    """Those of the checks that can be asked."""
    keep: Materialise


@dataclass(frozen=True)
class _Scanned:
    """What one scan counted in one part."""

    results: dict[str, CheckResult]
    rows: int
    bad: int


def evaluate(
    frame: Any,
    checks: Sequence[Check],
    references: Mapping[str, Any] | None = None,
    materialise: Materialise | None = None,
) -> Evaluation:
    """Judge the rows of a frame by checks.

    Call it outside a transaction: DuckDB gives up a transaction in which a query fails, and a
    broken check is a query that fails.

    Args:
        frame: Anything that narwhals reads, with the column `_record_no`. Where
            `cast_verdict(column)` is a column too, a false in it means that the value could not be
            read; the column's other checks then do not apply to that record.
        checks: What to ask; no two have the same key.
        references: Other datasets by name, on the same connection. A check that refers to one
            that is not here is not evaluated.
        materialise: Keeps failing keys and failing records, so that they are computed once:
            `into_tables` on DuckDB, where they otherwise stay queries. A Polars frame is
            collected by default.

    Raises:
        ValueError: Two checks have the same key.
    """
    asked, results = _questions(Table.of(frame), checks, references, materialise, _blamed)
    scanned, broken = _ask(asked)
    return _evaluations(asked, {None: scanned}, results | broken)[None]


def evaluate_parts(
    frame: Any,
    checks: Sequence[Check],
    references: Mapping[str, Any] | None = None,
    materialise: Materialise | None = None,
) -> dict[Any, Evaluation]:
    """Judge each part of a frame for itself, and all of them at once.

    Args:
        frame: As for `evaluate`, with a column `PART` that says to which part a record belongs.
        checks: As for `evaluate`.
        references: As for `evaluate`.
        materialise: As for `evaluate`.

    Returns:
        What `evaluate` would find in each part that has a record. The failures of an evaluation
        are those of all parts.

    Raises:
        ValueError: Two checks have the same key.
        Exception: A check cannot be asked of many parts, or is broken, for one of them at least.
    """
    asked, results = _questions(Table.of(frame, (PART,)), checks, references, materialise, _raised)
    return _evaluations(asked, _scan(asked), results)


def _questions(
    table: Table,
    checks: Sequence[Check],
    references: Mapping[str, Any] | None,
    materialise: Materialise | None,
    broken: Callable[[Check, Exception], CheckResult],
) -> tuple[_Asked, dict[str, CheckResult]]:
    """The questions that checks ask; and the results of those that cannot be asked."""
    if len({check.key.casefold() for check in checks}) < len(checks):
        raise ValueError("two checks have the same key; give one of them a name")
    others = {name: Table.of(other) for name, other in (references or {}).items()}
    keep = materialise or frames.collected
    results: dict[str, CheckResult] = {}
    questions: list[Question] = []
    for number, check in enumerate(checks):
        try:
            questions.append(prepare(table, check, f"check_{number}", others, keep))
        except NotEvaluated as why:
            results[check.key] = findings.not_evaluated(check, str(why))
        except Exception as error:  # a rule may be anybody's code
            results[check.key] = broken(check, error)
    return _Asked(table, checks, questions, keep), results


def _evaluations(
    asked: _Asked, scanned: Mapping[Any, _Scanned], others: Mapping[str, CheckResult]
) -> dict[Any, Evaluation]:
    """What was found in each part: what its scan counted, with examples of what fails."""
    failed = {key for part in scanned.values() for key, r in part.results.items() if r.failed}
    failing = [question for question in asked.questions if question.check.key in failed]
    failures = asked.keep(_failures(asked.table, failing))
    by_key = _by_key(failures, failing, asked.checks)
    shown = examples.find(asked.table, failures, failing)

    def result(part: Any, key: str) -> CheckResult:
        if key in others:
            return others[key]
        found = scanned[part].results[key]
        return replace(found, examples=tuple(shown.get((part, key), ())))

    return {
        part: Evaluation(
            results=tuple(result(part, check.key) for check in asked.checks),
            failures=by_key,
            rows=counted.rows,
            bad=counted.bad,
        )
        for part, counted in scanned.items()
    }


def _ask(asked: _Asked) -> tuple[_Scanned, dict[str, CheckResult]]:
    """Ask all questions at once; and say which of them are broken, if that is not possible."""
    try:
        return _scan(asked)[None], {}
    except Exception as error:  # one of them is broken, and which is told by asking each alone
        if _is_the_machines(error):
            raise
        broken = {}
        for question in asked.questions:
            try:
                _scan(replace(asked, questions=[question]))
            except Exception as reason:
                broken[question.check.key] = _blamed(question.check, reason)
        if not broken:
            raise
    sound = [each for each in asked.questions if each.check.key not in broken]
    return _scan(replace(asked, questions=sound))[None], broken


def _raised(check: Check, error: Exception) -> CheckResult:
    raise error


def _blamed(check: Check, error: Exception) -> CheckResult:
    if _is_the_machines(error):
        raise error
    return findings.errored(check, error)


def _is_the_machines(error: Exception) -> bool:
    # For an interrupt from the keyboard DuckDB has no class of its own.
    return isinstance(error, _MACHINE) or str(error) == "Query interrupted"


def _scan(asked: _Asked) -> dict[Any, _Scanned]:
    questions, counts = asked.questions, [nw.col(RECORD_NO).count().alias("rows")]
    for each in questions:
        value = nw.col(each.column)
        counts.append(value.count().alias(f"{each.column}_rows"))
        if each.measure:
            counts.append(each.measure.by(value).alias(f"{each.column}_value"))
        else:
            counts.append((~value).sum().alias(f"{each.column}_failed"))
        if each.failing is not None:
            counts.append(nw.col(each.joined).count().alias(f"{each.column}_hits"))
    verdicts = [each for each in questions if not each.measure]
    strict = [each for each in verdicts if each.check.severity.quarantines]
    counts.append(_fails_any(strict).sum().alias("bad"))
    counted = frames.by_part(judge(asked.table, questions), asked.table.by, counts)
    return {
        part: _Scanned(
            {each.check.key: _result(each, part, found) for each in questions},
            int(found["rows"]),
            int(found["bad"]),
        )
        for part, found in counted.items()
    }


def _result(question: Question, part: Any, counted: Mapping[str, Any]) -> CheckResult:
    check, column = question.check, question.column
    rows = int(counted[f"{column}_rows"])
    if question.measure is None:
        failed, hits = int(counted[f"{column}_failed"]), int(counted.get(f"{column}_hits", 0))
        keys = question.keys.get(part, 0)
        return findings.judged(check, findings.Counts(rows, failed, keys, hits))
    value = counted[f"{column}_value"]
    # Of no rows there is a number, which is none; of no values there is nothing.
    if value is None or (rows == 0 and check.columns):
        return findings.measured(check, question.measure, None)
    if isinstance(value, float):
        value = float(f"{value:.12g}")  # the last digits depend on the order of the rows
    return findings.measured(check, question.measure, question.measure.read(value))


def _fails_any(questions: Sequence[Question]) -> nw.Expr:
    every = ~nw.col(RECORD_NO).is_null()  # true, and as long as the frame where nothing is asked
    return ~_all([every, *(nw.col(each.column).fill_null(True) for each in questions)])


def _all(verdicts: Sequence[nw.Expr]) -> nw.Expr:
    """Whether all verdicts are true; halved and halved again, for hundreds would nest too deep."""
    if len(verdicts) == 1:
        return verdicts[0]
    half = len(verdicts) // 2
    return _all(verdicts[:half]) & _all(verdicts[half:])


def _failures(table: Table, failing: Sequence[Question]) -> Frame:
    failed = (~nw.col(each.column).fill_null(True) for each in failing)
    flags = [flag.alias(each.column) for flag, each in zip(failed, failing, strict=True)]
    return judge(table, failing).filter(_fails_any(failing)).select(RECORD_NO, *table.by, *flags)


def _by_key(failures: Frame, failing: Sequence[Question], checks: Sequence[Check]) -> Frame:
    """The failures with the keys of all row and key checks, those that nothing failed included."""
    flags = {each.check.key: nw.col(each.column) for each in failing}
    rows = [check.key for check in checks if check.rule.kind is not Kind.DATASET]
    named = (flags.get(key, nw.lit(False)).alias(key) for key in rows)
    return failures.select(RECORD_NO, *named)
