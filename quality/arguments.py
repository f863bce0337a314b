"""What rules name in their arguments: columns and other datasets, and how each says no."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import duckdb
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
)

from quality.quantities import Limit, Number
from quality.scratch import ask


def _named(value: str | Sequence[str] | None) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value or ())


def _renamed(value: Any, names: Mapping[str, str]) -> Any:
    if value is None:
        return None
    return names[value] if isinstance(value, str) else [names[each] for each in value]


def as_written(value: Any, names: Mapping[str, str]) -> Any:
    """The argument of a rule that gives SQL, in which columns go by the names they came with."""
    return value


@dataclass(frozen=True)
class Names:
    """Marks an argument that names columns of the dataset: one, some, or perhaps none."""

    read: Callable[[Any], tuple[str, ...]] = _named
    """The columns that a value of the argument names."""
    fill: Callable[[str], Any] | None = None
    """The argument's value for a check that stands below one column; None if it cannot be one."""
    rename: Callable[[Any, Mapping[str, str]], Any] = _renamed
    """The argument's value for a frame whose columns go by other names."""
    groups: bool = False
    """Whether they tell which rows belong together, so that parts of a table do, too."""
    optional: bool = False
    """Whether something can be said of a row without a value in them."""


@dataclass(frozen=True)
class Datasets:
    """Marks an argument that names other datasets."""

    read: Callable[[Any], tuple[str, ...]]
    """The datasets that a value of the argument names."""


@dataclass(frozen=True)
class Like:
    """Marks an argument that names columns of another dataset, like one that names ours."""

    ours: str
    """That argument, whose names count where this one has none."""


def _distinct(names: list[str]) -> list[str]:
    if len(set(names)) < len(names):
        raise ValueError("names a column twice")
    return names


def _reference(value: Any) -> Any:
    """Read `planes.tailnum` and `planes.[a, b]`; a mapping is read by the model itself."""
    if not isinstance(value, str):
        return value
    if not (parts := _DOTTED.fullmatch(value)):
        raise ValueError(f"{value!r} names no column of a dataset; write planes.tailnum")
    columns = parts["one"] or parts["many"]
    return {"dataset": parts["dataset"], "columns": [name.strip() for name in columns.split(",")]}


def _pattern(text: str) -> str:
    """Read the pattern by itself; with something around it `a)|(b` would pass."""
    try:
        ask("SELECT regexp_matches('', ?)", text)
    except duckdb.Error as error:
        raise ValueError(f"{text!r} is not a regular expression: {error}") from None
    return text


_DOTTED = re.compile(r"(?P<dataset>[^.\[\]]+)\.(?:(?P<one>[^\[\],]+)|\[(?P<many>[^\[\]]+)\])")

Column = Annotated[str, Field(min_length=1), Names(fill=str)]

OptionalColumn = Annotated[str | None, Names(fill=str, optional=True)]
"""A column that may be left out, and may hold nulls, which mean something."""

Nullable = Annotated[str, Field(min_length=1), Names(optional=True)]
"""A column that may hold nulls, which mean something."""

Beside = Annotated[str | None, Names()]
"""A column that says more of the rows than what is judged, like when they are of."""

_Several = Annotated[list[str], Field(min_length=1), AfterValidator(_distinct)]

Columns = Annotated[_Several, Names(fill=lambda name: [name])]

Written = Annotated[_Several, Names(fill=lambda name: [name], rename=as_written)]
"""Columns by the names that they have in SQL, for rules that give a condition."""

Key = Annotated[_Several, Names(groups=True)]
"""Columns that make a key together, beside the one that is judged."""

Groups = Annotated[_Several | None, Names(groups=True, optional=True)]
"""Columns whose values make groups of the rows, each judged by itself; None for all rows."""


def for_each(given: Mapping[str, Any]) -> str:
    """What is judged group by group, in the words of a rule; nothing where it is not."""
    return " for each {group_by}" if given["group_by"] else ""


OwnColumns = Annotated[
    list[str] | None, AfterValidator(lambda names: names and _distinct(names)), Names()
]
"""Columns of the dataset; all, if none are named."""

Some = Annotated[
    Sequence[str],
    BeforeValidator(lambda each: _distinct(each) if isinstance(each, list) else each),
    Names(),
]
"""Columns beside those that a check is about, or none."""

Theirs = Annotated[Annotated[list[str], Field(min_length=1)] | None, Like("compare")]
"""What another dataset calls the columns of `compare`."""

Pattern = Annotated[str, AfterValidator(_pattern)]


class Other(BaseModel):
    """A column whose values stand for one, row by row."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    column: str = Field(min_length=1)

    def __str__(self) -> str:
        return self.column


_WHICH = Discriminator(lambda given: "column" if isinstance(given, Mapping | Other) else "value")
"""What is wrong is told of the one that is meant."""
_OTHER = Names(
    lambda value: (value.column,) if isinstance(value, Other) else (),
    rename=lambda value, names: (
        Other(column=names[value.column]) if isinstance(value, Other) else value
    ),
)

Bound = Annotated[
    Annotated[Limit | None, Tag("value")] | Annotated[Other, Tag("column")], _WHICH, _OTHER
]
"""A limit, or a column that has one in each row."""

Amount = Annotated[
    Annotated[Number, Tag("value")] | Annotated[Other, Tag("column")], _WHICH, _OTHER
]
"""A number, or a column that has one in each row."""


class Keys(BaseModel):
    """Columns of another dataset, in the order of the columns that refer to them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    dataset: str = Field(min_length=1)
    columns: list[str] = Field(min_length=1)

    def __str__(self) -> str:
        """The words of contracts: `planes.tailnum`, `routes.[origin, dest]`."""
        names = ", ".join(self.columns)
        return f"{self.dataset}.{names}" if len(self.columns) == 1 else f"{self.dataset}.[{names}]"

    def require(self, columns: Sequence[str]) -> None:
        """Refuse columns that do not refer to these, one to each.

        Raises:
            ValueError: They are more, or fewer.
        """
        if len(columns) != len(self.columns):
            raise ValueError(
                f"{len(columns)} columns cannot refer to {len(self.columns)} of {self.dataset}"
            )


Reference = Annotated[
    Keys,
    BeforeValidator(
        _reference, json_schema_input_type=Annotated[str, Field(examples=["planes.tailnum"])] | Keys
    ),
    Datasets(lambda keys: (keys.dataset,)),
]

OptionalReference = Annotated[
    Keys | None,
    BeforeValidator(
        _reference,
        json_schema_input_type=Annotated[str, Field(examples=["planes.seats"])] | Keys | None,
    ),
    Datasets(lambda keys: (keys.dataset,) if keys else ()),
]
"""A reference that may be left out."""
