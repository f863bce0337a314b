"""Generate the benchmark's files: orders.csv, about 1.5 % of it bad, and the currencies it names.

Usage: python -m benchmarks.orders [--rows 5000000] [--directory benchmarks/.data]

Same rows, same bytes: every cell comes from the md5 of its column and row number.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import duckdb
import typer

from benchmarks.chance import DRAWING

DATA = Path(__file__).parent / ".data"
ROWS = 5_000_000  # about 650 MB

CURRENCIES = {"EUR": "Euro", "USD": "US dollar", "GBP": "Pound sterling", "NOK": "Norwegian krone"}

# Bad, per mille of the records: email 3, status 3, quantity 3 (it does not cast), amount 3,
# currency 2 (nobody knows it), order_id 1 (a pair of records for each repeated key): 15 in all.
ORDERS = (
    DRAWING
    + """
CREATE VIEW drawn AS SELECT
    i,
    draw(i, 'repeat') AS repeat,
    draw(i, 'customer') AS customer,
    draw(i, 'email') AS email,
    draw(i, 'ordered_at') AS ordered_at,
    draw(i, 'status') AS status,
    draw(i, 'quantity') AS quantity,
    draw(i, 'amount') AS amount,
    draw(i, 'currency') AS currency,
    draw(i, 'product') AS product,
    draw(i, 'note') AS note
FROM range(getvariable('rows')) t(i);

CREATE VIEW orders AS SELECT
    CASE WHEN i > 0 AND repeat % 2000 = 0 THEN i - 1 ELSE i END AS order_id,
    format('C{:07}', pick(customer, 400000)) AS customer,
    format('user{}@{}{}', pick(email, 900000),
        ['example.org', 'example.com', 'mail.example.net'][1 + pick(email, 3)],
        CASE WHEN bad(email, 3) THEN ' ' ELSE '' END) AS email,
    strftime(TIMESTAMP '2024-01-01' + to_seconds(pick(ordered_at, 31536000)),
        '%Y-%m-%dT%H:%M:%SZ') AS ordered_at,
    CASE WHEN bad(status, 3) THEN '??'
        ELSE ['new', 'paid', 'shipped', 'returned'][1 + pick(status, 4)] END AS status,
    CASE WHEN bad(quantity, 3) THEN 'n/k' ELSE (1 + pick(quantity, 60))::VARCHAR END AS quantity,
    CASE WHEN bad(amount, 3) THEN '-1'
        ELSE printf('%.2f', pick(amount, 1000000) / 100.0) END AS amount,
    CASE WHEN bad(currency, 2) THEN 'XXX'
        ELSE ['EUR', 'USD', 'GBP', 'NOK'][1 + pick(currency, 4)] END AS currency,
    format('SKU-{:06}-{}', pick(product, 50000), md5((product // 1000)::VARCHAR)) AS product,
    CASE WHEN note % 5 > 0 THEN format('note {}', pick(note, 100000)) END AS note
FROM drawn;
"""
)


def generate(rows: int, directory: Path) -> Path:
    """Write orders with `rows` records as CSV and JSON lines, and currencies.csv.

    Returns:
        The path of orders.csv, in a directory of its own size: existing files are kept.
    """
    target = directory / f"orders-{rows}"
    orders = target / "orders.csv"
    target.mkdir(parents=True, exist_ok=True)
    listed = "".join(f"{code},{name}\n" for code, name in CURRENCIES.items())
    (target / "currencies.csv").write_text(f"code,name\n{listed}", encoding="utf-8")
    numbers = "(SELECT * REPLACE (amount::DOUBLE AS amount) FROM orders)"
    for written, what in {
        orders: "orders TO '{}' (FORMAT csv, HEADER)",
        orders.with_suffix(".jsonl"): f"{numbers} TO '{{}}' (FORMAT json)",
    }.items():
        if not written.exists():
            unfinished = written.with_suffix(".part")
            with duckdb.connect() as con:
                con.execute("SET VARIABLE rows = ?", [rows])
                con.execute(ORDERS)
                con.execute(f"COPY {what.format(unfinished)}")
            unfinished.rename(written)
    return orders


def main(
    rows: Annotated[int, typer.Option(help="Records in orders.csv.")] = ROWS,
    directory: Annotated[Path, typer.Option(help="Where to write.")] = DATA,
) -> None:
    """Generate the benchmark's files, unless they are there."""
    orders = generate(rows, directory)
    print(f"{orders}: {rows:,} records, {orders.stat().st_size / 1e6:,.0f} MB")


if __name__ == "__main__":
    typer.run(main)
