"""compare_columns: two columns of a row in order."""

from __future__ import annotations

import operator
from typing import Literal

import narwhals as nw

from quality.arguments import Column
from quality.rule import Example, rule

_OPERATORS = {
    "<": (operator.lt, "less than"),
    "<=": (operator.le, "at most"),
    "==": (operator.eq, "the same as"),
    "!=": (operator.ne, "different from"),
    ">=": (operator.ge, "at least"),
    ">": (operator.gt, "more than"),
}


@rule(
    dimension="consistency",
    subject="{left}",
    expects=lambda given: f"{_OPERATORS[given['op']][1]} {{right}}",
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
    ],
)
def compare_columns(
    left: Column, op: Literal["<", "<=", "==", "!=", ">=", ">"], right: Column
) -> nw.Expr:
    """In every row the values of two columns stand in an order: shipped after ordered.

    Each value may be possible by itself and the two together be not; no check of one column ever
    sees it. Where either value is null there is nothing to compare, and the check does not apply.

    Instead: for more than two columns, or for arithmetic between them, use `expression`.

    Also known as: expect_column_pair_values_a_to_be_greater_than_b (Great Expectations),
    is_older_than_col2_for_n_days (DQX), expression_is_true (dbt-utils).

    Args:
        left: The column on the left.
        op: How the left value must stand to the right one.
        right: The column on the right.
    """
    compare, _ = _OPERATORS[op]
    compared: nw.Expr = compare(nw.col(left), nw.col(right))
    return compared
