"""Staging: one row a record, whatever the supplier sent."""

import json
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from ingest import frames
from ingest.areas import attach
from ingest.columns import Column
from ingest.errors import FileUnreadable
from ingest.formats.known import FORMATS, format_of
from ingest.landing import DATA_SUFFIXES
from ingest.names import ENDINGS
from ingest.source import Csv
from ingest.staged import sound_records
from ingest.staging import stage as stage_file


def rows(con, staged):
    return con.sql(sound_records(staged, lambda column: f"{column}__castable")).fetchall()


def rejects(con, staged):
    sql = f"SELECT line, raw, reason FROM {staged.area.table('rejects')} ORDER BY number"
    return con.sql(sql).fetchall()


@pytest.mark.parametrize(
    ("name", "data", "records", "sound"),
    [
        ("a.csv", b"id,name,day\n1,x,\n2,,\n", 2, [(1, 1, "x"), (2, 2, None)]),
        ("a.csv", b"\xef\xbb\xbfid,name\n1,x\n", 1, [(1, 1, "x")]),
        ("a.csv", b"name,id\nx,1\n", 1, [(1, 1, "x")]),
        ("a.csv", b"ID,name\n1,x\n2\n", 2, [(1, 1, "x")]),
        ("a.csv", b"id;name\n1;a,b\n", 1, [(1, 1, "a,b")]),
        ("a.csv", b"id\tname\n1\tx\n", 1, [(1, 1, "x")]),
        ("a.csv", b"id,name\r\n1,x\r\n2,y\r\n", 2, [(1, 1, "x"), (2, 2, "y")]),
        ("a.csv", b"id,name\r1,x\r2,y\r", 2, [(1, 1, "x"), (2, 2, "y")]),
        ("a.csv", b"id,name\n1,x\r\n2,y\n3,z\r", 3, [(1, 1, "x"), (2, 2, "y"), (3, 3, "z")]),
        ("a.csv", b'id,name\n1,"x\ny"\n\n2,"q""q"\n', 2, [(1, 1, "x\ny"), (2, 2, 'q"q')]),
        ("a.csv", b'id,name\n1,5" pipe\n', 1, [(1, 1, '5" pipe')]),
        ("a.csv", b"id,name\n1,x", 1, [(1, 1, "x")]),
        ("a.csv", b'id,name,"a\rb"\n1,x,y\n', 1, [(1, 1, "x")]),
        ("a.csv", b"id,name\n1,x\n2\n3,y\n", 3, [(1, 1, "x"), (3, 3, "y")]),
        ("a.csv", b"id,name\n1,x\n2,y,z\n3,y\n", 3, [(1, 1, "x"), (3, 3, "y")]),
        ("a.csv", b'id,name\n1,"x\n2,y\n3,z\n', 3, [(2, 2, "y"), (3, 3, "z")]),
        ("a.csv", b"id,name\n1,x\0\n2,y\n", 2, [(2, 2, "y")]),
        ("a.csv", b"id,name\n1,\xff\n2,y\n", 2, [(2, 2, "y")]),
        ("a.csv", b"id,name\n", 0, []),
        ("a.csv", b'id,name,select "x"; --\n1,x,2\n', 1, [(1, 1, "x")]),
        (
            "a.jsonl",
            b'{"id": 1, "name": "x"}\n{"name": "y", "id": 2}\n',
            2,
            [(1, 1, "x"), (2, 2, "y")],
        ),
        (
            "a.jsonl",
            b'{"id": 1, "name": "x"}\n{"id": 2,\n{"id": 3, "name": null}',
            3,
            [(1, 1, "x"), (3, 3, None)],
        ),
        (
            "a.jsonl",
            b'{"id": 1, "name": "\xff"}\n{"id": 2, "name": "y"}\n',
            2,
            [(2, 2, "y")],
        ),
        (
            "a.json",
            b'[{"id": 1, "name": "x"},\n {"id": 2, "name": "[,]"}]',
            2,
            [(1, 1, "x"), (2, 2, "[,]")],
        ),
        ("a.json", b'[{"id": 1, "name": "x"}, {"id": 2, "na', 2, [(1, 1, "x")]),
        ("a.json", b'[{"id": 1, "name": "x"}, 5, {"id": NaN, "name": "y"}]', 3, [(1, 1, "x")]),
        ("a.json", b'[{"id": 1, "name": "x", "id": 2}, {"id": 1, "name": "x",}]', 2, []),
        ("a.json", b'[{"id": 1, "ID": 3, "name": "x", "": 4, "a/b": 5}]', 1, [(1, 1, "x")]),
    ],
)
def test_sound_records_are_staged_and_the_others_kept(con, stage, name, data, records, sound):
    staged = stage(data, name)
    assert staged.readable
    assert staged.records == records
    assert [row[:1] + row[2:4] for row in rows(con, staged)] == sound
    assert staged.rejected == records - len(sound) == len(rejects(con, staged))
    blob = Path(staged.framed)
    assert FORMATS[staged.format].count(blob, staged.dialect, blob.parent) == records


@pytest.mark.parametrize(
    ("name", "data", "line", "raw", "reason"),
    [
        ("a.csv", b"id,name\n1,x\n2\n", 3, "2", "it has 1 field where 2 are expected"),
        ("a.csv", b'id,name\n1,"x\n2,y\n', 2, '1,"x', "a quote is opened and not closed"),
        ("a.csv", b"id,name\n1,\xffz\n", 2, "1,\\xffz", "byte 3 of the line (0xff) is not UTF-8"),
        ("a.jsonl", b'{"id": 1}\n\n[1]\n', 3, "[1]", "it is [1], not an object"),
        ("a.json", b'[\n{"id":1,"id":2}]', 2, '{"id":1,"id":2}', 'the key "id" stands in it twice'),
        ("a.json", b'[{"id":-}]', 1, '{"id":-}', "it is not valid JSON: invalid number"),
    ],
)
def test_a_reject_says_where_it_stands_and_why(con, stage, name, data, line, raw, reason):
    ((found, text, why),) = rejects(con, stage(data, name))
    assert (found, text) == (line, raw)
    assert why.startswith(reason)


@pytest.mark.parametrize(
    ("name", "data", "code", "message"),
    [
        ("a.csv", b"", "empty-file", "the file is empty: not even a header"),
        ("a.csv", b"id\n1\n", "missing-column", "the column name is missing; the file has id"),
        (
            "a.jsonl",
            b'{"id": 1}\n',
            "missing-column",
            "the column name is missing; the file has id",
        ),
    ],
)
def test_a_file_that_cannot_be_judged_says_so(stage, name, data, code, message):
    staged = stage(data, name)
    assert not staged.readable
    assert [(error.code, error.message) for error in staged.errors] == [(code, message)]


def test_odd_headers_are_named_and_reported(con, stage, source):
    staged = stage(b"id,name,name,\n1,x,y,z\n", "a.csv", source())
    assert staged.fields == ("id", "name", "name__3", "column_4")
    assert [error.code for error in staged.errors] == ["duplicate-header", "blank-header"]


def test_what_the_contract_does_not_know_is_rescued(con, stage):
    staged = stage(b'id,name,select "x"; --\n1,x,2\n', "a.csv")
    found = con.sql(f"SELECT _rescued FROM {staged.area.table('records')}").fetchall()
    assert found == [('{"select \\"x\\"; --":"2"}',)]


def test_a_cell_that_cannot_be_cast_leaves_the_others_alone(con, stage):
    staged = stage(b"id,name,day\n1,x,2024-01-01\ny,z,2024-13-01\n")
    assert [row[5:] for row in rows(con, staged)] == [(True, True), (False, False)]
    found = con.sql(f"SELECT c1, _text FROM {staged.area.table('records')}").fetchall()
    assert found == [("x", None), ("z", ["y", "z", "2024-13-01"])]


def test_a_file_without_a_header_is_read_in_the_order_of_the_contract(con, stage, source):
    staged = stage(b"1,x,2024-01-01\n", "a.csv", source(format=Csv(header=False)))
    assert [row[2:4] for row in rows(con, staged)] == [(1, "x")]


@pytest.mark.parametrize(
    ("format", "data", "name"),
    [
        (Csv(null_values=("NA",)), b"id,name\n1,NA\n", None),
        (Csv(null_values=()), b"id,name\n1,\n", ""),
        (Csv(skip=2), b'a "title\n\nid,name\n1,x\n', "x"),
        (Csv(escape="\\"), b'id,name\n1,"a\\"b,\nc"\n', 'a"b,\nc'),
        (Csv(delimiter="||"), b"id||name\n1||x|y\n", "x|y"),
        (Csv(quote=""), b'id,name\n1,"x\n', '"x'),
    ],
)
def test_the_contract_says_how_a_file_is_written(con, stage, source, format, data, name):
    staged = stage(data, "a.csv", source(format=format))
    assert [row[3] for row in rows(con, staged)] == [name]


def test_a_lasting_area_is_found_again_and_not_parsed_again(con, tmp_path, source):
    blob = tmp_path / "blob"
    blob.write_bytes(b"id,name\n1,x\n2\n")
    with pytest.raises(KeyError), attach(con, "s", tmp_path / "staging", lasting=True) as first:
        staged = stage_file(con, blob, "csv", source(), first)
        raise KeyError
    blob.write_bytes(b"unreadable now")
    with attach(con, "s", tmp_path / "staging", lasting=True) as second:
        assert stage_file(con, blob, "csv", source(), second) == staged
        changed = source(columns=(Column(name="id"),))
        assert stage_file(con, blob, "csv", changed, second) != staged
    assert not (tmp_path / "staging" / "s").exists()


def test_a_suffix_that_nobody_knows_is_refused(source):
    with pytest.raises(FileUnreadable, match=r"a\.xyz: no format goes by \.xyz; known are \.csv"):
        format_of("a.xyz", source())
    assert format_of("a.xyz", source(format=Csv())) == "csv"


def test_the_walk_knows_every_suffix_of_a_data_file():
    suffixes = [suffix for format in FORMATS.values() for suffix in format.suffixes]
    assert sorted(DATA_SUFFIXES) == sorted([*suffixes, *ENDINGS])


@pytest.mark.parametrize("name", ["a.csv.gz", "A.TSV.ZST", "jan.zip/a.csv", "a.txt.bz2.xz"])
def test_a_format_is_known_by_what_is_compressed(source, name):
    assert format_of(name, source()) == "csv"


def test_a_blank_line_of_a_single_column_is_an_empty_record(con, stage, source):
    staged = stage(b"\nname\nx\n\ny\n\n", "a.csv", source(columns=(Column(name="name"),)))
    assert [row[2] for row in rows(con, staged)] == ["x", None, "y", None]
    assert staged.records == 4


@pytest.mark.parametrize("name", ["a.csv", "a.json", "a.jsonl"])
def test_a_record_without_an_end_is_not_waited_for(con, stage, name, monkeypatch):
    for module in ("csv_framing", "json_framing", "json_salvage"):
        monkeypatch.setattr(f"ingest.formats.{module}.LONGEST_RECORD", 1 << 16)
    monkeypatch.setattr(frames.chunks, "__defaults__", (0, 1 << 14))
    opening = {"a.csv": b'id,name\n1,"', "a.json": b'[{"id": 1, "name": "'}.get(name, b'{"x": "')
    staged = stage(opening + b"x" * (1 << 18), name)
    assert staged.rejected == staged.records >= 1
    raw = staged.raw_records(con, np.arange(1, staged.records + 1))
    assert max(len(text) for table in raw for text in table["raw"].to_pylist()) < 1 << 17


@pytest.mark.parametrize("size", [70_000, 300_000])
@pytest.mark.parametrize("name", ["a.json", "a.jsonl"])
def test_a_record_that_is_too_long_takes_no_neighbour_with_it(con, stage, name, size, monkeypatch):
    for module in ("json", "json_framing", "json_salvage", "json_screening"):
        monkeypatch.setattr(f"ingest.formats.{module}.LONGEST_RECORD", 1 << 16)
    for module in ("json_framing", "json_screening"):
        monkeypatch.setattr(f"ingest.formats.{module}.PIECE", 1 << 14)
    records = [json.dumps({"id": i, "name": "x" * (size if i == 50 else 9)}) for i in range(100)]
    data = f"[{','.join(records)}]" if name == "a.json" else "\n".join(records)
    staged = stage(data.encode(), name)
    assert [row[2] for row in rows(con, staged)] == [*range(50), *range(51, 100)]
    _, texts, reasons = zip(*rejects(con, staged), strict=True)
    assert "".join(texts).strip(",") == records[50]
    assert set(reasons) == {"it is longer than 16 MB"}


def test_a_long_text_in_json_is_not_remembered_letter_by_letter(stage):
    tracemalloc.start()
    staged = stage(b'[{"id": x, "name": "' + b"x" * 1_000_000 + b'"}, {"id": 2}]', "a.json")
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (staged.records, staged.rejected) == (2, 1)
    assert most < 30_000_000


def test_a_staging_area_that_cannot_be_read_is_made_anew(tmp_path, con):
    (tmp_path / "staging_1").mkdir()
    (tmp_path / "staging_1" / "staging.duckdb").write_text("no database" * 1000)
    with attach(con, "staging_1", tmp_path, lasting=True) as made:
        con.execute(f"CREATE TABLE {made.table('kept')} AS SELECT 7")
    assert not (tmp_path / "staging_1").exists()
