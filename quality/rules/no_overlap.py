"""no_overlap: ranges of which no two cover the same."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from datetime import timedelta
from functools import reduce
from typing import Any, Literal

import narwhals as nw

from quality.arguments import Column, Groups, Nullable
from quality.frames import RECORD_NO, Frame, within
from quality.rule import Example, rule

Gaps = Literal["allowed", "forbidden", "required"]

_PROPER, _BEGIN, _END, _IS_OPEN = "_proper", "_begin", "_end", "_is_open"
_COVERED, _OPEN, _NEXT = "_covered", "_open", "_next"
_COVERED_BEFORE, _OPEN_BEFORE = "_covered_before", "_open_before"


def _expects(given: Mapping[str, Any]) -> str:
    gaps = {"allowed": "", "forbidden": ", and leaves no gap", "required": ", and touches none"}
    groups = " of the same {partition}" if given["partition"] else ""
    return f"apart from all other ranges{groups}{gaps[given['gaps']]}"


@rule(
    dimension="consistency",
    subject="from {lower} to {upper}",
    expects=_expects,
    separable=True,
    examples=[
        Example(
            {"lower": "since", "upper": "until", "partition": ["room"]},
            good={
                "room": [1, 1, 1, 2, None],
                "since": [10, 12, 20, 11, 10],
                "until": [12, 14, None, 30, 99],
            },
            bad={
                "room": [1, 1, 1, 2, 2, None, None, 3],
                "since": [10, 11, 13, 10, 99, 1, 2, 5],
                "until": [14, 12, 15, None, 100, 9, 3, 4],
            },
        ),
        Example(
            {"lower": "a", "upper": "b", "upper_included": True, "gaps": "forbidden"},
            good={"a": [1, 3, 8], "b": [2, 7, 8]},
            bad={"a": [1, 4], "b": [2, 7]},
        ),
        Example(
            {"lower": "a", "upper": "b", "gaps": "required", "zero_length": False},
            good={"a": [1, 4], "b": [3, 7]},
            bad={"a": [1, 3, 9], "b": [3, 7, 9]},
        ),
    ],
)
def no_overlap(
    frame: Frame,
    lower: Column,
    upper: Nullable,
    partition: Groups = None,
    gaps: Gaps = "allowed",
    zero_length: bool = True,
    upper_included: bool = False,
) -> Frame:
    """No two ranges cover the same: no two prices of one article on one day.

    Where two do, a join by date finds both, and counts everything twice.

    All ranges that cover some of what another covers fail, because nothing tells which of them is
    wrong, and so does one that ends before it begins. A range begins with `lower` and ends before
    `upper`, unless that is included; a null in `upper` leaves it open to the end. A row without a
    `lower` is not judged. With `gaps: forbidden` the two ranges on either side of a gap fail too,
    and with `gaps: required` two that touch.

    Instead: for a range by itself use `compare_columns`; for points in time without an end
    `sequential` or `no_time_gaps`.

    Also known as: mutually_exclusive_ranges (dbt_utils), overlapping periods, valid-time integrity
    (SQL:2011, WITHOUT OVERLAPS).

    Args:
        lower: The column with the beginning of each range: numbers, dates, times.
        upper: The column with its end.
        partition: Columns whose values make groups; only ranges of one group are compared.
        gaps: Whether there may be something between two ranges: `allowed`, `forbidden` or
            `required`.
        zero_length: Whether a range may end where it begins, and so be a mere point.
        upper_included: Whether the end is a part of the range, for whole numbers and dates.
    """
    end = _end(frame, upper) if upper_included else nw.col(upper)
    begin = nw.col(lower)
    proper = ~(end < begin if zero_length else end <= begin).fill_null(False)
    ranges = frame.with_columns(
        proper.alias(_PROPER),
        nw.when(proper).then(begin).alias(_BEGIN),
        nw.when(proper).then(end).alias(_END),
        nw.when(proper & end.is_null()).then(1).otherwise(0).alias(_IS_OPEN),
    )
    begin, end, is_open = nw.col(_BEGIN), nw.col(_END), nw.col(_IS_OPEN)
    order = [_BEGIN, _IS_OPEN, _END, RECORD_NO]
    so_far = ranges.with_columns(
        within(end.cum_max(), partition, order).alias(_COVERED),
        within(is_open.cum_sum(), partition, order).alias(_OPEN),
        within(begin.shift(-1), partition, order).alias(_NEXT),
    )
    before = within(nw.col(_COVERED).shift(1), partition, order).alias(_COVERED_BEFORE)
    beside = so_far.with_columns(before, (nw.col(_OPEN) - is_open).alias(_OPEN_BEFORE))
    covered, next_ = nw.col(_COVERED_BEFORE), nw.col(_NEXT)
    faults = [
        ~nw.col(_PROPER),
        (nw.col(_OPEN_BEFORE) > 0) & ~begin.is_null(),
        begin < covered,
        (end > next_) | ((is_open == 1) & ~next_.is_null()),
    ]
    if gaps != "allowed":
        unlike = operator.gt if gaps == "forbidden" else operator.eq
        faults += [
            unlike(begin, covered) & (nw.col(_OPEN_BEFORE) == 0),
            unlike(next_, nw.col(_COVERED)) & (nw.col(_OPEN) == 0),
        ]
    return beside.filter(reduce(operator.or_, (fault.fill_null(False) for fault in faults)))


def _end(frame: Frame, upper: str) -> nw.Expr:
    """Where a range ends that has its end as a part: where the next could begin."""
    kind = frame.collect_schema()[upper]
    if kind == nw.Date:
        return nw.col(upper) + nw.lit(timedelta(days=1))
    if not kind.is_integer():
        raise ValueError("upper_included is for whole numbers and dates, of which one is the next")
    # Wide enough for the greatest number of any type, which often stands for no end.
    return nw.col(upper).cast(nw.Decimal(38, 0)) + 1
