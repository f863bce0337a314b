"""Records of a CSV file are found where Python's csv module finds them."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest import frames as framing
from ingest.formats.csv_dialect import Dialect
from ingest.formats.csv_framing import frames
from ingest.formats.csv_screening import fitted, screen

CELL = st.text(st.sampled_from('ab ,";|\n\r\t€'), max_size=6)


def texts(blob: Path, dialect: Dialect) -> list[str]:
    return [
        frame.data[a:b].decode()
        for frame in frames(blob, dialect)
        for a, b in zip(frame.starts, frame.ends, strict=True)
    ]


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.lists(CELL, min_size=2, max_size=4), max_size=6),
    st.sampled_from(["\n", "\r\n"]),
    st.integers(1, 40),
    st.booleans(),
)
def test_well_formed_records_are_found_whatever_the_chunk(
    tmp_path_factory, rows, newline, size, all_quoted
):
    if not all_quoted:  # csv.writer leaves a lone carriage return bare, which ends a record
        rows = [[cell.replace("\r", "") for cell in row] for row in rows]
    out = io.StringIO()
    quoting = csv.QUOTE_ALL if all_quoted else csv.QUOTE_MINIMAL
    csv.writer(out, lineterminator=newline, quoting=quoting).writerows(rows)
    blob = tmp_path_factory.mktemp("blob") / "b"
    blob.write_bytes(out.getvalue().encode())
    original = framing.chunks
    try:
        frames.__globals__["chunks"] = lambda path, start: original(path, start, size)
        found = texts(blob, Dialect(header=False))
    finally:
        frames.__globals__["chunks"] = original
    assert [next(csv.reader([text], strict=True)) for text in found] == rows


@pytest.mark.parametrize(
    ("data", "expected", "reasons"),
    [
        ("a,b\n1,2\n3\n4,5\n", "1,2|#0,|4,5", ["it has 1 field where 2 are expected"]),
        ("a,b\n1,2,3\n4,5\n", "#0,|4,5", ["it has 3 fields where 2 are expected"]),
        ('a,b\n1,"2\n3,4\n5,6\n', "#0,|3,4|5,6", ["a quote is opened and not closed"]),
        ('a,b\n1,"2"x\n3,4', "#0,|3,4", ["text follows a closing quote"]),
        ('a,b\n1,"2\n3"\n4,5\n', '1,"2\n3"|4,5', []),
        ('a,b\n1,"2\n3",x\n4,5\n', "#0,|4,5", ["it has 3 fields where 2 are expected"]),
        (
            'a,b\n1,"2\n3,4\n",x\n4,5\n',
            "#0,|3,4|#1,|4,5",
            ["a quote is opened and not closed"] * 2,
        ),
        ('a,b\n1,5" pipe\n', '1,5" pipe', []),
        ("a,b\n1,x\0y\n3,4\n", "#0,|3,4", ["it holds a NUL byte, at byte 4 of the line"]),
        (b"a,b\n1,\xff\n3,4\n", "#0,|3,4", ["byte 3 of the line (0xff) is not UTF-8"]),
        ("a,b\n1,2\r\n3,4\r5,6\n", "1,2|3,4|5,6", []),
        ("a,b\n\n1,2\r\n\r\n\n3,4\n\r\r", "1,2|3,4", []),
        ("a,b\r\n1,2\r\n3\r\n", "1,2|#0,", ["it has 1 field where 2 are expected"]),
        ('"a\nx",b\n1,2\n', "1,2", []),
        ('a,b\n 1,  "2,3"  \n  4,  5"\n', ' 1,"2,3"|  4,  5"', []),
        (
            'a,b\n1,"2\n3,4\n5,"6\n7,8\n',
            "#0,|3,4|#1,|7,8",
            ["a quote is opened and not closed"] * 2,
        ),
    ],
)
@pytest.mark.parametrize("size", [3, 7, 1 << 20])
def test_screening_costs_a_bad_record_and_never_its_neighbours(
    tmp_path, monkeypatch, data, expected, reasons, size
):
    blob = tmp_path / "b"
    blob.write_bytes(data if isinstance(data, bytes) else data.encode())
    dialect = Dialect(width=2, screened=True)
    monkeypatch.setitem(
        fitted.__globals__, "chunks", lambda path, start: framing.chunks(path, start, size)
    )
    copy = io.BytesIO()
    rejects = list(screen(blob, dialect, copy, "#"))
    assert copy.getvalue().decode() == "".join(
        f"{line}\n" for line in ["header", *filter(None, expected.split("|"))]
    )
    assert [reject.reason for reject in rejects] == reasons
    lines = blob.read_bytes().replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    for reject in rejects:
        assert lines[reject.line - 1] == blob.read_bytes()[reject.byte :].splitlines()[0]
