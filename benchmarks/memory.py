"""Peak memory of a load, for files made to use up as much of it as they can.

Usage: python -m benchmarks.memory [--rows 5000000] [--memory 1GB] [CASE ...]

Each file is loaded by `pratique run` in a process of its own, measured from outside, into a fresh
project whose gate lets everything pass. Resident memory may exceed what DuckDB is allowed by 300
MB: Python, its libraries, and what DuckDB does not count.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ByteSize, TypeAdapter
from rich import box
from rich.table import Table

from benchmarks.load import PRATIQUE, machine, run, screen
from benchmarks.orders import DATA
from ingest.columns import MOST_COLUMNS

ROWS = 5_000_000
SPARE = 300
"""MB that resident memory may exceed the configured limit by."""
LINES_AT_ONCE = 10_000
UNJUDGED = f"""
try:
    {PRATIQUE}
except SystemExit:
    pass
"""
"""Bad files make a bad exit code, which is no fault here."""


@dataclass(frozen=True)
class Case:
    """A file that is hard on memory."""

    name: str
    lines: Callable[[int], Iterator[str]]
    """Gives the lines of a file of about so many records as it is asked for."""
    columns: Callable[[], list[dict[str, Any]]]
    """What its contract says of its columns."""


@dataclass(frozen=True)
class Measured:
    """One load, from outside and as it tells of itself."""

    case: str
    megabytes: float
    records: int
    loaded: int
    quarantined: int
    seconds: float
    peak: float
    """Resident memory at its highest, in MB."""
    bound: float
    """What it may be."""
    said: str | None
    """What became of a file that was not loaded."""

    @property
    def within(self) -> bool:
        """Whether memory was bounded."""
        return self.peak <= self.bound


ORDERS = [
    {"name": "id", "type": "bigint", "checks": ["not_null", "unique"]},
    {"name": "customer", "checks": [{"matches": {"pattern": "C[0-9]{7}"}}]},
    {"name": "day", "type": "date", "checks": ["not_null"]},
    {"name": "status", "checks": [{"accepted_values": {"values": ["new", "paid"]}}]},
    {"name": "amount", "type": "decimal(12,2)", "checks": [{"range": {"min": 0}}]},
    {"name": "note", "checks": [{"length": {"max": 10}}]},
]
HEADER = "id,customer,day,status,amount,note\n"
WIDE, WIDEST = 64, 20_000
FIELD = 100_000_000


def _bad_by_rules(rows: int) -> Iterator[str]:
    yield HEADER
    yield from (f"{i // 2},D{i},2024-13-01,lost,-{i}.5,much too long a note\n" for i in range(rows))


def _bad_by_structure(rows: int) -> Iterator[str]:
    yield HEADER
    yield from (f"{i},C{i:07},2024-01-01,new,{i}.5,a note,and more\n" for i in range(rows))


def _bad_json(rows: int) -> Iterator[str]:
    for i in range(rows):
        yield f'{{"id": {i}, "customer": "C{i:07}", "amount": {i}.5, "day": }}\n'


def _array(rows: int) -> Iterator[str]:
    rest = '"day": "2024-01-01", "status": "new", "amount": 1, "note": "a note"'
    for i in range(rows // 2):
        id = f"{i}" if i % 1000 else "NaN"
        yield f'{"," if i else "["}\n{{"id": {id}, "customer": "C{i:07}", {rest}}}'
    yield "\n]\n"


def _wide(rows: int) -> Iterator[str]:
    yield ",".join(f"c{i}" for i in range(WIDE)) + "\n"
    cells = ",".join(f"{i}000" for i in range(1, WIDE))
    yield from (f"{i if i % 100 else 'x'},{cells}\n" for i in range(rows // 5))


def _columns(count: int, rows: int) -> Iterator[str]:
    yield ",".join(f"c{i}" for i in range(count)) + "\n"
    cells = ",".join(map(str, range(1, count)))
    yield from (f"{i if i % 10 else 'x'},{cells}\n" for i in range(min(rows, 200)))


def _endless(rows: int) -> Iterator[str]:
    yield HEADER
    for i in range(1000):
        note = "a note" if i != 500 else '"' + "x" * FIELD + '"'
        yield f"{i},C{i:07},2024-01-01,new,{i}.5,{note}\n"


def _endless_json(rows: int) -> Iterator[str]:
    for i in range(1000):
        note = "a note" if i != 500 else "x" * FIELD
        rest = f'"day": "2024-01-01", "status": "new", "amount": 1, "note": "{note}"'
        yield f'{{"id": {i}, "customer": "C{i:07}", {rest}}}\n'


def _integers(count: int) -> Callable[[], list[dict[str, Any]]]:
    return lambda: [
        {"name": f"c{i}", "type": "integer", "checks": [{"range": {"min": 0}}]}
        for i in range(count)
    ]


def _orders() -> list[dict[str, Any]]:
    return ORDERS


CASES = {
    "rules.csv": Case("all bad by rules", _bad_by_rules, _orders),
    "structure.csv": Case("all bad by structure", _bad_by_structure, _orders),
    "lines.jsonl": Case("all bad JSON lines", _bad_json, _orders),
    "array.json": Case("a JSON array, some of it bad", _array, _orders),
    "wide.csv": Case("64 columns", _wide, _integers(WIDE)),
    "field.csv": Case("one field of 100 MB", _endless, _orders),
    "field.jsonl": Case("one field of 100 MB, JSON", _endless_json, _orders),
    "columns.csv": Case(
        f"{MOST_COLUMNS} columns, all of them known",
        partial(_columns, MOST_COLUMNS),
        _integers(MOST_COLUMNS),
    ),
    "widest.csv": Case(
        f"{WIDEST} columns, {WIDE} of them known", partial(_columns, WIDEST), _integers(WIDE)
    ),
}


def write(lines: Iterator[str], path: Path) -> None:
    """Stream lines into a file."""
    with path.open("w", encoding="utf-8") as file:
        while some := list(islice(lines, LINES_AT_ONCE)):
            file.write("".join(some))


def measure(name: str, case: Case, rows: int, memory: str) -> Measured:
    """Load the file of a case with pratique, in a project of its own."""
    with tempfile.TemporaryDirectory(dir=DATA) as directory:
        project = Path(directory)
        (project / "pratique.yaml").write_text(f"memory_limit: {memory}\n", encoding="utf-8")
        contract = {"dataset": "hard", "files": "*", "gate": "none", "columns": case.columns()}
        for sub in "contracts", "landing":
            (project / sub).mkdir()
        contract_file = project / "contracts" / "hard.yaml"
        contract_file.write_text(json.dumps(contract), encoding="utf-8")
        file = project / "landing" / name
        write(case.lines(rows), file)
        done = run("-c", UNJUDGED, "run", "--project", project, "--json")
        (load,) = json.loads(done.output)["loads"]
        limit = TypeAdapter(ByteSize).validate_python(memory)
        return Measured(
            case=case.name,
            megabytes=file.stat().st_size / 1e6,
            records=load["records_in"],
            loaded=load["loaded"],
            quarantined=load["quarantined"],
            seconds=done.seconds,
            peak=done.peak,
            bound=limit / 1e6 + SPARE,
            said=load["error"],
        )


def table(found: list[Measured]) -> Table:
    """Lay out what was measured, a case a row."""
    shown = Table("file", title="peak memory", box=box.SIMPLE_HEAD)
    for heading in "MB", "records", "loaded", "bad", "seconds", "peak MB", "may be":
        shown.add_column(heading, justify="right")
    for it in found:
        shown.add_row(
            it.case,
            f"{it.megabytes:,.0f}",
            f"{it.records:,}",
            f"{it.loaded:,}",
            f"{it.quarantined:,}",
            f"{it.seconds:.1f}",
            f"[{'bold' if it.within else 'bold red'}]{it.peak:,.0f}[/]",
            f"{it.bound:,.0f}",
        )
    return shown


def main(
    names: Annotated[list[str] | None, typer.Argument(help="Files, all if left out.")] = None,
    rows: Annotated[int, typer.Option(help="Records in the largest files.")] = ROWS,
    memory: Annotated[str, typer.Option(help="Memory limit.")] = "1GB",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead.")] = False,
) -> None:
    """Measure the peak memory of loads that are hard on it; exit with 1 if it is not bounded."""
    DATA.mkdir(exist_ok=True)
    found = [measure(name, CASES[name], rows, memory) for name in names or CASES]
    if as_json:
        done = {"machine": machine(memory), "memory": [asdict(it) for it in found]}
        print(json.dumps(done, indent=2))
    else:
        console = screen()
        console.print(table(found))
        for it in found:
            if it.said:
                console.print(f"{it.case}: {it.said}")
    raise typer.Exit(not all(it.within for it in found))


if __name__ == "__main__":
    typer.run(main)
