"""The flow against a real server: what it records there, and what it makes of trouble."""

import subprocess
import sys
import time

import pytest

from flows import pipeline
from flows.pipeline import RunConfig, run
from flows.server import call
from flows.verdict import outcome

pytestmark = [pytest.mark.prefect, pytest.mark.usefixtures("prefect_server")]

CUSTOMERS = {"customers.csv": "code\na\n"}
GOOD = CUSTOMERS | {"orders.csv": "id,customer,amount\n1,a,5\n2,a,6\n"}
RED = CUSTOMERS | {"orders.csv": "id,customer,amount\n1,a,5\n1,a,-6\n"}

HOLD = """
import duckdb, sys, time
con = duckdb.connect(sys.argv[1])
print("held", flush=True)
time.sleep(2)
"""


def run_flow(project, **options):
    return run(RunConfig(project=project.directory, **options), return_state=True)


def eventually(look):
    """What is recorded comes a moment later."""
    deadline = time.monotonic() + 300
    while not (found := look()) and time.monotonic() < deadline:
        time.sleep(0.1)
    return found


def task_runs(server, state, count):
    """The task runs of a flow run, in the order they started."""
    mine = {"id": {"any_": [str(state.state_details.flow_run_id)]}}

    def look():
        found = call(server, "task_runs/filter", flow_runs=mine)
        ended = [each for each in found if each["state_type"] in ("COMPLETED", "FAILED")]
        return len(ended) >= count and found

    return sorted(eventually(look), key=lambda each: each["start_time"])


def events(server, run_id, count, about="dataset"):
    """The events that a run emitted, by dataset or by the name of a file."""

    def look():
        wanted = {"event": {"prefix": [f"pratique.{about}."]}}
        found = call(server, "events/filter", filter=wanted)["events"]
        mine = [each for each in found if each["payload"]["run_id"] == run_id]
        return len(mine) >= count and mine

    name = "name" if about == "file" else about
    return {each["payload"][name]: each for each in eventually(look)}


def test_the_sample_is_taken_in_and_told_of(prefect_server, sample_run):
    assert (sample_run.name, sample_run.type) == ("Amber", "COMPLETED")
    assert sample_run.message.startswith("flights is amber at 0.899: capped by")
    tasks = task_runs(prefect_server, sample_run, 7)
    names = [each["name"] for each in tasks]
    assert names[0] == "receive files"
    assert sorted(names[1:5]) == ["load airlines", "load airports", "load planes", "load weather"]
    assert names[5:] == ["load flights", "publish reports"]
    states = {each["name"]: each["state_name"] for each in tasks}
    assert (states["load planes"], states["load flights"]) == ("Completed", "Amber")
    summary = outcome(sample_run)
    told = events(prefect_server, summary.run_id, 5)
    assert {name: each["event"] for name, each in told.items()} == {
        each.dataset: f"pratique.dataset.{each.grade}" for each in summary.datasets
    }
    flights = told["flights"]
    assert flights["resource"]["prefect.resource.id"] == "pratique.dataset.flights"
    scores = {"score", "published_score", "unwaived_score", "low_volume"}
    assert flights["payload"].keys() == {"dataset", "grade", "set_by", "run_id"} | scores
    assert (flights["payload"]["score"], flights["payload"]["grade"]) == (0.899, "amber")
    assert str(sample_run.state_details.flow_run_id) in str(flights["related"])


def test_a_second_run_finds_nothing_and_says_so(prefect_server, make_project):
    project = make_project(GOOD)
    first, second = run_flow(project), run_flow(project)
    assert (first.type, first.message) == ("COMPLETED", "green: customers, orders")
    assert (second.type, second.message) == ("COMPLETED", "nothing new to load")
    assert outcome(second).loads == ()
    assert [each["name"] for each in task_runs(prefect_server, second, 2)] == [
        "receive files",
        "publish reports",
    ]


def test_red_looks_red_and_stops_nothing_else(prefect_server, make_project):
    state = run_flow(make_project(RED))
    assert (state.name, state.type) == ("Failed", "FAILED")
    assert state.message.startswith("orders is red at ")
    summary = outcome(state)
    assert [(each.dataset, each.grade) for each in summary.datasets] == [
        ("customers", "green"),
        ("orders", "red"),
    ]
    looks = {e["name"]: e["state_type"] for e in task_runs(prefect_server, state, 4)}
    assert looks == {
        "receive files": "COMPLETED",
        "load customers": "COMPLETED",
        "load orders": "FAILED",
        "publish reports": "COMPLETED",
    }
    assert events(prefect_server, summary.run_id, 2)["orders"]["event"] == "pratique.dataset.red"


@pytest.mark.parametrize(("strict", "type"), [(False, "COMPLETED"), (True, "FAILED")])
def test_amber_fails_only_a_strict_run(make_project, strict, type):
    orders = "id,customer,amount\n" + "".join(f"{id},a,{id}\n" for id in range(830, 1030))
    state = run_flow(make_project(CUSTOMERS | {"orders.csv": orders}), strict=strict)
    assert outcome(state).grade == "amber"
    assert state.type == type


def test_a_contract_that_cannot_be_read_fails_the_run_and_not_the_others(make_project):
    project = make_project(GOOD | {"customers.yaml": "dataset: customers\nfile: typo\n"})
    state = run_flow(project)
    assert state.type == "FAILED"
    assert "customers.yaml:1 files: missing" in state.message
    assert {load.dataset for load in outcome(state).loads} == {"orders"}


def test_each_file_that_is_seen_is_an_event(prefect_server, make_project):
    project = make_project(GOOD | {"strange.txt": "x"})
    first = outcome(run_flow(project))
    told = events(prefect_server, first.run_id, 3, "file")
    assert {name: each["event"] for name, each in told.items()} == {
        "customers.csv": "pratique.file.new",
        "orders.csv": "pratique.file.new",
        "strange.txt": "pratique.file.unclaimed",
    }
    assert told["orders.csv"]["resource"]["prefect.resource.id"] == "pratique.file.orders.csv"
    assert told["orders.csv"]["payload"]["version"] == 1
    assert "pratique.dataset.orders" in str(told["orders.csv"]["related"])
    (project.landing / "strange.txt").unlink()
    (project.landing / "orders.csv").write_text(GOOD["orders.csv"] + "3,a,7\n")
    second = outcome(run_flow(project))
    told = events(prefect_server, second.run_id, 2, "file")
    assert {name: each["event"] for name, each in told.items()} == {
        "orders.csv": "pratique.file.restatement",
        "strange.txt": "pratique.file.vanished",
    }


def test_what_will_not_pass_is_not_tried_again(prefect_server, make_project):
    project = make_project(GOOD)
    (project.directory / "pratique.yaml").write_text("landing: 7\n")
    state = run_flow(project)
    assert state.type == "FAILED"
    assert "pratique.yaml:1" in state.message
    (receive,) = task_runs(prefect_server, state, 1)
    assert receive["run_count"] == 1


def test_a_warehouse_that_is_held_is_tried_again(prefect_server, make_project, monkeypatch):
    patient = pipeline.receive.with_options(retry_delay_seconds=0.5, retries=20)
    monkeypatch.setattr(pipeline, "receive", patient)
    project = make_project(GOOD, lock_timeout_seconds=0)
    command = [sys.executable, "-c", HOLD, project.warehouse]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as holder:
        assert holder.stdout.readline() == b"held\n"
        state = run_flow(project)
    assert state.message == "green: customers, orders"
    assert task_runs(prefect_server, state, 4)[0]["run_count"] > 1


def test_the_form_says_what_each_parameter_is_for():
    schema = RunConfig.model_json_schema()
    assert all(each["description"] for each in schema["properties"].values())
