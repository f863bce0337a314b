"""A year of flights and weather, a file a day: which days are unusual by their own past, and why.

Usage: python -m benchmarks.anomalies DIRECTORY

DIRECTORY holds flights.csv.gz and weather.csv.gz of nycflights13. They are cut into a file a day
and loaded in order by one `pratique run`, by contracts that say what is counted and not how much of
it is usual. Three days must be found: the blizzard of 8 and 9 February, and 12 February, when a
wind of 1 048 miles an hour was measured; of the others fewer than 3 %.
"""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Annotated

import duckdb
import typer

from benchmarks.orders import DATA
from benchmarks.small import PHASES, TIMED

CONTRACTS = Path(__file__).parent / "contracts"
DATASETS = ("flights", "weather")
REQUIRED = {date(2013, 2, 8), date(2013, 2, 9), date(2013, 2, 12)}
MOST = 0.03
"""The part of all other days that may be found."""

FOUND = """
SELECT s.file, r."check", r.outcome, r.message
FROM pratique.results r JOIN pratique.scores s USING (load_id)
WHERE r.rule = 'metric_anomaly' ORDER BY s.file, r."check"
"""


def days(file: Path) -> Iterator[tuple[date, str]]:
    """Cut a year into days, each with the header of the whole."""
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        header = next(lines)
        place = [header.rstrip("\n").split(",").index(name) for name in ("year", "month", "day")]

        def of(line: str) -> date:
            cells = line.split(",")
            return date(*(int(cells[each]) for each in place))

        for day, own in groupby(sorted(lines, key=of), key=of):
            yield day, header + "".join(own)


def lay_out(project: Path, directory: Path) -> int:
    """Make a project, its landing directory full of days, and tell how many files there are."""
    landing, contracts = project / "landing", project / "contracts"
    landing.mkdir()
    contracts.mkdir()
    (project / "pratique.yaml").touch()
    for dataset in DATASETS:
        shutil.copy(CONTRACTS / f"daily_{dataset}.yaml", contracts)
        for day, text in days(directory / f"{dataset}.csv.gz"):
            file = landing / f"{dataset}_{day}.csv"
            file.write_text(text, encoding="utf-8")
            evening = datetime.combine(day, datetime.min.time()) + timedelta(days=1)
            os.utime(file, (evening.timestamp(), evening.timestamp()))
    return len(list(landing.iterdir()))


def main(directory: Annotated[Path, typer.Argument(help="Where the year is.")]) -> None:
    """Load a year by days, and tell which are unusual."""
    DATA.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=DATA) as scratch:
        project = Path(scratch)
        files = lay_out(project, directory)
        arguments = (json.dumps(PHASES), "", "run", "--project", str(project), "--json")
        started = time.perf_counter()
        command = [sys.executable, "-c", TIMED, *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        seconds = time.perf_counter() - started
        if done.returncode not in (0, 1):
            sys.exit(f"pratique ended with {done.returncode}\n{done.stderr}{done.stdout[:1000]}")
        with duckdb.connect(project / "warehouse.duckdb", read_only=True) as con:
            found = con.execute(FOUND).fetchall()
    print(f"{files:,} files in {seconds:.1f} s, {1000 * seconds / files:.0f} ms a file")
    spent = json.loads(done.stderr.splitlines()[-1])
    print(", ".join(f"{phase} {each:.1f} s" for phase, each in spent.items()), end="\n\n")
    judged: dict[date, list[str]] = {}
    every = set()
    for file, check, outcome, message in found:
        day = date.fromisoformat(Path(file).stem[-10:])
        every.add(day)
        if outcome in ("warned", "failed"):
            judged.setdefault(day, []).append(f"{check}: {message}")
    for day, messages in sorted(judged.items()):
        for said in messages:
            print(f"{'*' if day in REQUIRED else ' '} {day:%a %d %b}  {said}")
    missed, others = REQUIRED - judged.keys(), judged.keys() - REQUIRED
    share = len(others) / len(every - REQUIRED)
    print(f"\n{len(others)} of {len(every - REQUIRED)} other days ({share:.1%})")
    if missed or share >= MOST:
        sys.exit(f"missed {sorted(map(str, missed))}, and {share:.1%} of the others were found")


if __name__ == "__main__":
    typer.run(main)
