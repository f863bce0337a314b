"""Examples: the first records that fail each check, with the values that it looked at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from quality import frames
from quality.escaping import MASKED
from quality.frames import RECORD_NO, Frame, Table
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
    flags = [each.column for each in failing]
    first = frames.first(failures, table.by, flags, EXAMPLES)
    numbers = {n for flagged in first.values() for shown in flagged.values() for n in shown}
    columns = dict.fromkeys(table.names[name] for each in failing for name in each.check.columns)
    records = frames.rows(frames.at(table.frame.select(RECORD_NO, *columns), sorted(numbers)))
    found = {record[RECORD_NO]: record for record in records}
    return {
        (part, each.check.key): [
            _example(found[n], each.check, table) for n in flagged[each.column]
        ]
        for part, flagged in first.items()
        for each in failing
    }


def _example(record: Mapping[str, Any], check: Check, table: Table) -> dict[str, Any]:
    values = {name: _told(record[table.names[name]], name, check) for name in check.columns}
    return {"record_no": record[RECORD_NO], "value": _text(values)}


def _told(value: Any, column: str, check: Check) -> Any:
    return MASKED if column in check.personal and value is not None else value


def _text(values: Mapping[str, Any]) -> str | None:
    texts = {name: None if value is None else str(value) for name, value in values.items()}
    if len(texts) == 1:
        return next(iter(texts.values()))
    return ", ".join(f"{name} {'null' if text is None else text}" for name, text in texts.items())
