"""Numbers, lists and bounds in the words of reports; one place, so that all reports agree."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from difflib import get_close_matches
from fractions import Fraction
from typing import Any

SHOWN_VALUES = 12
"""Longer lists are cut, and say so."""


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


def percent(share: Fraction) -> str:
    """A share as a percentage that is never rounded to none or to all."""
    if 0 < share < Fraction(1, 1000):
        return "under 0.1 %"
    if Fraction(999, 1000) < share < 1:
        return "over 99.9 %"
    return f"{float(share * 100):.1f} %".replace(".0 %", " %")


def show(value: Any) -> str:
    """A rule's argument, or a measured value, as a reader would write it."""
    match value:
        case float():
            return f"{value:.6g}"
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


def bounds(arguments: Mapping[str, Any]) -> str:
    """What `min` and `max` among the arguments ask for: `between 1 and 2400`, `at least 1`."""
    match arguments.get("min"), arguments.get("max"):
        case None, None:
            return ""
        case low, None:
            return f"at least {show(low)}"
        case None, high:
            return f"at most {show(high)}"
        case low, high if low == high:
            return f"exactly {show(low)}"
        case low, high:
            return f"between {show(low)} and {show(high)}"


def guess(word: str, known: Iterable[str]) -> str:
    """What was probably meant by a word that is not known; empty if nothing is near."""
    near = get_close_matches(word.lower(), list(known), n=1)
    return f" (did you mean {near[0]!r}?)" if near else ""


def _duration(span: timedelta) -> str:
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if span and span.total_seconds() % length == 0:
            return plural(int(span.total_seconds() // length), unit)
    return f"{span.total_seconds():g} seconds"
