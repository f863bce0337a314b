"""primary_key: a key that comes once, and is whole."""

from __future__ import annotations

from quality import frames
from quality.arguments import Columns
from quality.frames import Frame
from quality.rule import Example, rule
from quality.rules.unique import Within, finds, taken


@rule(
    dimension="uniqueness",
    expects="unique and present",
    finds=finds,
    nulls="fail",
    separable=True,
    examples=[
        Example(
            {"columns": ["order_id"]},
            good={"order_id": [1, 2, 3]},
            bad={"order_id": [1, 1, None]},
        ),
        Example(
            {"columns": ["day", "flight"]},
            good={"day": [1, 1, 2], "flight": [7, 8, 7]},
            bad={"day": [1, 1, 2, None], "flight": [7, 7, None, 7]},
        ),
    ],
)
def primary_key(
    frame: Frame, reference: Frame | None, columns: Columns, within: Within = "file"
) -> Frame:
    """No two rows have the same key, and no part of a key is missing.

    What has no key of its own can be neither corrected nor replaced later: the next delivery will
    add it once more.

    Duplicates are counted as by `unique`: the rows that share a key, the keys that are repeated,
    and the rows that are too many; and beside them the rows without a whole key.

    Instead: where a missing key is allowed use `unique`. Make it `critical` where other datasets
    refer to the key; then one duplicate turns the light red.

    Also known as: IsPrimaryKey (AWS Glue), primary_key (dataframely), primaryKey (ODCS,
    Frictionless), unique with not_null (dbt).

    Args:
        columns: The columns that make the key together.
        within: Where no other row may have it: in the `file`, or in the whole `dataset`, so that
            what other files have published counts too. The older versions of the file do not
            count, nor, where files are merged, the rows that this one takes the place of.
    """
    return (
        frames.repeated(frame, columns) if reference is None else taken(frame, reference, columns)
    )
