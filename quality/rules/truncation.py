"""truncation: texts that somebody's system has cut."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import narwhals as nw
from pydantic import PositiveInt

from quality import frames
from quality.arguments import Column
from quality.frames import Frame
from quality.rule import Example, rule

_ENDS = r"[.!?…)\]\"'”»]\z"
"""What a text ends with that was not cut, most likely."""
_SHORTEST = 10
"""Shorter texts are codes, which are of one length for another reason."""
_NEAR = 10
"""How many lengths below the greatest are compared with it."""
_LENGTH, _OPEN = "_length", "_open"
_TIMES = 3
"""How many times as many texts as at any of those are too many."""


def _fault(given: Mapping[str, Any]) -> str:
    if given["limit"] is None:
        return "{column} ends where too many others do, at the greatest length of all"
    return "{column} ends at {limit} characters"


@rule(
    dimension="accuracy",
    severity="warning",
    expects="whole",
    fault=_fault,
    finds="{keys} that may be cut",
    examples=[
        Example(
            {"column": "note", "limit": 20},
            good={
                "note": ["Left at the door", "Left in the garage .", "Left at the front door", None]
            },
            bad={"note": ["Left at the front do", "Left with Mrs Miller"]},
        ),
    ],
)
def truncation(
    frame: Frame, column: Column, limit: PositiveInt | None = None, pile: PositiveInt = 5
) -> Frame:
    """No text seems to have been cut where some system's limit of length is.

    A field of 50 characters takes the rest of a text without a word: the end of an address, the
    second half of a name, the digits that made a reference unique.

    Texts are suspected that are of the greatest length in their column, if there are too many of
    them: at least `pile` different ones, and more than three times as many as at any of the ten
    lengths below, where longer texts would have gone on. If most texts are of that length, it is
    the form of a code and no limit; and so is a length under ten characters. A text that ends like
    a sentence, or with a closing bracket, is taken for whole.

    Instead: where the limit is known name it, and every text that ends exactly there is suspected.
    A suspicion is a warning unless the check says otherwise. Numbers that stopped at 32767 or
    2147483647 are found with `rejected_values`.

    Also known as: truncated-value (Frictionless), Alpha_Trunc (TestGen), max_length (ydata).

    Args:
        column: A column of text.
        limit: The length at which texts are cut, in characters, if it is known: 50, 255, 4000.
        pile: How many different texts of the greatest length are needed for a suspicion.
    """
    texts = frame.group_by(column).agg().select(column)
    texts = texts.with_columns(
        nw.col(column).str.len_chars().alias(_LENGTH),
        (~nw.col(column).str.contains(_ENDS)).cast(nw.Int64).alias(_OPEN),
    )
    if limit is None:
        counted = texts.group_by(_LENGTH).agg(nw.len().alias("texts"), nw.col(_OPEN).sum())
        limit = _suspected({row[_LENGTH]: row for row in frames.rows(counted)}, pile)
    # With no limit there is no text that fails, and not even an empty one is so long.
    cut = (nw.col(_LENGTH) == (-1 if limit is None else limit)) & (nw.col(_OPEN) == 1)
    return texts.filter(cut).select(column)


def _suspected(lengths: Mapping[int, Mapping[str, int]], pile: int) -> int | None:
    """The greatest length, if too many texts are so long and do not end there."""
    greatest = max(lengths, default=0)
    if greatest < _SHORTEST:
        return None
    cut = lengths[greatest][_OPEN]
    near = [lengths[at]["texts"] for at in range(greatest - _NEAR, greatest) if at in lengths]
    most = 2 * cut > sum(each["texts"] for each in lengths.values())
    return greatest if cut >= pile and cut > _TIMES * max(near, default=0) and not most else None
