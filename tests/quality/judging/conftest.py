from collections.abc import Callable

import duckdb
import polars as pl
import pytest

from quality.evaluation import evaluate
from quality.frames import RECORD_NO, into_tables


@pytest.fixture(scope="session")
def locked():
    """A connection as closed as the warehouse's."""
    con = duckdb.connect(config={"python_enable_replacements": "false", "threads": 1})
    con.execute("SET enable_external_access = false")
    con.execute("SET lock_configuration = true")
    yield con
    con.close()


@pytest.fixture(params=["polars", "duckdb"])
def judge(request, locked) -> Callable:
    """Judge a frame given column by column, on Polars and on DuckDB."""

    def on_polars(columns, checks, references=None, context=None):
        others = {name: pl.DataFrame(each).lazy() for name, each in (references or {}).items()}
        return evaluate(numbered(columns).lazy(), checks, others, context=context)

    def on_duckdb(columns, checks, references=None, context=None):
        others = {
            name: table(f"{name}_", pl.DataFrame(v)) for name, v in (references or {}).items()
        }
        frame = table("judged", numbered(columns))
        return evaluate(frame, checks, others, into_tables(locked), context)

    def table(name, frame):
        locked.register("handed_over", frame)
        locked.execute(f"CREATE OR REPLACE TABLE {name} AS FROM handed_over")
        return locked.table(name)

    return {"polars": on_polars, "duckdb": on_duckdb}[request.param]


def numbered(columns):
    """The frame as staging hands it over, with the numbers of its records."""
    frame = pl.DataFrame(columns)
    return frame.select(pl.int_range(1, pl.len() + 1).alias(RECORD_NO), pl.all())
