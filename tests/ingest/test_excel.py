"""Excel: what a cell says, which row it is on, and workbooks that are not what they seem."""

import io
import json
import zipfile
from datetime import date, datetime, time, timedelta

import numpy as np
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from ingest.columns import Column
from ingest.formats import excel
from ingest.formats.excel_cells import Kind, kind, moment, number, unescape
from ingest.formats.excel_package import OLE
from ingest.formats.excel_workbook import column_letters, column_number
from ingest.source import Excel
from ingest.staged import sound_records

ANY = (Column(name="id", required=False), Column(name="name", required=False))


def workbook(*sheets, write=None, **options):
    """A workbook whose sheets are given as rows of values; each is named after its place."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True} | options) as book:
        for rows in sheets:
            sheet = book.add_worksheet()
            for number_of_row, row in enumerate(rows):
                sheet.write_row(number_of_row, 0, row)
            if write:
                write(book, sheet)
    return out.getvalue()


def package(sheet, more=None):
    """A workbook as other programs may write it: the XML of its rows, and of other parts."""
    parts = {
        "_rels/.rels": (
            '<r><Relationship Id="1" Type="x/officeDocument" Target="/xl/workbook.xml"/></r>'
        ),
        "xl/workbook.xml": '<workbook xmlns:r="r"><sheet name="S" r:id="a"/></workbook>',
        "xl/_rels/workbook.xml.rels": (
            '<r><Relationship Id="a" Type="x/worksheet" Target="s.xml"/>'
            '<Relationship Id="b" Type="x/sharedStrings" Target="t.xml"/></r>'
        ),
        "xl/t.xml": "<sst><si><t>id</t></si><si><r><t>na</t></r><r><t>me</t></r>"
        "<rPh><t>neim</t></rPh></si></sst>",
        "xl/s.xml": f"<worksheet><sheetData>{sheet}</sheetData></worksheet>",
    } | (more or {})
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return out.getvalue()


def cells(con, staged):
    """The texts of the records, by the columns of the contract."""
    found = con.sql(f"SELECT * FROM {staged.area.table('records')}").fetchall()
    return [row[: len(staged.columns)] for row in found]


def codes(staged):
    return {error.code for error in staged.errors}


@pytest.mark.parametrize(
    ("value", "format", "text"),
    [
        (1, None, "1"),
        (-1.0, None, "-1"),
        (1.5e-10, None, "1.5e-10"),
        (4.35, "0.00", "4.35"),
        (0.1 + 0.2, None, "0.3"),
        (123456789012345, None, "123456789012345"),
        (-1234567890123456, None, "-1234567890123456"),
        ("00123", None, "00123"),
        (' a\n"b" \'é\U0001f600', None, ' a\n"b" \'é\U0001f600'),
        (True, None, "true"),
        (date(2024, 2, 29), "dd/mm/yy", "2024-02-29"),
        (datetime(2024, 1, 2, 3, 4, 5, 678000), "yyyy-mm-dd hh:mm", "2024-01-02 03:04:05.678"),
        (time(6, 30), "hh:mm AM/PM", "06:30:00"),
        (timedelta(hours=30), "[h]:mm", "30:00:00"),
        (45000, '"day" 0', "45000"),
        (45000, "[Red]#,##0.00 [$kr-41D]", "45000"),
        (-5, "yyyy", "-5"),
        (3e6, "yyyy", "3000000"),
        ("#N/A", None, "#N/A"),
    ],
)
def test_a_cell_says_what_excel_shows_of_it(con, stage, source, value, format, text):
    def write(book, sheet):
        sheet.write(1, 0, value, book.add_format({"num_format": format} if format else {}))

    staged = stage(workbook([["id"]], write=write), "a.xlsx", source(columns=ANY))
    assert cells(con, staged) == [(text, None)]


def test_formulas_give_their_values_and_errors_their_names(con, stage):
    def write(book, sheet):
        sheet.write_formula(1, 0, "=1+1", None, 2)
        sheet.write_formula(1, 1, '="x"&"y"', None, "xy")
        sheet.write_formula(2, 0, "=NA()", None, "#N/A")
        sheet.write_formula(2, 1, "=1/0", None, "#DIV/0!")
        sheet.write_formula(2, 2, '=""', None, "")

    staged = stage(workbook([["id", "name", "day"]], write=write), "a.xlsx")
    found = con.sql(sound_records(staged, lambda name: f"{name}_castable")).fetchall()
    assert found == [
        (1, None, 2, "xy", None, True, None),
        (2, ["#N/A", "#DIV/0!", None], None, "#DIV/0!", None, False, None),
    ]


def test_a_record_knows_its_row_and_is_kept_as_json(con, deliver):
    data = workbook([["Orders"], [], ["id", "name"], [1, "x"], [], ["two", 'a\n"b"'], [3.5]])
    (load,) = deliver("a.xlsx", data)
    assert (load.counts.records_in, load.counts.loaded, load.counts.quarantined) == (3, 1, 2)
    kept = con.sql(
        "SELECT _record_no, line, byte, raw FROM quarantine.orders ORDER BY 1"
    ).fetchall()
    assert [row[:3] for row in kept] == [(2, 6, None), (3, 7, None)]
    assert json.loads(kept[0][3]) == {"id": "two", "name": 'a\n"b"'}


@pytest.mark.parametrize(
    ("rows", "format", "header", "records", "told"),
    [
        ([["id", "name"], [1, "x"]], {}, 1, 1, set()),
        ([[], [], ["id", "name"], [1, "x"]], {}, 3, 1, set()),
        ([["id of things"], ["by", "x"], ["id", "name"], [1, "x"]], {}, 3, 1, {"preamble"}),
        ([["T"], ["a", "b", "c"], [1, 2, 3]], {}, 2, 1, {"preamble"}),
        ([["T"], ["id", "name"], ["id", "b"], [1, 2]], {"header_row": 3}, 3, 1, set()),
        ([["id", "name"]], {}, 1, 0, set()),
        ([["id", "", "name", "id"], [1, "", "x", 2]], {}, 1, 1, {"duplicate-header"}),
        ([["id", "", "name"], [1, "y", "x", "z"]], {}, 1, 1, {"blank-header"}),
    ],
)
def test_the_header_is_found(stage, source, rows, format, header, records, told):
    staged = stage(workbook(rows), "a.xlsx", source(columns=ANY, format=Excel(**format)))
    assert staged.dialect["header_row"] == header
    assert staged.records == records
    assert codes(staged) == told


def test_columns_without_a_name_are_kept_when_they_hold_something(con, stage, source):
    rows = [["id", "", "Net\n amount", "", "id"], [1, "", 2, "y", 3, "z"]]
    staged = stage(workbook(rows), "a.xlsx", source(columns=ANY))
    assert staged.fields == ("id", "Net amount", "id__5", "column_4", "column_6")
    ((rescued,),) = con.sql(f"SELECT _rescued FROM {staged.area.table('records')}").fetchall()
    assert json.loads(rescued) == {
        "Net amount": "2",
        "id__5": "3",
        "column_4": "y",
        "column_6": "z",
    }


def test_merged_cells_are_told(stage, source):
    def write(book, sheet):
        sheet.merge_range("B1:C1", "name")
        sheet.merge_range("A3:A4", 2)

    staged = stage(workbook([["id"], [1, "x"]], write=write), "a.xlsx", source(columns=ANY))
    assert codes(staged) == {"merged-header", "merged-cells"}
    assert "B1:C1" in staged.errors[0].message


def test_the_first_sheet_that_shows_something_is_read(con, stage, source):
    data = workbook([], [["id"], ["second"]], [["id"], ["third"]])
    staged = stage(data, "a.xlsx", source(columns=ANY))
    assert (staged.dialect["sheet"], cells(con, staged)) == ("Sheet2", [("second", None)])
    (error,) = staged.errors
    assert error.message.startswith("only the sheet Sheet2 is read, and not Sheet3")
    staged = stage(data, "a.xlsx", source(columns=ANY, format=Excel(sheet="Sheet3")))
    assert (cells(con, staged), staged.errors) == ([("third", None)], ())


def test_a_hidden_sheet_comes_last(stage, source):
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        for name in ("hidden", "shown"):
            book.add_worksheet(name).write_row(0, 0, ["id", "name"])
        book.get_worksheet_by_name("shown").activate()
        book.get_worksheet_by_name("hidden").hide()
    staged = stage(out.getvalue(), "a.xlsx", source(columns=ANY))
    assert staged.dialect["sheet"] == "shown"


@pytest.mark.parametrize(
    ("sheet", "expected"),
    [
        # neither rows nor cells say where they are
        (
            '<row><c t="s"><v>0</v></c><c t="s"><v>1</v></c></row><row><c><v>7</v></c></row>',
            ("7", None),
        ),
        # what claims to be a number and is none
        (
            '<row><c t="s"><v>0</v></c><c t="s"><v>1</v></c></row><row><c><v>1,5</v></c></row>',
            ("1,5", None),
        ),
        # a prefix, an inline text in two runs, a date as ISO, a blank between
        (
            '<x:row r="2"><x:c r="A2" t="s"><x:v>0</x:v></x:c><x:c r="B2" t="s"><x:v>1</x:v></x:c>'
            '</x:row><x:row r="9"><x:c r="A9" t="d"><x:v>2024-01-02</x:v></x:c>'
            '<x:c r="B9" t="inlineStr"><x:is><x:r><x:t>a</x:t></x:r><x:r><x:t>_x000A_b</x:t></x:r>'
            "</x:is></x:c></x:row>",
            ("2024-01-02", "a\nb"),
        ),
    ],
)
def test_other_programs_write_otherwise(con, stage, source, sheet, expected):
    more = {}
    if "x:" in sheet:
        xml = f'<x:worksheet xmlns:x="n"><x:sheetData>{sheet}</x:sheetData></x:worksheet>'
        more = {"xl/s.xml": xml}
    staged = stage(package(sheet, more), "a.xlsx", source(columns=ANY))
    assert cells(con, staged) == [expected]


def test_a_formula_without_its_value_makes_the_file_incomplete(stage, source):
    sheet = (
        '<row><c t="s"><v>0</v></c><c t="s"><v>1</v></c></row>'
        "<row><c><f>A1</f></c><c><v>1</v></c></row><row><c><f>A1</f><v></v></c></row>"
    )
    staged = stage(package(sheet), "a.xlsx", source(columns=ANY))
    (error,) = staged.errors
    assert (error.code, error.line, error.incomplete) == ("missing-value", 2, True)
    assert "in 2 rows" in error.message
    assert staged.records == 2


def test_a_cell_in_the_last_corner_takes_no_memory(stage, source):
    sheet = (
        '<row r="1"><c r="A1" t="s"><v>0</v></c></row>'
        '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    )
    staged = stage(package(sheet), "a.xlsx", source(columns=ANY))
    assert staged.records == 1
    assert staged.fields == ("id", "column_16384")


HEAD = '<row><c t="s"><v>0</v></c></row>'


@pytest.mark.parametrize(
    ("data", "code", "message"),
    [
        (b"", "empty-file", "the file is empty"),
        (b"<html><table>", "not-excel", "it begins with '<html><t'"),
        (OLE + bytes(600), "old-excel", "save it as .xlsx"),
        (
            OLE + bytes(600) + "EncryptedPackage".encode("utf-16-le"),
            "encrypted-file",
            "protected by a password",
        ),
        (workbook([["id"], [1]])[:-900], "damaged-file", "is damaged"),
        (workbook([], []), "empty-file", "no sheet of the workbook has anything"),
        (package('<row r="2"/><row r="1"/>'), "damaged-file", "row 1 follows row 2"),
        (package('<row r="1048577"/>'), "damaged-file", "row 1048577 follows row 0"),
        (package('<row><c r="XFE1"/></row>'), "damaged-file", "there is no column XFE"),
        (package('<row><c t="s"><v>99</v></c></row>'), "damaged-file", "out of range"),
        (package("<row><c>"), "damaged-file", "mismatched tag"),
        (package(f'<row {"a" * (3 << 20)}="1"/>'), "damaged-file", "no end of a tag"),
        (package(f"<row>{'<c/>' * 16_385}</row>"), "damaged-file", "more than 16384 cells"),
        (
            package('<row><c r="A1"><v>1</v></c><c r="A1"><v>2</v></c></row>'),
            "damaged-file",
            "two cells for one column",
        ),
        (
            package(f'<row><c t="str"><v>{"x" * (2 << 20)}</v></c></row>'),
            "damaged-file",
            "a cell has more than",
        ),
        (
            package("", {"xl/s.xml": '<!DOCTYPE a [<!ENTITY b "c">]><worksheet/>'}),
            "damaged-file",
            "document type",
        ),
        (package("", {"_rels/.rels": "<r/>"}), "not-excel", "save it as .xlsx"),
    ],
)
def test_what_is_no_workbook_says_what_it_is(stage, data, code, message):
    staged = stage(data, "a.xlsx")
    assert not staged.readable
    assert [error.code for error in staged.errors] == [code]
    assert message in staged.errors[0].message


def test_a_sheet_that_is_not_there_is_told(stage, source):
    data = workbook([["id"]])
    (error,) = stage(data, "a.xlsx", source(format=Excel(sheet="Data"))).errors
    assert error.message == "there is no sheet Data in it; it has Sheet1"
    (error,) = stage(data, "a.xlsx", source(format=Excel(header_row=3))).errors
    assert error.message == "row 3 of Sheet1 is empty, and should name the columns"


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(package(HEAD + "<row/>" * 400_000), id="a part that unpacks to much"),
        pytest.param(
            package(
                HEAD + '<row><c t="s"><v>1</v></c></row>' * 2000,
                {"xl/t.xml": f"<sst><si><t>id</t></si><si><t>{'x' * 30_000}</t></si></sst>"},
            ),
            id="a text that many cells share",
        ),
    ],
)
def test_a_bomb_is_refused(stage, source, data, monkeypatch):
    monkeypatch.setattr("ingest.formats.excel_package.RATIO_FROM", 1 << 21)
    (error,) = stage(data, "a.xlsx", source(columns=ANY)).errors
    assert (error.code, error.fatal) == ("decompression-bomb", True)


def test_raw_records_and_the_count_can_be_had_again(con, stage, source, tmp_path):
    rows = [["T"], ["id", "name"], *([i, f"n{i}"] for i in range(50))]
    data = workbook(rows)
    staged = stage(data, "a.xlsx", source(columns=ANY))
    (table,) = staged.raw_records(con, np.array([1, 50]))
    assert table["raw"].to_pylist() == ['{"id": "0", "name": "n0"}', '{"id": "49", "name": "n49"}']
    assert table["line"].to_pylist() == [3, 52]
    (tmp_path / "again").write_bytes(data)
    assert excel.count(tmp_path / "again", staged.dialect, tmp_path) == 50


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("General", None),
        ("0.00E+00", None),
        ('#,##0 "days"', None),
        (r"0\d", None),
        ("[Red]0", None),
        ("dd/mm/yyyy", Kind.MOMENT),
        ("mmm", Kind.MOMENT),
        ("d h:mm", Kind.MOMENT),
        ("[$-409]h:mm AM/PM;@", Kind.TIME),
        ("[<1]mm:ss;General", Kind.TIME),
        ("[h]:mm:ss", Kind.ELAPSED),
        ("[mm]:ss", Kind.ELAPSED),
    ],
)
def test_a_format_tells_what_a_number_stands_for(code, expected):
    assert kind(code) == expected


@pytest.mark.parametrize(
    ("written", "from_1904", "text"),
    [
        ("0", False, "00:00:00"),
        ("1", False, "1900-01-01"),
        ("59", False, "1900-02-28"),
        ("60", False, "1900-02-29"),
        ("61", False, "1900-03-01"),
        ("2958465.99999", False, "9999-12-31 23:59:59.136"),
        ("2958465.999999999", False, "2958466"),
        ("2958466", False, "2958466"),
        ("0", True, "1904-01-01"),
        ("43830.5", True, "2024-01-01 12:00:00"),
        ("2957003", True, "9999-12-31"),
        ("2957004", True, "2957004"),
    ],
)
def test_days_are_counted_as_excel_counts_them(written, from_1904, text):
    assert moment(written, Kind.MOMENT, from_1904) == text


def test_a_workbook_says_from_when_its_days_are_counted(con, stage, source):
    def write(book, sheet):
        sheet.write(1, 0, date(2024, 2, 29), book.add_format({"num_format": "yyyy-mm-dd"}))

    data = workbook([["id"]], write=write, date_1904=True)
    assert cells(con, stage(data, "a.xlsx", source(columns=ANY))) == [("2024-02-29", None)]


@pytest.mark.parametrize(("written", "text"), [("0.5", "12:00:00"), ("1.5", "1904-01-02 12:00:00")])
def test_a_time_of_day_has_no_date(written, text):
    assert moment(written, Kind.TIME, from_1904=True) == text


@pytest.mark.parametrize(
    ("header", "expected", "rescued"),
    [
        (["ID", "Name"], ("1", "a"), None),
        (["ID", "id", "NAME"], ("a", "x"), {"ID": "1"}),
        (["Id", "iD", "name"], ("1", "x"), {"iD": "a"}),
    ],
)
def test_case_alone_makes_no_other_column(con, stage, source, header, expected, rescued):
    row = [1, "a", "x"][: len(header)]
    staged = stage(workbook([header, row]), "a.xlsx", source(columns=ANY))
    records = f"FROM {staged.area.table('records')}"
    ((*found, kept),) = con.sql(f"SELECT c0, c1, _rescued {records}").fetchall()
    assert (tuple(found), json.loads(kept or "null")) == (expected, rescued)


@given(st.floats(-9.99e307, 9.99e307))
def test_a_number_keeps_the_digits_that_excel_keeps(value):
    assert float(number(repr(value))) == pytest.approx(value, rel=1e-14, abs=0)


@given(st.integers(1, 16_384))
def test_columns_have_letters(number_of_column):
    assert column_number(column_letters(number_of_column)) == number_of_column


def test_what_xml_cannot_hold_is_escaped():
    assert unescape("a_x000D_b_x005F_c_xD800_") == "a\rb_c_xD800_"
