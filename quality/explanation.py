"""What set a score, what it would become, and what to fix first. Pure.

What a score would be is found by scoring again what was recorded, never by estimate: the checks
that are fixed find nothing wrong, and records that nothing else makes unusable are usable.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from itertools import combinations
from typing import Any

from quality.model import Grade, Outcome, Severity
from quality.result import WATCHED, CheckResult
from quality.scoring import Policy, Score, score
from quality.view import BADNESS, Account, Example, LoadView
from quality.wording import count, plural

UNREAD = ""
"""Stands, among the keys of checks, for the records that could not be read."""
ONE_CAUSE = Fraction(9, 10)
"""The share of the records failing each of two checks that must fail both, for one cause."""

Pairs = Mapping[frozenset[str], int]
"""How many records fail both of two checks."""


@dataclass(frozen=True)
class Number:
    """One of the three numbers that a score is the lowest of."""

    name: str
    value: float | None
    """None where there is nothing to take it from."""
    sets: bool
    """Whether it is the one that set the score."""


@dataclass(frozen=True)
class Remedy:
    """Something to fix, and what the score would be if nothing else were."""

    checks: tuple[str, ...]
    """Those that fail for one cause, the weightiest first; none for records that cannot be read."""
    message: str
    """What the first of them found."""
    failed: int
    """Records that fail it."""
    together: int
    """Of several checks, the records that fail all of them."""
    usable: int
    """Records that could be used besides, if it were fixed."""
    score: float
    """What the score would be."""
    grade: Grade
    at_least: bool
    """Whether the score may be higher: more checks fail at once than are watched."""
    owner: str | None
    """Who has to act."""
    examples: tuple[Example, ...]


@dataclass(frozen=True)
class Plan:
    """The first remedies, as many as make the light green."""

    remedies: int
    score: float
    grade: Grade
    at_least: bool


@dataclass(frozen=True)
class Unjudged:
    """A check that says nothing, and why."""

    check: str
    outcome: Outcome
    why: str


@dataclass(frozen=True)
class Explanation:
    """What set the score of a load, and what would raise it."""

    load: LoadView
    numbers: tuple[Number, ...]
    remedies: tuple[Remedy, ...]
    """What gains most comes first."""
    plan: Plan | None
    """None where the first remedy is enough, or all of them are not."""
    unjudged: tuple[Unjudged, ...]


def explain(account: Account) -> Explanation:
    """Explain the score of a load, and what would raise it.

    Args:
        account: The load, with all that was found in it.
    """
    found = [_remedy(account, cause) for cause in _causes(account)]
    found.sort(key=lambda ranked: ranked[0], reverse=True)
    remedies = tuple(remedy for _, remedy in found)
    return Explanation(
        load=account.load,
        numbers=_numbers(account.load),
        remedies=remedies,
        plan=_plan(account, remedies),
        unjudged=tuple(
            Unjudged(each.check, each.outcome, each.message)
            for each in account.results
            if each.outcome in (Outcome.NOT_EVALUATED, Outcome.ERRORED)
        ),
    )


def fixed(account: Account, keys: Collection[str]) -> tuple[Score, int, bool]:
    """Score a load as if some of its checks had found nothing wrong.

    Args:
        account: The load, with all that was found in it.
        keys: The checks that are fixed; `UNREAD` for the records that could not be read.

    Returns:
        The score, how many records more could be used, and whether that may be too few.
    """
    load = account.load
    results = [_passed(each) if each.check in keys else each for each in account.results]
    usable, too_few = _usable(account, set(keys))
    policy = Policy(**load.thresholds)
    now = score(results, received=load.received, clean=load.clean + usable, policy=policy)
    return now, usable, too_few


def _passed(result: CheckResult) -> CheckResult:
    return replace(result, outcome=Outcome.PASSED, failed=0)


def _usable(account: Account, keys: set[str]) -> tuple[int, bool]:
    """How many records only these checks make unusable; and whether that may be too few."""
    soiling = {each.check for each in account.results if each.soils and each.failed}
    mended = sum(each.sole for each in account.results if each.check in keys & soiling)
    for overlap in account.overlaps:
        grave = soiling.intersection(overlap.checks)
        if len(grave) > 1 and grave <= keys and not overlap.others:
            mended += overlap.records
    if UNREAD in keys:
        mended += account.load.rejected
    failing = sum(1 for each in account.results if each.failed)
    return mended, len(keys & soiling) > 1 and failing > WATCHED


def _numbers(load: LoadView) -> tuple[Number, ...]:
    known = {
        "how well the rules were met": load.rule_score,
        "the share of records usable as they came": load.clean_row_rate,
        "the cap that failures set": load.cap,
    }
    lowest = min((value for value in known.values() if value is not None), default=None)
    return tuple(
        Number(name, value, value is not None and value == lowest) for name, value in known.items()
    )


def _causes(account: Account) -> list[tuple[str, ...]]:
    """What can be fixed: each of several checks that fail in nearly the same records once."""
    bad = [each for each in account.results if _counts(each)]
    bad.sort(key=lambda e: (BADNESS.index(e.outcome), e.severity, e.weight, e.failed), reverse=True)
    failed = {each.check: each.failed for each in bad}
    pairs = _pairs(account)
    causes: list[list[str]] = []
    for key in failed:
        for cause in causes:
            if all(_alike(pairs, failed, key, other) for other in cause):
                cause.append(key)
                break
        else:
            causes.append([key])
    silent = [r.check for r in account.results if r.outcome is Outcome.NOT_EVALUATED and r.weight]
    if silent and fixed(account, silent)[0].value > fixed(account, ())[0].value:
        causes.append(silent)
    if account.load.rejected:
        causes.append([UNREAD])
    return [tuple(cause) for cause in causes]


def _counts(result: CheckResult) -> bool:
    found = BADNESS.index(result.outcome) >= BADNESS.index(Outcome.PASSED_WITH_FAILURES)
    return found and (result.severity > Severity.INFO or result.outcome is Outcome.ERRORED)


def _pairs(account: Account) -> Counter[frozenset[str]]:
    found: Counter[frozenset[str]] = Counter()
    for overlap in account.overlaps:
        for pair in combinations(overlap.checks, 2):
            found[frozenset(pair)] += overlap.records
    return found


def _alike(pairs: Pairs, failed: Mapping[str, int], one: str, other: str) -> bool:
    both = pairs.get(frozenset((one, other)), 0)
    return both > 0 and Fraction(both, max(failed[one], failed[other])) >= ONE_CAUSE


def _remedy(account: Account, keys: tuple[str, ...]) -> tuple[tuple[float, ...], Remedy]:
    """What to fix, behind its rank: what the score would be, then the numbers behind it."""
    load = account.load
    now, usable, too_few = fixed(account, keys)
    rank = (now.value, now.clean_row_rate, now.rule_score or 0.0, usable)
    of_checks = keys != (UNREAD,)
    first = next((each for each in account.results if each.check == keys[0]), None)
    together = sum(o.records for o in account.overlaps if set(keys) <= set(o.checks))
    unread = f"{count(load.rejected)} of {plural(load.received, 'record')} cannot be read"
    return rank, Remedy(
        checks=keys if of_checks else (),
        message=first.message if first else unread,
        failed=first.failed if first else load.rejected,
        together=together if len(keys) > 1 else 0,
        usable=usable,
        score=now.value,
        grade=now.grade,
        at_least=too_few,
        owner=(first.owner if first else None) or load.owner,
        examples=tuple(Example.of(load.file, each) for each in (first.examples if first else ())),
    )


def _plan(account: Account, remedies: Sequence[Remedy]) -> Plan | None:
    """Fix one after the other, until the light is green."""
    keys: list[str] = []
    for number, remedy in enumerate(remedies, 1):
        keys += remedy.checks or (UNREAD,)
        now, _, too_few = fixed(account, keys)
        if now.grade is Grade.GREEN:
            return Plan(number, now.value, now.grade, too_few) if number > 1 else None
    return None


def document(explained: Explanation) -> dict[str, Any]:
    """Give an explanation as plain data with stable keys."""
    load = explained.load
    return {
        "file": load.file,
        "version": load.version,
        "load_id": load.load_id,
        "run_id": load.run_id,
        "status": load.status,
        "error": load.error,
        "records_in": load.received,
        "low_volume": load.low_volume,
        "score": load.score,
        "grade": load.grade.label,
        "set_by": load.set_by,
        "published_score": load.published_score,
        "unwaived_score": load.unwaived_score,
        "owner": load.owner,
        "numbers": [asdict(each) for each in explained.numbers],
        "remedies": [
            asdict(each) | {"grade": each.grade.label, "gain": _gain(each, explained)}
            for each in explained.remedies
        ],
        "plan": explained.plan and asdict(explained.plan) | {"grade": explained.plan.grade.label},
        "waivers": [asdict(each) for each in load.waivers],
        "unjudged": [asdict(each) for each in explained.unjudged],
        "thresholds": dict(load.thresholds),
    }


def _gain(remedy: Remedy, explained: Explanation) -> float:
    return round(remedy.score - (explained.load.score or 0.0), 3)
