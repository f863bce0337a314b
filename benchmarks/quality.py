"""Ten rules over a million rows, beside every other tool and beside what one writes by hand.

Usage: python -m benchmarks.quality [--rows 1000000] [--rounds 3] [--only NAME ...]

It runs in an environment of its own, with the rivals in it: `make bench-quality`. Each contender
judges in a process of its own, several times a round, and all take their turns, so that a noisy
moment of the machine hits all. Loading the rows and starting up are not in the seconds; what it
takes until a contender is ready is told beside. Telemetry of rivals is off.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from statistics import median
from typing import Annotated, Any

import typer
from rich import box
from rich.table import Table

from benchmarks.load import machine, run, screen
from benchmarks.orders import DATA
from benchmarks.rivals import CONTENDERS

GIVES = {
    "pratique on Polars": "counts, split, reasons",
    "pratique on DuckDB": "counts, split, reasons",
    "Polars by hand": "counts, split, reasons",
    "DuckDB by hand": "counts, split, reasons",
    "dataframely": "counts, split, verdict per rule and row",
    "pandera": "counts, failing cells in long form; split by hand",
    "pointblank": "counts, split",
    "cuallee": "counts",
    "Soda": "counts",
    "Great Expectations": "counts, numbers of bad rows",
}
NOTES = {
    "pointblank": "its bad rows lack the duplicates, which it leaves among the good",
    "cuallee": "8 rules of 10, for it has no length and no two columns; nulls fail its pattern",
    "Soda": "its duplicates are the rows beyond the first of each key",
}


@dataclass(frozen=True)
class Standing:
    """The medians of one contender, and what it found."""

    name: str
    gives: str
    seconds: float
    cpu: float
    ready: float
    """Seconds until it can begin: imports, rows in memory, rules written down."""
    peak: float
    """Resident memory at its highest, in MB, with the rows in it."""
    failed: list[int]
    bad: int | None


def stand(name: str, turns: list[tuple[float, dict[str, Any]]]) -> Standing:
    """What is made of all turns of a contender: the peak of each, and what it told."""
    told = [each for _, each in turns]
    walls, spent = zip(*(pair for each in told for pair in each["runs"]), strict=True)
    return Standing(
        name=name,
        gives=GIVES[name],
        seconds=median(walls),
        cpu=median(spent),
        ready=median(each["ready"] for each in told),
        peak=max(peak for peak, _ in turns),
        failed=told[-1]["failed"],
        bad=told[-1]["bad"],
    )


def table(standings: list[Standing]) -> Table:
    """Lay the standings out, the fastest first."""
    shown = Table("contender", title="ten rules, one row in 25 bad", box=box.SIMPLE_HEAD)
    for heading in ("seconds", "CPU s", "ready s", "MB", "bad"):
        shown.add_column(heading, justify="right")
    shown.add_column("gives")
    for it in sorted(standings, key=lambda each: each.seconds):
        bad = "–" if it.bad is None else f"{it.bad:,}"
        own = it.name.startswith("pratique")
        shown.add_row(
            f"[bold]{it.name}[/]" if own else it.name,
            f"{it.seconds:.2f}",
            f"{it.cpu:.2f}",
            f"{it.ready:.1f}",
            f"{it.peak:,.0f}",
            bad,
            it.gives,
        )
    return shown


def main(
    rows: Annotated[int, typer.Option(help="Rows to judge.")] = 1_000_000,
    rounds: Annotated[int, typer.Option(help="Turns of each contender.", min=1)] = 3,
    times: Annotated[int, typer.Option(help="Runs in a turn.", min=1)] = 5,
    only: Annotated[list[str] | None, typer.Option(help="Only these contenders.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead.")] = False,
) -> None:
    """Let all contenders judge the same rows, and compare."""
    file = DATA / f"judged-{rows}.parquet"
    run("-m", "benchmarks.judged", str(rows), file)
    names = [name for name in CONTENDERS if not only or name in only]
    turns: dict[str, list[tuple[float, dict[str, Any]]]] = {name: [] for name in names}
    for _ in range(rounds):
        for name in names:
            turn = run("-W", "ignore", "-m", "benchmarks.rivals", name, file, str(times))
            turns[name].append((turn.peak, json.loads(turn.output.splitlines()[-1])))
    standings = [stand(name, each) for name, each in turns.items()]
    if as_json:
        print(json.dumps({"machine": machine("none"), "standings": [*map(asdict, standings)]}))
        return
    console = screen()
    console.print(table(standings))
    console.print(", ".join(f"{name} {fact}" for name, fact in machine("none").items()))
    expected = max(
        (it.failed for it in standings), key=lambda f: sum(it.failed == f for it in standings)
    )
    for it in standings:
        if it.failed != expected or it.bad not in (None, standings[0].bad):
            console.print(f"{it.name}: {NOTES.get(it.name, 'found something else')}")


if __name__ == "__main__":
    typer.run(main)
