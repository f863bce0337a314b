"""Profiles in words: what is in a column, and what columns have to do with each other."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from fractions import Fraction

from quality.escaping import cut
from quality.profiling.model import ColumnProfile, Profile, Value
from quality.wording import count, number, percent, plural, show

LONGEST = 24
"""Characters of a value among others."""


def distinct(column: ColumnProfile) -> str:
    """How many different values there are; an estimate says so."""
    if column.unique:
        return f"{count(column.distinct)}, all"
    return count(column.distinct) if column.exact else f"about {count(column.distinct)}"


def contents(column: ColumnProfile) -> str:
    """What is in a column, in a line."""
    if not column.values:
        return "nothing"
    told = list(_contents(column))
    if column.masked:
        told.insert(0, "masked, for it is personal")
    return "; ".join(told)


def _contents(column: ColumnProfile) -> Iterator[str]:
    if column.constant and column.min is not None:
        yield f"always {value(column.min)}"
    elif column.numbers and column.min is not None and column.max is not None:
        yield f"{value(column.min)} to {value(column.max)}"
        median = number(column.numbers.quantiles["0.5"])
        yield f"mean {number(column.numbers.mean)}, median {median}"
    elif column.moments and column.min is not None:
        yield f"{value(column.min)} to {value(column.max)}"
        yield f"to the {column.moments.resolution}"
        if column.moments.missing_days:
            yield f"{plural(column.moments.missing_days, 'day')} between have none"
    elif column.top:
        yield _values(column)
    if column.numbers and column.numbers.infinite:
        yield f"{plural(column.numbers.infinite, 'value')} infinite or not a number"
    if column.moments and column.moments.future:
        yield f"{plural(column.moments.future, 'value')} in the future"
    yield from _texts(column)


def _values(column: ColumnProfile) -> str:
    if column.distinct <= 3:
        return ", ".join(f"{value(e.value)} {percent(_share(e.count, column))}" for e in column.top)
    most = column.top[0]
    others = ", ".join(value(each.value) for each in column.top[1:3])
    return f"most often {value(most.value)} ({percent(_share(most.count, column))}), {others}"


def _share(rows: int, column: ColumnProfile) -> Fraction:
    return Fraction(rows, column.values or 1)


def _texts(column: ColumnProfile) -> Iterator[str]:
    texts = column.texts
    if texts is None:
        return
    if texts.meaning:
        yield f"{percent(Fraction(texts.meaning_share).limit_denominator(10_000))} {texts.meaning}"
    elif texts.regex and column.distinct > 3:
        yield f"all like {texts.regex}"
    elif column.distinct > 3:
        alike = texts.shortest == texts.longest
        span = f"{texts.longest}" if alike else f"{texts.shortest} to {texts.longest}"
        yield f"{span} characters"
    if texts.missing:
        words = ", ".join(f"{value(each.value)} {count(each.count)}" for each in texts.missing[:3])
        yield f"words for nothing: {words}"
    if texts.empty:
        yield f"{count(texts.empty)} blank"
    if texts.blanks > texts.empty:
        yield f"{count(texts.blanks - texts.empty)} begin or end with a blank"


def value(given: Value | None) -> str:
    """A value among others."""
    if isinstance(given, float):
        return number(given)
    if isinstance(given, int) and not isinstance(given, bool):
        return str(given)
    if isinstance(given, datetime):
        told = given.replace(tzinfo=None).isoformat(" ", "auto" if given.second else "minutes")
        return f"{told} UTC" if given.tzinfo else told
    return cut(show(given), LONGEST)


def together(profile: Profile, most: int) -> Iterator[str]:
    """What there is to say of columns together.

    Args:
        profile: The profile.
        most: Sentences of each kind.
    """
    for key in profile.keys[:most]:
        told = ""
        if key.chance:
            told = f"; {number(float(f'{key.chance:.2g}'))} pairs of rows would be alike by chance"
        yield f"key: {', '.join(key.columns)}{told}"
    if not profile.keys and profile.rows > 1:
        yield "no columns tell all rows apart"
    for order in profile.orderings[:most]:
        both = f"all {plural(order.rows, 'row')} with both"
        yield f"in order: {order.left} <= {order.right} in {both}"
    for pair in profile.correlations[:most]:
        yield f"together: {pair.left} and {pair.right}, correlation {pair.value:.4g}"
