"""Likeness: which column of a file may be one of the contract under another name. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from difflib import SequenceMatcher

from ingest.columns import Column
from ingest.source import Source

ALIKE = 0.6
"""From which likeness on one name may stand for another."""
LONGEST_NAME = 100
"""Characters by which names are compared."""
MOST_PAIRS = 2500
"""Of missing and unknown columns that are compared; who sends more has not renamed them."""

Fits = Callable[[Sequence[tuple[Column, str]]], Collection[tuple[Column, str]]]
"""Tells for which missing columns the values of an unknown one would do."""


def likely_renames(
    source: Source,
    fields: Sequence[str],
    missing: Sequence[Column],
    unknown: Sequence[str],
    fits: Fits,
) -> dict[str, str]:
    """Find which unknown column is likely which missing one.

    Args:
        source: The contract's half about files.
        fields: What the file calls its columns.
        missing: Columns that it does not have.
        unknown: Those of its columns that the contract does not have.
        fits: Asked only where a column seems to have another name.

    Returns:
        The unknown names, by the missing ones.
    """
    if not missing or not unknown or len(missing) * len(unknown) > MOST_PAIRS:
        return {}
    pairs = [(alike(each.name, field), each, field) for each in missing for field in unknown]
    if len(pairs) == 1 and missing[0].required:  # any other may well be left out
        ((_, column, field),) = pairs
        order = [column.name for column in source.columns]
        if [column.name if name == field else name for name in fields] == order:
            pairs = [(1.0, column, field)]  # all others are in their places
    likely = [pair for pair in pairs if pair[0] >= ALIKE]
    likely.sort(key=lambda pair: -pair[0])
    fitting = fits([(column, field) for _, column, field in likely]) if likely else ()
    found: dict[str, str] = {}
    for _, column, field in likely:
        free = column.name not in found and field not in found.values()
        if free and (column, field) in fitting:
            found[column.name] = field
    return found


def alike(one: str, other: str) -> float:
    """Tell how much one name looks like another, from 0 to 1.

    `cust_id` abbreviates `customer_id`: it begins alike, and the other has all its letters, in
    their order.
    """
    short, long = sorted((_letters(one), _letters(other)), key=len)
    rest = iter(long)
    abbreviates = len(short) > 1 and short[0] == long[0] and all(c in rest for c in short)
    return max(SequenceMatcher(None, short, long).ratio(), ALIKE if abbreviates else 0.0)


def _letters(name: str) -> str:
    return "".join(filter(str.isalnum, name[:LONGEST_NAME].casefold()))
