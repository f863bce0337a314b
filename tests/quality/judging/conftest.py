from collections.abc import Callable

import duckdb
import polars as pl
import pytest

from quality import evaluate, into_tables
from quality.frames import RECORD_NO


@pytest.fixture(params=["polars", "duckdb"])
def judge(request) -> Callable:
    """Judge a frame given column by column, on Polars and on DuckDB."""
    return {"polars": judge_polars, "duckdb": judge_duckdb}[request.param]


def judge_polars(columns, checks, references=None):
    others = {name: pl.DataFrame(each).lazy() for name, each in (references or {}).items()}
    return evaluate(numbered(columns).lazy(), checks, others)


def judge_duckdb(columns, checks, references=None):
    con = locked()
    others = {name: table(con, pl.DataFrame(each)) for name, each in (references or {}).items()}
    return evaluate(table(con, numbered(columns)), checks, others, into_tables(con))


def numbered(columns):
    """The frame as staging hands it over, with the numbers of its records."""
    frame = pl.DataFrame(columns)
    return frame.select(pl.int_range(1, pl.len() + 1).alias(RECORD_NO), pl.all())


def locked():
    """A connection as closed as the warehouse's."""
    con = duckdb.connect(config={"python_enable_replacements": "false", "threads": 1})
    con.execute("SET enable_external_access = false")
    con.execute("SET lock_configuration = true")
    return con


def table(con, frame):
    con.register("handed_over", frame)
    name = f"t{len(con.execute('SHOW TABLES').fetchall())}"
    con.execute(f"CREATE TABLE {name} AS FROM handed_over")
    return con.table(name)


def failed_records(evaluation, key):
    """The numbers of the records that failed a check."""
    import narwhals as nw

    failing = evaluation.failures.filter(nw.col(key)).select(RECORD_NO).collect("polars")
    return sorted(failing[RECORD_NO].to_list())
