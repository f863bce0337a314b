"""What a run did, in the shape that people, programs and Prefect are given."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import Any

from pydantic import BaseModel, ConfigDict

from ingest.model import Load, Status
from quality.model import Grade
from quality.scoring import Score
from quality.wording import low_volume


class ExitCode(IntEnum):
    """What a command tells the shell."""

    OK = 0
    """Green or amber."""
    RED = 1
    """Red, held, or without data; amber too, when it is asked to be strict."""
    USAGE = 2
    """The command was called in a way it does not know."""
    FAILED = 3
    """Something could not run."""


class _Shape(BaseModel):
    model_config = ConfigDict(frozen=True)


class LoadSummary(_Shape):
    """One load: what became of its records."""

    load_id: int | None
    """None for a file that could not even be received."""
    dataset: str
    file: str
    version: int
    arrival: str
    stage: str | None
    """The last stage that is done."""
    status: str
    records_in: int = 0
    loaded: int = 0
    quarantined: int = 0
    skipped: int = 0
    score: float | None = None
    grade: str | None = None
    set_by: str | None = None
    error: str | None = None
    published_score: float | None = None
    """Of what is left when the bad records are quarantined."""
    unwaived_score: float | None = None
    """As it would be without waivers; None if nothing was waived."""
    low_volume: bool = False
    """Whether it has so few records that its score says little."""


class DatasetSummary(_Shape):
    """One dataset: the lowest score of its loads, and the worst grade."""

    dataset: str
    score: float | None
    grade: str
    set_by: str | None
    published_score: float | None = None
    unwaived_score: float | None = None
    low_volume: bool = False


class RunSummary(_Shape):
    """One run."""

    run_id: str
    grade: str | None
    """The worst of the datasets; None when there was nothing to load."""
    loads: tuple[LoadSummary, ...]
    datasets: tuple[DatasetSummary, ...]
    unclaimed: tuple[str, ...]
    """Files that no contract claims."""
    ignored: dict[str, str]
    """What was left alone in the landing directory, and why."""
    problems: tuple[str, ...]
    """What kept a contract from being used, each with file and line."""
    parked: tuple[LoadSummary, ...] = ()
    """What earlier runs parked; nobody tried it again."""
    waiting: dict[str, int] = {}
    """How many records wait for what other datasets do not have yet, by dataset."""

    def exit_code(self, strict: bool = False) -> ExitCode:
        """What the run tells the shell."""
        failed = any(load.status in (Status.FAILED, Status.PARKED) for load in self.loads)
        if self.problems or failed:
            return ExitCode.FAILED
        stopped = any(load.status in (Status.HELD, Status.REJECTED) for load in self.loads)
        worst = Grade[self.grade.upper()] if self.grade else Grade.GREEN
        if stopped or worst >= (Grade.AMBER if strict else Grade.RED):
            return ExitCode.RED
        return ExitCode.OK


def summarise_load(load: Load, score: Score | None) -> LoadSummary:
    """Tell what became of one load."""
    return LoadSummary(
        load_id=load.load_id,
        dataset=load.file.dataset,
        file=load.file.name,
        version=load.file.version,
        arrival=load.arrival,
        stage=load.stage.name.lower(),
        status=load.status,
        records_in=load.counts.records_in,
        loaded=load.counts.loaded,
        quarantined=load.counts.quarantined,
        skipped=load.counts.skipped,
        score=score.value if score else None,
        grade=score.grade.label if score else None,
        set_by=score.set_by if score else None,
        error=load.error,
        published_score=score.published if score else None,
        unwaived_score=score.unwaived if score else None,
        low_volume=low_volume(load.counts.records_in) if score else False,
    )


def not_received(dataset: str, file: str, status: Status, error: str) -> LoadSummary:
    """Tell of a file that could not be frozen."""
    return LoadSummary(
        load_id=None,
        dataset=dataset,
        file=file,
        version=0,
        arrival="new",
        stage=None,
        status=status,
        error=error,
    )


def summarise(
    run_id: str,
    loads: Iterable[LoadSummary],
    unclaimed: Iterable[str] = (),
    ignored: dict[str, str] | None = None,
    problems: Iterable[str] = (),
    parked: Iterable[LoadSummary] = (),
    waiting: dict[str, int] | None = None,
) -> RunSummary:
    """Put the loads of a run together: a dataset is as good as its worst load."""
    loads = tuple(loads)
    datasets = tuple(
        _dataset(name, [load for load in loads if load.dataset == name])
        for name in dict.fromkeys(load.dataset for load in loads)
    )
    grades = [Grade[dataset.grade.upper()] for dataset in datasets]
    return RunSummary(
        run_id=run_id,
        grade=max(grades).label if grades else None,
        loads=loads,
        datasets=datasets,
        unclaimed=tuple(unclaimed),
        ignored=ignored or {},
        problems=tuple(problems),
        parked=tuple(parked),
        waiting=waiting or {},
    )


def _dataset(name: str, loads: list[LoadSummary]) -> DatasetSummary:
    def badness(load: LoadSummary) -> tuple[Grade, float]:
        grade = Grade[load.grade.upper()] if load.grade else Grade.RED
        return grade, -(load.score or 0.0)

    worst = max(loads, key=badness)
    return DatasetSummary(
        dataset=name,
        score=worst.score,
        grade=badness(worst)[0].label,
        set_by=worst.set_by or worst.error,
        published_score=worst.published_score,
        unwaived_score=worst.unwaived_score,
        low_volume=worst.low_volume,
    )


def document(summary: BaseModel) -> dict[str, Any]:
    """Give a summary as plain data with stable keys."""
    return summary.model_dump(mode="json")
