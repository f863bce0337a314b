"""Examples: the first records that fail each check, with the values that it looked at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import narwhals as nw

from quality import frames
from quality.escaping import MASKED
from quality.frames import PART, RECORD_NO, Frame, Table
from quality.model import Check
from quality.questions import Question

EXAMPLES = 5
"""Failing records that a result shows."""


def find(
    table: Table, failures: Frame, failing: Sequence[Question]
) -> dict[tuple[Any, str], list[dict[str, Any]]]:
    """The first records of each part that fail each check, with the values of its columns there."""
    if not failing:
        return {}
    first = [
        _first(failures.filter(nw.col(each.column)), table.by).select(
            RECORD_NO, *table.by, nw.lit(number).alias("failing")
        )
        for number, each in enumerate(failing)
    ]
    shown = dict.fromkeys(table.names[name] for each in failing for name in each.check.columns)
    records = table.frame.select(RECORD_NO, *shown)
    examples: dict[tuple[Any, str], list[dict[str, Any]]] = {}
    found = nw.concat(first).join(records, on=RECORD_NO, how="left").sort("failing", RECORD_NO)
    for row in frames.rows(found):
        check = failing[row["failing"]].check
        values = {name: _told(row[table.names[name]], name, check) for name in check.columns}
        example = {"record_no": row[RECORD_NO], "value": _text(values)}
        examples.setdefault((row.get(PART), check.key), []).append(example)
    return examples


def _first(failures: Frame, by: tuple[str, ...]) -> Frame:
    if not by:
        return failures.sort(RECORD_NO).head(EXAMPLES)
    place = nw.col(RECORD_NO).rank("ordinal").over(*by)
    return failures.with_columns(place.alias("place")).filter(nw.col("place") <= EXAMPLES)


def _told(value: Any, column: str, check: Check) -> Any:
    return MASKED if column in check.personal and value is not None else value


def _text(values: Mapping[str, Any]) -> str | None:
    texts = {name: None if value is None else str(value) for name, value in values.items()}
    if len(texts) == 1:
        return next(iter(texts.values()))
    return ", ".join(f"{name} {'null' if text is None else text}" for name, text in texts.items())
