"""A load that fails again and again is parked; one that was staged is gone on with from there."""

import signal
import subprocess
import sys
from pathlib import Path

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
from ingest import bundles

staged, together = steps._staged, bundles.stage

def die_of(*names):
    if sys.argv[2] in names:
        os.kill(os.getpid(), signal.SIGKILL)

def dying(con, file, *rest):
    die_of(file.name)
    return staged(con, file, *rest)

def dying_together(con, parts, *rest):
    die_of(*(part.load.file.name for part in parts))
    return together(con, parts, *rest)

steps._staged, bundles.stage = dying, dying_together
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


@pytest.mark.parametrize("checkpoint_bytes", [0, 1 << 30], ids=["alone", "together"])
@pytest.mark.parametrize("park_after", [2, 3])
def test_a_load_that_takes_the_process_down_is_parked_and_blocks_no_other(
    make_project, park_after, checkpoint_bytes
):
    files = {f"orders_{i}.csv": ORDERS.replace("5\n", f"{i}\n") for i in range(1, 4)}
    project = make_project(files, park_after=park_after, checkpoint_bytes=checkpoint_bytes)
    command = [sys.executable, "-c", DYING, project.directory / "pratique.yaml", "orders_1.csv"]
    for _ in range(park_after):
        killed = subprocess.run(command, capture_output=True, text=True, check=False)
        assert killed.returncode == -signal.SIGKILL, killed.stderr
    loads = by_file(run(project).loads)
    assert loads["orders_1.csv"].status == "parked"
    assert "took the process down" in str(loads["orders_1.csv"].error)
    with steps.open_warehouse(project) as con:
        assert con.sql("SELECT count(*) FROM orders").fetchall() == [(200,)]
        assert con.sql("SELECT max(attempts) FROM pratique.loads").fetchall() == [(park_after,)]


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


@pytest.mark.skipif(not Path("/proc/self/io").exists(), reason="what is read is not counted here")
def test_to_go_on_from_what_was_staged_reads_none_of_the_file(make_project):
    lines = (f"{i},{'a' * 2000},5\n" for i in range(10_000))
    project = make_project(
        {"orders.csv": f"id,customer,amount\n{''.join(lines)}"}, checkpoint_bytes=0
    )
    contract = project.contracts / "orders.yaml"
    good = contract.read_text()
    contract.write_text(good.replace("unique]", "uniq]"))
    read = [bytes_read()]
    for text, stage in {good.replace("unique]", "uniq]"): "staged", good: "published"}.items():
        contract.write_text(text)
        assert run(project).loads[0].stage == stage
        read.append(bytes_read())
    size = (project.landing / "orders.csv").stat().st_size
    assert read[1] - read[0] > size
    assert read[2] - read[1] < size / 2


def bytes_read():
    """Tell how many bytes this process has read so far."""
    return int(Path("/proc/self/io").read_text().split()[1])
