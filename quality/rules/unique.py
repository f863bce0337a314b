"""unique: a key that comes once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import narwhals as nw

from quality import frames
from quality.arguments import Columns, Datasets
from quality.frames import Frame
from quality.model import PUBLISHED
from quality.rule import Example, rule

Within = Annotated[
    Literal["file", "dataset"],
    Datasets(lambda within: (PUBLISHED,) if within == "dataset" else ()),
]
"""How far rows are compared: within their file, or with all that is published of the dataset."""


def taken(frame: Frame, published: Frame, columns: list[str]) -> Frame:
    """The keys that come more than once, or are published already."""
    there = frame.group_by(*columns).agg().join(published, on=columns, how="semi")
    return nw.concat([frames.repeated(frame, columns), there.select(*columns)])


def finds(given: Mapping[str, Any]) -> str:
    """What is said of the failing keys."""
    if given["within"] == "dataset":
        return "{keys} repeated, or published before"
    return "{keys} repeated, {surplus} too many"


@rule(
    dimension="uniqueness",
    expects="unique",
    finds=finds,
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
def unique(
    frame: Frame, reference: Frame | None, columns: Columns, within: Within = "file"
) -> Frame:
    """No two rows have the same key.

    A row that came twice is counted twice, and a join on the key multiplies it: revenue grows
    without a sale.

    All rows that share a key fail, because nothing tells which of them is right. Tools count
    duplicates in three ways, and the report tells all three: of one key that comes 2 023 times, it
    says 2 023 rows (that share a key), 1 key (that is repeated) and 2 022 rows too many (beyond one
    for each key). The score and the limits go by the first. A key with a null in it is not judged,
    as in SQL.

    Instead: where a null in the key is a fault too use `primary_key`. With `within: dataset` a
    record is judged by what is published when its file is loaded; if the other file gives the key
    up later, `pratique reload` of this one lets the record in.

    Also known as: expect_compound_columns_to_be_unique (Great Expectations), unique,
    unique_combination_of_columns (dbt), duplicate_count (Soda), duplicateValues (ODCS), is_unique
    (DQX), isUnique (Deequ).

    Args:
        columns: The columns that make the key together.
        within: Where no other row may have it: in the `file`, or in the whole `dataset`, so that
            what other files have published counts too. The older versions of the file do not
            count, nor, where files are merged, the rows that this one takes the place of.
    """
    return (
        frames.repeated(frame, columns) if reference is None else taken(frame, reference, columns)
    )
