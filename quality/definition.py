"""What a rule is, and what it is given.

A rule is a pure function from its arguments to one of three things, and that is its kind:

- a row rule gives an expression that is true for a good row, false for a bad one, and null where
  it does not apply; or, as `ByValue`, what tells in Python whether a value is good;
- a key rule gives the frame of what fails: keys, groups, or the numbers of records; by whatever
  columns the frame has, that is found again in the rows;
- a dataset rule gives one value and the bounds it must keep: as a measure, which is taken in the
  scan of all checks, or as a fact, which the rule has found out by itself.

A rule that asks for a `frame` is given the rows that it is about, one that asks for a `reference`
the other dataset that its arguments name, one that asks for `tables` all of them by their names and
the rows as `this`, and one that asks for a `context` what is known beside the rows.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property, partial
from typing import Any, Literal, TypeAlias, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from quality.arguments import Datasets, Keys, Like, Names
from quality.condition import Condition, Restricts
from quality.context import Context
from quality.frames import Frame, Tables
from quality.model import Dimension, Severity
from quality.wording import bounds, limit, show

ARGS = re.compile(r"^Args:\n((?:[ ]+.*\n?|\n)*)", re.MULTILINE)
Mark = TypeVar("Mark", Names, Datasets, Restricts, Like)

Nulls: TypeAlias = Literal["ignore", "fail", "judge"]
"""What a key rule makes of a row with a null in one of its columns: it does not apply to the row,
the row fails, or the rule sees it as it sees all others."""

OnNulls: TypeAlias = Nulls | Callable[[Mapping[str, Any]], Nulls]
"""The same; or what tells that, if it depends on the arguments."""

Template: TypeAlias = str | Callable[[Mapping[str, Any]], str]
"""Text with `{argument}` in it; or what gives that text, if it depends on the arguments."""

Separable: TypeAlias = bool | Callable[[Mapping[str, Any]], bool]
"""Whether many files may be judged at once; or what tells that, if it depends on the arguments."""


class Kind(StrEnum):
    """What a rule looks at, and therefore what it can point to."""

    ROW = "row"
    KEY = "key"
    DATASET = "dataset"


@dataclass(frozen=True)
class Example:
    """A rule at work: arguments, rows that are good by them, and rows that are bad.

    Each of `good` and `bad` is a frame, column by column. Of a row rule every row of `bad` fails
    and no row of `good`; of a dataset rule the frame as a whole.
    """

    arguments: Mapping[str, Any]
    good: Mapping[str, Sequence[Any]]
    bad: Mapping[str, Sequence[Any]]
    references: Mapping[str, Mapping[str, Sequence[Any]]] = field(default_factory=dict)
    """The other datasets that the rule looks into."""
    context: Context | None = None
    """What is known beside the rows, for both."""
    bad_context: Context | None = None
    """What is known beside the bad rows, where that is what makes them bad."""
    among: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    """Rows that the bad ones stand among, and that are good there; of a key rule."""

    @property
    def amid(self) -> dict[str, list[Any]]:
        """The bad rows, below those that they stand among."""
        return {name: [*self.among.get(name, ()), *rows] for name, rows in self.bad.items()}


@dataclass(frozen=True)
class Rule:
    """A definition; bound to arguments in a contract it becomes a check."""

    name: str
    kind: Kind
    dimension: Dimension
    severity: Severity
    subject: Template
    """What is judged: `{columns}`."""
    expects: Template
    """What it must be: `found in {to}`."""
    fault: Template
    """What is wrong with a row that fails: `{subject} is not {expected}`."""
    examples: tuple[Example, ...]
    finds: Template
    """What a key rule says of the failing keys: `{keys} unknown`."""
    tells: Template
    """What a dataset rule says of the value: `{subject} is {value}`."""
    unit: Template
    """What the value of a dataset rule is counted in: `day`, or `SHARE`."""
    nulls: OnNulls
    """Of a key rule: what it makes of a row with a null in one of its columns."""
    separable: Separable
    """Whether many files may be judged at once, each for itself."""
    of_all: bool
    """Whether it looks at all columns, where its arguments name none."""
    discreet: bool
    """Whether what fails it is personal, so that reports do not show it."""
    function: Callable[..., Any]
    arguments: type[BaseModel]
    """The arguments as a contract gives them."""

    @property
    def docs(self) -> str:
        """The docstring, without its list of arguments."""
        return ARGS.sub("", inspect.getdoc(self.function) or "").strip()

    @cached_property
    def given(self) -> frozenset[str]:
        """What it is given beside its arguments, by name."""
        return frozenset(inspect.signature(self.function).parameters) & GIVEN.keys()

    @property
    def column_argument(self) -> str | None:
        """The argument that a check below a column leaves out."""
        return next((name for name, mark in self._marked(Names) if mark.fill), None)

    @property
    def group_argument(self) -> str | None:
        """The argument that tells which rows belong together; else, what a check is about."""
        grouping = (name for name, mark in self._marked(Names) if mark.groups)
        return next(grouping, self.column_argument)

    def fill(self, column: str) -> dict[str, Any]:
        """What a check below `column` leaves out, filled in."""
        filled = ({name: m.fill(column)} for name, m in self._marked(Names) if m.fill)
        return next(filled, {})

    def columns(self, arguments: Mapping[str, Any]) -> tuple[str, ...]:
        """The columns that the arguments name, each once, in their order."""
        return self._named(arguments, optional=True)

    def needed(self, arguments: Mapping[str, Any]) -> tuple[str, ...]:
        """Those of them without a value in which nothing can be said of a row."""
        return self._named(arguments, optional=False)

    def _named(self, arguments: Mapping[str, Any], *, optional: bool) -> tuple[str, ...]:
        named = [
            column
            for name, mark in self._marked(Names)
            if optional or not mark.optional
            for column in mark.read(arguments[name])
        ]
        return tuple(dict.fromkeys(named))

    def renamed(self, arguments: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
        """The arguments for a frame whose columns go by other names."""
        named = self._marked(Names)
        return {**arguments, **{n: mark.rename(arguments[n], names) for n, mark in named}}

    def reference(self, arguments: Mapping[str, Any]) -> Keys | None:
        """The keys in another dataset that the arguments name."""
        return next((value for value in arguments.values() if isinstance(value, Keys)), None)

    def separates(self, arguments: Mapping[str, Any]) -> bool:
        """Whether many files may be judged at once, each for itself."""
        return self.separable if isinstance(self.separable, bool) else self.separable(arguments)

    def datasets(self, arguments: Mapping[str, Any]) -> tuple[str, ...]:
        """The other datasets that the arguments name, each once."""
        marked = self._marked(Datasets)
        named = (dataset for name, mark in marked for dataset in mark.read(arguments[name]))
        return tuple(dict.fromkeys(named))

    def theirs(self, arguments: Mapping[str, Any]) -> dict[str, list[str]]:
        """What arguments call columns of the other dataset, which they name like ours."""
        return {n: list(arguments[n] or arguments[mark.ours]) for n, mark in self._marked(Like)}

    def reads(self, given: Mapping[Any, Any]) -> Iterator[tuple[str, str, tuple[str, ...]]]:
        """Which other datasets raw arguments name, as far as they can be read.

        Yields:
            The argument, the dataset, and those of its columns that are named.
        """
        for name, mark in self._marked(Datasets):
            if name in given:
                kind = self.arguments.model_fields[name].rebuild_annotation()
                with suppress(ValidationError):
                    value = TypeAdapter(kind).validate_python(given[name])
                    columns = tuple(value.columns) if isinstance(value, Keys) else ()
                    yield from ((name, dataset, columns) for dataset in mark.read(value))

    def restriction(self, arguments: Mapping[str, Any]) -> Condition | None:
        """Which rows of the other dataset count; all, if the arguments do not say."""
        given = (arguments[name] for name, _ in self._marked(Restricts))
        return next((Condition(sql) for sql in given if sql is not None), None)

    def wording(self, template: Template, arguments: Mapping[str, Any], **words: str) -> str:
        """A template of this rule with the arguments and other words filled in."""
        text = template if isinstance(template, str) else template(arguments)
        columns = self.columns(arguments)
        words["columns"] = show(columns) if len(columns) == 1 else f"({show(columns)})"
        if "{bounds}" in text:
            low, high = arguments.get("min"), arguments.get("max")
            measured = partial(limit, unit=self.wording(self.unit, arguments))
            tell = measured if self.kind is Kind.DATASET else show
            words["bounds"] = bounds(low, high, tell)
        return text.format(**{name: show(value) for name, value in arguments.items()} | words)

    def _marked(self, kind: type[Mark]) -> Iterator[tuple[str, Mark]]:
        """The arguments that have a mark of a kind, each with its mark."""
        for name, info in self.arguments.model_fields.items():
            yield from ((name, mark) for mark in info.metadata if isinstance(mark, kind))


GIVEN: Mapping[str, Any] = {
    "frame": Frame,
    "reference": Frame,
    "tables": Tables,
    "context": Context,
}
"""What a rule may ask for beside its arguments, by name."""
