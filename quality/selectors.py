"""One check for many columns: which columns `each_column` means."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from quality.wording import guess

EACH = "each_column"
"""What a check says instead of the argument that names its column."""

_FAMILIES = {
    "number": {"smallint", "integer", "bigint", "hugeint", "double", "decimal"},
    "text": {"varchar"},
    "temporal": {"date", "time", "timestamp", "timestamptz"},
}


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"{text!r} is not a regular expression: {error}") from None
    return text


class ByName(BaseModel):
    """Columns whose names have a form."""

    model_config = ConfigDict(extra="forbid", strict=True)

    matching: Annotated[str, AfterValidator(_pattern)] = Field(
        description="a regular expression that the whole name matches: `.*_time`"
    )


class ByType(BaseModel):
    """Columns of a type."""

    model_config = ConfigDict(extra="forbid", strict=True)

    type: str = Field(description="a type of columns, or number, text or temporal")


Selector = Annotated[list[str], Field(min_length=1)] | ByName | ByType
_SELECTOR: TypeAdapter[Selector] = TypeAdapter(Selector)


def schema() -> dict[str, Any]:
    """The JSON Schema of a selector."""
    inner = _SELECTOR.json_schema(ref_template="#/$defs/{model}")
    definitions = inner.pop("$defs")
    either = [
        definitions[each["$ref"].rpartition("/")[2]] if "$ref" in each else each
        for each in inner["anyOf"]
    ]
    return {"description": "one such check for each of these columns", "anyOf": either}


def select(raw: Any, columns: Mapping[str, str]) -> list[str]:
    """The columns that a selector means, in the order of the contract, or of its own list.

    Args:
        raw: As it stands in a contract.
        columns: The type of each column.

    Raises:
        ValueError: It is no selector, or means no column.
    """
    try:
        selector = _SELECTOR.validate_python(raw)
    except ValidationError as error:
        told = next((e["msg"] for e in error.errors() if e["type"] == "value_error"), "")
        raise ValueError(
            told.removeprefix("Value error, ")
            or f"{raw!r} selects no columns; write [a, b], {{matching: '.*_time'}} or "
            "{type: number}"
        ) from None
    if isinstance(selector, list):
        if unknown := [name for name in selector if name not in columns]:
            raise ValueError(f"there is no column {unknown[0]!r}{guess(unknown[0], columns)}")
        return list(dict.fromkeys(selector))
    if isinstance(selector, ByName):
        found = [name for name in columns if re.fullmatch(selector.matching, name)]
    else:
        wanted = _FAMILIES.get(selector.type, {selector.type})
        found = [n for n, kind in columns.items() if {kind, kind.partition("(")[0]} & wanted]
    if not found:
        raise ValueError(f"no column is meant by {raw!r}; columns are {', '.join(columns)}")
    return found
