"""type: a text that can be read as what the column holds."""

from __future__ import annotations

import narwhals as nw

from quality.arguments import Column
from quality.frames import cast_verdict
from quality.rule import Example, rule


@rule(
    dimension="validity",
    expects="readable as {dtype}",
    examples=[
        Example(
            {"column": "age", "dtype": "integer"},
            good={"age": [7, None], "age__castable": [True, None]},
            bad={"age": [None, None], "age__castable": [False, False]},
        ),
    ],
)
def type(column: Column, dtype: str = "its type") -> nw.Expr:
    """Every text that is there could be read as the column's type.

    Every column of a contract that is not text has this check without asking. A cell that fails it
    has no value; every other check of its column then does not apply to the record, so that one
    bad cell is reported once. The record's other columns are judged as ever.

    Instead: if the supplier writes dates or numbers in a form of their own, name the form in the
    contract's format. Text that stands for a missing value belongs in its `null_values`.

    Also known as: expect_column_values_to_be_of_type (Great Expectations), type-error
    (Frictionless), column|dtype (dataframely), dtype (pandera).

    Args:
        column: The column.
        dtype: The type, for the report.
    """
    return nw.col(cast_verdict(column))
