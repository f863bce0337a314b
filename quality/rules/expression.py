"""expression: any condition on one row, in SQL."""

from __future__ import annotations

from quality.condition import Condition, Sql
from quality.rule import Example, rule


@rule(
    dimension="consistency",
    subject="{name}",
    expects="true",
    fault="{name} is not true: {sql}",
    examples=[
        Example(
            {"sql": "paid <= total AND (status <> 'void' OR paid = 0)"},
            good={"paid": [5, 0, None], "total": [5, 9, 9], "status": ["open", "void", "open"]},
            bad={"paid": [6, 1], "total": [5, 5], "status": ["open", "void"]},
        ),
    ],
)
def expression(sql: Sql) -> Condition:
    """A condition in SQL is true of every row.

    Some rules are about your data and no other; this is how to say them. The expression is read
    when the contract is read, before any data: it must be one condition on the columns of one row,
    without queries, windows, aggregates, or functions that read settings or draw random numbers.

    Instead: use a named rule where there is one. It says what it expects in words, runs on every
    backend alike, and another person understands it at a glance. Null means that the condition
    does not apply; write `x IS NOT NULL AND …` where a missing value is a failure.

    Also known as: expression_is_true (dbt-utils), sql_expression (DQX), failed_rows (Soda),
    col_vals_expr (pointblank), Check (pandera).

    Args:
        sql: The condition in DuckDB's SQL; on a Polars frame, as far as Polars can read it.
    """
    return Condition(sql)
