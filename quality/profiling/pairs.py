"""Pairs of columns: those that go together, and those of which one is never above the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

from quality.profiling.groups import Table
from quality.profiling.model import ColumnProfile, Correlation, Family, Ordering
from quality.sql import quoted

MOST_COLUMNS = 12
"""Columns whose pairs are looked at, the leftmost; it bounds the pairs to 66."""
LEAST_CORRELATION = 0.5
LEAST_CHANCE = 20.0
"""Rows that would break an order if the columns had nothing to do with each other; with fewer, it
says only that one column is large and the other small."""
LEAST_ROWS = 30
_SHARES = tuple(step / 40 for step in range(41))


def find_correlations(table: Table, columns: Sequence[ColumnProfile]) -> tuple[Correlation, ...]:
    """Find columns of numbers that go together, the strongest first."""
    numbers = [c for c in columns if c.numbers and c.distinct > 2 and not c.numbers.infinite]
    pairs = list(combinations(numbers[:MOST_COLUMNS], 2))
    if not pairs or table.rows < LEAST_ROWS:
        return ()
    names = [(quoted(a.name), quoted(b.name)) for a, b in pairs]
    asked = ", ".join(f"corr({a}::DOUBLE, {b}::DOUBLE)" for a, b in names)
    (found,) = table.ask(asked)
    told = [
        Correlation(a.name, b.name, round(value, 4))
        for (a, b), value in zip(pairs, found, strict=True)
        if value is not None and abs(value) >= LEAST_CORRELATION
    ]
    return tuple(sorted(told, key=lambda one: -abs(one.value)))


def find_orderings(
    table: Table, sample: Table, columns: Sequence[ColumnProfile]
) -> tuple[Ordering, ...]:
    """Find pairs of columns in which the one is at most the other, in every row with both."""
    pairs = [pair for pair in _pairs(columns) if _overlap(*pair)]
    if table.rows < LEAST_ROWS or not pairs:
        return ()
    held = _held(sample, pairs)
    pairs = [pair for pair, holds in zip(pairs, held, strict=True) if holds]
    if not pairs:
        return ()
    asked = []
    for low, high in pairs:
        a, b = quoted(low.name), quoted(high.name)
        asked += [f"bool_and({a} <= {b})", f"count({a} <= {b})", f"count(*) FILTER ({a} = {b})"]
    (found,) = table.ask(", ".join(asked))
    spreads = _spreads(sample, {column.name: column for pair in pairs for column in pair})
    orderings = []
    for place, (low, high) in enumerate(pairs):
        holds, rows, equal = found[3 * place : 3 * place + 3]
        chance = rows * _above(spreads[low.name], spreads[high.name])
        if holds and equal < rows and chance >= LEAST_CHANCE:
            orderings.append(Ordering(low.name, high.name, rows, equal, round(chance, 1)))
    return tuple(orderings)


def _pairs(columns: Sequence[ColumnProfile]) -> Iterator[tuple[ColumnProfile, ColumnProfile]]:
    """Every pair of columns that can be compared, both ways."""
    for family in (Family.NUMBER, Family.MOMENT):
        able = [
            c
            for c in columns
            if c.family is family and c.distinct > 2 and not (c.numbers and c.numbers.infinite)
        ]
        for a, b in combinations(able[:MOST_COLUMNS], 2):
            if family is Family.NUMBER or a.type == b.type:
                yield a, b
                yield b, a


def _overlap(low: ColumnProfile, high: ColumnProfile) -> bool:
    """Whether the order could be broken at all, and is not by what is known already."""
    if None in (low.min, low.max, high.min, high.max):
        return False
    return bool(low.max > high.min and low.min <= high.min and low.max <= high.max)  # type: ignore[operator]


def _held(
    table: Table, pairs: Sequence[tuple[ColumnProfile, ColumnProfile]]
) -> tuple[bool | None, ...]:
    orders = (f"{quoted(a.name)} <= {quoted(b.name)}" for a, b in pairs)
    return table.ask(", ".join(f"bool_and({order})" for order in orders))[0]


def _spreads(table: Table, columns: dict[str, ColumnProfile]) -> dict[str, Sequence[float]]:
    """Quantiles of columns, of moments in seconds."""
    asked = []
    for name, column in columns.items():
        value = quoted(name)
        place = f"epoch({value})" if column.family is Family.MOMENT else f"{value}::DOUBLE"
        asked.append(f"approx_quantile({place}, {list(_SHARES)})")
    (found,) = table.ask(", ".join(asked))
    return dict(zip(columns, found, strict=True))


def _above(low: Sequence[float], high: Sequence[float]) -> float:
    """The probability that a value of the one is above an unrelated value of the other."""
    return sum(a > b for a in low for b in high) / (len(low) * len(high))
