"""JSON records are found whatever stands in their strings, and whatever the chunk."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest import frames as framing
from ingest.formats.json import array_frames, line_frames

VALUE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text('ab",[]{}\\\n€', max_size=6),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.text('k"\\]', max_size=3), inner)
    ),
    max_leaves=6,
)
RECORD = st.dictionaries(st.text("ab,]", max_size=3), VALUE, max_size=3)


def texts(frames):
    return [
        frame.data[a:b].decode()
        for frame in frames
        for a, b in zip(frame.starts, frame.ends, strict=True)
    ]


def in_chunks(frames, blob, size):
    original = framing.chunks
    frames.__globals__["chunks"] = lambda path, start: original(path, start, size)
    try:
        return texts(frames(blob))
    finally:
        frames.__globals__["chunks"] = original


@settings(max_examples=200, deadline=None)
@given(st.lists(RECORD, max_size=5), st.integers(1, 30), st.sampled_from([None, 2]), st.booleans())
def test_elements_of_an_array(tmp_path_factory, records, size, indent, raw):
    blob = tmp_path_factory.mktemp("blob") / "b"
    blob.write_text(json.dumps(records, indent=indent, ensure_ascii=raw), encoding="utf-8")
    assert [json.loads(text) for text in in_chunks(array_frames, blob, size)] == records


@settings(max_examples=100, deadline=None)
@given(st.lists(RECORD, max_size=5), st.integers(1, 30), st.sampled_from(["\n", "\r\n", "\n\n"]))
def test_lines(tmp_path_factory, records, size, ending):
    blob = tmp_path_factory.mktemp("blob") / "b"
    blob.write_bytes("".join(json.dumps(record) + ending for record in records).encode())
    assert [json.loads(text) for text in in_chunks(line_frames, blob, size)] == records


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('[{"a":1},{"a":2', ['{"a":1}', '{"a":2']),
        ('[{"a":1}]\n[{"a":2}]', ['{"a":1}', '[{"a":2}]']),
        ("[]", []),
        (" [ ] ", []),
        ("[1, {}, x]", ["1", "{}", "x"]),
        ('[{"a":1}}, {"a":2}]', ['{"a":1}', ', {"a":2}]']),
    ],
)
@pytest.mark.parametrize("size", [2, 1 << 20])
def test_what_is_left_over_is_a_record_too(tmp_path, text, expected, size):
    blob = tmp_path / "b"
    blob.write_text(text)
    assert "".join(in_chunks(array_frames, blob, size)).replace(" ", "") == "".join(
        expected
    ).replace(" ", "")
