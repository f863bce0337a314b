"""Part: a mapping of somebody else's document, of which what is understood is taken piece by piece.

What nobody has taken is left, and can be kept or told: nothing is lost without a word.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flows.document import DocumentInvalid, Keys, spell
from quality.problem import Problem

_CALLED = {
    dict: "keys with values",
    list: "a list",
    str: "a text",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
}


class ExchangeInvalid(DocumentInvalid):
    """A document is not what it claims to be, and cannot become a contract."""


@dataclass(frozen=True)
class Part:
    """A mapping, and where it stands."""

    said: dict[str, Any]
    """What nobody has taken."""
    file: str
    keys: Keys = ()

    def take(self, name: str, kind: type = object) -> Any:
        """Take a value out; None if it is not there.

        Raises:
            ExchangeInvalid: It is something else than it must be.
        """
        value = self.said.pop(name, None)
        kinds = (int, float) if kind is float else kind
        if value is None or (
            isinstance(value, kinds) and (kind in (bool, object) or not _flag(value))
        ):
            return value
        raise self.invalid(name, f"must be {_CALLED[kind]}, not {str(value)[:40]!r}")

    def part(self, name: str) -> Part:
        """Take a mapping out; an empty one if it is not there."""
        return Part(dict(self.take(name, dict) or {}), self.file, (*self.keys, name))

    def parts(self, name: str) -> list[Part]:
        """Take a list of mappings out."""
        listed = self.take(name, list) or []
        for index, each in enumerate(listed):
            if not isinstance(each, dict):
                said = f"must be keys with values, not {str(each)[:40]!r}"
                raise self.invalid((name, index), said)
        return [
            Part(dict(each), self.file, (*self.keys, name, index))
            for index, each in enumerate(listed)
        ]

    def told(self, what: str, *names: str | int) -> Problem:
        """Say something about the part, or about something in it."""
        return Problem(self.file, spell((*self.keys, *names)), what)

    def invalid(self, names: str | Keys, what: str) -> ExchangeInvalid:
        """Refuse the document for something in the part."""
        within = names if isinstance(names, tuple) else (names,)
        return ExchangeInvalid([self.told(what, *within)])


def dataset_of(name: str) -> str:
    """What a dataset is called whose schema goes by the name or the path of a file."""
    stem = re.sub(r"\.(schema|table|json|ya?ml)\b", "", name.rpartition("/")[2].lower())
    return re.sub(r"[^a-z0-9]+", "_", stem).strip("_0123456789")[:60] or "records"


def _flag(value: Any) -> bool:
    """Whether a value is true or false, which Python takes for numbers too."""
    return isinstance(value, bool)


@dataclass(frozen=True)
class Imported:
    """A contract that was made of somebody else's document."""

    contract: dict[str, Any]
    comments: Mapping[Keys, tuple[str, ...]] = field(default_factory=dict)
    """Where in it which part comes from."""
    told: tuple[str, ...] = ()
    """What could not be said in it."""
