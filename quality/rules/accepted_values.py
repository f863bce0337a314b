"""accepted_values: a value from a list."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, TypeAlias

import narwhals as nw

from quality.arguments import Column
from quality.patterns import literal, one_of, whole
from quality.quantities import Number
from quality.rule import Example, rule

Values: TypeAlias = list[str] | list[bool] | list[Number] | list[date]

_EXACT = 2**53
"""From here on, a floating-point number stands for several whole ones."""
_MOST_LETTERS = 20_000
"""Values that are longer together make a pattern that Polars refuses."""


def among(column: str, values: Sequence[Any], ignore_case: bool) -> nw.Expr:
    """Whether a value is one of a list."""
    if not values:
        raise ValueError("values is empty")
    if ignore_case:
        return nw.col(column).str.contains(_in_any_case(values))
    if isinstance(values[0], bool) or not isinstance(values[0], int | float):
        return nw.col(column).is_in(values)
    if all(abs(number) < _EXACT for number in values):
        # Polars compares whole numbers with whole ones only, and a thousand comparisons of one
        # value each nest too deep.
        return (nw.col(column) * 1.0).is_in([float(number) for number in values])
    return nw.any_horizontal(*(nw.col(column) == each for each in values), ignore_nulls=False)


def _in_any_case(values: Sequence[Any]) -> str:
    """A pattern, because the two engines make small letters of some capitals in two ways."""
    texts = [value for value in values if isinstance(value, str)]
    if (letters := sum(map(len, texts))) > _MOST_LETTERS:
        raise ValueError(
            f"values are {letters} letters together; with ignore_case {_MOST_LETTERS} are the most"
        )
    return whole(one_of([literal(text) for text in texts]), ignore_case=True)


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
def accepted_values(column: Column, values: Values, ignore_case: bool = False) -> nw.Expr:
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
    return among(column, values, ignore_case)
