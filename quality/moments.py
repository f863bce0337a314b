"""Formats of dates and times, each as the regular expression of all texts that are written in it.

No reader of dates is asked. Those of DuckDB and Polars differ in what they forgive, and one that
fails on a value may stop the query; while a regular expression knows the 30th of February too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Annotated

import narwhals as nw
from pydantic import AfterValidator, Field

from quality.patterns import one_of, whole


def written(column: str, formats: Sequence[str]) -> nw.Expr:
    """Whether a text is written in one of the formats, from its first character to its last."""
    return nw.col(column).str.contains(whole(one_of([pattern(each) for each in formats])))


def pattern(form: str) -> str:
    """The regular expression of all texts that `form` writes, of moments that there are.

    Raises:
        ValueError: The form cannot be read, or tells one thing twice.
    """
    parts = _DIRECTIVE.split(form)
    directives = parts[1::2]
    if broken := next((text for text in parts[::2] if "%" in text), None):
        raise ValueError(f"{form!r} breaks off at {broken[broken.index('%') :]!r}; write %% for %")
    for each in directives:
        if each not in _WRITTEN:
            known = ", ".join(_WRITTEN)
            raise ValueError(f"{each!r} in {form!r} is not known here; there are {known}")
    told = [part for each in directives if (part := _TELLS.get(each[-1]))]
    if twice := next((part for part in told if told.count(part) > 1), None):
        raise ValueError(f"{form!r} tells the {twice} twice")
    return one_of(
        ["".join(_texts(parts, case)) for case in _cases({each[-1] for each in directives})]
    )


def has_time(form: str) -> bool:
    """Whether a format tells the time of day."""
    return any(each[-1] in _TIMES for each in _DIRECTIVE.findall(form))


def _readable(form: str) -> str:
    pattern(form)
    return form


Formats = Annotated[
    list[Annotated[str, Field(min_length=1), AfterValidator(_readable)]], Field(min_length=1)
]

MONTHS = ["January", "February", "March", "April", "May", "June", "July"]
MONTHS += ["August", "September", "October", "November", "December"]
DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]

_DIRECTIVE = re.compile(r"(%-?[a-zA-Z%])")
_TELLS = {"Y": "year", "y": "year", "m": "month", "b": "month", "B": "month", "d": "day"}
_TELLS |= {"j": "day", "H": "hour", "I": "hour", "M": "minute", "S": "second"}
_TIMES = "HIMSfpz"


def _numbers(numbers: Iterable[int], width: int = 1) -> str:
    return one_of([f"{number:0{width}}" for number in numbers])


def _names(names: Iterable[str]) -> str:
    return f"(?i:{'|'.join(names)})"


def _both(letter: str, first: int, last: int, width: int = 2) -> dict[str, str]:
    """A number with zeros in front of it, and with a dash in the format, without."""
    numbers = range(first, last + 1)
    return {f"%{letter}": _numbers(numbers, width), f"%-{letter}": _numbers(numbers)}


def _months(numbers: Sequence[int]) -> dict[str, str]:
    return {
        "%m": _numbers(numbers, 2),
        "%-m": _numbers(numbers),
        "%b": _names(MONTHS[number - 1][:3] for number in numbers),
        "%B": _names(MONTHS[number - 1] for number in numbers),
    }


_WRITTEN = {
    "%Y": "[0-9]{4}",
    "%y": "[0-9]{2}",
    **_months(range(1, 13)),
    **_both("d", 1, 31),
    **_both("j", 1, 366, width=3),
    "%a": _names(day[:3] for day in DAYS),
    "%A": _names(DAYS),
    **_both("H", 0, 23),
    **_both("I", 1, 12),
    **_both("M", 0, 59),
    **_both("S", 0, 59),
    "%f": "[0-9]{1,6}",
    "%p": _names(["AM", "PM"]),
    "%z": "(?:Z|[+-](?:[01][0-9]|2[0-3]):?[0-5][0-9])",
    "%%": "%",
}
"""What each directive writes."""

_FOURTH = _numbers(range(4, 100, 4), 2)
_LEAP = {
    "%Y": f"(?:[0-9]{{2}}{_FOURTH}|{_numbers(range(0, 100, 4), 2)}00)",
    "%y": f"(?:00|{_FOURTH})",
}
_OF_MONTHS: Sequence[Mapping[str, str]] = [
    _months([1, 3, 5, 7, 8, 10, 12]),
    _months([4, 6, 9, 11]) | _both("d", 1, 30),
    _months([2]) | _both("d", 1, 28),
    _months([2]) | _both("d", 29, 29) | _LEAP,
]
_OF_YEARS: Sequence[Mapping[str, str]] = [
    _both("j", 1, 365, width=3),
    _both("j", 366, 366, width=3) | _LEAP,
]


def _cases(letters: set[str]) -> Sequence[Mapping[str, str]]:
    """What directives write besides, in months of each length, or in years."""
    if "d" in letters and letters & set("mbB"):
        return _OF_MONTHS
    return _OF_YEARS if "j" in letters else [{}]


def _texts(parts: Sequence[str], case: Mapping[str, str]) -> Iterable[str]:
    known = {**_WRITTEN, **case}
    texts = (re.escape(text) for text in parts[::2])
    directives = chain((known[each] for each in parts[1::2]), [""])
    return chain.from_iterable(zip(texts, directives, strict=True))
