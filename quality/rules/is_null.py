"""is_null: there is no value."""

from __future__ import annotations

import narwhals as nw

from quality.arguments import Column
from quality.rule import Example, rule


@rule(
    dimension="consistency",
    expects="empty",
    fault="{column} is filled in",
    nulls="judge",
    examples=[
        Example({"column": "refund"}, good={"refund": [None, None]}, bad={"refund": ["", "0"]}),
        Example(
            {"column": "ended", "where": "status = 'open'"},
            good={"ended": [None, None], "status": ["open", "open"]},
            bad={"ended": [2, 3], "status": ["open", "open"]},
        ),
    ],
)
def is_null(column: Column) -> nw.Expr:
    """There is no value in any row.

    A field that is out of use, or that has no meaning in some rows, and yet is filled in: the
    supplier uses it for something else, or the columns have slid by one.

    Instead: a column that nobody wants is best left out of the contract. With a `where` this rule
    says that a field has no place in some rows: an open order has no end.

    Also known as: expect_column_values_to_be_null (Great Expectations), is_null (DQX),
    col_vals_null (pointblank).

    Args:
        column: The column.
    """
    return nw.col(column).is_null()
