"""metric_anomaly: a number that is as usual, by its own past."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

import narwhals as nw
from pydantic import Field

from quality import frames, metrics
from quality.arguments import Beside, OptionalColumn
from quality.context import Context, Past
from quality.expectation import Band, Point, Seasonality, Sensitivity, expect
from quality.frames import RECORD_NO, Frame
from quality.measure import Fact
from quality.metrics import Cell, Function, Metric
from quality.quantities import Number
from quality.rule import Example, rule
from quality.wording import SHARE, bounds, limit, plural

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ROWS = Metric(nw.Expr.count, "the number of rows is {value}", least=0)


def _metric(given: Mapping[str, Any]) -> Metric:
    if given["metric"] == "row_count":
        return _ROWS
    return metrics.metric(given["metric"], given["q"], given["value"])


def _before(values: Sequence[float], told: str) -> Context:
    """The past of an example: daily files, until the one of 7 February 2013."""
    day = datetime(2013, 2, 7, tzinfo=UTC)
    past = [
        Past(day - timedelta(number), None, {"of": told, "value": value})
        for number, value in reversed(list(enumerate(values, 1)))
    ]
    return Context(history=lambda check: past, now=day)


@rule(
    dimension="accuracy",
    severity="warning",
    subject=lambda given: f"{given['metric']} of {{columns}}" if given["column"] else "row_count",
    expects="as usual",
    tells=lambda given: _metric(given).tells,
    unit=lambda given: _metric(given).unit,
    examples=[
        Example(
            {"metric": "row_count"},
            good={"id": [1, 2, 3, 4]},
            bad={"id": [1]},
            context=_before([4, 5, 4, 3, 4, 4, 5, 3, 4, 4, 4, 5, 4, 3], "row_count"),
        ),
        Example(
            {"metric": "null_ratio", "column": "dep_time", "direction": "high"},
            good={"dep_time": [517, 533, 542, 544, None, 554, 555, 557]},
            bad={"dep_time": [None, None, None, None, None, None, 557, None]},
            context=_before([0.0, 0.01, 0.0, 0.0, 0.0, 0.02, 0.0] * 2, "null_ratio"),
        ),
        Example(
            {"metric": "max", "column": "wind", "at": "seen", "min_points": 7},
            good={"wind": [9.2, 23.0], "seen": [datetime(2013, 2, 6, 3), datetime(2013, 2, 6)]},
            bad={"wind": [9.2, 1048.4], "seen": [datetime(2013, 2, 6, 3), datetime(2013, 2, 6)]},
            context=_before([20, 19, 31, 18, 20, 26, 19, 21, 23], "max"),
        ),
    ],
)
def metric_anomaly(
    frame: Frame,
    context: Context,
    metric: Function | Literal["row_count"],
    column: OptionalColumn = None,
    at: Beside = None,
    q: Number | None = None,
    value: Cell | None = None,
    direction: Literal["both", "low", "high"] = "both",
    seasonality: Seasonality = "none",
    sensitivity: Sensitivity = "medium",
    history: Annotated[int, Field(ge=7, le=1000)] = 84,
    min_points: Annotated[int, Field(ge=3)] = 14,
) -> Fact:
    """A number made of a whole file is as usual, by what it was in the files before.

    Nobody knows how many flights there will be tomorrow, but everybody knows that four hundred are
    too few. The past knows it too, and nobody has to write it down, or to change it in summer.

    What is usual is a band around the median of the last files, as wide as they lie apart (by their
    MAD, so that a day of nonsense does not stretch it), and never narrower than a tenth of the
    median. What has been before is not unusual, so a lasting change is told once or twice, and
    then is what is usual. The band widens with a trend. Only files of an earlier time count, each
    by its last published load, so a file that is loaded again is judged as it was. As long as there
    are too few the check is not evaluated, which costs the file nothing; its number is kept.

    Instead: where the bounds are known use `aggregate` or `row_count`: what must never be is not
    made good by having been before. Where a Sunday is not like a Monday, `seasonality: weekday`
    compares a file with those of its weekday, once there are four of them. A check keeps its past
    under its name; give it a `name`, and another one when you change its `where`. Numbers of
    different kinds of files, like one for each region, mix; give each kind a dataset.

    Also known as: volume_anomalies, column_anomalies (elementary), DetectAnomalies (AWS Glue),
    anomaly detection (Deequ, Soda Cloud, DQOps), expect_column_values_to_be_within_n_stdevs
    (dbt-expectations).

    Args:
        metric: `row_count`, or what `aggregate` makes of a column.
        column: The column, for all but `row_count`.
        at: A column of dates or times that says what time the file is about: the median of them.
            By default, and where all are empty, it is when the file's content was made.
        q: Of `percentile`, the share of values that lie at it or below it: 0.95.
        value: Of `value_ratio`, the value whose share is taken.
        direction: Which is bad: too little (`low`), too much (`high`), or both.
        seasonality: `weekday` if what is usual depends on the weekday.
        sensitivity: How little is unusual: `low` is 7 standard deviations, `medium` 5, `high` 3.5.
        history: How many files before this one to look at.
        min_points: How many of them are needed to say anything.
    """
    if min_points > history:
        raise ValueError(f"min_points {min_points} is above history {history}")
    if metric == "row_count":
        if column or q is not None or value is not None:
            raise ValueError("row_count is of whole rows; leave column, q and value out")
    elif not column:
        raise ValueError(f"{metric} is made of a column; say which, or use metric: row_count")
    else:
        metrics.require(metric, q, value)
    made = _metric({"metric": metric, "q": q, "value": value})
    taken = _taken(frame, column or RECORD_NO, made, at)
    number = metrics.number(taken["number"]) if taken["values"] or not column else None
    period = context.period
    if taken.get("moment") is not None:
        period = _EPOCH + timedelta(microseconds=int(taken["moment"]))
    if number is None:
        return Fact(None, period=period)
    of = " ".join(str(each) for each in (metric, q, value) if each is not None)
    kept = {"of": of, "value": number}
    past = _comparable(context.kept("of", period), of)[-history:]
    if len(past) < min_points:
        told = f"{plural(len(past), 'earlier file')} of {min_points} that are needed"
        return Fact(None, told=told, early=True, period=period, detail=kept)
    rows = taken["rows"] if made.unit == SHARE else None
    band = expect(
        past, period, seasonality=seasonality, sensitivity=sensitivity, rows_of_share=rows
    )
    low = None if direction == "high" or _never(band.low, made, below=True) else band.low
    high = None if direction == "low" or _never(band.high, made, below=False) else band.high
    expected = bounds(low, high, lambda bound: limit(bound, made.unit)) or "anything"
    fact = Fact(number, low, high, period=period, detail=kept)
    return replace(fact, expected=f"{expected}, from {_basis(band, period)}")


def _taken(frame: Frame, column: str, made: Metric, at: str | None) -> dict[str, Any]:
    """The number, of how many values and rows it is, and the middle of their times."""
    beside = {"rows": nw.len()}
    if at is not None:
        frame = frames.with_moments(frame, at, "_moment")
        beside["moment"] = nw.col("_moment").median()
    of = made.of(nw.col(column))
    number = {"number": made.by(of), "values": of.count()}
    if made.shape is None:  # one query is half the time of two
        return _row(frame, number | beside)
    return _row(frame, beside) | _row(made.shape(frame, column, ()), number)


def _row(frame: Frame, measures: Mapping[str, nw.Expr]) -> dict[str, Any]:
    (row,) = frames.rows(frame.select(*(each.alias(name) for name, each in measures.items())))
    return row


def _comparable(past: Sequence[Past], of: str) -> list[Point]:
    """What is known of the same number."""
    numbers = [(e.period, float(e.detail["value"])) for e in past if e.detail["of"] == of]
    return [Point(period, value) for period, value in numbers if math.isfinite(value)]


def _never(bound: float, made: Metric, *, below: bool) -> bool:
    """Whether a number can never be beyond a bound."""
    if below:
        return made.least is not None and bound <= made.least
    return made.unit == SHARE and bound >= 1


def _basis(band: Band, period: datetime) -> str:
    if band.of_weekday:
        return f"the last {plural(band.points, f'{period:%A}')}"
    return f"the last {plural(band.points, 'file')}"
