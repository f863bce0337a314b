"""one_value_per_key: what follows from a key is the same wherever the key stands."""

from __future__ import annotations

import narwhals as nw

from quality.arguments import Column, Key
from quality.frames import Frame
from quality.rule import Example, rule

_VALUES = "_values"


@rule(
    dimension="consistency",
    subject="{column}",
    expects="the same for each {key}",
    finds="{keys} with more than one",
    separable=True,
    examples=[
        Example(
            {"column": "city", "key": ["zip"]},
            good={
                "zip": [29200, 29200, 44000, None, None],
                "city": ["Brest", "Brest", "N", "A", "B"],
            },
            bad={"zip": [29200, 29200, 29200], "city": ["Brest", "Brest", "BREST"]},
        ),
        Example(
            {"column": "price", "key": ["shop", "article"]},
            good={"shop": [1, 2, 1], "article": [7, 7, 7], "price": [5, 6, None]},
            bad={"shop": [1, 1], "article": [7, 7], "price": [5, 6]},
        ),
    ],
)
def one_value_per_key(frame: Frame, column: Column, key: Key) -> Frame:
    """Rows with the same key have the same value: one postal code lies in one city.

    Where a fact is written down many times, some copies are wrong sooner or later, and a report by
    city and a report by postal code no longer agree.

    All rows with a key that has more than one value fail, because nothing tells which value is
    right. A row without a value, or with a null in its key, is not judged.

    Instead: if the key may come only once at all use `unique`; if another dataset knows the right
    values use `foreign_key` over both columns.

    Also known as: functional dependency, MutualInformation (Deequ), Multiple_Values (TestGen),
    not_constant by group (dbt_utils).

    Args:
        column: What must be the same.
        key: The columns from which it follows.
    """
    # Not by min and max, to which NaN is no value.
    values = nw.col(column).n_unique().alias(_VALUES)
    return frame.group_by(*key).agg(values).filter(nw.col(_VALUES) > 1)
