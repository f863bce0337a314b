"""at_least_one_of: a value in one of several columns."""

from __future__ import annotations

from typing import Literal

import narwhals as nw

from quality.arguments import Columns
from quality.rule import Example, rule

_EXPECTS = {"any": "filled in", "exactly_one": "filled in, and one alone"}
_FAULTS = {
    "any": "none of {columns} is filled in",
    "exactly_one": "none of {columns} is filled in, or more than one",
}


@rule(
    dimension="completeness",
    subject="one of {columns}",
    expects=lambda given: _EXPECTS[given["mode"]],
    fault=lambda given: _FAULTS[given["mode"]],
    nulls="judge",
    examples=[
        Example(
            {"columns": ["phone", "email"]},
            good={"phone": ["1", None, "1"], "email": [None, "a@b.org", "a@b.org"]},
            bad={"phone": [None], "email": [None]},
        ),
        Example(
            {"columns": ["debit", "credit", "fee"], "mode": "exactly_one"},
            good={"debit": [5, None], "credit": [None, 0], "fee": [None, None]},
            bad={"debit": [5, None], "credit": [5, None], "fee": [None, None]},
        ),
    ],
)
def at_least_one_of(columns: Columns, mode: Literal["any", "exactly_one"] = "any") -> nw.Expr:
    """There is a value in at least one of some columns.

    A customer may leave a telephone number or an address; one who left neither cannot be reached,
    though each column may well be empty by itself.

    Instead: where all of them are needed use `rows_complete`; where one makes another necessary
    use `required_if`.

    Also known as: areAnyComplete (Deequ), at_least_one_is_not_null (dbt-utils as an expression),
    anyOf with required (JSON Schema).

    Args:
        columns: The columns of which one is to be filled in.
        mode: Whether `any` will do, or `exactly_one` must be filled in and the others not.
    """
    filled = [~nw.col(name).is_null() for name in columns]
    if mode == "any":
        return nw.any_horizontal(*filled, ignore_nulls=False)
    return nw.sum_horizontal(*(each.cast(nw.Int64) for each in filled)) == 1
