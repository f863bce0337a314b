"""Numbers, moments and lengths of time as rules take them, and how each says no."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from math import isinf
from typing import Annotated, Any, Literal, get_args

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Discriminator,
    Field,
    StrictFloat,
    StrictInt,
    Tag,
    TypeAdapter,
    WithJsonSchema,
)


def _moment(value: Any) -> Any:
    """Read ISO text; pydantic's own reading would take "2013" for seconds since 1970."""
    if not isinstance(value, str):
        return value
    try:
        return date.fromisoformat(value) if len(value) == 10 else datetime.fromisoformat(value)
    except ValueError:
        raise ValueError(
            f"{value!r} is neither a number nor a date; write 5, 2013-02-07 or 2013-02-07T18:00"
        ) from None


def _duration(value: Any) -> Any:
    if isinstance(value, timedelta):
        return value
    if isinstance(value, str):
        if plain := _SPAN.fullmatch(value):
            with suppress(OverflowError):  # longer than there are days to count
                return timedelta(**{plain["unit"] + "s": float(plain["number"])})
        if value.startswith("P"):
            return TypeAdapter(timedelta).validate_python(value)
    raise ValueError(f"{value!r} is not a length of time; write '36 hours', '7 days' or P7D")


def _clock(value: Any) -> Any:
    """Read `9:00`; to YAML, that is a number of minutes, and 9:00:30 one of seconds."""
    match value:
        case str():
            with suppress(ValueError):
                told = time.fromisoformat(value if value[1:2] != ":" else f"0{value}")
                if told.tzinfo is None:
                    return told
        case bool():
            pass
        case int() if 0 <= value < 24 * 60:
            return time(value // 60, value % 60)
        case time():
            return value
    raise ValueError(f"{value!r} is not a time of day; write '09:00'")


def _finite(value: float) -> float:
    if isinf(value):
        raise ValueError(f"{value} is no number to reckon with")
    return value


_SPAN = re.compile(r"(?P<number>\d+(\.\d+)?) *(?P<unit>second|minute|hour|day|week)s?")

Number = StrictInt | StrictFloat

Positive = Annotated[
    Number,
    Field(gt=0),
    AfterValidator(_finite),
    WithJsonSchema({"type": "number", "exclusiveMinimum": 0}),
]

NonNegative = Annotated[
    Number,
    Field(ge=0),
    AfterValidator(_finite),
    WithJsonSchema({"type": "number", "minimum": 0}),
]

Share = Annotated[
    Number, Field(ge=0, le=1), WithJsonSchema({"type": "number", "minimum": 0, "maximum": 1})
]
"""A part of a whole."""

Moment = Annotated[
    date | datetime,
    BeforeValidator(_moment),
    WithJsonSchema({"type": "string", "description": "a date or a date and time, ISO 8601"}),
]

Clock = Annotated[
    time, BeforeValidator(_clock), WithJsonSchema({"type": "string", "examples": ["09:00"]})
]
"""A time of day."""

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)

Limit = Annotated[
    Number | date | datetime,
    BeforeValidator(_moment),
    WithJsonSchema({"type": ["number", "string"], "description": "a number, a date or a time"}),
]

Duration = Annotated[
    timedelta,
    BeforeValidator(_duration),
    WithJsonSchema({"type": "string", "examples": ["36 hours", "7 days", "P7D"]}),
]

Tolerance = Annotated[
    Annotated[NonNegative, Tag("number")] | Annotated[Duration, Tag("time")],
    Discriminator(lambda given: "time" if isinstance(given, str | timedelta) else "number"),
]
"""How far apart two numbers may be, or two moments."""


def naive_utc(moment: date | datetime) -> datetime:
    """A moment in UTC, without saying so; a date is the midnight that it begins with."""
    if not isinstance(moment, datetime):
        return datetime.combine(moment, time())
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


def require_bounds(low: Any, high: Any, of: str = "number") -> None:
    """Refuse `min` and `max` that bound nothing, or between which nothing is.

    Args:
        low: The least that is good, if there is one.
        high: The most that is good, if there is one.
        of: What is judged.

    Raises:
        ValueError: Both are missing, or the one is above the other.
    """
    if low is None and high is None:
        raise ValueError("give min, max or both")
    require_order(low, high, of)


def require_order(low: Any, high: Any, of: str = "number") -> None:
    """Refuse a `min` that is above its `max`.

    Args:
        low: The least that is good, if there is one.
        high: The most that is good, if there is one.
        of: What is judged.

    Raises:
        ValueError: The one is above the other, or is not of its kind.
    """
    if low is None or high is None:
        return
    if isinstance(low, date) != isinstance(high, date):
        raise ValueError(f"min {low} and max {high} are of two kinds; give numbers, or dates")
    above = naive_utc(low) > naive_utc(high) if isinstance(low, date) else low > high
    if above:
        raise ValueError(f"min {low} is above max {high}, so no {of} could be good")
