"""not_matches: a text without some piece in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import narwhals as nw

from quality.arguments import Column
from quality.patterns import one_of
from quality.rule import Example, rule
from quality.rules.matches import Patterns, listed


def _told(given: Mapping[str, Any]) -> str:
    return "{pattern}" if isinstance(given["pattern"], str) else "any of {pattern}"


@rule(
    dimension="validity",
    expects=lambda given: f"free of {_told(given)}",
    fault=lambda given: f"{{column}} contains {_told(given)}",
    examples=[
        Example(
            {"column": "name", "pattern": "TEST"},
            good={"name": ["Testa", "", None]},
            bad={"name": ["TEST", "ORDER TEST 1", "a\nTEST\nb"]},
        ),
        Example(
            {"column": "name", "pattern": ["^test", "dummy"], "ignore_case": True},
            good={"name": ["contest"]},
            bad={"name": ["Test 1", "a DUMMY"]},
        ),
    ],
)
def not_matches(column: Column, pattern: Patterns, ignore_case: bool = False) -> nw.Expr:
    """Nowhere in any text is there a piece in the form of a regular expression.

    What must not be in a text says more than what may be: markup in a name, TEST in an order,
    asterisks where a number was masked.

    Instead: unlike `matches`, which looks at the whole, this rule finds the form anywhere in the
    text, since a piece of what is refused is refused; for the whole write `^…$`. For a few whole
    values use `rejected_values`, for personal data `no_pii`, for invisible characters `charset`.

    Also known as: expect_column_values_to_not_match_regex, and its _list (Great Expectations),
    invalid_regex (Soda), not_match_regex (dbt-expectations).

    Args:
        column: A column of text.
        pattern: The regular expression, in RE2, or several, none of which may be found.
        ignore_case: Whether capitals do not matter.
    """
    flags = "(?i)" if ignore_case else ""
    return ~nw.col(column).str.contains(flags + one_of([f"(?:{each})" for each in listed(pattern)]))
