"""Proving a rule by its own examples, on Polars and on DuckDB."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from quality.checks import CheckInvalid, check
from quality.context import Context
from quality.evaluation import evaluate
from quality.frames import RECORD_NO
from quality.model import Outcome, Severity
from quality.result import CheckResult
from quality.rule import Example, Kind, Rule
from quality.scratch import connection
from quality.sql import quoted

Columns: TypeAlias = Mapping[str, Sequence[Any]]
Place: TypeAlias = Callable[[str, Columns], Any]


def prove(rule: Rule) -> list[str]:
    """What a rule makes of its examples that they do not say, a line each.

    Args:
        rule: The rule.
    """
    if not rule.examples:
        return [f"{rule.name}: has no examples, so nothing shows that it works"]
    return [
        f"{rule.name}: example {number} on {engine}: {fault}"
        for number, example in enumerate(rule.examples, 1)
        for engine, begin in _ENGINES.items()
        for fault in _faults(rule, example, begin())
    ]


def _faults(rule: Rule, example: Example, place: Place) -> Iterator[str]:
    try:
        good = _judged(rule, example, example.good, example.context, place)
        bad = _judged(rule, example, example.amid, example.bad_context or example.context, place)
    except CheckInvalid as invalid:
        yield from invalid.problems
        return
    if good.outcome is not Outcome.PASSED:
        yield f"what is good ended as {good.outcome}: {good.message}"
    if bad.outcome is not (Outcome.FAILED if bad.severity >= Severity.ERROR else Outcome.WARNED):
        yield f"what is bad ended as {bad.outcome}: {bad.message}"
    elif rule.kind is not Kind.DATASET and bad.failed != len(next(iter(example.bad.values()))):
        yield f"not every bad row failed: {bad.message}"


def _judged(
    rule: Rule, example: Example, rows: Columns, context: Context | None, place: Place
) -> CheckResult:
    asked = check(rule.name, **example.arguments)
    frame = place("judged", _numbered(rows))
    others = {name: place(name, columns) for name, columns in example.references.items()}
    (result,) = evaluate(frame, [asked], others, None, context).results
    return result


def _numbered(rows: Columns) -> Columns:
    length = len(next(iter(rows.values()), ()))
    return {RECORD_NO: list(range(1, length + 1)), **rows}


def _on_polars() -> Place:
    import polars

    return lambda name, columns: polars.DataFrame(columns).lazy()


def _on_duckdb() -> Place:
    import polars

    con = connection()

    def place(name: str, columns: Columns) -> Any:
        con.register("handed_over", polars.DataFrame(columns))
        con.execute(f"CREATE OR REPLACE TEMP TABLE {quoted(name)} AS FROM handed_over")
        return con.table(quoted(name))

    return place


_ENGINES: Mapping[str, Callable[[], Place]] = {"Polars": _on_polars, "DuckDB": _on_duckdb}
