"""Suggestion: the checks that a profile gives reason for, each with its evidence.

What was seen without exception in n rows is broken, with 95 % confidence, in at most 3/n of them.
So what holds in 60 rows is expected to hold in 19 of 20, which is what an error forgives; with less
evidence a check only warns, and with next to none it is left out. What is only the range of what
was seen always warns: tomorrow's values may well lie outside.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from math import ceil
from typing import Any

from quality.profiling.keys import names_a_key
from quality.profiling.links import Link
from quality.profiling.model import ColumnProfile, Family, Key, Profile
from quality.profiling.texts import UNDERSTOOD
from quality.widening import Spread, known_range, rounded_down, rounded_up, widened
from quality.wording import count, percent, show

SURE = 60
"""Rows without an exception from which a check may be an error."""
FEWEST = 10
"""Rows from which there is any evidence."""
MOST_VALUES = 10
"""Values of a column that may be listed."""
OFTEN = 10
"""How often, on average, each of them must have been seen."""
MANY_ROWS = 300
"""Rows that stand in an order from which the order is certain."""
SOME_FORMS = 20
"""Different values of one form from which there is one."""
_PAST = re.compile(r"creat|updat|modif|birth|born|record|observ|measur|seen|receiv|import", re.I)
_FUTURE = re.compile(r"due|expir|until|valid|end|plan|sched|deliver|deadline|eta|next|arriv", re.I)


@dataclass(frozen=True)
class Suggested:
    """A check that there is reason for."""

    rule: str
    evidence: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    column: str | None = None
    """The column that it stands below; none for a check of the whole dataset."""

    @property
    def written(self) -> Any:
        """As it stands in a contract."""
        return {self.rule: dict(self.arguments)} if self.arguments else self.rule


@dataclass(frozen=True)
class Delivery:
    """What is known of the files beside what is in them."""

    rows: Sequence[int]
    """Records of each."""
    recurring: bool = False
    """Whether others will come beside them."""
    days: Sequence[date | None] = ()
    """The day that the name of each tells."""


def suggest(profile: Profile, links: Sequence[Link], delivery: Delivery) -> list[Suggested]:
    """Suggest checks for what was profiled.

    Args:
        profile: What is in the files.
        links: The columns that refer to other datasets.
        delivery: What is known of the files.
    """
    if profile.rows < FEWEST:
        return []
    key = choose_key(profile, delivery)
    found = [_key(profile, key)] if key else []
    linked = {link.column: link for link in links}
    own = key.columns if key else ()
    for column in profile.columns:
        found += _of_column(column, column.name in own, linked.get(column.name))
    found += _other_keys(profile, own)
    found += _orders(profile)
    found += _of_rows(profile, delivery)
    return found


def choose_key(profile: Profile, delivery: Delivery) -> Key | None:
    """Choose the columns that tell rows apart, also those of different days.

    A key found in the file of one day knows nothing of other days. Where others will come, it takes
    in the only moment that each row has, or else the columns that tell the day of the file.
    """
    keys = [Key(_complete(key, profile, delivery), key.chance) for key in profile.keys]
    return min(keys, key=lambda key: (len(key.columns), -key.chance), default=None)


def _complete(key: Key, profile: Profile, delivery: Delivery) -> tuple[str, ...]:
    chosen = [profile.column(name) for name in key.columns]
    if len(chosen) == 1 or not delivery.recurring:
        return key.columns
    if any(column.family is Family.MOMENT for column in chosen):
        return key.columns
    moments = [c.name for c in profile.columns if c.family is Family.MOMENT and not c.nulls]
    if len(moments) == 1:
        return (*key.columns, moments[0])
    before = [c.name for c in profile.columns if _tells_the_day(c, delivery.days)]
    return (*before, *(name for name in key.columns if name not in before))


def _tells_the_day(column: ColumnProfile, days: Sequence[date | None]) -> bool:
    """Whether a column says the same in all rows, which is also in the names of the files."""
    known = [day for day in days if day]
    if not column.constant or column.nulls or not known or len(known) < len(days):
        return False
    parts = {part: {getattr(day, part) for day in known} for part in ("year", "month", "day")}
    named = (part for part in parts if re.search(part, column.name, re.IGNORECASE))
    return any(parts[part] == {column.min} for part in named) or set(known) == {column.min}


def _key(profile: Profile, key: Key) -> Suggested:
    columns = list(key.columns)
    evidence = f"{count(profile.rows)} distinct of {count(profile.rows)}"
    if key.chance:
        alike = show(round(key.chance, 1) if key.chance < 10 else round(key.chance))
        evidence += f"; by chance {alike} pairs of rows would be alike"
    certain = len(columns) == 1 and profile.rows >= SURE
    severity = {"severity": "critical"} if certain else {}
    if len(columns) == 1:
        return Suggested("primary_key", evidence, severity, columns[0])
    return Suggested("primary_key", evidence, {"columns": columns} | severity)


def _other_keys(profile: Profile, own: Sequence[str]) -> Iterator[Suggested]:
    """Columns that tell rows apart too, beside the key."""
    for key in profile.keys:
        if len(key.columns) == 1 and key.columns != tuple(own) and profile.rows >= SURE:
            evidence = f"{count(profile.rows)} distinct of {count(profile.rows)}"
            yield Suggested("unique", evidence, {"severity": "warning"}, key.columns[0])


def _of_column(column: ColumnProfile, in_key: bool, link: Link | None) -> Iterator[Suggested]:
    """Suggest the checks of one column."""
    if not (in_key and column.unique):
        yield from _presence(column)
    if link:
        yield _reference(column, link)
    match column.family:
        case Family.TEXT if column.texts and column.values >= FEWEST:
            yield from _text(column)
        case Family.NUMBER if column.numbers and not (link or _counts_off(column)):
            yield from _number(column)
        case Family.MOMENT if column.moments:
            yield from _moment(column)


def _counts_off(column: ColumnProfile) -> bool:
    """Whether the numbers of a column are names, which grow with every file."""
    return names_a_key(column.name) or (column.unique and "INT" in column.type)


def _presence(column: ColumnProfile) -> Iterator[Suggested]:
    evidence = f"{count(column.nulls)} of {count(column.rows)} empty"
    if not column.nulls:
        severity = {} if column.rows >= SURE else {"severity": "warning"}
        yield Suggested("not_null", evidence, severity, column.name)
    elif column.null_share <= Fraction(1, 2) and column.rows >= SURE:
        share = float(column.null_share)
        allowed = ceil(max(2 * share, share + 0.1) * 20) / 20
        if allowed < 1:
            told = f"{evidence}, {percent(column.null_share)}; twice as many are allowed"
            arguments = {"min": round(1 - allowed, 2), "severity": "warning"}
            yield Suggested("not_null_proportion", told, arguments, column.name)


def _reference(column: ColumnProfile, link: Link) -> Suggested:
    to = f"{link.parent.dataset}.{link.parent.column}"
    plain = re.fullmatch(r"[^.\[\],]+", link.parent.column)
    target: Any = to if plain else {"dataset": link.parent.dataset, "columns": [link.parent.column]}
    certain = link.share == 1 and link.rows >= SURE
    severity = {} if certain else {"severity": "warning"}
    evidence = f"{percent(link.share)} of {count(link.rows)} values are found in {to}"
    return Suggested("foreign_key", evidence, {"to": target} | severity, column.name)


def _text(column: ColumnProfile) -> Iterator[Suggested]:
    texts = column.texts
    assert texts
    if texts.meaning and texts.meaning_share == 1 and column.distinct >= FEWEST:
        severity = {} if column.distinct >= SURE else {"severity": "warning"}
        told = f"{count(min(column.distinct, UNDERSTOOD))} different values are"
        yield Suggested("semantic_format", told, {"format": texts.meaning} | severity, column.name)
    elif _few(column):
        values = sorted(str(each.value) for each in column.top)
        rarest = min(each.count for each in column.top)
        told = f"{count(column.distinct)} values, the rarest of them {count(rarest)} times"
        arguments = {"values": values, "severity": "warning"}
        yield Suggested("accepted_values", told, arguments, column.name)
    elif texts.regex and column.distinct >= SOME_FORMS:
        # Never an error: of a sorted list one may have seen only the first letters.
        told = f"all of {count(column.distinct)} different values"
        arguments = {"pattern": texts.regex, "severity": "warning"}
        yield Suggested("matches", told, arguments, column.name)
    elif column.distinct >= SOME_FORMS:
        most = rounded_up(2 * texts.longest)
        told = f"the shortest has {count(texts.shortest)} characters, the longest "
        told += f"{count(texts.longest)}; twice as many are allowed"
        yield Suggested("length", told, {"max": most, "severity": "warning"}, column.name)


def _few(column: ColumnProfile) -> bool:
    """Whether the values of a column are few, and each was seen often."""
    return (
        column.exact
        and 1 < column.distinct <= MOST_VALUES
        and column.distinct == len(column.top)
        and column.values >= max(SURE, OFTEN * column.distinct)
        and all(each.count > 1 for each in column.top)
    )


def _number(column: ColumnProfile) -> Iterator[Suggested]:
    numbers, low, high = column.numbers, column.min, column.max
    assert numbers
    if low is None or high is None or numbers.infinite or column.values < FEWEST:
        return
    seen = f"smallest {show(low)}, largest {show(high)}"
    if known := known_range(column.name, float(low), float(high), numbers.whole):  # type: ignore[arg-type]
        told = f"{seen}; {known.meaning}"
        yield Suggested("range", told, {"min": known.min, "max": known.max}, column.name)
        return
    if column.constant:
        return
    spread = Spread(float(low), float(high), numbers.quantiles)  # type: ignore[arg-type]
    near = spread.without_strays()
    least, most = widened(near, numbers.whole)
    told = f"{seen}; widened to {show(least)} and {show(most)}"
    if near != spread:
        told = (
            f"{seen}, far from all others; without that widened to {show(least)} and {show(most)}"
        )
    arguments = {"min": least, "max": most, "severity": "warning"}
    yield Suggested("range", told, arguments, column.name)


def _moment(column: ColumnProfile) -> Iterator[Suggested]:
    moments = column.moments
    assert moments
    if moments.future or column.values < FEWEST or _FUTURE.search(column.name):
        return
    severity = {} if _PAST.search(column.name) else {"severity": "warning"}
    yield Suggested("not_in_future", f"the latest is {show(column.max)}", severity, column.name)


def _orders(profile: Profile) -> Iterator[Suggested]:
    """Columns in order, where that is no coincidence."""
    together = {frozenset((e.left, e.right)) for e in profile.correlations if e.value > 0}
    for order in profile.orderings:
        low, high = profile.column(order.left), profile.column(order.right)
        if low.family is Family.NUMBER and frozenset((low.name, high.name)) not in together:
            continue
        certain = low.family is Family.MOMENT and order.rows >= MANY_ROWS
        severity = {} if certain else {"severity": "warning"}
        told = f"so in all of {count(order.rows)} rows with both"
        arguments = {"left": low.name, "op": "<=", "right": high.name} | severity
        yield Suggested("compare_columns", told, arguments)


def _of_rows(profile: Profile, delivery: Delivery) -> Iterator[Suggested]:
    """How many records a file has."""
    fewest, most = min(delivery.rows), max(delivery.rows)
    if fewest < FEWEST:
        yield Suggested("row_count", f"{count(fewest)} records")
        return
    told = (
        f"{count(fewest)} records"
        if fewest == most
        else (f"{count(fewest)} to {count(most)} records in {count(len(delivery.rows))} files")
    )
    arguments = {"min": rounded_down(fewest // 2), "max": rounded_up(2 * most)}
    told += "; half as many and twice as many are allowed"
    yield Suggested("row_count", told, arguments | {"severity": "warning"})
