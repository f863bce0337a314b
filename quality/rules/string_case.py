"""string_case: capitals where they belong."""

from __future__ import annotations

from typing import Literal

import narwhals as nw

from quality.arguments import Column
from quality.patterns import BLANKS
from quality.rule import Example, rule

Case = Literal["upper", "lower", "title"]

_BROKEN = {
    "upper": r"[\p{Ll}\p{Lt}]",
    "lower": r"[\p{Lu}\p{Lt}]",
    "title": rf"(?:\A|[{BLANKS}])[^\p{{L}}\p{{N}}{BLANKS}]*\p{{Ll}}"
    r"|\p{L}\p{M}*[\p{Lu}\p{Lt}]",
}
"""What is found in a text that breaks each."""
_EXPECTS = {
    "upper": "in capitals",
    "lower": "in small letters",
    "title": "with a capital where each word begins, and nowhere else",
}


@rule(
    dimension="validity",
    expects=lambda given: _EXPECTS[given["case"]],
    examples=[
        Example(
            {"column": "code", "case": "upper"},
            good={"code": ["JFK", "ÄÖÜ-1", "数", "", None]},
            bad={"code": ["Jfk", "STRAßE", "é"]},
        ),
        Example(
            {"column": "code", "case": "lower"},
            good={"code": ["jfk", "straße 1", "ªº"]},
            bad={"code": ["jfK", "É"]},
        ),
        Example(
            {"column": "name", "case": "title"},
            good={"name": ["Anne-Marie O'Neill", "Jean-luc D'or", "3rd (Old) Street", "數 A"]},
            bad={"name": ["anne", "ANNE", "Anne marie", "(anne)", "McDonald"]},
        ),
    ],
)
def string_case(column: Column, case: Case) -> nw.Expr:
    """The letters of every text are capitals, small letters, or capitals where words begin.

    `JFK` and `jfk` are two airports to a join, and a list of values or a key that was written by
    hand has both sooner or later.

    Instead: if capitals mean nothing, compare without them: `accepted_values` and `matches` have
    `ignore_case`. What has no capitals, like digits or Chinese, is right in every case.

    Also known as: has_valid_string_case (DQX), expect_column_values_to_match_regex (Great
    Expectations), regex (pandera, dataframely).

    Args:
        column: A column of text.
        case: `upper`, `lower`, or `title`: each word begins with a capital or something that is no
            letter, and goes on in small letters; after a hyphen or an apostrophe either will do.
    """
    return ~nw.col(column).str.contains(_BROKEN[case])
