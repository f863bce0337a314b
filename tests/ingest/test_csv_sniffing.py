"""How a CSV file separates fields and records is told from its beginning."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.formats.csv_dialect import Dialect
from ingest.formats.csv_kinds import kind
from ingest.formats.csv_sniffing import DELIMITERS, head, mixed_endings, rows, sniff
from ingest.source import Csv

NOTHING_DECLARED = Csv()


def table(delimiter: str, header: str = "id d name d day", *, quote: str = "") -> str:
    lines = [header, "1 d Ada d 2024-01-02", "2 d Bob d 2024-01-03", "3 d Cy d 2024-01-04"]
    wrapped = ([f"{quote}{cell}{quote}" for cell in line.split(" d ")] for line in lines)
    return "".join(delimiter.join(cells) + "\n" for cells in wrapped)


@pytest.mark.parametrize("delimiter", DELIMITERS)
@pytest.mark.parametrize("quote", ["", '"', "'"])
def test_every_delimiter_is_told(delimiter, quote):
    told = sniff(table(delimiter, quote=quote).encode(), NOTHING_DECLARED)
    assert (told.delimiter, told.quote) == (delimiter, quote or '"')


@pytest.mark.parametrize("delimiter", ["|#|", "<>", "@@", ";;", ",,", "\t\t", "~*~", "^|^", "¦¦"])
@pytest.mark.parametrize("quote", ["", '"'])
def test_what_stands_in_every_line_as_often_separates_fields(delimiter, quote):
    told = sniff(table(delimiter, quote=quote).encode(), NOTHING_DECLARED)
    assert (told.delimiter, told.quote) == (delimiter, '"')
    named = sniff(table(delimiter, quote=quote).encode(), NOTHING_DECLARED, ["id", "name", "day"])
    assert named == told


@pytest.mark.parametrize(
    ("text", "delimiter", "quote", "escape"),
    [
        ("a\n1\n2\n", ",", '"', '"'),
        ("milan#_%pass\n", ",", '"', '"'),
        ("a,b\n1;2,3;4\n5;6,7;8\n", ",", '"', '"'),
        ("at;x\n12:30;1,5\n12:45;2,5\n", ";", '"', '"'),
        ("1, I;\n2, L;\n3, V;\n", ",", '"', '"'),
        ('"a;b;c";"d"\n"e;f;g";"h"\n', ";", '"', '"'),
        ('x,y\n"say \\"hi\\" now",2\n', ",", '"', "\\"),
        ('x,y\n"say ""hi"" now",2\n', ",", '"', '"'),
        ('x,y\n"C:\\dir\\",2\n"D:\\",3\n', ",", '"', '"'),
        ("x,y\n'a, b',2\n'c',3\n", ",", "'", "'"),
        ("x;y\nShip\\'s crew;2\nShip\\'s deck;3\n", ";", "'", "\\"),
        ("x,y\n['a', 'b'],2\n['c', 'd'],3\n", ",", '"', '"'),
        ('x,y\n"3 inch,1\n"4 inch,2\n"5 inch,3\n', ",", "", ""),
        ('x,y\n"3 inch,1\n"4",2\n"5",3\n', ",", '"', '"'),
        ("# a, b, c\n# d, e, f\nx|y\n1|2\n3|4\n", "|", '"', '"'),
        ("# a, b, c\n" * 9 + "x|y\n1|2\n3|4\n", "|", '"', '"'),
        ("HTTP/1.1 200 OK\nDate: today\nServer: x\n\n"
         'id,"name","day"\n1,"a","b"\n', ",", '"', '"'),
        ("a||b||c\n1||||2\n||3||4\n", "||", '"', '"'),
        ("a|b|c\n1||2\n||3\n", "|", '"', '"'),
    ],
)  # fmt: skip
def test_a_dialect_is_told_from_what_it_explains(text, delimiter, quote, escape):
    told = sniff(text.encode(), NOTHING_DECLARED)
    assert (told.delimiter, told.quote, told.escape) == (delimiter, quote, escape)


@pytest.mark.parametrize(
    ("data", "newline", "others"),
    [
        (b"a,b\n1,2\n", "\n", None),
        (b"a,b\r\n1,2\r\n", "\r\n", None),
        (b"a,b\r1,2\r", "\r", None),
        (b"a,b", "\n", None),
        (b'a,b\r\n1,"x\ny\nz"\r\n', "\r\n", None),
        (b"a,b\r\n1,2\r\n3,4\n", "\r\n", "some lines end with CRLF, and others with LF"),
        (b"a,b\n1,2\n3,4\r5,6", "\n", "some lines end with LF, and others with CR"),
    ],
)
def test_line_endings_are_told(data, newline, others):
    told = sniff(data, NOTHING_DECLARED)
    assert told.newline == newline
    assert [error.message for error in mixed_endings(data, told)] == ([others] if others else [])


@pytest.mark.parametrize(
    ("text", "names", "delimiter"),
    [
        ("id name|day name\n1 x y|2 x y\n3 x y|4 x y\n", ["id name", "day name"], "|"),
        ('"id" "name"\n', ["id", "name"], " "),
        ("made, at, noon\nid#name\n1,5#2,5\n3,5#4,5\n", ["id", "name"], "#"),
        ("name\nDoe, Jo\nRoe, Di\n", ["name"], ";"),
        ("id§name\n1,5§2,5\n", ["id", "name"], "§"),
        ('"id" <=> "name"\n1,5<=>2,5\n', ["id", "name"], "<=>"),
        ("id||name\n1|,5||2|,5\n", ["id", "name"], "||"),
        ("id,,name,day\n1,,2,3\n", ["id", "name", "day"], ","),
        ("id\0name\n1\0002\n", ["id", "name"], ","),
        ("id and name\n1,2\n", ["id", "name"], " "),
    ],
)
def test_a_line_that_names_the_columns_settles_it(text, names, delimiter):
    assert sniff(text.encode(), NOTHING_DECLARED, names).delimiter == delimiter


def test_what_is_declared_is_taken_as_it_is():
    declared = Csv(delimiter="~", quote="", escape="\\")
    told = sniff(b'a,b\n"1","2"\n', declared)
    assert (told.delimiter, told.quote, told.escape) == ("~", "", "\\")
    assert sniff(b'a"b\n1"2\n', Csv(delimiter='"')).quote == ""


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200) | st.text(st.sampled_from(",;|\"'\\\n\r a1"), max_size=60))
def test_anything_has_a_dialect(data):
    sample = data.encode() if isinstance(data, str) else data
    told = sniff(sample, NOTHING_DECLARED, ["a", "b"])
    found = rows(sample, told)
    assert all(1 <= row.line <= sample.count(b"\n") + sample.count(b"\r") + 1 for row in found)
    assert told.quote not in told.delimiter or not told.quote


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("", ""),
        ("12", "number"),
        ("-1.234,50 %", "number"),
        ("$5", "number"),
        ("2024-01-02T03:04:05Z", "date"),
        ("31.12.24", "date"),
        ("12:30 PM", "time"),
        ("a@b.org", "address"),
        ("10.0.0.1", "address"),
        ("Ada Lovelace", "words"),
        ("a|b", None),
        ("x" * 1000, None),
    ],
)
def test_a_cell_is_of_a_kind(cell, expected):
    assert kind(cell) == expected


def test_as_much_is_read_as_it_takes_to_see_some_lines(tmp_path):
    blob = tmp_path / "b"
    line = b"x," * 50_000 + b"y\n"
    blob.write_bytes(b"\xef\xbb\xbf" + line * 50)
    assert head(blob).startswith(b"x,")
    assert head(blob).count(b"\n") >= 5
    assert head(blob, skip=49) == line
    blob.write_bytes(b"a\n" * 100_000)
    assert len(head(blob)) == 1 << 16
    blob.write_bytes(b"a,b\n1,2")
    assert head(blob) == b"a,b\n1,2"


@settings(max_examples=200, deadline=None, database=None)
@given(st.text("a,; \t\n\r\v\f\x1f\0é'", max_size=30), st.sampled_from([",", ";", "; ", "\x1f"]))
def test_what_has_no_quotes_is_split_as_if_it_had_some(text, delimiter):
    plain, quoted = (
        [row.cells for row in rows(sample.encode(), Dialect(delimiter=delimiter))]
        for sample in (text, f'{text}\n"last"')
    )
    assert quoted == [*plain, ("last",)]
