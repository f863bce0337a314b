"""Examples: the first records that fail each check, with the values that it looked at."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import duckdb
import narwhals as nw
from narwhals import dependencies

from quality import frames
from quality.escaping import MASKED
from quality.frames import PART, RECORD_NO, Frame
from quality.model import Check
from quality.questions import Question
from quality.sql import quoted
from quality.table import Table

EXAMPLES = 5
"""Failing records that a result shows."""


def find(
    table: Table, failures: Frame, failing: Sequence[Question]
) -> dict[tuple[Any, str], list[dict[str, Any]]]:
    """The first records of each part that fail each check, with the values of its columns there."""
    if not failing:
        return {}
    flags = [each.column for each in failing]
    first = _first(failures, table.by, flags, EXAMPLES)
    numbers = {n for flagged in first.values() for shown in flagged.values() for n in shown}
    columns = dict.fromkeys(table.names[name] for each in failing for name in each.check.columns)
    records = frames.rows(_at(table.frame.select(RECORD_NO, *columns), sorted(numbers)))
    found = {record[RECORD_NO]: record for record in records}
    return {
        (part, each.check.key): [
            _example(found[n], each.check, table) for n in flagged[each.column]
        ]
        for part, flagged in first.items()
        for each in failing
    }


def _first(
    frame: Frame, by: tuple[str, ...], flags: Sequence[str], most: int
) -> dict[Any, dict[str, list[int]]]:
    """The lowest record numbers where each flag is true, in each part."""
    native = nw.to_native(frame)
    if frames.in_duckdb(frame):
        lowest = (f"min({RECORD_NO}, {most}) FILTER ({quoted(f)}) AS {quoted(f)}" for f in flags)
        found = nw.from_native(native.aggregate(", ".join([*by, *lowest]), ", ".join(by)))
    elif not dependencies.is_polars_lazyframe(native):
        each = {f: frame.filter(nw.col(f)).sort(RECORD_NO).select(RECORD_NO) for f in flags}
        return {
            None: {
                f: [row[RECORD_NO] for row in frames.rows(e.head(most))] for f, e in each.items()
            }
        }
    else:
        import polars as pl

        number = pl.col(RECORD_NO)
        lists = [number.filter(pl.col(flag)).bottom_k(most).sort().alias(flag) for flag in flags]
        grouped = (
            native.group_by(*by).agg(*lists)
            if by
            else native.select(each.implode() for each in lists)
        )
        found = nw.from_native(grouped)
    numbers = {row.get(PART): row for row in frames.rows(found)}
    return {part: {flag: row[flag] or [] for flag in flags} for part, row in numbers.items()}


def _at(frame: Frame, numbers: Collection[int]) -> Frame:
    """The records of these numbers."""
    native = nw.to_native(frame)
    if not frames.in_duckdb(frame):
        return frame.filter(nw.col(RECORD_NO).is_in(list(numbers)))
    wanted = f"{RECORD_NO} IN ({', '.join(map(str, numbers))})"
    found: Frame = nw.from_native(native.filter(duckdb.SQLExpression(wanted)))
    return found


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
