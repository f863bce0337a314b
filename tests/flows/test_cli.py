"""The command line on small real projects: answers, exit codes, and bad input that is survived."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flows.cli.faults import explain
from flows.project import Project
from flows.run import run

MakeProject = Callable[..., Project]
Pratique = Callable[..., Any]

GOOD = "id,customer,amount\n1,a,5\n2,a,6\n"
CUSTOMERS = "code\na\n"
PRATIQUE = (sys.executable, "-c", "from flows.cli import main; main()")
ENVIRONMENT = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}


@pytest.fixture
def loaded(make_project: MakeProject, pratique: Pratique) -> Project:
    """A project that has run: customers are green, and one order has no customer."""
    orders = "id,customer,amount\n" + "".join(f"{i},a,5\n" for i in range(1, 30)) + "30,nobody,5\n"
    made = make_project({"customers.csv": CUSTOMERS, "orders.csv": orders})
    assert pratique("run", "--project", made.directory).code == 0
    return made


def test_a_run_answers_in_the_agreed_shape(make_project: MakeProject, pratique: Pratique) -> None:
    made = make_project({"customers.csv": CUSTOMERS, "orders.csv": GOOD, "notes.txt": "hello"})
    ended = pratique("run", "--json", "--project", made.directory)
    assert ended.code == 0
    summary = ended.document
    assert {"run_id", "grade", "loads", "datasets", "unclaimed"} <= summary.keys()
    assert summary["grade"] == "green"
    assert summary["unclaimed"] == ["notes.txt"]
    orders = summary["loads"][1]
    assert orders.keys() >= {
        *("load_id", "dataset", "file", "version", "arrival", "stage", "status", "records_in"),
        *("loaded", "quarantined", "skipped", "score", "grade", "set_by", "error"),
        *("published_score", "unwaived_score", "low_volume"),
    }
    assert (orders["dataset"], orders["records_in"], orders["loaded"]) == ("orders", 2, 2)
    assert summary["datasets"][1].keys() >= {"dataset", "score", "grade", "set_by"}
    assert pratique("run", "--json", "--project", made.directory).document["loads"] == []


def test_a_run_prints_a_table_and_where_the_report_is(
    make_project: MakeProject, pratique: Pratique
) -> None:
    made = make_project({"customers.csv": CUSTOMERS, "orders.csv": GOOD})
    ended = pratique("run", "--project", made.directory)
    assert "🟢" in ended.out
    assert "orders.csv" in ended.out
    assert f"report: {made.reports / 'index.html'}" in ended.out
    assert ended.err == ""
    assert "\x1b" not in ended.out


def test_a_red_load_is_held_until_it_is_approved(
    make_project: MakeProject, pratique: Pratique
) -> None:
    made = make_project({"customers.csv": CUSTOMERS, "orders.csv": "id,customer,amount\n1,x,-1\n"})
    at = ("--project", made.directory)
    ended = pratique("run", *at)
    assert ended.code == 1
    assert "orders.csv (load 2) held at the gate: red" in ended.out
    assert "pratique approve" in ended.out
    (stopped,) = pratique("status", "--json", *at).document["stopped"]
    assert (stopped["load_id"], stopped["status"]) == (2, "held")
    assert "the next run publishes it" in pratique("approve", 2, *at).out
    pratique("run", *at)
    (load,) = [
        file for file in pratique("files", "--json", *at).document if file["file"] == "orders.csv"
    ]
    assert (load["status"], load["quarantined"]) == ("done", 1)


def test_a_held_load_can_be_turned_away(make_project: MakeProject, pratique: Pratique) -> None:
    made = make_project({"customers.csv": CUSTOMERS, "orders.csv": "id,customer,amount\n1,x,-1\n"})
    at = ("--project", made.directory)
    pratique("run", *at)
    assert pratique("reject", 2, "--reason", "not ours", *at).code == 0
    assert pratique("status", "--json", *at).document["stopped"] == []
    again = pratique("approve", 2, *at)
    assert again.code == 3
    assert "load 2 is rejected" in again.err


def test_strict_takes_amber_for_a_failure(make_project: MakeProject, pratique: Pratique) -> None:
    orders = "id,customer,amount\n" + "".join(f"{i},a,5\n" for i in range(8)) + "8,nobody,5\n"
    files = {"customers.csv": CUSTOMERS, "orders.csv": orders}
    made = make_project(files)
    check = ("check", made.landing / "orders.csv", "--project", made.directory)
    pratique("run", "--project", made.directory)
    assert pratique(*check).code == 0
    assert pratique(*check, "--strict").code == 1
    (made.landing / "orders_2.csv").write_text(orders.replace("8,nobody", "9,nobody"))
    assert pratique("run", "--strict", "--project", made.directory).code == 1


def test_status_tells_how_every_dataset_stands(loaded: Project, pratique: Pratique) -> None:
    (loaded.landing / "orders_2.csv").write_text(GOOD)
    at = ("--project", loaded.directory)
    found = pratique("status", "--json", *at).document
    assert found.keys() == {"grade", "datasets", "stopped", "waiting"}
    assert found["waiting"] == ["orders_2.csv"]
    customers, orders = found["datasets"]
    assert customers["dataset"] == "customers"
    assert orders.keys() == {
        *("dataset", "grade", "score", "set_by", "run_id", "at", "files", "rows", "quarantined"),
        *("waiting", "contract_version", "contract_status"),
        *("published_score", "unwaived_score", "low_volume"),
    }
    assert (orders["published_score"], orders["low_volume"]) == (1.0, False)
    assert (customers["unwaived_score"], customers["low_volume"]) == (None, True)
    assert (orders["contract_version"], orders["contract_status"]) == (None, "active")
    assert (orders["rows"], orders["quarantined"]) == (29, 1)
    table = pratique("status", *at).out
    assert "orders" in table
    assert "waiting: 1 file" in table
    assert "no check that counts failed (low volume)" in table


def test_status_before_the_first_run(make_project: MakeProject, pratique: Pratique) -> None:
    made = make_project({"orders.csv": GOOD})
    found = pratique("status", "--json", "--project", made.directory).document
    assert found["grade"] is None
    assert [one["grade"] for one in found["datasets"]] == ["no_data", "no_data"]
    assert not made.warehouse.exists()


def test_status_waits_for_a_run_and_then_says_so(
    make_project: MakeProject, pratique: Pratique
) -> None:
    made = make_project({"orders.csv": GOOD}, lock_timeout_seconds=0.5)
    hold = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print(1, flush=True); input()"
    holder = subprocess.Popen(
        [sys.executable, "-c", hold, str(made.warehouse)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert holder.stdout
    holder.stdout.readline()
    ended = pratique("status", "--project", made.directory)
    check = pratique("check", made.landing / "orders.csv", "--project", made.directory)
    holder.communicate(b"\n")
    assert ended.code == 3
    assert "held by another process" in ended.err
    assert "references into it were not judged" in check.out


def test_files_tells_of_every_file_what_became_of_it(loaded: Project, pratique: Pratique) -> None:
    (loaded.landing / "copy_of_orders.csv").write_text("x\n")
    (loaded.landing / "orders_dir.csv").mkdir()
    (loaded.landing / "orders_again.csv").write_bytes((loaded.landing / "orders.csv").read_bytes())
    at = ("--project", loaded.directory)
    pratique("run", *at)
    (loaded.landing / "orders_late.csv").write_text(GOOD)
    found = {one["file"]: one for one in pratique("files", "--json", *at).document}
    assert {name: one["arrival"] for name, one in found.items()} == {
        "copy_of_orders.csv": "unclaimed",
        "customers.csv": "new",
        "orders.csv": "new",
        "orders_again.csv": "duplicate",
        "orders_dir.csv": "ignored",
        "orders_late.csv": "waiting",
    }
    assert found["orders.csv"]["loaded"] == 29
    assert "orders_again.csv" in pratique("files", *at).out


def test_report_writes_its_files_and_says_where(loaded: Project, pratique: Pratique) -> None:
    at = ("--project", loaded.directory)
    for path in loaded.reports.iterdir():
        path.unlink()
    assert pratique("report", *at).out == f"{loaded.reports / 'index.html'}\n"
    assert pratique("report", "orders", *at).out == f"{loaded.reports / 'orders.html'}\n"
    assert (loaded.reports / "orders.html").is_file()


def test_report_prints_in_every_format(loaded: Project, pratique: Pratique, tmp_path: Path) -> None:
    at = ("--project", loaded.directory)
    assert pratique("report", "orders", "--json", *at).document["dataset"] == "orders"
    every = pratique("report", "--format", "json", *at).document
    assert [one["dataset"] for one in every] == ["customers", "orders"]
    assert "orders" in pratique("report", "--format", "md", *at).out
    assert pratique("report", "orders", "--format", "html", *at).out.startswith("<!doctype html>")
    page = tmp_path / "page.md"
    assert pratique("report", "orders", "--out", page, *at).out == ""
    assert "orders" in page.read_text()


def test_quarantine_shows_records_with_all_that_is_wrong(
    loaded: Project, pratique: Pratique
) -> None:
    at = ("--project", loaded.directory)
    (record,) = pratique("quarantine", "list", "orders", "--json", *at).document
    assert record.keys() == {
        *("record_id", "file", "version", "record_no", "line", "raw", "failures", "status"),
    }
    assert (record["record_no"], record["line"], record["raw"]) == (30, 31, "30,nobody,5")
    assert record["failures"][0].keys() == {
        *("check", "rule", "column", "value", "expected", "message"),
    }
    shown = pratique("quarantine", "show", "orders", record["record_id"], "--json", *at)
    assert shown.document == record
    assert "nobody" in pratique("quarantine", "list", "orders", *at).out
    assert "30,nobody,5" in pratique("quarantine", "show", "orders", record["record_id"], *at).out
    assert pratique("quarantine", "list", "customers", "--json", *at).document == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("quarantine", "list", "order"), "did you mean 'orders'"),
        (("quarantine", "show", "orders", "9-9"), "no quarantined record"),
        (("report", "ordres"), "did you mean 'orders'"),
        (("rules", "rnge"), "did you mean 'range'"),
        (("approve", "many"), "integer"),
        (("frobnicate",), "No such command"),
    ],
)
def test_wrong_usage_is_told_from_failure(
    loaded: Project,
    pratique: Pratique,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    said: str,
) -> None:
    monkeypatch.chdir(loaded.directory)
    ended = pratique(*arguments)
    assert ended.code == 2
    assert said in " ".join(ended.err.replace("│", " ").split())
    assert ended.out == ""


def test_outside_a_project_a_command_says_what_to_do(
    tmp_path: Path, pratique: Pratique, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ended = pratique("status")
    assert ended.code == 3
    assert "pratique init" in ended.err


def test_a_project_file_with_mistakes_is_explained(
    make_project: MakeProject, pratique: Pratique
) -> None:
    made = make_project()
    (made.directory / "pratique.yaml").write_text("landig: x\n")
    ended = pratique("run", "--project", made.directory)
    assert ended.code == 3
    assert "pratique.yaml:1 landig" in ended.err


def test_rules_lists_and_explains(pratique: Pratique) -> None:
    listed = pratique("rules", "--json").document
    assert "range" in [rule["rule"] for rule in listed]
    told = pratique("rules", "range", "--json").document
    assert told["arguments"]["properties"].keys() >= {"column", "min", "max"}
    assert "between `min` and `max`" in pratique("rules", "range").out


def test_contracts_are_linted(make_project: MakeProject, pratique: Pratique) -> None:
    made = make_project({"broken.yaml": "dataset: broken\nfiles: '*.csv'\ncolums: []\n"})
    ended = pratique("contract", "lint", "--json", "--project", made.directory)
    assert ended.code == 1
    assert "broken.yaml:3 colums" in "".join(ended.document["problems"])
    assert pratique("contract", "lint", made.contracts / "customers.yaml").code == 0


def test_the_schema_of_a_contract_is_json(pratique: Pratique) -> None:
    assert pratique("contract", "schema").document["title"]


def test_the_version_is_told(pratique: Pratique) -> None:
    assert pratique("--version").out.startswith("pratique")


@pytest.mark.parametrize(("command", "shown"), [("run", "1/2"), ("audit", "bytes")])
def test_on_a_terminal_it_is_shown_how_a_command_comes_along(
    make_project: MakeProject, command: str, shown: str
) -> None:
    made = make_project({"customers.csv": CUSTOMERS, "orders.csv": GOOD})
    if command == "audit":
        run(made)
    controller, terminal = pty.openpty()
    ended = subprocess.Popen(
        [*PRATIQUE, command, "--project", str(made.directory)],
        stdout=subprocess.PIPE,
        stderr=terminal,
        env=ENVIRONMENT | {"TERM": "xterm", "COLUMNS": "100"},
    )
    os.close(terminal)
    seen = b""
    while piece := _read(controller):
        seen += piece
    out, _ = ended.communicate()
    # What stood there last is sure to be drawn; what came before may have been too fast for it.
    assert "orders.csv" in seen.decode()
    assert shown in seen.decode()
    assert "\x1b" not in out.decode()
    assert ended.returncode == 0


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError:  # how Linux tells that nobody is at the other end any more
        return b""


def test_status_loads_nothing_heavy(loaded: Project) -> None:
    heavy = ("prefect", "altair", "jinja2", "narwhals", "numpy", "polars", "pyarrow")
    program = (
        "import sys\nfrom flows.cli import main\n"
        "try: main()\nexcept SystemExit: pass\n"
        f"print([name for name in {heavy} if name in sys.modules], file=sys.stderr)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program, "status", "--project", str(loaded.directory)],
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert ended.stderr == "[]\n"


def test_a_fault_of_the_program_is_not_explained_away() -> None:
    assert explain(KeyError("name")) == []


def test_a_reader_that_stops_early_is_no_fault(loaded: Project) -> None:
    command = " ".join([*map(repr, PRATIQUE), "contract", "schema", "|", "head", "-1"])
    ended = subprocess.run(
        command, shell=True, env=ENVIRONMENT, capture_output=True, text=True, check=True
    )
    assert (ended.stdout, ended.stderr) == ("{\n", "")
