"""The nouns of quality: severities, outcomes, grades, a check and its result. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

if TYPE_CHECKING:
    from quality.arguments import Keys
    from quality.condition import Condition
    from quality.definition import Nulls, Rule, Template

NullPolicy: TypeAlias = Literal["ignore", "fail"]
"""Whether a check does not apply to a row without a value, or such a row fails it."""

OnFail: TypeAlias = Literal["keep", "quarantine", "hold", "reject_file"]
"""What becomes of a record that fails: it is kept, or quarantined; and, once too many fail, of its
file: it is held for a person, or rejected."""

PUBLISHED = "_published"
"""Stands, among datasets, for what other files have brought of the one that is judged."""


class Severity(IntEnum):
    """How much a failure matters; the order is the order of harm."""

    INFO = 0
    WARNING = 1
    ERROR = 2
    CRITICAL = 3

    @property
    def label(self) -> str:
        """The word contracts and reports use."""
        return self.name.lower()

    @property
    def weight(self) -> int:
        """How much a check of this severity counts in the score, unless it says otherwise."""
        return (0, 1, 3, 5)[self]

    @property
    def on_fail(self) -> OnFail:
        """What becomes of a record that fails such a check, unless the check says otherwise."""
        return "quarantine" if self >= Severity.ERROR else "keep"


class Dimension(StrEnum):
    """What a check is about (ISO/IEC 25012 and DAMA names, plus volume)."""

    COMPLETENESS = "completeness"
    VALIDITY = "validity"
    UNIQUENESS = "uniqueness"
    CONSISTENCY = "consistency"
    TIMELINESS = "timeliness"
    ACCURACY = "accuracy"
    VOLUME = "volume"


class Outcome(StrEnum):
    """How a check ended; could-not-run is neither passed nor failed."""

    PASSED = "passed"
    PASSED_WITH_FAILURES = "passed_with_failures"
    WARNED = "warned"
    FAILED = "failed"
    ERRORED = "errored"
    NOT_EVALUATED = "not_evaluated"
    WAIVED = "waived"


class Grade(IntEnum):
    """The light; the worst of many is their max."""

    GREEN = 0
    AMBER = 1
    RED = 2
    NO_DATA = 3

    @property
    def label(self) -> str:
        """The word contracts and reports use."""
        return self.name.lower()

    @property
    def light(self) -> str:
        """The light as one character, for terminals and markdown."""
        return "🟢🟠🔴⚪"[self]


@dataclass(frozen=True)
class Check:
    """A rule bound to arguments in a contract; its words are found once, for all files."""

    key: str
    """Unique in its contract: `range(dep_time)`."""
    rule: Rule
    arguments: Mapping[str, Any]
    """Every argument of the rule by name, defaults filled in."""
    severity: Severity
    dimension: Dimension
    warn_above: float | int
    """How many rows may fail unnoticed: a share if it is a float, a number of rows if an int."""
    fail_above: float | int | None
    """How many rows may fail before the check does; None if it never does."""
    weight: float
    """How much the check counts in the score."""
    on_fail: OnFail = "quarantine"
    null_policy: NullPolicy = "ignore"
    where: Condition | None = None
    """Which rows it is about; all, if it does not say."""
    description: str | None = None
    """Why it is there, in the words of the contract."""
    message: str | None = None
    """What reports say of a failure, instead of the rule's own words; a template."""
    owner: str | None = None
    """Who has to act when it fails."""
    tags: tuple[str, ...] = ()
    waived: bool = False
    """Whether somebody has answered for its failure, so that it has no consequence."""
    personal: frozenset[str] = frozenset()
    """Columns whose values are told to nobody."""
    waits_until: datetime | None = None
    """Until when a record that fails it only waits, for what it needs may still come."""
    place: str = ""
    """Where it is written: `contracts/orders.yaml:14`."""
    of_all: tuple[str, ...] = ()
    """All columns that there are, where its rule looks at them and its arguments name none."""

    @property
    def quarantines(self) -> bool:
        """Whether a record that fails it is kept out of the table."""
        return (self.on_fail != "keep" or self.waits_until is not None) and not self.waived

    @property
    def soils(self) -> bool:
        """Whether a record that fails it cannot be used as it is."""
        return self.severity >= Severity.ERROR and not self.waived and self.waits_until is None

    @property
    def grace(self) -> timedelta | None:
        """How long a record that fails it waits, from when its file was first seen."""
        return self.arguments.get("grace")

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The columns that it looks at."""
        return self.rule.columns(self.arguments) or self.of_all

    @cached_property
    def needed(self) -> tuple[str, ...]:
        """Those of them without a value in which nothing can be said of a row."""
        return self.rule.needed(self.arguments) or self.of_all

    @cached_property
    def filters(self) -> tuple[str, ...]:
        """The columns that tell which rows it is about."""
        return self.where.columns if self.where else ()

    @property
    def reference(self) -> Keys | None:
        """The keys in another dataset that it looks for."""
        return self.rule.reference(self.arguments)

    @cached_property
    def datasets(self) -> tuple[str, ...]:
        """The other datasets that it looks into."""
        return self.rule.datasets(self.arguments)

    @property
    def restriction(self) -> Condition | None:
        """Which rows of the other dataset count."""
        return self.rule.restriction(self.arguments)

    @property
    def nulls(self) -> Nulls:
        """Of a key check, what it makes of a row with a null in one of its columns."""
        nulls = self.rule.nulls
        return nulls(self.arguments) if callable(nulls) else nulls

    @property
    def separable(self) -> bool:
        """Whether it can be asked of many files at once, each for itself."""
        apart = self.rule.separates(self.arguments) and PUBLISHED not in self.datasets
        return apart and self.grace is None

    @cached_property
    def repeats(self) -> bool:
        """Whether it is about keys that come more than once, so that some rows are too many."""
        return "{surplus}" in self._template(self.rule.finds)

    @cached_property
    def subject(self) -> str:
        """What is judged: `dep_time`."""
        return self._wording(self.rule.subject)

    @cached_property
    def expected(self) -> str:
        """What it must be, so that `subject is expected` is a sentence: `between 1 and 2400`."""
        return self._wording(self.rule.expects)

    @cached_property
    def fault(self) -> str:
        """What is wrong with a row that fails it: `dep_time is not between 1 and 2400`."""
        return self._wording(self.rule.fault, subject=self.subject, expected=self.expected)

    @cached_property
    def unit(self) -> str:
        """What the value that it measures is counted in."""
        return self._wording(self.rule.unit)

    def told(self, value: str) -> str:
        """The value that it measured, in a sentence: `50.8 % of dep_time is empty`."""
        return self._wording(self.rule.tells, subject=self.subject, value=value)

    def found(self, keys: str, groups: str, surplus: str) -> str:
        """The failing keys, in a sentence: `3 keys repeated, 4 rows too many`."""
        return self._wording(self.rule.finds, keys=keys, groups=groups, surplus=surplus)

    def _template(self, template: Template) -> str:
        return template if isinstance(template, str) else template(self.arguments)

    def _wording(self, template: Template, **words: str) -> str:
        return self.rule.wording(template, self.arguments, name=self.key, **words)
