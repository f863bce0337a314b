"""Widening: the range that values may have, by the range that they had."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from math import ceil, floor, log10

Number = int | float

FAR = 4.0
"""How many times as far from nearly all values as those from each other, a stray value lies."""
CLOSE = 0.2
"""Of the distance between the smallest and the largest value: how close to zero is close."""


@dataclass(frozen=True)
class Known:
    """A range that everybody knows."""

    names: str
    """Regular expression of the words in the name of a column."""
    min: Number
    max: Number
    meaning: str
    whole: bool = False
    """Whether it is one only of whole numbers."""


KNOWN = (
    Known("month", 1, 12, "a month of the year", whole=True),
    Known("day|dayofmonth", 1, 31, "a day of the month", whole=True),
    Known("hour", 0, 23, "an hour of the day", whole=True),
    Known("minute", 0, 59, "a minute of the hour", whole=True),
    Known("second", 0, 59, "a second of the minute", whole=True),
    Known("lat|latitude", -90, 90, "a latitude"),
    Known("lon|lng|long|longitude", -180, 180, "a longitude"),
    Known("(wind_?)?dir(ection)?|bearing|heading|azimuth", 0, 360, "a direction"),
    Known("percent|percentage|pct|humid|humidity", 0, 100, "a percentage"),
    Known("probability|ratio|share|fraction", 0, 1, "a share"),
)
"""What a column of such a name may hold; only if all that it does hold is within."""


def known_range(name: str, low: float, high: float, whole: bool) -> Known | None:
    """Tell the range that a column must have by its name, if its values bear it out.

    Args:
        name: What the column is called.
        low: The smallest value.
        high: The largest.
        whole: Whether all are whole numbers.
    """
    for known in KNOWN:
        named = re.fullmatch(known.names, name.strip().lower())
        if named and known.min <= low and high <= known.max and (whole or not known.whole):
            return known
    return None


@dataclass(frozen=True)
class Spread:
    """How numbers are spread; the largest is larger than the smallest."""

    low: float
    high: float
    quantiles: Mapping[str, float]
    """By their share: `0.01`, `0.25`, `0.75` and `0.99` are needed."""

    def without_strays(self) -> Spread:
        """The same without an end that lies far from nearly all values."""
        first, last = self.quantiles["0.01"], self.quantiles["0.99"]
        reach = FAR * (last - first)
        if reach <= 0:
            return self
        low = first if first - self.low > reach else self.low
        high = last if self.high - last > reach else self.high
        return replace(self, low=low, high=high)


def widened(spread: Spread, whole: bool) -> tuple[Number, Number]:
    """Widen a range by half of its own on each side, or as far as its tail is long; rounded.

    What was never negative, though it counts something or was close to it, is not expected to be.

    Args:
        spread: How the values are spread.
        whole: Whether all are whole numbers.
    """
    low, high = spread.low, spread.high
    half = (high - low) / 2
    least = low - max(half, spread.quantiles["0.25"] - low)
    most = high + max(half, high - spread.quantiles["0.75"])
    least, most = _outward(least, most)
    if low >= 0 and (whole or low <= CLOSE * (high - low)):
        least = max(least, 0.0)
    if high <= 0 and (whole or high >= CLOSE * (low - high)):
        most = min(most, 0.0)
    return _plain(least, whole, floor), _plain(most, whole, ceil)


def _outward(low: float, high: float) -> tuple[float, float]:
    """Round to the second digit of the distance, away from each other."""
    digits = floor(log10(high - low)) - 1
    unit = 10.0**digits
    return round(floor(low / unit) * unit, -digits), round(ceil(high / unit) * unit, -digits)


def _plain(value: float, whole: bool, to_whole: Callable[[float], int]) -> Number:
    return to_whole(value) if whole or value == int(value) else value


def rounded_up(number: int) -> int:
    """Round a count up to two digits."""
    unit: int = 10 ** max(len(str(number)) - 2, 0)
    return ceil(number / unit) * unit


def rounded_down(number: int) -> int:
    """Round a count down to two digits, but not to nothing."""
    unit: int = 10 ** max(len(str(number)) - 2, 0)
    return max(floor(number / unit) * unit, 1)
