"""The numbers that can be made of a column, each defined once for all rules that measure.

Each is the same on every engine: NaN is no number, so a number made of it is NaN too, and a
variance divides by one less than there are values.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import narwhals as nw
from pydantic import StrictBool, StrictFloat, StrictInt, StrictStr

from quality import frames
from quality.frames import Frame
from quality.wording import SHARE

Function = Literal[
    "min",
    "max",
    "sum",
    "mean",
    "median",
    "percentile",
    "stddev",
    "skew",
    "kurtosis",
    "distinct_count",
    "distinct_ratio",
    "mode_ratio",
    "entropy",
    "null_count",
    "null_ratio",
    "zero_count",
    "zero_ratio",
    "value_ratio",
]
Cell: TypeAlias = StrictStr | StrictInt | StrictFloat | StrictBool

_COUNT, _OF = "_count", "_of"
_ROOM = 2.0**62
"""Sums below it are exact on every engine."""
_NAN = nw.lit("NaN").cast(nw.Float64)
"""As text, because some versions of DuckDB take the number itself for a null."""


def _itself(value: nw.Expr) -> nw.Expr:
    return value


@dataclass(frozen=True)
class Metric:
    """How one number is made of a column."""

    by: Callable[[nw.Expr], nw.Expr]
    """What makes one number of all values."""
    tells: str
    """The number in a sentence, over `{column}` and `{value}`."""
    of: Callable[[nw.Expr], nw.Expr] = _itself
    """What is taken of each value first."""
    shape: Callable[[Frame, str, tuple[str, ...]], Frame] | None = None
    """What makes the values, where more must be known than one row: of a frame, a column and the
    columns of the groups, the same columns again."""
    unit: str = ""
    least: float | None = None
    """What it can never fall below."""


def require(function: Function, q: float | None, value: Cell | None) -> None:
    """Refuse arguments that do not go with a function.

    Raises:
        ValueError: An argument is missing, or is one of another function.
    """
    if (q is None) == (function == "percentile"):
        raise ValueError("q belongs to percentile, and percentile needs it: {q: 0.95}")
    if (value is None) == (function == "value_ratio"):
        raise ValueError("value belongs to value_ratio, and value_ratio needs it")
    if q is not None and not 0 < q < 1:
        raise ValueError(f"q {q} is not between 0 and 1; the 95th percentile has q: 0.95")


def metric(function: Function, q: float | None = None, value: Cell | None = None) -> Metric:
    """What a function is, with the argument that it takes.

    Args:
        function: Its name.
        q: Of `percentile`, the share of values that lie at it or below it.
        value: Of `value_ratio`, the value whose share is taken.
    """
    if q is not None:
        told = f"{q * 100:.12g} % of {{column}} lie at or below {{value}}"
        return Metric(_honest(lambda values: values.quantile(q, "linear")), told)
    if value is not None:
        said = str(value).replace("{", "{{").replace("}", "}}")
        told = f"{{value}} of {{column}} is {said}"
        return Metric(nw.Expr.mean, told, lambda v: (v == value).cast(nw.Int64), None, SHARE, 0)
    # What is not there lacks its argument, and is refused before it is asked for.
    return _METRICS.get(function, _METRICS["mean"])


def measured(
    frame: Frame, column: str, metric: Metric, by: tuple[str, ...] = ()
) -> dict[tuple[Any, ...], float | None]:
    """The number of each group, as Python knows it; of all rows under `()`, if there are none.

    Args:
        frame: The rows.
        column: The column.
        metric: What is made of it.
        by: The columns that make the groups.
    """
    if metric.shape:
        frame = metric.shape(frame, column, by)
    of = metric.of(nw.col(column))
    if by:
        frame, of = frame.select(*by, of.alias(_OF)), nw.col(_OF)
    measures = (metric.by(of).alias(_OF), of.count().alias(_COUNT))
    taken = frame.group_by(*by).agg(*measures) if by else frame.select(*measures)
    return {
        tuple(row[name] for name in by): number(row[_OF]) if row[_COUNT] else None
        for row in frames.rows(taken)
    }


def number(value: Any) -> float | None:
    """A number that was measured, without the last digits: they depend on the order of rows."""
    return None if value is None else float(f"{float(value):.12g}")


def _honest(by: Callable[[nw.Expr], nw.Expr]) -> Callable[[nw.Expr], nw.Expr]:
    """The same with NaN for NaN, which some engines leave out and others take for the greatest."""

    def aggregate(values: nw.Expr) -> nw.Expr:
        numbers = values.cast(nw.Float64)
        known = by(nw.when(~numbers.is_nan()).then(numbers))
        return nw.when(numbers.is_nan().any()).then(_NAN).otherwise(known)

    return aggregate


def _sum(values: nw.Expr) -> nw.Expr:
    """The sum; of whole numbers that Polars has no room for, in floating-point numbers."""
    about = values.cast(nw.Float64).sum()
    return nw.when(about.abs() < _ROOM).then(values.sum()).otherwise(about)


def _spread(values: nw.Expr) -> nw.Expr:
    """The standard deviation; NaN where a value is not finite, over which some engines give up."""
    numbers = values.cast(nw.Float64)
    finite = nw.when(numbers.is_finite()).then(numbers)
    return nw.when(finite.count() == numbers.count()).then(finite.std()).otherwise(_NAN)


def _distinct(values: nw.Expr) -> nw.Expr:
    # n_unique counts null as a value of its own.
    return values.n_unique() - values.is_null().cast(nw.Int64).max()


def _is_null(values: nw.Expr) -> nw.Expr:
    return values.is_null().cast(nw.Int64)


def _is_zero(values: nw.Expr) -> nw.Expr:
    return (values == 0).cast(nw.Int64)


def _standardised(frame: Frame, column: str, by: tuple[str, ...]) -> Frame:
    """How many standard deviations each value lies above the mean of its group."""
    values = nw.col(column).cast(nw.Float64)
    finite = nw.when(values.is_finite()).then(values)
    mean, spread = finite.mean(), finite.std(ddof=0)
    if by:
        mean, spread = mean.over(*by), spread.over(*by)
    placed = frame.with_columns(mean.alias("_mean"), spread.alias("_spread"))
    # Values that are all the same have no shape.
    apart = nw.when(nw.col("_spread") > 0).then((finite - nw.col("_mean")) / nw.col("_spread"))
    honest = nw.when(~values.is_finite()).then(_NAN).otherwise(apart)
    return placed.select(*by, honest.alias(column))


def _counts(frame: Frame, column: str, by: tuple[str, ...]) -> Frame:
    """How often each value comes in its group."""
    counted = frame.filter(~nw.col(column).is_null()).group_by(*by, column).agg(nw.len().alias(_OF))
    return counted.select(*by, nw.col(_OF).alias(column))


def _entropy(counts: nw.Expr) -> nw.Expr:
    total = counts.sum()
    return (total.log(2) - (counts * counts.log(2)).sum() / total).clip(0)


_METRICS: Mapping[str, Metric] = {
    "min": Metric(_honest(nw.Expr.min), "the smallest {column} is {value}"),
    "max": Metric(_honest(nw.Expr.max), "the largest {column} is {value}"),
    "sum": Metric(_sum, "the sum of {column} is {value}"),
    "mean": Metric(nw.Expr.mean, "the mean of {column} is {value}"),
    "median": Metric(_honest(nw.Expr.median), "the median of {column} is {value}"),
    "stddev": Metric(_spread, "the standard deviation of {column} is {value}", least=0),
    "skew": Metric(
        lambda apart: (apart**3).mean(), "the skewness of {column} is {value}", shape=_standardised
    ),
    "kurtosis": Metric(
        lambda apart: (apart**4).mean() - 3,
        "the excess kurtosis of {column} is {value}",
        shape=_standardised,
    ),
    "distinct_count": Metric(
        _distinct, "the number of different values of {column} is {value}", least=0
    ),
    "distinct_ratio": Metric(
        lambda values: _distinct(values) / values.count(),
        "the share of different values of {column} is {value}",
        unit=SHARE,
        least=0,
    ),
    "mode_ratio": Metric(
        lambda counts: counts.max() / counts.sum(),
        "the share of the most frequent {column} is {value}",
        shape=_counts,
        unit=SHARE,
        least=0,
    ),
    "entropy": Metric(
        _entropy, "the entropy of {column} is {value}", shape=_counts, unit="bit", least=0
    ),
    "null_count": Metric(
        nw.Expr.sum, "the number of rows without {column} is {value}", _is_null, least=0
    ),
    "null_ratio": Metric(nw.Expr.mean, "{value} of {column} is empty", _is_null, None, SHARE, 0),
    "zero_count": Metric(
        nw.Expr.sum, "the number of zeros in {column} is {value}", _is_zero, least=0
    ),
    "zero_ratio": Metric(nw.Expr.mean, "{value} of {column} is zero", _is_zero, None, SHARE, 0),
}
