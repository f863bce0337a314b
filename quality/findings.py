"""From what was counted to what is said: outcomes, and findings as sentences. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from quality.model import Check, CheckResult, Outcome, Severity
from quality.rule import Kind, Measure
from quality.wording import amount, count, percent, plural


@dataclass(frozen=True)
class Counts:
    """What was counted for one row or key check."""

    rows: int
    """Rows that it applies to."""
    failed: int
    keys: int = 0
    """Distinct keys that fail a key check."""
    hits: int = 0
    """Rows that have one of those keys; the other failing rows have no whole key."""


def judged(check: Check, counts: Counts) -> CheckResult:
    """What a row or key check found."""
    if counts.rows == 0:
        return not_evaluated(check, "it applies to no row")
    message = f"{plural(counts.rows, 'row')} checked: {check.subject} is {check.expected}"
    if counts.failed:
        share = percent(Fraction(counts.failed, counts.rows))
        message = (
            f"{count(counts.failed)} of {plural(counts.rows, 'row')} ({share}): "
            f"{check.fault}{_about_keys(check, counts)}"
        )
    outcome = _outcome(check, counts.rows, counts.failed)
    return _result(check, outcome, message, rows=counts.rows, failed=counts.failed)


def measured(check: Check, measure: Measure, value: float | None) -> CheckResult:
    """What a dataset check found; without a value there was nothing to measure."""
    if value is None:
        return not_evaluated(check, "there is no value to measure")
    # NaN is within no bounds.
    below = measure.min is not None and not value >= measure.min
    above = measure.max is not None and not value <= measure.max
    limit = measure.min if below else measure.max if above else None
    message = f"{check.told(amount(value, check.unit, limit))}; expected {check.expected}"
    outcome = Outcome.PASSED
    if below or above:
        gentler = {Severity.INFO: Outcome.PASSED_WITH_FAILURES, Severity.WARNING: Outcome.WARNED}
        outcome = gentler.get(check.severity, Outcome.FAILED)
    return _result(check, outcome, message, value=value)


def errored(check: Check, error: Exception) -> CheckResult:
    """A check that could not be run: that is never a pass."""
    text = str(error).strip() or type(error).__name__
    return _result(check, Outcome.ERRORED, f"could not run: {text.splitlines()[0]}")


def not_evaluated(check: Check, why: str) -> CheckResult:
    """A check that nothing can be said about: that is no pass either."""
    return _result(check, Outcome.NOT_EVALUATED, f"not evaluated: {why}")


def _outcome(check: Check, rows: int, failed: int) -> Outcome:
    if failed == 0:
        return Outcome.PASSED
    if check.fail_above is not None and _exceeds(check.fail_above, failed, rows):
        return Outcome.FAILED
    if check.severity > Severity.INFO and _exceeds(check.warn_above, failed, rows):
        return Outcome.WARNED
    return Outcome.PASSED_WITH_FAILURES


def _exceeds(limit: float | int, failed: int, rows: int) -> bool:
    # As fractions: 0.07 * 100 is more than 7.
    return Fraction(failed, rows if isinstance(limit, float) else 1) > Fraction(str(limit))


def _about_keys(check: Check, counts: Counts) -> str:
    about = []
    if counts.keys:
        keys, surplus = plural(counts.keys, "key"), plural(counts.hits - counts.keys, "row")
        about.append(check.rule.finds.format(keys=keys, surplus=surplus))
    if check.rule.kind is Kind.KEY and counts.failed > counts.hits:
        about.append(f"{plural(counts.failed - counts.hits, 'row')} without a whole key")
    return f"; {'; '.join(about)}" if about else ""


def _result(
    check: Check,
    outcome: Outcome,
    message: str,
    *,
    rows: int = 0,
    failed: int = 0,
    value: float | None = None,
) -> CheckResult:
    return CheckResult(
        check=check.key,
        rule=check.rule.name,
        columns=check.columns,
        severity=check.severity,
        dimension=check.dimension,
        outcome=outcome,
        rows=rows,
        failed=failed,
        subject=check.subject,
        expected=check.expected,
        message=message,
        weight=check.weight,
        value=value,
        unit=check.unit,
        description=check.description,
    )
