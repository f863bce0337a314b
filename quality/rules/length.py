"""length: a text of some length."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import narwhals as nw
from pydantic import NonNegativeInt

from quality.arguments import Column
from quality.rule import Example, rule


def _characters(given: Mapping[str, Any]) -> str:
    last = given["min"] if given["max"] is None else given["max"]
    return "character" if last == 1 else "characters"


@rule(
    dimension="validity",
    expects=lambda given: f"{{bounds}} {_characters(given)} long",
    examples=[
        Example(
            {"column": "code", "min": 2, "max": 3},
            good={"code": ["AB", "ÄÖÜ", None]},
            bad={"code": ["A", "ABCD", ""]},
        ),
        Example({"column": "code", "max": 2}, good={"code": ["", "AB"]}, bad={"code": ["ABC"]}),
    ],
)
def length(
    column: Column, min: NonNegativeInt | None = None, max: NonNegativeInt | None = None
) -> nw.Expr:
    """Every text is between `min` and `max` characters long, both included.

    Many texts of exactly 50 or 255 characters are texts that somebody's system has cut; a code
    that is too short has lost its leading zeros in a spreadsheet.

    Instead: where the form is known use `matches`, which says more than a length.

    Also known as: expect_column_value_lengths_to_be_between (Great Expectations), valid_length
    (Soda), minLength and maxLength (ODCS, Frictionless), hasMaxLength (Deequ).

    Args:
        column: A column of text.
        min: The smallest good length, in characters and not in bytes.
        max: The largest good length.
    """
    characters = nw.col(column).str.len_chars()
    match min, max:
        case None, None:
            raise ValueError("give min, max or both")
        case low, None:
            return characters >= low
        case None, high:
            return characters <= high
        case low, high if low > high:
            raise ValueError(f"min {low} is above max {high}, so no text could be good")
        case _:
            return characters.is_between(min, max)
