"""sequential: numbers of which none is missing, and none comes twice."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any

import narwhals as nw
from pydantic import Discriminator, Field, Tag

from quality.arguments import Column, Groups, for_each
from quality.frames import RECORD_NO, Frame, with_moments
from quality.quantities import Duration
from quality.rule import Example, rule
from quality.rules.monotonic import beside_breaks

_PLACE = "_place"

Step = Annotated[
    Annotated[Annotated[int, Field(ge=1)], Tag("number")]
    | Annotated[Duration, Field(gt=timedelta(0)), Tag("time")],
    Discriminator(lambda given: "time" if isinstance(given, str | timedelta) else "number"),
]


def _expects(given: Mapping[str, Any]) -> str:
    return "in steps of {step}, without a gap or a repeat" + for_each(given)


@rule(
    dimension="completeness",
    severity="warning",
    subject="{column}",
    expects=_expects,
    separable=True,
    examples=[
        Example(
            {"column": "invoice"},
            good={"invoice": [12, 10, None, 11]},
            bad={"invoice": [10, 12, 15, 15]},
        ),
        Example(
            {"column": "n", "step": 10, "group_by": ["shop"]},
            good={"shop": ["a", "b", "a", "b"], "n": [10, 25, 20, 15]},
            bad={"shop": ["a", "a", None, None], "n": [10, 21, 10, 10]},
        ),
    ],
)
def sequential(
    frame: Frame,
    column: Column,
    step: Step = 1,
    group_by: Groups = None,
) -> Frame:
    """The values follow each other in equal steps: none is missing between them, none comes twice.

    Numbers that are given out one by one, of invoices or of messages, tell by a gap that something
    was not delivered, and by a repeat that something was delivered twice.

    It does not matter in which order the rows stand. What is missing has no row: so the two rows on
    either side of a gap fail, and all rows with a value that comes more than once. Because the rows
    beside a gap are seldom wrong themselves, the check is a warning unless it says otherwise. A row
    without a value is not judged.

    Instead: that values do not go back in the order of the file says `monotonic`; that a day is
    missing in a series `no_time_gaps`; that a key comes once `unique`.

    Also known as: sequential_values (dbt_utils), expect_column_values_to_be_increasing with a step
    (Great Expectations).

    Args:
        column: Whole numbers, dates or times.
        step: From one value to the next: 1, or a length of time, as `1 day`.
        group_by: Columns whose values make groups, each with a sequence of its own.
    """
    if isinstance(step, timedelta) != frame.collect_schema()[column].is_temporal():
        raise ValueError(
            f"step {step} does not go with the column; between whole numbers a step is a number, "
            "1, and between dates and times a length of time, '1 day'"
        )
    if isinstance(step, timedelta):
        placed, length = with_moments(frame, column, _PLACE), step // timedelta(microseconds=1)
    else:
        placed, length = frame.with_columns(nw.col(column).alias(_PLACE)), step
    order = [_PLACE, RECORD_NO]
    return beside_breaks(placed, _PLACE, group_by, order, lambda one, then: then - one != length)
