"""range: a value between two bounds."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import reduce
from operator import and_
from typing import Any, Literal

import narwhals as nw

from quality.arguments import Bound, Column, Other
from quality.quantities import require_bounds
from quality.rule import Example, rule


def _within(given: Mapping[str, Any]) -> str:
    """What the bounds ask for, in words: `at least {min} and less than {max}`."""
    low = "at least {min}" if given["inclusive"] in ("both", "min") else "more than {min}"
    high = "at most {max}" if given["inclusive"] in ("both", "max") else "less than {max}"
    told = [words for words, name in ((low, "min"), (high, "max")) if given[name] is not None]
    if len(told) < 2 or given["inclusive"] != "both":
        return " and ".join(told)
    return "{bounds}"


def _expects(given: Mapping[str, Any]) -> str:
    return _within(given) if given["mode"] == "inside" else "outside {min} to {max}"


def _fault(given: Mapping[str, Any]) -> str:
    return "{column} is " + ("not " if given["mode"] == "inside" else "") + _within(given)


@rule(
    dimension="validity",
    subject="{column}",
    expects=_expects,
    fault=_fault,
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
        Example(
            {"column": "share", "min": 0, "max": 1, "inclusive": "min"},
            good={"share": [0.0, 0.99]},
            bad={"share": [1.0, -0.01]},
        ),
        Example(
            {"column": "weight", "min": 900, "max": 999, "mode": "outside"},
            good={"weight": [899, 1000, None]},
            bad={"weight": [900, 999]},
        ),
        Example(
            {"column": "paid", "min": 0, "max": {"column": "total"}},
            good={"paid": [0, 5, 5, None], "total": [5, 5, None, 5]},
            bad={"paid": [6, -1], "total": [5, 5]},
        ),
    ],
)
def range(
    column: Column,
    min: Bound = None,
    max: Bound = None,
    inclusive: Literal["both", "neither", "min", "max"] = "both",
    mode: Literal["inside", "outside"] = "inside",
) -> nw.Expr:
    """Every value lies between `min` and `max`, both included.

    A value outside what is possible is a unit mistaken, a column shifted, or 9999 for unknown;
    means and sums built on it are wrong without looking wrong.

    Instead: to compare two columns alone use `compare_columns`; for a length of text use `length`;
    for a bound on the total or the mean use `aggregate`. NaN counts as larger than every number, as
    it does in DuckDB and Polars, so only a `max` catches it.

    Also known as: expect_column_values_to_be_between (Great Expectations), accepted_range
    (dbt-utils), valid_min and valid_max (Soda), is_in_range, is_not_in_range (DQX), in_range
    (pandera), col_vals_between, col_vals_outside (pointblank).

    Args:
        column: A column of numbers, dates or times.
        min: The smallest good value; or `{column: ordered}`, where it stands in each row.
        max: The largest good value, or where it stands.
        inclusive: Which of the bounds are within the range themselves.
        mode: Whether good values are `inside` the range or `outside` it.
    """
    _check(min, max, inclusive)
    if mode == "outside" and (min is None or max is None):
        raise ValueError(f"outside needs min and max; write {'min' if min is None else 'max'} too")
    value, verdicts = nw.col(column), []
    if min is not None:
        low = nw.col(min.column) if isinstance(min, Other) else min
        verdicts.append(value >= low if inclusive in ("both", "min") else value > low)
    if max is not None:
        high = nw.col(max.column) if isinstance(max, Other) else max
        verdicts.append(value <= high if inclusive in ("both", "max") else value < high)
    within = reduce(and_, verdicts)
    return within if mode == "inside" else ~within


def _check(min: Any, max: Any, inclusive: str) -> None:
    if isinstance(min, Other) or isinstance(max, Other):
        return
    require_bounds(min, max, "value")
    if min == max and inclusive != "both":
        raise ValueError(f"between {min} and {max} there is nothing unless inclusive is both")
