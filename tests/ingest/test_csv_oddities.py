"""Records that look like a header, or like several, are told wherever in the file they stand."""

import pytest

from ingest.formats.csv_dialect import Dialect
from ingest.formats.csv_framing import frames
from ingest.formats.csv_oddities import oddities
from ingest.source import Csv

HEADER = "id,name,day\n"
RECORDS = "".join(f"{i},n{i},2024-01-01\n" for i in range(100_000))


@pytest.fixture
def odd(tmp_path):
    """What is odd in a text, and on which line."""

    def found(text, header, **dialect):
        (tmp_path / "b").write_bytes(text.encode())
        known = Dialect(header=False, **dialect)
        stretches = frames(tmp_path / "b", known)
        errors = (error for one in stretches for error in oddities(one, known, header.encode()))
        return [(error.code, error.line) for error in errors]

    return found


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("1,x\nid,name\n2,y\n", 2),
        ("1,x\n2,y\nid,name", 3),
        ("id,name\n", 1),
        ("1,x\n\ufeffid,name\n2,y\n", 2),
        ('1,"x\ny"\nid,name\n', 3),
        ("1,x\nid, name\nid,names\nxid,name\nie,name\n", None),
        ('1,"\nid,name\n"\n', None),
    ],
)
def test_a_header_that_comes_again_is_told(odd, text, line):
    assert odd(text, "id,name", width=2) == ([("repeated-header", line)] if line else [])
    assert odd(text, "", width=2) == []


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('1,"x,a\n2,y,b\n3,z",c\n', 1),
        ('0,w,a\n"1,x,a\n2,y,b\n3",z,c\n', 2),
        ('1,"x,a\n2,y",b\n', 1),
        ('u,"x,a\nv,y",b\n', None),
        ('u,"x,a\nv,y,b\nw,z",c\n', 1),
        ('u,"x,a\nv,5,b\nw,z",c\n', None),
        ('1,"x,a\n2,y,b,\n3,z",c\n', None),
        ('1,"x\ny",a\n2,"y, of\nb, c",d\n', None),
        ('1,"x,a\n2,y,b",3,"z,c\n4,5",6\n', None),
        ("1,x,a\n\n\n2,y,b\n", None),
    ],
)
def test_lines_within_quotes_that_look_like_records_are_told(odd, text, line):
    assert odd(text, "", width=3) == ([("records-in-quotes", line)] if line else [])
    assert odd(text, "", width=3, quote="") == []


def test_each_is_told_once_however_late_it_comes(stage):
    data = HEADER + RECORDS + 2 * (HEADER + '1,"x,2024-01-01\n2,y,\n3,z",2024-01-01\n')
    errors = stage(data.encode()).errors
    assert [(error.code, error.line) for error in errors] == [
        ("repeated-header", 100_002),
        ("records-in-quotes", 100_003),
    ]
    assert errors[1].byte == len(2 * HEADER + RECORDS)


@pytest.mark.parametrize("more", ["id,name\n", '1,"x\n2,a\n3,z"\n'])
def test_a_small_file_that_is_odd_goes_alone(tmp_path, source, more):
    from ingest.formats import csv

    like = source(columns=[{"name": "id"}, {"name": "name"}], format=Csv())
    (tmp_path / "b").write_text("id,name\n1,x\n")
    assert csv.body(tmp_path / "b", like, {})
    (tmp_path / "b").write_text("id,name\n1,x\n" + more)
    assert csv.body(tmp_path / "b", like, {}) is None
