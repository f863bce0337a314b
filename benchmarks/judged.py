"""The rows that every rival judges, and what is asked of them: ten rules, which one in 25 fails.

Usage: python -m benchmarks.judged ROWS FILE

Same rows, same values: every cell comes from the md5 of its column and row number.
"""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb

from benchmarks.chance import DRAWING

EMAIL = r"[^@ ]+@[^@ ]+\.[a-z]+"
STATUSES = ["new", "paid", "shipped", "returned"]
CURRENCIES = ["EUR", "USD", "GBP", "NOK"]
RULES = {
    "unique order_id": "order_id comes once",
    "not_null customer": "customer is there",
    "not_null email": "email is there",
    "matches email": "email has the form of an address",
    "accepted status": "status is one of four",
    "accepted currency": "currency is one of four",
    "range quantity": "quantity lies between 1 and 60",
    "range amount": "amount is at least 0",
    "length customer": "customer has 8 characters",
    "dates": "shipped_at is no earlier than ordered_at",
}

# Bad, per mille of the rows: order_id 2 (a pair for each repeated key), customer 2 (none) and 2
# (too short), email 5 (none) and 10 (a blank at its end), status 8, currency 2, quantity 3,
# amount 4, shipped_at 3: 41 in all, less what fails twice.
ORDERS = (
    DRAWING
    + """
CREATE VIEW drawn AS SELECT
    i,
    draw(i, 'repeat') AS repeat,
    draw(i, 'customer') AS customer,
    draw(i, 'email') AS email,
    TIMESTAMP '2024-01-01' + to_seconds(pick(draw(i, 'ordered_at'), 31536000)) AS ordered_at,
    draw(i, 'shipped_at') AS shipped_at,
    draw(i, 'status') AS status,
    draw(i, 'quantity') AS quantity,
    draw(i, 'amount') AS amount,
    draw(i, 'currency') AS currency
FROM range(getvariable('rows')) t(i);

CREATE VIEW orders AS SELECT
    CASE WHEN i > 0 AND repeat % 1000 = 0 THEN i - 1 ELSE i END AS order_id,
    CASE WHEN bad(customer, 2) THEN NULL WHEN bad(customer, 4) THEN 'C1'
        ELSE format('C{:07}', pick(customer, 400000)) END AS customer,
    CASE WHEN NOT bad(email, 5) THEN format('user{}@{}{}', pick(email, 900000),
        ['example.org', 'example.com', 'mail.example.net'][1 + pick(email, 3)],
        CASE WHEN bad(email, 15) THEN ' ' ELSE '' END) END AS email,
    ordered_at,
    ordered_at + to_seconds(
        CASE WHEN bad(shipped_at, 3) THEN -1 ELSE 1 END * (1 + pick(shipped_at, 864000))
    ) AS shipped_at,
    CASE WHEN bad(status, 8) THEN '??'
        ELSE ['new', 'paid', 'shipped', 'returned'][1 + pick(status, 4)] END AS status,
    (CASE WHEN bad(quantity, 3) THEN 0 ELSE 1 + pick(quantity, 60) END)::INTEGER AS quantity,
    CASE WHEN bad(amount, 4) THEN -1.0 ELSE pick(amount, 1000000) / 100.0 END AS amount,
    CASE WHEN bad(currency, 2) THEN 'XXX'
        ELSE ['EUR', 'USD', 'GBP', 'NOK'][1 + pick(currency, 4)] END AS currency
FROM drawn;
"""
)


def generate(rows: int, file: Path) -> None:
    """Write the rows as Parquet, unless they are there."""
    if file.exists():
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_suffix(".part")
    with duckdb.connect() as con:
        con.execute("SET VARIABLE rows = ?", [rows])
        con.execute(ORDERS)
        con.execute(f"COPY orders TO '{unfinished}' (FORMAT parquet)")
    unfinished.rename(file)


if __name__ == "__main__":
    generate(int(sys.argv[1]), Path(sys.argv[2]))
