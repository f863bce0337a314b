"""sql_value: one number that a query gives."""

from __future__ import annotations

from quality.frames import Tables
from quality.measure import Fact
from quality.quantities import Number, require_bounds
from quality.query import Query, value
from quality.rule import Example, rule


@rule(
    dimension="consistency",
    subject="{name}",
    expects="{bounds}",
    examples=[
        Example(
            {"query": "SELECT sum(debit) - sum(credit) FROM this", "min": 0, "max": 0},
            good={"debit": [5, 0], "credit": [2, 3]},
            bad={"debit": [5, 0], "credit": [2, 2]},
        ),
        Example(
            {"query": "SELECT (SELECT count(*) FROM planes) - count(*) FROM this", "max": 1},
            good={"tailnum": ["N1", "N2"]},
            bad={"tailnum": ["N1"]},
            references={"planes": {"tailnum": ["N1", "N2", "N3"]}},
        ),
    ],
)
def sql_value(
    tables: Tables, query: Query, min: Number | None = None, max: Number | None = None
) -> Fact:
    """One number that a query gives lies between `min` and `max`, both included.

    What must balance over many rows, or between datasets, is often one subtraction in SQL.

    The query is as free, and as confined, as that of `sql`, and returns one row with one number. A
    null, or no row, leaves the check not evaluated.

    Instead: for one number of one column use `aggregate`; it is taken in the scan of all checks.

    Also known as: metric query (Soda), sql with mustBe (ODCS), query_dq (Spark Expectations),
    CustomSql (AWS Glue).

    Args:
        query: The query in DuckDB's SQL; on a Polars frame, as far as Polars can read it.
        min: The smallest good number.
        max: The largest good number.
    """
    require_bounds(min, max)
    return Fact(value(tables, query), min, max)
