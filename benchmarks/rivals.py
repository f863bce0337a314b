"""One contender judges the rows, in a process of its own, and says how long it took.

Usage: python -m benchmarks.rivals NAME FILE TIMES

A contender is made once, rows loaded and rules written down, and then judges as often as asked.
What it returns is all that it can say by itself of the rows: how many fail each rule, the good and
the bad rows, and beside each bad row what is wrong with it; in memory, or in tables of DuckDB.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeAlias

from benchmarks.judged import CURRENCIES, EMAIL, RULES, STATUSES

Found: TypeAlias = Mapping[str, Any]
"""`failed`: how many rows fail each rule, of those that it has; `bad`: how many rows it sets apart,
if it does."""
Judge: TypeAlias = Callable[[], Found]


def _named(counts: Any) -> dict[str, int]:
    return dict(zip(RULES, map(int, counts), strict=True))


def _checks() -> list[Any]:
    from quality import check

    return [
        check("unique", columns=["order_id"]),
        check("not_null", column="customer"),
        check("not_null", column="email"),
        check("matches", column="email", pattern=EMAIL),
        check("accepted_values", column="status", values=STATUSES),
        check("accepted_values", column="currency", values=CURRENCIES),
        check("range", column="quantity", min=1, max=60),
        check("range", column="amount", min=0),
        check("length", column="customer", min=8, max=8),
        check("compare_columns", left="ordered_at", op="<=", right="shipped_at"),
    ]


def pratique_on_polars(file: Path) -> Judge:
    import polars as pl

    import quality

    frame, checks = pl.read_parquet(file), _checks()

    def judge() -> Found:
        found = quality.evaluate(frame, checks)
        return {"failed": _named(each.failed for each in found.results), "bad": len(found.bad)}

    return judge


def pratique_on_duckdb(file: Path) -> Judge:
    import quality

    con, checks = _loaded(file), _checks()

    def judge() -> Found:
        found = quality.evaluate(con.table("orders"), checks)
        bad = _written(con, found.good.sql_query(), found.bad.sql_query())
        return {"failed": _named(each.failed for each in found.results), "bad": bad}

    return judge


def _loaded(file: Path) -> Any:
    import duckdb

    con = duckdb.connect()
    con.execute("CREATE TABLE orders AS FROM read_parquet(?)", [str(file)])
    return con


def _written(con: Any, good: str, bad: str) -> int:
    con.execute(f"CREATE OR REPLACE TABLE good AS {good}")
    con.execute(f"CREATE OR REPLACE TABLE bad AS {bad}")
    ((rows,),) = con.execute("SELECT count(*) FROM bad").fetchall()
    return int(rows)


def duckdb_by_hand(file: Path) -> Judge:
    con = _loaded(file)
    broken = [
        "order_id IN (FROM repeated)",
        "customer IS NULL",
        "email IS NULL",
        f"NOT regexp_full_match(email, '{EMAIL}')",
        f"status NOT IN {tuple(STATUSES)}",
        f"currency NOT IN {tuple(CURRENCIES)}",
        "quantity NOT BETWEEN 1 AND 60",
        "amount < 0",
        "length(customer) <> 8",
        "shipped_at < ordered_at",
    ]
    masks = " | ".join(f"(coalesce(({sql})::INT, 0) << {bit})" for bit, sql in enumerate(broken))
    counts = ", ".join(f"count(*) FILTER (mask & {1 << bit} > 0)" for bit in range(len(broken)))
    reasons = ", ".join(
        f"CASE WHEN mask & {1 << bit} > 0 THEN '{rule}' END" for bit, rule in enumerate(RULES)
    )

    def judge() -> Found:
        con.execute(
            "CREATE OR REPLACE TEMP TABLE repeated AS "
            "SELECT order_id FROM orders GROUP BY order_id HAVING count(*) > 1"
        )
        con.execute(
            "CREATE OR REPLACE TEMP TABLE failing AS "
            f"SELECT rowid AS row, {masks} AS mask FROM orders WHERE {' OR '.join(broken)}"
        )
        (failed,) = con.execute(f"SELECT {counts} FROM failing").fetchall()
        bad = _written(
            con,
            "SELECT * FROM orders WHERE rowid NOT IN (SELECT row FROM failing)",
            f"SELECT o.*, list_filter([{reasons}], lambda x: x IS NOT NULL) AS reasons "
            "FROM orders AS o JOIN failing AS f ON o.rowid = f.row",
        )
        return {"failed": _named(failed), "bad": bad}

    return judge


def polars_by_hand(file: Path) -> Judge:
    import polars as pl

    frame = pl.read_parquet(file)
    broken = [
        pl.col("order_id").is_duplicated(),
        pl.col("customer").is_null(),
        pl.col("email").is_null(),
        ~pl.col("email").str.contains(rf"^(?:{EMAIL})$"),
        ~pl.col("status").is_in(STATUSES),
        ~pl.col("currency").is_in(CURRENCIES),
        ~pl.col("quantity").is_between(1, 60),
        pl.col("amount") < 0,
        pl.col("customer").str.len_chars() != 8,
        pl.col("shipped_at") < pl.col("ordered_at"),
    ]
    flags = [flag.fill_null(False).alias(rule) for rule, flag in zip(RULES, broken, strict=True)]

    def judge() -> Found:
        told = frame.select(flags)
        failed = told.sum().row(0)
        is_bad = told.select(pl.any_horizontal(pl.all())).to_series()
        reasons = told.filter(is_bad).select(
            pl.concat_list(pl.when(pl.col(rule)).then(pl.lit(rule)) for rule in RULES)
            .list.drop_nulls()
            .alias("reasons")
        )
        good = frame.filter(~is_bad)
        bad = frame.filter(is_bad).hstack(reasons)
        assert len(good) + len(bad) == len(frame)
        return {"failed": _named(failed), "bad": len(bad)}

    return judge


def dataframely(file: Path) -> Judge:
    import dataframely as dy
    import polars as pl

    class Orders(dy.Schema):
        order_id = dy.Int64(primary_key=True)
        customer = dy.String(nullable=False, min_length=8, max_length=8)
        email = dy.String(nullable=False, regex=rf"^(?:{EMAIL})$")
        ordered_at = dy.Datetime(nullable=True)
        shipped_at = dy.Datetime(nullable=True)
        status = dy.String(nullable=True, check=lambda it: it.is_in(STATUSES))
        quantity = dy.Int32(nullable=True, min=1, max=60)
        amount = dy.Float64(nullable=True, min=0)
        currency = dy.String(nullable=True, check=lambda it: it.is_in(CURRENCIES))

        @dy.rule()
        def dates(cls) -> pl.Expr:  # noqa: N805
            return pl.col("ordered_at") <= pl.col("shipped_at")

    frame = pl.read_parquet(file)
    keys = {
        "unique order_id": ("primary_key",),
        "not_null customer": ("customer|nullability",),
        "not_null email": ("email|nullability",),
        "matches email": ("email|regex",),
        "accepted status": ("status|check",),
        "accepted currency": ("currency|check",),
        "range quantity": ("quantity|min", "quantity|max"),
        "range amount": ("amount|min",),
        "length customer": ("customer|min_length", "customer|max_length"),
        "dates": ("dates",),
    }

    def judge() -> Found:
        good, failure = Orders.filter(frame)
        counts = failure.counts()
        bad = failure.details()
        assert len(good) + len(bad) == len(frame)
        failed = {rule: sum(counts.get(key, 0) for key in names) for rule, names in keys.items()}
        return {"failed": failed, "bad": len(bad)}

    return judge


def pandera(file: Path) -> Judge:
    import pandera.polars as pa
    import polars as pl

    is_address = pa.Check(
        lambda data: data.lazyframe.select(pl.col(data.key).str.contains(rf"^(?:{EMAIL})$"))
    )
    schema = pa.DataFrameSchema(
        {
            "order_id": pa.Column(pl.Int64, unique=True),
            "customer": pa.Column(pl.String, pa.Check.str_length(8, 8)),
            "email": pa.Column(pl.String, is_address),
            "status": pa.Column(pl.String, pa.Check.isin(STATUSES)),
            "currency": pa.Column(pl.String, pa.Check.isin(CURRENCIES)),
            "quantity": pa.Column(pl.Int32, pa.Check.in_range(1, 60)),
            "amount": pa.Column(pl.Float64, pa.Check.ge(0)),
        },
        checks=pa.Check(
            lambda data: data.lazyframe.select(pl.col("ordered_at") <= pl.col("shipped_at"))
        ),
    )
    frame = pl.read_parquet(file)

    def judge() -> Found:
        try:
            schema.validate(frame, lazy=True)
        except pa.errors.SchemaErrors as errors:
            cases = errors.failure_cases
        failed = cases.group_by("check", "column").len()["len"].to_list()
        good = frame.filter(~pl.int_range(pl.len()).is_in(cases["index"].unique().implode()))
        return {"failed": failed, "bad": len(frame) - len(good)}

    return judge


def pointblank(file: Path) -> Judge:
    import pointblank as pb
    import polars as pl

    frame = pl.read_parquet(file)

    def judge() -> Found:
        found = (
            pb.Validate(frame)
            .rows_distinct(columns_subset=["order_id"])
            .col_vals_not_null(columns="customer")
            .col_vals_not_null(columns="email")
            .col_vals_regex(columns="email", pattern=rf"^(?:{EMAIL})$", na_pass=True)
            .col_vals_in_set(columns="status", set=STATUSES)
            .col_vals_in_set(columns="currency", set=CURRENCIES)
            .col_vals_between(columns="quantity", left=1, right=60)
            .col_vals_ge(columns="amount", value=0)
            .col_vals_expr(expr=pl.col("customer").str.len_chars().fill_null(8) == 8)
            .col_vals_ge(columns="shipped_at", value=pb.col("ordered_at"))
            .interrogate(collect_extracts=False)
        )
        failed = _named(found.n_failed().values())
        good, bad = (found.get_sundered_data(type=kind) for kind in ("pass", "fail"))
        assert len(good) + len(bad) == len(frame)
        return {"failed": failed, "bad": len(bad)}

    return judge


def cuallee(file: Path) -> Judge:
    import polars as pl
    from cuallee import Check, CheckLevel

    frame = pl.read_parquet(file)
    names = ["unique order_id", "not_null customer", "not_null email", "matches email"]
    names += ["accepted status", "accepted currency", "range quantity", "range amount"]

    def judge() -> Found:
        check = (
            Check(CheckLevel.WARNING, "orders")
            .is_unique("order_id")
            .is_complete("customer")
            .is_complete("email")
            .has_pattern("email", rf"^(?:{EMAIL})$")
            .is_contained_in("status", STATUSES)
            .is_contained_in("currency", CURRENCIES)
            .is_between("quantity", (1, 60))
            .is_greater_or_equal_than("amount", 0)
        )
        violations = check.validate(frame)["violations"]
        return {"failed": dict(zip(names, map(int, violations), strict=True)), "bad": None}

    return judge


def great_expectations(file: Path) -> Judge:
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations as gx
    import polars as pl
    from great_expectations import expectations as expect

    frame = pl.read_parquet(file).to_pandas()
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    asset = context.data_sources.add_pandas("pandas").add_dataframe_asset("orders")
    batch = asset.add_batch_definition_whole_dataframe("all").get_batch({"dataframe": frame})
    suite = gx.ExpectationSuite(
        "orders",
        expectations=[
            expect.ExpectColumnValuesToBeUnique(column="order_id"),
            expect.ExpectColumnValuesToNotBeNull(column="customer"),
            expect.ExpectColumnValuesToNotBeNull(column="email"),
            expect.ExpectColumnValuesToMatchRegex(column="email", regex=rf"^(?:{EMAIL})$"),
            expect.ExpectColumnValuesToBeInSet(column="status", value_set=STATUSES),
            expect.ExpectColumnValuesToBeInSet(column="currency", value_set=CURRENCIES),
            expect.ExpectColumnValuesToBeBetween(column="quantity", min_value=1, max_value=60),
            expect.ExpectColumnValuesToBeBetween(column="amount", min_value=0),
            expect.ExpectColumnValueLengthsToEqual(column="customer", value=8),
            expect.ExpectColumnPairValuesAToBeGreaterThanB(
                column_A="shipped_at", column_B="ordered_at", or_equal=True
            ),
        ],
    )

    def judge() -> Found:
        found = batch.validate(suite, result_format="COMPLETE")
        results = [each["result"] for each in found.to_json_dict()["results"]]
        rows = {row for each in results for row in each["unexpected_index_list"] or ()}
        return {"failed": sorted(each["unexpected_count"] for each in results), "bad": len(rows)}

    return judge


def soda(file: Path) -> Judge:
    os.environ["SODA_CORE_TELEMETRY_ENABLED"] = "false"
    import logging

    import duckdb
    from soda_core.contracts import verify_contract_locally

    logging.disable(logging.CRITICAL)
    here = TemporaryDirectory()
    database, source, contract = (Path(here.name, name) for name in ("a.duckdb", "s.yml", "c.yml"))
    with duckdb.connect(str(database)) as con:
        con.execute("CREATE TABLE orders AS FROM read_parquet(?)", [str(file)])
    source.write_text(f"type: duckdb\nname: bench\nconnection:\n  database: {database}\n")
    contract.write_text(SODA.format(email=EMAIL))

    def judge() -> Found:
        found = verify_contract_locally(
            data_source_file_path=str(source), contract_file_path=str(contract)
        )
        (verified,) = found.contract_verification_results
        values = [each.threshold_value for each in verified.check_results]
        return {"failed": _named(values), "bad": None, "kept": here}

    return judge


SODA = """
dataset: bench/main/orders
columns:
  - name: order_id
    checks: [duplicate: ]
  - name: customer
    checks: [missing: ]
  - name: email
    checks:
      - missing:
      - invalid: {{valid_format: {{name: address, regex: '^(?:{email})$'}}}}
  - name: status
    checks: [invalid: {{valid_values: [new, paid, shipped, returned]}}]
  - name: currency
    checks: [invalid: {{valid_values: [EUR, USD, GBP, NOK]}}]
  - name: quantity
    checks: [invalid: {{valid_min: 1, valid_max: 60}}]
  - name: amount
    checks: [invalid: {{valid_min: 0}}]
checks:
  - failed_rows: {{name: length, expression: length(customer) <> 8}}
  - failed_rows: {{name: dates, expression: shipped_at < ordered_at}}
"""

CONTENDERS: Mapping[str, Callable[[Path], Judge]] = {
    "pratique on Polars": pratique_on_polars,
    "pratique on DuckDB": pratique_on_duckdb,
    "Polars by hand": polars_by_hand,
    "DuckDB by hand": duckdb_by_hand,
    "dataframely": dataframely,
    "pandera": pandera,
    "pointblank": pointblank,
    "cuallee": cuallee,
    "Soda": soda,
    "Great Expectations": great_expectations,
}


def main(name: str, file: str, times: str) -> None:
    """Let one contender judge, and print what it took as JSON."""
    started = time.perf_counter()
    judge = CONTENDERS[name](Path(file))
    ready = time.perf_counter() - started
    runs = []
    for _ in range(int(times)):
        wall, cpu = time.perf_counter(), time.process_time()
        found = judge()
        runs.append((time.perf_counter() - wall, time.process_time() - cpu))
    failed = found["failed"]
    counts = sorted(failed.values() if isinstance(failed, dict) else failed)
    print(json.dumps({"ready": ready, "runs": runs, "failed": counts, "bad": found["bad"]}))


if __name__ == "__main__":
    main(*sys.argv[1:])
