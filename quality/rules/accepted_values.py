"""accepted_values: a value from a list."""

from __future__ import annotations

from datetime import date

import narwhals as nw
from pydantic import StrictFloat, StrictInt

from quality.arguments import Column
from quality.rule import Example, rule


@rule(
    dimension="validity",
    expects="one of {values}",
    examples=[
        Example(
            {"column": "status", "values": ["open", "closed"]},
            good={"status": ["open", "closed", None]},
            bad={"status": ["Open", "clsoed", ""]},
        ),
        Example(
            {"column": "status", "values": ["open"], "ignore_case": True},
            good={"status": ["open", "OPEN"]},
            bad={"status": ["opened"]},
        ),
        Example(
            {"column": "rate", "values": [0, 7, 19.5]},
            good={"rate": [0.0, 7.0, 19.5, None]},
            bad={"rate": [19.0]},
        ),
    ],
)
def accepted_values(
    column: Column,
    values: list[str] | list[bool] | list[StrictInt | StrictFloat] | list[date],
    ignore_case: bool = False,
) -> nw.Expr:
    """Every value is one of a list.

    A code that nobody knows falls out of every join and every CASE; a report by status then adds
    up to less than the whole.

    Instead: if the codes are themselves data, load them as a dataset and use `foreign_key`; then
    a new code is a new row and not a change of the contract.

    Also known as: expect_column_values_to_be_in_set (Great Expectations), accepted_values (dbt),
    valid_values (Soda), validValues (ODCS), is_in_list (DQX), isContainedIn (Deequ).

    Args:
        column: The column.
        values: All values that are good. Write a YES or NO in quotes: bare, YAML reads a boolean.
        ignore_case: Whether `OPEN` is as good as `open`.
    """
    if not values:
        raise ValueError("values is empty, so no value could be good")
    if ignore_case:
        texts = [value.lower() for value in values if isinstance(value, str)]
        return nw.col(column).str.to_lowercase().is_in(texts)
    if isinstance(values[0], int | float):
        # By comparison: is_in takes whole numbers only for a column of whole numbers on Polars.
        return nw.any_horizontal(*(nw.col(column) == v for v in values), ignore_nulls=False)
    return nw.col(column).is_in(values)
