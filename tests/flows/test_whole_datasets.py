"""Keys that no two files of a dataset may share."""

import pytest

from flows import contract
from flows.reloading import reload
from flows.run import run
from ingest import selection
from quality.checks import CheckInvalid

ORDERS = """
dataset: orders
files: "orders*.csv"
gate: none
columns:
  - {name: id, type: integer}
  - {name: code, checks: [{RULE: {within: dataset}}]}
"""
FILES = {"orders_1.csv": "id,code\n1,a\n2,b\n", "orders_2.csv": "id,code\n3,b\n4,c\n5,c\n6,d\n"}


def rows(project, table="main.orders"):
    import duckdb

    with duckdb.connect(project.warehouse) as con:
        where = "WHERE status = 'quarantined'" if "quarantine" in table else ""
        columns = "file, _record_no" if where else "id"
        return con.sql(f"SELECT {columns} FROM {table} {where} ORDER BY ALL").fetchall()


def drop(project, name, text):
    (project.directory / "landing" / name).write_text(text)


@pytest.mark.parametrize("rule", ["unique", "primary_key"])
def test_a_key_that_another_file_has_published_is_there_once(make_project, rule):
    project = make_project({"orders.yaml": ORDERS.replace("RULE", rule), **FILES})
    summary = run(project)

    assert rows(project) == [(1,), (2,), (6,)]
    assert rows(project, "quarantine.orders") == [("orders_2.csv", n) for n in (1, 2, 3)]
    assert summary.loads[1].set_by == "3 of 4 records cannot be used"
    # What is loaded again does not stand in its own way, and nobody's place is taken.
    reload(project, lambda con: selection.by_dataset(con, "orders"))
    assert rows(project) == [(1,), (2,), (6,)]


def test_a_corrected_file_does_not_stand_in_its_own_way(make_project):
    project = make_project({"orders.yaml": ORDERS.replace("RULE", "unique"), **FILES})
    run(project)
    drop(project, "orders_1.csv", "id,code\n1,a\n2,x\n")
    run(project)
    drop(project, "orders_2.csv", "id,code\n3,b\n4,x\n")
    run(project)

    assert rows(project) == [(1,), (2,), (3,)]


def test_rows_that_are_merged_away_do_not_count(make_project):
    merged = ORDERS.replace("columns:", "load: merge\nkey: [id]\ncolumns:", 1)
    project = make_project({"orders.yaml": merged.replace("RULE", "unique"), **FILES})
    run(project)
    drop(project, "orders_3.csv", "id,code\n1,z\n2,b\n7,a\n8,d\n")
    run(project)

    # 2 keeps its code and is its own; of 1 the code has become free only with this file.
    assert rows(project) == [(1,), (2,), (6,), (7,)]
    assert rows(project, "quarantine.orders")[-1] == ("orders_3.csv", 4)


def test_where_each_file_replaces_the_one_before_there_is_no_other(make_project):
    replaced = ORDERS.replace("columns:", "load: replace\ncolumns:", 1).replace("RULE", "unique")
    project = make_project({"orders.yaml": replaced})

    with pytest.raises(CheckInvalid, match=r"orders\.yaml:8 unique\(code\): within: dataset says"):
        contract.checks(contract.read(project.contracts / "orders.yaml"))
