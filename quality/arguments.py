"""The types that rules take as arguments: what each accepts in a contract, and how it says no."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any, Literal, get_args

import duckdb
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    StrictFloat,
    StrictInt,
    Tag,
    TypeAdapter,
    WithJsonSchema,
)

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


def _moment(value: Any) -> Any:
    """Read ISO text; pydantic's own reading would take "2013" for seconds since 1970."""
    if not isinstance(value, str):
        return value
    try:
        return date.fromisoformat(value) if len(value) == 10 else datetime.fromisoformat(value)
    except ValueError:
        raise ValueError(
            f"{value!r} is neither a number nor a date; write 5, 2013-02-07 or 2013-02-07T18:00"
        ) from None


def _duration(value: Any) -> Any:
    if isinstance(value, timedelta):
        return value
    if isinstance(value, str):
        if plain := _SPAN.fullmatch(value):
            return timedelta(**{plain["unit"] + "s": float(plain["number"])})
        if value.startswith("P"):
            return TypeAdapter(timedelta).validate_python(value)
    raise ValueError(f"{value!r} is not a length of time; write '36 hours', '7 days' or P7D")


def _reference(value: Any) -> Any:
    """Read `planes.tailnum` and `planes.[a, b]`; a mapping is read by the model itself."""
    if not isinstance(value, str):
        return value
    if not (parts := _DOTTED.fullmatch(value)):
        raise ValueError(f"{value!r} names no column of a dataset; write planes.tailnum")
    columns = parts["one"] or parts["many"]
    return {"dataset": parts["dataset"], "columns": [name.strip() for name in columns.split(",")]}


def _clock(value: Any) -> Any:
    """Read `9:00`; to YAML, that is a number of minutes, and 9:00:30 one of seconds."""
    match value:
        case str():
            with suppress(ValueError):
                return time.fromisoformat(value if value[1:2] != ":" else f"0{value}")
        case int() if 0 <= value < 24 * 60:
            return time(value // 60, value % 60)
        case time():
            return value
    raise ValueError(f"{value!r} is not a time of day; write '09:00'")


def _pattern(text: str) -> str:
    """Read the pattern by itself; with something around it `a)|(b` would pass."""
    try:
        ask("SELECT regexp_matches('', ?)", text)
    except duckdb.Error as error:
        raise ValueError(f"{text!r} is not a regular expression: {error}") from None
    return text


_SPAN = re.compile(r"(?P<number>\d+(\.\d+)?) *(?P<unit>second|minute|hour|day|week)s?")
_DOTTED = re.compile(r"(?P<dataset>[^.\[\]]+)\.(?:(?P<one>[^\[\],]+)|\[(?P<many>[^\[\]]+)\])")

Number = StrictInt | StrictFloat

Positive = Annotated[Number, Field(gt=0), WithJsonSchema({"type": "number", "exclusiveMinimum": 0})]

NonNegative = Annotated[Number, Field(ge=0), WithJsonSchema({"type": "number", "minimum": 0})]

Share = Annotated[
    Number, Field(ge=0, le=1), WithJsonSchema({"type": "number", "minimum": 0, "maximum": 1})
]
"""A part of a whole."""

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

Moment = Annotated[
    date | datetime,
    BeforeValidator(_moment),
    WithJsonSchema({"type": "string", "description": "a date or a date and time, ISO 8601"}),
]

Clock = Annotated[
    time, BeforeValidator(_clock), WithJsonSchema({"type": "string", "examples": ["09:00"]})
]
"""A time of day."""

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)

Limit = Annotated[
    Number | date | datetime,
    BeforeValidator(_moment),
    WithJsonSchema({"type": ["number", "string"], "description": "a number, a date or a time"}),
]


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

Duration = Annotated[
    timedelta,
    BeforeValidator(_duration),
    WithJsonSchema({"type": "string", "examples": ["36 hours", "7 days", "P7D"]}),
]

Tolerance = Annotated[
    Annotated[NonNegative, Tag("number")] | Annotated[Duration, Tag("time")],
    Discriminator(lambda given: "time" if isinstance(given, str | timedelta) else "number"),
]
"""How far apart two numbers may be, or two moments."""


def naive_utc(moment: date | datetime) -> datetime:
    """A moment in UTC, without saying so; a date is the midnight that it begins with."""
    if not isinstance(moment, datetime):
        return datetime.combine(moment, time())
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


class Keys(BaseModel):
    """Columns of another dataset, in the order of the columns that refer to them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    dataset: str = Field(min_length=1)
    columns: list[str] = Field(min_length=1)

    def __str__(self) -> str:
        """The words of contracts: `planes.tailnum`, `routes.[origin, dest]`."""
        names = ", ".join(self.columns)
        return f"{self.dataset}.{names}" if len(self.columns) == 1 else f"{self.dataset}.[{names}]"


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
