"""JSON is what RFC 8259 says it is, whichever way its records came to be judged."""

import json
from itertools import cycle

import pytest

from ingest.columns import Column
from ingest.formats.json_framing import stretches
from ingest.formats.json_layout import tell
from ingest.formats.json_strictness import count_elements, count_values, exact, fault, repeated_key

ACCEPTED = [
    b"{}",
    b"{ }",
    b"\t{ \r}",
    b'{"":0}',
    b'{"a":{}}',
    b'{"a":[]}',
    b'{"a":[[],[[]],{}]}',
    b'{"a":null}',
    b'{"a":true,"b":false}',
    b'{"a":0}',
    b'{"a":-0}',
    b'{"a":-0.0}',
    b'{"a":1e5}',
    b'{"a":1E+5}',
    b'{"a":1e-05}',
    b'{"a":0e0}',
    b'{"a":123456789012345678901234567890}',
    b'{"a":-123456789012345678901234567890}',
    b'{"a":1e400}',
    b'{"a":0.1000}',
    b'{"a" : [ 1 , 2 ] }',
    b'{"a":""}',
    b'{"a":"\\""}',
    b'{"a":"\\\\"}',
    b'{"a":"\\/\\b\\f\\n\\r\\t"}',
    b'{"a":"\\u0000"}',
    b'{"a":"\\u00e9\\u00E9"}',
    b'{"a":"\\ud83d\\ude00"}',
    '{"a":"é€😀"}'.encode(),
    '{"é":"\u2028\u2029\ufeff"}'.encode(),
    b'{"a":"\x7f"}',
    b'{"a":"NaN, Infinity"}',
    b'{"a":"{[,"}',
    b'{"a":",}"}',
    b'{"a":"// no comment"}',
    b'{"a":' + b"[" * 100 + b"]" * 100 + b"}",
]
REFUSED = [
    b"",
    b"{",
    b"}",
    b"nul",
    b"true",
    b"1",
    b'"a"',
    b"[]",
    b'[{"a":1}]',
    b'{"a"}',
    b'{"a":}',
    b'{"a" 1}',
    b'{"a":1,}',
    b'{,"a":1}',
    b'{"a":1,,"b":2}',
    b'{"a":1 "b":2}',
    b'{"a":1;"b":2}',
    b'{"a":1}}',
    b'{"a":1}]',
    b'{"a":1}{"a":2}',
    b'{"a":1},',
    b'{"a":1} x',
    b'{"a":1',
    b'{"a":[1}',
    b'{"a":[1,]}',
    b'{"a":[,1]}',
    b'{"a":[1 2]}',
    b"{a:1}",
    b"{'a':1}",
    b"{\"a\":'b'}",
    b"{1:2}",
    b"{null:2}",
    b'{"a":NaN}',
    b'{"a":nan}',
    b'{"a":Infinity}',
    b'{"a":-Infinity}',
    b'{"a":inf}',
    b'{"a":undefined}',
    b'{"a":True}',
    b'{"a":tru}',
    b'{"a":nulL}',
    b'{"a":01}',
    b'{"a":-01}',
    b'{"a":+1}',
    b'{"a":.5}',
    b'{"a":1.}',
    b'{"a":1.e5}',
    b'{"a":-}',
    b'{"a":- 1}',
    b'{"a":1e}',
    b'{"a":1e+}',
    b'{"a":0x1F}',
    b'{"a":1_000}',
    b'{"a":1,5e}',
    b'{"a":"b}',
    b'{"a":b"}',
    b'{"a":"b"c"}',
    b'{"a":"\\x41"}',
    b'{"a":"\\a"}',
    b'{"a":"\\u12"}',
    b'{"a":"\\u12G4"}',
    b'{"a":"\\ud800"}',
    b'{"a":"\\ud800\\u0041"}',
    b'{"a":"\\udc00"}',
    b'{"\\ud800":1}',
    b'{"a":"\x00"}',
    b'{"a":"\x1f"}',
    b'{"a":"\t"}',
    b'{"a":\x0c1}',
    b'{"a":1}\x00',
    b'\xef\xbb\xbf{"a":1} \xef\xbb\xbf',
    b'{"a":"\xff"}',
    b'{"a":"\xe2\x82"}',
    b'{"a":"\xed\xa0\x80"}',
    b'{"a":"\xc0\x80"}',
    b'{"\xff":1}',
    b'{"a":1}/*b*/',
    b'{"a":1}//b',
    b'{"a":#1}',
    b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
]


@pytest.mark.parametrize("record", ACCEPTED)
def test_what_the_grammar_allows_is_accepted(record):
    assert fault(record) is None
    assert count_values(record) == 1
    assert count_elements(b"[" + record + b"," + record + b"]") == 2


@pytest.mark.parametrize("record", REFUSED)
def test_what_the_grammar_does_not_allow_is_refused(record):
    assert fault(record)
    assert count_values(record + b"\n{}") != 2
    assert count_elements(b"[{}," + record + b"]") != 2


def test_each_line_is_judged_by_itself(con, stage, source):
    refused = [record for record in REFUSED if record]
    lines = [b"%b\n%b\n" % pair for pair in zip(refused, cycle(ACCEPTED), strict=False)]
    staged = stage(b"".join(lines), "a.json", source(columns=[Column(name="a", required=False)]))
    assert (staged.records, staged.rejected) == (2 * len(refused), len(refused))
    odd = con.sql(f"SELECT bool_and(number % 2 = 1) FROM {staged.area.table('rejects')}")
    assert odd.fetchall() == [(True,)]


@pytest.mark.parametrize("record", [*filter(None, REFUSED)])
@pytest.mark.parametrize("comma", [b",", b",\n"])
def test_no_element_of_an_array_harms_its_neighbours(tmp_path, record, comma):
    blob = tmp_path / "blob"
    elements = [b'{"n":1}', record, b'{"n":2}', b'{"n":3}']
    blob.write_bytes(b"[" + comma[1:] + comma.join(elements) + b"]")
    found = [
        stretch.frame.data[start:end]
        for stretch in stretches(blob, tell(blob))
        for start, end in zip(stretch.frame.starts, stretch.frame.ends, strict=True)
    ]
    assert set(elements) - {record} <= set(found)
    assert [fault(element) is None for element in found].count(False) == 1


@pytest.mark.parametrize(
    ("record", "key"),
    [
        (b'{"a":1,"b":2}', None),
        (b'{"a":1,"A":2}', None),
        (b'{"a":{"a":{"a":1}}}', None),
        (b'{"a":[{"b":1},{"b":2}]}', None),
        (b'{"a":1,"b":2,"a":3}', "a"),
        (b'{"a":1,"\\u0061":3}', "a"),
        (b'{"a":{"b":1,"b":1}}', "b"),
        (b'{"a":[1,{"b":[{"c":1,"c":2}]}]}', "c"),
    ],
)
def test_keys_that_repeat(record, key):
    assert repeated_key(record) == key


@pytest.mark.parametrize(
    ("number", "kept"),
    [
        ("0.1", True),
        ("0.30000000000000004", True),
        ("0.00030000000000000003", True),
        ("0.300000000000000041", False),
        ("0.0003000000000000000312", False),
        ("123456789012345.67", True),
        ("12345678901234567.89", False),
        ("-12345678901234567.89", False),
        ("1.23456789012345678901e5", False),
        ("123456789012345678901234567890", True),
    ],
)
def test_numbers_that_a_double_would_cut_are_kept_as_text(number, kept):
    record = f'{{"a":{number},"b":"\\"1.23456789012345678901"}}'
    read = json.loads(exact(record.encode()))
    assert read == json.loads(record) if kept else {**json.loads(record), "a": number}
    assert (count_values(b'{"a":%b}' % number.encode()) == 1) is kept
