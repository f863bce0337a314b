"""compare_columns: two columns of a row in order."""

from __future__ import annotations

import operator
import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, Literal

import narwhals as nw
from narwhals import selectors

from quality.arguments import Column
from quality.quantities import Tolerance
from quality.rule import Example, rule

_OPERATORS = {
    "<": (operator.lt, "less than"),
    "<=": (operator.le, "at most"),
    "==": (operator.eq, "the same as"),
    "!=": (operator.ne, "different from"),
    ">=": (operator.ge, "at least"),
    ">": (operator.gt, "more than"),
}
LOST = 1e-9
"""The part of a tolerance that floating-point numbers may lose on the way."""


def _expects(given: Mapping[str, Any]) -> str:
    asked = f"{_OPERATORS[given['op']][1]} {{right}}"
    return f"{asked}, give or take {{tolerance}}" if given["tolerance"] else asked


@rule(
    dimension="consistency",
    subject="{left}",
    expects=_expects,
    examples=[
        Example(
            {"left": "shipped", "op": ">=", "right": "ordered"},
            good={"shipped": [2, 3, None, 1], "ordered": [2, 2, 2, None]},
            bad={"shipped": [1], "ordered": [2]},
        ),
        Example(
            {"left": "origin", "op": "!=", "right": "dest"},
            good={"origin": ["JFK"], "dest": ["SFO"]},
            bad={"origin": ["JFK"], "dest": ["JFK"]},
        ),
        Example(
            {"left": "net", "op": "==", "right": "paid", "tolerance": 0.1},
            good={"net": [0.7, 0.8, None], "paid": [0.8, 0.7, 1.0]},
            bad={"net": [0.7, 0.7], "paid": [0.81, 0.59]},
        ),
        Example(
            {"left": "landed", "op": "<=", "right": "due", "tolerance": "36 hours"},
            good={"landed": [datetime(2013, 2, 8, 12)], "due": [date(2013, 2, 7)]},
            bad={"landed": [datetime(2013, 2, 8, 12, 1)], "due": [date(2013, 2, 7)]},
        ),
    ],
)
def compare_columns(
    left: Column,
    op: Literal["<", "<=", "==", "!=", ">=", ">"],
    right: Column,
    tolerance: Tolerance = 0,
) -> nw.Expr:
    """In every row the values of two columns stand in an order: shipped after ordered.

    Each value may be possible by itself and the two together be not; no check of one column ever
    sees it. Where either value is null there is nothing to compare, and the check does not apply.

    Instead: for more than two columns, or for arithmetic between them, use `expression`; for the
    total of some columns `columns_sum_equal`.

    Also known as: expect_column_pair_values_a_to_be_greater_than_b,
    expect_column_pair_values_to_be_equal (Great Expectations), is_older_than_col2_for_n_days (DQX),
    expression_is_true (dbt-utils).

    Args:
        left: The column on the left.
        op: How the left value must stand to the right one.
        right: The column on the right.
        tolerance: By how much they may miss that order, or be apart and still count as the same: a
            number, or of dates and times a length of time, `2 hours`.
    """
    if not tolerance:
        compare, _ = _OPERATORS[op]
        compared: nw.Expr = compare(nw.col(left), nw.col(right))
        return compared
    if op == "!=":
        return ~compare_columns(left, "==", right, tolerance)
    if not isinstance(tolerance, timedelta):
        return _about(nw.col(left) * 1.0, op, nw.col(right) * 1.0, tolerance * (1 + LOST))
    it = selectors.matches(f"^{re.escape(right)}$")
    days = it & selectors.by_dtype(nw.Date)
    # One of the two is nothing: to a day can be added only days, so it becomes a moment first.
    return nw.all_horizontal(
        nw.lit(True),
        _about(nw.col(left), op, days.cast(nw.Datetime("us")), tolerance),
        _about(nw.col(left), op, it - days, tolerance),
        ignore_nulls=False,
    )


def _about(left: nw.Expr, op: str, right: nw.Expr, tolerance: Any) -> nw.Expr:
    """The comparison, with the right side in front, where narwhals lets several columns stand."""
    low, high = right - tolerance, right + tolerance
    if op == "==":
        # With what is true by itself, because the right side may be no column at all.
        return nw.all_horizontal(nw.lit(True), low <= left, high >= left, ignore_nulls=False)
    ends: dict[str, nw.Expr] = {
        "<": high > left,
        "<=": high >= left,
        ">=": low <= left,
        ">": low < left,
    }
    return ends[op]
