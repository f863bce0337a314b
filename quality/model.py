"""The nouns of quality: severities, outcomes, grades, and the result of one check. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Any


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
    """Of those, how many failed."""
    expected: str
    """What was expected, as a sentence's end: `between 1 and 2400`."""
    message: str
    """The finding as a sentence, with the numbers in it."""
    weight: float
    value: float | None = None
    """What a dataset check measured."""
    examples: tuple[Mapping[str, Any], ...] = ()
    """A few failing records: record_no, value, and line once it is known."""
