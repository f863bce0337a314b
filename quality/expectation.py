"""What the past lets one expect of a number: a band, and what it rests on. Pure.

The middle is a median, and the width comes from the median distance to it (MAD), above and below
apart, because most of what is counted is lopsided. So a single day of nonsense moves neither.
Four things keep the band from crying over nothing:

- It is never narrower than `TOLERANCE` of its middle, or than chance makes a share of so few rows:
  a number that has never changed may change a little.
- It holds everything that the past held: what has been before is not unheard of. Only a single
  number that is farther out than `FAR` such bands does not count before there are two of it.
- It is wider the fewer points it rests on.
- Shares are compared as angles (arcsine of the root), where a hundredth more is much at one in a
  hundred, and little at one half.

A trend does not raise an alarm either: it widens the band by as much as it has moved the past.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Literal, TypeAlias

Sensitivity: TypeAlias = Literal["low", "medium", "high"]
Seasonality: TypeAlias = Literal["none", "weekday"]

TOLERANCE = 0.1
"""The part of its middle that a number may lie off it in any case."""
SAME_WEEKDAYS = 4
"""Points of one weekday that can say by themselves what is usual on it."""

FAR = 3
"""Times the width of a band from which on a single number is nonsense, until it comes again."""

_DEVIATIONS: dict[Sensitivity, float] = {"low": 7, "medium": 5, "high": 3.5}
"""How many standard deviations off the middle are too many; the last is that of the textbooks."""
_NORMAL = 1.4826
"""Standard deviation of a normal distribution, in its MADs."""
_OF_MEDIAN = math.pi / 2
"""Variance of the median of n points, in nths of the variance of one."""


@dataclass(frozen=True)
class Point:
    """A number, and what time it is about."""

    period: datetime
    value: float


@dataclass(frozen=True)
class Band:
    """Between which numbers one expects the next, both included."""

    low: float
    high: float
    points: int
    """How many of the past it rests on."""
    of_weekday: bool
    """Whether those are of one weekday."""


def expect(
    past: Sequence[Point],
    period: datetime,
    *,
    seasonality: Seasonality,
    sensitivity: Sensitivity,
    rows_of_share: int | None = None,
) -> Band:
    """Say what to expect of a number.

    Args:
        past: What it was before; at least two points.
        period: What time it is about.
        seasonality: Whether its weekday matters. It then counts as soon as there are
            `SAME_WEEKDAYS` points of it.
        sensitivity: How little is unusual.
        rows_of_share: Where the number is a share, of how many rows.
    """
    turn, back = (_angle, _share) if rows_of_share is not None else (float, float)
    known = [(point.period.weekday(), turn(point.value)) for point in past]
    usual = _by_weekday(known) if seasonality == "weekday" else {}
    weekday = period.weekday() if period.weekday() in usual else None
    if weekday is None:
        usual = {}
    everything = median(value for _, value in known)
    middle = everything if weekday is None else usual[weekday]
    offsets = [
        value - usual.get(day, everything) for day, value in known if day in usual or not usual
    ]
    points = sum(1 for day, _ in known if weekday in (None, day))
    # A median of few points lies nearer to them than to those that will come.
    wider = _NORMAL * math.sqrt(points / (points - 1) * (1 + _OF_MEDIAN / points))
    above = median(offset for offset in offsets if offset >= 0) * wider
    below = median(-offset for offset in offsets if offset <= 0) * wider
    deviations = _DEVIATIONS[sensitivity]
    least = TOLERANCE * abs(middle)
    if rows_of_share is not None:
        least = deviations / math.sqrt(max(rows_of_share, 1))
    low = middle - _stretched(max(deviations * below, least), [-offset for offset in offsets])
    high = middle + _stretched(max(deviations * above, least), offsets)
    return Band(*_rounded(back(low), back(high)), points, weekday is not None)


def _stretched(width: float, offsets: Sequence[float]) -> float:
    """How far from its middle a band must reach to hold what has been before."""
    *_, second, farthest = sorted(offsets)
    return max(width, second, min(farthest, FAR * width))


def _by_weekday(known: Sequence[tuple[int, float]]) -> dict[int, float]:
    """What is usual on each weekday of which enough is known."""
    values: dict[int, list[float]] = {}
    for day, value in known:
        values.setdefault(day, []).append(value)
    return {day: median(each) for day, each in values.items() if len(each) >= SAME_WEEKDAYS}


def _angle(share: float) -> float:
    return 2 * math.asin(math.sqrt(min(max(share, 0.0), 1.0)))


def _share(angle: float) -> float:
    return math.sin(min(max(angle, 0.0), math.pi) / 2) ** 2


def _rounded(low: float, high: float) -> tuple[float, float]:
    """Bounds in as many digits as one reads, outwards, so that what is shown is what counts."""
    if not high > low:
        return low, high
    digits = 1 - math.floor(math.log10(high - low))
    scale = 10.0**digits
    return math.floor(low * scale + 1e-9) / scale, math.ceil(high * scale - 1e-9) / scale
