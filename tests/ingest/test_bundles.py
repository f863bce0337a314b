"""Files that share a bundle are staged as each would be alone."""

import tempfile
from pathlib import Path

import duckdb
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from ingest import areas, bundles, staging
from ingest.bundles import Apart
from ingest.columns import Column
from ingest.model import Arrival, FileVersion, Load, Stage, Status
from ingest.source import Source

SOURCE = Source(
    dataset="orders",
    files="*.csv",
    columns=(
        Column(name="id", type="integer"),
        Column(name="note"),
        Column(name="amount", type="decimal(9,2)"),
    ),
)
ROWS = """SELECT r.rowid + 1 - {before}, r.* EXCLUDE (_text, _reject),
    CASE WHEN r._reject IS NULL THEN r._text END, j.line - {line}, j.byte - {byte}, j.raw, j.reason
FROM {records} r LEFT JOIN {rejects} j ON r._reject = j.number
WHERE r.rowid >= {before} AND r.rowid < {before} + {count} ORDER BY 1"""

LINES = [
    *("1,a,5", "2,b,6.25", "-3,,", '5,"a",1', '6,"a,b",1', '7,"a""b",1', '8,"a\nb",1'),
    *("1, a ,2", "x,a,5", "4,a,5.001", '9,"a', '9,a"b,1', '9,"a"b,1', "9,a", "9,a,1,2", "", " "),
    *(",,", '10, "a",1', "11,é,1", "12,\x1f,3", "id,note,amount", "31 orders", "total,,99", '"'),
]
OBJECTS = [
    *('{"id": 1, "note": "a", "amount": 5}', '{"note": "b", "id": 2, "amount": "6.25"}'),
    *('{"id": 3, "note": null, "amount": 1}', '{"id": "x", "note": "é", "amount": 5.001}'),
    *(
        '{"id": 4, "note": "a", "amount": 1, "more": 1}',
        '{"id": 4, "note": "a", "amount": {"a": 1}}',
    ),
    *(
        '{"id": 5, "note": "a"}',
        '{"ID": 5, "note": "a", "amount": 1}',
        '{"id": 6, "id": 7}',
        "7",
        "",
    ),
    *('{"id": 1, "note": "a", "amount": 1', '{"id": NaN, "note": "a", "amount": 1}', "[]", " {} "),
]


def files(lines):
    """Some files, each of some of the lines; whether the last is ended, and if so, how all are."""
    file = st.tuples(
        st.lists(st.sampled_from(lines), min_size=1, max_size=8), st.booleans(), st.booleans()
    )
    return st.lists(file, min_size=2, max_size=6)


def load(name, number):
    version = FileVersion(number, "orders", name, 1, "", 0)
    return Load(number, "run", version, Arrival.NEW, Stage.RECEIVED, Status.DONE)


def staged_alone(con, part, directory):
    with areas.attach(con, "alone", directory, False) as area:
        staged = staging.stage(con, part.blob, part.format, SOURCE, area)
        assert staged.readable
        return staged.dialect, rows(con, area, staged.records)


def rows(con, area, count, part=None):
    return con.sql(
        ROWS.format(
            records=area.table("records"),
            rejects=area.table("rejects"),
            count=count,
            before=part.before if part else 0,
            line=part.line if part else 0,
            byte=part.byte if part else 0,
        )
    ).fetchall()


def staged_together(con, parts, directory):
    """Stage as many as go together, and give what is then of each."""
    if len(parts) < 2:
        return {}
    try:
        with areas.attach(con, "together", directory, False) as area:
            bundle = bundles.stage(con, parts, SOURCE, area)
            return {
                each.load.load_id: (
                    bundle.staged.dialect,
                    rows(con, area, each.body.records, each),
                    bundle.rejected.get(each.load.load_id, 0),
                )
                for each in bundle.parts
            }
    except Apart as apart:
        found = (staged_together(con, group, directory) for group in apart.groups)
        return {load_id: it for each in found for load_id, it in each.items()}


@pytest.fixture(scope="module")
def con():
    return duckdb.connect(config={"threads": 1})


def compare(con, files, suffix="csv"):
    header = ["id,note,amount"] if suffix == "csv" else []
    with tempfile.TemporaryDirectory() as folder:
        directory, parts = Path(folder), []
        for number, (lines, ended, carriage) in enumerate(files):
            newline = "\r\n" if carriage else "\n"
            text = "\n".join([*header, *lines]) + ("\n" if ended else "")
            blob = directory / f"{number}"
            blob.write_bytes(text.replace("\n", newline).encode())
            if part := bundles.part(load(f"{number}.{suffix}", number), blob, SOURCE, {}):
                parts.append(part)
        together = {}
        for group in bundles.alike(parts):
            together |= staged_together(con, group, directory)
        for part in parts:
            if (load_id := part.load.load_id) in together:
                dialect, found, rejected = together[load_id]
                alone = staged_alone(con, part, directory)
                assert (dialect, found) == alone
                assert rejected == sum(row[-1] is not None for row in found)
        return together


@settings(max_examples=5, deadline=None, database=None, phases=[Phase.generate])
@given(files(LINES))
def test_files_are_staged_together_as_they_are_alone(con, files):
    compare(con, files)


@settings(max_examples=5, deadline=None, database=None, phases=[Phase.generate])
@given(files(OBJECTS))
def test_lines_of_json_are_staged_together_as_they_are_alone(con, files):
    compare(con, files, "jsonl")


@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
@pytest.mark.parametrize("lines", [[""], ["", ""], [" "], ["", "7"]])
def test_a_file_without_records_goes_with_no_other(con, lines, suffix):
    assert not compare(con, [(lines, False, False), (lines, True, True)], suffix)


def test_most_files_do_go_together(con):
    sick = (["1,a,5", "9,a", "2,b,6"], True, False)
    sound = [(["1,a,5"] * number, number % 2 > 0, False) for number in (1, 2, 3)]
    assert compare(con, [sick, sick, *sound]).keys() == {0, 1, 2, 3, 4}
    optional = ([OBJECTS[0], OBJECTS[1]], True, False), ([OBJECTS[2]], False, False)
    assert compare(con, optional, "jsonl").keys() == {0, 1}
