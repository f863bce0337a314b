"""aggregate: one number made of a whole column."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import narwhals as nw

from quality.arguments import Column, Number
from quality.measure import Measure
from quality.rule import Example, rule
from quality.wording import SHARE

Function = Literal[
    "min",
    "max",
    "sum",
    "mean",
    "median",
    "stddev",
    "distinct_count",
    "distinct_ratio",
    "null_count",
    "null_ratio",
]


def _distinct(values: nw.Expr) -> nw.Expr:
    # n_unique counts null as a value of its own.
    return values.n_unique() - values.is_null().cast(nw.Int64).max()


_FUNCTIONS: dict[str, Callable[[nw.Expr], nw.Expr]] = {
    "min": nw.Expr.min,
    "max": nw.Expr.max,
    "sum": nw.Expr.sum,
    "mean": nw.Expr.mean,
    "median": nw.Expr.median,
    "stddev": nw.Expr.std,
    "distinct_count": _distinct,
    "distinct_ratio": lambda values: _distinct(values) / values.count(),
    "null_count": nw.Expr.sum,
    "null_ratio": nw.Expr.mean,
}
_TELLS = {
    "min": "the smallest {column} is {value}",
    "max": "the largest {column} is {value}",
    "sum": "the sum of {column} is {value}",
    "mean": "the mean of {column} is {value}",
    "median": "the median of {column} is {value}",
    "stddev": "the standard deviation of {column} is {value}",
    "distinct_count": "the number of different values of {column} is {value}",
    "distinct_ratio": "the share of different values of {column} is {value}",
    "null_count": "the number of rows without {column} is {value}",
    "null_ratio": "{value} of {column} is empty",
}


@rule(
    dimension="validity",
    expects="{bounds}",
    tells=lambda given: _TELLS[given["function"]],
    unit=lambda given: SHARE if given["function"].endswith("_ratio") else "",
    examples=[
        Example(
            {"column": "dep_time", "function": "null_ratio", "max": 0.1},
            good={"dep_time": [517, 533, 542, 544, 554, 555, 557, 558, 559, None]},
            bad={"dep_time": [517, 533, 542, 544, 554, 555, 557, 558, None]},
        ),
        Example(
            {"column": "price", "function": "mean", "min": 2, "max": 3.5},
            good={"price": [1.0, 5.0, None]},
            bad={"price": [1.0, 8.0]},
        ),
        Example(
            {"column": "store", "function": "distinct_count", "min": 2},
            good={"store": ["a", "b", "b", None]},
            bad={"store": ["a", "a", None]},
        ),
        Example(
            {"column": "store", "function": "distinct_ratio", "min": 0.6},
            good={"store": ["a", "b", "b"]},
            bad={"store": ["a", "b", "b", "b"]},
        ),
        Example(
            {"column": "price", "function": "stddev", "max": 1},
            good={"price": [1, 2, 3]},
            bad={"price": [1, 3, 5]},
        ),
    ],
)
def aggregate(
    column: Column, function: Function, min: Number | None = None, max: Number | None = None
) -> Measure:
    """One number made of all values of a column lies between `min` and `max`, both included.

    Every row can be possible and all of them together be not: a day on which half of the flights
    have no departure, a mean price that has doubled, a column with one value throughout.

    Instead: if each row can be judged by itself use `range`, which finds the rows too. Nulls are
    left out, except by `null_count` and `null_ratio`; so are cells that failed `type`.

    Also known as: expect_column_mean_to_be_between and its sisters (Great Expectations), aggregate
    (Soda), not_null_proportion (dbt-utils), is_aggr_not_greater_than (DQX), hasMean (Deequ).

    Args:
        column: The column; for anything but counts and ratios, one of numbers.
        function: What is made of it.
        min: The smallest good number.
        max: The largest good number.
    """
    if min is None and max is None:
        raise ValueError("give min, max or both")
    if min is not None and max is not None and min > max:
        raise ValueError(f"min {min} is above max {max}, so no number could be good")
    values = nw.col(column)
    if function in ("null_count", "null_ratio"):
        values = values.is_null().cast(nw.Int64)
    return Measure(values, by=_FUNCTIONS[function], min=min, max=max)
