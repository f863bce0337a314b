"""Where a table begins, and what its columns are called: told, declared, pinned, or reported."""

import pytest

from ingest.columns import Column
from ingest.formats.csv_dialect import Dialect
from ingest.formats.csv_header import find_table
from ingest.formats.csv_sniffing import rows
from ingest.source import Csv

TYPED = (Column(name="id", type="integer"), Column(name="name"), Column(name="day", type="date"))
TEXTS = (Column(name="first"), Column(name="last"))


def found(text, columns=(), spec=None, pinned=None):
    spec = spec or Csv()
    below = "".join(text.splitlines(keepends=True)[spec.skip or 0 :])
    read = rows(below.encode(), Dialect(), spec.skip or 0)
    return find_table(read, spec, columns, pinned)


@pytest.mark.parametrize(
    ("text", "skip", "header", "names", "codes"),
    [
        ("id,name\n1,x\n2,y\n", 0, True, ("id", "name"), []),
        ("\n\nid,name\n1,x\n", 2, True, ("id", "name"), []),
        ("1,2024-01-01\n2,2024-01-02\n", 0, False, ("column_1", "column_2"), ["no-header"]),
        ("name,city\nAda,London\nBob,Paris\n", 0, True, ("name", "city"), []),
        ("AC,Ascension\nAD,Andorra\nAE,Emirates\nAF,Chad\n", 0, False, None, ["no-header"]),
        ("Hans,Aachen\nNic,Abbate\n", 0, True, ("Hans", "Aachen"), ["unsure-header"]),
        ("x,x\ny,y\n", 0, False, None, ["no-header"]),
        ("country,2013,2014\nFR,5,6\nDE,7,8\n", 0, True, None, []),
        ("n/a,5\n1,6\n2,7\n", 0, False, None, ["no-header"]),
        ("5,6\n", 0, False, None, ["no-header"]),
        ("id,name\n", 0, True, ("id", "name"), []),
        ("foo,bar\n", 0, True, ("foo", "bar"), ["unsure-header"]),
        ("Report\nmade today\n\nid,name\n1,x\n2,y\n", 3, True, ("id", "name"), ["preamble"]),
        ("Report,2024\nid,name,day\n1,x,2\n2,y,3\n", 1, True, ("id", "name", "day"), ["preamble"]),
        ("# made, today\n# by, us\nid,name\n1,x\n2,y\n", 2, True, ("id", "name"), ["preamble"]),
        ("# made by us\n# id,name,day\n1,x,2\n2,y,3\n", 1, True, None, ["preamble"]),
        ("# one\nvalue\n1\n2\n", 1, True, ("value",), ["preamble"]),
        ("id,name\n1,x,2\n2,y,3\n", 0, True, ("id", "name"), ["ragged-header"]),
        ("id,name\n1,x,\n2,y,\n", 0, True, ("id", "name", "column_3"), ["blank-header"]),
        ("id,name,,\n1,x\n2,y\n", 0, True, ("id", "name"), []),
        ("id,id,\n1,2,3\n", 0, True, ("id", "id__2", "column_3"), ["duplicate-header",
                                                                     "blank-header"]),
        (f"id,{'x' * 2000}\n1,2\n", 0, True, ("id", "x" * 1000), []),
        ("a,b\nkg,m\n1,2\n3,4\n", 0, True, ("a", "b"), ["several-headers"]),
        ("id,name\n1,x\nid,name\n2,y\n", 0, True, ("id", "name"), ["unsure-header"]),
        ("1,2\n3\n4,5\n6,7\n", 0, False, ("column_1", "column_2"), ["no-header"]),
        ("", 0, True, (), []),
    ],
)  # fmt: skip
def test_a_table_is_told_from_its_rows(text, skip, header, names, codes):
    table = found(text)
    assert (table.skip, table.header) == (skip, header)
    assert names in (None, table.names)
    assert [error.code for error in table.errors] == codes


@pytest.mark.parametrize(
    ("text", "columns", "skip", "header", "names", "codes"),
    [
        ("day,id,name\n2024-01-01,1,x\n", TYPED, 0, True, ("day", "id", "name"), []),
        ("1,x,2024-01-01\n2,y,2024-01-02\n", TYPED, 0, False, ("id", "name", "day"), ["no-header"]),
        ("ID,NAME\n1,x\n", TYPED, 0, True, ("ID", "NAME"), []),
        ("nr,wer,wann\n1,x,2024-01-01\n", TYPED, 0, True, ("nr", "wer", "wann"), []),
        ("1,x\n2,y\n", TYPED, 0, False, ("id", "name"), ["no-header"]),
        ("made,by,us\n#id,name,day\n1,x,2\n", TYPED, 1, True, ("id", "name", "day"), ["preamble"]),
        ("first,last\nAda,Lovelace\n", TEXTS, 0, True, ("first", "last"), []),
        ("Ada,Lovelace\nBob,Ross\n", TEXTS, 0, True, ("Ada", "Lovelace"), ["unsure-header"]),
        ("Ada,1\nBob,2\n", TEXTS, 0, False, ("first", "last"), ["no-header"]),
        ("first\nlast,first\na,b\n", TEXTS, 1, True, ("last", "first"), ["preamble"]),
    ],
)
def test_what_the_contract_names_settles_it(text, columns, skip, header, names, codes):
    table = found(text, columns)
    assert (table.skip, table.header, table.names) == (skip, header, names)
    assert [error.code for error in table.errors] == codes


def test_without_a_header_and_of_another_width_nothing_can_be_loaded():
    (error,) = found("1,x\n2,y\n", TYPED).errors
    assert error.fatal
    assert error.message == (
        "the file has no header, and 2 fields where the contract has 3 columns; "
        "send it with a header, or say in the contract that it has none"
    )


@pytest.mark.parametrize(
    ("spec", "skip", "header", "names"),
    [
        (Csv(header=False), 0, False, ("id", "name", "day", "column_4")),
        (Csv(header=True), 0, True, ("1", "x", "2024-01-01", "5")),
        (Csv(skip=1), 1, False, ("id", "name", "day", "column_4")),
        (Csv(skip=1, header=True), 1, True, ("2", "y", "2024-01-02", "6")),
    ],
)
def test_what_is_declared_is_taken_as_it_is(spec, skip, header, names):
    table = found("1,x,2024-01-01,5\n2,y,2024-01-02,6\n", TYPED, spec)
    assert (table.skip, table.header, table.names) == (skip, header, names)
    declared = spec.header is not None
    assert all(error.code == "no-header" and not declared for error in table.errors)


def test_what_was_told_before_is_told_again_with_all_that_is_odd():
    text = "Report\nid,name\n1,x\n2,y\n"
    assert found(text, pinned=Dialect(skip=1, header=True)) == found(text)
    pinned = found(text, pinned=Dialect(skip=2, header=False))
    assert (pinned.skip, pinned.header, pinned.names) == (2, False, ("column_1", "column_2"))
    assert [error.code for error in pinned.errors] == ["preamble", "no-header"]
