"""A load that fails again and again is parked; one that was staged is gone on with from there."""

import signal
import subprocess
import sys

import pytest

from flows import inventory, steps
from flows.run import run
from flows.summary import ExitCode
from ingest import blobs, progress

ORDERS = "id,customer,amount\n" + "".join(f"{i},a,5\n" for i in range(100))
DYING = """
import os, signal, sys
from pathlib import Path
from flows import project, steps
from flows.run import run

staged = steps._staged

def dying(con, file, *rest):
    if file.name == sys.argv[2]:
        os.kill(os.getpid(), signal.SIGKILL)
    return staged(con, file, *rest)

steps._staged = dying
run(project.read(Path(sys.argv[1])))
"""


def by_file(loads):
    return {load.file: load for load in loads}


def test_a_load_that_fails_again_and_again_is_parked_until_it_is_approved(make_project):
    project = make_project(
        {"orders_1.xyz": ORDERS, "orders_2.csv": f"{ORDERS}100,a,5\n"}, park_after=3
    )
    for status in ("failed", "failed", "parked"):
        summary = run(project)
        load = by_file(summary.loads)["orders_1.xyz"]
        assert (load.status, summary.exit_code()) == (status, ExitCode.FAILED)
    assert str(load.error).startswith("parked after 3 attempts: orders_1.xyz: no format goes by")
    with steps.open_warehouse(project) as con:
        assert [one.status for one in inventory.status(project, con).stopped] == ["parked"]
        assert "parked" in {one.status for one in inventory.files(project, con)}
    summary = run(project)
    assert (summary.loads, summary.exit_code()) == ((), ExitCode.OK)
    assert [(one.file, one.error) for one in summary.parked] == [("orders_1.xyz", load.error)]
    with steps.open_warehouse(project) as con:
        progress.approve(con, load.load_id)
        assert progress.published(con) == ["orders"]
    assert run(project).loads[0].status == "failed"


def test_a_load_that_takes_the_process_down_is_parked_and_blocks_no_other(make_project):
    files = {f"orders_{i}.csv": ORDERS.replace("5\n", f"{i}\n") for i in range(1, 4)}
    project = make_project(files, park_after=2, checkpoint_bytes=0)
    command = [sys.executable, "-c", DYING, project.directory / "pratique.yaml", "orders_1.csv"]
    for _ in range(2):
        killed = subprocess.run(command, capture_output=True, text=True, check=False)
        assert killed.returncode == -signal.SIGKILL, killed.stderr
    loads = by_file(run(project).loads)
    assert loads["orders_1.csv"].status == "parked"
    assert "took the process down" in str(loads["orders_1.csv"].error)
    with steps.open_warehouse(project) as con:
        assert con.sql("SELECT count(*) FROM orders").fetchall() == [(200,)]
        assert con.sql("SELECT max(attempts) FROM pratique.loads").fetchall() == [(2,)]


def test_a_broken_contract_is_no_fault_of_the_file(make_project):
    project = make_project({"orders.csv": ORDERS}, park_after=2)
    contract = project.contracts / "orders.yaml"
    good = contract.read_text()
    contract.write_text(good.replace("unique]", "uniq]"))
    for _ in range(4):
        assert run(project).loads[0].status == "failed"
    contract.write_text(good)
    assert run(project).loads[0].loaded == 100


@pytest.mark.parametrize(("checkpoint_bytes", "loaded"), [(0, 100), (1 << 30, 0)])
def test_what_was_staged_is_not_parsed_again(make_project, checkpoint_bytes, loaded):
    project = make_project({"orders.csv": ORDERS}, checkpoint_bytes=checkpoint_bytes)
    contract = project.contracts / "orders.yaml"
    good = contract.read_text()
    contract.write_text(good.replace("unique]", "uniq]"))
    (failed,) = run(project).loads
    assert (failed.stage, failed.status) == ("staged", "failed")
    with steps.open_warehouse(project) as con:
        (load,) = progress.loads(con)
    blob = blobs.locate(load.file.sha256, project.blobs)
    size = blob.stat().st_size
    blob.chmod(0o600)
    blob.write_bytes(bytes(size))  # whoever parses this finds nothing
    contract.write_text(good)
    (mended,) = run(project).loads
    assert mended.loaded == loaded
