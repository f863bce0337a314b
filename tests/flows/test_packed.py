"""What is packed, or written otherwise, goes the way of every file, and says where it came from."""

import gzip
import io
import json
import stat
import sys
import zipfile

import pytest

from flows.cli import main
from flows.inspection import find_contract, inspect
from flows.preview import preview
from flows.run import run
from ingest.errors import FileUnreadable
from quality.model import Grade

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

ORDERS = "id,customer,amount\n1,a,5\n2,a,6\n"
DIRTY = ORDERS + "3,a,none\n4,a\n"
CUSTOMERS = "code\na\nMüller\n"


def zipped(*members):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return made.getvalue()


def test_a_run_tells_of_each_member_and_quarantines_by_its_name(make_project, query):
    link = zipfile.ZipInfo("orders_9.csv")
    link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    project = make_project(
        {
            "customers.csv.zst": zstd.compress(CUSTOMERS.encode("utf-16")),
            "jan.zip": zipped(
                ("orders_1.csv", ORDERS),
                ("in/orders_2.csv.gz", gzip.compress(DIRTY.encode(), mtime=0)),
                ("../orders_3.csv", ORDERS),
                (link, "/etc/passwd"),
                ("__MACOSX/._orders_1.csv", "x"),
            ),
        },
        gate="none",
    )
    loads = {load.file: load for load in run(project).loads}
    assert {name: (one.status, one.loaded, one.quarantined) for name, one in loads.items()} == {
        "customers.csv.zst": ("done", 2, 0),
        "jan.zip/orders_1.csv": ("done", 2, 0),
        "jan.zip/in/orders_2.csv.gz": ("done", 2, 2),
        "jan.zip/orders_3.csv": ("held", 0, 0),
        "jan.zip/orders_9.csv": ("held", 0, 0),
    }
    assert "leads out" in loads["jan.zip/orders_3.csv"].error
    assert "symbolic link" in loads["jan.zip/orders_9.csv"].error
    assert query(project, "SELECT code FROM customers ORDER BY 1") == [("Müller",), ("a",)]
    (files,) = query(project, "SELECT list(DISTINCT file) FROM quarantine.orders")
    assert files == (["jan.zip/in/orders_2.csv.gz"],)
    assert all(not load.loaded for load in run(project).loads)


@pytest.mark.parametrize("name", ["orders_1.csv", "orders_1.csv.gz"])
def test_an_archive_that_goes_by_another_name_is_whose_the_name_says(make_project, name):
    project = make_project({"customers.csv": CUSTOMERS, name: zipped(("data.csv", ORDERS))})
    assert [(load.file, load.dataset, load.loaded) for load in run(project).loads] == [
        ("customers.csv", "customers", 2),
        (f"{name}/data.csv", "orders", 2),
    ]


def test_what_a_cut_off_file_holds_is_loaded_and_its_light_is_not_green(make_project):
    packed = gzip.compress("".join(f"{i},a,{i % 7}\n" for i in range(9000)).encode())[:-9]
    data = gzip.compress(b"id,customer,amount\n") + packed
    project = make_project({"customers.csv": CUSTOMERS, "orders.csv.gz": data})
    load = run(project).loads[-1]
    assert 8000 < load.loaded < 9000
    assert load.grade != "green"


def test_a_bomb_that_nobody_claims_is_a_problem(make_project):
    project = make_project(
        {"jan.zip": zipped(("orders.csv", b"0" * 3_000_000))}, limits="{unpacked: 1MB}"
    )
    summary = run(project)
    assert summary.unclaimed == ("jan.zip",)
    (problem,) = summary.problems
    assert problem.startswith("jan.zip: it unpacks to more than")


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("orders.csv.gz", gzip.compress(DIRTY.encode(), mtime=0)),
        ("jan.zip", zipped(("orders.csv", DIRTY))),
        ("orders.csv", DIRTY.encode("utf-16-be")),
        ("orders.jsonl.zst", None),
    ],
)
def test_a_trial_finds_what_a_run_would(make_project, tmp_path, name, data):
    if data is None:
        lines = [f'{{"id": {id}, "customer": "a", "amount": 5}}' for id in (1, 2)]
        data = zstd.compress("\n".join([*lines, '{"id": 3, "amount": "none"}', "{4"]).encode())
    project = make_project({"customers.csv": CUSTOMERS})
    run(project)
    file = tmp_path / name
    file.write_bytes(data)
    contract = find_contract(file, project)
    found = inspect(file, project, contract)
    assert (found.dataset, found.records_in, found.good) == ("orders", 4, 2)
    with preview(file, project, contract) as shown:
        assert len(list(shown.records)) == 3
        assert shown.file == found.file
    file.rename(project.landing / name)
    load = run(project).loads[-1]
    assert (load.file, load.score, load.set_by) == (
        found.file,
        found.score.value,
        found.score.set_by,
    )


def test_one_of_several_members_is_chosen_by_its_path(make_project, tmp_path):
    project = make_project()
    archive = tmp_path / "jan.zip"
    archive.write_bytes(zipped(("in/orders.csv", ORDERS), ("b.json", "[]"), (".a.csv", "x\n")))
    with pytest.raises(
        FileUnreadable, match=r"jan\.zip holds several files; name one of jan\.zip/in/o"
    ):
        inspect(archive, project, None)
    with pytest.raises(FileUnreadable, match=r"x\.csv is not in jan\.zip; name one of"):
        inspect(archive / "x.csv", project, None)
    chosen = archive / "in" / "orders.csv"
    found = inspect(chosen, project, find_contract(chosen, project))
    assert (found.file, found.dataset, found.good) == ("jan.zip/in/orders.csv", "orders", 2)
    assert inspect(archive / ".a.csv", None, None).columns == {"x": "varchar"}
    with pytest.raises(FileNotFoundError):
        inspect(tmp_path / "feb.zip" / "a.csv", project, None)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (gzip.compress(b"id\n1\n", mtime=0)[:-9], "truncated-compression"),
        (gzip.compress(b"id\n1\n", mtime=0)[:-2] + b"xx", "damaged-container"),
        (zipped(("a.csv", "x")) + b"", "unexpected-container"),
        (zipped(), "empty-archive"),
    ],
)
@pytest.mark.parametrize("claimed", [True, False])
def test_what_is_wrong_with_its_packing_is_told(make_project, tmp_path, data, code, claimed):
    project = make_project()
    file = tmp_path / "orders.csv.gz"
    file.write_bytes(data)
    contract = find_contract(file, project) if claimed else None
    found = inspect(file, project, contract)
    assert code in [error.code for error in found.file_errors]
    assert found.score.grade is not Grade.GREEN
    with preview(file, project, contract) as shown:
        assert code in [error.code for error in shown.file_errors]


@pytest.mark.parametrize("command", ["check", "preview"])
def test_the_encoding_is_shown_as_python_knows_it(tmp_path, capsys, command):
    file = tmp_path / "a.csv"
    file.write_bytes("id,name\n1,Müller\n".encode("latin-1"))
    with pytest.raises(SystemExit):
        main([command, str(file), "--json"])
    shown = json.loads(capsys.readouterr().out)
    assert shown["encoding"] == "cp1252"
    assert shown["dialect"]["encoding_known_by"] == "detected"
