"""matches: a text in a form."""

from __future__ import annotations

import narwhals as nw

from quality.arguments import Column, Pattern
from quality.rule import Example, rule


@rule(
    dimension="validity",
    expects="in the form {pattern}",
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
    ],
)
def matches(column: Column, pattern: Pattern, ignore_case: bool = False) -> nw.Expr:
    """Every text has the form of a regular expression, from its first character to its last.

    A text in another form is another thing: a phone number in the field for a postal code, a
    column that slid by one.

    Instead: for a few known values use `accepted_values`, which reports read better. To look for a
    piece anywhere in the text write `.*piece.*`. Patterns are RE2 on DuckDB and Rust's on Polars:
    neither looks back or ahead, and `\\d` means more than 0 to 9 on Polars, so write `[0-9]`.

    Also known as: expect_column_values_to_match_regex (Great Expectations), regex (pandera,
    dataframely), valid_regex (Soda), pattern (ODCS), regex_match (DQX), hasPattern (Deequ).

    Args:
        column: A column of text.
        pattern: The regular expression; it matches the whole value, with or without `^` and `$`.
        ignore_case: Whether capitals do not matter.
    """
    flags = "(?i)" if ignore_case else ""
    return nw.col(column).str.contains(rf"{flags}\A(?:{pattern})\z")
