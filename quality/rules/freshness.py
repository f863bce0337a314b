"""freshness: a newest value that is new."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Literal

import narwhals as nw

from quality.arguments import Column
from quality.context import Context, File
from quality.measure import Fact, Measure
from quality.quantities import Duration, Moment, naive_utc
from quality.rule import Example, rule

_DAY = timedelta(days=1)
_ARRIVED = File(
    name="weather.csv",
    made_at=datetime(2013, 2, 9, tzinfo=UTC),
    seen_at=datetime(2013, 2, 9, 6, tzinfo=UTC),
)


@rule(
    dimension="timeliness",
    subject="the age of the newest {column}",
    expects="at most {max_age}",
    tells=lambda given: (
        "the newest {column} was {value} old when the file came"
        if given["as_of"] == "arrival"
        else "the newest {column} is {value} old"
    ),
    unit="day",
    separable=lambda given: given["as_of"] != "arrival",
    examples=[
        Example(
            {"column": "seen", "max_age": "2 days", "as_of": "2013-02-09T12:00"},
            good={"seen": [date(2012, 1, 1), date(2013, 2, 8), None]},
            bad={"seen": [date(2012, 1, 1), date(2013, 2, 7), None]},
        ),
        Example(
            {"column": "seen", "max_age": "PT6H", "as_of": "2013-02-09T12:00+01:00"},
            good={"seen": [datetime(2013, 2, 9, 5)]},
            bad={"seen": [datetime(2013, 2, 9, 4, 59)]},
        ),
        Example(
            {"column": "seen", "max_age": "6 hours", "as_of": "arrival"},
            good={"seen": [datetime(2013, 2, 9)]},
            bad={"seen": [datetime(2013, 2, 8, 23)]},
            context=Context(file=_ARRIVED),
        ),
    ],
)
def freshness(
    context: Context,
    column: Column,
    max_age: Duration,
    as_of: Moment | Literal["arrival"] | None = None,
) -> Measure | Fact:
    """The newest value of a column is not older than `max_age`.

    A supplier whose export hangs goes on sending files, and each is as good as yesterday's: it is
    yesterday's.

    Instead: a value in the future would keep this check green for years, so put `not_in_future`
    beside it. For files that are read long after they came say `as_of: arrival`; then a file that
    is loaded again is as fresh as it was. How long the file itself was on its way is `arrival`, and
    holes between its values `no_time_gaps`. A date is the midnight it begins with, and a time
    without a zone is UTC.

    Also known as: freshness (Soda, dbt sources), recency (dbt-utils),
    data_fresh_per_time_window (DQX), DataFreshness (AWS Glue).

    Args:
        column: A column of dates or times.
        max_age: The greatest good age of its newest value: `36 hours`, `2 days`, `PT6H`.
        as_of: What is taken for now; `arrival` is when the file was first seen.
    """
    if as_of == "arrival":
        if context.file is None:
            return Fact(None, told="it is not known when the file came")
        as_of = context.file.seen_at
    now = naive_utc(as_of or datetime.now(UTC))
    return Measure(
        nw.col(column),
        by=nw.Expr.max,
        max=max_age / _DAY,
        read=lambda newest: (now - naive_utc(newest)) / _DAY,
    )
