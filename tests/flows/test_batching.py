"""Small files go their way together, and come out as if each had gone alone."""

import os
import shutil
import signal
import subprocess
import sys

import duckdb
import pytest

from flows import batching, steps
from flows.reloading import reload
from flows.run import run
from ingest import selection
from quality.rules import use

TABLES = {
    "main.orders": "*",
    "quarantine.orders": "* EXCLUDE (quarantined_at)",
    "pratique.files": "* EXCLUDE (first_seen_at)",
    "pratique.loads": "* EXCLUDE (run_id, attempts, changed_at)",
    "pratique.scores": "* EXCLUDE (run_id, judged_at)",
    "pratique.results": "*",
    "pratique.sightings": "* EXCLUDE (run_id, ctime_ns, seen_at)",
}

HEADER = "id,customer,amount"
GOOD = [f"{n},{'ab'[n % 2]},{n}.5" for n in range(30)]

TOGETHER = {
    "sound": [HEADER, *GOOD],
    "sound too": [HEADER, *GOOD[:7]],
    "a cast": [HEADER, *GOOD[:9], "x,a,1", *GOOD[9:]],
    "a range": [HEADER, "1,a,-5", *GOOD],
    "an unknown customer": [HEADER, *GOOD[1:], "99,zz,1"],
    "a repeated key": [HEADER, *GOOD, GOOD[3], GOOD[3]],
    "no key": [HEADER, ",a,1", ",a,2", *GOOD],
    "all bad": [HEADER, *["1,zz,-1"] * 8],
    "quoted": [HEADER, *(f'{n},"a","{n}"' for n in range(9)), '10,"a,""b\n\n",1'],
    "quoted at last": [HEADER, *GOOD, '31,"a\nb",1'],
    "blank lines": [HEADER, *GOOD[:4], "", "", *GOOD[9:], "", ""],
    "a letter beyond ascii": [HEADER, *GOOD[:4], "7,é,1", *GOOD[9:]],
    "everything at once": [HEADER, "x,zz,-5", "1,a,5", "1,zz,x", "1,a,2,3", *GOOD[4:]],
    "a short record": [HEADER, *GOOD[:4], "7,a", *GOOD[9:]],
    "a long record": [HEADER, *GOOD[:4], "7,a,1,2,3", *GOOD[9:]],
    "a quote left open": [HEADER, *GOOD[:4], '7,"a,1', *GOOD[9:]],
}
ALONE = {
    "no value of a type": [HEADER, "x,a,1", "y,b,2"],
    "only what does not fit": [HEADER, "1", "2,3,4,5"],
    "half a record at last": [HEADER, *GOOD, '31,"a'],
    "a column missing": ["id,amount", "1,5"],
    "semicolons": [line.replace(",", ";") for line in (HEADER, *GOOD)],
}


def contents(project):
    with duckdb.connect(project.warehouse, read_only=True) as con:
        rows = con.sql("SELECT schema_name || '.' || table_name FROM duckdb_tables()").fetchall()
        there = {name for (name,) in rows}
        return {
            name: con.sql(f"SELECT {columns} FROM {name} ORDER BY ALL").fetchall()
            for name, columns in TABLES.items()
            if name in there
        }


@pytest.fixture
def laid_out(make_project):
    """Drop files of orders, in their order; every third without a line break at its end."""

    def laid(files, newline="\n"):
        project = make_project({"customers.csv": "code\na\nb\n"})
        os.utime(project.landing / "customers.csv", (10**9, 10**9))
        for number, (name, lines) in enumerate(files.items()):
            path = project.landing / f"orders {name}.csv"
            end = newline if number % 3 else ""
            path.write_bytes(("\n".join(lines).replace("\n", newline) + end).encode())
            os.utime(path, (10**9 + number, 10**9 + number))
        return project

    return laid


@pytest.fixture
def both_ways(make_project, tmp_path_factory, monkeypatch):
    """Take files in, together and each alone: summaries, tables, and the files that went alone."""

    def taken(project, take):
        kept = {"blobs": "blobs", "staging": "staging", "reports": "r", "warehouse": "w.duckdb"}
        directory, advance, alone = tmp_path_factory.mktemp("run"), steps.advance, []

        def noted(*arguments):
            alone.append(arguments[3].file.name)
            return advance(*arguments)

        with monkeypatch.context() as patch:
            patch.setattr(steps, "advance", noted)
            own = {key: directory / name for key, name in kept.items()}
            summary = take(project := project.model_copy(update=own))
        return [load.model_dump() for load in summary.loads], contents(project), alone

    def both(project, take=run):
        together = taken(project, take)
        with monkeypatch.context() as patch:
            patch.setattr(batching, "_shared", lambda contract: False)
            return together, taken(project, take)

    return both


KILLED = """
import importlib, os, signal, sys
from pathlib import Path
from flows import project
from flows.run import run

module, name = sys.argv[2].rsplit(".", 1)
module = importlib.import_module(module)
setattr(module, name, lambda *args: os.kill(os.getpid(), signal.SIGKILL))
run(project.read(Path(sys.argv[1])))
"""


def assert_alike(together, alone):
    assert together[0] == alone[0]
    for table in TABLES:
        assert together[1].get(table) == alone[1].get(table), table


def test_files_come_out_together_as_they_do_alone(both_ways, laid_out):
    together, alone = both_ways(laid_out(TOGETHER | ALONE))
    assert_alike(together, alone)
    assert set(together[2]) == {"customers.csv", *(f"orders {name}.csv" for name in ALONE)}


def test_lines_may_end_otherwise(both_ways, laid_out):
    names = ["sound", "a cast", "quoted", "quoted at last", "a short record", "a quote left open"]
    together, alone = both_ways(laid_out({name: TOGETHER[name] for name in names}, "\r\n"))
    assert together[:2] == alone[:2]
    assert together[2] == ["customers.csv"]


LOOKING_BACK = """
dataset: orders
files: "*.csv"
columns:
  - {name: day, type: date}
  - {name: value, type: double, checks: [not_null]}
checks:
  - row_count: {max_change: 0.5}
  - schema: {baseline: previous}
  - file_integrity: {encoding: utf-8}
  - aggregate: {column: value, function: median, max: 90}
  - distribution: {column: value, min_points: 2}
  - metric_anomaly: {metric: row_count, at: day, min_points: 3, on_fail: hold, severity: error}
  - metric_anomaly: {metric: mean, column: value, min_points: 3}
"""
ROWS_A_DAY = [20, 22, 21, 20, 2, 23, 60, 20, 21, 7, 22, 20]


@pytest.fixture
def days(make_project):
    """Drop a file a day, by a contract; some with lines of their own at the end."""

    def laid(contract, more=None):
        project = make_project({"orders.yaml": contract})
        for day, rows in enumerate(ROWS_A_DAY, start=1):
            values = (f"2013-02-{day:02},{n % 9 * (day % 5 + 1)}" for n in range(rows))
            path = project.landing / f"orders-{day:02}.csv"
            path.write_text("\n".join(["day,value", *values, *(more or {}).get(day, ()), ""]))
            os.utime(path, (10**9 + day, 10**9 + day))
        return project

    return laid


def test_a_check_of_the_past_sees_what_those_before_it_will_publish(days, both_ways):
    together, alone = both_ways(days(LOOKING_BACK))
    assert_alike(together, alone)
    assert together[2] == []
    assert {load["status"] for load in together[0]} == {"done", "held"}


def test_what_goes_by_itself_keeps_its_place_where_others_look_back_on_it(days, both_ways):
    more = {3: ["2013-02-03,x"], 8: ["2013-02-08,1", "1"], 9: ["1,2,3", "2013-02-09,1"]}
    together, alone = both_ways(days(LOOKING_BACK, more))
    assert_alike(together, alone)
    assert set(together[2]) == {"orders-08.csv", "orders-09.csv"}


def test_what_breaks_the_warehouse_in_its_turn_is_tried_once_a_run(days, monkeypatch):
    def stage(con, file, *rest):
        if file.name == "orders-08.csv":
            raise duckdb.FatalException("the database has been invalidated")
        return staged(con, file, *rest)

    staged = steps._staged
    monkeypatch.setattr(steps, "_staged", stage)
    project = days(LOOKING_BACK, {8: ["2013-02-08,1", "1"]})
    loads = run(project).loads
    assert [load.file for load in loads] == [f"orders-{n:02}.csv" for n in range(1, 13)]
    assert [load.file for load in loads if load.status == "failed"] == ["orders-08.csv"]


def test_what_is_loaded_again_is_seen_once_by_those_after_it(days, both_ways):
    def take(project):
        run(project)
        return reload(project, lambda con: selection.by_dataset(con, "orders"))

    assert_alike(*both_ways(days(LOOKING_BACK), take))


NUMBERED = """
dataset: orders
files: "*.csv"
columns: [{name: day, type: date}, {name: value, type: double}]
checks:
  - sql_value: {query: SELECT min(_record_no) FROM this, min: 1, max: 1}
"""


def test_records_are_numbered_as_in_their_file(days, both_ways):
    together, alone = both_ways(days(NUMBERED))
    assert_alike(together, alone)
    assert together[2] == []


@pytest.mark.parametrize("mode", ["freeze", "discard_row"])
def test_nothing_is_said_of_files_that_no_table_may_be_made_for(days, both_ways, mode):
    project = days(f"{LOOKING_BACK}schema_contract: {{tables: {mode}}}\n")
    together, alone = both_ways(project)
    assert_alike(together, alone)
    assert {load["grade"] for load in together[0]} == {"red"}


KEEPING = '''
from datetime import date

from quality.context import Context
from quality.measure import Fact
from quality.rule import Example, rule


@rule(dimension="accuracy", subject="the past", expects="text",
      examples=[Example({}, {"id": [1]}, {"id": [1]})])
def keeping(context: Context) -> Fact:
    """What is kept of a file is read back as JSON holds it."""
    known = [list(each.detail.get("kept", {}).items()) for each in context.past]
    told = f"{known[-1]} after {len(context.history('another'))}" if known else "nothing"
    return Fact(0, max=0, told=told, period=context.period, detail={"kept": {1: date.max}})
'''


def test_what_an_own_rule_keeps_is_read_back_as_it_is_recorded(days, both_ways, tmp_path):
    project = days(NUMBERED[: NUMBERED.index("sql_value")] + "keeping: {}\n")
    project.rules.mkdir()
    (project.rules / "keeping.py").write_text(KEEPING)
    together, alone = both_ways(project)
    use(tmp_path / "no rules")
    assert_alike(together, alone)
    assert together[2] == []
    assert "[('1', '9999-12-31')] after 0" in str(together[1]["pratique.results"])


@pytest.mark.parametrize(
    "point",
    [
        "ingest.bundles._verify",
        "flows.batching.judge_parts",
        "flows.steps.obstacle",
        "ingest.publishing._forget",
        "flows.batching.summarise_load",
    ],
)
def test_what_is_killed_on_its_way_together_is_made_whole_by_the_next_run(
    laid_out, tmp_path, never_killed, point
):
    script = tmp_path / "killed.py"
    script.write_text(KILLED)
    project = laid_out(TOGETHER)
    if not never_killed:
        run(project)
        never_killed |= contents(project)
        for path in (project.blobs, project.reports, project.staging):
            shutil.rmtree(path)
        project.warehouse.unlink()
    command = [sys.executable, script, project.directory / "pratique.yaml", point]
    killed = subprocess.run(command, capture_output=True, text=True, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    run(project)
    assert contents(project) == never_killed


@pytest.fixture(scope="module")
def never_killed():
    """What a warehouse holds that was never killed; filled by the first test."""
    return {}
