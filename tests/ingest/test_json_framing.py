"""JSON records are found whatever stands in them, whatever the chunk, whatever is wrong."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.formats import json_framing
from ingest.formats.json_layout import tell, within
from ingest.frames import chunks

VALUE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text('ab",[]{}\\\n€', max_size=6),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.text('k"\\]', max_size=3), inner)
    ),
    max_leaves=6,
)
RECORD = st.dictionaries(st.text("ab,]", max_size=3), VALUE, max_size=3)
RECORDS = st.lists(RECORD.map(lambda record: {"id": 1} | record), min_size=1, max_size=6)
LAYOUTS = ("array", "indented", "element a line", "lines", "crlf", "objects", "indented objects")
DEFECTS = st.tuples(st.integers(0, 10_000), st.sampled_from([b"", *b'",{}[]\\\nx\xff ']))


def laid_out(records, layout):
    match layout:
        case "array":
            text = json.dumps(records, ensure_ascii=False)
        case "indented":
            text = json.dumps(records, indent=2)
        case "element a line":
            text = "[\n" + ",\n".join(map(json.dumps, records)) + "\n]"
        case "lines":
            text = "".join(json.dumps(record) + "\n" for record in records)
        case "crlf":
            text = "".join(json.dumps(record) + "\r\n" for record in records)
        case "objects":
            text = "".join(map(json.dumps, records)) + "{}"
        case _:
            text = "\n".join(json.dumps(record, indent=1) for record in records)
    return text.encode()


def found(blob, size=1 << 18, layout=None):
    """Every record with its byte and its line, and whether the file ends as it should."""
    spans, closed = [], None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_framing, "PIECE", size)
        for stretch in json_framing.stretches(blob, layout or tell(blob)):
            frame, closed = stretch.frame, stretch.closed
            for start, end in zip(frame.starts.tolist(), frame.ends.tolist(), strict=True):
                line = frame.line + int((frame.breaks < start).sum())
                spans.append((frame.offset + start, frame.offset + end, line))
    return spans, closed


def texts(blob, **given):
    return [blob.read_bytes()[start:end].decode() for start, end, _ in found(blob, **given)[0]]


@settings(max_examples=80, deadline=None)
@given(RECORDS, st.sampled_from(LAYOUTS), st.integers(1, 40))
def test_every_record_is_found_whatever_the_chunk(tmp_path_factory, records, layout, size):
    blob = tmp_path_factory.mktemp("blob") / "b"
    blob.write_bytes(laid_out(records, layout))
    read = [json.loads(text) for text in texts(blob, size=size)]
    assert read == records + ([{}] if layout == "objects" else [])
    assert found(blob, size)[1] is True


@settings(max_examples=120, deadline=None)
@given(RECORDS, st.sampled_from(LAYOUTS), st.lists(DEFECTS, max_size=3), st.integers(1, 40))
def test_nothing_is_lost_whatever_is_wrong(tmp_path_factory, records, layout, defects, size):
    data = laid_out(records, layout)
    for place, byte in defects:
        at = place % (len(data) + 1)
        data = data[:at] + (bytes([byte]) if byte else b"") + data[at + (byte == b"") :]
    blob = tmp_path_factory.mktemp("blob") / "b"
    blob.write_bytes(data)
    spans, closed = found(blob)
    assert (spans, closed) == found(blob, size)
    rest, end, newline = bytearray(data), 0, tell(blob).newline
    for start, stop, line in spans:
        assert end <= start < stop
        assert line == data[:start].count(newline) + 1
        rest[start:stop], end = b" " * (stop - start), stop
    structure = rest.decode().split()
    assert "".join(structure).strip(",").replace(",", "") in ("", "[", "[]")


@pytest.mark.parametrize(
    ("text", "expected", "closed"),
    [
        ("[]", [], True),
        (" [ ] ", [], True),
        ("[1, {}, x]", ["1", "{}", "x"], True),
        ('[{"a":1}, NaN, {"b":2}, {"c":3}]', ['{"a":1}', "NaN", '{"b":2}', '{"c":3}'], True),
        ('{"a":1}\n{"b":2}', ['{"a":1}', '{"b":2}'], True),
        ('{"a":1}\n{"b":-', ['{"a":1}', '{"b":-'], False),
        ('{"a":1}\nx', ['{"a":1}', "x"], True),
        ("[", [], False),
        ('[{"a":1}', ['{"a":1}'], False),
        ('[{"a":1},', ['{"a":1}'], False),
        ('[{"a":1},{"a":2', ['{"a":1}', '{"a":2'], False),
        ('[{"a":1}]\n[{"a":2}]', ['{"a":1}', ']\n[{"a":2}]'], True),
        ('[{"a":1}] x', ['{"a":1}', "] x"], True),
        ('[{"a":1}]]', ['{"a":1}', "]]"], True),
        ('[{"a":1}], {"a":2}]', ['{"a":1}', "]", '{"a":2}'], True),
        ('[{"a":1}}, {"a":2}]', ['{"a":1}}', '{"a":2}'], True),
        ('[{"a":1} {"a":2}, {"a":3}]', ['{"a":1} {"a":2}', '{"a":3}'], True),
        ('[{"a":1, {"a":2}, {"a":3}]', ['{"a":1', '{"a":2}', '{"a":3}'], True),
        ('["a":1}, {"a":2}]', ['"a":1}', '{"a":2}'], True),
        ('[{"a":1},]', ['{"a":1}', ","], True),
        ('[,{"a":1}]', [",", '{"a":1}'], True),
        ("[,]", [","], True),
        ('[{"a":1},,{"a":2}]', ['{"a":1}', ",", '{"a":2}'], True),
        ('[{"a":"x"y"},{"a":2}]', ['{"a":"x"y"}', '{"a":2}'], True),
        ('[{"a":"x},{"a":2},{"a":3}]', ['{"a":"x}', '{"a":2}', '{"a":3}'], True),
        (
            '[{"a":x","b":[{"a":5},{"a":6}]},{"a":2}]',
            ['{"a":x","b":[{"a":5},{"a":6}]}', '{"a":2}'],
            True,
        ),
        ('{"a":1}{"a":2}', ['{"a":1}', '{"a":2}'], True),
        (
            '{\n"a":1\n}\n{\n"a":"x"y"\n}\n{\n"a":3\n}',
            ['{\n"a":1\n}', '{\n"a":"x"y"\n}', '{\n"a":3\n}'],
            True,
        ),
        ('{\n"a":1\n', ['{\n"a":1'], False),
        ('{"a":1}\r{"a":2}\r', ['{"a":1}', '{"a":2}'], True),
        ('{"a":1,\n{"a":2}\n', ['{"a":1,', '{"a":2}'], True),
        ("", [], True),
    ],
)
@pytest.mark.parametrize("size", [2, 1 << 20])
def test_a_bad_element_ends_where_the_next_one_begins(tmp_path, text, expected, closed, size):
    blob = tmp_path / "b"
    blob.write_bytes(text.encode())
    assert texts(blob, size=size) == expected
    assert found(blob, size)[1] is closed


@pytest.mark.parametrize(
    ("text", "expected", "closed"),
    [
        ('{"d":{"i":[{"a":1},{"a":2}],"n":1},"m":[]}', ['{"a":1}', '{"a":2}'], True),
        ('{"m":{"i":[7]},"d":{"x":"]","i":[{"a":1}]}}', ['{"a":1}'], True),
        ('{"d":{"i":[]}}', [], True),
        ('{"d":{"i":[{"a":1}', ['{"a":1}'], False),
        ('{"d":{"i":[{"a":1}]', ['{"a":1}'], False),
        ('{"d":{"i":[{"a":1}]}} x', ['{"a":1}', "}} x"], True),
        ('{"d":{"i":[{"a":1}],"i":[{"a":2}]}}', ['{"a":1}', ',"i":[{"a":2}]}}'], True),
        ('{"d":{"i":[{"a":1},{"a":x}],"n":1}}', ['{"a":1}', '{"a":x}'], True),
        ('{"d":{"i":[{"a":1},{"a":x}],"n":"]"}}', ['{"a":1}', '{"a":x}'], True),
    ],
)
@pytest.mark.parametrize("size", [3, 1 << 20])
def test_records_within_an_object(tmp_path, text, expected, closed, size):
    blob = tmp_path / "b"
    blob.write_text(text)
    layout = within(blob, "d.i")
    assert texts(blob, size=size, layout=layout) == expected
    assert found(blob, size, layout)[1] is closed


@pytest.mark.parametrize("text", ["[]", '{"d":[]}', '{"d":{"i":{}}}', '{"d":{"j":[]}}', "x", ""])
def test_there_may_be_no_array_at_the_path(tmp_path, text):
    (tmp_path / "b").write_text(text)
    assert within(tmp_path / "b", "d.i") is None


def test_a_stray_quote_costs_one_element_of_many(tmp_path):
    elements = [json.dumps({"id": i, "name": "x" * 50}) for i in range(8_000)]
    elements[3_000] = elements[3_000].replace("x", '"', 1)
    (tmp_path / "b").write_text("[" + ", ".join(elements) + "]")
    assert texts(tmp_path / "b") == elements
    assert sum(map(len, chunks(tmp_path / "b"))) > 2 * json_framing.PIECE


@pytest.mark.parametrize("bad", ["", '{"id": NaN}, '])
def test_an_array_is_never_held_whole(tmp_path, bad):
    (tmp_path / "b").write_text(f"[{bad}" + '{"id": 1}, ' * 200_000 + "{}]")
    found = json_framing.stretches(tmp_path / "b", tell(tmp_path / "b"))
    assert max(len(stretch.frame.data) for stretch in found) <= 2 * json_framing.PIECE
