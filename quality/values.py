"""Judging values in Python: each different one once, however many rows have it."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import duckdb
import narwhals as nw

from quality import frames
from quality.frames import Frame, Materialise
from quality.sql import quoted

BATCH = 50_000
"""Values that are in Python at once."""

_NUMBER = "_value_no"


@dataclass(frozen=True)
class ByValue:
    """What a row rule gives where no expression can say it, but a library in Python can.

    The rule is asked about values and never about rows: about each different value once, null
    excepted, a batch at a time. A rule over several columns is asked about each combination that
    there is, and does not apply where one of its columns is null.

        def even(column: Column) -> ByValue:
            return ByValue((column,), lambda values: [value % 2 == 0 for value in values])

    The values are Python's own: `str`, `int`, `float`, `Decimal`, `date`, `datetime`. Import a
    library within `judge`, or in what makes it, so that only those wait for it who need it; on an
    empty frame, as in the rehearsal of a contract, `judge` is not called at all.
    """

    columns: tuple[str, ...]
    """The columns of which values are judged."""
    judge: Callable[..., Iterable[bool]]
    """Takes a list of values for each column, all of one length, and tells in their order which
    are good."""
    among: nw.Expr | None = None
    """Which values are worth the question, where an expression can tell; all others are good."""
    besides: nw.Expr | None = None
    """What must hold of a row as well, and an expression can tell."""


def failing(frame: Frame, asked: ByValue, keep: Materialise) -> Frame:
    """The values that fail, each once, where the rows are: in DuckDB, or in Polars.

    Python never holds more than a batch of values. What it found goes back into DuckDB as one bit
    a value, so that it does not matter how many of them are bad, or what is in them.

    Args:
        frame: Rows without nulls in those columns.
        asked: What is judged, and how.
        keep: Keeps the different values, so that they are found once.

    Raises:
        ValueError: `judge` does not answer for each value.
    """
    if asked.among is not None:
        frame = frame.filter(asked.among)
    different = frame.group_by(*asked.columns).agg().select(*asked.columns)
    if not frames.in_duckdb(frame):
        return _failing_in_polars(frames.collected(different), asked)
    # Numbered in their order: without a place to keep them they are found twice.
    numbered = keep(different.with_row_index(_NUMBER, order_by=asked.columns))
    total = frames.length(numbered)
    if not total:
        return different
    return _failing_in_duckdb(numbered, total, asked)


def _failing_in_polars(different: Frame, asked: ByValue) -> Frame:
    native = nw.to_native(different).collect()
    columns = [native[name] for name in asked.columns]
    bad = [
        not good
        for start in range(0, len(native), BATCH)
        for good in _judged(asked, [each.slice(start, BATCH).to_list() for each in columns])
    ]
    kept: Frame = nw.from_native(native.filter(bad).lazy())
    return kept


def _failing_in_duckdb(numbered: Frame, total: int, asked: ByValue) -> Frame:
    import numpy as np

    relation = nw.to_native(numbered)
    bad = np.zeros(total, bool)
    # Closed in any case: a connection with an open result answers nothing else.
    with relation.select(_NUMBER, *map(quoted, asked.columns)).arrow(BATCH) as reader:
        for batch in reader:
            numbers, *columns = batch.columns
            good = _judged(asked, [column.to_pylist() for column in columns])
            bad[numbers.to_numpy()] = [not each for each in good]
    if not bad.any():
        return numbered.head(0).select(*asked.columns)
    bits = base64.b64encode(np.packbits(bad).tobytes()).decode()
    is_bad = f"get_bit(from_base64('{bits}')::BIT, {_NUMBER}::INTEGER) = 1"
    found: Frame = nw.from_native(relation.filter(duckdb.SQLExpression(is_bad)))
    return found.select(*asked.columns)


def _judged(asked: ByValue, columns: Sequence[list[Any]]) -> list[bool]:
    wanted = len(columns[0])
    verdicts = list(islice(asked.judge(*columns), wanted + 1))
    if len(verdicts) != wanted:
        raise ValueError(f"of {wanted} values {len(verdicts)} were judged")
    return verdicts
