"""Variables: what a contract leaves open, `${region}`, and what is put in its place.

A value that is exactly `${name}` becomes the variable's value, of whatever type; within a longer
text it becomes its text. There are no expressions: a contract is read, and not run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Annotated, Any

import yaml
from pydantic import AfterValidator, WithJsonSchema

from flows.document import Document, DocumentInvalid, Finding, Keys
from quality.wording import guess

NAME = r"[a-z][a-z0-9_]*"
WHOLE = rf"\$\{{{NAME}\}}"
"""A value that is nothing but a variable."""

_MARK = re.compile(r"\$\$\{|\$\{([^{}]*)\}")
LITERAL = ("dataset", "version", "status", "variables")
"""What is as it is written; it is read also without the project."""


def _name(text: str) -> str:
    if not re.fullmatch(NAME, text):
        raise ValueError(f"{text!r} cannot name a variable; use a letter, then a-z, 0-9 and _")
    return text


def _value(value: Any) -> Any:
    single = str | bool | int | float | date | None
    if isinstance(value, single):
        return value
    if isinstance(value, list) and value and all(isinstance(one, single) for one in value):
        return value
    raise ValueError(
        f"{value!r} cannot be the value of a variable; use a text, a number, a date, true or "
        "false, or a list of them"
    )


Name = Annotated[
    str, AfterValidator(_name), WithJsonSchema({"type": "string", "pattern": f"^{NAME}$"})
]
_SINGLE = ["string", "number", "boolean", "null"]
Value = Annotated[
    Any,
    AfterValidator(_value),
    WithJsonSchema({"type": [*_SINGLE, "array"], "items": {"type": _SINGLE}, "minItems": 1}),
]
"""What a variable can be; null until it is given one."""


def escaped(value: Any) -> Any:
    """A value from elsewhere, in which no text stands for a variable."""
    match value:
        case str():
            return value.replace("${", "$${")
        case dict():
            return {key: escaped(each) for key, each in value.items()}
        case list() | tuple():
            return [escaped(each) for each in value]
    return value


def resolve(document: Document, given: Mapping[str, Any]) -> Document:
    """Put values in the place of a contract's variables.

    Args:
        document: The contract.
        given: Variables from outside, which override those of the contract.

    Returns:
        The same document with other values; what is where has not changed.

    Raises:
        DocumentInvalid: With every variable that is not known.
    """
    own = document.data.get("variables")
    own = own if isinstance(own, dict) else {}
    values = own | {name: overriding(value, own, name) for name, value in given.items()}
    findings: list[Finding] = [
        (("variables", name), "cannot be made of other variables; write $${ for the text itself")
        for name, value in own.items()
        if any(mark[1] is not None for mark in _MARK.finditer(str(value)))
    ]
    data: dict[str, Any] = {}
    for key, value in document.data.items():
        if key not in LITERAL:
            data[key] = _filled(value, (key,), values, findings)
        else:
            data[key] = value
            if key != "variables" and isinstance(value, str) and _MARK.search(value):
                findings.append(((key,), "is written out, without variables"))
    if findings:
        raise DocumentInvalid(document.problems(findings))
    return replace(document, data=data)


def overriding(value: Any, replaced: Mapping[str, Any], name: str) -> Any:
    """What replaces a number is read as one: the environment can only say texts."""
    if not isinstance(value, str) or name not in replaced or isinstance(replaced[name], str):
        return value
    try:
        return yaml.safe_load(value)
    except yaml.YAMLError:
        return value


def _filled(value: Any, keys: Keys, values: Mapping[str, Any], findings: list[Finding]) -> Any:
    match value:
        case dict():
            return {k: _filled(each, (*keys, k), values, findings) for k, each in value.items()}
        case list():
            return [_filled(each, (*keys, n), values, findings) for n, each in enumerate(value)]
        case str() if "${" in value:
            wrong = list(_wrong(value, values))
            findings += ((keys, what) for what in wrong)
            if wrong:
                return value
            if re.fullmatch(WHOLE, value):
                return values[value[2:-1]]
            return _MARK.sub(lambda mark: _text(mark, values), value)
        case _:
            return value


def _wrong(text: str, values: Mapping[str, Any]) -> Iterator[str]:
    for mark in _MARK.finditer(text):
        name = mark[1]
        if name is None:
            continue
        if not re.fullmatch(NAME, name):
            yield f"{mark[0]!r} names no variable; write $${{ for the text itself"
        elif name not in values:
            there = f"there are {', '.join(sorted(values))}" if values else "there are none"
            yield f"there is no variable {name!r}{guess(name, values)}; {there}"
        elif values[name] is None:
            yield (
                f"the variable {name!r} has no value; give it one below `variables`, here or in "
                f"pratique.yaml, or as PRATIQUE_VARIABLES__{name.upper()}"
            )
        elif isinstance(values[name], list) and mark[0] != text:
            yield f"the variable {name!r} is a list, which cannot stand within a text"


def _text(mark: re.Match[str], values: Mapping[str, Any]) -> str:
    if mark[1] is None:
        return "${"
    value = values[mark[1]]
    return str(value).lower() if isinstance(value, bool) else str(value)
