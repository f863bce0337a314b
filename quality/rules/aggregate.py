"""aggregate: one number made of a whole column."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import narwhals as nw

from quality.arguments import Column, Groups
from quality.frames import Frame
from quality.measure import Fact, Measure
from quality.metrics import Cell, Function, Metric, measured, metric, require
from quality.quantities import Number, require_bounds
from quality.rule import Example, rule
from quality.wording import count, plural, show


def _metric(given: Mapping[str, Any]) -> Metric:
    return metric(given["function"], given["q"], given["value"])


def _fused(given: Mapping[str, Any]) -> bool:
    return not given["group_by"] and _metric(given).shape is None


@rule(
    dimension="validity",
    expects="{bounds}",
    tells=lambda given: _metric(given).tells,
    unit=lambda given: _metric(given).unit,
    separable=_fused,
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
            {"column": "price", "function": "mean", "max": 3.5, "group_by": ["store"]},
            good={"price": [1.0, 5.0, 3.5], "store": ["a", "a", "b"]},
            bad={"price": [1.0, 5.0, 3.6], "store": ["a", "a", "b"]},
        ),
        Example(
            {"column": "price", "function": "percentile", "q": 0.75, "max": 3},
            good={"price": [1, 2, 3, 3, 90]},
            bad={"price": [1, 2, 3, 4, 90]},
        ),
        Example(
            {"column": "price", "function": "stddev", "max": 1},
            good={"price": [1, 2, 3]},
            bad={"price": [1, 3, 5]},
        ),
        Example(
            {"column": "price", "function": "skew", "max": 1},
            good={"price": [1, 2, 3, 4]},
            bad={"price": [1, 1, 1, 9]},
        ),
        Example(
            {"column": "price", "function": "kurtosis", "min": -1.5},
            good={"price": [1, 2, 3, 4]},
            bad={"price": [1, 1, 4, 4]},
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
            {"column": "store", "function": "mode_ratio", "max": 0.5},
            good={"store": ["a", "a", "b", "c", None]},
            bad={"store": ["a", "a", "b"]},
        ),
        Example(
            {"column": "store", "function": "entropy", "min": 1},
            good={"store": ["a", "b"]},
            bad={"store": ["a", "a", "b"]},
        ),
        Example(
            {"column": "price", "function": "zero_count", "max": 1},
            good={"price": [0.0, 2.5, None]},
            bad={"price": [0.0, 0.0, None]},
        ),
        Example(
            {"column": "store", "function": "value_ratio", "value": "unknown", "max": 0.25},
            good={"store": ["a", "b", "c", "unknown"]},
            bad={"store": ["a", "b", "unknown", None]},
        ),
    ],
)
def aggregate(
    frame: Frame,
    column: Column,
    function: Function,
    min: Number | None = None,
    max: Number | None = None,
    q: Number | None = None,
    value: Cell | None = None,
    group_by: Groups = None,
) -> Measure | Fact:
    """One number made of all values of a column lies between `min` and `max`, both included.

    Every row can be possible and all of them together be not: a day on which half of the flights
    have no departure, a mean price that has doubled, a column with one value throughout.

    With `group_by` the number of every group must lie there, and the group that is farthest out is
    named; a total can be right while one store of twenty has sent nothing but zeros.

    Instead: if each row can be judged by itself use `range`, which finds the rows too; where the
    bounds are not known, but what was usual before, use `metric_anomaly`. Nulls are left out,
    except by `null_count` and `null_ratio`; so are cells that failed `type`. A NaN makes the number
    NaN, which lies within no bounds. `stddev` is that of a sample; `kurtosis` is 0 for a normal
    distribution; `entropy` is in bits.

    Also known as: expect_column_mean_to_be_between and its sisters (Great Expectations), aggregate
    (Soda), not_null_proportion (dbt-utils), is_aggr_not_greater_than (DQX), hasMean, hasEntropy
    (Deequ).

    Args:
        column: The column; for anything but counts and ratios, one of numbers.
        function: What is made of it.
        min: The smallest good number.
        max: The largest good number.
        q: Of `percentile`, the share of values that lie at it or below it: 0.95.
        value: Of `value_ratio`, the value whose share is taken.
        group_by: Columns whose values make groups, each judged by itself.
    """
    require_bounds(min, max)
    require(function, q, value)
    made = metric(function, q, value)
    if not group_by and made.shape is None:
        return Measure(made.of(nw.col(column)), by=made.by, min=min, max=max)
    found = measured(frame, column, made, tuple(group_by or ()))
    groups = {group: number for group, number in found.items() if number is not None}
    if not groups:
        return Fact(None)
    excess = {group: _excess(number, min, max) for group, number in groups.items()}
    worst = _worst(excess)
    more = ""
    if group_by:
        out = sum(1 for each in excess.values() if each > 0)
        more = f" for {', '.join('null' if each is None else show(each) for each in worst)}"
        if out > 1:
            more += f", and {count(out)} of {plural(len(groups), 'group')} are out of bounds"
    return Fact(groups[worst], min, max, more=more)


def _excess(number: float, low: float | None, high: float | None) -> float:
    """How far a number is out of bounds; negative within them."""
    if math.isnan(number):
        return math.inf
    return max(
        low - number if low is not None else -math.inf,
        number - high if high is not None else -math.inf,
    )


def _worst(excess: Mapping[tuple[Any, ...], float]) -> tuple[Any, ...]:
    # The first by name among equals, so that the same rows always tell the same.
    return min(excess, key=lambda group: (-excess[group], [str(each) for each in group]))
