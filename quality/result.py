"""What checks found in one load: facts, before any score. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from quality.model import Dimension, OnFail, Outcome, Severity


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
    low: float | None = None
    """The least that the value may be."""
    high: float | None = None
    """The most that it may be."""
    period: datetime | None = None
    """What time the value is about, where the check compares times."""
    detail: Mapping[str, Any] = field(default_factory=dict)
    """What the next load is compared with, as JSON holds it."""
    keys: int = 0
    """Of a key check, how many different keys fail; of one that judges values, how many values."""
    surplus: int = 0
    """Of a key check, how many rows there are beyond one for each of those keys."""
    sole: int = 0
    """Records that cannot be used because of this check alone."""
    unwaived: Outcome | None = None
    """How it would have ended without its waiver; None if it has none."""
    published_rows: int = 0
    """Rows the check applies to among those that are not quarantined."""
    published_failed: int = 0
    """Of those, how many failed."""
    published_outcome: Outcome | None = None
    """How the check ends for those; None for the same as for all that came."""
    on_fail: OnFail = "quarantine"
    waits_until: datetime | None = None
    """Until when the records that failed only wait, for what they need may still come."""
    examples: tuple[Mapping[str, Any], ...] = ()
    """A few failing records: `record_no`, `value` as text, and `line` once it is known."""
    description: str | None = None
    """Why the check is there, in the words of the contract."""
    owner: str | None = None
    """Who has to act when it fails."""
    tags: tuple[str, ...] = ()

    @property
    def quarantines(self) -> bool:
        """Whether a record that fails it is kept out of the table."""
        waits = self.waits_until is not None
        return (self.on_fail != "keep" or waits) and self.unwaived is None

    @property
    def soils(self) -> bool:
        """Whether a record that fails it cannot be used as it is."""
        forgiven = self.unwaived is not None or self.waits_until is not None
        return self.severity >= Severity.ERROR and not forgiven


WATCHED = 10
"""Checks whose overlaps are counted, for n of them have 2**n; of more, those that fail most."""


@dataclass(frozen=True)
class Overlap:
    """Records that fail the same several checks."""

    checks: tuple[str, ...]
    """Keys of all the watched checks that they fail, in the order of the checks."""
    records: int
    others: bool
    """Whether a check that is not watched makes them unusable too."""
