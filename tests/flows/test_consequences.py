"""What becomes of a file whose check fails: it is held, rejected, or let in with its records."""

import pytest

from flows import run as runs
from flows import steps
from flows.reloading import reload
from ingest import progress, selection

ORDERS = """
dataset: orders
files: "orders*.csv"
gate: none
columns:
  - {{name: id, type: integer, checks: [unique]}}
  - name: amount
    type: integer
    checks: [{{range: {{min: 0, on_fail: {on_fail}, fail_above: 1}}}}]
"""
FEW_BAD, MANY_BAD = "id,amount\n1,-5\n2,5\n3,5\n", "id,amount\n1,-5\n2,-5\n3,5\n"


def deliver(make_project, on_fail, content):
    project = make_project({"orders.yaml": ORDERS.format(on_fail=on_fail), "orders.csv": content})
    (load,) = runs.run(project).loads
    return project, load


@pytest.mark.parametrize("on_fail", ["hold", "reject_file", "quarantine"])
def test_a_file_within_tolerance_is_loaded_without_its_bad_records(make_project, on_fail):
    _, load = deliver(make_project, on_fail, FEW_BAD)

    assert (load.status, load.loaded, load.quarantined) == ("done", 2, 1)


def test_what_is_kept_is_loaded_bad_records_included(make_project):
    _, load = deliver(make_project, "keep", MANY_BAD)

    assert (load.status, load.loaded, load.quarantined) == ("done", 3, 0)
    assert load.score < 0.9


def test_a_file_is_held_by_a_failed_check_whatever_the_gate(make_project):
    project, load = deliver(make_project, "hold", MANY_BAD)

    assert (load.status, load.loaded, load.skipped) == ("held", 0, 3)
    assert load.error == ("hold by range(amount): 2 of 3 rows (66.7 %): amount is not at least 0")
    with steps.open_warehouse(project) as con:
        progress.approve(con, load.load_id)
    (load,) = runs.run(project).loads
    assert (load.status, load.loaded, load.quarantined) == ("done", 1, 2)


def test_a_file_is_rejected_by_a_failed_check_until_it_is_loaded_again(make_project):
    project, load = deliver(make_project, "reject_file", MANY_BAD)

    assert (load.status, load.loaded, load.skipped) == ("rejected", 0, 3)
    assert load.error.startswith("reject file by range(amount): 2 of 3 rows")
    assert runs.run(project).loads == ()

    gentler = ORDERS.format(on_fail="quarantine")
    (project.contracts / "orders.yaml").write_text(gentler)
    (load,) = reload(project, lambda con: selection.by_name(con, "orders.csv")).loads
    assert (load.status, load.loaded, load.quarantined) == ("done", 1, 2)


def test_many_small_files_are_stopped_each_for_itself(make_project):
    files = {f"orders{n}.csv": f"{[FEW_BAD, MANY_BAD][n % 2]}{n + 9},5\n" for n in range(4)}
    project = make_project({"orders.yaml": ORDERS.format(on_fail="hold")} | files)

    loads = runs.run(project).loads

    assert [load.status for load in loads] == ["done", "held", "done", "held"]
