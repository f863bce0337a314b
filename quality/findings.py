"""From what was counted to what is said: outcomes, and findings as sentences. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from quality.measure import Fact, Measure
from quality.model import Check, Outcome, Severity
from quality.result import CheckResult
from quality.rule import Kind
from quality.settings import MESSAGE_WORDS
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
    kept_rows: int = 0
    """Rows that it applies to among those that are not quarantined."""
    kept_failed: int = 0
    """Of those, how many failed."""


def judged(check: Check, counts: Counts) -> CheckResult:
    """What a row or key check found."""
    if counts.rows == 0:
        return not_evaluated(check, "it applies to no row")
    message = f"{plural(counts.rows, 'row')} checked: {check.subject} is {check.expected}"
    if counts.failed:
        message = _failure(check, counts)
    return _result(
        check,
        _outcome(check, counts.rows, counts.failed),
        message,
        rows=counts.rows,
        failed=counts.failed,
        keys=counts.keys,
        surplus=counts.hits - counts.keys if counts.keys and check.repeats else 0,
        published_rows=counts.kept_rows,
        published_failed=counts.kept_failed,
        published_outcome=_outcome(check, counts.kept_rows, counts.kept_failed)
        if counts.kept_rows
        else Outcome.NOT_EVALUATED,
        waits_until=check.waits_until if counts.failed else None,
    )


def measured(check: Check, measure: Measure, value: float | None) -> CheckResult:
    """What a dataset check found; without a value there was nothing to measure."""
    if value is None:
        return not_evaluated(check, "there is no value to measure")
    return stated(check, Fact(value, measure.min, measure.max))


def stated(check: Check, fact: Fact) -> CheckResult:
    """What a dataset check found out by itself; without a value there is nothing to say."""
    if fact.value is None:
        result = not_evaluated(check, fact.told or "there is no value to measure")
        weight = 0 if fact.early else result.weight
        return replace(result, weight=weight, period=fact.period, detail=fact.detail)
    value, low, high = float(fact.value), fact.min, fact.max
    # NaN is within no bounds.
    below = low is not None and not value >= low
    above = high is not None and not value <= high
    limit = low if below else high if above else None
    shown = amount(value, check.unit, limit)
    # A rule may tell values as it likes; of personal ones only the number is told.
    own = Fact(value) if check.personal.intersection(check.columns) else fact
    told = own.told or check.told(shown) + own.more
    expected = own.expected or check.expected
    message, outcome = f"{told}; expected {expected}", Outcome.PASSED
    if below or above:
        gentler = {Severity.INFO: Outcome.PASSED_WITH_FAILURES, Severity.WARNING: Outcome.WARNED}
        outcome = gentler.get(check.severity, Outcome.FAILED)
        if check.message:
            message = _filled(check, check.message, value=shown)
    found = _result(check, outcome, message, value=value, low=low, high=high)
    return replace(found, expected=expected, period=fact.period, detail=fact.detail)


def errored(check: Check, error: Exception) -> CheckResult:
    """A check that could not be run: that is never a pass."""
    text = str(error).strip() or type(error).__name__
    if check.personal:  # an error quotes the value that it is about
        text = f"{type(error).__name__}, on values that are personal"
    return _result(check, Outcome.ERRORED, f"could not run: {text.splitlines()[0]}")


def not_evaluated(check: Check, why: str) -> CheckResult:
    """A check that nothing can be said about: that is no pass either."""
    return _result(check, Outcome.NOT_EVALUATED, f"not evaluated: {why}")


def _outcome(check: Check, rows: int, failed: int) -> Outcome:
    if failed == 0:
        return Outcome.PASSED
    limit = check.fail_above if check.waits_until is None else None
    if limit is not None and _exceeds(limit, failed, rows):
        return Outcome.FAILED
    if check.severity > Severity.INFO and _exceeds(check.warn_above, failed, rows):
        return Outcome.WARNED
    return Outcome.PASSED_WITH_FAILURES


def _exceeds(limit: float | int, failed: int, rows: int) -> bool:
    # As fractions: 0.07 * 100 is more than 7.
    return Fraction(failed, rows if isinstance(limit, float) else 1) > Fraction(str(limit))


def _failure(check: Check, counts: Counts) -> str:
    failed, share = count(counts.failed), percent(Fraction(counts.failed, counts.rows))
    if check.message:
        rows = count(counts.rows)
        return _filled(check, check.message, failed=failed, rows=rows, share=share)
    found = f"{failed} of {plural(counts.rows, 'row')} ({share}): "
    waiting = f"; waiting until {check.waits_until:%Y-%m-%d %H:%M %Z}" if check.waits_until else ""
    return f"{found}{check.fault}{_about_keys(check, counts)}{waiting}"


def _filled(check: Check, template: str, **words: str) -> str:
    known = {"subject": check.subject, "expected": check.expected} | words
    return template.format_map({name: known.get(name, "–") for name in MESSAGE_WORDS})


def _about_keys(check: Check, counts: Counts) -> str:
    about = []
    if counts.keys and check.rule.kind is Kind.ROW:
        about.append(plural(counts.keys, "different value"))
    elif counts.keys:
        keys, groups = plural(counts.keys, "key"), plural(counts.keys, "group")
        surplus = plural(counts.hits - counts.keys, "row")
        about.append(check.found(keys, groups, surplus))
    if check.rule.kind is Kind.KEY and counts.failed > counts.hits:
        about.append(f"{plural(counts.failed - counts.hits, 'row')} without a whole key")
    return f"; {'; '.join(about)}" if about else ""


def _result(check: Check, outcome: Outcome, message: str, **found: Any) -> CheckResult:
    answered_for = check.waived and outcome is not Outcome.PASSED
    known: dict[str, Any] = {"rows": 0, "failed": 0} | found
    return CheckResult(
        check=check.key,
        rule=check.rule.name,
        columns=check.columns,
        severity=check.severity,
        dimension=check.dimension,
        outcome=Outcome.WAIVED if answered_for else outcome,
        unwaived=outcome if check.waived else None,
        subject=check.subject,
        expected=check.expected,
        message=message,
        weight=check.weight,
        unit=check.unit,
        on_fail=check.on_fail,
        description=check.description,
        owner=check.owner,
        tags=check.tags,
        **known,
    )
