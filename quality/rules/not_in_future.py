"""not_in_future: a date or time that has already been."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import narwhals as nw
from narwhals import selectors

from quality.arguments import Column
from quality.quantities import Duration, Moment, naive_utc
from quality.rule import Example, rule


def _latest(given: Mapping[str, Any]) -> str:
    now = "{as_of}" if given["as_of"] else "now"
    return f"{{tolerance}} after {now}" if given["tolerance"] else now


@rule(
    dimension="timeliness",
    expects=lambda given: f"no later than {_latest(given)}",
    fault=lambda given: f"{{column}} is later than {_latest(given)}",
    examples=[
        Example(
            {"column": "seen", "as_of": "2013-02-08T12:00"},
            good={"seen": [datetime(2013, 2, 8, 12), datetime(2013, 2, 7), None]},
            bad={"seen": [datetime(2013, 2, 8, 12, 0, 1), datetime(2031, 2, 8)]},
        ),
        Example(
            {"column": "seen", "as_of": "2013-02-08T12:00", "tolerance": "1 day"},
            good={"seen": [datetime(2013, 2, 9, 12)]},
            bad={"seen": [datetime(2013, 2, 9, 13)]},
        ),
    ],
)
def not_in_future(
    column: Column, tolerance: Duration = timedelta(0), as_of: Moment | None = None
) -> nw.Expr:
    """No value lies in the future.

    A measurement cannot be of tomorrow: the day and month were swapped, a year was mistyped, or
    local time was sent as UTC. One such value makes every check of freshness pass for years.

    Instead: for dates that may lie ahead, like a delivery, use `range` or `compare_columns`. A time
    without a zone is read as UTC; give a `tolerance` to suppliers whose clocks are ahead of it.

    Also known as: is_not_in_future (DQX), Future_Date (TestGen), not_in_future (pointblank: a
    comparison with today).

    Args:
        column: A column of dates or times.
        tolerance: How far ahead is still good: `1 day`, `PT2H`.
        as_of: What is taken for now, for a check that gives the same answer every day.
    """
    return against(column, operator.le, naive_utc(as_of or datetime.now(UTC)) + tolerance)


def against(
    column: str, compare: Callable[[nw.Expr, datetime], nw.Expr], limit: datetime
) -> nw.Expr:
    """How dates or times stand to a moment in UTC, whether they have a zone or not."""
    it = selectors.matches(f"^{re.escape(column)}$")
    zoned = it & selectors.datetime(time_zone="*")
    # One of the two is nothing: a cast from a zone costs as much as ten comparisons.
    return nw.all_horizontal(
        nw.lit(True),
        compare(zoned, limit.replace(tzinfo=UTC)),
        compare((it - zoned).cast(nw.Datetime("us")), limit),
        ignore_nulls=False,
    )
