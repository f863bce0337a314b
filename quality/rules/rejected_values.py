"""rejected_values: no value from a list."""

from __future__ import annotations

from datetime import date

import narwhals as nw

from quality.arguments import Column
from quality.rule import Example, rule
from quality.rules.accepted_values import Values, among


@rule(
    dimension="validity",
    expects="none of {values}",
    fault="{subject} is one of {values}",
    examples=[
        Example(
            {"column": "status", "values": ["test", "dummy"]},
            good={"status": ["open", "Test", "", None]},
            bad={"status": ["test", "dummy"]},
        ),
        Example(
            {"column": "status", "values": ["test"], "ignore_case": True},
            good={"status": ["tests"]},
            bad={"status": ["TEST", "Test"]},
        ),
        Example(
            {"column": "price", "values": [-1, 9999.99]},
            good={"price": [0.0, 9999.0, None]},
            bad={"price": [-1.0, 9999.99]},
        ),
        Example(
            {"column": "born", "values": [date(1900, 1, 1)]},
            good={"born": [date(1900, 1, 2)]},
            bad={"born": [date(1900, 1, 1)]},
        ),
    ],
)
def rejected_values(column: Column, values: Values, ignore_case: bool = False) -> nw.Expr:
    """No value is one of a list.

    Systems fill what they do not know with a value that looks like one: 1900-01-01, 9999, TEST.
    Nothing about its type or its range gives it away, and sums and counts go on with it.

    Instead: if such a value stands for a missing one throughout, name it in the format's
    `null_values`. Where all good values are known use `accepted_values`, which lets nothing new in.

    Also known as: expect_column_values_to_not_be_in_set (Great Expectations), not_accepted_values
    (dbt-utils), invalid_values (Soda), notin (pandera), is_not_in_list (DQX).

    Args:
        column: The column.
        values: All values that are bad.
        ignore_case: Whether `TEST` is as bad as `test`.
    """
    return ~among(column, values, ignore_case)
