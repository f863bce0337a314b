"""Many small files through the whole governed load: files a second, and where the time goes.

Usage: python -m benchmarks.small [--files 10000] [--format jsonl] [--profile PROFILE]

The files hold 1 KB to 10 KB of orders each, 1.5 % of them bad; every fiftieth has a record that
does not fit, and every five hundredth ends within one. They are loaded by `pratique run --json` in
a process of its own, into a fresh project. On a machine that does other things too, trust the CPU
seconds.
"""

from __future__ import annotations

import csv
import io
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import duckdb
import typer

from benchmarks.orders import CURRENCIES, DATA, ORDERS

CONTRACTS = Path(__file__).parent / "contracts"
COLUMNS = (
    *("order_id", "customer", "email", "ordered_at"),
    *("status", "quantity", "amount", "currency"),
)
SIZES = 1_000, 10_000
RAGGED, CUT_OFF = 50, 500
"""Of so many files, one has a record that does not fit, and one ends within a record."""

PHASES = {
    "flows.receiving.receive": "receive",
    "ingest.bundles.part": "look",
    "ingest.staging.stage": "stage",
    "flows.steps.judge": "judge",
    "flows.batching._judged": "judge",
    "ingest.publishing.publish": "publish",
    "ingest.publishing.publish_parts": "publish",
    "flows.run.write_reports": "report",
}
"""What is timed, by the name under which it is called."""

TIMED = """
import importlib, json, sys, time
from cProfile import Profile
from functools import wraps

started = time.perf_counter()
phases, profile, sys.argv = json.loads(sys.argv[1]), sys.argv[2], ["pratique", *sys.argv[3:]]
seconds = dict.fromkeys(phases.values(), 0.0)

def timed(phase, function):
    @wraps(function)
    def call(*args, **kwargs):
        begun = time.perf_counter()
        try:
            return function(*args, **kwargs)
        finally:
            seconds[phase] += time.perf_counter() - begun
    return call

from flows import cli
for path, phase in phases.items():
    module, name = path.rsplit(".", 1)
    module = importlib.import_module(module)
    setattr(module, name, timed(phase, getattr(module, name)))
profiler = Profile(time.process_time)
if profile:
    profiler.enable()
try:
    cli.main()
finally:
    if profile:
        profiler.disable()
        profiler.dump_stats(profile)
    seconds["all else"] = time.perf_counter() - started - sum(seconds.values())
    print(json.dumps(seconds), file=sys.stderr)
"""


class Layout(StrEnum):
    """How the files are written."""

    CSV = "csv"
    JSON_LINES = "jsonl"


def orders(rows: int) -> Iterator[tuple[str | None, ...]]:
    """Generate orders, the same ones each time."""
    con = duckdb.connect()
    con.execute("SET VARIABLE rows = ?", [rows])
    con.execute(ORDERS)
    found = con.execute(f"SELECT {', '.join(COLUMNS)} FROM orders")
    while some := found.fetchmany(10_000):
        yield from some


def text(layout: Layout, rows: Iterator[tuple[str | None, ...]], size: int) -> str:
    """Write rows until they make a file of that size."""
    file = io.StringIO()
    table = csv.writer(file, lineterminator="\n")
    if layout is Layout.CSV:
        table.writerow(COLUMNS)
    while file.tell() < size:
        row = next(rows)
        if layout is Layout.CSV:
            table.writerow(row)
        else:
            file.write(json.dumps(dict(zip(COLUMNS, row, strict=True))) + "\n")
    return file.getvalue()


def lay_out(project: Path, files: int, layout: Layout) -> None:
    """Make a project, its landing directory full of small files."""
    landing, contracts = project / "landing", project / "contracts"
    landing.mkdir()
    contracts.mkdir()
    (project / "pratique.yaml").touch()
    contract = (CONTRACTS / "parcels.yaml").read_text(encoding="utf-8")
    kind = "csv" if layout is Layout.CSV else "json"
    (contracts / "parcels.yaml").write_text(contract.replace("type: csv", f"type: {kind}"))
    shutil.copy(CONTRACTS / "currencies.yaml", contracts)
    listed = "".join(f"{code},{name}\n" for code, name in CURRENCIES.items())
    (landing / "currencies.csv").write_text(f"code,name\n{listed}", encoding="utf-8")
    chance, rows = random.Random(files), orders(files * SIZES[1] // 50)
    for number in range(files):
        whole = text(layout, rows, chance.randint(*SIZES))
        if number % RAGGED == 1:
            first, rest = whole[: SIZES[0] // 2].rsplit("\n", 1)[0], whole[SIZES[0] // 2 :]
            whole = f"{first}\nragged\n{rest.split(chr(10), 1)[1]}"
        if number % CUT_OFF == 2:
            whole = whole[: -chance.randint(20, 40)]
        (landing / f"orders_{number:06}.{layout}").write_text(whole, encoding="utf-8")


def main(
    files: Annotated[int, typer.Option(help="How many files.", min=1)] = 10_000,
    layout: Annotated[Layout, typer.Option("--format", help="How they are written.")] = Layout.CSV,
    profile: Annotated[Path | None, typer.Option(help="Where cProfile's findings go.")] = None,
) -> None:
    """Load many small files, and tell how long it took."""
    DATA.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=DATA) as directory:
        project = Path(directory)
        lay_out(project, files, layout)
        megabytes = sum(file.stat().st_size for file in (project / "landing").iterdir()) / 1e6
        arguments = (json.dumps(PHASES), profile or "", "run", "--project", project, "--json")
        command = [sys.executable, "-c", TIMED, *map(str, arguments)]
        before, started = os.times(), time.perf_counter()
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        seconds, after = time.perf_counter() - started, os.times()
    if done.returncode not in (0, 1):
        sys.exit(f"pratique ended with {done.returncode}\n{done.stderr}{done.stdout[:1000]}")
    loads = json.loads(done.stdout)["loads"]
    cpu = sum(after[2:4]) - sum(before[2:4])
    print(f"{files:,} files of {layout}, {megabytes:,.1f} MB: {seconds:.1f} s, {cpu:.1f} CPU s")
    print(f"{files / seconds:,.0f} files a second, {1000 * cpu / files:.1f} CPU ms a file")
    phases = json.loads(done.stderr.splitlines()[-1])
    print(", ".join(f"{phase} {spent:.1f} s" for phase, spent in phases.items()))
    print(", ".join(f"{n:,} {what}" for what, n in Counter(x["status"] for x in loads).items()))
    total = Counter({k: sum(x[k] for x in loads) for k in ("records_in", "loaded", "quarantined")})
    print(", ".join(f"{n:,} {what}" for what, n in total.items()))


if __name__ == "__main__":
    typer.run(main)
