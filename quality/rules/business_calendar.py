"""business_calendar: a date or time on which one works."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from typing import Annotated, Any

import narwhals as nw
from pydantic import AfterValidator, Field

from quality.arguments import Column
from quality.quantities import WEEKDAYS, Clock, Weekday
from quality.rule import Example, rule

_WORKDAYS: list[Weekday] = ["mon", "tue", "wed", "thu", "fri"]
_NONE: list[date] = []
_YEARS = range(1970, 2071)
"""Years whose holidays are known; a rule that asked the data would judge each file by another."""


def _country(code: str) -> str:
    from holidays import country_holidays

    country, _, part = code.partition("-")
    try:
        country_holidays(country, subdiv=part or None)
    except NotImplementedError as error:
        raise ValueError(f"{code!r} is not known: {error}; write FR, or DE-BY for a part") from None
    return code


Country = Annotated[str, AfterValidator(_country), Field(examples=["FR", "DE-BY"])]


def _expects(given: Mapping[str, Any]) -> str:
    opens, closes = (f"{given[name]:%H:%M}" if given[name] else "" for name in ("opens", "closes"))
    hours = [f"from {opens}"] * bool(opens) + [f"until {closes}"] * bool(closes)
    return " ".join(["on a business day", *hours])


@rule(
    dimension="validity",
    expects=_expects,
    examples=[
        Example(
            {"column": "booked", "holidays": [date(2013, 12, 25)]},
            good={"booked": [date(2013, 12, 24), date(2013, 12, 27), None]},
            bad={"booked": [date(2013, 12, 25), date(2013, 12, 28), date(2013, 12, 29)]},
        ),
        Example(
            {"column": "booked", "country": "US", "opens": "09:30", "closes": "16:00"},
            good={"booked": [datetime(2013, 7, 3, 9, 30), datetime(2013, 7, 5, 16)]},
            bad={
                "booked": [
                    datetime(2013, 7, 4, 12),
                    datetime(2013, 7, 3, 9, 29, 59),
                    datetime(2013, 7, 5, 16, 0, 1),
                    datetime(2013, 7, 6, 12),
                ]
            },
        ),
        Example(
            {"column": "delivered", "weekdays": ["tue", "sat"]},
            good={"delivered": [date(2013, 2, 5), date(2013, 2, 9)]},
            bad={"delivered": [date(2013, 2, 6), date(2013, 2, 10)]},
        ),
    ],
)
def business_calendar(
    column: Column,
    weekdays: Annotated[list[Weekday], Field(min_length=1)] = _WORKDAYS,
    holidays: list[date] = _NONE,
    country: Country | None = None,
    opens: Clock | None = None,
    closes: Clock | None = None,
) -> nw.Expr:
    """Every date or time falls on a day on which one works, and within its hours.

    A bank that books on a Sunday, or an exchange that trades on Christmas Day, did not: the day is
    that of an import, or the zone of the time is another.

    Instead: whether all business days are there is a question of volume: see `no_time_gaps`. A time
    with a zone is taken in UTC, so where hours matter keep local time in a column without one.

    Also known as: is_on_weekday, is_on_schedule (cuallee), is_weekday (pointblank as an
    expression), Valid_Weekday (TestGen).

    Args:
        column: A column of dates or times.
        weekdays: The days of the week that count, `mon` to `sun`.
        holidays: Days that do not, though they are of the week.
        country: Whose public holidays do not count either, from 1970 to 2070: `FR`, or `DE-BY` for
            those of a part. They are those that the library `holidays` knows.
        opens: The first good time of the day: `'09:00'`.
        closes: The last.
    """
    if opens and closes and opens > closes:
        raise ValueError(f"opens {opens} is after closes {closes}, so no time could be good")
    moment = nw.col(column).cast(nw.Datetime("us"))
    verdicts = [moment.dt.weekday().is_in([WEEKDAYS.index(each) + 1 for each in weekdays])]
    if closed := sorted({*holidays, *_public_holidays(country)}):
        verdicts.append(~moment.dt.date().is_in(closed))
    if opens:
        verdicts.append(_seconds(moment) >= _since_midnight(opens))
    if closes:
        verdicts.append(_seconds(moment) <= _since_midnight(closes))
    return nw.all_horizontal(*verdicts, ignore_nulls=False)


def _public_holidays(country: str | None) -> Iterable[date]:
    if country is None:
        return ()
    from holidays import country_holidays

    code, _, part = country.partition("-")
    return country_holidays(code, subdiv=part or None, years=_YEARS)


def _seconds(moment: nw.Expr) -> nw.Expr:
    # Each as a wide number: on Polars an hour is one that 3600 of does not fit into.
    parts = (moment.dt.hour(), moment.dt.minute(), moment.dt.second())
    hour, minute, second = (each.cast(nw.Int64) for each in parts)
    return hour * 3600 + minute * 60 + second


def _since_midnight(clock: time) -> int:
    return clock.hour * 3600 + clock.minute * 60 + clock.second
