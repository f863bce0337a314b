"""Projects that live through days of deliveries, killed or not, and what became of them."""

from __future__ import annotations

import random
import shutil
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.deliveries import DAYS, deliver, lay_out
from benchmarks.kills import (
    PARTS,
    POINTS,
    Kill,
    Run,
    beside,
    forked,
    run_and_kill,
    run_whole,
)
from benchmarks.proofs import read_along, unfinished, unproved
from benchmarks.twins import compare, compare_files, files

COMPANY = {"nobody": 4, "a run": 1, "a reader": 1}
"""Who is at work while a run is killed, and how often one is to the other."""


@dataclass
class Tally:
    """What was done, and what came of it."""

    kills: int = 0
    points: Counter[str] = field(default_factory=Counter)
    """Kills at a named point."""
    moments: Counter[str] = field(default_factory=Counter)
    """Kills at any moment, by the point that was passed last."""
    company: Counter[str] = field(default_factory=Counter)
    """Kills, by who else was at work."""
    files: int = 0
    records: int = 0
    lost: int = 0
    duplicated: int = 0
    differing: list[str] = field(default_factory=list)
    """All that was not as it should be, with what led to it."""

    def add(self, other: Tally) -> None:
        """Count in what another one counted."""
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)

    @property
    def missed(self) -> list[str]:
        """Points at which nothing was killed."""
        return [point for point in POINTS if not self.points[point]]

    @property
    def sound(self) -> bool:
        """Whether every promise was kept."""
        return not (self.lost or self.duplicated or self.differing)


@dataclass(frozen=True)
class Twin:
    """A project that is never killed, as it is after a day."""

    warehouse: Path
    files: dict[str, str]
    """The hashes of all its files."""
    run: Run
    """The run of that day."""
    wrong: tuple[str, ...]
    """What is not as it says of itself."""


def raise_twin(folder: Path, settings: dict[str, object], size: int) -> tuple[Twin, ...]:
    """Let a project live through all days without being killed."""
    project, days = lay_out(folder, **settings), []
    for day in range(DAYS):
        deliver(folder / "landing", day, size)
        run = run_whole(project)
        warehouse = shutil.copy(folder / "warehouse.duckdb", folder / f"{day}.duckdb")
        wrong = tuple(forked(unfinished, project))
        days.append(Twin(warehouse, files(folder), run, wrong))
    return tuple(days)


@dataclass(frozen=True)
class Life:
    """A project that is killed on each of its days."""

    folder: Path
    settings: dict[str, object]
    """What its pratique.yaml says."""
    size: int
    """Records in the largest file."""
    targets: tuple[tuple[str | None, ...], ...]
    """Where it is killed on each day: at points, or at any moment."""
    twins: tuple[Twin, ...]
    """What it should be like, day by day."""
    seed: int


def live(life: Life) -> Tally:
    """Let a project live through all days, and kill it on each of them."""
    tally, chance = Tally(), random.Random(life.seed)
    project = lay_out(life.folder, **life.settings)
    warehouse, landing = life.folder / "warehouse.duckdb", life.folder / "landing"
    for day, twin in enumerate(life.twins):
        tally.records += deliver(landing, day, life.size)
        tally.files += sum(file.is_file() for file in landing.iterdir())
        killed: list[str] = []
        wrong = [f"never killed: {each}" for each in twin.wrong]
        for target in life.targets[day]:
            kill = _draw(target, twin.run, chance)
            (company,) = chance.choices([*COMPANY], [*COMPANY.values()])
            run, seen = _kill(project, kill, company)
            wrong += [f"as a reader saw: {each}" for each in seen]
            if not run.killed:
                break
            killed.append(_count(tally, kill, run, company))
            wrong += [f"after kill {len(killed)}: {each}" for each in forked(unproved, project)]
        run_whole(project)
        difference = forked(compare, warehouse, twin.warehouse)
        tally.lost += difference.lost
        tally.duplicated += difference.duplicated
        wrong += [*difference.tables, *compare_files(files(life.folder), twin.files)]
        wrong += forked(unfinished, project)
        where = f"{life.size} records, day {day + 1}, killed {', then '.join(killed) or 'never'}"
        tally.differing += [f"{where}: {each}" for each in wrong]
    shutil.rmtree(life.folder)
    return tally


def _draw(point: str | None, run: Run, chance: random.Random) -> Kill:
    """Draw when to kill a run that would go like another one."""
    if point is None:
        return Kill(delay=chance.uniform(0, run.seconds))
    return Kill(point, chance.randint(1, run.passed.count(point)), part=chance.choice(PARTS))


def _kill(project: Path, kill: Kill, company: str) -> tuple[Run, list[str]]:
    """Kill a run while somebody else is at work, and give what was seen that must not be."""
    if company == "a run":
        with beside(run_whole, project) as wait:
            run = run_and_kill(project, kill)
            wait()
        return run, []
    if company == "a reader":
        with beside(read_along, project) as wait_for:
            run = run_and_kill(project, kill)
            return run, wait_for()
    return run_and_kill(project, kill), []


def _count(tally: Tally, kill: Kill, run: Run, company: str) -> str:
    """Count a kill, and tell where it was."""
    tally.kills += 1
    tally.company[company] += 1
    beside = "" if company == "nobody" else f", beside {company}"
    if kill.point:
        tally.points[kill.point] += 1
        return f"{kill.point}{beside}"
    where = run.passed[-1] if run.passed else "the start"
    tally.moments[where] += 1
    return f"some time after {where}{beside}"
