"""Several at once, and a landing directory that is not what it was: wait, or say so."""

import ctypes
import os
import select
import signal
import subprocess
import sys
from contextlib import contextmanager

import pytest

from flows import attempts, receiving, steps
from flows import contract as contracts
from flows.children import ChildFailed
from flows.run import run
from flows.server import _alone
from flows.summary import ExitCode
from ingest.errors import WarehouseBusy

COMMAND = "import sys; from flows.cli import main; main(sys.argv[1:])"
MS_RDONLY, MS_REMOUNT = 1, 32

HOLD = """
import sys, duckdb
con = duckdb.connect(sys.argv[1], read_only=sys.argv[2] == "reading")
print("held", flush=True)
sys.stdin.read()
"""
SERVE = """
import os, sys
from pathlib import Path
from flows.children import run_module
from flows.server import _alone

home = Path(sys.argv[1])
server = ("http.server", "0", "--bind", "127.0.0.1")
with _alone(home) as mark, run_module("one", server, os.environ, home / "log", (mark,)) as child:
    print(child.process.pid, flush=True)
    sys.stdin.read()
"""
VANISHING = """
import os, sys
from pathlib import Path
from flows.cli import main
from ingest import blobs

freeze = blobs.freeze

def freezing(file, *rest):
    landing, away = Path(sys.argv[1]), Path(sys.argv[1]).with_name("away")
    if not away.exists():
        landing.rename(away)
        if sys.argv[3] == "an empty one":  # as when a disk is gone that was mounted there
            landing.mkdir()
    return freeze(file, *rest)

blobs.freeze = freezing
main(["run", "--project", sys.argv[2]])
"""


def orders(number):
    lines = (f"{number * 1000 + i},a,5\n" for i in range(100))
    return f"id,customer,amount\n{''.join(lines)}x,a,5\n"


@contextmanager
def started(script, *arguments):
    """Run a script until the block is over, when what it reads comes to its end."""
    command = [sys.executable, "-c", script, *map(str, arguments)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.stdin.close()


@pytest.fixture
def project(make_project):
    files = {f"orders_{number}.csv": orders(number) for number in range(5)}
    return make_project(files | {"customers.csv": "code\na\n"}, lock_timeout_seconds=60)


@pytest.fixture
def is_whole(query):
    """Whether all files are loaded, and every record once."""

    def found(project):
        loaded = query(project, "SELECT count(*), count(DISTINCT id) FROM orders")
        bad = query(project, "SELECT count(*) FROM quarantine.orders WHERE status = 'quarantined'")
        loads = query(project, "SELECT count(*) FROM pratique.loads WHERE status = 'done'")
        return (loaded, bad, loads) == ([(500, 500)], [(5,)], [(6,)])

    return found


def test_runs_at_the_same_time_wait_for_each_other_and_load_nothing_twice(project, is_whole):
    command = [sys.executable, "-c", COMMAND, "run", "--project", project.directory]
    runs = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    said = [each.communicate() for each in runs]
    assert [each.returncode for each in runs] == [0, 0, 0], said
    assert is_whole(project)


def test_what_another_run_has_loaded_meanwhile_is_not_loaded_again(project, query, is_whole):
    known, _ = contracts.read_all(project.contracts, project.gate)
    with steps.open_warehouse(project) as con:
        receiving.receive(project, con, known, "one")
        selected = steps.pending(con, known)
    assert len(run(project).loads) == len(selected) == 6
    assert attempts.advance_all(project, known, selected) == []
    assert query(
        project, "SELECT DISTINCT run_id = 'one', displaced, attempts FROM pratique.loads"
    ) == [(False, 0, 0)]
    assert is_whole(project)


@pytest.mark.parametrize("how", ["reading", "writing"])
def test_who_holds_the_warehouse_is_waited_for_and_then_named(make_project, how):
    project = make_project({"orders.csv": orders(0)}, lock_timeout_seconds=0.3)
    run(project)
    (project.landing / "orders_2.csv").write_text(orders(2))
    with started(HOLD, project.warehouse, how) as holder:
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(WarehouseBusy, match=rf"in 0\.3 s: .*PID {holder.pid}"):
            run(project)
        command = [sys.executable, "-c", COMMAND, "run", "--project", project.directory]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (3, "", 1)
        assert f"PID {holder.pid}" in done.stderr
    assert run(project).loads[0].loaded == 100


def test_a_run_goes_on_when_the_reader_lets_go(project, query):
    run(project)
    (project.landing / "orders_5.csv").write_text(orders(5))
    with started(HOLD, project.warehouse, "reading") as reader:
        assert reader.stdout.readline() == "held\n"
        command = [sys.executable, "-c", COMMAND, "run", "--project", project.directory]
        waiting = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        with pytest.raises(subprocess.TimeoutExpired):
            waiting.wait(2)
    waiting.communicate()
    assert waiting.returncode == 0
    assert query(project, "SELECT count(*) FROM orders") == [(600,)]


@pytest.mark.parametrize("how", ["reading", "writing"])
def test_a_holder_that_was_killed_holds_nothing(make_project, how):
    project = make_project({"orders.csv": orders(0)}, lock_timeout_seconds=0)
    run(project)
    (project.landing / "orders_2.csv").write_text(orders(2))
    with started(HOLD, project.warehouse, how) as holder:
        assert holder.stdout.readline() == "held\n"
        holder.kill()
        holder.wait()
        assert run(project).loads[0].loaded == 100


def test_a_server_is_known_to_be_up_as_long_as_it_is(tmp_path):
    with started(SERVE, tmp_path) as parent:
        child = int(parent.stdout.readline())
        parent.kill()
        parent.wait()
        with pytest.raises(ChildFailed, match="is up already"), _alone(tmp_path):
            pass
        ended = os.pidfd_open(child)
        os.kill(child, signal.SIGKILL)
        select.select([ended], [], [])
        os.close(ended)
        with _alone(tmp_path):
            pass


def test_a_landing_directory_that_may_only_be_read_is_read(make_project):
    project = make_project(lock_timeout_seconds=0)
    libc = ctypes.CDLL(None, use_errno=True)
    landing = bytes(project.landing)
    if libc.mount(b"tmpfs", landing, b"tmpfs", 0, b"size=1m"):
        pytest.skip(f"no disk can be mounted: {os.strerror(ctypes.get_errno())}")
    try:
        (project.landing / "orders.csv").write_text(orders(0))
        assert libc.mount(b"tmpfs", landing, b"tmpfs", MS_REMOUNT | MS_RDONLY, b"size=1m") == 0
        summary = run(project)
        assert (summary.exit_code(), summary.loads[0].loaded) == (ExitCode.OK, 100)
        project = make_project(after_commit="archive")
        for _ in range(2):
            summary = run(project)
            assert (summary.exit_code(), summary.loads) == (ExitCode.FAILED, ())
            assert "could not be taken out of" in summary.problems[0]
            assert "Read-only file system" in summary.problems[0]
    finally:
        libc.umount2(landing, 2)


def test_a_landing_directory_that_is_away_is_told_and_comes_back(project, query, is_whole):
    run(project)
    (project.landing / "orders_5.csv").write_text(orders(5))
    away = project.landing.rename(project.directory / "away")
    done = subprocess.run(
        [sys.executable, "-c", COMMAND, "run", "--project", project.directory],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == f"pratique: {project.landing}: No such file or directory\n"
    assert is_whole(project)
    away.rename(project.landing)
    (load,) = run(project).loads
    assert (load.file, load.loaded) == ("orders_5.csv", 100)
    assert query(project, "SELECT count(*), count(DISTINCT id) FROM orders") == [(600, 600)]


@pytest.mark.parametrize("left", ["nothing", "an empty one"])
def test_a_landing_directory_that_goes_away_meanwhile_costs_nothing(project, left, is_whole):
    done = subprocess.run(
        [sys.executable, "-c", VANISHING, project.landing, project.directory, left],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 3
    assert f"{project.landing} went away" in done.stderr
    if left == "an empty one":
        project.landing.rmdir()
    (project.directory / "away").rename(project.landing)
    assert run(project).exit_code() is ExitCode.OK
    assert is_whole(project)
