"""An audit holds for what was loaded, and finds every way in which it was tampered with."""

import gzip
import io
import json
import shutil

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from flows import project as projects
from flows.cli import main
from flows.reloading import reload
from flows.run import run
from ingest import blobs
from ingest.selection import by_dataset

CONTRACTS = {
    "customers": "files: customers*.csv\nload: replace\ncolumns: [{name: code}]\n",
    "orders": 'files: "orders*.*"\ncolumns:\n  - {name: id, type: integer, checks: [unique]}\n'
    "  - {name: customer}\n  - {name: amount, type: double}\n",
    "prices": "files: prices*.csv\nload: merge\nkey: [item]\n"
    "columns: [{name: item}, {name: price, type: double}]\n",
}


def parquet() -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table({"id": [300, 301], "customer": ["a", "b"], "amount": [1, 2]}), out)
    return out.getvalue()


def excel() -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        for row, values in enumerate([["id", "customer", "amount"], [500, "a", 1], ["z", "b", 2]]):
            sheet.write_row(row + 3, 0, values)
    return out.getvalue()


HEAD = "id,customer,amount\n"
FILES = (
    {
        "customers.csv": "code\na\nb\n",
        "orders_1.csv": HEAD
        + "".join(f"{i},a,5\n" for i in range(50))
        + 'x,a,5\n51,"a,5\n52,zz,5\n49,a,5\n',
        "orders_2.csv.gz": gzip.compress((HEAD + "100,b,7\n101,a,7\nx,a,7\ny,a,7\n").encode()),
        "orders_3.jsonl": '{"id": 200, "customer": "a", "amount": 1}\n{"id": 201, "customer"\n',
        "orders_4.parquet": parquet(),
        "orders_8.xlsx": excel(),
        "orders_5.csv": (HEAD + "400,a,1\n401,é,2\n").encode("utf-16"),
        "orders_6.csv": HEAD,
        "orders_7.csv": "id,name\n1,x\n",
        "orders_9.csv.gz": gzip.compress((HEAD + "600,a,1\n").encode(), mtime=0)[:-2] + b"xx",
        "prices_1.csv": "item,price\na,1\nb,2\nc,3\n",
    },
    {
        "orders_2.csv.gz": gzip.compress((HEAD + "100,b,8\nbad,a,7\n").encode()),
        "customers.csv": "code\na\nb\nc\n",
        "prices_2.csv": "item,price\nb,4\nd,5\nd,6\n",
    },
    {"prices_1.csv": "item,price\na,9\nb,9\n"},
)


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    """A project with some of everything: restated, replaced, merged, held, loaded again."""
    root = tmp_path_factory.mktemp("audited")
    for folder in ("landing", "contracts"):
        (root / folder).mkdir()
    (root / "pratique.yaml").write_text("gate: none\n")
    for name, text in CONTRACTS.items():
        (root / "contracts" / f"{name}.yaml").write_text(f"dataset: {name}\n{text}")
    for files in FILES:
        for name, content in files.items():
            data = content if isinstance(content, bytes) else content.encode()
            (root / "landing" / name).write_bytes(data)
        run(projects.read(root / "pratique.yaml"))
    reload(projects.read(root / "pratique.yaml"), lambda con: by_dataset(con, "orders"))
    reload(projects.read(root / "pratique.yaml"), lambda con: by_dataset(con, "prices"))
    return root


@pytest.fixture
def project(loaded, tmp_path):
    """A copy of it, to be spoiled."""
    shutil.copytree(loaded, tmp_path / "copy")
    return projects.read(tmp_path / "copy" / "pratique.yaml")


def audit(project, capsys, *arguments):
    capsys.readouterr()
    with pytest.raises(SystemExit) as end:
        main(["audit", "--project", str(project.directory), *arguments])
    out, err = capsys.readouterr()
    assert "reading" not in err  # nobody watches
    return end.value.code, out


def found(project, capsys, *arguments):
    code, out = audit(project, capsys, "--json", *arguments)
    document = json.loads(out)
    assert document["ok"] == (code == 0) == (not document["differences"])
    return document


def test_what_was_loaded_holds(project, capsys):
    document = found(project, capsys)
    assert document["differences"] == []
    assert (document["files"], document["strays"]) == (15, [])
    assert document["records"] == 82
    code, out = audit(project, capsys)
    assert code == 0
    assert out.startswith("15 files, ")
    assert out.endswith("bytes, 82 records: all of it is as it should be\n")


def test_tables_of_somebodys_own_are_left_alone(project, capsys):
    tamper(project, "CREATE TABLE main.mine AS FROM main.orders WHERE id < 9")
    assert found(project, capsys)["ok"]


def test_one_dataset_is_audited_alone(project, capsys):
    tamper(project, "DELETE FROM main.orders WHERE id = 7")
    assert found(project, capsys, "--dataset", "prices")["files"] == 3
    assert found(project, capsys, "--dataset", "orders")["differences"]
    assert audit(project, capsys, "--dataset", "nothing")[0] == 3


def test_before_anything_came_all_is_well(project, capsys):
    project.warehouse.unlink()
    shutil.rmtree(project.blobs)
    assert found(project, capsys)["files"] == 0


def tamper(project, sql):
    with duckdb.connect(project.warehouse) as con:
        con.execute(sql)


OF_2 = (
    "(SELECT max(load_id) FROM pratique.loads JOIN pratique.files USING (file_id) "
    "WHERE name = 'orders_2.csv.gz')"
)


FILE_5 = "(SELECT file_id FROM pratique.files WHERE name = 'orders_5.csv')"


@pytest.mark.parametrize(
    ("sql", "codes"),
    [
        ("DELETE FROM main.orders WHERE id = 7", {"missing-rows", "wrong-sum"}),
        ("DELETE FROM main.prices WHERE item = 'a'", {"wrong-sum"}),
        ("DELETE FROM main.customers", {"missing-rows", "wrong-sum"}),
        ("DROP TABLE main.orders", {"missing-rows", "wrong-sum"}),
        (
            "INSERT INTO main.orders FROM main.orders WHERE id = 7",
            {"extra-rows", "twice", "wrong-sum"},
        ),
        (
            "INSERT INTO main.prices (item, _file_id, _load_id, _record_no) "
            "SELECT 'z', _file_id, _load_id, 9 FROM main.prices WHERE item = 'a'",
            {"wrong-number", "wrong-sum"},
        ),
        (
            "UPDATE main.prices SET item = 'a' WHERE item = 'b'",
            {"key-twice"},
        ),
        ("INSERT INTO main.orders (id) VALUES (9)", {"orphan-rows", "wrong-sum"}),
        ("UPDATE main.orders SET _load_id = 99 WHERE id = 7", {"orphan-rows", "missing-rows"}),
        ("UPDATE main.orders SET _record_no = 0 WHERE id = 7", {"wrong-number"}),
        ("UPDATE main.orders SET _record_no = 3 WHERE id = 7", {"twice"}),
        (
            "UPDATE main.orders SET _record_no = 51 WHERE id = 7",
            {"in-both"},
        ),
        ("DELETE FROM quarantine.orders WHERE line = 52", {"wrong-quarantine"}),
        (
            "INSERT INTO quarantine.orders FROM quarantine.orders WHERE line = 52",
            {"twice", "wrong-quarantine"},
        ),
        ("DROP TABLE quarantine.orders", {"wrong-quarantine"}),
        (
            "UPDATE quarantine.orders SET status = 'quarantined' WHERE status = 'superseded'",
            {"stale-rows"},
        ),
        (
            f"UPDATE pratique.loads SET status = 'superseded' WHERE load_id = {OF_2}",
            {"stale-rows"},
        ),
        (
            "UPDATE pratique.loads SET status = 'done' WHERE status = 'superseded'",
            {"two-versions"},
        ),
        (
            "UPDATE pratique.loads SET loaded = loaded - 1, skipped = skipped + 1 "
            f"WHERE load_id = {OF_2}",
            {"extra-rows", "unexplained-skips", "wrong-sum"},
        ),
        (
            f"UPDATE pratique.loads SET records_in = records_in + 1 WHERE load_id = {OF_2}",
            {"unbalanced", "wrong-count"},
        ),
        (
            "UPDATE pratique.loads SET records_in = records_in + 1, skipped = skipped + 1 "
            f"WHERE load_id = {OF_2}",
            {"unexplained-skips", "wrong-count"},
        ),
        (
            "UPDATE pratique.loads SET displaced = displaced + 1 WHERE displaced > 0",
            {"wrong-sum"},
        ),
        (f"DELETE FROM pratique.loads WHERE load_id = {OF_2}", {"orphan-rows"}),
        (f"DELETE FROM pratique.loads WHERE file_id = {FILE_5}", {"no-load", "orphan-rows"}),
        (
            f"DELETE FROM main.orders WHERE _file_id = {FILE_5};"
            f"DELETE FROM pratique.loads WHERE file_id = {FILE_5};"
            "DELETE FROM pratique.files WHERE name = 'orders_5.csv'",
            {"unknown-file"},
        ),
        ("DELETE FROM pratique.files WHERE name = 'orders_3.jsonl'", {"orphan-rows"}),
        (
            'UPDATE pratique.files SET dialect = \'{"format": "csv"}\' '
            "WHERE name = 'orders_1.csv'",
            {"wrong-count"},
        ),
        ("UPDATE pratique.files SET dialect = NULL", {"not-counted"}),
        ("UPDATE pratique.files SET sha256 = NULL WHERE version = 1", {"missing-blob"}),
        ("UPDATE pratique.files SET size = size + 1 WHERE name = 'orders_5.csv'", {"wrong-size"}),
        ("UPDATE pratique.files SET size = NULL WHERE name = 'orders_5.csv'", {"wrong-size"}),
        ("UPDATE pratique.files SET version = 7 WHERE name = 'orders_5.csv'", {"wrong-version"}),
        ("UPDATE pratique.files SET version = NULL", {"wrong-version"}),
        ("UPDATE pratique.files SET name = 'x' WHERE name = 'orders_5.csv'", {"wrong-name"}),
        (f"UPDATE pratique.loads SET status = NULL WHERE load_id = {OF_2}", {"unknown-status"}),
        (f"UPDATE pratique.loads SET stage = 'x' WHERE load_id = {OF_2}", {"unknown-status"}),
        (f"UPDATE pratique.loads SET status = NULL WHERE load_id = {OF_2}", {"stale-rows"}),
        ("UPDATE quarantine.orders SET record_id = 'x' WHERE line = 52", {"wrong-record"}),
        ("UPDATE quarantine.orders SET file = 'x' WHERE line = 52", {"wrong-record"}),
        ("UPDATE quarantine.orders SET version = 9 WHERE line = 52", {"wrong-record"}),
        ("UPDATE quarantine.orders SET status = NULL WHERE line = 52", {"wrong-record"}),
    ],
)
def test_what_was_tampered_with_is_found(project, capsys, sql, codes):
    tamper(project, sql)
    differences = found(project, capsys)["differences"]
    assert codes <= {difference["code"] for difference in differences}
    assert all(difference["message"] for difference in differences)


def blob_of(project, name):
    with duckdb.connect(project.warehouse, read_only=True) as con:
        sql = "SELECT sha256 FROM pratique.files WHERE name = ? ORDER BY version DESC"
        return blobs.locate(con.execute(sql, [name]).fetchall()[0][0], project.blobs)


@pytest.mark.parametrize("name", ["orders_2.csv.gz", "orders_8.xlsx"])
def test_a_blob_that_is_another_or_gone_is_found(project, capsys, name):
    blob = blob_of(project, name)
    blob.write_bytes(blob.read_bytes() + b"9,a,9\n")
    (difference,) = found(project, capsys)["differences"]
    assert (difference["code"], difference["file"]) == ("changed-blob", name)
    blob.unlink()
    (difference,) = found(project, capsys)["differences"]
    assert (difference["code"], difference["file"]) == ("missing-blob", name)
    code, out = audit(project, capsys)
    assert code == 1
    assert name in out
    assert "1 difference" in out


def test_a_blob_of_nothing_is_told(project, capsys):
    (project.blobs / "ab").mkdir(exist_ok=True)
    (project.blobs / "ab" / ("ab" * 32)).write_bytes(b"x")
    (project.blobs / "notes.txt").write_bytes(b"x")
    document = found(project, capsys)
    assert document["strays"] == ["ab/" + "ab" * 32, "notes.txt"]
    assert "notes.txt lies among the blobs" in audit(project, capsys)[1]


def test_what_cannot_be_found_out_is_no_proof(project, capsys):
    project.warehouse.write_bytes(b"no database")
    assert audit(project, capsys) == (3, "")
