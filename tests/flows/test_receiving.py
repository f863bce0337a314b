"""What lands: when it is taken, what it is to what is known, and what is told of it."""

import hashlib
import io
import json
import os
import time
import zipfile

import pytest

from flows import inventory, steps
from flows import project as projects
from flows.run import run
from flows.summary import ExitCode
from ingest import blobs, progress
from ingest.readiness import Sidecar

HOUR = 3600
NEW = "id,customer,amount\n1,a,5\n"
OTHER = "id,customer,amount\n2,b,7\n"
DONE = {
    "orders.yaml": 'dataset: orders\nfiles: "orders*.*"\ngate: none\nready: {marker: .done}\n'
    "columns: [{name: id, type: integer}, {name: customer}, {name: amount, type: double}]\n"
}


ONLY_CSV = DONE["orders.yaml"].replace("*.*", "*.csv").replace("ready: {marker: .done}\n", "")


def listed(project):
    """What `pratique files` says of each name: its arrival, and what was last seen of it."""
    with steps.open_warehouse(project) as con:
        return {one.file: one for one in inventory.files(project, con)}


@pytest.fixture
def arrivals(query):
    """Every sighting, in the order in which it was recorded."""
    sql = "SELECT name, arrival FROM pratique.sightings ORDER BY look_id, name"
    return lambda project: query(project, sql)


def drop(project, name, content=NEW, at=None):
    path = project.landing / name
    path.parent.mkdir(exist_ok=True, parents=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    if at:
        os.utime(path, (at, at))
    return path


def zipped(members):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as made:
        for name, content in members.items():
            made.writestr(name, content)
    return archive.getvalue()


def let_time_pass(project):
    """Let the last looks be older than any window."""
    with steps.open_warehouse(project) as con:
        con.execute("UPDATE pratique.sightings SET seen_at = seen_at - INTERVAL 2 HOUR")


def sidecar(project, name, **said):
    drop(project, f"{name}.meta.json", json.dumps(said))


def test_a_file_that_changed_a_moment_ago_waits_until_it_is_left_alone(make_project):
    project = make_project({"orders.csv": NEW}, settle_seconds=HOUR)
    assert run(project).loads == ()
    found = listed(project)["orders.csv"]
    assert (found.arrival, found.error) == ("waiting", "changed a moment ago")
    os.utime(project.landing / "orders.csv", (1, 1))  # an old mtime alone proves nothing
    assert run(project).loads == ()
    let_time_pass(project)
    (load,) = run(project).loads
    assert (load.file, load.loaded) == ("orders.csv", 1)


def test_a_file_that_goes_on_changing_goes_on_waiting(make_project):
    project = make_project({"orders.csv": NEW}, settle_seconds=HOUR)
    run(project)
    let_time_pass(project)
    drop(project, "orders.csv", NEW + "2,a,5\n")
    assert run(project).loads == ()


@pytest.mark.parametrize("marker", [".done", "_SUCCESS", ".meta.json"])
def test_a_marker_says_that_a_file_is_whole(make_project, marker, arrivals):
    contract = {"orders.yaml": DONE["orders.yaml"].replace(".done", marker)}
    project = make_project(contract | {"orders.csv": NEW}, settle_seconds=HOUR)
    beside = marker if marker == "_SUCCESS" else f"orders.csv{marker}"
    assert run(project).loads == ()
    assert listed(project)["orders.csv"].error == f"waits for {beside}"
    drop(project, beside, '{"records": 1}')
    (load,) = run(project).loads
    assert load.loaded == 1
    assert {name for name, _ in arrivals(project)} == {"orders.csv"}


def test_a_marker_of_an_earlier_delivery_says_nothing(make_project, query):
    project = make_project(DONE | {"orders.csv": NEW, "orders.csv.done": ""})
    assert len(run(project).loads) == 1
    marker = (project.landing / "orders.csv.done").stat()
    while drop(project, "orders.csv", OTHER).stat().st_ctime_ns <= marker.st_ctime_ns:
        pass  # the clock of the file system ticks a few hundred times a second
    assert run(project).loads == ()
    said = "is newer than orders.csv.done, which must be put there after it"
    assert query(project, "SELECT said FROM pratique.sightings WHERE arrival = 'waiting'") == [
        (said,)
    ]
    drop(project, "orders.csv.done", "")
    assert run(project).loads[0].version == 2


def test_a_marker_without_its_file_is_told(make_project):
    summary = run(make_project({"orders.csv.done": "", "orders.csv.meta.json": "{}"}))
    assert summary.loads == ()
    alone = "is for orders.csv, which is not there"
    assert summary.ignored == {"orders.csv.done": alone, "orders.csv.meta.json": alone}


def test_a_verified_sidecar_settles_a_file_and_says_when_it_was_made(make_project, query):
    project = make_project({"orders.csv": NEW}, settle_seconds=HOUR)
    digest = hashlib.sha256(NEW.encode()).hexdigest().upper()
    sidecar(project, "orders.csv", records=1, sha256=digest, produced_at="2026-01-02T03:04:05Z")
    assert run(project).loads[0].loaded == 1
    assert query(project, "SELECT make_timestamp_ns(produced_ns)::VARCHAR FROM pratique.files") == [
        ("2026-01-02 03:04:05",)
    ]


def test_a_file_that_is_not_yet_what_its_sidecar_says_is_partial(make_project):
    project = make_project({"orders.csv": NEW}, settle_seconds=HOUR)
    sidecar(project, "orders.csv", sha256="0" * 64)
    assert run(project).loads == ()
    found = listed(project)["orders.csv"]
    assert (found.arrival, "0" * 64 in found.error) == ("waiting", True)


@pytest.mark.parametrize(
    ("said", "figures"),
    [
        ({"records": 3}, ("has 3 records", "it has 1")),
        ({"sha256": "ab" * 32}, ("ab" * 32, hashlib.sha256(NEW.encode()).hexdigest())),
    ],
)
def test_a_file_that_is_not_what_its_sidecar_says_is_held(make_project, said, figures):
    project = make_project({"orders.csv": NEW})
    sidecar(project, "orders.csv", **said)
    summary = run(project)
    (load,) = summary.loads
    assert (load.status, load.loaded, load.skipped) == ("held", 0, 1)
    assert all(figure in load.error for figure in figures)
    assert summary.exit_code() is ExitCode.RED
    assert run(project).loads == ()
    with steps.open_warehouse(project) as con:
        progress.approve(con, load.load_id)
    (approved,) = run(project).loads
    assert (approved.load_id, approved.loaded, approved.grade) == (load.load_id, 1, "amber")


def test_a_sidecar_that_is_mended_lets_its_file_in(make_project):
    project = make_project({"orders.csv": NEW})
    sidecar(project, "orders.csv", records=3)
    (held,) = run(project).loads
    sidecar(project, "orders.csv", records=1)
    (mended,) = run(project).loads
    assert (mended.load_id, mended.loaded, mended.grade) == (held.load_id, 1, "green")
    assert run(project).loads == ()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('{"records": 1', "Invalid JSON"),
        ("", "Invalid JSON"),
        ("[]", "object"),
        ("{}", "says none of"),
        ('{"records": -1}', "records: "),
        ('{"records": true}', "records: "),
        ('{"sha256": "abc"}', "sha256: "),
        ('{"produced_at": "yesterday"}', "produced_at: "),
        ("[" * 70_000, "is longer than"),
    ],
)
def test_a_sidecar_that_says_nothing_is_told(make_project, text, problem):
    project = make_project({"orders.csv": NEW, "orders_2.csv": OTHER})
    drop(project, "orders.csv.meta.json", text)
    summary = run(project)
    assert [load.file for load in summary.loads] == ["orders_2.csv"]
    assert summary.exit_code() is ExitCode.FAILED
    (said,) = summary.problems
    assert said.startswith("orders.csv.meta.json: ")
    assert problem in said
    (project.landing / "orders.csv.meta.json").unlink()
    assert [load.file for load in run(project).loads] == ["orders.csv"]


def test_a_file_that_changes_while_it_is_frozen_is_tried_again_and_then_reported(
    make_project, monkeypatch, arrivals
):
    project = make_project({"orders.csv": NEW, "orders_2.csv": OTHER}, partial_tries=3)
    freeze = blobs.freeze

    def growing(file, store):
        if file.name == "orders.csv":
            with file.path.open("a") as opened:
                opened.write(f"{opened.tell()},a,5\n")
        return freeze(file, store)

    with monkeypatch.context() as patched:
        patched.setattr(blobs, "freeze", growing)
        first, second, third = run(project), run(project), run(project)
    assert [load.file for load in first.loads] == ["orders_2.csv"]
    assert (first.problems, second.problems) == ((), ())
    assert len(third.problems) == 1
    assert third.problems[0].endswith("that was so 3 times by now")
    assert third.exit_code() is ExitCode.FAILED
    assert [each for each in arrivals(project) if each[1] == "partial"] == [
        ("orders.csv", "partial")
    ] * 3
    (whole,) = run(project).loads
    assert (whole.file, whole.loaded) == ("orders.csv", 4)


def test_each_arrival_is_known_and_listed(make_project, query, arrivals):
    project = make_project({"strange.txt": "x"})
    drop(project, "orders_1.csv", NEW, at=1_000_000)
    drop(project, "orders_2.csv", OTHER, at=2_000_000)
    run(project)
    os.utime(project.landing / "orders_1.csv", (3_000_000, 3_000_000))
    drop(project, "orders_2.csv", OTHER.replace("7", "8"), at=3_000_000)
    drop(project, "orders_3.csv", NEW, at=3_000_000)
    drop(project, "orders_0.csv", "id,customer,amount\n9,b,9\n", at=500_000)
    summary = run(project)
    assert {load.file: (load.arrival, load.version) for load in summary.loads} == {
        "orders_0.csv": ("late", 1),
        "orders_2.csv": ("restatement", 2),
    }
    (project.landing / "orders_0.csv").unlink()
    (project.landing / "strange.txt").unlink()
    assert run(project).loads == ()
    found = listed(project)
    assert {name: (one.arrival, one.seen) for name, one in found.items()} == {
        "orders_0.csv": ("late", "vanished"),
        "orders_1.csv": ("new", "touched"),
        "orders_2.csv": ("restatement", "restatement"),
        "orders_3.csv": ("duplicate", "duplicate"),
        "strange.txt": ("vanished", "vanished"),
    }
    assert found["orders_3.csv"].error == "has the content of orders_1.csv"
    assert sorted(query(project, "SELECT id, amount FROM orders")) == [(1, 5), (2, 8), (9, 9)]
    seen = arrivals(project)
    assert run(project).loads == ()
    assert arrivals(project) == seen


def test_a_restatement_supersedes_the_load_before_it(make_project, query):
    project = make_project({"orders.csv": NEW})
    run(project)
    drop(project, "orders.csv", OTHER)
    run(project)
    assert query(project, "SELECT status, error FROM pratique.loads ORDER BY load_id") == [
        ("superseded", "superseded by version 2"),
        ("done", None),
    ]


def test_what_vanished_and_comes_back_is_not_loaded_again(make_project, query):
    project = make_project({"orders.csv": NEW, "strange.txt": "x"})
    run(project)
    aside = project.directory / "aside"
    project.landing.rename(aside)
    project.landing.mkdir()
    run(project)
    assert listed(project)["orders.csv"].seen == "vanished"
    assert query(project, "SELECT count(*) FROM orders") == [(1,)]
    project.landing.rmdir()
    aside.rename(project.landing)
    summary = run(project)
    assert (summary.loads, summary.unclaimed) == ((), ("strange.txt",))
    found = listed(project)
    assert (found["orders.csv"].seen, found["strange.txt"].seen) == ("touched", "unclaimed")


@pytest.mark.skipif(os.getuid() == 0, reason="root reads every directory")
def test_a_directory_that_cannot_be_read_hides_files_and_loses_none(make_project):
    project = make_project({"orders.yaml": DONE["orders.yaml"].replace("orders*", "**/orders*")})
    drop(project, "sub/orders.csv", NEW)
    run(project)
    (project.landing / "sub").chmod(0)
    try:
        run(project)
        assert listed(project)["sub/orders.csv"].seen == "new"
    finally:
        (project.landing / "sub").chmod(0o755)


def customers(codes, **settings):
    return "code\n" + "".join(f"{code}\n" for code in codes)


def test_a_late_file_does_not_replace_what_is_newer(make_project, query):
    project = make_project()
    drop(project, "customers_2.csv", customers("b"), at=2_000_000)
    run(project)
    drop(project, "customers_1.csv", customers("a"), at=1_000_000)
    (late,) = run(project).loads
    assert (late.arrival, late.loaded, late.skipped) == ("late", 0, 1)
    assert query(project, "SELECT code FROM customers") == [("b",)]
    drop(project, "customers_3.csv", customers("a"), at=3_000_000)
    assert run(project).loads[0].loaded == 1
    assert query(project, "SELECT code FROM customers") == [("a",)]


def test_what_came_too_late_keeps_no_other_out(make_project, query):
    project = make_project()
    drop(project, "customers_3.csv", customers("a"), at=3_000_000)
    run(project)
    drop(project, "customers_2.csv", customers("b"), at=2_000_000)
    run(project)
    drop(project, "customers_3.csv", customers("c"), at=1_000_000)
    run(project)
    assert query(project, "SELECT code FROM customers") == [("c",)]


def test_a_late_file_takes_no_key_of_a_newer_one(make_project, query):
    contract = """
dataset: stock
files: stock*.csv
load: merge
key: [id]
columns: [{name: id, type: integer}, {name: n, type: integer}]
"""
    project = make_project({"stock.yaml": contract})
    drop(project, "stock_2.csv", "id,n\n1,20\n2,20\n", at=2_000_000)
    run(project)
    drop(project, "stock_1.csv", "id,n\n1,10\n3,10\n3,11\n", at=1_000_000)
    (late,) = run(project).loads
    assert (late.arrival, late.loaded, late.skipped) == ("late", 1, 2)
    assert query(project, "SELECT id, n FROM stock ORDER BY id") == [(1, 20), (2, 20), (3, 11)]
    drop(project, "stock_3.csv", "id,n\n1,30\n", at=3_000_000)
    run(project)
    assert query(project, "SELECT n FROM stock WHERE id = 1") == [(30,)]


def test_nothing_was_made_after_it_was_seen(make_project):
    project = make_project()
    drop(project, "customers_1.csv", customers("a"), at=9_000_000_000)
    sidecar(project, "customers_1.csv", produced_at="9999-01-01")
    run(project)
    drop(project, "customers_2.csv", customers("b"))
    (load,) = run(project).loads
    assert (load.arrival, load.loaded) == ("new", 1)


def test_a_sidecar_that_is_still_being_written_is_no_problem_yet(make_project):
    project = make_project({"orders.csv": NEW}, settle_seconds=HOUR)
    drop(project, "orders.csv.meta.json", '{"records":')
    summary = run(project)
    assert (summary.loads, summary.problems) == ((), ())
    let_time_pass(project)
    (said,) = run(project).problems
    assert said.startswith("orders.csv.meta.json: ")


def test_a_time_without_a_zone_is_utc(monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        assert (
            Sidecar.model_validate_json('{"produced_at": "1970-01-01T00:00:01"}').produced_ns
            == 10**9
        )
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize("year", [1, 1900, 1970, 2400, 9999])
def test_a_time_may_be_any_and_stops_nothing(make_project, year):
    said = {"produced_at": f"{year:04}-01-01T00:00:00Z"}
    project = make_project({"orders.csv": NEW, "orders_2.csv": OTHER})
    sidecar(project, "orders.csv", **said)
    seconds = (year - 1970) * 365 * 24 * HOUR
    os.utime(project.landing / "orders_2.csv", (max(seconds, 0), seconds))
    assert [load.loaded for load in run(project).loads] == [1, 1]
    drop(project, "orders_3.csv", "id,customer,amount\n3,a,5\n")
    assert [load.file for load in run(project).loads] == ["orders_3.csv"]


def test_what_is_made_when_the_clock_began_was_made_then(make_project, query):
    project = make_project({"orders.csv": NEW})
    sidecar(project, "orders.csv", produced_at="1970-01-01T00:00:00Z")
    run(project)
    assert query(project, "SELECT produced_ns FROM pratique.files") == [(0,)]


def test_members_of_an_archive_are_files_of_their_own(make_project, arrivals):
    members = {"orders_1.csv": NEW, "deep/orders_2.csv": OTHER, "readme.txt": "x", "x.bin": "x"}
    project = make_project({"jan.zip": zipped(members)})
    summary = run(project)
    assert {load.file: load.loaded for load in summary.loads} == {
        "jan.zip/orders_1.csv": 1,
        "jan.zip/deep/orders_2.csv": 1,
    }
    assert summary.unclaimed == ("jan.zip/readme.txt", "jan.zip/x.bin")
    again = run(project)
    assert (again.loads, again.unclaimed) == ((), summary.unclaimed)
    assert len(arrivals(project)) == 4
    drop(project, "jan.zip", zipped(members | {"orders_1.csv": NEW + "3,a,5\n"}))
    (load,) = run(project).loads
    assert (load.file, load.version, load.loaded) == ("jan.zip/orders_1.csv", 2, 2)
    contract = DONE["orders.yaml"].replace("ready: {marker: .done}\n", "")
    contract = contract.replace("orders*.*", "*.txt").replace("orders", "notes")
    (project.contracts / "notes.yaml").write_text(contract)
    found = run(project)
    assert [load.file for load in found.loads] == ["jan.zip/readme.txt"]
    assert found.unclaimed == run(project).unclaimed == ("jan.zip/x.bin",)
    (project.landing / "jan.zip").unlink()
    run(project)
    assert {one.seen for one in listed(project).values()} == {"vanished"}


def test_a_sidecar_of_an_archive_speaks_of_all_that_is_in_it(make_project):
    members = {"orders_1.csv": NEW, "orders_2.csv": OTHER + "3,b,7\n", "readme.txt": "a\nb\n"}
    project = make_project({"orders.yaml": ONLY_CSV, "jan.zip": zipped(members)})
    sidecar(project, "jan.zip", records=4)
    summary = run(project)
    assert [(load.file, load.status) for load in summary.loads] == [
        ("jan.zip/orders_1.csv", "held"),
        ("jan.zip/orders_2.csv", "held"),
    ]
    said = "jan.zip: its sidecar says that it has 4 records, and it has 3"
    assert all(load.error.startswith(said) for load in summary.loads)
    sidecar(project, "jan.zip", records=3)
    assert [load.loaded for load in run(project).loads] == [1, 2]


def test_an_archive_that_is_what_its_sidecar_says_is_loaded(make_project):
    members = {"orders_1.csv": NEW, "orders_2.csv": OTHER, "orders_3.csv": b"\0" * 9 + b"\n"}
    project = make_project({"orders.yaml": ONLY_CSV, "jan.zip": zipped(members)})
    sidecar(project, "jan.zip", records=2)
    assert [(load.status, load.loaded) for load in run(project).loads][:2] == [("done", 1)] * 2


@pytest.mark.parametrize("name", ["orders.csv", "orders_copy.csv"])
@pytest.mark.parametrize("said", [{"records": 30}, {"sha256": "0" * 64}])
def test_a_sidecar_that_comes_too_late_to_hold_its_file_is_told(make_project, name, said, query):
    project = make_project({"orders.csv": NEW})
    run(project)
    drop(project, name)
    sidecar(project, name, **said)
    summary = run(project)
    (problem,) = summary.problems
    assert problem.startswith(
        f"{name}: its sidecar says that it has the sha256 000"
        if "sha256" in said
        else f"{name}: its sidecar says that it has 30 records, and it has 1"
    )
    assert summary.exit_code() is ExitCode.FAILED
    assert query(project, "SELECT count(*) FROM orders") == [(1,)]
    assert run(project).problems == ()
    sidecar(project, name, records=1)
    assert run(project).problems == ()


def test_a_landing_directory_that_is_empty_of_a_sudden_is_told(make_project, query):
    project = make_project({"orders.csv": NEW, "orders_2.csv": OTHER})
    run(project)
    aside = project.landing.rename(project.landing.with_name("aside"))
    project.landing.mkdir()
    summary = run(project)
    (problem,) = summary.problems
    assert problem.startswith(f"{project.landing} is empty, and 2 files were in it")
    assert summary.exit_code() is ExitCode.FAILED
    assert run(project).problems == ()
    project.landing.rmdir()
    aside.rename(project.landing)
    assert run(project).loads == ()
    assert query(project, "SELECT count(*) FROM orders") == [(2,)]


@pytest.mark.parametrize("left", [".keep", "orders_2.csv", "notes.txt"])
def test_a_landing_directory_that_is_cleaned_out_is_no_problem(make_project, left):
    project = make_project({"orders.csv": NEW, "orders_2.csv": OTHER, left: "x,y\n1,2\n"})
    run(project)
    for path in project.landing.iterdir():
        if path.name != left:
            path.unlink()
    assert run(project).problems == ()


def test_an_archive_is_not_unpacked_twice(make_project, monkeypatch):
    project = make_project({"jan.zip": zipped({"orders_1.csv": NEW, "readme.txt": "x"})})
    run(project)
    monkeypatch.setattr("ingest.containers.unpack", None)
    assert run(project).problems == ()


def test_a_damaged_archive_is_held_with_its_reason(make_project):
    project = make_project({"orders.csv.zip": zipped({"orders.csv": NEW})[:-30]})
    summary = run(project)
    (load,) = summary.loads
    assert (load.status, load.loaded, summary.exit_code()) == ("held", 0, ExitCode.RED)
    assert "zip" in load.error


def test_what_is_no_longer_in_an_archive_has_vanished(make_project, query):
    files = {"orders_1.csv": NEW, "orders_2.csv": OTHER}
    project = make_project({"jan.zip": zipped(files)}, settle_seconds=HOUR)
    run(project)
    let_time_pass(project)
    run(project)
    del files["orders_2.csv"]
    drop(project, "jan.zip", zipped(files))
    run(project)
    assert {(name, one.seen) for name, one in listed(project).items()} == {
        ("jan.zip", None),
        ("jan.zip/orders_1.csv", "new"),
        ("jan.zip/orders_2.csv", "new"),
    }
    let_time_pass(project)
    assert run(project).loads == ()
    assert {(name, one.seen) for name, one in listed(project).items()} == {
        ("jan.zip/orders_1.csv", "touched"),
        ("jan.zip/orders_2.csv", "vanished"),
    }
    assert query(project, "SELECT count(*) FROM orders") == [(2,)]
    settings = project.directory / "pratique.yaml"
    settings.write_text("after_commit: delete\n")
    run(projects.read(settings))
    assert not list(project.landing.iterdir())


def test_an_archive_that_vanishes_while_it_is_sent_again_takes_its_members_along(make_project):
    project = make_project(DONE | {"jan.zip": zipped({"orders_1.csv": NEW})})
    contract = project.contracts / "orders.yaml"
    contract.write_text(contract.read_text().replace("orders*.*", "jan.zip"))
    drop(project, "jan.zip.done", "")
    run(project)
    (project.landing / "jan.zip.done").unlink()
    drop(project, "jan.zip", zipped({"orders_1.csv": OTHER}))
    run(project)
    (project.landing / "jan.zip").unlink()
    run(project)
    assert {name: one.seen for name, one in listed(project).items()} == {
        "jan.zip/orders_1.csv": "vanished"
    }


@pytest.mark.parametrize("copied_first", [True, False])
def test_what_was_moved_aside_keeps_its_rows(make_project, copied_first, query):
    project = make_project({"orders_today.csv": NEW + "x,a,5\n"})
    contract = project.contracts / "orders.yaml"
    contract.write_text(contract.read_text() + "gate: none\n")
    run(project)
    drop(project, "orders_yesterday.csv", NEW + "x,a,5\n", at=1_000_000)
    if copied_first:
        run(project)
    drop(project, "orders_today.csv", OTHER)
    run(project)
    rows = "SELECT id, name FROM orders JOIN pratique.files f ON _file_id = file_id ORDER BY id"
    assert query(project, rows) == [(1, "orders_yesterday.csv"), (2, "orders_today.csv")]
    bad = "SELECT file, record_id, status FROM quarantine.orders ORDER BY status"
    ((file_id,),) = query(
        project, "SELECT file_id FROM pratique.files WHERE name = 'orders_yesterday.csv'"
    )
    assert query(project, bad) == [("orders_yesterday.csv", f"{file_id}-2", "quarantined")]
    assert query(project, "SELECT sum(loaded - displaced) FROM pratique.loads") == [(2,)]
    found = listed(project)["orders_yesterday.csv"]
    assert (found.arrival, found.version, found.loaded, found.quarantined) == ("new", 1, 1, 1)
    assert run(project).loads == ()
    drop(project, "orders_yesterday.csv", NEW)
    (load,) = run(project).loads
    assert (load.arrival, load.version) == ("restatement", 2)


@pytest.mark.parametrize("after_commit", ["keep", "delete"])
def test_a_copy_of_what_was_never_loaded_is_loaded_when_nothing_else_is_left_of_it(
    make_project, after_commit
):
    red = NEW.replace("5", "-5")
    project = make_project({"orders_1.csv": red}, after_commit=after_commit)
    assert run(project).loads[0].status == "held"
    drop(project, "orders_2.csv", red)
    assert run(project).loads == ()
    drop(project, "orders_1.csv", OTHER)
    assert [load.file for load in run(project).loads] == ["orders_1.csv"]
    (load,) = run(project).loads
    assert (load.file, load.status) == ("orders_2.csv", "held")
    assert run(project).loads == ()


def test_what_stands_until_a_held_restatement_is_approved_is_there_once(make_project, query):
    project = make_project({"orders_1.csv": NEW})
    run(project)
    drop(project, "orders_1.csv", NEW.replace("5", "-5"))
    (held,) = run(project).loads
    assert held.status == "held"
    drop(project, "orders_2.csv", NEW)
    assert run(project).loads == ()
    with steps.open_warehouse(project) as con:
        progress.approve(con, held.load_id)
    run(project)
    assert query(project, "SELECT name FROM orders JOIN pratique.files ON _file_id = file_id") == [
        ("orders_2.csv",)
    ]
