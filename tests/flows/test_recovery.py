"""A process that is killed at any point leaves what the next run makes whole.

In full this is `make chaos`; here every point has its turn, with small files.
"""

import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from benchmarks.kills import POINTS
from benchmarks.twins import compare
from flows.run import run

LIMITED = """
import resource, signal, sys
from pathlib import Path
from ingest import warehouse

signal.signal(signal.SIGXFSZ, getattr(signal, sys.argv[3]))
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
with warehouse.connect(Path(sys.argv[1])):
    pass
"""
ROOT = Path(__file__).parents[2]
ORDERS = "id,customer,amount\n" + "".join(f"{i},a,5\n" for i in range(20)) + "x,a,5\n1,2\n"


def test_a_killed_run_is_made_whole_by_the_next():
    kills = str(len(POINTS))
    command = ("-m", "benchmarks.chaos", "--kills", kills, "--largest", "10", "--json")
    done = subprocess.run(
        [sys.executable, *command], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.stdout, done.stderr
    tally = json.loads(done.stdout)
    assert tally["differing"] == []
    assert (tally["lost"], tally["duplicated"], tally["sound"]) == (0, 0, True)
    assert tally["missed"] == []
    assert tally["kills"] >= len(POINTS)


@pytest.mark.parametrize("size", [0, 1, 4096, 8192])
@pytest.mark.parametrize(
    ("signalled", "ended"), [("SIG_DFL", f"died {signal.SIGXFSZ}"), ("SIG_IGN", "the disk is full")]
)
def test_half_of_a_warehouse_is_none(make_project, size, signalled, ended):
    project = make_project({"orders.csv": ORDERS}, gate="none")
    command = [sys.executable, "-B", "-c", LIMITED, project.warehouse, str(size), signalled]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended in f"died {-done.returncode} {done.stderr}"
    assert run(project).loads[0].loaded == 20
    assert not list(project.directory.glob(f"{project.warehouse.name}.*"))


@pytest.mark.parametrize(
    ("harm", "lost", "duplicated", "table"),
    [
        ("SELECT 1", 0, 0, None),
        ("DELETE FROM orders WHERE id = 7", 1, 0, "main.orders"),
        ("INSERT INTO orders FROM orders WHERE id = 7", 0, 1, "main.orders"),
        ("UPDATE orders SET amount = 6 WHERE id = 7", 1, 1, "main.orders"),
        ("DELETE FROM quarantine.orders WHERE _record_no = 21", 1, 0, "quarantine.orders"),
        ("UPDATE quarantine.orders SET raw = ''", 2, 2, "quarantine.orders"),
        ("DROP TABLE quarantine.orders", 2, 0, "quarantine.orders"),
        ("UPDATE quarantine.orders SET record_id = 'x'", 2, 2, "quarantine.orders"),
        ("UPDATE orders SET _load_id = 9 WHERE id = 7", 1, 1, "main.orders"),
        ("ALTER TABLE orders DROP amount", 0, 0, "main.orders"),
        ("ALTER TABLE orders ALTER amount TYPE VARCHAR", 0, 0, "main.orders"),
        ("UPDATE pratique.loads SET loaded = 1", 0, 0, "pratique.loads"),
        ("UPDATE pratique.loads SET attempts = 1", 0, 0, "pratique.loads"),
        ("UPDATE pratique.results SET load_id = 9", 0, 0, "pratique.results"),
        ("DELETE FROM pratique.sightings", 0, 0, "pratique.sightings"),
        ("UPDATE pratique.loads SET run_id = 'another', changed_at = now()", 0, 0, None),
    ],
)
def test_what_is_lost_or_there_twice_would_be_found(
    make_project, tmp_path, harm, lost, duplicated, table
):
    project = make_project({"orders.csv": ORDERS}, gate="none")
    run(project)
    twin = shutil.copy(project.warehouse, tmp_path / "twin.duckdb")
    with duckdb.connect(project.warehouse) as con:
        con.execute(harm)
    found = compare(project.warehouse, Path(twin))
    assert (found.lost, found.duplicated) == (lost, duplicated)
    assert [each.split(" ")[0] for each in found.tables] == ([table] if table else [])
