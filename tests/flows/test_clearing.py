"""What becomes of landed files after commit, and that none goes before."""

import os
import shutil
import string
import subprocess
import sys
from pathlib import Path

import pytest

from flows import endings, inventory, steps
from flows.project import ProjectInvalid
from flows.run import run
from flows.summary import ExitCode
from ingest import clearing

GOOD = "id,customer,amount\n1,a,5\n"
RED = "id,customer,amount\n1,a,-5\n"


def landed(project):
    return sorted(path.name for path in project.landing.rglob("*") if path.is_file())


def archived(project):
    return {path.name.split("-", 1)[1]: path for path in project.archive.rglob("*.*")}


def listed(project):
    with steps.open_warehouse(project) as con:
        return {one.file: one for one in inventory.files(project, con)}


def test_files_are_kept_unless_the_project_says_otherwise(make_project):
    project = make_project({"orders.csv": GOOD})
    run(project)
    assert landed(project) == ["orders.csv"]
    assert not project.archive.exists()


def test_a_published_file_is_archived_by_day_and_hash(make_project, query):
    project = make_project({"orders.csv": GOOD, "orders.csv.done": ""}, after_commit="archive")
    (project.landing / "orders.csv.meta.json").write_text('{"records": 1}')
    assert run(project).exit_code() is ExitCode.OK
    assert landed(project) == []
    found = archived(project)
    assert found.keys() == {"orders.csv", "orders.csv.done", "orders.csv.meta.json"}
    path = found["orders.csv"]
    assert path.read_text() == GOOD
    ((sha256, day),) = query(
        project, "SELECT sha256, strftime(seen_at, '%Y-%m-%d') FROM pratique.sightings LIMIT 1"
    )
    assert path == project.archive / day / f"{sha256[:16]}-orders.csv"
    assert listed(project)["orders.csv"].seen == "cleared"
    assert run(project).loads == ()
    (project.landing / "orders.csv").write_text(GOOD)
    assert run(project).loads == ()
    assert landed(project) == []


def test_what_is_not_finished_stays(make_project):
    files = {"customers.csv": "code\na\n", "orders.csv": RED, "strange.txt": "x"}
    project = make_project(files, after_commit="delete")
    held = {load.file: load for load in run(project).loads}["orders.csv"]
    assert landed(project) == ["orders.csv", "strange.txt"]
    with steps.open_warehouse(project) as con:
        endings.reject(con, held.load_id, "not ours")
    run(project)
    assert landed(project) == ["strange.txt"]
    assert listed(project)["customers.csv"].seen == "cleared"


def test_a_name_cannot_lead_out_of_the_archive(make_project):
    project = make_project(after_commit="archive")
    contract = project.contracts / "orders.yaml"
    contract.write_text(contract.read_text().replace("orders*.*", "**/*.csv"))
    names = ["sub/orders\\..\\x.csv", "sub/=cmd()\n.csv", os.fsdecode(b"\xff" * 200 + b".csv")]
    for number, name in enumerate(names):
        path = project.landing / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"id,customer,amount\n{number},a,5\n")
    assert len(run(project).loads) == len(names)
    assert landed(project) == []
    safe = {path.relative_to(project.archive).parts[1] for path in project.archive.rglob("*.csv")}
    assert len(safe) == len(names)
    assert all(set(name) <= {*string.ascii_letters, *string.digits, *"._-"} for name in safe)


def test_a_file_that_changed_since_it_was_frozen_is_left(make_project, monkeypatch):
    project = make_project({"orders.csv": GOOD}, after_commit="delete")
    reports = "flows.run.clearing.clear"
    with monkeypatch.context() as late:
        late.setattr(reports, lambda *_: [])
        run(project)
    (project.landing / "orders.csv").write_text(GOOD.replace("5", "7"))
    (load,) = run(project).loads
    assert load.version == 2
    assert landed(project) == []


def test_what_takes_its_place_at_the_last_moment_is_not_taken_for_it(make_project, tmp_path):
    path = tmp_path / "landing" / "a.csv"
    path.parent.mkdir()
    path.write_text("one")
    status = path.stat()
    look = (status.st_size, status.st_mtime_ns, status.st_ctime_ns, 0)
    file = clearing.Finished("a.csv", look, "0" * 64, "2026-01-31")
    rename = Path.rename

    def replaced(self, target):
        self.write_text("another")
        return rename(self, target)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Path, "rename", replaced)
        assert not clearing.clear(file, path.parent, None)
    assert path.read_text() == "another"
    assert [each.name for each in path.parent.iterdir()] == ["a.csv"]


KILLED = """
import os, signal, sys
from pathlib import Path
from flows import endings, project
from flows.run import run
from ingest import clearing, sightings

def kill(*args, **kwargs):
    os.kill(os.getpid(), signal.SIGKILL)

match sys.argv[2]:
    case "before": clearing.clear = kill
    case "aside": clearing._put = kill
    case "after":
        follow = sightings.follow
        sightings.follow = lambda con, run, arrival, landed: landed and kill()
run(project.read(Path(sys.argv[1])))
"""


@pytest.mark.parametrize("after_commit", ["archive", "delete"])
@pytest.mark.parametrize("point", ["before", "aside", "after"])
def test_a_clearing_that_is_killed_is_finished_by_the_next_run(make_project, point, after_commit):
    project = make_project({"orders.csv": GOOD, "customers.csv": "code\na\n"})
    run(project)
    settings = project.directory / "pratique.yaml"
    settings.write_text(f"after_commit: {after_commit}\n")
    killed = subprocess.run([sys.executable, "-c", KILLED, settings, point], check=False)
    assert killed.returncode == -9
    project = make_project(after_commit=after_commit)
    summary = run(project)
    assert (summary.loads, summary.problems) == ((), ())
    assert {name: one.seen for name, one in listed(project).items()} == {
        "orders.csv": "cleared",
        "customers.csv": "cleared",
    }
    assert not list(project.landing.iterdir())
    assert len(archived(project)) == (2 if after_commit == "archive" else 0)


def test_what_cannot_be_moved_is_told_and_stops_nothing(make_project):
    project = make_project({"orders.csv": GOOD}, after_commit="archive")
    project.archive.write_text("in the way")
    summary = run(project)
    assert summary.loads[0].stage == "published"
    assert len(summary.problems) == 1
    assert summary.problems[0].startswith("1 file could not be taken out of ")
    assert summary.exit_code() is ExitCode.FAILED
    project.archive.unlink()
    assert run(project).problems == ()
    assert (landed(project), archived(project).keys()) == ([], {"orders.csv"})


def test_an_archive_on_another_disk_gets_a_copy(tmp_path):
    shm = Path("/dev/shm")
    if not shm.is_dir() or shm.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("there is but one disk")
    path = tmp_path / "a.csv"
    path.write_text("one")
    status = path.stat()
    look = (status.st_size, status.st_mtime_ns, status.st_ctime_ns, 0)
    archive = shm / f"pratique-{os.getpid()}"
    try:
        file = clearing.Finished("a.csv", look, "0" * 64, "2026-01-31")
        assert clearing.clear(file, tmp_path, archive)
        assert not list(tmp_path.iterdir())
        assert [each.read_text() for each in archive.rglob("*.csv")] == ["one"]
    finally:
        shutil.rmtree(archive, ignore_errors=True)


def test_an_archive_in_the_landing_directory_is_refused(make_project):
    with pytest.raises(ProjectInvalid, match="must not be in the landing directory"):
        make_project(archive="landing/archive")
