"""distinct_values: the different values of a column, as a set."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import narwhals as nw
from pydantic import Field, NonNegativeInt

from quality import frames
from quality.arguments import Column
from quality.frames import Frame
from quality.measure import Fact
from quality.metrics import Cell
from quality.quantities import require_order
from quality.rule import Example, rule
from quality.wording import listing

SHOWN = 12
"""Values that are named; there may be a million that should not be there."""


def _expects(given: Mapping[str, Any]) -> str:
    if given["values"] is None:
        return "{bounds}"
    relation = {"equal": "exactly", "contain": "all of", "subset": "none but"}[given["mode"]]
    return f"{relation} {{values}}"


@rule(
    dimension="validity",
    subject="the different values of {column}",
    expects=_expects,
    tells=lambda given: (
        "{column} " + ("has" if given["values"] is None else "differs in") + " {value}"
    ),
    unit=lambda given: "different value" if given["values"] is None else "value",
    examples=[
        Example(
            {"column": "origin", "values": ["EWR", "JFK", "LGA"]},
            good={"origin": ["EWR", "JFK", "LGA", "JFK", None]},
            bad={"origin": ["EWR", "JFK"]},
        ),
        Example(
            {"column": "origin", "values": ["EWR", "JFK"], "mode": "contain"},
            good={"origin": ["EWR", "JFK", "LGA"]},
            bad={"origin": ["EWR", "LGA"]},
        ),
        Example(
            {"column": "origin", "values": ["EWR", "JFK"], "mode": "subset"},
            good={"origin": ["EWR", None]},
            bad={"origin": ["EWR", "LGA"]},
        ),
        Example(
            {"column": "price", "min": 2},
            good={"price": [1.5, 2.5, None]},
            bad={"price": [1.5, 1.5, None]},
        ),
    ],
)
def distinct_values(
    frame: Frame,
    column: Column,
    values: Annotated[list[Cell], Field(min_length=1)] | None = None,
    mode: Literal["equal", "contain", "subset"] = "equal",
    min: NonNegativeInt | None = None,
    max: NonNegativeInt | None = None,
) -> Fact:
    """The different values of a column are those of a list, or as many as one expects.

    Each row may be good and one of them still be missing: a file of all airports without a single
    flight from Newark is not a quiet day there. With `min: 2` a column must not be constant.

    Instead: to find the rows with a value that must not be there use `accepted_values`; this rule
    counts the values only, and names a few. Null is no value.

    Also known as: expect_column_distinct_values_to_equal_set, _to_contain_set, _to_be_in_set,
    expect_column_unique_value_count_to_be_between (Great Expectations), not_constant (dbt-utils),
    DistinctValuesCount (AWS Glue).

    Args:
        column: The column.
        values: The values of the list.
        mode: The column has exactly those (`equal`), all of them and perhaps others (`contain`),
            or none but those (`subset`).
        min: The fewest different values that are good.
        max: The most different values that are good.
    """
    if (values is None) == (min is None and max is None):
        raise ValueError("give values, or min and max for how many there are")
    require_order(min, max)
    there = frame.filter(~nw.col(column).is_null()).group_by(column).agg()
    if values is None:
        return Fact(frames.length(there), min, max)
    known = nw.col(column).is_in(values)
    present = {row[column] for row in frames.rows(there.filter(known))}
    missing = [] if mode == "subset" else [each for each in values if each not in present]
    strangers = there.filter(~known)
    unknown = 0 if mode == "contain" else frames.length(strangers)
    more = f"; {listing(missing)} missing" if missing else ""
    if unknown:
        first = frames.rows(strangers.sort(column).head(SHOWN))
        shown = listing([row[column] for row in first])
        more += f"; {shown}{', …' if unknown > len(first) else ''} not expected"
    return Fact(len(missing) + unknown, max=0, more=more)
