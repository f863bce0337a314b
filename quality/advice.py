"""What set a score and what to fix first, in sentences for a person. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from quality.escaping import cut
from quality.explanation import Explanation, Remedy
from quality.sentences import points, word
from quality.view import DatasetView, LoadView, Waiver
from quality.wording import count, plural

MOST_NAMES = 3
"""Checks with the same cause that are named."""


def numbers(explained: Explanation) -> str:
    """The three numbers that a score is the lowest of; empty where there was nothing to judge."""
    if explained.load.cap is None:
        return ""
    apart = not all(each.sets for each in explained.numbers)
    told = [
        f"{each.name}, {points(each.value)}{', which set it' if each.sets and apart else ''}"
        for each in explained.numbers
    ]
    return f"The score is the lowest of three: {'; '.join(told)}."


def remedy(fix: Remedy) -> str:
    """What is to be fixed, as a sentence."""
    return f"{cut(fix.checks[0])}: {what(fix)}" if fix.checks else what(fix)


def what(fix: Remedy) -> str:
    """What is wrong there, and what fails together with it."""
    return " ".join(filter(None, [f"{cut(fix.message, 300).rstrip('.')}.", one_cause(fix)]))


def one_cause(fix: Remedy) -> str:
    """Which checks fail together with the first; empty if none do."""
    others = [cut(each) for each in fix.checks[1:]]
    if not others:
        return ""
    if not fix.together:
        return f"So it is with {_names(others)}."
    return f"{plural(fix.together, 'record')} fail {_names(others)} as well: one cause."


def gain(fix: Remedy, explained: Explanation) -> str:
    """What fixing it alone would bring, as a sentence."""
    before = explained.load.score or 0.0
    usable = f"{plural(fix.usable, 'more record')} could be used" if fix.usable else ""
    if fix.score <= before:
        return f"Fixed alone, the score stays where it is{usable and f', but {usable}'}."
    least = "at least " if fix.at_least else ""
    would = f"Fixed alone, the score would be {least}{points(fix.score)} ({word(fix.grade)})"
    return f"{would}{usable and f', and {usable}'}."


def plan(explained: Explanation) -> str:
    """How much of it makes the light green; empty if that takes nothing more to say."""
    way = explained.plan
    if way is None:
        return ""
    least = "at least " if way.at_least else ""
    fixes = f"The first {count(way.remedies)} of them together"
    return f"{fixes} would make it {least}{points(way.score)} ({word(way.grade)})."


def owner(view: DatasetView) -> str | None:
    """Who has to act about what set the score: who owns the check, or else the dataset."""
    return (view.cause and view.cause.owner) or view.owner


def waiver(given: Waiver) -> str:
    """Who answers for what, and how long."""
    reason = cut(given.reason, 200).rstrip(".")
    return f"{cut(given.check)} is waived until {given.until}: {reason} ({cut(given.owner)})."


def unwaived(load: LoadView) -> str:
    """What the score is without waivers; empty where that is the same."""
    if load.unwaived_score is None:
        return ""
    return f"Without its waivers the score would be {points(load.unwaived_score)}."


def low_volume(load: LoadView) -> str:
    """That there is too little to go by, if so."""
    if not load.low_volume:
        return ""
    return f"low volume: of {plural(load.received, 'record')}, each weighs much"


def thresholds(load: LoadView) -> str:
    """From which score on a light is green, and from which amber; empty if nothing was judged."""
    if not {"green", "amber"} <= load.thresholds.keys():
        return ""
    green, amber = (points(load.thresholds[name]) for name in ("green", "amber"))
    return f"Green from {green}, amber from {amber}, red below."


def _names(names: Sequence[str]) -> str:
    shown = [*names[:MOST_NAMES]]
    if (more := len(names) - len(shown)) > 0:
        return f"{', '.join(shown)} and {plural(more, 'more check')}"
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)
