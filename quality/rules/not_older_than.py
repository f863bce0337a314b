"""not_older_than: a date or time that is not long past."""

from __future__ import annotations

import operator
from datetime import UTC, date, datetime

import narwhals as nw

from quality.arguments import Column
from quality.quantities import Duration, Moment, naive_utc
from quality.rule import Example, rule
from quality.rules.not_in_future import against


@rule(
    dimension="timeliness",
    expects=lambda given: "no older than {max_age}" + (" on {as_of}" if given["as_of"] else ""),
    fault=lambda given: (
        "{column} is older than {max_age}" + (" on {as_of}" if given["as_of"] else "")
    ),
    examples=[
        Example(
            {"column": "seen", "max_age": "1 day", "as_of": "2013-02-08T12:00"},
            good={"seen": [datetime(2013, 2, 7, 12), datetime(2031, 2, 8), None]},
            bad={"seen": [datetime(2013, 2, 7, 11, 59, 59), datetime(1970, 1, 1)]},
        ),
        Example(
            {"column": "day", "max_age": "365 days", "as_of": "2013-02-08"},
            good={"day": [date(2012, 2, 9)]},
            bad={"day": [date(2012, 2, 8), date(1, 1, 1)]},
        ),
    ],
)
def not_older_than(column: Column, max_age: Duration, as_of: Moment | None = None) -> nw.Expr:
    """No value is longer ago than `max_age`.

    An order of 1970 in today's file is a date that was missing and became 0 on the way; one of last
    year is a file that was sent again.

    Instead: `freshness` asks this of the newest value alone, and is the one for a supplier whose
    export hangs. Where the limit is a fixed day use `range`, where it stands in another column
    `compare_columns` with a `tolerance`. A date is the midnight it begins with, and a time without
    a zone is UTC.

    Also known as: is_not_less_than with a date, is_older_than_n_days (DQX), col_vals_gt with a
    date (pointblank), Recency (TestGen).

    Args:
        column: A column of dates or times.
        max_age: The greatest good age: `36 hours`, `30 days`, `PT6H`.
        as_of: What is taken for now, for a check that gives the same answer every day.
    """
    return against(column, operator.ge, naive_utc(as_of or datetime.now(UTC)) - max_age)
