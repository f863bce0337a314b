"""not_missing: there is a value, and it is not a word for none."""

from __future__ import annotations

import narwhals as nw

from quality.arguments import Column
from quality.patterns import BLANKS, literal, one_of, whole
from quality.rule import Example, rule

WORDS_FOR_NONE = ["", "-", "?", "n/a", "na", "nan", "nil", "none", "null", "unknown", "#n/a"]


@rule(
    dimension="completeness",
    expects="filled in",
    examples=[
        Example(
            {"column": "city"},
            good={"city": ["Nantes", "Nullarbor"]},
            bad={"city": [None, "", "  ", "N/A", " null ", "-", "\u00a0"]},
        ),
        Example(
            {"column": "city", "words": ["tbd"]},
            good={"city": ["Nantes", "-"]},
            bad={"city": [None, "TBD"]},
        ),
        Example(
            {"column": "code", "trim": False},
            good={"code": [" ", " NA"]},
            bad={"code": [None, "", "na"]},
        ),
    ],
)
def not_missing(column: Column, words: list[str] = WORDS_FOR_NONE, trim: bool = True) -> nw.Expr:
    """There is a text in every row, and it is not a word that stands for a missing one.

    Suppliers who must fill a field fill it: with a blank, a dash, `N/A`. To a database these are
    values like any other, and they pass for complete.

    Instead: if a supplier uses one such word throughout, name it in the format's `null_values`, and
    it becomes a null before any rule is asked. For columns that are not text use `not_null`.

    Also known as: missing_count with valid values (Soda), missingValues (ODCS),
    is_not_null_and_not_empty (DQX), not_empty_string (dbt-utils), col_missing_coded (pointblank).

    Args:
        column: A column of text.
        words: What stands for a missing value; capitals do not matter.
        trim: Whether the same words with blanks around them stand for one too.
    """
    text = nw.col(column)
    if not words:
        return ~text.is_null()
    blanks = f"[{BLANKS}]*" if trim else ""
    word = f"{blanks}{one_of([literal(word) for word in words])}{blanks}"
    return ~text.is_null() & ~text.fill_null("").str.contains(whole(word, ignore_case=True))
