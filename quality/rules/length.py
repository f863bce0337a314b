"""length: a text of some length."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import narwhals as nw
from pydantic import NonNegativeInt

from quality.arguments import Column
from quality.quantities import require_bounds
from quality.rule import Example, rule


def _expects(given: Mapping[str, Any]) -> str:
    if (exact := given["exact"]) is not None:
        return f"exactly {{exact}} {_characters(exact)} long"
    last = given["min"] if given["max"] is None else given["max"]
    return f"{{bounds}} {_characters(last)} long"


def _characters(number: int | None) -> str:
    return "character" if number == 1 else "characters"


@rule(
    dimension="validity",
    expects=_expects,
    examples=[
        Example(
            {"column": "code", "min": 2, "max": 3},
            good={"code": ["AB", "ÄÖÜ", None]},
            bad={"code": ["A", "ABCD", ""]},
        ),
        Example({"column": "code", "max": 2}, good={"code": ["", "AB"]}, bad={"code": ["ABC"]}),
        Example(
            {"column": "code", "exact": 2}, good={"code": ["AB", "→é"]}, bad={"code": ["A", "ABC"]}
        ),
    ],
)
def length(
    column: Column,
    min: NonNegativeInt | None = None,
    max: NonNegativeInt | None = None,
    exact: NonNegativeInt | None = None,
) -> nw.Expr:
    """Every text is between `min` and `max` characters long, both included; or exactly so long.

    A code that is too short has lost its leading zeros in a spreadsheet; one that is too long has
    another field glued to it.

    Instead: where the form is known use `matches`, which says more than a length. Many texts of
    exactly 50 or 255 characters are texts that somebody's system has cut: see `truncation`.

    Also known as: expect_column_value_lengths_to_be_between, expect_column_value_lengths_to_equal
    (Great Expectations), valid_length, valid_min_length (Soda), minLength and maxLength (ODCS,
    Frictionless), hasMaxLength (Deequ).

    Args:
        column: A column of text.
        min: The smallest good length, in characters and not in bytes: an accent that is written as
            a sign of its own is one, and so is each part of an emoji.
        max: The largest good length.
        exact: The only good length; instead of the other two.
    """
    characters = nw.col(column).str.len_chars()
    if exact is not None:
        if not (min is None and max is None):
            raise ValueError(f"exact {exact} leaves nothing to min and max")
        return characters == exact
    require_bounds(min, max, "text")
    if min is None:
        return characters <= max
    return characters >= min if max is None else characters.is_between(min, max)
