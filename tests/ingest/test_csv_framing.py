"""Records of a CSV file are found where Python's csv module finds them."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest import frames as framing
from ingest.formats.csv_dialect import Dialect
from ingest.formats.csv_framing import beginning, frames
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


def test_an_escaped_quote_before_a_delimiter_closes_nothing(tmp_path):
    (tmp_path / "b").write_text('1,"a\\","\n2,",b,"\n')
    dialect = Dialect(header=False, escape="\\")
    assert texts(tmp_path / "b", dialect) == ['1,"a\\","', '2,",b,"']


@pytest.mark.parametrize("size", range(1, 8))
def test_lines_are_skipped_whatever_the_chunk(tmp_path, monkeypatch, size):
    (tmp_path / "b").write_bytes(b"a\r\nbc\r\n\rd\n1\n")
    monkeypatch.setitem(beginning.__globals__, "CHUNK", size)
    assert [beginning(tmp_path / "b", skip) for skip in range(6)] == [0, 3, 7, 8, 10, 12]


@pytest.mark.parametrize("size", range(1, 8))
def test_of_one_column_a_line_ending_in_two_chunks_is_one(tmp_path, monkeypatch, size):
    (tmp_path / "b").write_bytes(b"a\r\n1\r\n\r\n2\r\n")
    monkeypatch.setitem(
        fitted.__globals__, "chunks", lambda path, start: framing.chunks(path, start, size)
    )
    found = list(fitted(tmp_path / "b", Dialect(newline="\r\n", width=1, screened=True)))
    records = [f.data[a:b] for f, _ in found for a, b in zip(f.starts, f.ends, strict=True)]
    assert records == [b"1", b"", b"2"]
    assert sum(len(frame.breaks) for frame, _ in found) == 3


@pytest.mark.parametrize("opened", ["", '"'])
def test_what_has_no_end_comes_in_pieces(tmp_path, monkeypatch, opened):
    (tmp_path / "b").write_text(f"a,b\n1,{opened}" + 500 * "x")
    dialect = Dialect(width=2)
    for find in (frames, fitted):
        monkeypatch.setitem(find.__globals__, "LONGEST_RECORD", 50)
        monkeypatch.setitem(
            find.__globals__, "chunks", lambda path, start: framing.chunks(path, start, 10)
        )
    pieces = list(frames(tmp_path / "b", dialect))
    assert max(len(frame.data) for frame in pieces) <= 60
    screened = list(fitted(tmp_path / "b", dialect))
    assert max(len(frame.data) for frame, _ in screened) <= 60
    assert all(misfits.all() for _, misfits in screened)


def test_a_record_that_is_too_long_does_not_fit(tmp_path, monkeypatch):
    (tmp_path / "b").write_text(f"a,b\n1,{'x' * 30}\n2,y\n")
    monkeypatch.setitem(fitted.__globals__, "LONGEST_RECORD", 30)
    ((_, misfits), *_) = fitted(tmp_path / "b", Dialect(width=2))
    assert misfits.tolist() == [True, False]


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
