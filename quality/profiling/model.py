"""What a profile says: of a table, of each of its columns, and of columns together. No I/O."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any, TypeAlias

from quality.plain import plain

Value: TypeAlias = bool | int | float | Decimal | str | date | datetime | time
"""A value as DuckDB gives it; whatever else there is, as its text."""


class Family(StrEnum):
    """What can be asked of a column."""

    NUMBER = "number"
    MOMENT = "moment"
    TEXT = "text"
    OTHER = "other"


@dataclass(frozen=True)
class Counted:
    """A value, or a form, and how many rows have it."""

    value: Value | None
    count: int


@dataclass(frozen=True)
class Bin:
    """A stretch of values, from `low` up to and without `high`; the last one with it."""

    low: Value
    high: Value
    count: int


@dataclass(frozen=True)
class Numbers:
    """A column of numbers."""

    mean: float
    stddev: float | None
    quantiles: Mapping[str, float]
    """By their share: `0.25`."""
    zeros: int
    negatives: int
    whole: bool
    """Whether none of them has decimals."""
    infinite: int
    """Values that are infinite or not a number; no other figure knows of them."""


@dataclass(frozen=True)
class Moments:
    """A column of dates or times."""

    resolution: str
    """The coarsest unit that tells all of them: day, hour, minute, second or fraction."""
    weekdays: Mapping[str, int]
    """Rows by the day of the week, Monday first."""
    days: int
    """Days on which there is a value."""
    missing_days: int
    """Days between the first and the last on which there is none."""
    future: int
    """Values that are later than now."""


@dataclass(frozen=True)
class Texts:
    """A column of text."""

    shortest: int
    longest: int
    mean_length: float
    lengths: tuple[Counted, ...]
    """The most frequent lengths."""
    forms: tuple[Counted, ...]
    """The most frequent forms: `AA-999`, a letter for each letter and a 9 for each digit."""
    form_count: int
    """How many forms there are among the values that were looked at."""
    regex: str | None
    """A regular expression that all of them match and that says more than their length."""
    blanks: int
    """Values that begin or end with a blank."""
    empty: int
    """Values in which there is nothing, or nothing but blanks."""
    missing: tuple[Counted, ...]
    """Words that say that there is no value: `NA`, `-`."""
    meaning: str | None = None
    """What nearly all of them are: `email`, `uuid`."""
    meaning_share: float = 0.0
    """Of the most frequent values."""
    looked_at: int = 0
    """Different values by which forms were told, the most frequent first."""


@dataclass(frozen=True)
class ColumnProfile:
    """What there is to say of one column."""

    name: str
    type: str
    family: Family
    rows: int
    nulls: int
    distinct: int
    exact: bool
    """Whether `distinct` was counted; else it is an estimate, a few per cent off."""
    likeness: float
    """The probability that two rows have the same value."""
    min: Value | None
    max: Value | None
    top: tuple[Counted, ...] = ()
    """The most frequent values; none where they are too many to count, or all come once."""
    histogram: tuple[Bin, ...] = ()
    numbers: Numbers | None = None
    moments: Moments | None = None
    texts: Texts | None = None
    masked: bool = False
    """Whether its values are withheld."""

    @property
    def values(self) -> int:
        """Rows that have a value."""
        return self.rows - self.nulls

    @property
    def null_share(self) -> Fraction:
        """Rows that have no value, of all."""
        return Fraction(self.nulls, self.rows or 1)

    @property
    def unique(self) -> bool:
        """Whether no value comes twice."""
        return self.exact and self.values > 0 and self.distinct == self.values

    @property
    def constant(self) -> bool:
        """Whether all values are the same one."""
        return self.exact and self.distinct == 1

    @property
    def binary(self) -> bool:
        """Whether it is a yes or no, by whatever two words."""
        return self.exact and self.distinct == 2 and self.values > 2


@dataclass(frozen=True)
class Key:
    """Columns that tell all rows apart."""

    columns: tuple[str, ...]
    chance: float
    """Pairs of rows that would be alike in them if the columns had nothing to do with each other;
    the more there would be, the less is it a chance that there are none. 0 for a single column."""


@dataclass(frozen=True)
class Correlation:
    """Two columns of numbers that go together."""

    left: str
    right: str
    value: float
    """Pearson's coefficient, -1 to 1."""


@dataclass(frozen=True)
class Ordering:
    """Two columns of which one is never above the other."""

    left: str
    right: str
    rows: int
    """Rows in which both have a value."""
    equal: int
    """Of those, how many in which they are the same."""
    chance: float
    """Rows that would break it if the columns had nothing to do with each other."""


@dataclass(frozen=True)
class Profile:
    """What there is to say of a table."""

    rows: int
    columns: tuple[ColumnProfile, ...]
    keys: tuple[Key, ...] = ()
    """The best first."""
    correlations: tuple[Correlation, ...] = ()
    """The strongest first."""
    orderings: tuple[Ordering, ...] = ()
    remarks: tuple[str, ...] = ()
    """What was left out, and why."""

    def column(self, name: str) -> ColumnProfile:
        """The profile of one column."""
        return next(each for each in self.columns if each.name == name)


def masked(profile: Profile, columns: Collection[str]) -> Profile:
    """The same profile without any value of some columns; counts and forms stay."""
    return replace(
        profile, columns=tuple(_mask(c) if c.name in columns else c for c in profile.columns)
    )


def _mask(column: ColumnProfile) -> ColumnProfile:
    texts = column.texts and replace(column.texts, missing=(), regex=None)
    return replace(
        column, min=None, max=None, top=(), histogram=(), numbers=None, texts=texts, masked=True
    )


def document(profile: Profile) -> dict[str, Any]:
    """A profile as plain data with stable keys, all of which JSON can hold."""
    columns = []
    for column in profile.columns:
        flags = {"unique": column.unique, "constant": column.constant, "binary": column.binary}
        columns.append(plain(column) | flags | {"null_share": float(column.null_share)})
    return plain(profile) | {"columns": columns}  # type: ignore[no-any-return]
