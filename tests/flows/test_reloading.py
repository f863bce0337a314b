"""Files that are loaded once more: what comes of it is what a fresh warehouse would hold."""

import os
import shutil
from datetime import date
from hashlib import sha256

import pytest

from flows import endings, steps
from flows import project as projects
from flows.reloading import backfill, reload
from flows.run import run
from ingest import blobs, progress, selection
from ingest.errors import FileUnknown

CONTRACTS = {
    "orders.yaml": """
dataset: orders
files: orders*.csv
gate: none
columns:
  - {name: id, type: integer, checks: [not_null]}
  - {name: amount, type: double, checks: [{range: {min: 0, max: 100}}]}
""",
    "stock.yaml": """
dataset: stock
files: stock*.csv
gate: none
load: merge
key: [id]
columns:
  - {name: id, type: integer}
  - {name: amount, type: integer, checks: [{range: {min: 0, max: 100}}]}
""",
    "customers.yaml": """
dataset: customers
files: customers*.csv
gate: none
load: replace
columns: [{name: code, checks: [{length: {max: 9}}]}]
""",
}
FILES = {
    "orders_1.csv": "id,amount\n1,5\n2,900\nx,5\n",
    "orders_2.csv": "id,amount\n3,5\n4,50\n",
    "stock_1.csv": "id,amount\n1,10\n2,10\n3,10\n",
    "stock_2.csv": "id,amount\n1,20\n2,60\n4,20\n",
    "customers_1.csv": "code\nold\n",
    "customers_2.csv": "code\nnew\nmuch too long\n",
}
"""The second file of each dataset was made after the first one."""

TABLES = {
    "orders": "SELECT * EXCLUDE (_file_id, _load_id), {file} FROM orders t ORDER BY ALL",
    "stock": "SELECT * EXCLUDE (_file_id, _load_id), {file} FROM stock t ORDER BY ALL",
    "customers": "SELECT * EXCLUDE (_file_id, _load_id), {file} FROM customers t ORDER BY ALL",
    **{
        f"bad {name}": "SELECT file, _record_no, line, byte, raw, failures::VARCHAR, status, "
        f"FROM quarantine.{name} ORDER BY ALL"
        for name in ("orders", "stock", "customers")
    },
    "loads": "SELECT f.name, l.stage, l.status, l.records_in, l.loaded, l.quarantined, l.skipped "
    "FROM pratique.loads l JOIN pratique.files f USING (file_id) "
    "QUALIFY load_id = max(load_id) OVER (PARTITION BY file_id) ORDER BY ALL",
}


def contents(project):
    file = "(SELECT name FROM pratique.files f WHERE f.file_id = t._file_id) AS file"
    with steps.open_warehouse(project) as con:
        return {name: con.sql(sql.format(file=file)).fetchall() for name, sql in TABLES.items()}


def fresh(project, directory):
    """What a warehouse would hold that never saw another contract, or another order."""
    shutil.copytree(project.landing, directory / "landing")
    shutil.copytree(project.contracts, directory / "contracts")
    (directory / "pratique.yaml").write_text("")
    other = projects.read(directory / "pratique.yaml")
    run(other)
    return contents(other)


def drop(project, *names):
    for name in names:
        at = 1_000_000 * (1 + name.endswith("_2.csv"))
        (project.landing / name).write_text(FILES[name])
        os.utime(project.landing / name, (at, at))


def everything(dataset):
    return lambda con: selection.by_dataset(con, dataset)


def by_name(name):
    return lambda con: selection.by_name(con, name)


def test_a_dataset_that_is_loaded_again_is_as_if_it_had_never_been_loaded(make_project, tmp_path):
    project = make_project(CONTRACTS)
    drop(project, *FILES)
    run(project)
    before = contents(project)
    for _ in range(2):
        for dataset in ("orders", "stock", "customers"):
            reload(project, everything(dataset))
            assert contents(project) == before
    assert before == fresh(project, tmp_path / "fresh")


@pytest.mark.parametrize("order", [sorted(FILES), sorted(FILES, reverse=True)])
def test_after_a_contract_change_all_is_as_the_new_contract_wants_it(make_project, tmp_path, order):
    project = make_project(CONTRACTS)
    for name in order:
        drop(project, name)
        run(project)
    for path in project.contracts.glob("*.yaml"):
        path.write_text(path.read_text().replace("max: 100", "max: 40").replace("max: 9", "max: 3"))
    for dataset in ("orders", "stock", "customers"):
        reload(project, everything(dataset))
    found, wanted = contents(project), fresh(project, tmp_path / "fresh")
    kept = {f"bad {name}" for name in ("orders", "stock", "customers")}
    for name in kept:  # what was bad before, and is not any more, is remembered
        found[name] = [row for row in found[name] if row[-1] != "superseded"]
        wanted[name] = [row for row in wanted[name] if row[-1] != "superseded"]
    assert found == wanted


def test_a_file_that_is_loaded_again_takes_its_own_place(make_project):
    project = make_project(CONTRACTS)
    drop(project, *FILES)
    run(project)
    before = contents(project)
    for name, loaded in {"orders_1.csv": 1, "stock_1.csv": 1, "customers_1.csv": 0}.items():
        (load,) = reload(project, by_name(name)).loads
        assert (load.file, load.loaded) == (name, loaded)
    after = contents(project)
    assert {name: after[name] for name in after if name != "loads"} == {
        name: before[name] for name in before if name != "loads"
    }


def test_what_stands_stays_until_what_takes_its_place_is_published(make_project, ids):
    project = make_project(CONTRACTS)
    drop(project, "orders_1.csv", "orders_2.csv")
    run(project)
    contract = project.contracts / "orders.yaml"
    contract.write_text(contract.read_text().replace("gate: none", "gate: amber"))
    summary = reload(project, everything("orders"))
    assert [(load.file, load.status) for load in summary.loads] == [
        ("orders_1.csv", "held"),
        ("orders_2.csv", "done"),
    ]
    assert ids(project) == [1, 3, 4]
    contract.write_text(contract.read_text().replace("gate: amber", "gate: none"))
    (mended,) = reload(project, by_name("orders_1.csv")).loads
    assert (mended.load_id, mended.status) == (summary.loads[0].load_id, "done")
    assert ids(project) == [1, 3, 4]


def test_a_file_is_known_by_its_number_too(make_project):
    project = make_project(CONTRACTS)
    drop(project, "orders_1.csv")
    run(project)
    (project.landing / "orders_1.csv").write_text("id,amount\n7,7\n")
    run(project)
    (load,) = reload(project, by_name("2")).loads
    assert (load.file, load.version, load.loaded) == ("orders_1.csv", 2, 1)
    with pytest.raises(FileUnknown, match=r"version 1 of orders_1\.csv, which version 2 took"):
        reload(project, by_name("1"))
    with pytest.raises(FileUnknown, match=r"nothing\.csv was never received"):
        reload(project, by_name("nothing.csv"))


def test_a_reload_that_was_cut_short_is_finished_by_the_next_run(make_project):
    project = make_project(CONTRACTS)
    drop(project, *FILES)
    run(project)
    before = contents(project)
    with steps.open_warehouse(project) as con:
        progress.again(con, "cut short", [1, 2, 3, 4, 5, 6])
    assert len(run(project).loads) == 6
    assert contents(project) == before


def test_what_no_contract_is_for_any_more_is_told(make_project):
    project = make_project(CONTRACTS)
    drop(project, "orders_1.csv")
    run(project)
    (project.contracts / "orders.yaml").unlink()
    summary = reload(project, by_name("orders_1.csv"))
    assert (summary.loads, summary.problems) == (
        (),
        ("orders: there is no contract to load it by",),
    )


def test_a_load_that_was_turned_away_comes_back_only_by_name(make_project):
    project = make_project(CONTRACTS)
    contract = project.contracts / "orders.yaml"
    contract.write_text(contract.read_text().replace("gate: none", "gate: amber"))
    drop(project, "orders_1.csv")
    (held,) = run(project).loads
    with steps.open_warehouse(project) as con:
        endings.reject(con, held.load_id, "not ours")
    contract.write_text(contract.read_text().replace("gate: amber", "gate: none"))
    assert reload(project, everything("orders")).loads == ()
    (load,) = reload(project, by_name("orders_1.csv")).loads
    assert (load.status, load.loaded) == ("done", 1)


def test_backfill_loads_what_was_made_in_a_range_of_days(make_project, ids):
    project = make_project(CONTRACTS)
    for day in range(1, 6):
        path = project.landing / f"orders_{day}.csv"
        path.write_text(f"id,amount\n{day},5\n")
        at = day * 86_400
        os.utime(path, (at, at))
        if day < 4:
            run(project)
    assert ids(project) == [1, 2, 3]
    summary = backfill(project, "orders", date(1970, 1, 3), date(1970, 1, 5))
    assert [load.file for load in summary.loads] == [f"orders_{day}.csv" for day in (2, 3, 4)]
    assert ids(project) == [1, 2, 3, 4]
    assert [load.file for load in run(project).loads] == ["orders_5.csv"]


def test_days_may_be_any(make_project):
    project = make_project(CONTRACTS)
    drop(project, "orders_1.csv")
    (load,) = backfill(project, "orders", date.min, date.max).loads
    assert load.loaded == 1


def test_what_stands_is_loaded_again_though_what_came_after_it_was_turned_away(make_project, ids):
    project = make_project(CONTRACTS)
    drop(project, "orders_1.csv")
    run(project)
    contract = project.contracts / "orders.yaml"
    contract.write_text(contract.read_text().replace("gate: none", "gate: red"))
    (project.landing / "orders_1.csv").write_text("id,amount\n1,-1\n")
    (held,) = run(project).loads
    with steps.open_warehouse(project) as con:
        endings.reject(con, held.load_id, "wrong figures")
    contract.write_text(contract.read_text().replace("100", "1000").replace("red", "none"))
    for choose in (everything("orders"), by_name("1")):
        (load,) = reload(project, choose).loads
        assert (load.version, load.loaded) == (1, 2)
    assert ids(project) == [1, 2]


@pytest.mark.parametrize("harm", ["gone", "changed"])
def test_what_is_not_what_it_was_is_not_loaded_again(make_project, harm, ids):
    project = make_project(CONTRACTS)
    drop(project, "orders_1.csv")
    drop(project, "orders_2.csv")
    run(project)
    blob = blobs.locate(sha256(FILES["orders_1.csv"].encode()).hexdigest(), project.blobs)
    if harm == "gone":
        blob.unlink()
    else:
        blob.write_text(FILES["orders_1.csv"].replace("5", "7"))
    before = ids(project)
    summary = reload(project, everything("orders"))
    assert [load.file for load in summary.loads] == ["orders_2.csv"]
    (said,) = summary.problems
    assert said.startswith(f"orders_1.csv, version 1: its frozen copy {blob.name} ")
    assert ids(project) == before
    (project.landing / "orders_1.csv").touch()
    run(project)
    assert len(reload(project, everything("orders")).loads) == 2


@pytest.mark.parametrize("harm", ["gone", "changed"])
def test_what_is_approved_is_what_was_held(make_project, harm):
    project = make_project(CONTRACTS)
    contract = project.contracts / "orders.yaml"
    contract.write_text(contract.read_text().replace("gate: none", "gate: amber"))
    drop(project, "orders_1.csv")
    (held,) = run(project).loads
    blob = blobs.locate(sha256(FILES["orders_1.csv"].encode()).hexdigest(), project.blobs)
    if harm == "gone":
        blob.unlink()
    else:
        blob.write_text(FILES["orders_1.csv"].replace("5", "7"))
    with steps.open_warehouse(project) as con:
        progress.approve(con, held.load_id)
    (load,) = run(project).loads
    assert (load.status, load.loaded) == ("failed", 0)
    assert "its frozen copy" in load.error


def test_what_stands_is_loaded_again_though_that_was_turned_away_before(make_project):
    project = make_project(CONTRACTS)
    drop(project, "orders_1.csv")
    run(project)
    contract = project.contracts / "orders.yaml"
    contract.write_text(contract.read_text().replace("gate: none", "gate: amber"))
    (held,) = reload(project, everything("orders")).loads
    with steps.open_warehouse(project) as con:
        endings.reject(con, held.load_id, "not by this contract")
    contract.write_text(contract.read_text().replace("gate: amber", "gate: none"))
    (load,) = reload(project, everything("orders")).loads
    assert (load.status, load.loaded) == ("done", 1)
