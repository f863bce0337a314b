"""arrival: a file that comes in time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field

from quality.context import Context, File
from quality.measure import Fact
from quality.quantities import WEEKDAYS, Clock, Duration, Weekday
from quality.rule import Example, rule
from quality.wording import plural

_HOUR = timedelta(hours=1)


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        raise ValueError(f"{name!r} is no time zone; write UTC or Europe/Berlin") from None
    return name


def _seen(hour: int, minute: int) -> Context:
    made, seen = datetime(2013, 2, 8, 4, tzinfo=UTC), datetime(2013, 2, 8, hour, minute, tzinfo=UTC)
    return Context(file=File("flights.csv", made_at=made, seen_at=seen))


def _expects(given: Mapping[str, Any]) -> str:
    if given["by"] is None:
        return "at most {max_age} after its content was made"
    zone = "" if given["zone"] == "UTC" else " in {zone}"
    days = f" on {', '.join(given['days'])}" if given["days"] else ""
    return f"there by {given['by']:%H:%M}{zone}{days}"


@rule(
    dimension="timeliness",
    subject="the file",
    expects=_expects,
    tells=lambda given: (
        "the file came {value} after its content was made"
        if given["by"] is None
        else "the file came {value} after the time that it is due"
    ),
    unit="hour",
    examples=[
        Example({"max_age": "2 hours"}, {"id": [1]}, {"id": [1]}, {}, _seen(5, 30), _seen(7, 30)),
        Example({"by": "06:00"}, {"id": [1]}, {"id": [1]}, {}, _seen(5, 30), _seen(7, 30)),
    ],
)
def arrival(
    context: Context,
    max_age: Duration | None = None,
    by: Clock | None = None,
    days: Annotated[list[Weekday], Field(min_length=1)] | None = None,
    zone: Annotated[str, AfterValidator(_zone)] = "UTC",
) -> Fact:
    """A file comes in time: soon after its content was made, or by a time of day.

    What comes after the night's reports have been made is in none of them, however good it is.

    With `by` a file counts for the delivery whose time is nearest: one that comes at seven is an
    hour late for six o'clock, and one that comes at eleven in the evening is early for tomorrow's.

    Instead: how old the newest value in a file is, tells `freshness`. A file that does not come at
    all is judged by nobody; whether one is missing shows in `pratique status`. When content was
    made is what its supplier says: the time of the file, unless a sidecar tells better.

    Also known as: freshness of a file (AWS Glue: DataFreshness), SLA latency (ODCS), schedule and
    grace time (elementary, Soda Cloud).

    Args:
        max_age: The greatest good time between the making of the content and its arrival.
        by: The time of day by which it must be there: `"06:00"`.
        days: The weekdays on which it is due; all, if nothing is said: `[mon, tue]`.
        zone: The time zone of `by`: Europe/Berlin.
    """
    if (max_age is None) == (by is None):
        raise ValueError("give max_age or by; for both, write two checks")
    if by is None and (days or zone != "UTC"):
        raise ValueError("days and zone go with by")
    if context.file is None:
        return Fact(None, told="it is not known when the file came")
    seen = context.file.seen_at
    if max_age is not None:
        age = seen - context.file.made_at
        return Fact(age / _HOUR, max=max_age / _HOUR, period=seen)
    due = _nearest(seen.astimezone(ZoneInfo(zone)), by or time(), days or list(WEEKDAYS))
    # In UTC: two times of one zone are subtracted as if its clocks were never changed.
    late = (seen - due.astimezone(UTC)) / _HOUR
    span = plural(round(abs(late) * 60), "minute")
    told = f"the file came {span} {'late' if late > 0 else 'early'} for {due:%a %d %b}"
    return Fact(late, max=0, told=told, period=seen)


def _nearest(seen: datetime, by: time, days: list[Weekday]) -> datetime:
    """The delivery whose time is nearest, or the earlier of two."""
    around = (seen.date() + timedelta(offset) for offset in range(-7, 8))
    due = [
        datetime.combine(day, by, seen.tzinfo) for day in around if WEEKDAYS[day.weekday()] in days
    ]
    return min(due, key=lambda each: (abs(each - seen), each))
