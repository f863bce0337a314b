"""reconcile_missing: the keys of another dataset that are not here."""

from __future__ import annotations

from pydantic import NonNegativeInt

from quality import frames
from quality.arguments import Columns, Reference
from quality.condition import Elsewhere
from quality.frames import Frame
from quality.measure import Fact
from quality.rule import Example, rule


@rule(
    dimension="completeness",
    subject="what is missing of {to}",
    expects="at most {max}",
    unit="key",
    examples=[
        Example(
            {"columns": ["id"], "to": "ledger.number"},
            good={"id": [1, 2, 3, None]},
            bad={"id": [1, 3]},
            references={"ledger": {"number": [1, 2, 2, None]}},
        ),
        Example(
            {"columns": ["id"], "to": "ledger.id", "ref_where": "day = 7", "max": 1},
            good={"id": [1]},
            bad={"id": [4]},
            references={"ledger": {"id": [1, 2, 3], "day": [7, 7, 8]}},
        ),
    ],
)
def reconcile_missing(
    frame: Frame,
    reference: Frame,
    columns: Columns,
    to: Reference,
    max: NonNegativeInt = 0,
    ref_where: Elsewhere = None,
) -> Fact:
    """Of the keys of another dataset, at most `max` are not in the file.

    What did not come cannot fail: a file without half of the orders is perfect in every row.

    Each key counts once, and one with a null in it not at all.

    Instead: for rows of the file that the other dataset lacks, or has with other values, use
    `reconcile`. Where files bring a part only, say with `ref_where` which part that is.

    Also known as: compare_datasets (DQX), DatasetMatch (AWS Glue), tbl_match (pointblank), equality
    (dbt-utils), reconciliation (Soda).

    Args:
        columns: The columns that make the key together.
        to: The keys that must be here: `ledger.number`, or `{dataset: ledger, columns: [a, b]}`.
        max: How many may be missing.
        ref_where: Which rows of the other dataset count: a condition in SQL on its columns.
    """
    to.require(columns)
    wanted = reference.group_by(*to.columns).agg().drop_nulls(list(to.columns))
    missing = wanted.join(frame, left_on=list(to.columns), right_on=columns, how="anti")
    return Fact(frames.length(missing), max=max)
