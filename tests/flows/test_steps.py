"""The way of a load: where it stops, what stops it, and how it goes on."""

import pytest

from flows import endings, steps
from flows.run import run
from flows.summary import ExitCode
from ingest import progress

ORDERS = "id,customer,amount\n" + "".join(f"{id},a,5\n" for id in range(1, 101))
CUSTOMERS = "code\na\nb\n"


def by_file(summary):
    return {load.file: load for load in summary.loads}


def test_good_files_are_published_in_the_order_of_their_references(make_project, query):
    project = make_project({"orders.csv": ORDERS, "customers.csv": CUSTOMERS})
    summary = run(project)
    assert [load.file for load in summary.loads] == ["customers.csv", "orders.csv"]
    assert {load.grade for load in summary.loads} == {"green"}
    assert {load.stage for load in summary.loads} == {"published"}
    assert summary.exit_code() is ExitCode.OK
    assert query(project, "SELECT count(*) FROM orders") == [(100,)]
    assert {path.name for path in project.reports.iterdir()} >= {"orders.html", "index.html"}
    again = run(project)
    assert (again.loads, again.grade, again.exit_code()) == ((), None, ExitCode.OK)


def test_a_cast_and_a_rule_are_both_told_of_one_record(make_project, query):
    bad = ORDERS + "x,zz,5000\n"
    project = make_project({"orders.csv": bad, "customers.csv": CUSTOMERS})
    load = by_file(run(project))["orders.csv"]
    assert (load.records_in, load.loaded, load.quarantined) == (101, 100, 1)
    ((line, raw, failures),) = query(project, "SELECT line, raw, failures FROM quarantine.orders")
    assert (line, raw) == (102, "x,zz,5000")
    assert {(f["check"], f["value"]) for f in failures} == {
        ("type(id)", "x"),
        ("foreign_key(customer)", "zz"),
        ("range(amount)", "5000.0"),
    }


def test_a_red_load_is_held_until_a_person_approves(make_project):
    half_bad = ORDERS.replace(",5\n", ",-5\n")
    project = make_project({"orders.csv": half_bad, "customers.csv": CUSTOMERS})
    summary = run(project)
    held = by_file(summary)["orders.csv"]
    assert (held.stage, held.status, held.grade) == ("judged", "held", "red")
    assert held.skipped == held.records_in == 100
    assert held.error is not None
    assert "held at the gate" in held.error
    assert summary.exit_code() is ExitCode.RED
    assert run(project).loads == ()
    with steps.open_warehouse(project) as con:
        assert held.load_id is not None
        progress.approve(con, held.load_id)
    (published,) = run(project).loads
    assert (published.stage, published.loaded, published.quarantined) == ("published", 0, 100)


@pytest.mark.parametrize("checkpoint_bytes", [0, 1_000_000])
def test_a_broken_rule_holds_up_the_verdict_and_not_the_file(make_project, checkpoint_bytes, query):
    files = {"orders.csv": ORDERS, "customers.csv": CUSTOMERS}
    project = make_project(files, checkpoint_bytes=checkpoint_bytes)
    contract = project.contracts / "orders.yaml"
    good = contract.read_text()
    contract.write_text(good.replace("unique]", "uniq]"))
    summary = run(project)
    broken = by_file(summary)["orders.csv"]
    assert (broken.stage, broken.status) == ("staged", "failed")
    assert broken.error is not None
    assert "orders.yaml:5 columns[0].checks[1]" in broken.error
    assert "uniq" in broken.error
    assert summary.exit_code() is ExitCode.FAILED
    assert by_file(summary)["customers.csv"].stage == "published"
    contract.write_text(good)
    (mended,) = run(project).loads
    assert (mended.load_id, mended.stage, mended.loaded) == (broken.load_id, "published", 100)
    assert run(project).loads == ()
    assert query(project, "SELECT count(*), count(DISTINCT id) FROM orders") == [(100, 100)]
    assert not list(project.staging.iterdir())


def test_a_missing_column_is_told_and_nothing_of_the_file_is_loaded(make_project):
    project = make_project({"orders.csv": "id,amount\n1,5\n", "customers.csv": CUSTOMERS})
    load = by_file(run(project))["orders.csv"]
    assert (load.status, load.score, load.grade) == ("held", 0.0, "red")
    assert load.error == "the column customer is missing; the file has id, amount"
    assert load.skipped == load.records_in == 1
    contract = project.contracts / "orders.yaml"
    contract.write_text(contract.read_text().replace("customer,", "customer, required: false,"))
    with steps.open_warehouse(project) as con:
        progress.approve(con, load.load_id)
    (mended,) = run(project).loads
    assert (mended.stage, mended.loaded) == ("published", 1)


@pytest.mark.parametrize("content", ["", "id,customer,amount\n"])
def test_an_empty_file_is_not_green(make_project, content):
    project = make_project({"orders.csv": content, "customers.csv": CUSTOMERS})
    summary = run(project)
    load = by_file(summary)["orders.csv"]
    assert load.grade in ("no_data", "red")
    assert load.status == "held"
    assert summary.exit_code() is ExitCode.RED


def test_a_parent_that_did_not_arrive_makes_no_orphans(make_project):
    load = by_file(run(make_project({"orders.csv": ORDERS})))["orders.csv"]
    assert (load.loaded, load.quarantined) == (100, 0)


def test_what_nobody_claims_is_reported(make_project):
    summary = run(make_project({"strange.csv": "a\n1\n"}))
    assert summary.unclaimed == ("strange.csv",)
    assert summary.loads == ()


def test_a_changed_file_takes_the_place_of_its_rows(make_project, query):
    project = make_project({"orders.csv": ORDERS, "customers.csv": CUSTOMERS})
    run(project)
    (project.landing / "orders.csv").write_text("id,customer,amount\n7,b,9\n")
    (load,) = run(project).loads
    assert (load.version, load.arrival) == (2, "restatement")
    assert query(project, "SELECT id, customer FROM orders") == [(7, "b")]


@pytest.mark.parametrize(
    ("until", "outcome", "quarantined", "status"),
    [("2999-12-31", "waived", 0, "published"), ("2020-01-01", "failed", 0, "held")],
)
def test_a_waiver_counts_until_its_day(make_project, until, outcome, quarantined, status, query):
    project = make_project({"orders.csv": ORDERS.replace(",5\n", ",-5\n")})
    contract = project.contracts / "orders.yaml"
    waiver = f"{{check: range(amount), reason: refunds, owner: me, until: {until}}}"
    contract.write_text(contract.read_text() + f"waivers: [{waiver}]\n")
    (load,) = run(project).loads
    assert load.quarantined == quarantined
    assert status in (load.stage, load.status)
    found = query(project, "SELECT outcome, severity FROM pratique.results WHERE rule = 'range'")
    assert found == [(outcome, "error")]


def test_an_empty_file_waits_and_others_go_on(make_project):
    project = make_project({"orders_1.csv": "", "orders_2.csv": ORDERS})
    found = by_file(run(project))
    assert (found["orders_1.csv"].status, found["orders_2.csv"].stage) == ("held", "published")


def test_a_report_follows_what_becomes_of_a_held_load(make_project):
    project = make_project({"orders.csv": ORDERS.replace(",5\n", ",-5\n")})
    (held,) = run(project).loads
    page = project.reports / "orders.md"
    assert f"pratique approve {held.load_id}" in page.read_text()
    with steps.open_warehouse(project) as con:
        endings.reject(con, held.load_id, "not ours")
    run(project)
    assert "pratique approve" not in page.read_text()


def test_what_was_replaced_may_come_back(make_project, query):
    project = make_project({"customers.csv": "code\na\n"})
    run(project)
    (project.landing / "customers_2.csv").write_text("code\nb\n")
    run(project)
    (project.landing / "customers_3.csv").write_text("code\na\n")
    (load,) = run(project).loads
    assert load.file == "customers_3.csv"
    assert query(project, "SELECT code FROM customers") == [("a",)]


def test_an_array_that_was_cut_off_is_not_green(make_project):
    project = make_project({"orders.json": '[{"id": 1, "customer": "a", "amount": 5}'})
    (load,) = run(project).loads
    assert (load.loaded, load.grade, load.set_by) == (1, "amber", "capped by structure")


def test_a_dataset_may_refer_to_itself(make_project):
    contract = """
dataset: staff
files: staff*.csv
gate: none
columns:
  - {name: id, type: integer}
  - {name: boss, type: integer, checks: [{foreign_key: {to: staff.id}}]}
"""
    project = make_project({"staff.yaml": contract, "staff_1.csv": "id,boss\n1,\n2,1\n3,9\n"})
    (load,) = run(project).loads
    assert (load.loaded, load.quarantined) == (2, 1)
    (project.landing / "staff_2.csv").write_text("id,boss\n4,2\n")
    assert run(project).loads[0].loaded == 1


def test_a_file_is_read_again_as_it_was_read_before(make_project):
    half_bad = ORDERS.replace(",5\n", ",-5\n")
    project = make_project({"orders.csv": half_bad, "customers.csv": CUSTOMERS})
    held = by_file(run(project))["orders.csv"]
    pinned = "SELECT dialect->>'delimiter', dialect->>'header' FROM pratique.files WHERE name = ?"
    with steps.open_warehouse(project) as con:
        assert con.execute(pinned, ["orders.csv"]).fetchall() == [(",", "true")]
        con.execute(
            "UPDATE pratique.files SET dialect = json_merge_patch(dialect, '{\"header\": false}') "
            "WHERE name = 'orders.csv'"
        )
        progress.approve(con, held.load_id)
    (again,) = run(project).loads
    assert again.records_in == held.records_in + 1
