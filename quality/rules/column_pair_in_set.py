"""column_pair_in_set: two values that go together."""

from __future__ import annotations

from datetime import date
from typing import Annotated, TypeAlias

import narwhals as nw
from pydantic import Field, StrictBool, StrictFloat, StrictInt

from quality.arguments import Column
from quality.rule import Example, rule
from quality.rules.accepted_values import among

Scalar: TypeAlias = str | StrictBool | StrictInt | StrictFloat | date
Pair = Annotated[list[Scalar], Field(min_length=2, max_length=2)]

_MOST = 500
"""Different values on the left; with more of them the expression nests too deep."""


@rule(
    dimension="consistency",
    subject="({left}, {right})",
    expects="a pair that goes together",
    examples=[
        Example(
            {
                "left": "country",
                "right": "currency",
                "pairs": [["FR", "EUR"], ["DE", "EUR"], ["CH", "CHF"], ["CH", "EUR"]],
            },
            good={"country": ["FR", "CH", "CH", None], "currency": ["EUR", "CHF", "EUR", "USD"]},
            bad={"country": ["FR", "EUR", "US"], "currency": ["CHF", "FR", "USD"]},
        ),
        Example(
            {"left": "code", "right": "ok", "pairs": [[200, True], [404, False], [0.5, False]]},
            good={"code": [200.0, 404.0, 0.5], "ok": [True, False, False]},
            bad={"code": [200.0, 404.0], "ok": [False, True]},
        ),
    ],
)
def column_pair_in_set(
    left: Column, right: Column, pairs: Annotated[list[Pair], Field(min_length=1)]
) -> nw.Expr:
    """In every row the values of two columns are a pair from a list.

    Switzerland is a country and the dollar a currency; that the two do not go together, no check
    of either column can see.

    Instead: if the pairs are themselves data, load them as a dataset and use `foreign_key` over
    both columns. Where either value is null the check does not apply.

    Also known as: expect_column_pair_values_to_be_in_set (Great Expectations),
    column_pair_values_to_be_in_set (dbt-expectations).

    Args:
        left: The column of the first value of each pair.
        right: The column of the second.
        pairs: All pairs that are good: `[[FR, EUR], [CH, CHF]]`.
    """
    beside: dict[tuple[type, Scalar], list[Scalar]] = {}
    for first, second in pairs:
        beside.setdefault((type(first), first), []).append(second)
    if len(beside) > _MOST:
        raise ValueError(
            f"pairs have {len(beside)} different values on the left, and {_MOST} are the most; "
            "load them as a dataset and use foreign_key"
        )
    found = [
        among(left, [first], False) & among(right, seconds, False)
        for (_, first), seconds in beside.items()
    ]
    whole = ~nw.col(left).is_null() & ~nw.col(right).is_null()
    return nw.when(whole).then(nw.any_horizontal(*found, ignore_nulls=False))
