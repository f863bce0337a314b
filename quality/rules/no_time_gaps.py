"""no_time_gaps: rows in every hour, or day, between the first and the last."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

import narwhals as nw
from pydantic import Field, NonNegativeInt

from quality import frames
from quality.arguments import Column, Groups
from quality.frames import Frame
from quality.measure import Fact
from quality.quantities import Duration
from quality.rule import Example, rule
from quality.wording import count

_MOMENT, _WINDOW, _ROWS, _SKIPPED = "_moment", "_window", "_rows", "_skipped"
_EPOCH = datetime(1970, 1, 1)


@rule(
    dimension="timeliness",
    subject="the number of gaps in {column}",
    expects="at most {max_gaps}, with {min} or more in every {every}",
    examples=[
        Example(
            {"column": "seen", "every": "1 hour"},
            good={"seen": [datetime(2013, 2, 8, 23, 51), datetime(2013, 2, 9, 0, 4), None]},
            bad={"seen": [datetime(2013, 2, 8, 22, 51), datetime(2013, 2, 9, 0, 4)]},
        ),
        Example(
            {"column": "seen", "every": "1 day", "min": 2},
            good={"seen": [datetime(2013, 2, 8, hour) for hour in (1, 2)]},
            bad={"seen": [datetime(2013, 2, day) for day in (7, 7, 8, 9, 9)]},
        ),
        Example(
            {"column": "seen", "every": "1 hour", "group_by": ["origin"]},
            good={"seen": [datetime(2013, 2, 8, h) for h in (1, 2, 7)], "origin": [*"EEJ"]},
            bad={"seen": [datetime(2013, 2, 8, h) for h in (1, 2, 3)], "origin": [*"EJE"]},
        ),
    ],
)
def no_time_gaps(
    frame: Frame,
    column: Column,
    every: Duration,
    min: Annotated[int, Field(ge=1)] = 1,
    max_gaps: NonNegativeInt = 0,
    group_by: Groups = None,
) -> Fact:
    """Between the first and the last value of a column there are rows in every hour, or day.

    A file of all hours but one looks whole: nothing in it is wrong, and nothing tells what is not.

    Windows are counted from midnight UTC; each must have `min` rows. With `group_by` each group
    has its own first and last value.

    Instead: what is missing before the first or after the last value is no gap; `row_count` and
    `freshness` find it. For numbers that go up by one use `sequential`.

    Also known as: no_gaps, data_fresh_per_time_window (DQX), sequential_values (dbt-utils),
    expect_row_values_to_have_data_for_every_n_datepart (dbt-expectations).

    Args:
        column: A column of dates or times.
        every: How long a window is: `1 hour`, `1 day`, `15 minutes`.
        min: The fewest rows that a window must have.
        max_gaps: How many windows may have fewer.
        group_by: Columns whose values make groups, each judged by itself.
    """
    length = every // timedelta(microseconds=1)
    if length < 1:
        raise ValueError(f"every {every} is no time; write '1 hour'")
    by = tuple(group_by or ())
    placed = frames.with_moments(frame, column, _MOMENT).filter(~nw.col(_MOMENT).is_null())
    window, skipped = nw.col(_WINDOW), nw.col(_SKIPPED)
    following = frames.within(window.shift(-1), by, [_WINDOW])
    windows = (
        placed.with_columns((nw.col(_MOMENT) // length).alias(_WINDOW))
        .group_by(*by, _WINDOW)
        .agg(nw.len().alias(_ROWS))
        .with_columns((following - window - 1).alias(_SKIPPED))
    )
    short = nw.col(_ROWS) < min
    gap = nw.when(short).then(window).otherwise(nw.when(skipped > 0).then(window + 1))
    (found,) = frames.rows(
        windows.select(
            window.count().alias("windows"),
            skipped.sum().alias("skipped"),
            short.cast(nw.Int64).sum().alias("short"),
            gap.min().alias("first"),
        )
    )
    if not found["windows"]:
        return Fact(None)
    skipped_windows = int(found["skipped"] or 0)
    gaps, windows_in_all = skipped_windows + int(found["short"]), skipped_windows + found["windows"]
    more = f" of {count(windows_in_all)}"
    if gaps:
        more += f", the first from {_EPOCH + timedelta(microseconds=found['first'] * length)}"
    return Fact(gaps, max=max_gaps, more=more)
