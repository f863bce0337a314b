"""The nouns of quality: severities, outcomes, grades, a check and its result. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from quality.arguments import Keys
    from quality.rule import Rule, Template


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
    def quarantines(self) -> bool:
        """Whether a record that fails a check of this severity is kept out of the table."""
        return self >= Severity.ERROR


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
    description: str | None = None
    """Why it is there, in the words of the contract."""
    where: str = ""
    """Where it is written: `contracts/orders.yaml:14`."""

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The columns that it looks at."""
        return self.rule.columns(self.arguments)

    @property
    def reference(self) -> Keys | None:
        """The keys in another dataset that it looks for."""
        return self.rule.reference(self.arguments)

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

    def _wording(self, template: Template, **words: str) -> str:
        return self.rule.wording(template, self.arguments, name=self.key, **words)


@dataclass(frozen=True)
class CheckResult:
    """What one check found in one load: facts, before any score."""

    check: str
    """The check's key, unique in its contract: `range(dep_time)`."""
    rule: str
    columns: tuple[str, ...]
    severity: Severity
    dimension: Dimension
    outcome: Outcome
    rows: int
    """Rows the check applies to; 0 for a dataset check."""
    failed: int
    """Of those, how many failed; 0 for a dataset check."""
    subject: str
    """What was judged: `dep_time`."""
    expected: str
    """What it was expected to be: `between 1 and 2400`."""
    message: str
    """The finding as a sentence, with the numbers in it."""
    weight: float
    value: float | None = None
    """What a dataset check measured."""
    unit: str = ""
    """What that is counted in: `day`, or `share`, which reads as a percentage."""
    examples: tuple[Mapping[str, Any], ...] = ()
    """A few failing records: `record_no`, `value` as text, and `line` once it is known."""
    description: str | None = None
    """Why the check is there, in the words of the contract."""
