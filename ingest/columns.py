"""Columns: what a contract says of each, and the types that there are."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

TYPES = {
    "boolean": "BOOLEAN",
    "smallint": "SMALLINT",
    "integer": "INTEGER",
    "bigint": "BIGINT",
    "hugeint": "HUGEINT",
    "double": "DOUBLE",
    "decimal": "DECIMAL",
    "date": "DATE",
    "time": "TIME",
    "timestamp": "TIMESTAMP",
    "timestamptz": "TIMESTAMP WITH TIME ZONE",
    "uuid": "UUID",
    "json": "JSON",
    "varchar": "VARCHAR",
}
"""What a contract may call a type, and what DuckDB calls it."""

ALIASES = {
    "bool": "boolean",
    "int": "integer",
    "long": "bigint",
    "float": "double",
    "number": "double",
    "numeric": "decimal",
    "datetime": "timestamp",
    "string": "varchar",
    "text": "varchar",
}
"""Other words for the same types, kept out of the fingerprint: a contract may change its accent."""

MOST_COLUMNS = 1000
"""Columns that a contract may declare, and from which on files add no more to a table: what a load
takes grows with their square, and a supplier could add them for ever."""

_DECIMAL_DEFAULT = (18, 3)
_STRPTIME = re.compile(r"(?:[^%]|%[aAbBcdfgGHIjmMnpSuUVwWxXyYzZ%]|%-[dHIjmMSy])*", re.DOTALL)


def _column(name: str) -> str:
    if not name.strip() or "\0" in name:
        raise ValueError(
            f"{name!r} cannot name a column; a name has at least one visible character"
        )
    if name.startswith("_"):
        raise ValueError(f"{name!r} starts with _, which is reserved for pratique's own columns")
    return name


def _type(name: str) -> str:
    """Resolve aliases, so that `Decimal(10)` and `numeric(10, 0)` are one type."""
    match = re.fullmatch(r"([a-z]+)(?:\((\d+)(?:,(\d+))?\))?", re.sub(r"\s", "", name.lower()))
    base = match and ALIASES.get(match[1], match[1])
    if not match or base not in TYPES:
        raise ValueError(f"{name!r} is not a type; types are {', '.join(TYPES)}")
    if base != "decimal":
        if match[2]:
            raise ValueError(f"{base} takes no parameters; only decimal does: decimal(18,3)")
        return base
    precision, scale = (int(match[2]), int(match[3] or 0)) if match[2] else _DECIMAL_DEFAULT
    if not (1 <= precision <= 38 and scale <= precision):
        raise ValueError(
            f"{name!r}: decimal takes 1 to 38 digits, and no more of them after the point: "
            "decimal(18,3)"
        )
    return f"decimal({precision},{scale})"


def _strptime(format: str) -> str:
    if "%" not in format or not _STRPTIME.fullmatch(format):
        raise ValueError(f"{format!r} is not a strptime format; write it like '%d.%m.%Y %H:%M:%S'")
    return format


def keys(text: str) -> str:
    """Check the way to a value within a record.

    Raises:
        ValueError: A key is missing.
    """
    if not all(text.split(".")) or "\0" in text:
        raise ValueError(f"{text!r} is no way to a value; write keys with dots between: a.b")
    return text


Name = Annotated[str, AfterValidator(_column)]
"""Name of a column."""


class Section(BaseModel):
    """A part of a contract."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Column(Section):
    """One column of the dataset's table."""

    name: Name
    """As it stands in the header or as the JSON key; case does not tell two columns apart."""
    type: Annotated[str, AfterValidator(_type), Field(examples=[*TYPES])] = "varchar"
    """boolean, smallint, integer, bigint, hugeint, double, decimal(p,s), date, time, timestamp,
    timestamptz, uuid, json or varchar."""
    required: bool = True
    """Whether a file without this column is refused."""
    format: Annotated[str, AfterValidator(_strptime)] | None = None
    """strptime format of a date, timestamp or timestamptz; without it, ISO 8601."""
    path: Annotated[str, AfterValidator(keys)] | None = None
    """JSON only: the keys that lead to the value within a record, with dots between:
    `address.city`; without it, the key is the column's name."""
    description: str | None = None
    """What the column means, for people."""

    @property
    def duckdb_type(self) -> str:
        """The column's type as DuckDB spells it."""
        return TYPES.get(self.type) or self.type.upper()
