"""Kill runs with SIGKILL everywhere, and see that nothing is lost and nothing is there twice.

Usage: python -m benchmarks.chaos [--kills 300] [--largest 1000000] [--seed 1] [--json]

Suppliers deliver for three days: new files, restatements, duplicates, bad records, CSV and JSON.
On each day a run is killed, at a point or at any moment, at times more than once in a row, and at
times while another run or a reader is at work; then one may come to its end. The warehouse must
then equal, table by table, that of a project that was given the same and was never killed; so must
the blobs, the archive and what is left in the landing directory. An audit must find nothing wrong,
after each kill too, and reports must say what the warehouse does. Exit code: 1 if something is not
so, or if a point was never hit.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import count, islice, repeat
from multiprocessing import get_context
from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from benchmarks.deliveries import DAYS
from benchmarks.kills import POINTS, Run
from benchmarks.lives import COMPANY, Life, Tally, live, raise_twin
from benchmarks.load import machine
from benchmarks.orders import DATA

SIZES = {10: 70, 100: 64, 1_000: 60, 10_000: 50, 100_000: 40, 1_000_000: 16}
"""Kills, of three hundred, by the number of records in the largest file."""
SETTINGS: dict[str, object] = {
    "gate": "none",
    "park_after": 1_000_000,
    "lock_timeout_seconds": 600,
}
"""What all projects are like: to be killed is no fault of a file's, and others may take long."""
WAYS: tuple[dict[str, object], ...] = (
    {"checkpoint_bytes": 0, "after_commit": "archive"},
    {"checkpoint_bytes": "1GiB", "after_commit": "keep"},
)
"""How projects are set up, one after the other."""
IN_A_ROW = (1, 1, 2, 3)
"""How often a run is killed, of which one is drawn, before one may come to its end."""
ANY_MOMENT = 0.8
"""How many kills at any moment there are for one at a named point."""
PATIENCE = 2
"""How many times as many kills there may be as were asked for, before each point had its turn."""


def unleash(kills: int, largest: int, seed: int, watch: Callable[[Tally], None]) -> Tally:
    """Kill so many runs, spread over files of all sizes; as many projects at once as cores."""
    tally, chance = Tally(), random.Random(seed)
    agenda, wanted = Agenda(chance), 0.0
    sizes = {size: share for size, share in SIZES.items() if size <= largest}
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
            while (missing := max(round(wanted) - tally.kills, len(tally.missed))) > 0:
                if tally.kills > PATIENCE * kills:
                    break
                agenda.want(tally.missed)
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
        self._open: list[str | None] = []

    def want(self, points: Sequence[str]) -> None:
        """See to it that some points come before all that is left."""
        first = self._chance.sample(points, len(points))
        self._open = [*first, *(one for one in self._open if one not in points)]

    def take(self, run: Run) -> tuple[str | None, ...]:
        """Take what comes next and can be done to a run like this, one kill after the other."""
        if len(self._open) < len(POINTS):
            for point in self._chance.sample([*POINTS], len(POINTS)):
                self._open += [point, None] if self._chance.random() < ANY_MOMENT else [point]
        possible = [one for one in self._open if one is None or one in run.passed]
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
    for company in COMPANY:
        shown.add_row(f"of all these, while {company} was at work too", str(tally.company[company]))
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
