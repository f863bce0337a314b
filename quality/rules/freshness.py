"""freshness: a newest value that is new."""

from __future__ import annotations

from datetime import UTC, date, datetime

import narwhals as nw

from quality.arguments import Column, Duration, Moment, naive_utc
from quality.measure import Measure
from quality.rule import Example, rule

_DAY = 86_400.0


@rule(
    dimension="timeliness",
    subject="the age of the newest {column}",
    expects="at most {max_age}",
    tells="the newest {column} is {value} old",
    unit="day",
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
    ],
)
def freshness(column: Column, max_age: Duration, as_of: Moment | None = None) -> Measure:
    """The newest value of a column is not older than `max_age`.

    A supplier whose export hangs goes on sending files, and each is as good as yesterday's: it is
    yesterday's.

    Instead: a value in the future would keep this check green for years, so put `not_in_future`
    beside it. Files that are read long after they came need an `as_of`. A date is the midnight it
    begins with, and a time without a zone is UTC.

    Also known as: freshness (Soda, dbt sources), recency (dbt-utils),
    data_fresh_per_time_window (DQX), DataFreshness (AWS Glue).

    Args:
        column: A column of dates or times.
        max_age: The greatest good age of its newest value: `36 hours`, `2 days`, `PT6H`.
        as_of: What is taken for now.
    """
    now = naive_utc(as_of or datetime.now(UTC))
    return Measure(
        nw.col(column),
        by=nw.Expr.max,
        max=max_age.total_seconds() / _DAY,
        read=lambda newest: (now - naive_utc(newest)).total_seconds() / _DAY,
    )
