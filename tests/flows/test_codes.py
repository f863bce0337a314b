"""Every code is told of a real file, in the words of the catalogue, and no other code is told."""

import ast
import gzip
import io
import json
import re
import zipfile
from functools import cache
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from flows.inspection import find_contract, inspect
from flows.run import run
from ingest.codes import CODES, GROUPS, Effect, of_record
from ingest.codes.docs import PAGE, page
from ingest.formats.excel_package import OLE

ROOT = Path(__file__).parents[2]
OTHER_WORDS = re.compile(r"utf-.*|new-table")
"""What looks like a code and is none, in modules that tell codes."""
SALES = """
dataset: sales
files: "sales*"
{more}
columns:
  - {{name: id, type: integer}}
  - {{name: name, required: false}}
"""
UTF8 = "format: {type: csv, encoding: utf-8}"
CSV = "id,name\n1,a\n2,b\n3,c\n"


def contract(more=""):
    return SALES.format(more=more)


def frozen(**modes):
    return contract(f"schema_contract: {json.dumps(modes)}")


def zipped(*members, times=1):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in members:
            archive.writestr(name, CSV)
    for _ in range(times - 1):
        inner, made = made.getvalue(), io.BytesIO()
        with zipfile.ZipFile(made, "w") as archive:
            archive.writestr("inner.zip", inner)
    return made.getvalue()


def patched(data, mark, offset, new):
    """Write other bytes in the place of some after each mark."""
    changed = bytearray(data)
    for found in re.finditer(re.escape(mark), data):
        changed[found.start() + offset : found.start() + offset + len(new)] = new
    return bytes(changed)


def workbook(*rows, sheets=("Orders",), merged=None):
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        for name in sheets:
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                for column, value in enumerate(row):
                    sheet.write(number, column, value)
            if merged:
                sheet.merge_range(merged, "id")
    return made.getvalue()


def uncomputed():
    book = workbook(("id", "name"), (1, "=A2"))
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            new.writestr(name, re.sub(rb"</f><v>.*?</v>", b"</f>", old.read(name)))
    return made.getvalue()


@cache
def parquet():
    made = io.BytesIO()
    pq.write_table(pa.table({"id": [1, 2], "name": ["a", "b"]}), made)
    return made.getvalue()


def blown_up():
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("[Content_Types].xml", "")
        book.writestr("_rels/.rels", f"<r>{' ' * (65 << 20)}</r>")
    return made.getvalue()


CUSTOMERS = contract().replace("name, required: false", "customer_id, required: %s")
SAMPLES = {
    "missing-column": (CSV.replace("name", "cust_id"), "sales.csv", CUSTOMERS % "true"),
    "renamed-column": (CSV.replace("name", "cust_id"), "sales.csv", CUSTOMERS % "false"),
    "unknown-column": ("id,name,coupon\n1,a,x\n", "sales.csv", contract()),
    "frozen-column": ("id,name,coupon\n1,a,x\n", "sales.csv", frozen(columns="freeze")),
    "changed-type": ("id,name\n2024-01-01,a\n", "sales.csv", contract()),
    "frozen-type": ("id,name\n1,a\na lot,b\n", "sales.csv", frozen(types="freeze")),
    "frozen-table": (CSV, "sales.csv", frozen(tables="freeze")),
    "empty-file": ("", "sales.csv", contract()),
    "mixed-line-endings": (CSV + "4,d\r\n", "sales.csv", contract()),
    "encoding-differs": (
        CSV.encode("utf-16"),
        "sales.csv",
        contract("format: {type: csv, encoding: cp1252}"),
    ),
    "blank-header": ("id,name,\n1,a,\n", "sales.csv", contract()),
    "duplicate-header": ("id,name,name\n1,a,b\n", "sales.csv", contract()),
    "no-header": ("1,a\n2,b\n3,c\n", "sales.csv", contract()),
    "unsure-header": ("Ada,Ross\nBob,Gill\n", "people.csv", None),
    "ragged-header": ("id,name,x\n1,a,b,c\n2,b,c,d\n", "sales.csv", contract()),
    "repeated-header": ("id,name\n1,a\n2,b\nid,name\n3,c\n", "sales.csv", contract()),
    "records-in-quotes": ('id,name,day\n1,"a,x\n2,b,y\n3,c",z\n', "sales.csv", contract()),
    "several-headers": ("length,mass\nm,kg\n1,2\n3,4\n", "masses.csv", None),
    "preamble": ("Orders of May\n\nid,name\n1,a\n2,b\n", "sales.csv", contract()),
    "footnote": (CSV + "Source: the warehouse\n", "sales.csv", contract()),
    "total-row": (CSV + "Total,6\n", "sales.csv", contract()),
    "cut-off": (CSV.replace("3,c\n", "3"), "sales.csv", contract()),
    "truncated-array": ('[{"id": 1}, {"id": 2}', "sales.json", contract()),
    "no-records": (
        '{"items": [{"id": 1}]}',
        "sales.json",
        contract("format: {type: json, records: data.items}"),
    ),
    "records-within": ('{"data": {"items": [{"id": 1}]}}', "sales.json", contract()),
    "not-parquet": (CSV, "sales.parquet", contract()),
    "truncated-file": (parquet()[:-9], "sales.parquet", contract()),
    "damaged-file": (b"PK" + bytes(40), "sales.xlsx", contract("format: {type: excel}")),
    "encrypted-file": (b"PARE" + bytes(40), "sales.parquet", contract()),
    "not-excel": (CSV, "sales.xlsx", contract()),
    "old-excel": (OLE + bytes(100), "sales.xls", contract()),
    "unknown-sheet": (
        workbook(("id",)),
        "sales.xlsx",
        contract("format: {type: excel, sheet: Returns}"),
    ),
    "several-sheets": (
        workbook(("id",), (1,), sheets=("Orders", "Notes")),
        "sales.xlsx",
        contract(),
    ),
    "merged-header": (workbook((), (1, 2), merged="A1:B1"), "sales.xlsx", contract()),
    "merged-cells": (workbook(("id",), merged="A2:A3"), "sales.xlsx", contract()),
    "missing-value": (uncomputed(), "sales.xlsx", contract()),
    "decompression-bomb": (blown_up(), "sales.xlsx", contract()),
    "unexpected-container": (gzip.compress(CSV.encode()), "sales.csv", contract()),
    "not-a-container": (CSV, "sales.csv.gz", contract()),
    "truncated-compression": (gzip.compress(CSV.encode(), 0)[:-11], "sales.csv.gz", contract()),
    "trailing-bytes": (gzip.compress(CSV.encode()) + b"more", "sales.csv.gz", contract()),
    "damaged-container": (
        patched(zipped("sales.csv"), b"PK\1\2", 16, b"XXXX"),
        "a.zip",
        contract(),
    ),
    "empty-archive": (zipped(), "sales.zip", contract()),
    "unsafe-member": (zipped("../sales.csv"), "a.zip", contract()),
    "duplicate-member": (
        patched(zipped("sales.csv", "sale2.csv"), b"sale2", 0, b"sales"),
        "a.zip",
        contract(),
    ),
    "encrypted-member": (
        patched(patched(zipped("sales.csv"), b"PK\1\2", 8, b"\1"), b"PK\3\4", 6, b"\1"),
        "a.zip",
        contract(),
    ),
    "unsupported-compression": (
        patched(zipped("sales.csv"), b"PK\1\2", 10, b"\x61"),
        "a.zip",
        contract(),
    ),
    "foreign-container": (
        b"sales.csv" + bytes(248) + b"ustar" + bytes(250),
        "sales.tar",
        contract(),
    ),
    "nested-too-deep": (zipped("sales.csv", times=4), "sales.zip", contract()),
    "too-many-members": (zipped("1", "2", "3"), "sales.zip", contract()),
    "unpacks-too-large": (gzip.compress(bytes(3 << 20)), "sales.csv.gz", contract()),
    "ragged-record": ("id,name\n1,a,b\n2,c\n", "sales.csv", contract()),
    "unclosed-quote": ('id,name\n1,"a\n2,c\n', "sales.csv", contract()),
    "text-after-quote": ('id,name\n1,"a"b\n2,c\n', "sales.csv", contract()),
    "undecodable-record": (b"id,name\n1,\xff\n2,c\n3,d\n", "sales.csv", contract(UTF8)),
    "nul-byte": (b"id,name\n1,a\0\n2,c\n", "sales.csv", contract()),
    "endless-record": ("id,name\n1," + "x" * (17 << 20) + "\n", "sales.csv", contract()),
    "invalid-json": ('{"id": -}\n', "sales.jsonl", contract()),
    "not-an-object": ('{"id": 1}\n[1]\n', "sales.jsonl", contract()),
    "duplicate-key": ('{"id": 1, "id": 2}\n', "sales.jsonl", contract()),
    "unknown-value": ("id,name,coupon\n1,a,x\n", "sales.csv", frozen(columns="discard_row")),
    "more-bad-records": ("id,name\n" + "1\n" * 200, "sales.csv", contract()),
}
LIMITS = {
    "too-many-members": "{members: 2}",
    "unpacks-too-large": "{unpacked: 2MiB}",
}
BY_A_RUN = {"sidecar-sha256", "sidecar-records", "symbolic-link"}
"""Codes about what stands beside a file, each with a test of its own."""


@pytest.fixture
def told(make_project):
    """What a check tells of a file, by its code."""

    def of(data, name, contract, **settings):
        project = make_project({"sales.yaml": contract} if contract else {}, **settings)
        path = project.landing / name
        path.write_bytes(data.encode() if isinstance(data, str) else data)
        return {e.code: e for e in inspect(path, project, find_contract(path, project)).file_errors}

    return of


@pytest.mark.parametrize("name", SAMPLES)
def test_a_code_is_told_in_the_words_of_the_catalogue(told, name):
    limits = {"limits": LIMITS[name]} if name in LIMITS else {}
    errors = told(*SAMPLES[name], **limits)
    assert name in errors, errors
    assert errors.keys() <= CODES.keys()
    assert all(CODES[code].fits(error.message) for code, error in errors.items()), errors
    assert errors[name].message == CODES[name].example
    assert _effect(errors[name]) in CODES[name].effects


def _effect(error):
    if of_record(error.message) == error.code:
        return Effect.RECORD
    if error.fatal:
        return Effect.FATAL
    return Effect.INCOMPLETE if error.incomplete else Effect.TOLD


def test_no_code_lacks_a_sample():
    assert SAMPLES.keys() | BY_A_RUN | {"bad-record"} == CODES.keys()


@pytest.mark.parametrize(
    ("code", "sidecar"),
    [("sidecar-records", {"records": 4}), ("sidecar-sha256", {"sha256": "0" * 64})],
)
def test_what_a_sidecar_says_is_told_in_the_words_of_the_catalogue(make_project, code, sidecar):
    project = make_project({"sales.yaml": contract(), "sales.csv": CSV})
    (project.landing / "sales.csv.meta.json").write_text(json.dumps(sidecar))
    (load,) = (load for load in run(project).loads if load.dataset == "sales")
    assert (load.status, load.error) == ("held", CODES[code].example)
    assert CODES[code].effects == (Effect.DOUBTFUL,)


def test_a_link_is_told_in_the_words_of_the_catalogue(make_project):
    project = make_project({"sales.yaml": contract(), "sales.csv": CSV})
    link = project.landing / "sales_link.csv"
    link.symlink_to(project.landing / "sales.csv")
    (error,) = inspect(link, project, find_contract(link, project)).file_errors
    assert (error.code, error.message) == ("symbolic-link", CODES["symbolic-link"].example)


def test_every_example_is_one_of_the_sentences():
    assert [code.name for code in CODES.values() if not code.fits(code.example)] == []
    assert sum(map(len, GROUPS.values())) == len(CODES)


def test_every_code_is_in_the_catalogue_and_used():
    found = set()
    for path in [*(ROOT / "ingest").rglob("*.py"), *(ROOT / "flows").rglob("*.py")]:
        text = path.read_text(encoding="utf-8")
        if "FileError" in text and path.parent.name != "codes":
            nodes = ast.walk(ast.parse(text))
            words = {str(node.value) for node in nodes if isinstance(node, ast.Constant)}
            found |= {w for w in words if w in CODES or re.fullmatch(r"[a-z]+(-[a-z0-9]+)+", w)}
    codes = {word for word in found if not OTHER_WORDS.fullmatch(word)}
    of_records = {code.name for code in CODES.values() if Effect.RECORD in code.effects}
    assert codes | of_records == CODES.keys()


def test_the_page_is_current():
    assert PAGE.read_text(encoding="utf-8") == page(), "run make docs"


def test_what_operators_are_told_of_codes_is_so():
    told = (ROOT / "docs" / "ingestion.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([a-z]+(?:-[a-z0-9]+)+)`", told))
    assert named
    assert named <= CODES.keys()
