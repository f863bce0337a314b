"""group_condition: what rows that belong together make in all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import narwhals as nw

from quality.arguments import Groups, OptionalColumn, for_each
from quality.frames import GROUP, RECORD_NO, Frame, within
from quality.metrics import metric
from quality.quantities import Number, require_bounds
from quality.rule import Example, rule

Function = Literal[
    "count",
    "sum",
    "mean",
    "median",
    "stddev",
    "min",
    "max",
    "distinct_count",
    "distinct_ratio",
    "null_count",
    "null_ratio",
    "zero_count",
    "zero_ratio",
]

_OF, _MADE, _VALUES = "_of", "_made", "_values"


def _subject(given: Mapping[str, Any]) -> str:
    made = f"the {given['function'].replace('_', ' ')} of {{column}}"
    return (made if given["column"] else "the number of rows") + for_each(given)


@rule(
    dimension="consistency",
    subject=_subject,
    expects="{bounds}",
    finds="{groups} out of bounds",
    separable=True,
    examples=[
        Example(
            {"group_by": ["order"], "function": "sum", "column": "share", "min": 1, "max": 1},
            good={"order": [1, 1, 2, None], "share": [0.25, 0.75, 1.0, 1.0]},
            bad={"order": [1, 1, 2, None], "share": [0.25, None, 1.5, 2.0]},
        ),
        Example(
            {"group_by": ["day", "shop"], "function": "count", "max": 2},
            good={"day": [1, 1, 2], "shop": ["a", "a", "a"]},
            bad={"day": [1, 1, 1], "shop": [None, None, None]},
        ),
        Example(
            {"group_by": ["order"], "function": "distinct_count", "column": "currency", "max": 1},
            good={"order": [1, 1, 1], "currency": ["EUR", None, "EUR"]},
            bad={"order": [1, 1, 1], "currency": ["EUR", "USD", None]},
        ),
    ],
)
def group_condition(
    frame: Frame,
    group_by: Groups,
    function: Function,
    column: OptionalColumn = None,
    min: Number | None = None,
    max: Number | None = None,
) -> Frame:
    """What the rows of each group make together lies between `min` and `max`, both included.

    The lines of an order must add up to it, and a patient has at most one bed a day: no single row
    is wrong, the group is.

    All rows of a failing group fail. A null among the columns of `group_by` is a group like others.
    Nulls in `column` are left out, except by `null_count` and `null_ratio`, and a group without any
    value is good; a NaN makes the number NaN, which lies within no bounds.

    Instead: for all rows together use `aggregate`, for the columns of one row `columns_sum_equal`,
    for groups that all must have one value `one_value_per_key`.

    Also known as: over (dataframely), is_aggr_not_greater_than with group_by (DQX), group by with
    having (SQL), expression_is_true with group_by (dbt_utils).

    Args:
        group_by: Columns whose values make groups.
        function: What is made of each group; all but `count` need a column.
        column: Of which column; of numbers, except for what counts values.
        min: The least that it may be.
        max: The most that it may be.
    """
    if not group_by:
        raise ValueError("group_by names no column; for all rows together use aggregate")
    require_bounds(min, max)
    if (column is None) != (function == "count"):
        raise ValueError(
            "count takes no column; use null_count or distinct_count"
            if column
            else f"{function} needs a column"
        )
    groups = frame.with_columns(within(nw.col(RECORD_NO).min(), group_by).alias(GROUP))
    made, values = nw.len(), nw.len()
    if function != "count" and column:
        of_each = metric(function)
        groups = groups.with_columns(of_each.of(nw.col(column)).alias(_OF))
        made, values = of_each.by(nw.col(_OF)), nw.col(_OF).count()
    counted = groups.group_by(GROUP).agg(made.cast(nw.Float64).alias(_MADE), values.alias(_VALUES))
    number = nw.col(_MADE)
    outside = number.is_nan()
    if min is not None:
        outside |= number < min
    if max is not None:
        outside |= number > max
    # The sum of nothing is none, as in SQL.
    failing = counted.filter((nw.col(_VALUES) > 0) & outside)
    return groups.join(failing, on=GROUP, how="semi")
