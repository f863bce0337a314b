"""One column: how full it is, what is in it, and how that is spread."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from quality.profiling.groups import MOST_COUNTED, Groups, Table, group
from quality.profiling.model import (
    Bin,
    ColumnProfile,
    Counted,
    Family,
    Moments,
    Numbers,
    Value,
)
from quality.profiling.scan import Facts
from quality.profiling.texts import read_texts
from quality.sql import quoted

TOP = 10
"""Frequent values that are shown."""
BINS = 20
NEARLY = 0.8
"""The part of its values from which on a column may be a key, for all that an estimate is off."""
SHARES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
"""Quantiles that are told, besides the smallest and the largest."""

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_UNITS = ("day", "hour", "minute", "second")


def read_column(table: Table, sample: Table, name: str, facts: Facts) -> ColumnProfile:
    """Profile a column.

    Args:
        table: The table.
        sample: Some of its rows, which speak for a column of very many values.
        name: The column.
        facts: What the scan found.
    """
    values, estimate = facts["values"], min(facts["estimate"], facts["values"])
    exact = sample is table or estimate <= MOST_COUNTED
    with group(table if exact else sample, name, exact) as groups:
        ((distinct, alike),) = groups.ask(
            "count(v), coalesce(sum(n::DOUBLE * (n - 1)) FILTER (v IS NOT NULL), 0)"
        )
        if not exact:
            distinct = estimate
            if estimate > NEARLY * values:  # it may be a key, and of a key one has to be sure
                ((distinct,),) = table.ask(f"count(DISTINCT {quoted(name)})")
                exact = True
        type, number = groups.type, groups.family is Family.NUMBER
        return ColumnProfile(
            name=name,
            type=type,
            family=groups.family,
            rows=table.rows,
            nulls=table.rows - values,
            distinct=distinct,
            exact=exact,
            likeness=alike / (groups.rows * (groups.rows - 1)) if groups.rows > 1 else 1.0,
            min=plain(facts["low"], type),
            max=plain(facts["high"], type),
            top=_top(groups),
            histogram=_histogram(groups, facts, table.rows / max(groups.rows, 1)),
            numbers=_numbers(groups, facts) if number and facts["mean"] is not None else None,
            moments=_moments(groups) if groups.family is Family.MOMENT and values else None,
            texts=read_texts(groups, facts, table, name) if "longest" in facts and values else None,
        )


def plain(value: Any, type: str) -> Value | None:
    """A value as Python has it, in UTC where its column has a zone."""
    match value:
        case None | bool() | int() | float() | str():
            return value
        case datetime() if "WITH TIME ZONE" in type:
            return value.replace(tzinfo=UTC)
        case datetime() | date() | time() | Decimal():
            return value
    return str(value)


def _top(groups: Groups) -> tuple[Counted, ...]:
    found = groups.ask("v, n", f"WHERE v IS NOT NULL ORDER BY n DESC, v LIMIT {TOP}")
    if not groups.exact or (found and found[0][1] == 1 and len(found) == TOP):
        return ()
    return tuple(Counted(plain(value, groups.type), count) for value, count in found)


def _numbers(groups: Groups, facts: Facts) -> Numbers:
    return Numbers(
        mean=facts["mean"],
        stddev=facts["stddev"],
        quantiles=_quantiles(groups),
        zeros=facts["zeros"],
        negatives=facts["negatives"],
        whole=facts["whole"],
        infinite=facts["infinite"],
    )


def _quantiles(groups: Groups) -> dict[str, float]:
    """The value up to which a share of the rows lies, for some shares."""
    firsts = ", ".join(f"min(v) FILTER (upto >= greatest(1, {share} * total))" for share in SHARES)
    (found,) = groups.con.execute(
        f"SELECT {firsts} FROM (SELECT v::DOUBLE AS v, sum(n) OVER (ORDER BY v) AS upto, "
        f"sum(n) OVER () AS total FROM {groups.table} WHERE isfinite(v::DOUBLE))"
    ).fetchall()
    return {str(share): value for share, value in zip(SHARES, found, strict=True)}


def _histogram(groups: Groups, facts: Facts, scale: float) -> tuple[Bin, ...]:
    """How many rows have a value in each of some stretches of the same width."""
    if groups.family not in (Family.NUMBER, Family.MOMENT) or facts["low"] == facts["high"]:
        return ()
    moment = groups.family is Family.MOMENT
    place = "epoch(v)" if moment else "v::DOUBLE"
    ((low, high, distinct),) = groups.ask(
        f"min({place}), max({place}), count(v)", f"WHERE isfinite({place})"
    )
    if low is None or low == high:
        return ()
    steps = _steps(low, high, distinct, groups.type)
    width = (high - low) / steps
    if not 0 < width < float("inf"):
        return ()
    counts = dict(
        groups.ask(
            f"least(floor(({place} - {low!r}) / {width!r})::INTEGER, {steps - 1}) AS bin, sum(n)",
            f"WHERE isfinite({place}) GROUP BY bin",
        )
    )
    edges: Sequence[Any] = [low + width * step for step in range(steps)] + [high]
    if moment:
        edges = [datetime.fromtimestamp(edge, UTC) for edge in edges]
        if "WITH TIME ZONE" not in groups.type:
            edges = [edge.replace(tzinfo=None) for edge in edges]
    return tuple(
        Bin(edges[step], edges[step + 1], round(int(counts.get(step, 0)) * scale))
        for step in range(steps)
    )


def _steps(low: float, high: float, distinct: int, type: str) -> int:
    """How many stretches; of few whole numbers as many as there are."""
    if "INT" in type and high - low < BINS:
        return int(high - low) or 1
    return min(BINS, max(distinct, 2))


def _moments(groups: Groups) -> Moments | None:
    cuts = ", ".join(f"bool_and(v = date_trunc('{unit}', v))" for unit in _UNITS)
    weekdays = ", ".join(f"sum(n) FILTER (isodow(v) = {day})" for day in range(1, 8))
    ((days, span, future, *rest),) = groups.ask(
        "count(DISTINCT v::DATE), date_diff('day', min(v)::DATE, max(v)::DATE) + 1, "
        f"sum(n) FILTER (v > (now() AT TIME ZONE 'UTC')), {cuts}, {weekdays}",
        "WHERE isfinite(v)",
    )
    if not days:
        return None
    whole, rows = rest[: len(_UNITS)], rest[len(_UNITS) :]
    return Moments(
        resolution=next((u for u, w in zip(_UNITS, whole, strict=True) if w), "fraction"),
        weekdays={day: int(n or 0) for day, n in zip(_WEEKDAYS, rows, strict=True)},
        days=days,
        missing_days=span - days,
        future=int(future or 0),
    )
