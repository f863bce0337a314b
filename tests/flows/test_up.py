"""`up` and `demo` as people start them: what comes up, what it does, and that nothing stays."""

import os
import re
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

import duckdb
import pytest
import yaml
from prefect import Flow

from flows import up
from flows.children import ChildFailed
from flows.server import Server, call, prefect, serve

ROOT = Path(__file__).parents[2]
(NIGHTLY,) = yaml.safe_load((ROOT / "prefect.yaml").read_text())["deployments"]
COMMAND = "import sys; from flows.cli import main; main(sys.argv[1:])"
FILES = {"customers.csv": "code\na\n", "orders.csv": "id,customer,amount\n1,a,5\n2,a,6\n"}


@contextmanager
def start(*arguments):
    """Run a pratique command beside the test; if that fails, it ends."""
    environment = dict(os.environ)
    del environment["PREFECT_HOME"]
    process = subprocess.Popen(
        [sys.executable, "-c", COMMAND, *map(str, arguments)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            process.terminate()


def processes_of(directory):
    """What runs for a project: each such process is told where its Prefect keeps its data."""
    mark, found = f"PREFECT_HOME={directory / '.prefect'}\0".encode(), []
    for environment in Path("/proc").glob("[0-9]*/environ"):
        try:
            found += [environment.parent.name] if mark in environment.read_bytes() else []
        except OSError:
            continue
    return found


def eventually(look):
    deadline = time.monotonic() + 300
    while not (found := look()) and time.monotonic() < deadline:
        time.sleep(0.2)
    return found


def start_nightly(server):
    """Start a run of the nightly deployment, and tell how to look at its state."""
    (deployed,) = call(server, "deployments/filter")
    run = call(server, f"deployments/{deployed['id']}/create_flow_run")

    def state():
        (found,) = call(server, "flow_runs/filter", flow_runs={"id": {"any_": [run["id"]]}})
        return found["state"]

    return run["id"], state


def ended(state):
    assert eventually(lambda: state()["type"] not in ("SCHEDULED", "PENDING", "RUNNING"))
    return state()


@pytest.fixture(scope="module")
def deployed(prefect_server):
    """The repository's own prefect.yaml, deployed as a person would."""
    call(prefect_server, "work_pools/", name=up.POOL, type="process")
    prefect(prefect_server, "deploy", "--all", directory=ROOT)
    (found,) = call(prefect_server, "deployments/filter")
    return found


def test_what_is_deployed_is_a_flow():
    module, _, name = NIGHTLY["entrypoint"].rpartition(".")
    assert isinstance(getattr(import_module(module), name), Flow)


def test_no_zone_skips_the_hour_of_the_night():
    (schedule,) = NIGHTLY["schedules"]
    assert schedule.keys() <= {"cron", "timezone", "slug", "active"}
    minute, hour, *every = schedule["cron"].split()
    assert every == ["*", "*", "*"]
    for zone in map(ZoneInfo, sorted(available_timezones())):
        midnights = (datetime(2026, 1, 1, tzinfo=zone) + timedelta(day) for day in range(366))
        for midnight in midnights:
            meant = midnight.replace(hour=int(hour), minute=int(minute))
            assert meant.astimezone(UTC).astimezone(zone).hour == int(hour), (zone, meant)


@pytest.mark.prefect
def test_the_file_deploys_as_it_is(deployed):
    assert (deployed["name"], deployed["entrypoint"]) == ("nightly", NIGHTLY["entrypoint"])
    assert deployed["parameters"] == {"config": {"project": "data/sample"}}
    assert deployed["global_concurrency_limit"]["limit"] == 1
    assert deployed["concurrency_options"]["collision_strategy"] == "ENQUEUE"
    form = deployed["parameter_openapi_schema"]["definitions"]["RunConfig"]["properties"]
    assert (form["strict"]["type"], bool(form["strict"]["description"])) == ("boolean", True)


@pytest.mark.prefect
def test_the_night_is_scheduled(prefect_server, deployed):
    ours = {"deployment_id": {"any_": [deployed["id"]]}}

    def by_itself():
        found = call(prefect_server, "flow_runs/filter", flow_runs=ours)
        return [run["expected_start_time"][10:] for run in found if run["auto_scheduled"]]

    assert set(eventually(by_itself)) == {"T04:30:00Z"}


@pytest.mark.prefect
def test_a_run_that_died_with_its_server_frees_its_place(prefect_server, deployed):
    id, state = start_nightly(prefect_server)
    pending = {"type": "PENDING"}
    assert call(prefect_server, f"flow_runs/{id}/set_state", state=pending)["status"] == "ACCEPT"
    waiting, _ = start_nightly(prefect_server)
    refused = call(prefect_server, f"flow_runs/{waiting}/set_state", state=pending)
    assert refused["state"]["name"] == "AwaitingConcurrencySlot"
    up._bury(prefect_server)
    assert state()["type"] == "CRASHED"
    assert (
        call(prefect_server, f"flow_runs/{waiting}/set_state", state=pending)["status"] == "ACCEPT"
    )
    up._bury(prefect_server)


@pytest.mark.prefect
def test_up_runs_what_it_deploys_and_takes_all_with_it(make_project):
    project = make_project(FILES)
    with start("up", "--project", project.directory) as started:
        said = started.stdout.readline()
        port = int(re.search(r"http://127\.0\.0\.1:(\d+)/v2", said)[1])
        server = Server("Prefect", started, Path(), port, {})
        good = ended(start_nightly(server)[1])
        assert (good["name"], good["message"]) == ("Completed", "green: customers, orders")
        (project.landing / "orders2.csv").write_text("id,customer,amount\n3,a,-5\n")
        bad = ended(start_nightly(server)[1])
        assert (bad["name"], bad["message"][:23]) == ("Failed", "orders is red at 0.000:")
        assert "Traceback" not in (project.directory / ".prefect" / "worker.log").read_text()
        with duckdb.connect(project.warehouse):
            _, state = start_nightly(server)
            assert eventually(lambda: state()["type"] == "RUNNING")
            assert len(processes_of(project.directory)) >= 3
            started.send_signal(signal.SIGINT)
            rest = started.communicate(timeout=300)
    assert (started.returncode, rest) == (0, ("", ""))
    assert processes_of(project.directory) == []


@pytest.mark.prefect
def test_the_demo_tells_how_the_sample_stands_and_where_to_look(tmp_path):
    with start("demo", tmp_path / "demo", "--no-keep-open") as started:
        said, complaints = started.communicate(timeout=300)
    assert (started.returncode, complaints) == (0, "")
    for dataset in ("airlines", "airports", "flights", "planes", "weather", "index"):
        assert re.search(
            rf"quality-{dataset} +http://127\.0\.0\.1:\d+/v2/artifacts/artifact/", said
        )
    assert re.search("🟠 +flights +0.899", said)
    assert processes_of(tmp_path / "demo") == []


def test_the_demo_overwrites_nothing(tmp_path):
    (tmp_path / "precious").touch()
    with start("demo", tmp_path, "--no-keep-open") as started:
        _, complaints = started.communicate(timeout=300)
    assert started.returncode == 3
    assert "holds something else" in complaints
    assert [path.name for path in tmp_path.iterdir()] == ["precious"]


def test_a_port_that_is_taken_is_refused(prefect_server, tmp_path):
    with pytest.raises(ChildFailed, match="is taken"), serve(tmp_path, prefect_server.port):
        pass


def test_two_servers_do_not_share_their_data(prefect_server):
    home = prefect_server.log.parent
    with pytest.raises(ChildFailed, match="is up already"), serve(home, 0):
        pass
