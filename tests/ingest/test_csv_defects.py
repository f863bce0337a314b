"""Whatever is wrong with a CSV file, every record of it is loaded or rejected, and none lost."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ingest.columns import Column
from ingest.formats import csv
from ingest.frames import raw_records
from ingest.source import Csv

NAMES = ("order_id", "customer name", "note")
GOOD = st.lists(st.sampled_from(["", "1", "x y", "é", "a{d}b", 'say "hi" now', "two{n}lines"]),
                min_size=3, max_size=3).filter(any)  # fmt: skip
BAD = st.sampled_from([
    "1{d}x", "1{d}x{d}y{d}z", '1{d}x{d}"y', '"1"x{d}y{d}z', "1{d}\0{d}z", "1{d}\udcff{d}z",
])  # fmt: skip
BLANK = st.just("")
REPEATED = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@dataclass(frozen=True)
class Written:
    """A file with defects, and what must come of it."""

    data: bytes
    good: list[tuple[str | None, ...]]
    bad: int


@st.composite
def files(draw):
    """Write a table with a header and every defect that costs only itself."""
    delimiter = draw(st.sampled_from([",", ";", "\t", "|", "||", "~|~", "^", ":", "<=>", "§"]))
    newline = draw(st.sampled_from(["\n", "\r\n", "\r"]))
    endings = st.sampled_from(["\n", "\r\n", "\r"]) if draw(st.booleans()) else st.just(newline)
    body = draw(st.lists(st.one_of(GOOD, GOOD, BAD, BLANK), max_size=8))
    above = draw(st.lists(st.sampled_from(["Report", "# made by us", ""]), max_size=2))
    below = draw(st.sampled_from([[], ["", "Source: us"], ["the end"]]))

    def quoted(cell):
        if any(mark in cell for mark in (delimiter, '"', "\n", "\r")) or draw(st.booleans()):
            return '"' + cell.replace('"', '""') + '"'
        return cell

    good = []
    lines = [*above, delimiter.join(map(quoted, NAMES))]
    for row in body:
        if isinstance(row, str):
            lines.append(row.format(d=delimiter))
        else:
            cells = [cell.format(d=delimiter, n=newline) for cell in row]
            good.append(tuple(cell or None for cell in cells))
            lines.append(delimiter.join(map(quoted, cells)))
    lines += below
    text = "".join(line + draw(endings) for line in lines)
    mark = draw(st.sampled_from([b"", b"\xef\xbb\xbf", 2 * b"\xef\xbb\xbf"]))
    bad = sum(isinstance(row, str) and row != "" for row in body) + (below != [])
    return Written(mark + text.encode("utf-8", "surrogateescape"), good, bad)


@REPEATED
@given(files())
@example(Written(b'order_id,customer name,note\n1,2,"x\n3,"4\r\n",5\n', [("3", "4\r\n", "5")], 1))
def test_a_bad_record_costs_itself_and_nothing_else(con, stage, source, written):
    columns = tuple(Column(name=name) for name in NAMES)
    like = source(columns=columns, format=Csv(encoding="utf-8", quote='"'))
    staged = stage(written.data, like=like)
    assert staged.readable
    table = staged.area.table("records")
    rows = con.sql(f"SELECT c0, c1, c2 FROM {table} WHERE _reject IS NULL ORDER BY rowid")
    assert rows.fetchall() == written.good
    assert staged.rejected == written.bad
    assert staged.records == len(written.good) + written.bad


@REPEATED
@given(
    st.lists(st.sampled_from(['"', "'", "\\", ",", ",", "||", " ", "  ", "\n", "\n", "\r", "\r\n",
                              "a", "é", "\0", "\udcff", '"a"', '""', '"\n"']), max_size=40),
    st.sampled_from([
        Csv(encoding="utf-8"),
        Csv(encoding="utf-8", delimiter="||", quote='"', escape="\\"),
        Csv(encoding="utf-8", delimiter=" ", quote='"', escape=""),
        Csv(encoding="utf-8", delimiter=",", quote="'", escape="'", header=True),
    ]),
    st.integers(1, 3),
)  # fmt: skip
def test_of_any_bytes_every_record_is_accounted_for(con, stage, source, pieces, spec, width):
    names = ["x", "y", "z"][:width]
    data = (spec.delimiter or ",").join(names) + "\n" + "".join(pieces)
    like = source(columns=tuple(Column(name=name) for name in names), format=spec)
    blob = data.encode("utf-8", "surrogateescape")
    staged = stage(blob, like=like)
    assert staged.readable
    table = staged.area.table("records")
    ((rows, rejected),) = con.sql(f"SELECT count(*), count(_reject) FROM {table}").fetchall()
    assert (rows, rejected) == (staged.records, staged.rejected)
    found = csv.find(Path(staged.framed), staged.dialect)
    numbers = np.arange(1, staged.records + 2)  # and none beyond the last
    records = pa.concat_tables(raw_records(found, numbers)).to_pylist()
    assert len(records) == rows
    for record in records:
        assert blob[record["byte"] :].decode("utf-8", "backslashreplace").startswith(record["raw"])


def test_a_long_file_is_read_alike_screened_or_not(stage, con):
    lines = [f'{i},"name {i}, of\nmany",2024-01-01\n' for i in range(30_000)]
    sound = "id,name,day\n" + "".join(lines)
    first, second = stage(sound.encode()), stage((sound + "1\n").encode())
    assert not first.dialect["screened"]
    assert second.dialect["screened"]
    assert (first.records, second.records, second.rejected) == (30_000, 30_001, 1)
    wanted = np.array([1, 15_000, 30_000])
    same = [next(each.raw_records(con, wanted)).to_pylist() for each in (first, second)]
    assert same[0] == same[1]
    assert same[0][1]["raw"] == lines[14_999].removesuffix("\n")
    assert same[0][1]["line"] == 2 * 14_999 + 2


@pytest.mark.parametrize("delimiter", ["|", "~|~"])
def test_a_pinned_dialect_is_taken_again(con, stage, source, delimiter):
    data = delimiter.join(["id", "name", "day"]) + "\n" + delimiter.join(["1", "x", ""]) + "\n2\n"
    staged = stage(data.encode())
    again = stage(data.encode(), pinned=staged.dialect)
    assert (again.dialect, again.records, again.errors) == (
        staged.dialect,
        staged.records,
        staged.errors,
    )
    otherwise = stage(data.encode(), pinned={**staged.dialect, "skip": 1, "header": False})
    assert otherwise.records == 2
