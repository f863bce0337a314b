"""Judging rows: all checks in one scan where possible, each by itself where one is broken.

The scan keeps the records of which a verdict is not true, and all that is counted is counted in
them. On DuckDB nothing comes into Python but counts and a few examples. Many small frames are
judged as fast as one when they are the parts of one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import duckdb
import narwhals as nw

from quality import examples, findings, frames, overlap
from quality.context import Context
from quality.frames import PART, RECORD_NO, Frame, Materialise
from quality.model import Check
from quality.questions import NotEvaluated, Question, Sources, prepare
from quality.result import CheckResult, Overlap
from quality.rule import Kind
from quality.scan import Asked, Scan, scan
from quality.table import Table

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
    """Of those, how many failed a critical or error check, so that they cannot be used."""
    quarantined: int
    """How many are kept out of the table: the bad ones, if no check says otherwise."""
    kept_bad: int
    """How many of the bad ones are not."""
    unwaived_bad: int
    """How many would be bad without any waiver."""
    overlaps: tuple[Overlap, ...] = ()
    """How many failed several checks at once, and which."""


def evaluate(
    frame: Any,
    checks: Sequence[Check],
    references: Mapping[str, Any] | None = None,
    materialise: Materialise | None = None,
    context: Context | None = None,
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
        context: What is known beside the rows, of their file and of the loads before.

    Raises:
        ValueError: Two checks have the same key.
    """
    sources = _sources(references, materialise, context)
    checks = [_patient(check, sources.context) for check in checks]
    asked, results = _questions(Table.of(frame), checks, sources, _blamed)
    scanned, broken = _ask(asked)
    return _evaluations(asked, scanned, results | broken)[None]


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
    sources = _sources(references, materialise, None)
    asked, results = _questions(Table.of(frame, (PART,)), checks, sources, _raised)
    return _evaluations(asked, scan(asked), results)


def answer(
    frame: Any,
    checks: Sequence[Check],
    references: Mapping[str, Any] | None = None,
    materialise: Materialise | None = None,
    context: Context | None = None,
) -> tuple[CheckResult, ...]:
    """Tell what dataset checks say of a frame, as `evaluate` would, without a look at its records.

    Args:
        frame: As for `evaluate`.
        checks: Dataset checks.
        references: As for `evaluate`.
        materialise: As for `evaluate`.
        context: As for `evaluate`.

    Raises:
        ValueError: Two checks have the same key.
    """
    sources = _sources(references, materialise, context)
    asked, results = _questions(Table.of(frame), checks, sources, _blamed)
    if asked.questions:
        scanned, broken = _ask(asked)
        results |= scanned.parts[None].results | broken
    return tuple(results[check.key] for check in checks)


def _sources(
    references: Mapping[str, Any] | None, materialise: Materialise | None, context: Context | None
) -> Sources:
    others = {name: Table.of(other) for name, other in (references or {}).items()}
    return Sources(others, context or Context(), materialise or frames.collected)


def _patient(check: Check, context: Context) -> Check:
    """The check; while its grace lasts, one whose failures wait."""
    if check.grace is None:
        return check
    until = (context.file.seen_at if context.file else context.now) + check.grace
    return replace(check, waits_until=until) if context.now < until else check


def _questions(
    table: Table,
    checks: Sequence[Check],
    sources: Sources,
    broken: Callable[[Check, Exception], CheckResult],
) -> tuple[Asked, dict[str, CheckResult]]:
    """The questions that checks ask; and the results of those that cannot be asked."""
    if len({check.key.casefold() for check in checks}) < len(checks):
        raise ValueError("two checks have the same key; give one of them a name")
    results: dict[str, CheckResult] = {}
    questions: list[Question] = []
    for number, check in enumerate(checks):
        try:
            asked = prepare(table, check, f"check_{number}", sources)
            if isinstance(asked, Question):
                questions.append(asked)
            else:
                results[check.key] = findings.stated(check, asked)
        except NotEvaluated as why:
            results[check.key] = findings.not_evaluated(check, str(why))
        except Exception as error:  # a rule may be anybody's code
            results[check.key] = broken(check, error)
    return Asked(table, checks, questions, sources.keep), results


def _evaluations(
    asked: Asked, scanned: Scan, others: Mapping[str, CheckResult]
) -> dict[Any, Evaluation]:
    """What was found in each part: what its scan counted, with examples of what fails."""
    failed: dict[str, int] = {}
    for each in (result for part in scanned.parts.values() for result in part.results.values()):
        if each.failed:
            failed[each.check] = failed.get(each.check, 0) + each.failed
    failing = [question for question in asked.questions if question.check.key in failed]
    failures = scanned.failures(failing, asked.table.by)
    by_key = _by_key(failures, failing, asked.checks)
    shown = examples.find(asked.table, failures, failing)
    together = overlap.find(failures, failing, failed, asked.table.by)

    def result(part: Any, key: str) -> CheckResult:
        if key in others:
            return others[key]
        found = scanned.parts[part].results[key]
        return replace(found, examples=tuple(shown.get((part, key), ())))

    return {
        part: Evaluation(
            results=tuple(result(part, check.key) for check in asked.checks),
            failures=by_key,
            overlaps=together.get(part, ()),
            **counted.counts,
        )
        for part, counted in scanned.parts.items()
    }


def _ask(asked: Asked) -> tuple[Scan, dict[str, CheckResult]]:
    """Ask all questions at once; and say which of them are broken, if that is not possible."""
    try:
        return scan(asked), {}
    except Exception as error:  # one of them is broken, and which is told by asking each alone
        if _is_the_machines(error):
            raise
        broken = {}
        for question in asked.questions:
            try:
                scan(replace(asked, questions=[question], keep=lambda frame: frame))
            except Exception as reason:
                broken[question.check.key] = _blamed(question.check, reason)
        if not broken:
            raise
    sound = [each for each in asked.questions if each.check.key not in broken]
    return scan(replace(asked, questions=sound)), broken


def _raised(check: Check, error: Exception) -> CheckResult:
    raise error


def _blamed(check: Check, error: Exception) -> CheckResult:
    if _is_the_machines(error):
        raise error
    return findings.errored(check, error)


def _is_the_machines(error: Exception) -> bool:
    # For an interrupt from the keyboard DuckDB has no class of its own.
    return isinstance(error, _MACHINE) or str(error) == "Query interrupted"


def _by_key(failures: Frame, failing: Sequence[Question], checks: Sequence[Check]) -> Frame:
    """The failures with the keys of all row and key checks, those that nothing failed included."""
    flags = {each.check.key: nw.col(each.column) for each in failing}
    rows = [check.key for check in checks if check.rule.kind is not Kind.DATASET]
    named = (flags.get(key, nw.lit(False)).alias(key) for key in rows)
    return failures.select(RECORD_NO, *named)
