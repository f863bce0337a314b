"""Checks as assertions, for the tests of a project."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from quality.escaping import cut, visible
from quality.model import Check, Outcome, Severity
from quality.result import CheckResult
from quality.split import Split, evaluate
from quality.wording import count, plural, show

_HELD = (Outcome.PASSED, Outcome.PASSED_WITH_FAILURES)


def assert_quality(
    frame: Any,
    checks: Sequence[Check | Mapping[str, Any] | str],
    references: Mapping[str, Any] | None = None,
) -> None:
    """Assert that a frame passes all checks whose severity is error or critical.

    One failing row is too many unless the check allows some by `warn_above`; and a check that
    could not run, or that applies to no row, has not passed.

    Args:
        frame: As for `quality.evaluate`.
        checks: As for `quality.evaluate`.
        references: As for `quality.evaluate`.

    Raises:
        AssertionError: Names the columns, what each check found, and values that fail it.
    """
    __tracebackhide__ = True
    found = evaluate(frame, checks, references)
    broken = [
        result
        for result in found.results
        if result.severity >= Severity.ERROR and result.outcome not in _HELD
    ]
    if broken:
        raise AssertionError("\n".join(_told(found, broken)))


def _told(found: Split[Any], broken: Sequence[CheckResult]) -> Iterator[str]:
    yield (
        f"{count(len(broken))} of {plural(len(found.results), 'check')} did not pass; "
        f"{count(found.quarantined)} of {plural(found.rows, 'row')} cannot be used"
    )
    for columns, results in groupby(sorted(broken, key=_columns), key=_columns):
        yield f"  {visible(columns) or 'the whole frame'}:"
        for result in results:
            yield f"    - {result.rule}: {visible(result.message)}{_shown(result.examples)}"


def _columns(result: CheckResult) -> str:
    return show(result.columns)


def _shown(examples: Iterable[Mapping[str, Any]]) -> str:
    values = dict.fromkeys(
        "null" if each["value"] is None else repr(cut(each["value"])) for each in examples
    )
    return f"; for example {', '.join(values)}" if values else ""
