"""distinct_within_row: columns of a row that differ from each other."""

from __future__ import annotations

from itertools import combinations

import narwhals as nw

from quality.arguments import Columns
from quality.rule import Example, rule


@rule(
    dimension="consistency",
    expects="different from each other",
    fault="two of {columns} are the same",
    examples=[
        Example(
            {"columns": ["home", "work", "mobile"]},
            good={"home": ["1", "1", None], "work": ["2", None, None], "mobile": ["3", "3", "3"]},
            bad={"home": ["1", "1"], "work": ["1", None], "mobile": ["2", "1"]},
        ),
    ],
)
def distinct_within_row(columns: Columns) -> nw.Expr:
    """In no row do two of some columns have the same value.

    A form that wants three telephone numbers gets one of them three times; a transfer from an
    account to itself moves money nowhere.

    Instead: for two columns, `compare_columns` with `!=` says the same. For a value that comes
    once in its whole column use `unique`. Columns without a value are left out; where fewer than
    two have one, there is nothing to compare, and the check does not apply.

    Also known as: expect_select_column_values_to_be_unique_within_record (Great Expectations),
    select_column_values_to_be_unique_within_record (dbt-expectations).

    Args:
        columns: The columns, of types that can be compared with each other.
    """
    if len(columns) < 2:
        raise ValueError("one column alone is the same as nothing; name two or more")
    pairs = [nw.col(left) != nw.col(right) for left, right in combinations(columns, 2)]
    compared = nw.any_horizontal(*(~pair.is_null() for pair in pairs), ignore_nulls=False)
    return nw.when(compared).then(nw.all_horizontal(*pairs, ignore_nulls=True))
