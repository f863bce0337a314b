"""Which checks fail together: one cause often makes a record fail several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import narwhals as nw

from quality import frames
from quality.frames import PART, Frame
from quality.questions import Question
from quality.result import WATCHED, Overlap

_PATTERN, _RECORDS = "_pattern", "_records"


def find(
    failures: Frame,
    failing: Sequence[Question],
    failed: Mapping[str, int],
    by: tuple[str, ...],
) -> dict[Any, tuple[Overlap, ...]]:
    """Count the records that fail several checks, each record once; for each part.

    Args:
        failures: The records that fail, with a column of each question that is true where they do.
        failing: The questions that any record fails.
        failed: How many records fail each check, by its key.
        by: What tells the parts apart.
    """
    if len(failing) < 2:
        return {}
    weightiest = sorted(failing, key=lambda q: (not q.check.soils, -failed[q.check.key]))
    watched = [each for each in failing if each in weightiest[:WATCHED]]
    unwatched = [each for each in weightiest[WATCHED:] if each.check.soils]
    flags = [nw.col(each.column) for each in watched]
    if unwatched:
        columns = [each.column for each in unwatched]
        flags.append(frames.summed(columns, lambda flag: flag.cast(nw.Int64)) > 0)
    bits = (flag.cast(nw.Int64) * (1 << place) for place, flag in enumerate(flags))
    patterns = failures.select(*by, nw.sum_horizontal(*bits).alias(_PATTERN))
    counted = patterns.group_by(*by, _PATTERN).agg(nw.len().alias(_RECORDS))
    found: dict[Any, list[Overlap]] = {}
    for row in sorted(frames.rows(counted), key=lambda row: row[_PATTERN]):
        pattern = int(row[_PATTERN])
        keys = [q.check.key for place, q in enumerate(watched) if pattern >> place & 1]
        if len(keys) > 1:
            overlap = Overlap(tuple(keys), int(row[_RECORDS]), bool(pattern >> len(watched)))
            found.setdefault(row.get(PART), []).append(overlap)
    return {part: tuple(overlaps) for part, overlaps in found.items()}
