"""reconcile: a row that another dataset has alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import narwhals as nw

from quality.arguments import Columns, Reference, Some, Theirs
from quality.condition import Elsewhere
from quality.frames import RECORD_NO, Frame
from quality.quantities import NonNegative
from quality.rule import Example, rule
from quality.rules.compare_columns import LOST


def _expects(given: Mapping[str, Any]) -> str:
    return "the same in {to}" + (", give or take {tolerance}" if given["tolerance"] else "")


@rule(
    dimension="accuracy",
    expects=_expects,
    nulls="judge",
    examples=[
        Example(
            {"columns": ["id"], "to": "ledger.number", "compare": ["paid"], "tolerance": 0.01},
            good={"id": [1, 2], "paid": [5.0, None]},
            bad={"id": [1, 2, 3], "paid": [5.5, 1.0, 5.0]},
            references={"ledger": {"number": [1, 2, 4], "paid": [5.001, None, 7.0]}},
        ),
        Example(
            {"columns": ["id"], "to": "ledger.id", "compare": ["paid"], "against": ["amount"]},
            good={"id": [1], "paid": ["x"]},
            bad={"id": [1, None], "paid": ["y", "x"]},
            references={"ledger": {"id": [1], "amount": ["x"]}},
        ),
        Example(
            {"columns": ["id"], "to": "ledger.id", "ref_where": "status = 'booked'"},
            good={"id": [1]},
            bad={"id": [2]},
            references={"ledger": {"id": [1, 2], "status": ["booked", "open"]}},
        ),
    ],
)
def reconcile(
    frame: Frame,
    reference: Frame,
    columns: Columns,
    to: Reference,
    compare: Some = (),
    against: Theirs = None,
    tolerance: NonNegative = 0,
    ref_where: Elsewhere = None,
) -> Frame:
    """Every row is in another dataset too, with the same values.

    Two systems that book the same thing drift apart one row at a time, and totals that agree hide
    two errors that cancel out.

    A row fails if no row of the other dataset has its key, or if one has it with another value; a
    value is never the same as none. A key with a null in it is found nowhere. What the other
    dataset has beyond the file, `reconcile_missing` counts.

    Instead: to know only that the other dataset has a key use `foreign_key`; where totals are
    enough use `reconcile_total`.

    Also known as: compare_datasets (DQX), DatasetMatch (AWS Glue), tbl_match (pointblank), equality
    (dbt-utils), reconciliation (Soda).

    Args:
        columns: The columns that make the key together.
        to: Where the key is found: `ledger.number`, or `{dataset: ledger, columns: [a, b]}`.
        compare: The columns whose values must be the same.
        against: What the other dataset calls those, in the same order; by default, the same.
        tolerance: How far apart numbers may be that count as the same.
        ref_where: Which rows of the other dataset count: a condition in SQL on its columns.
    """
    to.require(columns)
    values = list(against or compare)
    if len(values) != len(compare):
        raise ValueError(f"{len(compare)} columns cannot be compared with {len(values)}")
    keys = {name: f"_key_{n}" for n, name in enumerate(to.columns)}
    theirs = {f"_value_{n}": name for n, name in enumerate(values)}
    other = reference.select(
        *(nw.col(name).alias(ours) for name, ours in keys.items()),
        *(nw.col(name).alias(ours) for ours, name in theirs.items()),
    )
    on = list(keys.values())
    failing = frame.join(other, how="anti", left_on=columns, right_on=on).select(RECORD_NO)
    if not compare:
        return failing
    pairs = zip(compare, theirs, strict=True)
    differs = nw.any_horizontal(*(_differs(*each, tolerance) for each in pairs), ignore_nulls=True)
    both = frame.join(other, how="inner", left_on=columns, right_on=on).filter(differs)
    return nw.concat([failing, both.select(RECORD_NO)])


def _differs(ours: str, theirs: str, tolerance: float) -> nw.Expr:
    left, right = nw.col(ours), nw.col(theirs)
    apart = left != right
    if tolerance:  # in floating-point numbers, which neither overflow nor wrap around
        apart &= (left * 1.0 - right * 1.0).abs() > tolerance * (1 + LOST)
    return (left.is_null() != right.is_null()) | apart.fill_null(False)
