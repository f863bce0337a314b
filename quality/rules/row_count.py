"""row_count: as many rows as one expects."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from fractions import Fraction
from math import ceil, floor
from typing import Annotated, Any

import narwhals as nw
from pydantic import NonNegativeInt

from quality import frames
from quality.arguments import Datasets
from quality.context import Context, Past
from quality.frames import RECORD_NO, Frame
from quality.measure import Fact, Measure
from quality.quantities import NonNegative, Positive, require_order
from quality.rule import Example, rule
from quality.wording import count, percent, plural

Dataset = Annotated[str | None, Datasets(lambda name: (name,) if name else ())]


_BEFORE = Context(
    history=lambda check: [Past(datetime(2013, 2, 7, tzinfo=UTC), None, {"rows": 4})],
    now=datetime(2013, 2, 8, tzinfo=UTC),
)


def _compared(given: Mapping[str, Any]) -> bool:
    return given["equals"] is not None or given["max_change"] is not None


def _expects(given: Mapping[str, Any]) -> str:
    if given["equals"]:
        times = "" if given["factor"] == 1 else "{factor} times "
        return f"{times}that of {{equals}}"
    return "near that of the file before" if given["max_change"] is not None else "{bounds}"


@rule(
    dimension="volume",
    subject="the number of rows",
    expects=_expects,
    separable=lambda given: not _compared(given),
    examples=[
        Example({"min": 2, "max": 3}, good={"id": [1, 2, 3]}, bad={"id": [1]}),
        Example({"max": 1}, good={"id": [1]}, bad={"id": [1, 2]}),
        Example({}, good={"id": [1]}, bad={"id": []}),
        Example(
            {"equals": "orders", "factor": 2},
            good={"line": [1, 2, 3, 4]},
            bad={"line": [1, 2, 3]},
            references={"orders": {"id": [1, 2]}},
        ),
        Example(
            {"max_change": 0.5},
            good={"id": [1, 2]},
            bad={"id": [1]},
            context=_BEFORE,
        ),
    ],
)
def row_count(
    frame: Frame,
    reference: Frame | None,
    context: Context,
    min: NonNegativeInt = 1,
    max: NonNegativeInt | None = None,
    equals: Dataset = None,
    factor: Positive = 1,
    max_change: NonNegative | None = None,
) -> Measure | Fact:
    """There are between `min` and `max` rows, both included.

    Half a file can be perfect in every row. Too few rows are an export that broke off, too many
    one that was run twice.

    With `equals` there are as many rows as another dataset has, or `factor` times as many; with
    `max_change` not more than that part more or fewer than in the file before, of which nothing is
    said where there is none.

    Instead: where the number swings with the weekday, use `metric_anomaly`; bounds that cry every
    Sunday are soon ignored. Rows that could not be read as records are not counted.

    Also known as: expect_table_row_count_to_be_between, expect_table_row_count_to_equal_other_table
    (Great Expectations), row_count (Soda, dataframely), rowCount (ODCS), hasSize (Deequ),
    equal_rowcount, fewer_rows_than (dbt-utils).

    Args:
        min: The fewest rows that are good. An empty file fails unless this is 0.
        max: The most rows that are good.
        equals: A dataset that has as many rows.
        factor: How many rows there are for each row of that dataset.
        max_change: The largest good change since the file before, as a part of its rows: 0.2.
    """
    if equals is not None and max_change is not None:
        raise ValueError("equals and max_change are two checks; write two")
    if (equals or max_change is not None) and (min != 1 or max is not None):
        raise ValueError("min and max are a check of their own; write two")
    if factor != 1 and not equals:
        raise ValueError("factor goes with equals; say which dataset")
    require_order(min, max)
    if reference is not None:
        others = frames.length(reference)
        wanted = float(others * Fraction(str(factor)))
        return Fact(
            frames.length(frame), wanted, wanted, more=f", and that of {equals} {count(others)}"
        )
    if max_change is not None:
        return _since_the_file_before(frames.length(frame), context, max_change)
    return Measure(nw.col(RECORD_NO), by=nw.Expr.count, min=min, max=max)


def _since_the_file_before(rows: int, context: Context, most: float) -> Fact:
    period, kept = context.period, {"rows": rows}
    past = context.kept("rows", period)
    if not past:
        told = "no file has come before"
        return Fact(None, told=told, early=True, period=period, detail=kept)
    before = past[-1].detail["rows"]
    change = Fraction(str(most))
    return Fact(
        rows,
        min=ceil(before * (1 - change)),
        max=floor(before * (1 + change)),
        expected=f"within {percent(change)} of {plural(before, 'row')}, as in the file before",
        period=period,
        detail=kept,
    )
