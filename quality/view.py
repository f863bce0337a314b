"""What a report shows: a dataset, its runs, its files and what the checks found. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from quality.model import Dimension, Grade, Outcome, Severity
from quality.result import CheckResult, Overlap
from quality.wording import low_volume

BADNESS = (
    Outcome.PASSED,
    Outcome.NOT_EVALUATED,
    Outcome.WAIVED,
    Outcome.PASSED_WITH_FAILURES,
    Outcome.WARNED,
    Outcome.ERRORED,
    Outcome.FAILED,
)
"""The outcomes, best first: a check that ended differently in several files shows its worst."""


@dataclass(frozen=True)
class Waiver:
    """What somebody answered for, when a load was judged."""

    check: str
    """Key of the check."""
    reason: str
    owner: str
    until: str
    """The last day on which it counts: `2026-12-31`."""


@dataclass(frozen=True)
class LoadView:
    """One load as a report shows it."""

    run_id: str
    load_id: int
    dataset: str
    file: str
    version: int
    judged_at: datetime
    status: str
    """`judged` until it is settled, then `published`, `held`, `rejected` or `failed`."""
    error: str | None
    received: int
    loaded: int | None
    quarantined: int | None
    skipped: int | None
    clean: int
    score: float | None
    grade: Grade
    set_by: str
    set_by_check: str | None
    """The check that set the score, if one did."""
    dimensions: Mapping[str, float]
    thresholds: Mapping[str, float]
    rule_set_fingerprint: str
    published_score: float | None = None
    """Of what is left when the bad records are quarantined."""
    unwaived_score: float | None = None
    """As it would be without waivers; None if nothing was waived."""
    rule_score: float | None = None
    """How well the rules were met; None if no rule was judged."""
    clean_row_rate: float | None = None
    """The share of the records received that can be used as they are."""
    cap: float | None = None
    """The most that the failures allow."""
    rejected: int = 0
    """Records that could not be read."""
    owner: str | None = None
    """Whom to ask about the dataset, as its contract says."""
    description: str | None = None
    """What the dataset is, as its contract says."""
    contract_version: str | None = None
    waivers: tuple[Waiver, ...] = ()
    """Those that were in force."""

    @property
    def low_volume(self) -> bool:
        """Whether there were too few records for a share of them to say much."""
        return low_volume(self.received)


@dataclass(frozen=True)
class Account:
    """One load, and all that was found in it."""

    load: LoadView
    results: tuple[CheckResult, ...]
    overlaps: tuple[Overlap, ...] = ()


@dataclass(frozen=True)
class RunView:
    """All loads of a dataset in one run: its score is the lowest of theirs, its grade the worst."""

    run_id: str
    at: datetime
    score: float | None
    grade: Grade
    files: int
    received: int
    rule_set_fingerprint: str


@dataclass(frozen=True)
class Example:
    """A failing record."""

    file: str
    record_no: int
    line: int | None
    value: str | None
    """As text; nothing when the cell was empty."""

    @classmethod
    def of(cls, file: str, kept: Mapping[str, Any]) -> Example:
        """The record of a file that a result keeps."""
        return cls(file, kept["record_no"], kept.get("line"), kept.get("value"))


@dataclass(frozen=True)
class CheckView:
    """What one check found in all files of a run."""

    check: str
    rule: str
    columns: tuple[str, ...]
    severity: Severity
    dimension: Dimension
    outcome: Outcome
    """The worst of the files."""
    rows: int
    failed: int
    expected: str
    message: str
    """What it found in the worst file."""
    files: int
    files_failed: int
    worst_file: str
    worst_rows: int
    worst_failed: int
    examples: tuple[Example, ...]
    """A few failing records of the worst file."""
    value: float | None
    """What a dataset check measured in the worst file."""
    unit: str
    """What that is counted in."""
    description: str | None
    """Why the check is there, in the words of the contract."""
    owner: str | None = None
    """Who has to act when it fails, if not the owner of the dataset."""

    @property
    def share(self) -> Fraction:
        """Failed of all records that the check applies to; 0 for a dataset check."""
        return Fraction(self.failed, self.rows or 1)

    @property
    def finding(self) -> bool:
        """Whether there is anything to say about it."""
        return BADNESS.index(self.outcome) >= BADNESS.index(Outcome.PASSED_WITH_FAILURES)


@dataclass(frozen=True)
class Cell:
    """What one check found in one file."""

    check: str
    load_id: int
    outcome: Outcome
    rows: int
    failed: int
    value: float | None
    unit: str


@dataclass(frozen=True)
class Point:
    """What a check measured in one file, and between which bounds that had to be."""

    at: datetime
    """What time the value is about."""
    value: float
    low: float | None
    high: float | None
    outcome: Outcome


@dataclass(frozen=True)
class Course:
    """What a check measured in one file after the other."""

    check: str
    unit: str
    points: tuple[Point, ...]
    """The oldest first."""


@dataclass(frozen=True, eq=False)
class DatasetView:
    """A dataset after its latest run; equal only to itself, so that its charts are drawn once."""

    dataset: str
    run: RunView
    previous: RunView | None
    runs: tuple[RunView, ...]
    """The last runs, oldest first; the latest is `run`."""
    worst: LoadView
    """The file that set the score."""
    thresholds: Mapping[str, float]
    """The lowest score of each grade, as the run was judged."""
    loads: tuple[LoadView, ...]
    """The files of the run in the order they were loaded; of too many, the worst."""
    compared: tuple[LoadView, ...]
    """The same files; or, when there is only one, the last ones up to it."""
    held: tuple[LoadView, ...]
    """The files, of whichever run, that a person has to let in or to turn away."""
    files: Mapping[Grade, int]
    """How many files of the run have which light."""
    received: int
    loaded: int
    quarantined: int
    skipped: int
    dimensions: Mapping[str, float]
    """The lowest of the files, for each dimension."""
    checks: tuple[CheckView, ...]
    """All checks of the run: the worst outcome first, then what cost a file's score most."""
    previous_checks: Mapping[str, CheckView]
    cells: tuple[Cell, ...]
    """What each check found in each of the `compared` files."""
    account: Account
    """The file that set the score, with all that was found in it."""
    courses: tuple[Course, ...] = ()
    """Of the checks that compare a file with those before it, what they measured; the findings
    first."""

    @property
    def owner(self) -> str | None:
        """Whom to ask about the dataset."""
        return next((load.owner for load in self.loads[::-1] if load.owner), None)

    @property
    def description(self) -> str | None:
        """What the dataset is."""
        return next((load.description for load in self.loads[::-1] if load.description), None)

    @property
    def waivers(self) -> tuple[Waiver, ...]:
        """Those that were in force for any of its files."""
        return tuple(dict.fromkeys(waiver for load in self.loads for waiver in load.waivers))

    @property
    def published_score(self) -> float | None:
        """The lowest of what is left of its files when the bad records are quarantined."""
        scores = [s for load in self.loads if (s := load.published_score) is not None]
        return min(scores, default=None)

    @property
    def unwaived_score(self) -> float | None:
        """The lowest as it would be without waivers; None if nothing was waived."""
        if all(load.unwaived_score is None for load in self.loads):
            return None
        scores = ((load.unwaived_score, load.score) for load in self.loads)
        return min((own if strict is None else strict) or 0.0 for strict, own in scores)

    @property
    def findings(self) -> tuple[CheckView, ...]:
        """The checks that found something, worst first."""
        return tuple(check for check in self.checks if check.finding)

    @property
    def cause(self) -> CheckView | None:
        """The check that set the score, if one did."""
        return next((each for each in self.checks if each.check == self.worst.set_by_check), None)

    @property
    def unjudged(self) -> tuple[CheckView, ...]:
        """The checks that were not evaluated, in some file at least."""
        return tuple(check for check in self.checks if check.outcome is Outcome.NOT_EVALUATED)

    @property
    def waived(self) -> tuple[CheckView, ...]:
        """The checks that would have failed but for a waiver, in some file at least."""
        return tuple(check for check in self.checks if check.outcome is Outcome.WAIVED)

    @property
    def passed(self) -> tuple[CheckView, ...]:
        """The checks that found nothing wrong."""
        return tuple(check for check in self.checks if check.outcome is Outcome.PASSED)
