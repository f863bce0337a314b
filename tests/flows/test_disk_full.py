"""A disk that is full is named, costs nothing that was there, and stops nothing for good."""

import ctypes
import os
import subprocess
import sys
from pathlib import Path

import pytest

from flows.run import run
from flows.summary import ExitCode

COMMAND = "import sys; from flows.cli import main; main(sys.argv[1:])"
MEGABYTES = 64
ROWS = 60_000
BIG = "id,customer,amount\n" + "".join(f"{i},customer {i * 7919 % 99991},5\n" for i in range(ROWS))
SMALL = "id,customer,amount\n1,a,5\n2,a,5\n"
CONTRACT = """
dataset: orders
files: "orders*.csv"
gate: none
columns:
  - {name: id, type: integer, checks: [not_null, unique]}
  - {name: customer}
  - {name: amount, type: double}
"""


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 64 MB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    size = f"size={MEGABYTES}m".encode()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(b"tmpfs", bytes(disk), b"tmpfs", 0, size):
        pytest.skip(f"no disk can be mounted: {os.strerror(ctypes.get_errno())}")
    yield disk
    libc.umount2(bytes(disk), 2)


def fill(disk: Path, leave: int = 0):
    """Take up all room on a disk but so many bytes."""
    status = os.statvfs(disk)
    with (disk / "filler").open("wb") as filler:
        os.posix_fallocate(filler.fileno(), 0, status.f_bavail * status.f_frsize - leave)


def make_room(disk: Path):
    (disk / "filler").unlink()


def by_file(summary):
    return {load.file: load for load in summary.loads}


def test_a_file_that_there_is_no_room_to_freeze_waits_and_others_go_on(make_project, small_disk):
    project = make_project(
        {"orders.yaml": CONTRACT, "orders_big.csv": BIG, "orders_small.csv": SMALL},
        blobs=small_disk / "blobs",
    )
    fill(small_disk, leave=17 << 20)
    summary = run(project)
    assert summary.exit_code() is ExitCode.FAILED
    big = by_file(summary)["orders_big.csv"]
    assert (big.status, big.load_id) == ("failed", None)
    assert str(small_disk / "blobs") in str(big.error)
    assert "a copy of orders_big.csv may take" in str(big.error)
    assert by_file(summary)["orders_small.csv"].loaded == 2
    assert not list((small_disk / "blobs").glob("*.tmp"))
    make_room(small_disk)
    assert by_file(run(project))["orders_big.csv"].loaded == ROWS


@pytest.mark.parametrize("where", ["staging", "warehouse"])
def test_a_load_that_there_is_no_room_for_is_not_begun(make_project, small_disk, where, query):
    place = small_disk / ("w.duckdb" if where == "warehouse" else "staging")
    files = {"orders.yaml": CONTRACT, "orders_1.csv": SMALL}
    project = make_project(files, **{where: place}, park_after=2)
    run(project)
    (project.landing / "orders_2.csv").write_text(BIG)
    fill(small_disk, leave=17 << 20)
    for _ in range(3):
        (load,) = run(project).loads
        assert (load.stage, load.status) == ("received", "failed")
        assert "loading orders_2.csv may take" in str(load.error)
        assert str(small_disk) in str(load.error)
    make_room(small_disk)
    assert run(project).loads[0].loaded == ROWS
    assert query(project, "SELECT count(*) FROM orders") == [(ROWS + 2,)]


@pytest.mark.parametrize("checkpoint_bytes", [0, 1 << 30])
@pytest.mark.parametrize("stage", ["staging", "judging", "publishing"])
def test_a_disk_that_fills_up_meanwhile_costs_nothing(
    make_project, small_disk, stage, checkpoint_bytes, query
):
    project = make_project(
        {"orders.yaml": CONTRACT, "orders_1.csv": SMALL},
        **{name: small_disk / name for name in ("blobs", "staging", "reports")},
        warehouse=small_disk / "w.duckdb",
        checkpoint_bytes=checkpoint_bytes,
        park_after=2,
    )
    run(project)
    (project.landing / "orders_2.csv").write_text(BIG)

    def watch(load, doing):
        if doing == stage:
            fill(small_disk)

    for _ in range(3):
        said = []
        try:
            summary = run(project, watch)
            said += [load.error for load in summary.loads]
            assert summary.exit_code() is ExitCode.FAILED
        except Exception as error:
            said.append(str(error))
        assert all("the disk is full" in str(each) for each in said), said
        assert all(str(small_disk) in str(each) for each in said), said
        make_room(small_disk)
        assert query(project, "SELECT count(*) FROM orders") == [(2,)]
    (load,) = run(project).loads
    assert (load.status, load.loaded) == ("done", ROWS)
    assert query(project, "SELECT count(*), count(DISTINCT id) FROM orders") == [(ROWS + 2, ROWS)]
    assert not list(project.staging.iterdir())


def test_what_cannot_be_judged_on_a_full_disk_is_not_judged(make_project, small_disk):
    project = make_project(
        {"orders.yaml": CONTRACT, "orders.csv": BIG + BIG.partition("\n")[2]},
        staging=small_disk,
        checkpoint_bytes=0,
    )

    def watch(load, doing):
        if doing == "judging":
            fill(small_disk)

    (load,) = run(project, watch).loads
    assert (load.stage, load.status, load.score) == ("staged", "failed", None)
    assert "the disk is full" in str(load.error)
    make_room(small_disk)
    assert run(project).loads[0].quarantined == 2 * ROWS


def test_a_load_does_not_fail_when_what_it_needs_no_more_cannot_be_closed(make_project, small_disk):
    files = {"orders.yaml": CONTRACT, "orders.csv": BIG}
    project = make_project(files, staging=small_disk, checkpoint_bytes=0)

    def watch(load, doing):
        if doing == "publishing":
            fill(small_disk)

    (load,) = run(project, watch).loads
    assert (load.stage, load.status, load.loaded) == ("published", "done", ROWS)


def test_a_disk_without_any_room_is_told_in_a_line(make_project, small_disk):
    project = make_project(
        {"orders.yaml": CONTRACT, "orders_1.csv": SMALL}, warehouse=small_disk / "w.duckdb"
    )
    run(project)
    (project.landing / "orders_2.csv").write_text(SMALL.replace("1,a", "3,a"))
    fill(small_disk)
    done, status = (
        subprocess.run(
            [sys.executable, "-c", COMMAND, command, "--project", project.directory],
            capture_output=True,
            text=True,
            check=False,
        )
        for command in ("run", "status")
    )
    assert (done.returncode, done.stdout) == (3, "")
    assert "the disk is full" in done.stderr
    assert str(small_disk) in done.stderr
    assert done.stderr.count("\n") == 1
    assert (status.returncode, status.stderr) == (0, "")
    make_room(small_disk)
    assert run(project).loads[0].loaded == 2


def test_a_file_that_the_archive_has_no_room_for_stays_and_is_archived_later(
    make_project, small_disk, query
):
    files = {"orders.yaml": CONTRACT, "orders_big.csv": BIG, "orders_small.csv": SMALL}
    archive = small_disk / "archive"
    project = make_project(files, after_commit="archive", archive=archive)
    fill(small_disk, leave=1 << 16)
    for _ in range(2):
        summary = run(project)
        assert summary.exit_code() is ExitCode.FAILED
        (problem,) = summary.problems
        assert "could not be taken out" in problem
        assert "orders_big.csv" in problem
        assert problem.endswith("No space left on device")
        assert [each.name for each in project.landing.iterdir()] == ["orders_big.csv"]
        assert [each.name[17:] for each in archive.rglob("*.*")] == ["orders_small.csv"]
    make_room(small_disk)
    assert run(project).exit_code() is ExitCode.OK
    assert list(project.landing.iterdir()) == []
    assert sorted(each.read_text() for each in archive.rglob("*.csv")) == sorted([BIG, SMALL])
    assert query(project, "SELECT count(*) FROM orders") == [(ROWS + 2,)]
