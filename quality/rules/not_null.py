"""not_null: there is a value."""

from __future__ import annotations

import narwhals as nw

from quality.arguments import Column
from quality.rule import Example, rule


@rule(
    dimension="completeness",
    expects="present",
    fault="{column} is empty",
    examples=[
        Example({"column": "email"}, good={"email": ["a@b.org", ""]}, bad={"email": [None, None]}),
    ],
)
def not_null(column: Column) -> nw.Expr:
    """There is a value in every row.

    A missing value drops out of sums, joins and counts without a word, so totals become too small
    rather than wrong in a way that anyone sees.

    Instead: text that only stands for a missing value, like `N/A` or an empty string, is a value
    here; `not_missing` refuses it too. Where a share of nulls is normal, bound the share with
    `not_null_proportion`, and leave the records in the table.

    Also known as: expect_column_values_to_not_be_null (Great Expectations), not_null (dbt),
    missing_count (Soda), nullValues (ODCS), is_not_null (DQX), isComplete (Deequ).

    Args:
        column: The column.
    """
    return ~nw.col(column).is_null()
