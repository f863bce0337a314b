"""Keys: the columns that tell all rows apart, found by a search that knows when to stop.

In a small table many columns tell rows apart by chance: the number of a flight and its minute,
on one day. What tells a key from chance is how surprising it is. If the columns had nothing to do
with each other, some pairs of rows would be alike in all of them; where many such pairs are due
and there is none, the columns are a key. So of two keys the one that had more chances to fail is
the better one.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from math import prod

from quality.profiling.groups import Table
from quality.profiling.model import ColumnProfile, Family, Key
from quality.sql import quoted

MOST_COLUMNS = 12
"""Columns that take part in the search, the leftmost and the most telling."""
LONGEST = 4
"""Columns that a key is made of at most."""
MOST_TRIED = 5
"""Sets of columns that are counted in all rows."""
FEW = 5_000
"""Rows in which most sets show that they are no key."""
LEAST_CHANCE = 3.0
"""Pairs alike that must be due: were the columns independent, none of them would be seen in one
case of twenty."""
SHOWN = 5


def find_keys(table: Table, sample: Table, columns: Sequence[ColumnProfile]) -> tuple[Key, ...]:
    """Find what may be a key: single columns, the leftmost first; else columns together."""
    single = [Key((column.name,), 0.0) for column in columns if _alone(column, columns)]
    return tuple((single or _together(table, sample, columns))[:SHOWN])


def _alone(column: ColumnProfile, columns: Sequence[ColumnProfile]) -> bool:
    """Whether a column tells rows apart, and not as a measurement happens to do."""
    if not column.unique or column.nulls or column.rows < 2:
        return False
    if column.family is Family.NUMBER:
        if not (column.numbers and column.numbers.whole) or "INT" not in column.type:
            return False
        span = int(column.max) - int(column.min) + 1  # type: ignore[arg-type]
        return column is columns[0] or span <= 2 * column.rows or names_a_key(column.name)
    if column.family is Family.MOMENT:
        return column is columns[0]
    if column.texts:
        return not column.texts.empty and column.texts.longest <= 100
    return column.type == "UUID"


def names_a_key(name: str) -> bool:
    """Whether a column is called as keys are: `order_id`, `customerNo`."""
    words = name.lower().replace("-", "_").replace(" ", "_")
    return words.endswith(("id", "key", "code", "uuid", "guid", "number", "_no", "_nr", "_num"))


def _together(table: Table, sample: Table, columns: Sequence[ColumnProfile]) -> list[Key]:
    chosen = _telling(columns)
    pairs = table.rows * (table.rows - 1) / 2
    for size in range(2, LONGEST + 1):
        sets = [
            Key(tuple(column.name for column in each), pairs * prod(c.likeness for c in each))
            for each in combinations(chosen, size)
            if prod(column.distinct for column in each) >= table.rows
        ]
        telling = [key for key in sets if key.chance >= LEAST_CHANCE]
        for rows in (FEW, sample.rows):
            telling = _apart(sample, telling, min(rows, sample.rows))
        telling = sorted(telling, key=lambda key: -key.chance)
        if sample is not table:
            telling = [key for key in telling[:MOST_TRIED] if _proven(table, key)]
        if telling:
            return telling
    return []


def _telling(columns: Sequence[ColumnProfile]) -> list[ColumnProfile]:
    """The columns that a key could be made of: no measurements, nothing empty, nothing constant."""
    able = [
        column
        for column in columns
        if not column.nulls and column.distinct > 1 and _discrete(column)
    ]
    # A moment may stand last, and still is what tells one day from another.
    moments = [column for column in able if column.family is Family.MOMENT][:3]
    others = [column for column in able if column not in moments][: MOST_COLUMNS - len(moments)]
    return [column for column in able if column in moments or column in others]


def _discrete(column: ColumnProfile) -> bool:
    match column.family:
        case Family.NUMBER:
            return "INT" in column.type
        case Family.TEXT:
            return column.texts is not None and column.texts.longest <= 100
        case Family.MOMENT:
            return True
    return column.type == "UUID"


def _apart(sample: Table, keys: Sequence[Key], rows: int) -> list[Key]:
    """Leave out what is no key even of the first rows."""
    if not keys:
        return []
    hashes = (", ".join(map(quoted, key.columns)) for key in keys)
    asked = ", ".join(f"count(DISTINCT hash({each}))" for each in hashes)
    (counts,) = sample.con.execute(
        f"SELECT {asked} FROM (SELECT * FROM {sample.sql} LIMIT {rows})"
    ).fetchall()
    return [key for key, count in zip(keys, counts, strict=True) if count == rows]


def _proven(table: Table, key: Key) -> bool:
    """Whether no two rows are alike in some columns."""
    columns = ", ".join(map(quoted, key.columns))
    ((alike,),) = table.con.execute(
        f"SELECT count(*) FROM (SELECT 1 FROM {table.sql} GROUP BY {columns} "
        "HAVING count(*) > 1 LIMIT 1)"
    ).fetchall()
    return not alike
