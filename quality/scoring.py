"""One number for a load, and the thing that set it.

The score is the lowest of: how well the rules were met, the share of records that can be used as
they are, and any cap that a serious failure imposes. It is measured on what arrived, not on what
was left after quarantine.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from math import floor
from typing import TYPE_CHECKING, NamedTuple

from quality.model import Grade, Outcome, Severity
from quality.result import CheckResult
from quality.wording import amount, count, percent, plural

if TYPE_CHECKING:
    from quality.evaluation import Evaluation

_WARNED = Fraction(8, 10)
"""What a dataset check counts that warned: the middle of amber."""
_UNJUDGED = Fraction(20, 100)
"""The most weight that may go without a verdict before the light cannot be green."""
_STEP = Fraction(1, 1000)
_SERIOUS = (Outcome.FAILED, Outcome.ERRORED)
_LEFT_OUT = (Outcome.NOT_EVALUATED, Outcome.WAIVED)


@dataclass(frozen=True)
class Policy:
    """From which score on a light is green, and from which amber."""

    green: float = 0.9
    amber: float = 0.7

    def __post_init__(self) -> None:
        if not 0 < self.amber < self.green <= 1:
            raise ValueError(
                f"green {self.green} and amber {self.amber} are no policy; "
                "0 < amber < green <= 1, for example 0.9 and 0.7"
            )

    def grade(self, value: float) -> Grade:
        """The light of a score."""
        if value >= self.green:
            return Grade.GREEN
        return Grade.AMBER if value >= self.amber else Grade.RED


@dataclass(frozen=True)
class Score:
    """A number, its light, and what they rest on."""

    value: float
    """Between 0 and 1, rounded down to three decimals: 1 only if nothing failed."""
    grade: Grade
    set_by: str
    """What keeps the score from being higher: `capped by unique(order_id): 2 023 rows`."""
    set_by_check: str | None
    """The check that keeps it from being higher, if it is one."""
    rule_score: float | None
    """How well the rules were met, by weight; None if no rule was judged."""
    clean_row_rate: float
    """The share of the records received that can be used as they are."""
    cap: float
    """The most that the failures allow."""
    dimensions: Mapping[str, float]
    """How well the rules of each dimension were met."""
    published: float | None = None
    """The score of what is left when the bad records are quarantined; None if that is nothing."""
    unwaived: float | None = None
    """The score as it would be without waivers; None if nothing was waived."""


def score_all(
    results: Sequence[CheckResult], evaluation: Evaluation, rejected: int, policy: Policy
) -> Score:
    """Score a load as it came, as it is published, and as it would be without waivers.

    Args:
        results: What the checks found.
        evaluation: What was found in the records that could be read.
        rejected: Records that could not be read.
        policy: Where green and amber begin.
    """
    received = evaluation.rows + rejected
    incoming = score(
        results, received=received, clean=evaluation.rows - evaluation.bad, policy=policy
    )
    left = evaluation.rows - evaluation.quarantined
    published = score(
        [_as_published(each) for each in results],
        received=left,
        clean=left - evaluation.kept_bad,
        policy=policy,
    )
    strict = [replace(r, outcome=r.unwaived) if r.unwaived else r for r in results]
    clean = evaluation.rows - evaluation.unwaived_bad
    unwaived = score(strict, received=received, clean=clean, policy=policy)
    return replace(
        incoming,
        published=published.value if left else None,
        unwaived=unwaived.value if strict != list(results) else None,
    )


def _as_published(result: CheckResult) -> CheckResult:
    """What a check finds in the records that are not quarantined."""
    if result.published_outcome is None or result.outcome is Outcome.WAIVED:
        return result
    return replace(
        result,
        outcome=result.published_outcome,
        rows=result.published_rows,
        failed=result.published_failed,
    )


def score(
    results: Sequence[CheckResult],
    *,
    received: int,
    clean: int,
    policy: Policy = Policy(),
    unusable: str | None = None,
) -> Score:
    """Score what was found in a load.

    Args:
        results: What the checks found.
        received: Records in the file, those that could not be read included.
        clean: Of those, how many could be read and failed no critical or error check.
        policy: Where green and amber begin.
        unusable: Why nothing of the file can be used, if so: it is unreadable, or a required
            column is missing.
    """
    rules = _met(results)
    rate = Fraction(clean, received) if received else Fraction(0)
    cap, capped_by = (Fraction(0), _Cause(unusable)) if unusable else _cap(results, policy)
    value = min(cap, rate, *([rules] if rules is not None else []))
    if not value < 1:
        cause = _Cause("no check that counts failed")
    elif value == cap:
        cause = capped_by
    elif value == rate:
        unclean = f"{count(received - clean)} of {plural(received, 'record')}"
        cause = _Cause(f"{unclean} cannot be used")
    else:
        judged = [each for each in results if each.outcome not in _LEFT_OUT]
        # Of the rules, the one whose failures weigh most.
        worst = max(judged, key=lambda each: _weight(each) * _missed(each))
        cause = _Cause(f"set by the rules, most by {_finding(worst)}", worst.check)
    grade = policy.grade(_floor(value))
    if not received and not unusable:
        value, grade, cause = Fraction(0), Grade.NO_DATA, _Cause("no records were received")
    dimensions = dict.fromkeys(str(each.dimension) for each in results)
    scores = {d: _met([each for each in results if each.dimension == d]) for d in dimensions}
    return Score(
        value=_floor(value),
        grade=grade,
        set_by=cause.said,
        set_by_check=cause.check,
        rule_score=None if rules is None else _floor(rules),
        clean_row_rate=_floor(rate),
        cap=_floor(cap),
        dimensions={d: _floor(met) for d, met in scores.items() if met is not None},
    )


class _Cause(NamedTuple):
    """What keeps a score from being higher: in words, and the check that does it, if one does."""

    said: str
    check: str | None = None


def _met(results: Iterable[CheckResult]) -> Fraction | None:
    """How well rules were met, by weight; None if there is none to judge by."""
    judged = [each for each in results if each.outcome not in _LEFT_OUT]
    weight = sum(map(_weight, judged), Fraction(0))
    missed = sum(
        (_weight(each) * share for each in judged if (share := _missed(each))), Fraction(0)
    )
    return 1 - missed / weight if weight else None


def _missed(result: CheckResult) -> Fraction | int:
    """The share of what a check asks for that is not so."""
    if result.outcome is Outcome.ERRORED:
        return 1
    if result.rows:
        share = Fraction(result.failed, result.rows) if result.failed else 0
        return share if result.waits_until is None else min(share, 1 - _WARNED)
    missed: dict[Outcome, Fraction | int] = {Outcome.FAILED: 1, Outcome.WARNED: 1 - _WARNED}
    return missed.get(result.outcome, 0)


def _weight(result: CheckResult) -> Fraction:
    return _exact(result.weight if result.severity is not Severity.INFO else 0)


@cache
def _exact(number: float) -> Fraction:
    # Through text, so that 0.7 is seven tenths.
    return Fraction(str(number))


def _cap(results: Sequence[CheckResult], policy: Policy) -> tuple[Fraction, _Cause]:
    below_amber = _exact(policy.amber) - _STEP
    below_green = _exact(policy.green) - _STEP
    if serious := [each for each in results if each.outcome in _SERIOUS]:
        worst = max(serious, key=lambda each: (each.severity, _missed(each), each.failed))
        cap = below_amber if worst.severity is Severity.CRITICAL else below_green
        return cap, _Cause(f"capped by {_finding(worst)}", worst.check)
    counted = [r for r in results if r.outcome is not Outcome.WAIVED]
    weight = sum(_weight(r) for r in counted)
    unjudged = sum(_weight(r) for r in counted if r.outcome is Outcome.NOT_EVALUATED)
    if not weight:
        return below_green, _Cause("capped because nothing was checked")
    if unjudged / weight > _UNJUDGED:
        share = percent(Fraction(unjudged, weight))
        return below_green, _Cause(f"capped because {share} of the checks could not be evaluated")
    return Fraction(1), _Cause("")


def _finding(result: CheckResult) -> str:
    if result.outcome is Outcome.ERRORED:
        return f"{result.check}, which could not run"
    if result.rows:
        return f"{result.check}: {plural(result.failed, 'row')}"
    if result.value is None:
        return result.check
    return f"{result.check}: {amount(result.value, result.unit)}"


def _floor(value: Fraction) -> float:
    return floor(value * 1000) / 1000
