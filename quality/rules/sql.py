"""sql: no row is one that a query returns."""

from __future__ import annotations

from quality.frames import Frame, Tables
from quality.query import Query, failing
from quality.rule import Example, rule


@rule(
    dimension="consistency",
    subject="{name}",
    expects="without a row",
    fault="{name} returns the row",
    examples=[
        Example(
            {"query": "SELECT _record_no FROM this WHERE paid > total"},
            good={"paid": [5, None], "total": [5, 9]},
            bad={"paid": [6, 10], "total": [5, 9]},
        ),
        Example(
            {
                "query": "SELECT code FROM this t JOIN limits l USING (code) "
                "GROUP BY code HAVING sum(t.amount) > max(l.most)"
            },
            good={"code": ["a", "a", "b"], "amount": [2, 3, 4]},
            bad={"code": ["a", "a"], "amount": [2, 4]},
            references={"limits": {"code": ["a", "b"], "most": [5, 5]}},
        ),
    ],
)
def sql(tables: Tables, query: Query) -> Frame:
    """A query that looks for bad rows finds none.

    Some rules need other rows, or other datasets, in a way that no rule has a name for. The query
    reads the rows of the file as `this`, with the numbers of the records as `_record_no`, and other
    datasets by their names, as they are published. It returns the bad rows: by `_record_no`, or by
    columns of theirs, and then all rows fail that have these values.

    It is read when the contract is read, before any data: it must be one query of rows and values,
    without files, settings, other schemas, queries that call themselves, or functions that draw
    random numbers. A dataset of which nothing has been published leaves the check not evaluated.

    Instead: for a condition on one row use `expression`, for a key of another dataset
    `foreign_key`, for one number `sql_value`.

    Also known as: UnexpectedRowsExpectation (Great Expectations), failed_rows (Soda), sql (ODCS),
    singular test (dbt), sql_query (DQX), CustomSql (AWS Glue).

    Args:
        query: The query in DuckDB's SQL; on a Polars frame, as far as Polars can read it.
    """
    return failing(tables, query)
