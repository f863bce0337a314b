"""Kill runs with SIGKILL everywhere, and see that nothing is lost and nothing is there twice.

Usage: python -m benchmarks.chaos [--kills 300] [--largest 1000000] [--seed 1] [--json]

Suppliers deliver for three days: new files, restatements, duplicates, bad records, CSV and JSON.
On each day a run is killed, at a point or at any moment, at times more than once in a row; then
one may come to its end. The warehouse must then equal, table by table, that of a project that was
given the same and was never killed. Exit code: 1 if it does not, or if a point was never hit.
"""

from __future__ import annotations

import json
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import count, islice, repeat
from multiprocessing import get_context
from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from benchmarks.deliveries import DAYS, deliver, lay_out
from benchmarks.kills import CHECKPOINT, POINTS, Kill, Run, forked, run_and_kill, run_whole
from benchmarks.load import machine
from benchmarks.orders import DATA
from benchmarks.twins import compare

SIZES = {10: 85, 100: 70, 1_000: 60, 10_000: 50, 100_000: 29, 1_000_000: 6}
"""Kills, of three hundred, by the number of records in the largest file."""
SETTINGS: dict[str, object] = {"gate": "none", "park_after": 1_000_000}
"""What all projects are like: to be killed is no fault of a file's."""
WAYS: tuple[dict[str, object], ...] = (
    {"checkpoint_bytes": 0, "after_commit": "archive"},
    {"checkpoint_bytes": "1GiB", "after_commit": "keep"},
)
"""How projects are set up, one after the other."""
IN_A_ROW = (1, 1, 2)
"""How often a run is killed, of which one is drawn, before one may come to its end."""
ANY_MOMENT = 0.8
"""How many kills at any moment there are for one at a named point."""


@dataclass
class Tally:
    """What was done, and what came of it."""

    kills: int = 0
    points: Counter[str] = field(default_factory=Counter)
    """Kills at a named point."""
    moments: Counter[str] = field(default_factory=Counter)
    """Kills at any moment, by the point that was passed last."""
    files: int = 0
    records: int = 0
    lost: int = 0
    duplicated: int = 0
    differing: list[str] = field(default_factory=list)
    """Tables that were not as they should be, and what was left behind, with what led to it."""

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
    run: Run
    """The run of that day."""


def raise_twin(folder: Path, settings: dict[str, object], size: int) -> tuple[Twin, ...]:
    """Let a project live through all days without being killed."""
    project, days = lay_out(folder, **settings), []
    for day in range(DAYS):
        deliver(folder / "landing", day, size)
        run = run_whole(project)
        days.append(Twin(shutil.copy(folder / "warehouse.duckdb", folder / f"{day}.duckdb"), run))
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
        for target in life.targets[day]:
            kill = _draw(target, twin.run, chance)
            run = run_and_kill(project, kill)
            if not run.killed:
                break
            killed.append(_count(tally, kill, run, warehouse))
        run_whole(project)
        difference = forked(compare, warehouse, twin.warehouse)
        tally.lost += difference.lost
        tally.duplicated += difference.duplicated
        where = f"{life.size} records, day {day + 1}, killed {', then '.join(killed) or 'never'}"
        left = [*(life.folder / "staging").iterdir(), *(life.folder / "blobs").glob("*.tmp")]
        wrong = [*difference.tables, *(f"{path.name} is left" for path in left)]
        tally.differing += [f"{where}: {each}" for each in wrong]
    shutil.rmtree(life.folder)
    return tally


def _draw(point: str | None, run: Run, chance: random.Random) -> Kill:
    """Draw when to kill a run that would go like another one."""
    if point is None:
        return Kill(delay=chance.uniform(0, run.seconds))
    call = chance.randint(1, run.passes(point))
    lasted = run.lasted(point, call) if point == CHECKPOINT else 0.0
    return Kill(point, call, chance.uniform(0, lasted))


def _count(tally: Tally, kill: Kill, run: Run, warehouse: Path) -> str:
    """Count a kill, and tell where it was."""
    tally.kills += 1
    where, at = run.passed[-1] if run.passed else ("the start", 0.0)
    if kill.point is None:
        tally.moments[where] += 1
        return f"some time after {where}"
    if kill.point != CHECKPOINT:
        where = kill.point  # other files may have gone on meanwhile
    elif where == CHECKPOINT:
        begun = warehouse.stat().st_mtime > at
        over = not warehouse.with_name(f"{warehouse.name}.wal").exists()
        where = "after checkpoint" if over else CHECKPOINT if begun else "before checkpoint"
    tally.points[where] += 1
    return where


def unleash(kills: int, largest: int, seed: int, watch: Callable[[Tally], None]) -> Tally:
    """Kill so many runs, spread over files of all sizes; as many projects at once as cores."""
    tally, chance = Tally(), random.Random(seed)
    sizes = {size: share for size, share in SIZES.items() if size <= largest}
    agenda, wanted = Agenda(chance), 0.0
    DATA.mkdir(exist_ok=True)
    for size, share in sizes.items():
        wanted += kills * share / sum(sizes.values())
        with (
            tempfile.TemporaryDirectory(dir=DATA) as directory,
            ProcessPoolExecutor(mp_context=get_context("fork")) as pool,
        ):
            ways = [{**SETTINGS, **way} for way in WAYS]
            homes = [Path(directory, f"twin-{number}") for number, _ in enumerate(ways)]
            twins = list(pool.map(raise_twin, homes, ways, repeat(size)))
            numbers = count()
            while (missing := round(wanted) - tally.kills) > 0:
                lives = [
                    Life(
                        folder=Path(directory, str(number)),
                        settings=ways[number % len(ways)],
                        size=size,
                        targets=tuple(agenda.take(twin.run) for twin in twins[number % len(ways)]),
                        twins=twins[number % len(ways)],
                        seed=chance.getrandbits(32),
                    )
                    for number in islice(numbers, -(-missing // (DAYS + 1)))
                ]
                for each in pool.map(live, lives):
                    tally.add(each)
                    watch(tally)
    return tally


class Agenda:
    """Where to kill: all points in turn, and any moment between two of them."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._open: list[str | None] = [*POINTS]

    def take(self, run: Run) -> tuple[str | None, ...]:
        """Take what comes next and can be done to a run like this, one kill after the other."""
        if len(self._open) < len(POINTS):
            for point in POINTS:
                self._open += [point, None] if self._chance.random() < ANY_MOMENT else [point]
        possible = [one for one in self._open if one is None or run.passes(one)]
        taken = possible[: self._chance.choice(IN_A_ROW)]
        for one in taken:
            self._open.remove(one)
        return tuple(taken)


def table(tally: Tally) -> Table:
    """Lay out where runs were killed."""
    shown = Table("killed", title="kill -9", box=box.SIMPLE_HEAD)
    shown.add_column("times", justify="right")
    for point in [*POINTS, *sorted({*tally.points} - {*POINTS})]:
        shown.add_row(point, str(tally.points[point]))
    for point, times in tally.moments.most_common():
        shown.add_row(f"at any moment, after passing: {point}", str(times))
    return shown


def main(
    kills: Annotated[int, typer.Option(help="How many.", min=1)] = 300,
    largest: Annotated[int, typer.Option(help="Records in the largest file.", min=10)] = 1_000_000,
    seed: Annotated[int, typer.Option(help="What draws the lots.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead.")] = False,
) -> None:
    """Kill runs everywhere, and compare what they leave with what was never killed."""
    started = time.monotonic()
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("killing", total=kills)
        tally = unleash(kills, largest, seed, lambda tally: bar.update(task, completed=tally.kills))
    seconds = time.monotonic() - started
    if as_json:
        done = {"machine": machine("1GB"), "seconds": seconds} | vars(tally)
        print(json.dumps(done | {"missed": tally.missed, "sound": tally.sound}, indent=2))
    else:
        out = Console()
        out.print(table(tally))
        out.print(
            f"{tally.kills} kills in {seconds:,.0f} s, {tally.files:,} files, "
            f"{tally.records:,} records: lost {tally.lost}, duplicated {tally.duplicated}"
        )
        for each in tally.differing:
            out.print(each)
        if tally.missed:
            out.print(f"nothing was killed: {', '.join(tally.missed)}")
    sys.exit(not tally.sound or bool(tally.missed))


if __name__ == "__main__":
    typer.run(main)
