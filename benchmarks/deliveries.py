"""What suppliers drop on three days: new files, restatements, duplicates, bad records.

The same records, whenever they are asked for: so two projects can be given the same.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

DAYS = 3
LINES_AT_ONCE = 10_000
FIRST_DAY = 1_700_000_000

CUSTOMERS = """
dataset: customers
files: customers*.csv
load: replace
columns:
  - {name: code, checks: [primary_key]}
"""
PRICES = """
dataset: prices
files: prices_*.csv
load: merge
key: [sku]
columns:
  - {name: sku, type: integer, checks: [not_null]}
  - {name: price, type: "decimal(9,2)", checks: [{range: {min: 0}}]}
"""
ORDERS = """
dataset: orders
files: "orders_*.*"
columns:
  - {name: id, type: bigint, checks: [not_null, unique]}
  - {name: customer, checks: [{foreign_key: {to: customers.code}}]}
  - {name: ordered_at, type: timestamptz, checks: [not_in_future]}
  - {name: amount, type: double, checks: [{range: {min: 0, max: 1000}}]}
  - {name: note, checks: [{length: {max: 40}}]}
"""
CODES = "abcdefghij"


def lay_out(project: Path, **settings: object) -> Path:
    """Make a project that waits for deliveries; give its file."""
    for folder in "landing", "contracts":
        (project / folder).mkdir(parents=True)
    for contract in CUSTOMERS, PRICES, ORDERS:
        name = contract.split()[1]
        (project / "contracts" / f"{name}.yaml").write_text(contract, encoding="utf-8")
    said = "".join(f"{name}: {value}\n" for name, value in settings.items())
    (project / "pratique.yaml").write_text(said, encoding="utf-8")
    return project / "pratique.yaml"


def deliver(landing: Path, day: int, records: int) -> int:
    """Drop the files of a day, the largest with so many records; tell how many there are in all."""
    total = 0
    for name, lines in _files(day, records).items():
        path, count = landing / name, 0
        with path.open("w", encoding="utf-8") as file:
            while some := list(islice(lines, LINES_AT_ONCE)):
                file.write("".join(some))
                count += len(some)
        seconds = FIRST_DAY + 86_400 * day
        os.utime(path, (seconds, seconds))
        total += count - (not name.endswith("jsonl"))
    return total


def _files(day: int, records: int) -> dict[str, Iterator[str]]:
    fewer = max(records // 10, 10)
    files = {
        f"prices_{day}.csv": _csv("sku,price", fewer, lambda i: f"{i * (day + 1)},{i % 90}.5"),
        f"orders_{day}.jsonl": _orders_json(10_000_000 * (day + 1), fewer),
    }
    if day == 0:
        files["customers.csv"] = _csv("code", len(CODES), lambda i: CODES[i])
        files["orders_new.csv"] = _orders_csv(1, records, "a")
    elif day == 1:
        # Half of it is as it was; there is one customer more.
        files["customers_more.csv"] = _csv("code", len(CODES) + 1, lambda i: f"{CODES}z"[i])
        files["orders_new.csv"] = _orders_csv(1 + records // 2, records, "z")
    else:
        files["orders_again.csv"] = _orders_csv(1 + records // 2, records, "z")
        files["orders_0.jsonl"] = _orders_json(90_000_000, records)
    return files


def _csv(header: str, rows: int, row: Callable[[int], str]) -> Iterator[str]:
    yield f"{header}\n"
    yield from (f"{row(i)}\n" for i in range(rows))


def _orders_csv(first: int, records: int, customer: str) -> Iterator[str]:
    """Orders of which some break a rule, some do not cast, and some do not fit."""

    def row(i: int) -> str:
        if i % 97 == 5:
            return f"{first + i},{customer},a field too few"
        id, amount = first + i - (i % 89 == 7), "five" if i % 101 == 3 else f"{i % 1050}.25"
        return f"{id},{customer},2024-02-{1 + i % 28:02}T10:00:00Z,{amount},note {i}"

    return _csv("id,customer,ordered_at,amount,note", records, row)


def _orders_json(first: int, records: int) -> Iterator[str]:
    for i in range(records):
        amount = "NaN" if i % 83 == 9 else i % 1050
        day = f"2024-03-{1 + i % 28:02}T10:00:00Z"
        yield (
            f'{{"id": {first + i}, "customer": "{CODES[i % 10]}", "ordered_at": "{day}", '
            f'"amount": {amount}, "note": "note {i}"}}\n'
        )
