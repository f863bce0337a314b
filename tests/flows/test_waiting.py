"""Records that refer to what has not come yet wait for it, and are let in once when it comes."""

import os
import signal
import subprocess
import sys

import duckdb
import pytest

from flows import auditing, endings, steps
from flows.reloading import reload
from flows.run import run
from ingest import selection

ORDERS = """
dataset: orders
files: "orders*.csv"
columns:
  - {name: id, type: integer, checks: [not_null, unique]}
  - {name: customer, checks: [{foreign_key: {to: customers.code, grace: 3 days}}]}
  - {name: amount, type: double, checks: [{range: {min: 0, max: 1000}}]}
"""
CUSTOMERS = """
dataset: customers
files: customers*.csv
columns: [{name: code, checks: [primary_key]}]
"""
CONTRACTS = {"orders.yaml": ORDERS, "customers.yaml": CUSTOMERS}
FIRST = CONTRACTS | {
    "customers_1.csv": "code\na\n",
    "orders_1.csv": "id,customer,amount\n1,a,5\n2,b,5\n3,b,9999\n4,c,5\n",
}


def drop(project, **files):
    for name, text in files.items():
        (project.directory / "landing" / f"{name}.csv").write_text(text)


@pytest.fixture
def standing(query):
    """The orders in quarantine and how each stands."""
    return lambda project: query(
        project,
        "SELECT _record_no, status FROM quarantine.orders WHERE status <> 'superseded' "
        "ORDER BY ALL",
    )


def age(project, days):
    """Let files have been seen so many days before."""
    query_ = f"UPDATE pratique.files SET first_seen_at = first_seen_at - INTERVAL '{days} days'"
    with duckdb.connect(project.warehouse) as con:
        con.execute(query_)


def assert_sound(project):
    with steps.open_warehouse(project) as con:
        claims = auditing.read_claims(project, con)
    assert auditing.prove(project, claims).differences == ()


def test_a_record_whose_key_is_unknown_waits_whole(make_project, query, standing):
    project = make_project(FIRST)
    summary = run(project)
    orders = summary.loads[-1]

    assert (orders.status, orders.loaded, orders.quarantined) == ("done", 1, 3)
    assert orders.grade != "red"
    assert summary.waiting == {"orders": 2}
    # What is wrong besides is wrong whatever comes.
    assert standing(project) == [(2, "waiting"), (3, "quarantined"), (4, "waiting")]
    assert query(project, "SELECT raw, line FROM quarantine.orders WHERE _record_no = 2") == [
        ("2,b,5", 3)
    ]
    assert_sound(project)


def test_it_is_let_in_by_the_run_that_finds_its_key(make_project, query, ids, standing):
    project = make_project(FIRST)
    run(project)
    drop(project, customers_2="code\nb\n")
    summary = run(project)

    assert [load.file for load in summary.loads] == ["customers_2.csv", "orders_1.csv"]
    assert ids(project) == [1, 2]
    assert standing(project) == [(3, "quarantined"), (4, "waiting")]
    assert summary.waiting == {"orders": 1}
    assert query(
        project,
        "SELECT f.name, o._record_no, l.status FROM orders o "
        "JOIN pratique.files f USING (_file_id) JOIN pratique.loads l ON load_id = _load_id "
        "WHERE id = 2".replace("USING (_file_id)", "ON f.file_id = o._file_id"),
    ) == [("orders_1.csv", 2, "done")]
    assert_sound(project)
    assert run(project).loads == ()
    assert ids(project) == [1, 2]


def test_nothing_is_loaded_again_while_nothing_came(make_project):
    project = make_project(FIRST)
    run(project)
    drop(project, customers_2="code\nz\n")

    assert [load.file for load in run(project).loads] == ["customers_2.csv"]
    assert run(project).loads == ()
    assert run(project).waiting == {"orders": 2}


def test_when_the_grace_is_over_it_is_bad_like_any_other(make_project, ids, standing):
    project = make_project(FIRST, gate="none")
    run(project)
    age(project, 4)
    (orders,) = run(project).loads

    assert orders.file == "orders_1.csv"
    assert standing(project) == [(2, "quarantined"), (3, "quarantined"), (4, "quarantined")]
    assert ids(project) == [1]
    assert run(project).loads == ()
    assert_sound(project)


def test_what_is_held_when_the_grace_is_over_is_asked_for_once(make_project, ids, standing):
    project = make_project(FIRST, gate="amber")
    with steps.open_warehouse(project):
        pass
    for load in run(project).loads:
        if load.status == "held":
            approve(project, load.load_id)
    run(project)
    age(project, 4)

    assert [load.status for load in run(project).loads] == ["held"]
    assert run(project).loads == ()
    assert ids(project) == [1]
    assert standing(project) == [(2, "waiting"), (3, "quarantined"), (4, "waiting")]
    assert_sound(project)


def test_what_was_turned_away_is_asked_for_again_when_more_has_come(make_project, ids, standing):
    project = make_project(FIRST)
    run(project)
    age(project, 5)
    (held,) = run(project).loads
    assert held.status == "held"
    with steps.open_warehouse(project) as con:
        endings.reject(con, held.load_id, "not like this")
    assert run(project).loads == ()
    assert standing(project) == [(2, "waiting"), (3, "quarantined"), (4, "waiting")]

    drop(project, customers_2="code\nb\nc\n")
    run(project)

    assert ids(project) == [1, 2, 4]
    assert standing(project) == [(3, "quarantined")]
    assert run(project).loads == ()
    assert_sound(project)


def test_what_is_held_is_judged_anew_when_its_keys_have_come(make_project, ids, standing):
    project = make_project(FIRST)
    run(project)
    age(project, 5)
    (held,) = run(project).loads
    assert held.status == "held"

    drop(project, customers_2="code\nb\nc\n")
    again = run(project).loads[-1]
    assert (again.load_id, again.status) == (held.load_id, "done")
    assert ids(project) == [1, 2, 4]
    assert standing(project) == [(3, "quarantined")]
    assert_sound(project)


@pytest.mark.parametrize("turned_away", [False, True])
def test_a_person_is_asked_once_for_each_key_that_comes(make_project, turned_away, ids, standing):
    project = make_project(
        FIRST | {"customers.yaml": CUSTOMERS.replace("columns:", "load: replace\ncolumns:")}
    )
    run(project)
    (project.contracts / "orders.yaml").write_text(
        f"{ORDERS}checks: [{{row_count: {{min: 10, on_fail: hold}}}}]\n"
    )
    drop(project, customers_2="code\na\nb\n")
    _, held = run(project).loads
    assert held.status == "held"
    if turned_away:
        with steps.open_warehouse(project) as con:
            endings.reject(con, held.load_id, "not like this")

    drop(project, customers_3="code\na\nb\nz\n")
    (customers,) = run(project).loads
    assert customers.file == "customers_3.csv"
    drop(project, customers_4="code\na\nb\nc\n")
    _, held = run(project).loads
    assert held.status == "held"
    assert standing(project) == [(2, "waiting"), (3, "quarantined"), (4, "waiting")]

    approve(project, held.load_id)
    run(project)
    assert ids(project) == [1, 2, 4]
    assert run(project).loads == ()
    assert_sound(project)


def approve(project, load_id):
    from ingest import progress

    with steps.open_warehouse(project) as con:
        progress.approve(con, load_id)


def test_who_came_late_lets_in_who_waits_for_it(make_project):
    lines = """
dataset: lines
files: "lines*.csv"
columns:
  - {name: id, type: integer}
  - {name: order_id, type: integer, checks: [{foreign_key: {to: orders.id, grace: 3 days}}]}
"""
    project = make_project(FIRST | {"lines.yaml": lines, "lines_1.csv": "id,order_id\n1,1\n2,2\n"})
    assert run(project).waiting == {"lines": 1, "orders": 2}
    drop(project, customers_2="code\nb\n")
    summary = run(project)

    assert [load.file for load in summary.loads] == [
        "customers_2.csv",
        "orders_1.csv",
        "lines_1.csv",
    ]
    assert summary.waiting == {"orders": 1}
    assert_sound(project)


def test_a_dataset_may_wait_for_itself(make_project, query):
    staff = """
dataset: staff
files: "staff*.csv"
columns:
  - {name: id, type: integer}
  - {name: boss, type: integer, checks: [{foreign_key: {to: staff.id, grace: 3 days}}]}
"""
    project = make_project({"staff.yaml": staff, "staff_1.csv": "id,boss\n1,\n2,1\n3,9\n"})
    assert run(project).waiting == {"staff": 1}
    drop(project, staff_2="id,boss\n9,1\n")
    run(project)

    assert query(project, "SELECT id FROM staff ORDER BY ALL") == [(1,), (2,), (3,), (9,)]
    assert run(project).loads == ()
    assert_sound(project)


KEYS = """
dataset: orders
files: "orders*.csv"
columns:
  - {name: id, type: integer}
  - {name: day, type: date}
  - {name: price, type: "decimal(9,2)"}
checks:
  - foreign_key: {columns: [day, price], to: "customers.[day, price]", grace: 3 days,
      null_safe: true}
"""
THEIRS = """
dataset: customers
files: customers*.csv
columns: [{name: day, type: date}, {name: price, type: double}]
"""


def test_keys_of_many_columns_and_types_and_with_nulls_are_found(make_project, ids):
    project = make_project(
        {
            "orders.yaml": KEYS,
            "customers.yaml": THEIRS,
            "customers_1.csv": "day,price\n2013-02-07,1.5\n",
            "orders_1.csv": "id,day,price\n1,2013-02-07,1.50\n2,2013-02-08,2.25\n3,,3\n4,,4\n",
        }
    )
    assert run(project).waiting == {"orders": 3}
    drop(project, customers_2="day,price\n2013-02-08,2.25\n,3\n")

    assert run(project).waiting == {"orders": 1}
    assert ids(project) == [1, 2, 3]
    assert run(project).loads == ()


@pytest.mark.parametrize("load", ["replace", "merge\nkey: [id]"])
def test_what_waits_in_a_dataset_that_is_replaced_or_merged(make_project, load, query):
    contract = ORDERS.replace("columns:", f"load: {load}\ncolumns:", 1)
    project = make_project(FIRST | {"orders.yaml": contract}, gate="none")
    run(project)
    drop(project, orders_2="id,customer,amount\n2,a,7\n5,b,5\n")
    run(project)
    drop(project, customers_2="code\nb\n")
    run(project)
    kept = {"replace": [(2, 7.0), (5, 5.0)], "merge": [(1, 5.0), (2, 7.0), (5, 5.0)]}

    assert query(project, "SELECT id, amount FROM orders ORDER BY ALL") == kept[load.split()[0]]
    assert_sound(project)
    assert run(project).loads == ()


def test_a_check_that_is_gone_keeps_nothing_waiting(make_project, ids):
    project = make_project(FIRST)
    run(project)
    (project.contracts / "orders.yaml").write_text(
        ORDERS.replace(", checks: [{foreign_key: {to: customers.code, grace: 3 days}}]", "")
    )
    run(project)

    assert ids(project) == [1, 2, 4]
    assert_sound(project)


def test_a_contract_that_cannot_be_read_lets_nobody_in_or_out(make_project, standing):
    project = make_project(FIRST)
    run(project)
    contract = project.contracts / "orders.yaml"
    contract.write_text(ORDERS.replace("range: {min: 0", "range: {min: a"))

    assert run(project).loads == ()
    assert standing(project) == [(2, "waiting"), (3, "quarantined"), (4, "waiting")]


@pytest.mark.prefect
@pytest.mark.usefixtures("prefect_server")
def test_a_flow_lets_in_what_its_own_loads_bring_keys_for(make_project, ids):
    from flows import pipeline
    from flows.verdict import outcome

    project = make_project(FIRST)
    config = pipeline.RunConfig(project=project.directory)
    first = outcome(pipeline.run(config, return_state=True))
    drop(project, customers_2="code\nb\n")
    second = outcome(pipeline.run(config, return_state=True))

    assert first.waiting == {"orders": 2}
    assert [load.file for load in second.loads] == ["customers_2.csv", "orders_1.csv"]
    assert second.waiting == {"orders": 1}
    assert ids(project) == [1, 2]


def test_a_corrected_file_waits_by_itself(make_project, ids, standing):
    project = make_project(FIRST)
    run(project)
    drop(project, orders_1="id,customer,amount\n1,a,5\n2,x,5\n")
    run(project)

    assert standing(project) == [(2, "waiting")]
    drop(project, customers_2="code\nb\nx\n")
    run(project)
    assert ids(project) == [1, 2]
    assert_sound(project)


def test_a_parent_that_is_loaded_again_lets_in_too(make_project, ids, standing):
    project = make_project(
        FIRST
        | {
            "customers.yaml": CUSTOMERS.replace("primary_key", "{length: {max: 1}}"),
            "customers_1.csv": "code\na\nbb\n",
            "orders_1.csv": "id,customer,amount\n1,a,5\n2,bb,5\n",
        },
        gate="none",
    )
    run(project)
    assert standing(project) == [(2, "waiting")]
    (project.contracts / "customers.yaml").write_text(CUSTOMERS)
    reload(project, lambda con: selection.by_dataset(con, "customers"))

    assert ids(project) == [1, 2]


COMMAND = "import sys; from flows.cli import main; main(sys.argv[1:])"
KILLED = """
import os, signal, sys
from pathlib import Path
from flows import project, repetition, run, steps
from ingest import progress

doomed = project.read(Path(sys.argv[1]) / "pratique.yaml")
again = progress.again
def die(*said):
    if sys.argv[2] == "after":
        again(*said)
    os.kill(os.getpid(), signal.SIGKILL)
progress.again = die
run.run(doomed)
"""


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_run_that_is_killed_over_it_loses_nothing(make_project, when, ids, standing):
    project = make_project(FIRST)
    run(project)
    drop(project, customers_2="code\nb\n")
    command = [sys.executable, "-B", "-c", KILLED, str(project.directory), when]
    done = subprocess.run(command, check=False, env=os.environ)
    assert done.returncode == -signal.SIGKILL
    run(project)

    assert ids(project) == [1, 2]
    assert standing(project) == [(3, "quarantined"), (4, "waiting")]
    assert_sound(project)


def test_two_runs_at_once_let_it_in_once(make_project, ids):
    project = make_project(FIRST, lock_timeout_seconds=60)
    run(project)
    drop(project, customers_2="code\nb\n")
    command = [sys.executable, "-c", COMMAND, "run", "--project", str(project.directory)]
    both = [subprocess.Popen(command, stdout=subprocess.DEVNULL) for _ in range(2)]
    assert [each.wait() for each in both] == [0, 0]

    assert ids(project) == [1, 2]
    assert_sound(project)
