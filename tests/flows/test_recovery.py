"""A process that is killed at any point leaves what the next run makes whole."""

import shutil
import signal
import subprocess
import sys

import duckdb
import pytest

from flows import project as projects
from flows.run import run

POINTS = {
    "mid-freeze": "ingest.blobs.locate",
    "after freeze": "ingest.manifest.register",
    "after receiving": "flows.steps.pending",
    "mid-staging": "ingest.staging.write",
    "after staging": "flows.steps.judge",
    "after judging": "flows.steps.obstacle",
    "mid-publish": "ingest.publishing._quarantined",
    "before commit": "flows.steps.settle",
    "after commit": "flows.run.write_reports",
    "after reporting": "ingest.progress.reported",
}

KILLED = """
import importlib, os, signal, sys
from pathlib import Path
from flows import project
from flows.run import run

module, name = sys.argv[2].rsplit(".", 1)
module = importlib.import_module(module)
original, calls = getattr(module, name), []

def killing(*args, **kwargs):
    calls.append(1)
    if len(calls) == int(sys.argv[3]):
        os.kill(os.getpid(), signal.SIGKILL)
    return original(*args, **kwargs)

setattr(module, name, killing)
run(project.read(Path(sys.argv[1])))
"""

FILES = {
    "customers.csv": "code\na\nb\n",
    "orders_1.csv": "id,customer,amount\n" + "".join(f"{i},a,5\n" for i in range(100)) + "x,a,5\n",
    "orders_2.csv": "id,customer,amount\n" + "".join(f"{i},b,7\n" for i in range(100, 200)) + "3\n",
    "orders_3.jsonl": "".join(
        f'{{"id": {i}, "customer": "a", "amount": 1}}\n' for i in range(200, 300)
    ),
}
RESTATED = "id,customer,amount\n" + "".join(f"{i},b,6\n" for i in range(50)) + "y,b,6\n"

TABLES = {
    "orders": "SELECT id, customer, amount, _record_no FROM orders ORDER BY ALL",
    "quarantine": "SELECT file, version, _record_no, line, raw, failures::VARCHAR, status "
    "FROM quarantine.orders ORDER BY ALL",
    "loads": "SELECT f.name, f.version, l.stage, l.status, l.records_in, l.loaded, l.quarantined, "
    "l.skipped FROM pratique.loads l JOIN pratique.files f USING (file_id) ORDER BY ALL",
    "scores": "SELECT file, version, received, clean, score, grade, status FROM pratique.scores "
    "ORDER BY ALL",
    "sightings": "SELECT name, size, arrival FROM pratique.sightings ORDER BY ALL",
}


def contents(project):
    with duckdb.connect(project.warehouse, read_only=True) as con:
        return {name: con.sql(sql).fetchall() for name, sql in TABLES.items()}


def restate(project):
    (project.landing / "orders_1.csv").write_text(RESTATED)


@pytest.fixture(scope="module")
def never_killed():
    """What a warehouse holds that was never killed, by step; filled by the first test."""
    return {}


@pytest.mark.parametrize(
    ("point", "checkpoint_bytes"),
    [(point, 1 << 20) for point in POINTS]
    + [(point, 0) for point in ("mid-staging", "after staging", "before commit")],
)
def test_a_killed_run_is_made_whole_by_the_next(
    make_project, never_killed, tmp_path, point, checkpoint_bytes
):
    script = tmp_path / "killed.py"
    script.write_text(KILLED)
    project = make_project(FILES, checkpoint_bytes=checkpoint_bytes)
    if not never_killed:
        run(project)
        never_killed["first"] = contents(project)
        restate(project)
        run(project)
        never_killed["second"] = contents(project)
        for path in (project.blobs, project.reports, project.staging):
            shutil.rmtree(path)
        project.warehouse.unlink()
        make_project(FILES, checkpoint_bytes=checkpoint_bytes)
    for step, call in (("first", 2), ("second", 1)):
        name = project.directory / projects.NAME
        once_only = point in ("after receiving", "after commit", "after reporting", "after freeze")
        command = [sys.executable, script, name, POINTS[point], "1" if once_only else str(call)]
        killed = subprocess.run(command, capture_output=True, text=True, check=False)
        assert killed.returncode == -signal.SIGKILL, killed.stderr
        run(project)
        assert contents(project) == never_killed[step]
        assert run(project).loads == ()
        restate(project)
    assert not list(project.staging.iterdir())
    assert not list(project.blobs.glob("*.tmp"))
