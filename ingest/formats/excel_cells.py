"""Excel cells: the text of what is in them, as Excel shows it in full."""

from __future__ import annotations

import re
from datetime import date, timedelta
from enum import Enum


class Kind(Enum):
    """What a number in a cell stands for besides itself, which only its format says."""

    MOMENT = "moment"
    """Days since an epoch: a date, or both date and time."""
    TIME = "time"
    """A part of a day; a date as well, where it is more than one."""
    ELAPSED = "elapsed"
    """Days that something took."""


BUILTIN = {
    **dict.fromkeys([*range(14, 18), 22, *range(27, 37), *range(50, 59)], Kind.MOMENT),
    **dict.fromkeys([18, 19, 20, 21, 45, 47], Kind.TIME),
    46: Kind.ELAPSED,
}
"""Formats that have a number instead of a code."""

DAY_MS = 86_400_000
DAYS, DAYS_FROM_1904 = 2_958_466, 2_957_004
"""How many there are until the end of the year 9999."""
LEAP_DAY = 60
"""29 February 1900, which Excel has and the calendar has not."""

_NO_PART = re.compile(r'"[^"]*"?|\\.|[_*].|\[(?!h+\]|m+\]|s+\])[^\]]*\]?', re.IGNORECASE)
"""What is shown as it stands, and colours, conditions and currencies."""
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")


def kind(code: str) -> Kind | None:
    """Tell what a number stands for by the code of its format: `dd/mm/yyyy`, `0.00`, `[h]:mm`."""
    shown = _NO_PART.sub("", code.split(";", 1)[0]).lower()
    if "[" in shown:
        return Kind.ELAPSED
    if re.search("[hs]", shown) and not re.search("[yd]", shown):
        return Kind.TIME
    return Kind.MOMENT if re.search("[ydm]", shown) else None


def number(written: str) -> str:
    """Give a number with the 15 digits that Excel shows of it, and a whole one with all digits.

    What is written are the 17 digits that a double may need: 4.3499999999999996 for 4.35.

    Args:
        written: As it stands in the file.
    """
    value = None if written.removeprefix("-").isdecimal() else _value(written)
    return written if value is None else f"{value:.15g}"


def moment(written: str, kind: Kind, from_1904: bool) -> str:
    """Give a date as ISO 8601, a time of day or elapsed hours as 09:30:00, or both.

    Args:
        written: The days since the epoch, as they stand in the file.
        kind: Whether they elapsed, or say when.
        from_1904: Whether day 0 is 1904-01-01, as in workbooks from old Macs.
    """
    serial, days = _value(written), DAYS_FROM_1904 if from_1904 else DAYS
    if serial is None or not 0 <= serial * DAY_MS < days * DAY_MS - 0.5:
        return number(written)
    day, rest = divmod(round(serial * DAY_MS), DAY_MS)
    if kind is Kind.ELAPSED:
        return _clock(day * DAY_MS + rest)
    if day == 0 and (kind is Kind.TIME or not from_1904):
        return _clock(rest)
    return f"{_date(day, from_1904)} {_clock(rest)}" if rest else _date(day, from_1904)


def _value(written: str) -> float | None:
    try:
        return float(written)
    except ValueError:  # what claims to be a number is told as what it is
        return None


def _date(day: int, from_1904: bool) -> str:
    if from_1904:
        return (date(1904, 1, 1) + timedelta(day)).isoformat()
    if day == LEAP_DAY:
        return "1900-02-29"
    return (date(1899, 12, 31) + timedelta(day - (day > LEAP_DAY))).isoformat()


def _clock(ms: int) -> str:
    seconds, ms = divmod(ms, 1000)
    fraction = f".{ms:03}" if ms else ""
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{fraction}"


def unescape(text: str) -> str:
    """Read the characters that XML cannot hold, which Excel writes as `_x000D_`."""
    return _ESCAPED.sub(_character, text) if "_x" in text else text


def _character(match: re.Match[str]) -> str:
    code = int(match[1], 16)
    return match[0] if code == 0 or 0xD800 <= code < 0xE000 else chr(code)
