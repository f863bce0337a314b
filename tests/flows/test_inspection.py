"""Inspection: the same verdict as a run's, and nothing written; types and structure without one."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from flows import inspection
from flows.contract import ContractInvalid
from flows.inspection import MOST_BAD_RECORDS, find_contract, inspect
from flows.preview import preview
from flows.project import Project
from flows.run import run
from ingest.errors import FileUnreadable
from ingest.inference import infer
from quality.model import Grade

MakeProject = Callable[..., Project]

ORDERS = "id,customer,amount\n1,a,5\n2,nobody,6\n3,a,none\n4,a\n"


def written(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_the_verdict_is_that_of_a_run(make_project: MakeProject, tmp_path: Path) -> None:
    made = make_project({"customers.csv": "code\na\n"})
    run(made)
    file = written(tmp_path / "orders.csv", ORDERS)
    found = inspect(file, made, find_contract(file, made))
    file.rename(made.landing / "orders.csv")
    (load,) = run(made).loads
    assert (load.score, load.grade, load.set_by) == (
        found.score.value,
        found.score.grade.label,
        found.score.set_by,
    )
    assert (found.records_in, found.good, found.bad) == (4, 1, 3)
    with duckdb.connect(str(made.warehouse), read_only=True) as con:
        history = con.execute(
            'SELECT "check", outcome, failed FROM pratique.results WHERE load_id = ? '
            "ORDER BY rowid",
            [load.load_id],
        ).fetchall()
    assert [(one.check, one.outcome, one.failed) for one in found.checks] == history


def test_nothing_is_written(make_project: MakeProject) -> None:
    made = make_project({"customers.csv": "code\na\n", "orders.csv": ORDERS})
    file = made.landing / "orders.csv"
    before = sorted(made.directory.rglob("*"))
    inspect(file, made, find_contract(file, made))
    with preview(file, made, None) as shown:
        list(shown.records)
    assert sorted(made.directory.rglob("*")) == before


def test_what_has_not_arrived_is_not_judged(make_project: MakeProject, tmp_path: Path) -> None:
    made = make_project()
    file = written(tmp_path / "orders.csv", ORDERS)
    found = inspect(file, made, find_contract(file, made))
    outcomes = {one.check: one.outcome for one in found.checks}
    assert outcomes["foreign_key(customer)"] == "not_evaluated"


def test_the_document_has_the_agreed_shape(make_project: MakeProject, tmp_path: Path) -> None:
    made = make_project({"customers.csv": "code\na\n"})
    file = written(tmp_path / "orders.csv", ORDERS)
    document = json.loads(
        json.dumps(inspection.document(inspect(file, made, find_contract(file, made))))
    )
    assert document.keys() == {
        *("file", "dataset", "dialect", "encoding", "columns", "records_in", "good", "bad"),
        *("score", "grade", "set_by", "checks", "file_errors"),
        *("published_score", "unwaived_score", "low_volume", "dimensions"),
    }
    assert document["low_volume"]
    assert 0 < document["dimensions"]["validity"] <= 1
    assert document["checks"][0].keys() == {
        *("check", "rule", "column", "severity", "dimension", "outcome", "rows", "failed"),
        "message",
    }
    assert document["file_errors"] == [
        {
            "code": "ragged-record",
            "message": "it has 2 fields where 3 are expected",
            "line": 5,
            "byte": ORDERS.index("4,a"),
        }
    ]


@pytest.mark.parametrize(
    ("name", "content", "dialect", "columns"),
    [
        (
            "a.csv",
            "id;at;price;zip\n1;2024-01-02;1.5;01234\n2;;2;99999\n",
            {"delimiter": ";"},
            {"id": "integer", "at": "date", "price": "double", "zip": "varchar"},
        ),
        (
            "a.jsonl",
            '{"n": 1, "ok": true}\n',
            {"layout": "lines"},
            {"n": "integer", "ok": "boolean"},
        ),
        ("a.json", '[{"n": 1}, {"n": {"a": 1}}]', {"layout": "array"}, {"n": "varchar"}),
        ("export", "a\tb\n1\tx\n", {"delimiter": "\t"}, {"a": "integer", "b": "varchar"}),
        ("dump.dat", '[{"n": null}]', {"layout": "array"}, {"n": "varchar"}),
        ("twice.csv", "a,A,a\n1,x,2\n", {}, {"a": "integer", "A": "varchar", "a__3": "integer"}),
        ("own.csv", "_reject,rowid\n1,x\n", {}, {"_reject": "integer", "rowid": "varchar"}),
    ],
)
def test_any_file_is_told_apart_without_a_contract(
    tmp_path: Path, name: str, content: str, dialect: dict[str, str], columns: dict[str, str]
) -> None:
    found = inspect(written(tmp_path / name, content), None, None)
    assert found.dataset is None
    assert found.columns == columns
    assert dialect.items() <= found.dialect.items()
    assert found.bad == 0
    assert found.score.grade is Grade.AMBER


def test_without_a_contract_the_structure_sets_the_score(tmp_path: Path) -> None:
    found = inspect(written(tmp_path / "a.csv", "a,b\n" + "1,2\n" * 6 + "3\n" * 4), None, None)
    assert (found.records_in, found.good) == (10, 6)
    assert found.score.value == 0.6
    assert inspect(written(tmp_path / "b.csv", "a,b\n"), None, None).score.grade is Grade.NO_DATA
    empty = inspect(written(tmp_path / "c.csv", ""), None, None)
    assert (empty.score.grade, empty.columns) == (Grade.NO_DATA, {})
    assert empty.file_errors[0].code == "empty-file"


def test_of_a_great_many_bad_records_the_rest_is_counted(tmp_path: Path) -> None:
    content = "a,b\n1,2\n" + "3\n" * (MOST_BAD_RECORDS + 7)
    found = inspect(written(tmp_path / "a.csv", content), None, None)
    assert len(found.file_errors) == MOST_BAD_RECORDS + 1
    assert found.file_errors[-1].message == "7 more records do not fit"


def test_what_is_no_text_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(FileUnreadable, match=r"a\.sqlite: no format goes by \.sqlite"):
        inspect(written(tmp_path / "a.sqlite", b"SQLite\0\0"), None, None)


def test_a_cut_array_is_told(tmp_path: Path) -> None:
    found = inspect(written(tmp_path / "a.json", '[{"n": 1}, {"n"'), None, None)
    assert {error.code for error in found.file_errors} == {"truncated-array", "invalid-json"}


def test_a_preview_gives_every_record_as_text(tmp_path: Path) -> None:
    content = b'\xef\xbb\xbfid,note\n1,"a, ""b""\nc"\n2\n3,\n'
    with preview(written(tmp_path / "a.csv", content), None, None) as shown:
        assert shown.columns == ("id", "note")
        assert shown.encoding == "utf-8-sig"
        assert list(shown.records) == [("1", 'a, "b"\nc'), ("3", None)]
        ((_, line, byte, raw, reason),) = shown.rejected
    assert (line, byte, raw) == (4, content.index(b"\n2\n") + 1, "2")
    assert reason == "it has 1 field where 2 are expected"


def test_a_preview_reads_as_the_contract_says(make_project: MakeProject) -> None:
    contract = (
        "dataset: bare\nfiles: 'bare*'\nformat: {type: csv, header: false, null_values: [NA]}\n"
    )
    made = make_project({"bare.yaml": f"{contract}columns: [{{name: a}}, {{name: b}}]\n"})
    file = written(made.landing / "bare.csv", "1,NA\n,x\n")
    with preview(file, made, find_contract(file, made)) as shown:
        assert shown.columns == ("a", "b")
        assert list(shown.records) == [("1", None), ("", "x")]


@pytest.mark.parametrize("named", ["customers", "contracts/customers.yaml"])
def test_a_contract_can_be_named(
    make_project: MakeProject, monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    made = make_project()
    monkeypatch.chdir(made.directory)
    found = find_contract(Path("anything.csv"), made, named)
    assert found
    assert found.dataset == "customers"


def test_a_file_below_the_landing_directory_is_claimed_by_its_path(
    make_project: MakeProject,
) -> None:
    deep = "dataset: deep\nfiles: 'in/*.csv'\ncolumns: [{name: a}]\n"
    made = make_project({"deep.yaml": deep})
    found = find_contract(made.landing / "in" / "x.csv", made)
    assert found
    assert found.dataset == "deep"
    assert find_contract(made.directory / "x.csv", made) is None


@pytest.mark.parametrize(
    ("contract", "named", "said"),
    [
        (
            "dataset: more\nfiles: 'orders*'\ncolumns: [{name: a}]\n",
            None,
            "claimed by more and orders",
        ),
        ("dataset: more\nfiles: 'x*'\n", None, "columns"),
        ("dataset: more\nfiles: 'x*'\ncolumns: [{name: a}]\n", "less", "less: is neither"),
    ],
)
def test_an_unclear_contract_is_not_guessed(
    make_project: MakeProject, contract: str, named: str | None, said: str
) -> None:
    made = make_project({"more.yaml": contract})
    name = "orders.csv" if "orders" in contract else "other.csv"
    with pytest.raises(ContractInvalid, match=said):
        find_contract(Path(name), made, named)


@pytest.mark.parametrize(
    ("values", "type"),
    [
        (["true", "False"], "boolean"),
        (["1", "-5", "0"], "integer"),
        (["1", "3000000000"], "bigint"),
        (["12345678901234567890123"], "hugeint"),
        (["1.5", "2", "1e5"], "double"),
        (["1.23456789012345678"], "varchar"),
        (["1" * 40], "varchar"),
        (["007"], "varchar"),
        (["+49"], "varchar"),
        (["NaN"], "varchar"),
        (["2013-02-07"], "date"),
        (["2013-02-07 10:00:00", "2013-02-08"], "timestamp"),
        (["2013-02-07T10:00:00Z"], "timestamptz"),
        (["05:17:00", "23:59:59.5"], "time"),
        (["123e4567-e89b-12d3-a456-426614174000"], "uuid"),
        (["d41d8cd98f00b204e9800998ecf8427e"], "varchar"),
        (['{"a": 1}', "[]"], "json"),
        (["07.02.2013"], "varchar"),
        ([], "varchar"),
    ],
)
def test_a_type_is_the_narrowest_that_loses_nothing(values: list[Any], type: str) -> None:
    with duckdb.connect() as con:
        con.execute("CREATE TABLE texts AS SELECT unnest($1 || [NULL])::VARCHAR AS t", [values])
        assert infer(con, "texts", ["t"]) == [type]
