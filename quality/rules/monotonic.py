"""monotonic: values that only go one way."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import narwhals as nw

from quality.arguments import Beside, Column, Groups, for_each
from quality.frames import RECORD_NO, Frame, within
from quality.rule import Example, rule

_BEFORE, _AFTER = "_before", "_after"
Break = Callable[[nw.Expr, nw.Expr], nw.Expr]
"""Whether a value and the next one do not go together."""
_WAYS = {
    (False, False): "at least what it is",
    (False, True): "more than",
    (True, False): "at most what it is",
    (True, True): "less than",
}
_BROKEN = {
    (False, False): operator.lt,
    (False, True): operator.le,
    (True, False): operator.gt,
    (True, True): operator.ge,
}
"""What a value must not be to the one before, where values go down or not, and strictly or not."""


def _expects(given: Mapping[str, Any]) -> str:
    way = _WAYS[given["decreasing"], given["strict"]]
    order = "by {order_by}" if given["order_by"] else ""
    told = (f"{way} in the row before", order, for_each(given).strip())
    return ", ".join(filter(None, told))


@rule(
    dimension="consistency",
    subject="{column}",
    expects=_expects,
    separable=True,
    examples=[
        Example(
            {"column": "meter"},
            good={"meter": [5, 5, None, 7, 8]},
            bad={"meter": [8, 7, 5]},
        ),
        Example(
            {"column": "meter", "order_by": "day", "group_by": ["house"], "strict": True},
            good={"house": ["a", "a", "b", "b"], "day": [2, 1, 1, 2], "meter": [9, 8, 1, 2]},
            bad={"house": ["a", "a", None, None], "day": [1, 2, 1, 2], "meter": [9, 9, 2, 1]},
        ),
    ],
)
def monotonic(
    frame: Frame,
    column: Column,
    order_by: Beside = None,
    strict: bool = False,
    decreasing: bool = False,
    group_by: Groups = None,
) -> Frame:
    """No value is less than the one in the row before.

    A meter does not run backwards, nor does the number of an event: where one does, readings were
    exchanged, or a device was, or the rows are not in the order that everybody takes them for.

    Both rows fail where the order is broken, because nothing tells which of them is wrong; a single
    value that is far too high costs its own row and the next. Rows that share their place in the
    order are taken as they stand in the file. A row without a value, or without a place, is passed
    over; NaN is above all numbers.

    Instead: for numbers that must not skip any use `sequential`; for two columns of one row
    `compare_columns`.

    Also known as: expect_column_values_to_be_increasing (Great Expectations), is_increasing
    (cuallee), col_vals_increasing (pointblank), expect_column_values_to_be_increasing
    (dbt_expectations).

    Args:
        column: What must not go back: numbers, dates, texts.
        order_by: The column that gives the order; the order of the file, if it does not say.
        strict: Whether a value must not stay the same either.
        decreasing: Whether values go down, and not up.
        group_by: Columns whose values make groups, each with an order of its own.
    """
    order = [*([order_by] if order_by else []), RECORD_NO]
    goes_back = _BROKEN[decreasing, strict]
    return beside_breaks(frame, column, group_by, order, lambda one, then: goes_back(then, one))


def beside_breaks(
    frame: Frame, column: str, groups: Sequence[str] | None, order: Sequence[str], breaks: Break
) -> Frame:
    """The rows on both sides of each place where a value and the next do not go together."""
    value = nw.col(column)
    beside = frame.with_columns(
        within(value.shift(1), groups, order).alias(_BEFORE),
        within(value.shift(-1), groups, order).alias(_AFTER),
    )
    before, after = breaks(nw.col(_BEFORE), value), breaks(value, nw.col(_AFTER))
    return beside.filter(before.fill_null(False) | after.fill_null(False))
