"""outlier: a number that is far from all others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import narwhals as nw
from pydantic import Field

from quality.arguments import Column, Groups, for_each
from quality.frames import GROUP, RECORD_NO, Frame, within
from quality.quantities import Positive
from quality.rule import Example, rule

Method = Literal["mad", "iqr", "z"]

_K = {"mad": 3.5, "iqr": 3.0, "z": 3.0}
_OF_NORMAL = 1.4826
"""How many median deviations a standard deviation is, where values are normally distributed."""
_OF_NORMAL_MEAN = 1.2533
"""How many mean deviations it is."""
_ROUNDING = 1 + 1e-9
"""The last digits of a mean depend on the order of the rows."""
_VALUE, _MIDDLE, _SPREAD, _MEAN_SPREAD = "_value", "_middle", "_spread", "_mean_spread"
_LOW, _HIGH, _VALUES, _AWAY = "_low", "_high", "_values", "_away"


def _expects(given: Mapping[str, Any]) -> str:
    k = f"{given['k'] or _K[given['method']]:g}"
    near = {
        "mad": f"within {k} robust deviations of the median",
        "iqr": f"within {k} interquartile ranges of the middle half",
        "z": f"within {k} standard deviations of the mean",
    }[given["method"]]
    return near + for_each(given)


@rule(
    dimension="accuracy",
    severity="warning",
    subject="{column}",
    expects=_expects,
    separable=True,
    examples=[
        Example(
            {"column": "price", "min_rows": 5},
            good={"price": [10, 11, 12, 13, 14, None, 17]},
            bad={"price": [1999, -200]},
            among={"price": [10, 11, 12, 13, 14, None, 17]},
        ),
        Example(
            {"column": "price", "method": "iqr", "group_by": ["article"], "min_rows": 4},
            good={"article": [1, 1, 1, 1, 2, 2, 2, 2], "price": [5, 6, 5, 6, 80, 90, 85, 88]},
            bad={"article": [1, None], "price": [80, 5]},
            among={
                "article": [1, 1, 1, 1, 1, None, None, None, None, None],
                "price": [5, 6, 5, 6, 5, 80, 90, 85, 88, 80],
            },
        ),
        Example(
            {"column": "price", "method": "z", "k": 1.5, "min_rows": 3},
            good={"price": [1.5, 2.5, 1.5, 2.5]},
            bad={"price": [9.0, float("nan"), float("inf")]},
            among={"price": [1.5, 2.5, 1.5, 2.5]},
        ),
    ],
)
def outlier(
    frame: Frame,
    column: Column,
    method: Method = "mad",
    k: Positive | None = None,
    group_by: Groups = None,
    min_rows: Annotated[int, Field(ge=3)] = 30,
) -> Frame:
    """No number is far from all others of its column, or of its group.

    A price of 1 999 among prices of 19.99 is within every range that anybody thought of, and makes
    the mean of a month.

    By the median and the median of the distances to it (`mad`), which outliers themselves hardly
    move; by quartiles (`iqr`); or by mean and standard deviation (`z`), which one huge value widens
    until it hides. Where more than half of all values are the same, `mad` takes the mean of the
    distances. Groups in which values do not differ, or with fewer than `min_rows` of them, are left
    alone. Infinity and NaN are always far away.

    An outlier is odd, which is not yet wrong: the check is a warning unless it says otherwise.

    Instead: where there is a limit that you know use `range`; for a number of the whole file that
    is unlike those of other days `metric_anomaly`.

    Also known as: has_no_outliers (DQX), expect_column_value_z_scores_to_be_less_than (Great
    Expectations), expect_column_values_to_be_within_n_stdevs (dbt_expectations),
    is_inside_interquartile_range (cuallee), Outlier (TestGen).

    Args:
        column: A column of numbers.
        method: `mad`, `iqr` or `z`.
        k: How many deviations are far: by default 3.5 for `mad`, 3 for `iqr` and `z`.
        group_by: Columns whose values make groups, each with a middle of its own.
        min_rows: How many numbers a group must have, so that something can be said of it.
    """
    number = nw.col(column).cast(nw.Float64)
    numbers = frame.with_columns(
        nw.when(number.is_finite()).then(number).alias(_VALUE),
        within(nw.col(RECORD_NO).min(), group_by).alias(GROUP),
    )
    limits = {"mad": _by_mad, "iqr": _by_quartiles, "z": _by_deviation}[method](numbers)
    far = _K[method] if k is None else k
    value, spread = nw.col(_VALUE), nw.col(_SPREAD) * far * _ROUNDING
    outside = (value < nw.col(_LOW) - spread) | (value > nw.col(_HIGH) + spread)
    judged = (nw.col(_VALUES) >= min_rows) & (nw.col(_SPREAD) > 0)
    return numbers.join(limits, on=GROUP, how="left").filter(
        value.is_null() | (judged & outside).fill_null(False)
    )


def _by_mad(numbers: Frame) -> Frame:
    value, away = nw.col(_VALUE), nw.col(_AWAY)
    middles = numbers.group_by(GROUP).agg(value.median().alias(_MIDDLE))
    distances = numbers.join(middles, on=GROUP, how="left").with_columns(
        (value - nw.col(_MIDDLE)).abs().alias(_AWAY)
    )
    robust, plain = away.median() * _OF_NORMAL, away.mean() * _OF_NORMAL_MEAN
    spreads = distances.group_by(GROUP).agg(
        nw.col(_MIDDLE).min().alias(_LOW),
        nw.col(_MIDDLE).max().alias(_HIGH),
        robust.alias(_SPREAD),
        plain.alias(_MEAN_SPREAD),
        away.count().alias(_VALUES),
    )
    spread = nw.when(nw.col(_SPREAD) > 0).then(nw.col(_SPREAD)).otherwise(nw.col(_MEAN_SPREAD))
    return spreads.with_columns(spread.alias(_SPREAD))


def _by_quartiles(numbers: Frame) -> Frame:
    value = nw.col(_VALUE)
    quartiles = numbers.group_by(GROUP).agg(
        value.quantile(0.25, "linear").alias(_LOW),
        value.quantile(0.75, "linear").alias(_HIGH),
        value.count().alias(_VALUES),
    )
    return quartiles.with_columns((nw.col(_HIGH) - nw.col(_LOW)).alias(_SPREAD))


def _by_deviation(numbers: Frame) -> Frame:
    value = nw.col(_VALUE)
    return numbers.group_by(GROUP).agg(
        value.mean().alias(_LOW),
        value.mean().alias(_HIGH),
        value.std().alias(_SPREAD),
        value.count().alias(_VALUES),
    )
