"""Whatever is wrong with a JSON file, every record of it is loaded or rejected, and none lost."""

import json
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ingest.columns import Column
from ingest.formats.known import FORMATS
from ingest.source import Json

REPEATED = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
KEYS = st.sampled_from(["name", "late", "ID", "new", "", "_rescued", "a.b", "~/", "'; --", "é\n"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**40), 10**40) | st.text('x"\\{}[],:\n\0é€'),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["id", "k", "", "]"]), inner, max_size=2)
    ),
    max_leaves=4,
)
RECORDS = st.builds(
    lambda id, more: {"id": id} | more,
    st.integers(-(10**40), 10**40),
    st.dictionaries(KEYS, VALUES, max_size=3),
)
BAD_VALUES = st.sampled_from([
    "NaN", "-Infinity", "01", "+1", ".5", "1.", "1e", "0x1", "1_0", "True", "undefined", "tru",
    '"\\ud800"', '"\\udc00\\ud800"', '"\\x"', '"\\u12"', "'a'", '"a\tb"', '"\0"',
    '"\udcff"', "\ufeff1", "[1,]", "[1 2]", "[NaN]", "{,}", '{"a":1,}', '{"a" 1}', "{a:1}",
    '{"a":1,"a":1}', '{"a":[{"b":1,"\\u0062":2}]}', "/* */ 1", "", "}",
])  # fmt: skip
BAD = BAD_VALUES.map('{{"id": {}}}'.format) | st.sampled_from(
    ['{"id":1,"id":2}', '{"id":1,"\\u0069d":1}', '{"id":1,}', "1", "null", '"x"']
)
OPEN = st.sampled_from(['{"id": "a}', '{"id": "a"b"}', '{"id"', '{"id: 1}', '{"id":1} // one'])
"""What may well cost a neighbour, if there is no end of a line between them."""
NAMES = (
    Column(name="id"),
    Column(name="name", type="json", required=False),
    Column(name="late", type="json", required=False),
)


@dataclass(frozen=True)
class Written:
    """A file with defects, and what must come of it."""

    data: bytes
    good: list[dict[str, object]]
    bad: int
    layout: str
    whole: bool = True


@st.composite
def files(draw):
    """Write records, and among them every defect that costs only itself."""
    layout = draw(st.sampled_from(["lines", "array", "indented", "within"]))
    # Lines are told from other layouts by those that look like records, at least half of them.
    records = draw(st.lists(RECORDS, min_size=4 if layout == "lines" else 0, max_size=6))
    indent = 2 if layout == "indented" else None
    body = [
        json.dumps(record, indent=indent, ensure_ascii=draw(st.booleans())) for record in records
    ]
    fault = BAD | OPEN if layout == "lines" else BAD
    bad = draw(st.dictionaries(st.integers(0, len(body)), fault, max_size=3))
    for place, text in sorted(bad.items(), reverse=True):
        body.insert(place, text)
    cut = draw(st.sampled_from(["", "", '{"id":', '{"id": 1, "name": [{"']))
    if layout == "lines":
        ends = st.sampled_from(["\n", "\r\n", "\n\n", " \n\t", "\n \r\n"])
        text = "".join(
            line + draw(ends) for line in [draw(st.sampled_from(["", " ", "\n"])), *body]
        )
        text += cut
    else:
        head, tail = ('{"n": 1, "d": {"rows": [', ']}, "m": "]"}') if layout == "within" else "[]"
        text = head + ", ".join([*body, cut] if cut else body) + ("" if cut else tail)
    mark = draw(st.sampled_from(["", "\ufeff"]))
    data = (mark + text).encode("utf-8", "surrogateescape")
    return Written(data, records, len(bad) + (cut != ""), layout, cut == "")


def left(record):
    """What no column takes, if any of it has a value."""
    rest = {key: value for key, value in record.items() if key not in ("id", "name", "late")}
    return rest if any(value is not None for value in rest.values()) else None


@REPEATED
@given(files())
@example(Written(b'{"id":1}\n {"id":2,"new":3}\n', [{"id": 1}, {"id": 2, "new": 3}], 0, "lines"))
def test_a_bad_record_costs_itself_and_nothing_else(con, stage, source, written):
    records = "d.rows" if written.layout == "within" else None
    like = source(columns=NAMES, format=Json(encoding="utf-8", records=records))
    staged = stage(written.data, "a.json", like)
    rows = con.sql(
        f"SELECT c0, c1, c2, _rescued FROM {staged.area.table('records')} "
        "WHERE _reject IS NULL ORDER BY rowid"
    )
    found = [
        (int(i), *(each and json.loads(each) for each in more)) for i, *more in rows.fetchall()
    ]
    expected = [
        (each["id"], each.get("name"), each.get("late"), left(each)) for each in written.good
    ]
    assert found == expected
    assert (staged.records, staged.rejected) == (len(expected) + written.bad, written.bad)
    assert written.whole or any(error.incomplete for error in staged.errors)


PIECES = st.sampled_from([
    *'{}[]",:\\1 ', "\n", "\r", "\t", "\0", "\udcff", "\ufeff", "NaN", "null",
    "//", '"id"', '"rows"', '"\\u00', '{"id":1}', '{"id":1},', '{"id":1}\n', '{"rows":[',
    '{"id":{"id":[{"id":2}]}}',
])  # fmt: skip


@REPEATED
@given(st.lists(PIECES, max_size=30), st.sampled_from([None, "rows"]), st.sampled_from(["", "[{"]))
def test_of_any_bytes_every_record_is_accounted_for(con, stage, source, pieces, records, head):
    data = (head + "".join(pieces)).encode("utf-8", "surrogateescape")
    like = source(columns=NAMES[1:], format=Json(encoding="utf-8", records=records))
    staged = stage(data, "a.json", like)
    if not staged.readable:
        assert {error.code for error in staged.errors} <= {
            "empty-file",
            "no-records",
            "records-within",
        }
        return
    table = staged.area.table("records")
    ((rows, rejected),) = con.sql(f"SELECT count(*), count(_reject) FROM {table}").fetchall()
    assert (rows, rejected) == (staged.records, staged.rejected)
    again = staged.area.scratch / "again"
    again.write_bytes(data)
    assert FORMATS["json"].count(again, staged.dialect, staged.area.scratch) == rows
    tables = staged.raw_records(con, np.arange(1, rows + 2))  # and none beyond the last
    raw = pa.concat_tables(tables).to_pylist()
    assert len(raw) == rows
    for record in raw:
        assert data[record["byte"] :].decode("utf-8", "backslashreplace").startswith(record["raw"])
