"""row_count: as many rows as one expects."""

from __future__ import annotations

import narwhals as nw
from pydantic import NonNegativeInt

from quality.frames import RECORD_NO
from quality.measure import Measure
from quality.rule import Example, rule


@rule(
    dimension="volume",
    subject="the number of rows",
    expects="{bounds}",
    examples=[
        Example({"min": 2, "max": 3}, good={"id": [1, 2, 3]}, bad={"id": [1]}),
        Example({"max": 1}, good={"id": [1]}, bad={"id": [1, 2]}),
        Example({}, good={"id": [1]}, bad={"id": []}),
    ],
)
def row_count(min: NonNegativeInt = 1, max: NonNegativeInt | None = None) -> Measure:
    """There are between `min` and `max` rows, both included.

    Half a file can be perfect in every row. Too few rows are an export that broke off, too many
    one that was run twice.

    Instead: where the number swings with the weekday, keep the bounds wide; a check that cries
    every Sunday is soon ignored. Rows that could not be read as records are not counted.

    Also known as: expect_table_row_count_to_be_between (Great Expectations), row_count (Soda,
    dataframely), rowCount (ODCS), hasSize (Deequ), equal_rowcount (dbt-utils: against a table).

    Args:
        min: The fewest rows that are good. An empty file fails unless this is 0.
        max: The most rows that are good.
    """
    if max is not None and min > max:
        raise ValueError(f"min {min} is above max {max}, so no number could be good")
    return Measure(nw.col(RECORD_NO), by=nw.Expr.count, min=min, max=max)
