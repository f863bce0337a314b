"""What any check may say besides its rule's own arguments: above all, how much it matters."""

from __future__ import annotations

import re
from fractions import Fraction
from string import Formatter
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    WithJsonSchema,
    field_validator,
)

from quality.condition import Sql
from quality.model import Dimension, NullPolicy, OnFail, Severity
from quality.wording import percent, plural

_FAIL_ABOVE: dict[Severity, float | int] = {Severity.CRITICAL: 0, Severity.ERROR: 0.05}
"""How many rows may fail before a check does that does not say; others never do."""


def _limit(value: Any) -> Any:
    match value:
        case str() if written := re.fullmatch(r"(\d+(?:\.\d+)?) ?%", value):
            if (share := float(Fraction(written[1]) / 100)) <= 1:
                return share
        case bool():
            pass
        case int() if value >= 0:
            return value
        case float() if 0 <= value < 1:
            return value
    raise ValueError(
        f"{value!r} is neither a share nor a number of rows; "
        "write 0.05 or 5% for a share of the rows, 3 for three rows, 100% for all"
    )


def _severity(value: Any) -> Any:
    if isinstance(value, str) and value.upper() in Severity.__members__:
        return Severity[value.upper()]
    known = ", ".join(severity.label for severity in reversed(Severity))
    raise ValueError(f"{value!r} is not a severity; there are {known}")


def _dimension(value: Any) -> Any:
    if value in list(Dimension):
        return Dimension(value)
    raise ValueError(f"{value!r} is not a dimension; there are {', '.join(Dimension)}")


def _template(text: str) -> str:
    try:
        parts = [part for part in Formatter().parse(text) if part[1] is not None]
    except ValueError as error:
        raise ValueError(f"{text!r} is no template: {error}") from None
    used = {
        f"{name}{f'!{as_}' if as_ else ''}{f':{form}' if form else ''}"
        for _, name, form, as_ in parts
    }
    if unknown := used - MESSAGE_WORDS.keys():
        words = ", ".join(f"{{{name}}}" for name in MESSAGE_WORDS)
        raise ValueError(f"{{{min(unknown)}}} is not known in a message; there are {words}")
    return text


MESSAGE_WORDS = {
    "subject": "what is judged",
    "expected": "what it must be",
    "failed": "rows that fail",
    "rows": "rows that it applies to",
    "share": "the one of the other, as a percentage",
    "value": "what a dataset check measured",
}
"""What a `message` may hold in braces."""

Limit = Annotated[
    float | int,
    BeforeValidator(_limit),
    WithJsonSchema({"type": ["number", "string"], "minimum": 0, "pattern": r"^\d+(\.\d+)? ?%$"}),
]


class Settings(BaseModel):
    """What any check may say besides its rule's own arguments."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    severity: Annotated[
        Severity,
        BeforeValidator(_severity),
        WithJsonSchema({"enum": [severity.label for severity in reversed(Severity)]}),
    ]
    """How much a failure matters: critical and error keep the record out of the table."""
    dimension: Annotated[
        Dimension,
        BeforeValidator(_dimension),
        WithJsonSchema({"enum": [str(dimension) for dimension in Dimension]}),
    ]
    """What the check is about."""
    warn_above: Limit = 0
    """How many rows may fail before it warns: 0.05 or 5% for a share, 3 for three rows."""
    fail_above: Limit | None = None
    """How many rows may fail before the check fails: 5% of an error, none of a critical."""
    weight: Annotated[float, Field(ge=0)] | None = None
    """How much it counts in the score: 5 if critical, 3 if error, 1 if warning."""
    where: Sql | None = None
    """Which rows it is about: a condition in SQL on the columns of one row."""
    null_policy: NullPolicy = "ignore"
    """Whether it does not apply to a row without a value, or such a row fails it."""
    on_fail: OnFail | None = None
    """What becomes of a record that fails: keep it in the table, or quarantine it, as of an error
    and a critical. Besides that, of its file if the check fails: hold it, or reject_file."""
    name: Annotated[str, Field(pattern=r"^\w[\w .,:()#/-]*$")] | None = None
    """What reports call it, instead of `rule(column)`."""
    description: str | None = None
    """Why the check is there."""
    message: Annotated[str, AfterValidator(_template)] | None = None
    """What reports say when it fails, with {failed}, {rows}, {share}, {subject}, {expected} and
    {value} filled in."""
    owner: str | None = None
    """Who has to act when it fails, if not the owner of the dataset."""
    tags: tuple[str, ...] = ()
    """Words to find it by."""

    @field_validator("tags", mode="before")
    @classmethod
    def _as_tuple(cls, tags: Any) -> Any:
        return tuple(tags) if isinstance(tags, list) else tags

    def consequence(self) -> OnFail:
        """What becomes of what fails.

        Raises:
            ValueError: A check of its severity never fails, so there is nothing to become of.
        """
        if self.on_fail in ("hold", "reject_file") and self.severity < Severity.ERROR:
            raise ValueError(
                f"a check of severity {self.severity.label} never fails, so on_fail: "
                f"{self.on_fail} says nothing; use severity: error"
            )
        return self.on_fail or self.severity.on_fail

    def limits(self) -> tuple[float | int, float | int | None]:
        """How many rows may fail before the check warns, and before it fails.

        Raises:
            ValueError: The two do not fit each other, or the severity.
        """
        given = "fail_above" in self.model_fields_set
        if given and self.severity < Severity.ERROR:
            raise ValueError(
                f"a check of severity {self.severity.label} never fails, so fail_above says "
                "nothing; leave it out, or use severity: error"
            )
        fail_above = self.fail_above if given else _FAIL_ABOVE.get(self.severity)
        if fail_above is not None and _above(self.warn_above, fail_above):
            raise ValueError(
                f"warn_above ({_told(self.warn_above)}) is above fail_above "
                f"({_told(fail_above)}); set both"
            )
        return self.warn_above, fail_above


def _above(warn: float | int, fail: float | int) -> bool:
    return warn > fail and (type(warn) is type(fail) or fail == 0)


def _told(limit: float | int) -> str:
    return percent(Fraction(str(limit))) if isinstance(limit, float) else plural(limit, "row")
