"""duplicate_rows: no row is a copy of another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import narwhals as nw

from quality.arguments import OwnColumns
from quality.frames import GROUP, RECORD_NO, Frame, folded
from quality.rule import Example, rule

Method = Literal["exact", "standardised"]

_TIMES = "_times"


def _subject(given: Mapping[str, Any]) -> str:
    return "the row" if given["columns"] is None else "{columns}"


def _however(given: Mapping[str, Any]) -> str:
    return ", however it is written" if given["method"] == "standardised" else ""


@rule(
    dimension="uniqueness",
    subject=_subject,
    expects=lambda given: f"there only once{_however(given)}",
    fault=lambda given: f"{{subject}} is there more than once{_however(given)}",
    finds="{keys} repeated, {surplus} too many",
    nulls="judge",
    of_all=True,
    separable=True,
    examples=[
        Example(
            {},
            good={"city": ["Brest", "Brest", None, None], "zip": [1, 2, 1, None]},
            bad={"city": ["Brest", "Brest", None, None], "zip": [1, 1, None, None]},
        ),
        Example(
            {"columns": ["name", "born"], "method": "standardised"},
            good={
                "name": ["José Ruiz", "Jose Ruis", "JoséRuiz", None],
                "born": [1970, 1970, 1970, 1970],
            },
            bad={
                "name": ["José Ruiz", " JOSE  RUIZ", "Ruiz, Jo", "ruiz jo."],
                "born": [1970, 1970, None, None],
            },
        ),
    ],
)
def duplicate_rows(frame: Frame, columns: OwnColumns = None, method: Method = "exact") -> Frame:
    """No row is a copy of another, in all columns or in some.

    A file that was put together of two exports, or sent twice under one name, holds rows twice; and
    a person who was entered twice is there as José Ruiz and as JOSE RUIZ. Sums and counts grow, and
    no key need be repeated.

    All rows of which there is another one fail, because nothing tells which of them is too many.
    The report counts those rows, how many different ones there are among them (keys), and how many
    are too many (surplus). Here a null is equal to a null: two rows that say as little as each
    other are copies too.

    Instead: for a key use `unique`, which does not judge a key with a null in it. That a whole file
    came twice is known without a rule.

    Also known as: rows_distinct (pointblank), duplicate-row (Frictionless),
    Standardized_Value_Matches (TestGen), expect_compound_columns_to_be_unique (Great Expectations),
    is_unique with nulls_distinct: false (DQX).

    Args:
        columns: Which columns make a row; all, if it does not say.
        method: `exact`, or `standardised`: texts are equal but for capitals, accents, punctuation
            and blanks.
    """
    kinds = frame.collect_schema()
    own = [name for name in kinds if name != RECORD_NO]
    if method == "standardised":
        frame = folded(frame, [name for name in own if kinds[name] == nw.String])
    counted = frame.with_columns(
        nw.col(RECORD_NO).min().over(*own).alias(GROUP), nw.len().over(*own).alias(_TIMES)
    )
    return counted.filter(nw.col(_TIMES) > 1)
