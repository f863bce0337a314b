"""Queries of a contract: what they find, and that they reach nothing that is not given to them."""

import polars as pl
import pytest

from quality import Outcome, check
from quality.checks import CheckInvalid
from quality.evaluation import evaluate
from quality.frames import into_tables

ROWS = {"a": [1, 2, 2, None], "b": ["x", "y", "y", None]}
HARMLESS = {
    "SELECT _record_no FROM this WHERE a > 1": 2,
    "FROM this SELECT _record_no WHERE a IS NULL": 1,
    "SELECT a FROM this WHERE b = 'y' -- by a column": 2,
    "SELECT a, b FROM this WHERE a IS NULL;": 1,
    "WITH n AS (SELECT a, count(*) AS n FROM this GROUP BY a) SELECT a FROM n WHERE n > 1": 2,
    "SELECT _record_no FROM this t WHERE NOT EXISTS (FROM others o WHERE o.code = t.b)": 3,
    "SELECT _record_no FROM this QUALIFY row_number() OVER (PARTITION BY a ORDER BY b) > 1": 1,
    "SELECT unnest([_record_no, _record_no]) AS _record_no FROM this": 4,
    "SELECT _record_no FROM this WHERE list_sum([x + 1 FOR x IN [a, 1]]) > 4": 2,
    "WITH others AS (SELECT 1 AS code) SELECT _record_no FROM this JOIN others ON a = code": 1,
    "SELECT _record_no FROM this WHERE b IN (SELECT code FROM others UNION ALL SELECT 'y')": 3,
    "SELECT _record_no FROM this, range(2) r WHERE a = r.range": 1,
    "SELECT _record_no FROM this WHERE b <> $$it's ; -- no end$$": 3,
}


@pytest.mark.parametrize("query", HARMLESS)
def test_what_a_query_returns_fails(query, locked):
    for name, columns in {"judged": ROWS, "their": {"code": ["x"]}}.items():
        locked.register("handed_over", pl.DataFrame(columns).with_row_index("_record_no", 1))
        locked.execute(f"CREATE OR REPLACE TABLE {name} AS FROM handed_over")
    relations = locked.table("judged"), {"others": locked.table("their")}
    (result,) = evaluate(
        relations[0], [check("sql", query=query)], relations[1], into_tables(locked)
    ).results

    assert (result.outcome, result.rows, result.failed) == (Outcome.FAILED, 4, HARMLESS[query]), (
        result.message
    )


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("FROM 'file.csv'", "'file.csv' is not a dataset"),
        ('FROM "/etc/passwd"', "'/etc/passwd' is not a dataset"),
        ("SELECT a FROM this WHERE a IN (FROM 'x.parquet')", "'x.parquet' is not a dataset"),
        ("SELECT * FROM read_csv('x')", "read_csv() is not allowed"),
        ("SELECT (SELECT * FROM read_text('/etc/passwd'))", "read_text() is not allowed"),
        ("WITH this AS (FROM read_csv('a')) FROM this", "read_csv() is not allowed"),
        ("FROM duckdb_settings()", "duckdb_settings() is not allowed"),
        ("FROM this, duckdb_secrets()", "duckdb_secrets() is not allowed"),
        ("FROM glob('*')", "glob() is not allowed"),
        ("FROM query('FROM this')", "query() is not allowed"),
        ("FROM query_table('this')", "query_table() is not allowed"),
        ("FROM json_execute_serialized_sql('{}')", "is not allowed"),
        ("FROM pg_catalog.pg_class", "without a schema"),
        ("FROM information_schema.tables", "without a schema"),
        ("FROM pratique.loads", "without a schema"),
        ("FROM main.this", "without a schema"),
        ("FROM memory.main.this", "without a schema"),
        ("SELECT getenv('HOME')", "there is no function getenv()"),
        ("SELECT current_setting('threads')", "current_setting() does not depend on the rows"),
        ("SELECT getvariable('x')", "getvariable() does not depend on the rows"),
        ("SELECT read_blob('x')", "read_blob() does not depend on the rows"),
        ("SELECT write_log('x')", "write_log() does not depend on the rows"),
        ("SELECT random()", "random() does not depend on the rows"),
        ("SELECT nextval('pratique.file_ids')", "nextval() does not depend on the rows"),
        ("SELECT system.main.random()", "write random()"),
        ("ATTACH 'x' AS y", "not an SQL"),
        ("COPY this TO 'x'", "not an SQL"),
        ("PRAGMA version", "'query' "),
        ("INSERT INTO this VALUES (1)", "not an SQL"),
        ("DROP TABLE this", "not an SQL"),
        ("SET threads = 1", "not an SQL"),
        ("CALL duckdb_settings()", "not an SQL"),
        ("SELECT 1; SELECT 2", "not an SQL"),
        ("SELECT 1) UNION (SELECT 2", "more than one query"),
        ("SELECT 1), (SELECT 2", "more than one query"),
        ("SELECT 1) AS t JOIN (SELECT 2", "not an SQL"),
        ("SHOW TABLES", "rows of data"),
        ("DESCRIBE this", "rows of data"),
        ("SUMMARIZE this", "rows of data"),
        ("SELECT COLUMNS(*) FROM this", "COLUMNS() is not allowed"),
        ("SELECT COLUMNS('a.*') FROM this", "COLUMNS() is not allowed"),
        ("FROM this POSITIONAL JOIN others", "rows have no order"),
        ("FROM this TABLESAMPLE 3", "a sample is another one"),
        ("FROM this AT (VERSION => 1)", "what a table was before"),
        ("SELECT ?", "there are no parameters"),
        ("SELECT #1 FROM this", "name the column"),
        ("UNPIVOT this ON a", "CASE"),
        ("WITH RECURSIVE r AS (SELECT 1 UNION ALL FROM r) FROM r", "may never end"),
    ],
)
def test_a_query_reads_what_it_is_given_and_nothing_else(query, said):
    with pytest.raises(CheckInvalid) as refused:
        check("sql", query=query)

    assert said in str(refused.value)


def test_what_a_query_does_not_make_itself_it_must_be_given():
    shadowed = check("sql", query="WITH a AS (FROM b), b AS (SELECT 1) FROM a, b, THIS, Orders")
    nested = check("sql", query="FROM (WITH b AS (SELECT 1) FROM b) x, b")
    catalog = check("sql", query="FROM duckdb_tables")

    assert shadowed.datasets == ("b", "orders")
    assert nested.datasets == ("b",)
    assert catalog.datasets == ("duckdb_tables",)


def test_a_table_that_only_the_database_has_is_not_read(judge):
    asked = check("sql", query="SELECT _record_no FROM this WHERE EXISTS (FROM judged)")

    (result,) = judge(ROWS, [asked]).results

    assert result.message == "not evaluated: nothing of judged has been published"


def test_a_query_knows_columns_by_their_names_and_rows_by_where(judge):
    rows = {"some column": [1, 2, 3]}
    asked = check(
        "sql",
        query='SELECT _record_no FROM this WHERE "some column" > 1',
        where='"some column" < 3',
    )

    (result,) = judge(rows, [asked]).results

    assert (result.rows, result.failed) == (2, 1)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("SELECT a + 1 AS more FROM this", "'more', which is no column of this"),
        ("SELECT c FROM this", "c"),
    ],
)
def test_a_query_that_points_to_no_row_could_not_run(judge, query, said):
    (result,) = judge(ROWS, [check("sql", query=query)]).results

    assert result.outcome is Outcome.ERRORED
    assert said in result.message


@pytest.mark.parametrize(
    ("query", "outcome"),
    [
        ("SELECT count(*) FROM this", Outcome.FAILED),
        ("SELECT max(a) FROM this", Outcome.PASSED),
        ("SELECT a FROM this WHERE a > 5", Outcome.NOT_EVALUATED),
        ("SELECT a FROM this", Outcome.ERRORED),
        ("SELECT max(b) FROM this", Outcome.ERRORED),
        ("SELECT max(a) AS a, 1 AS b FROM this", Outcome.ERRORED),
    ],
)
def test_a_value_is_one_number(judge, query, outcome):
    (result,) = judge(ROWS, [check("sql_value", query=query, max=2)]).results

    assert result.outcome is outcome, result.message
