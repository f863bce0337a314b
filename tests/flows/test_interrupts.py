"""A run that is interrupted says so, leaves nothing half done, and is gone on with by the next."""

import signal
import subprocess
import sys
from collections import Counter

import pytest

from flows.run import run
from flows.summary import ExitCode

SIGNALLED = """
import importlib, os, sys, threading, time
from flows.cli import main

path, number, after = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
module, name = path.rsplit(".", 1)
module = importlib.import_module(module)
original = getattr(module, name)

def send():
    time.sleep(after)
    os.kill(os.getpid(), number)

def signalling(*args, **kwargs):
    setattr(module, name, original)
    threading.Thread(target=send).start() if after else send()
    return original(*args, **kwargs)

setattr(module, name, signalling)
main(sys.argv[4:])
"""
ORDERS = "id,customer,amount\n" + "".join(f"{i},a,5\n" for i in range(100_000)) + "x,a,5\n1,2\n"


def started(project, *arguments, ignoring=()):
    """Run pratique in a process that sends itself a signal from within a function."""

    def ignore():
        for each in ignoring:
            signal.signal(each, signal.SIG_IGN)

    return subprocess.run(
        [sys.executable, "-c", SIGNALLED, *arguments, "run", "--project", project.directory],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=ignore,
    )


@pytest.mark.parametrize(
    ("at", "after"),
    [
        ("ingest.blobs.locate", 0),
        ("ingest.staging.write", 0),
        ("ingest.staging.write", 0.05),
        ("ingest.rejects.keep", 0.02),
        ("flows.steps.judge", 0),
        ("ingest.publishing._forget", 0),
        ("ingest.publishing.publish", 0.03),
        ("flows.run.write_reports", 0),
    ],
)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_an_interrupted_run_ends_honestly_and_the_next_goes_on(
    make_project, at, after, number, query
):
    project = make_project({"orders.csv": ORDERS, "customers.csv": "code\na\n"})
    interrupted = started(project, at, str(number.value), str(after))
    assert interrupted.returncode == 128 + number, interrupted.stderr
    assert interrupted.stderr == "pratique: interrupted\n"
    assert interrupted.stdout == ""
    assert set(query(project, "SELECT attempts FROM pratique.loads")) <= {(0,)}
    assert run(project).exit_code() is ExitCode.OK
    assert query(project, "SELECT count(*), count(DISTINCT id) FROM orders") == [(100_000,) * 2]
    assert query(project, "SELECT count(*) FROM quarantine.orders") == [(2,)]
    loads = query(project, "SELECT status FROM pratique.loads")
    assert Counter(loads) == {("done",): 2}
    assert not list(project.staging.iterdir())
    assert not list(project.blobs.glob("*.tmp"))


def test_a_signal_that_is_ignored_by_who_started_the_run_is_ignored(make_project):
    project = make_project({"customers.csv": "code\na\n"})
    hangup = str(signal.SIGHUP.value)
    done = started(project, "ingest.staging.write", hangup, "0", ignoring=(signal.SIGHUP,))
    assert (done.returncode, done.stderr) == (0, "")
