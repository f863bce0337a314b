"""Numbers, lists and bounds in the words of reports; one place, so that all reports agree."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from difflib import get_close_matches
from fractions import Fraction
from typing import Any

SHARE = "share"
"""The unit of a part of a whole, between 0 and 1, which reads as a percentage."""
LOW_VOLUME = 30
"""Records; of fewer, each weighs so much that a score says little."""
SHOWN_VALUES = 12
"""Longer lists are cut, and say so."""
_WITHIN_NUMBER = re.compile(r"(?<=\d) (?=\d{3}(?!\d)|%)")


def low_volume(records: int) -> bool:
    """Whether records are so few that a share of them says little."""
    return records < LOW_VOLUME


def count(number: int) -> str:
    """A number with its thousands set apart: `34 427`."""
    return f"{number:,}".replace(",", " ")


def number(value: float) -> str:
    """A number that was measured: `684`, `0.507527`, `1 234 567.9`."""
    if value.is_integer():
        return count(int(value))
    return f"{value:.6g}" if abs(value) < 1000 else f"{value:,.1f}".replace(",", " ")


def plural(number: int, noun: str) -> str:
    """A number and its noun: `1 row`, `2 023 rows`."""
    return f"{count(number)} {noun}" if number == 1 else f"{count(number)} {noun}s"


def amount(value: float, unit: str = "", apart_from: float | None = None) -> str:
    """A number that was measured, in its unit: `684`, `3.5 days`, `50.8 %`.

    Args:
        value: The number; of a share, between 0 and 1.
        unit: One of what is counted, `day`; or `SHARE`.
        apart_from: A number that a share must not look like, because it is another.
    """
    if unit != SHARE:
        return f"{number(value)} {unit}{'' if value == 1 else 's'}" if unit else number(value)
    for decimals in range(1, 9):
        told = percent(Fraction(value), decimals)
        if apart_from is None or told != percent(Fraction(apart_from), decimals):
            break
    return told


def percent(share: Fraction, decimals: int = 1) -> str:
    """A share as a percentage that is never rounded to none or to all."""
    least = Fraction(1, 10**decimals)
    if 0 < share * 100 < least:
        return f"under {float(least):g} %"
    if 100 - least < share * 100 < 100:
        return f"over {float(100 - least):g} %"
    return f"{float(share * 100):.{decimals}f}".rstrip("0").rstrip(".") + " %"


def show(value: Any) -> str:
    """A rule's argument, or a measured value, as a reader would write it."""
    match value:
        case float():
            return f"{value:.12g}"
        case timedelta():
            return _duration(value)
        case datetime():
            return value.isoformat(sep=" ")
        case date():
            return value.isoformat()
        case list() | tuple():
            return listing(value)
        case _:
            return str(value)


def listing(values: Sequence[Any]) -> str:
    """Values with commas between them; a long list is cut, and says how long it is."""
    shown = ", ".join(show(value) for value in values[:SHOWN_VALUES])
    return shown if len(values) <= SHOWN_VALUES else f"{shown}, … ({len(values)} in all)"


def limit(value: float, unit: str = "") -> str:
    """A bound of what is measured, exactly: one that is rounded is another bound."""
    if unit == SHARE:
        return f"{float(Fraction(str(value)) * 100):.12g} %"
    return f"{value:,.12g}".replace(",", " ")


def unbroken(text: str) -> str:
    """A text in which no line ends within a number, or before its percent sign."""
    return _WITHIN_NUMBER.sub("\N{NO-BREAK SPACE}", text)


def bounds(low: Any, high: Any, tell: Callable[[Any], str] = show) -> str:
    """What two limits ask for: `between 1 and 2400`, `at least 1`, `at most 10 %`."""
    match low, high:
        case None, None:
            return ""
        case low, None:
            return f"at least {tell(low)}"
        case None, high:
            return f"at most {tell(high)}"
        case low, high if low == high:
            return f"exactly {tell(low)}"
        case low, high:
            return f"between {tell(low)} and {tell(high)}"


def guess(word: str, known: Iterable[str]) -> str:
    """What was probably meant by a word that is not known; empty if nothing is near."""
    near = get_close_matches(word.lower(), list(known), n=1)
    return f" (did you mean {near[0]!r}?)" if near else ""


def _duration(span: timedelta) -> str:
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if span and span.total_seconds() % length == 0:
            return plural(int(span.total_seconds() // length), unit)
    return f"{span.total_seconds():g} seconds"
