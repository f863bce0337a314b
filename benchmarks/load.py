"""A whole governed load beside DuckDB's bare one: seconds, CPU seconds, ratios, peak memory.

Usage: python -m benchmarks.load [--rows 5000000] [--repeat 3] [--flights NYCFLIGHTS13_DIR]

Both run in processes of their own, in turn and from the same file, into a fresh warehouse, under
the same memory limit. The time is that of the process, Python's start included; an idle run, one
with nothing new to load, shows how much of it is not about the file. Datasets that the file
refers to are loaded before, as they would have been on any other night.
"""

from __future__ import annotations

import gzip
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Annotated, Any

import typer
from rich import box
from rich.console import Console
from rich.table import Table

from benchmarks.orders import DATA, ROWS

HERE = Path(__file__).parent
SAMPLE = HERE.parent / "data" / "sample"
CONTRACTS = HERE / "contracts"

PRATIQUE = "from flows.cli import main; main()"
"""The console script, which is not installed everywhere that its source is."""


@dataclass(frozen=True)
class Case:
    """A file to load, and what a governed load of it needs."""

    file: Path
    contract: Path
    references: tuple[Path, ...]
    """Files that are loaded before."""
    reference_contracts: tuple[Path, ...]
    text: tuple[str, ...] = ()
    """Columns that the bare load keeps as text, because some of their values do not cast."""


@dataclass(frozen=True)
class Run:
    """One process, from start to end."""

    seconds: float
    cpu: float
    """Seconds of all cores together, which hardly depend on what else the machine does."""
    peak: float
    """Resident memory at its highest, in MB."""
    output: str


@dataclass(frozen=True)
class Comparison:
    """The medians of all repetitions, and what became of the records."""

    file: str
    dataset: str
    megabytes: float
    records: int
    loaded: int
    quarantined: int
    score: float
    bare_seconds: float
    seconds: float
    idle_seconds: float
    ratio: float
    bare_cpu: float
    cpu: float
    cpu_ratio: float
    bare_peak: float
    peak: float


def run(*arguments: str | Path) -> Run:
    """Run Python at the root of the repository in a process of its own, measured from outside.

    NOTE: Linux counts the memory of the parent at the fork into a child's peak, so this process
    stays small: whatever needs memory runs in a child, the generator too.
    """
    started = time.perf_counter()
    command = [sys.executable, *map(str, arguments)]
    process = subprocess.Popen(command, cwd=HERE.parent, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    with process.stdout as stdout:
        output = stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{' '.join(command)}\nended with {process.returncode}\n{output}")
    kilobyte = 1 if sys.platform == "darwin" else 1024
    cpu = usage.ru_utime + usage.ru_stime
    return Run(seconds, cpu, usage.ru_maxrss * kilobyte / 1e6, output)


def load_bare(case: Case, memory: str) -> Run:
    """Load the file with nothing but DuckDB."""
    with tempfile.TemporaryDirectory(dir=DATA) as directory:
        database = Path(directory, "bare.duckdb")
        return run("-m", "benchmarks.bare", case.contract, case.file, database, memory, *case.text)


def load_governed(case: Case, memory: str) -> tuple[Run, Run]:
    """Load the file with pratique, in a project of its own, and then run again idly."""
    with tempfile.TemporaryDirectory(dir=DATA) as directory:
        project = Path(directory)
        (project / "pratique.yaml").write_text(f"memory_limit: {memory}\n", encoding="utf-8")
        for name, files in {
            "contracts": (case.contract, *case.reference_contracts),
            "landing": case.references,
        }.items():
            (project / name).mkdir()
            for file in files:
                shutil.copy(file, project / name)
        command = ("-c", PRATIQUE, "run", "--project", project, "--json")
        run(*command)
        os.link(case.file, project / "landing" / case.file.name)
        return run(*command), run(*command)


def compare(case: Case, repeat: int, memory: str) -> Comparison:
    """Load the file both ways in turn, so that a noisy moment of the machine hits both."""
    turns = [(load_bare(case, memory), *load_governed(case, memory)) for _ in range(repeat)]
    bare, governed, idle = zip(*turns, strict=True)
    (load,) = json.loads(governed[-1].output)["loads"]
    rows = int(bare[-1].output)
    if rows != load["records_in"] or load["status"] != "done":
        sys.exit(f"not comparable: the bare load has {rows} rows, the governed one is {load}")
    bare_seconds = median(run.seconds for run in bare)
    seconds = median(run.seconds for run in governed)
    bare_cpu, cpu = (median(run.cpu for run in runs) for runs in (bare, governed))
    return Comparison(
        file=case.file.name,
        dataset=load["dataset"],
        megabytes=case.file.stat().st_size / 1e6,
        records=rows,
        loaded=load["loaded"],
        quarantined=load["quarantined"],
        score=load["score"],
        bare_seconds=bare_seconds,
        seconds=seconds,
        idle_seconds=median(run.seconds for run in idle),
        ratio=seconds / bare_seconds,
        bare_cpu=bare_cpu,
        cpu=cpu,
        cpu_ratio=cpu / bare_cpu,
        bare_peak=max(run.peak for run in bare),
        peak=max(run.peak for run in governed),
    )


def orders(rows: int) -> Case:
    """The generated file: every kind of check, and 1.5 % of bad records."""
    run("-m", "benchmarks.orders", "--rows", str(rows), "--directory", DATA)
    return Case(
        file=DATA / f"orders-{rows}" / "orders.csv",
        contract=CONTRACTS / "orders.yaml",
        references=(DATA / f"orders-{rows}" / "currencies.csv",),
        reference_contracts=(CONTRACTS / "currencies.yaml",),
        text=("quantity",),
    )


def lines(orders: Case) -> Case:
    """The same orders as JSON, one a line."""
    said = orders.contract.read_text(encoding="utf-8").replace("orders.csv", "orders.jsonl")
    contract = DATA / "orders_jsonl.yaml"
    contract.write_text(
        "".join(
            "format: {type: json}\n" if line.startswith("format:") else line
            for line in said.splitlines(keepends=True)
        ),
        encoding="utf-8",
    )
    return replace(orders, file=orders.file.with_suffix(".jsonl"), contract=contract)


def flights(directory: Path) -> Case:
    """The full year of flights, with the sample's planes, airports and airlines."""
    year = DATA / "flights.csv"
    if not year.exists():
        with gzip.open(directory / "flights.csv.gz") as packed, year.open("wb") as file:
            shutil.copyfileobj(packed, file)
    names = ("planes.json", "airports.csv", "airlines.csv")
    return Case(
        file=year,
        contract=CONTRACTS / "flights.yaml",
        references=tuple(SAMPLE / "landing" / name for name in names),
        reference_contracts=tuple(SAMPLE / "contracts" / f"{Path(n).stem}.yaml" for n in names),
    )


def table(comparisons: list[Comparison]) -> Table:
    """Lay the comparisons out, a dataset a row."""
    shown = Table("file", title="pratique beside bare DuckDB", box=box.SIMPLE_HEAD)
    for heading in (
        *("records", "bad", "bare s", "ours s", "idle s", "ratio", "CPU"),
        *("bare MB", "ours MB"),
    ):
        shown.add_column(heading, justify="right")
    for it in comparisons:
        shown.add_row(
            it.file,
            f"{it.records:,}",
            f"{it.quarantined:,}",
            f"{it.bare_seconds:.2f}",
            f"{it.seconds:.2f}",
            f"{it.idle_seconds:.2f}",
            f"[bold]{it.ratio:.2f}x[/]",
            f"{it.cpu_ratio:.2f}x",
            f"{it.bare_peak:,.0f}",
            f"{it.peak:,.0f}",
        )
    return shown


def screen() -> Console:
    """A console as wide as the tables are, unless a terminal says otherwise."""
    return Console(width=None if sys.stdout.isatty() else 120)


def machine(memory: str) -> dict[str, Any]:
    """What the seconds depend on besides the code."""
    return {
        "cores": len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count(),
        "platform": platform.platform(terse=True),
        "python": platform.python_version(),
        "duckdb": version("duckdb"),
        "memory_limit": memory,
    }


def main(
    rows: Annotated[int, typer.Option(help="Records in the generated file.")] = ROWS,
    repeat: Annotated[int, typer.Option(help="Pairs of loads; medians are shown.", min=1)] = 3,
    memory: Annotated[str, typer.Option(help="Memory limit of either load.")] = "2GB",
    year: Annotated[
        Path | None,
        typer.Option("--flights", envvar="NYCFLIGHTS13", help="Directory of flights.csv.gz."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead.")] = False,
) -> None:
    """Compare governed and bare loads of the generated file and of a full year of flights."""
    DATA.mkdir(exist_ok=True)
    csv = orders(rows)
    cases = [csv, lines(csv), *([flights(year)] if year else [])]
    comparisons = [compare(case, repeat, memory) for case in cases]
    if as_json:
        done = {"machine": machine(memory), "loads": [asdict(it) for it in comparisons]}
        print(json.dumps(done, indent=2))
        return
    console = screen()
    console.print(table(comparisons))
    console.print(", ".join(f"{name} {fact}" for name, fact in machine(memory).items()))
    console.print(
        f"seconds are medians of {repeat}, MB the highest resident memory of {repeat}; "
        "CPU is the ratio of the seconds of all cores together"
    )
    for case in cases:
        if case.text:
            console.print(
                f"bare {case.file.name}: {', '.join(case.text)} kept as text, else it dies"
            )
    if not year:
        console.print(
            "flights: skipped; name nycflights13's directory by --flights or NYCFLIGHTS13"
        )


if __name__ == "__main__":
    typer.run(main)
