"""not_null_proportion: a column that is filled as far as one expects."""

from __future__ import annotations

import narwhals as nw

from quality.arguments import Column
from quality.measure import Measure
from quality.quantities import Share, require_order
from quality.rule import Example, rule
from quality.wording import SHARE


@rule(
    dimension="completeness",
    subject="the part of {column} that is filled",
    expects="{bounds}",
    unit=SHARE,
    examples=[
        Example(
            {"column": "phone", "min": 0.75},
            good={"phone": ["030 1", "030 2", "030 3", None]},
            bad={"phone": ["030 1", "030 2", None]},
        ),
        Example(
            {"column": "died_on", "min": 0, "max": 0.5},
            good={"died_on": [None, None, "2013-02-07"]},
            bad={"died_on": ["2013-02-07", None, "2013-02-07"]},
        ),
    ],
)
def not_null_proportion(column: Column, min: Share = 1, max: Share | None = None) -> Measure:
    """The part of the rows that have a value lies between `min` and `max`, both included.

    Not every customer has a telephone, but when from one day to the next only half of them have
    one, the supplier has stopped to send it.

    Instead: where each row must have a value use `not_null`, which finds the rows; where nobody
    knows how many may lack one, `metric_anomaly` with `null_ratio` learns it. An empty text is a
    value here, unless the contract's `null_values` say otherwise.

    Also known as: not_null_proportion (dbt-utils), expect_column_proportion_of_non_null_values_to_
    be_between (Great Expectations), Completeness (AWS Glue, Deequ), missing_percent (Soda).

    Args:
        column: The column.
        min: The least part that is good: 0.95.
        max: The largest part that is good.
    """
    require_order(min, max, "part")
    filled = (~nw.col(column).is_null()).cast(nw.Int64)
    return Measure(filled, by=nw.Expr.mean, min=min, max=max)
