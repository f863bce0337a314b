"""range: a value between two bounds."""

from __future__ import annotations

from datetime import date

import narwhals as nw

from quality.arguments import Column, Limit
from quality.rule import Example, rule


@rule(
    dimension="validity",
    expects="{bounds}",
    examples=[
        Example(
            {"column": "age", "min": 0, "max": 120},
            good={"age": [0, 120, None]},
            bad={"age": [-1, 121]},
        ),
        Example({"column": "price", "min": 0.5}, good={"price": [0.5, 9e9]}, bad={"price": [0.49]}),
        Example(
            {"column": "day", "min": "2013-02-07", "max": "2013-02-13"},
            good={"day": [date(2013, 2, 7), date(2013, 2, 13)]},
            bad={"day": [date(2013, 2, 6), date(2013, 2, 14)]},
        ),
    ],
)
def range(column: Column, min: Limit | None = None, max: Limit | None = None) -> nw.Expr:
    """Every value lies between `min` and `max`, both included.

    A value outside what is possible is a unit mistaken, a column shifted, or 9999 for unknown;
    means and sums built on it are wrong without looking wrong.

    Instead: where the bound stands in another column use `compare_columns`; for a length of text
    use `length`; for a bound on the total or the mean use `aggregate`. NaN counts as larger than
    every number, as it does in DuckDB and Polars, so only a `max` catches it.

    Also known as: expect_column_values_to_be_between (Great Expectations), accepted_range
    (dbt-utils), valid_min and valid_max (Soda), is_in_range (DQX), in_range (pandera).

    Args:
        column: A column of numbers, dates or times.
        min: The smallest good value.
        max: The largest good value.
    """
    value = nw.col(column)
    match min, max:
        case None, None:
            raise ValueError("give min, max or both")
        case low, None:
            return value >= low
        case None, high:
            return value <= high
        case low, high if low > high:  # type: ignore[operator]
            raise ValueError(f"min {low} is above max {high}, so no value could be good")
        case _:
            return value.is_between(min, max)
