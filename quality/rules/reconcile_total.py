"""reconcile_total: a count or a sum that another dataset has too."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

import narwhals as nw

from quality import frames
from quality.arguments import Column, Reference
from quality.condition import Elsewhere
from quality.frames import Frame
from quality.measure import Fact
from quality.quantities import NonNegative
from quality.rule import Example, rule
from quality.wording import number

_FUNCTIONS: dict[str, Callable[[nw.Expr], nw.Expr]] = {"sum": nw.Expr.sum, "count": nw.Expr.count}

_LOST = 1e-12
"""The part of a sum of floating-point numbers that depends on the order of the rows."""


def _expects(given: Mapping[str, Any]) -> str:
    return "at most {tolerance} away from it" if given["tolerance"] else "the same"


@rule(
    dimension="accuracy",
    subject="the {function} of {column}",
    expects=_expects,
    examples=[
        Example(
            {"column": "paid", "to": "ledger.amount", "tolerance": 0.5},
            good={"paid": [5.0, 2.0, None]},
            bad={"paid": [5.0, 3.0]},
            references={"ledger": {"amount": [7.25]}},
        ),
        Example(
            {"column": "id", "to": "ledger.id", "function": "count", "ref_where": "day = 7"},
            good={"id": [8, 9, None]},
            bad={"id": [8]},
            references={"ledger": {"id": [1, 2, 3], "day": [7, 7, 8]}},
        ),
    ],
)
def reconcile_total(
    frame: Frame,
    reference: Frame,
    column: Column,
    to: Reference,
    function: Literal["sum", "count"] = "sum",
    tolerance: NonNegative = 0,
    ref_where: Elsewhere = None,
) -> Fact:
    """The sum of a column, or the number of its values, is that of another dataset.

    A control total is what accountants have trusted for five hundred years: it tells in one number
    that something is missing, is there twice, or was changed.

    A sum of nothing is 0, and a count leaves nulls out.

    Instead: for the rows that differ use `reconcile`. For other numbers, or more of them at once,
    write a `sql_value`.

    Also known as: AggregateMatch (AWS Glue), aggr_matches_dataset (DQX), tbl_reconcile
    (pointblank), equal_rowcount (dbt-utils), control total.

    Args:
        column: The column; for a sum, one of numbers.
        to: Where the other total is made: `ledger.amount`.
        function: What is made of the two columns.
        tolerance: How far apart the two may be.
        ref_where: Which rows of the other dataset count: a condition in SQL on its columns.
    """
    if len(to.columns) != 1:
        raise ValueError(f"{to} is more than one column; a total is made of one")
    ours, theirs = (
        _total(rows, name, function) for rows, name in ((frame, column), (reference, to.columns[0]))
    )
    told = (
        f"the {function} is {number(float(ours))} here and {number(float(theirs))} in {to.dataset}"
    )
    return Fact(_difference(ours, theirs), -tolerance, tolerance, told=told)


def _difference(ours: Any, theirs: Any) -> float:
    if isinstance(ours, float) or isinstance(theirs, float):
        ours, theirs = float(ours), float(theirs)
        if abs(ours - theirs) <= _LOST * abs(ours):
            return 0.0
    return float(f"{ours - theirs:.12g}")


def _total(rows: Frame, column: str, function: str) -> Any:
    values = nw.col(column)
    if function == "sum" and rows.collect_schema()[column].is_integer():
        values = values.cast(nw.Decimal(38, 0))  # Polars would begin again at the least number
    total = _FUNCTIONS[function](values).alias("total")
    ((found,),) = (row.values() for row in frames.rows(rows.select(total)))
    return found or 0
