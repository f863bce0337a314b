"""columns_sum_equal: columns that add up."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from operator import add
from typing import Any

import narwhals as nw

from quality.arguments import Amount, Columns, Other
from quality.quantities import NonNegative
from quality.rule import Example, rule
from quality.wording import show


def _subject(given: Mapping[str, Any]) -> str:
    names = show(given["columns"]).replace("{", "{{").replace("}", "}}")
    return f"the sum of {names}"


@rule(
    dimension="consistency",
    subject=_subject,
    expects="{total}",
    examples=[
        Example(
            {"columns": ["net", "tax"], "total": {"column": "gross"}},
            good={"net": [0.1, 5.0, None], "tax": [0.2, 0.0, 1.0], "gross": [0.3, 5.0, 7.0]},
            bad={"net": [0.1], "tax": [0.2], "gross": [0.31]},
        ),
        Example(
            {"columns": ["yes", "no", "other"], "total": 100, "tolerance": 0.5},
            good={"yes": [33.3, 50.0], "no": [33.3, 25.0], "other": [33.3, 25.5]},
            bad={"yes": [33.3, 50.0], "no": [33.3, 25.0], "other": [32.8, 25.6]},
        ),
    ],
)
def columns_sum_equal(
    columns: Columns, total: Amount, tolerance: NonNegative = 0.000001
) -> nw.Expr:
    """In every row some columns add up to a total.

    A total that was typed, or rounded before its parts were, contradicts the sum that a report
    makes of the parts; and nobody knows which of the two was meant.

    Instead: for sums of a whole column use `aggregate` or `reconcile`, for other arithmetic
    `expression`. Where one of the parts or the total is null there is no telling, and the check
    does not apply.

    Also known as: expect_multicolumn_sum_to_equal (Great Expectations), multicolumn_sum_to_equal
    (dbt-expectations), expression_is_true (dbt-utils).

    Args:
        columns: The columns that are added, of numbers.
        total: What they add up to: a number, or `{column: gross}`, where it stands in each row.
        tolerance: How far off the sum may be; it is made in floating-point numbers, which lose
            less than the default in sums below a thousand million.
    """
    parts = reduce(add, (nw.col(name) * 1.0 for name in columns))
    whole = nw.col(total.column) * 1.0 if isinstance(total, Other) else nw.lit(float(total))
    slack = tolerance * (1 + 1e-9)
    return (parts >= whole - slack) & (parts <= whole + slack)
