"""Judging rows: all checks in one scan where possible, each by itself where one is broken.

A second scan finds the failing records, for the checks that any record fails. On DuckDB nothing
comes into Python but counts and a few examples.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import and_
from typing import Any

import duckdb
import narwhals as nw

from quality import findings, frames
from quality.frames import RECORD_NO, Frame, Materialise, Table
from quality.model import Check, CheckResult
from quality.questions import NotEvaluated, Question, judge, prepare
from quality.rule import Kind

EXAMPLES = 5
"""Failing records that a result shows."""

_MACHINE = (
    duckdb.OutOfMemoryException,
    duckdb.IOException,
    duckdb.InterruptException,
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
class _Scanned:
    """What one scan counted."""

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
    if len({check.key.casefold() for check in checks}) < len(checks):
        raise ValueError("two checks have the same key; give one of them a name")
    table = Table.of(frame)
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
            results[check.key] = _blamed(check, error)

    scanned = _ask(table, questions)
    results |= scanned.results
    failing = [question for question in questions if results[question.check.key].failed]
    failures = keep(_failures(table, failing))
    for key, examples in _examples(table, failures, failing).items():
        results[key] = replace(results[key], examples=tuple(examples))
    return Evaluation(
        results=tuple(results[check.key] for check in checks),
        failures=_by_key(failures, failing, checks),
        rows=scanned.rows,
        bad=scanned.bad,
    )


def _ask(table: Table, questions: Sequence[Question]) -> _Scanned:
    try:
        return _scan(table, questions)
    except Exception as error:  # one of them is broken, and which is told by asking each alone
        if _is_the_machines(error):
            raise
        broken = {}
        for question in questions:
            try:
                _scan(table, [question])
            except Exception as reason:
                broken[question.check.key] = _blamed(question.check, reason)
        if not broken:
            raise
    scanned = _scan(table, [each for each in questions if each.check.key not in broken])
    return replace(scanned, results=scanned.results | broken)


def _blamed(check: Check, error: Exception) -> CheckResult:
    if _is_the_machines(error):
        raise error
    return findings.errored(check, error)


def _is_the_machines(error: Exception) -> bool:
    # For an interrupt from the keyboard DuckDB has no class of its own.
    return isinstance(error, _MACHINE) or str(error) == "Query interrupted"


def _scan(table: Table, questions: Sequence[Question]) -> _Scanned:
    asked = [nw.col(RECORD_NO).count().alias("rows")]
    for each in questions:
        value = nw.col(each.column)
        asked.append(value.count().alias(f"{each.column}_rows"))
        if each.measure:
            asked.append(each.measure.by(value).alias(f"{each.column}_value"))
        else:
            asked.append((~value).sum().alias(f"{each.column}_failed"))
        if each.failing is not None:
            asked.append(nw.col(each.joined).count().alias(f"{each.column}_hits"))
    verdicts = [each for each in questions if not each.measure]
    strict = [each for each in verdicts if each.check.severity.quarantines]
    asked.append(_fails_any(strict).sum().alias("bad"))
    (counted,) = frames.rows(judge(table, questions).select(*asked))
    results = {each.check.key: _result(each, counted) for each in questions}
    return _Scanned(results, int(counted["rows"]), int(counted["bad"]))


def _result(question: Question, counted: Mapping[str, Any]) -> CheckResult:
    check, column = question.check, question.column
    rows = int(counted[f"{column}_rows"])
    if question.measure is None:
        failed, hits = int(counted[f"{column}_failed"]), int(counted.get(f"{column}_hits", 0))
        return findings.judged(check, findings.Counts(rows, failed, question.keys, hits))
    value = counted[f"{column}_value"]
    # Of no rows there is a number, which is none; of no values there is nothing.
    if value is None or (rows == 0 and check.columns):
        return findings.measured(check, question.measure, None)
    if isinstance(value, float):
        value = float(f"{value:.12g}")  # the last digits depend on the order of the rows
    return findings.measured(check, question.measure, question.measure.read(value))


def _fails_any(questions: Sequence[Question]) -> nw.Expr:
    every = ~nw.col(RECORD_NO).is_null()  # true, and as long as the frame where nothing is asked
    return ~reduce(and_, (nw.col(each.column).fill_null(True) for each in questions), every)


def _failures(table: Table, failing: Sequence[Question]) -> Frame:
    failed = (~nw.col(each.column).fill_null(True) for each in failing)
    flags = [flag.alias(each.column) for flag, each in zip(failed, failing, strict=True)]
    return judge(table, failing).filter(_fails_any(failing)).select(RECORD_NO, *flags)


def _by_key(failures: Frame, failing: Sequence[Question], checks: Sequence[Check]) -> Frame:
    """The failures with the keys of all row and key checks, those that nothing failed included."""
    flags = {each.check.key: nw.col(each.column) for each in failing}
    rows = [check.key for check in checks if check.rule.kind is not Kind.DATASET]
    named = (flags.get(key, nw.lit(False)).alias(key) for key in rows)
    return failures.select(RECORD_NO, *named)


def _examples(
    table: Table, failures: Frame, failing: Sequence[Question]
) -> dict[str, list[dict[str, Any]]]:
    """The first records that fail each check, with the values that its columns have there."""
    if not failing:
        return {}
    first = [
        failures.filter(nw.col(each.column))
        .select(RECORD_NO, nw.lit(number).alias("failing"))
        .sort(RECORD_NO)
        .head(EXAMPLES)
        for number, each in enumerate(failing)
    ]
    shown = dict.fromkeys(table.names[name] for each in failing for name in each.check.columns)
    records = table.frame.select(RECORD_NO, *shown)
    examples: dict[str, list[dict[str, Any]]] = {each.check.key: [] for each in failing}
    found = nw.concat(first).join(records, on=RECORD_NO, how="left").sort("failing", RECORD_NO)
    for row in frames.rows(found):
        check = failing[row["failing"]].check
        values = {name: row[table.names[name]] for name in check.columns}
        examples[check.key].append({"record_no": row[RECORD_NO], "value": _text(values)})
    return examples


def _text(values: Mapping[str, Any]) -> str | None:
    texts = {name: None if value is None else str(value) for name, value in values.items()}
    if len(texts) == 1:
        return next(iter(texts.values()))
    return ", ".join(f"{name} {'null' if text is None else text}" for name, text in texts.items())
