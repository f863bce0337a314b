"""matches: a text in a form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import narwhals as nw
from pydantic import Discriminator, Field, Tag

from quality.arguments import Column, Pattern
from quality.patterns import portable, whole
from quality.rule import Example, rule

_Several = Annotated[list[Pattern], Field(min_length=1)]
Patterns = Annotated[
    Annotated[Pattern, Tag("one")] | Annotated[_Several, Tag("several")],
    Discriminator(lambda given: "several" if isinstance(given, list) else "one"),
]


def listed(pattern: str | list[str]) -> list[str]:
    """One pattern or several, in the words of both engines."""
    return [portable(each) for each in ([pattern] if isinstance(pattern, str) else pattern)]


def _expects(given: Mapping[str, Any]) -> str:
    if isinstance(given["pattern"], str):
        return "in the form {pattern}"
    return f"in {'one' if given['mode'] == 'any' else 'all'} of the forms {{pattern}}"


@rule(
    dimension="validity",
    expects=_expects,
    examples=[
        Example(
            {"column": "tailnum", "pattern": "N[0-9A-Z]{2,5}"},
            good={"tailnum": ["N14228", "N3H", None]},
            bad={"tailnum": ["n14228", " N14228", "N14228\n", "XN14228", "N142289", ""]},
        ),
        Example(
            {"column": "code", "pattern": "a|bc"},
            good={"code": ["a", "bc"]},
            bad={"code": ["ac", "abc"]},
        ),
        Example(
            {"column": "code", "pattern": "[a-z]+", "ignore_case": True},
            good={"code": ["ab", "AB"]},
            bad={"code": ["a1"]},
        ),
        Example(
            {"column": "plate", "pattern": [r"[A-Z]{2}-\d{3}-[A-Z]{2}", r"\d{1,4} [A-Z]{3} \d{2}"]},
            good={"plate": ["AB-123-CD", "12 ABC 29"]},
            bad={"plate": ["AB-123", "AB-123-CD 12 ABC 29", "AB-١٢٣-CD"]},
        ),
        Example(
            {"column": "password", "pattern": [".{8,}", ".*[0-9].*"], "mode": "all"},
            good={"password": ["correct1", None]},
            bad={"password": ["correct_", "cor1"]},
        ),
    ],
)
def matches(
    column: Column,
    pattern: Patterns,
    ignore_case: bool = False,
    mode: Literal["any", "all"] = "any",
) -> nw.Expr:
    """Every text has the form of a regular expression, from its first character to its last.

    A text in another form is another thing: a phone number in the field for a postal code, a
    column that slid by one.

    Instead: for a few known values use `accepted_values`, which reports read better. To look for a
    piece anywhere in the text write `.*piece.*`; to refuse one use `not_matches`. For addresses,
    account numbers and their like use `semantic_format`, which also counts their check digits.

    Patterns are RE2, which looks neither back nor ahead: `\\d` is 0 to 9 and `\\w` a to z on every
    backend, and `.` is anything but the end of a line.

    Also known as: expect_column_values_to_match_regex, and its _list (Great Expectations), regex
    (pandera, dataframely), valid_regex (Soda), pattern (ODCS), regex_match (DQX), hasPattern
    (Deequ).

    Args:
        column: A column of text.
        pattern: The regular expression, or several; each matches the whole value, with or without
            `^` and `$`.
        ignore_case: Whether capitals do not matter.
        mode: Whether `any` of several is enough, or the text has the form of `all`.
    """
    found = [nw.col(column).str.contains(whole(each, ignore_case)) for each in listed(pattern)]
    gathered = nw.any_horizontal if mode == "any" else nw.all_horizontal
    return gathered(*found, ignore_nulls=False)
