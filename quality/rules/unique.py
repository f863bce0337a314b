"""unique: a key that comes once."""

from __future__ import annotations

import narwhals as nw

from quality.arguments import Columns
from quality.frames import Frame
from quality.rule import Example, rule


def repeated(frame: Frame, columns: list[str]) -> Frame:
    """The keys that come more than once."""
    return frame.group_by(*columns).agg(nw.len().alias("_times")).filter(nw.col("_times") > 1)


@rule(
    dimension="uniqueness",
    expects="unique",
    finds="{keys} repeated, {surplus} too many",
    separable=True,
    examples=[
        Example(
            {"columns": ["order_id"]},
            good={"order_id": [1, 2, None, None]},
            bad={"order_id": [1, 1, 2, 2, 2]},
        ),
        Example(
            {"columns": ["day", "flight"]},
            good={"day": [1, 1, 2, None, None], "flight": [7, 8, 7, 7, 7]},
            bad={"day": [1, 1], "flight": [7, 7]},
        ),
    ],
)
def unique(frame: Frame, columns: Columns) -> Frame:
    """No two rows have the same key.

    A row that came twice is counted twice, and a join on the key multiplies it: revenue grows
    without a sale.

    All rows that share a key fail, because nothing tells which of them is right. Tools count
    duplicates in three ways, and the report tells all three: of one key that comes 2 023 times, it
    says 2 023 rows (that share a key), 1 key (that is repeated) and 2 022 rows too many (beyond one
    for each key). The score and the limits go by the first. A key with a null in it is not judged,
    as in SQL.

    Instead: where a null in the key is a fault too use `primary_key`.

    Also known as: expect_compound_columns_to_be_unique (Great Expectations), unique,
    unique_combination_of_columns (dbt), duplicate_count (Soda), duplicateValues (ODCS), is_unique
    (DQX), isUnique (Deequ).

    Args:
        columns: The columns that make the key together.
    """
    return repeated(frame, columns)
