"""How a function becomes a rule, and the register of them all."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar, get_type_hints

import narwhals as nw
from pydantic import BaseModel, ConfigDict, Field, create_model

from quality.condition import Condition
from quality.definition import ARGS, GIVEN, Example, Kind, OnNulls, Rule, Separable, Template
from quality.frames import Frame
from quality.measure import Fact, Measure
from quality.model import Dimension, Severity
from quality.settings import Settings
from quality.values import ByValue

__all__ = ["RULES", "Example", "Kind", "Rule", "RuleInvalid", "rule"]


class RuleInvalid(Exception):
    """A function cannot be a rule as it is written."""


RULES: dict[str, Rule] = {}
"""Every rule by its name; loading `quality.rules` fills it."""

_KINDS: dict[Any, Kind] = {
    nw.Expr: Kind.ROW,
    Condition: Kind.ROW,
    ByValue: Kind.ROW,
    Frame: Kind.KEY,
    Measure: Kind.DATASET,
    Fact: Kind.DATASET,
    Measure | Fact: Kind.DATASET,
}
_ARG = re.compile(r"^    (\w+): (.*(?:\n {5,}.*)*)", re.MULTILINE)

Function = TypeVar("Function", bound=Callable[..., Any])


def rule(
    *,
    dimension: str,
    expects: Template,
    examples: Sequence[Example],
    subject: Template = "{columns}",
    fault: Template = "{subject} is not {expected}",
    severity: str = "error",
    finds: Template = "{keys}",
    tells: Template = "{subject} is {value}",
    unit: Template = "",
    nulls: OnNulls = "ignore",
    separable: Separable | None = None,
    of_all: bool = False,
    discreet: bool = False,
) -> Callable[[Function], Function]:
    """Register a function as the rule of its name, and leave the function as it is.

    Args:
        dimension: What the rule is about, unless a contract says otherwise.
        expects: What the subject must be: `subject is expects` reads as a sentence. A template
            over the arguments, `{name}` for the check's own, and `{bounds}` for what `min` and
            `max` ask for together.
        examples: Its documentation and its tests, on every backend.
        subject: What is judged; a template too.
        fault: What is wrong with a row that fails, over `{subject}` and `{expected}` too.
        severity: How much a failure matters, unless a contract says otherwise.
        finds: Of a key rule, what it says of the failing keys. A template over `{keys}`, or
            `{groups}`, and, for rules about keys that come more than once, `{surplus}`.
        tells: Of a dataset rule, what it says of the value, over `{subject}` and `{value}` too.
        unit: Of a dataset rule, one of what its value is counted in: `day`, or `SHARE`.
        nulls: Of a key rule, what it makes of a row with a null in one of its columns: ignore it,
            fail it, or judge it, which is for rules that are about nulls, row rules among them.
        separable: Whether many files may be judged at once, each for itself; by default, where the
            rule is given neither rows nor anything beside them. A key rule that refers to another
            dataset must judge each key by itself for that; any other must bear one more column,
            which tells the files apart, in front of its groups, or of its `columns`; one that gives
            a fact must not be separable.
        of_all: Whether it looks at all columns, where its arguments name none.
        discreet: Whether what fails it is personal, so that reports do not show it.

    Raises:
        RuleInvalid: The name is taken, or the function does not say what kind of rule it is.
    """

    def register(function: Function) -> Function:
        name = function.__name__
        if name in RULES:
            taken = RULES[name].function.__code__.co_filename
            raise RuleInvalid(
                f"two rules are called {name!r}: {taken} and {function.__code__.co_filename}"
            )
        hints = get_type_hints(function, include_extras=True)
        if (kind := _KINDS.get(hints.get("return"))) is None:
            raise RuleInvalid(
                f"{name} does not say what kind of rule it is; "
                "return nw.Expr (row), Frame (failing keys), Measure or Fact (dataset)"
            )
        given = GIVEN.keys() & hints.keys()
        RULES[name] = Rule(
            name=name,
            kind=kind,
            dimension=Dimension(dimension),
            severity=Severity[severity.upper()],
            subject=subject,
            expects=expects,
            fault=fault,
            examples=tuple(examples),
            finds=finds,
            tells=tells,
            unit=unit,
            nulls=nulls,
            separable=not given if separable is None else separable,
            of_all=of_all,
            discreet=discreet,
            function=function,
            arguments=_model(function, hints),
        )
        return function

    return register


def _model(function: Callable[..., Any], hints: Mapping[str, Any]) -> type[BaseModel]:
    listed = ARGS.search(inspect.getdoc(function) or "")
    told = dict(_ARG.findall(listed.group())) if listed else {}
    fields: dict[str, Any] = {}
    for name, parameter in inspect.signature(function).parameters.items():
        if name in GIVEN:
            continue
        if name in Settings.model_fields:
            raise RuleInvalid(f"{function.__name__}: every check has {name!r}; choose another name")
        default = ... if parameter.default is parameter.empty else parameter.default
        meaning = " ".join(told.get(name, "").split())
        fields[name] = (hints[name], Field(default, description=meaning or None))
    # Built when it is first asked: a contract uses few of all rules.
    config = ConfigDict(extra="forbid", strict=True, defer_build=True)
    return create_model(function.__name__, __config__=config, **fields)
