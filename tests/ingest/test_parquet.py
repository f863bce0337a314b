"""Parquet: typed values by their text, without loss; and files that are not whole."""

import base64
import io
import json
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pyarrow.parquet.encryption as encryption
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.columns import Column
from ingest.formats import parquet
from ingest.source import Parquet
from ingest.staged import sound_records

BAD_UTF8 = pa.Array.from_buffers(
    pa.string(), 3, [None, pa.py_buffer(np.array([0, 1, 3, 4], "i4")), pa.py_buffer(b"x\xe9yz")]
)


def written(columns, **options):
    out = io.BytesIO()
    pq.write_table(columns if isinstance(columns, pa.Table) else pa.table(columns), out, **options)
    return out.getvalue()


def text_of(con, stage, source, value, type=None):
    """What a contract that makes nothing of a value is given of it."""
    columns = (Column(name="v"),)
    staged = stage(written({"v": pa.array([value], type)}), "a.parquet", source(columns=columns))
    ((text,),) = con.sql(f"SELECT c0 FROM {staged.area.table('records')}").fetchall()
    return text


@pytest.mark.parametrize(
    ("value", "type", "text"),
    [
        (2**64 - 1, pa.uint64(), "18446744073709551615"),
        (0.1, pa.float32(), "0.1"),
        (1.0, pa.float64(), "1.0"),
        (float("nan"), pa.float64(), "nan"),
        (Decimal("12345678901234567890123456789.10"), pa.decimal128(38, 2), None),
        (Decimal("1" * 47 + ".10"), pa.decimal256(60, 2), None),
        (True, None, "true"),
        (date(2024, 2, 29), None, "2024-02-29"),
        (time(1, 2, 3, 4), None, "01:02:03.000004"),
        (datetime(2024, 1, 2, 3, 4, 5), None, "2024-01-02 03:04:05"),
        (1704164645123456789, pa.timestamp("ns"), "2024-01-02 03:04:05.123456789"),
        (datetime(2024, 1, 2), pa.timestamp("us", "Europe/Berlin"), "2024-01-02 00:00:00+00"),
        (b"plain", pa.binary(), "plain"),
        (b"\xff", pa.binary(), "\\xFF"),
        (b"0123456789abcdef", pa.uuid(), "30313233-3435-3637-3839-616263646566"),
        ('{"a": 1}', pa.json_(), '{"a": 1}'),
        (["a", None], None, '["a",null]'),
        ([Decimal("1.10")], pa.list_(pa.decimal128(38, 2)), "[1.10]"),
        (
            [{"a": [("k", Decimal("1" * 47))]}],
            pa.list_(pa.struct([("a", pa.map_(pa.string(), pa.decimal256(60, 0)))])),
            f'[{{"a":{{"k":"{"1" * 47}"}}}}]',
        ),
        ({"a": {"b": 1}}, None, '{"a":{"b":1}}'),
        ([("k", 1)], pa.map_(pa.string(), pa.int64()), '{"k":1}'),
        ("x", pa.dictionary(pa.int8(), pa.string()), "x"),
        (None, pa.null(), None),
    ],
)
def test_every_value_has_a_text(con, stage, source, value, type, text):
    expected = str(value) if isinstance(value, Decimal) else text
    assert text_of(con, stage, source, value, type) == expected


def test_a_file_is_staged_by_the_names_of_its_columns(con, stage):
    columns = {
        "name": ["x", None],
        "day": [date(2024, 1, 2), None],
        "ID": [1.0, 1.5],
        "more": [1, 2],
    }
    staged = stage(written(columns), "a.parquet")
    assert (staged.records, staged.rejected) == (2, 0)
    found = con.sql(sound_records(staged, lambda name: f"{name}_castable")).fetchall()
    assert [row[2:] for row in found] == [
        (1, "x", date(2024, 1, 2), True, True),
        (None, None, None, False, None),
    ]
    rescued = con.sql(f"SELECT _rescued FROM {staged.area.table('records')}").fetchall()
    assert rescued == [('{"more":"1"}',), ('{"more":"2"}',)]


def test_odd_names_are_taken_as_they_come(con, stage):
    names = ["id", "name", "name", "", 'select "x"; --', "Name", "file_row_number", "a=1"]
    data = written(pa.table([pa.array([n]) for n in range(len(names))], names=names))
    staged = stage(data, "a.parquet")
    assert staged.fields == (*names[:2], "name__3", "column_4", *names[4:])
    assert {"duplicate-header", "blank-header"} <= {error.code for error in staged.errors}
    ((raw,),) = [table["raw"].to_pylist() for table in staged.raw_records(con, np.array([1]))]
    assert list(json.loads(raw).items()) == list(zip(staged.fields, range(8), strict=True))


def test_raw_records_keep_every_digit(con, stage):
    wide = Decimal("12345678901234567890123456789.10")
    columns = {
        "id": [1, 2, 3],
        "name": ['a"b\n', None, "é"],
        "amount": pa.array([wide, None, wide], pa.decimal128(38, 2)),
        "rate": [float("inf"), 0.1, 1e20],
        "list": [[1], [], None],
    }
    staged = stage(written(columns, row_group_size=2), "a.parquet")
    tables = list(staged.raw_records(con, np.array([1, 3])))
    raw = [each for table in tables for each in table.to_pylist()]
    assert [(each["_record_no"], each["line"], each["byte"]) for each in raw] == [
        (1, None, None),
        (3, None, None),
    ]
    first = json.loads(raw[0]["raw"], parse_float=Decimal)
    assert first == {"id": 1, "name": 'a"b\n', "amount": wide, "rate": "inf", "list": [1]}
    assert raw[1]["raw"].endswith(
        '"amount":12345678901234567890123456789.10,"rate":1e+20,"list":null}'
    )


def test_bytes_that_are_no_text_cost_their_record_alone(con, stage):
    staged = stage(written({"id": [1, 2, 3], "name": BAD_UTF8}), "a.parquet")
    assert (staged.records, staged.rejected) == (3, 1)
    found = con.sql(sound_records(staged, lambda name: f"{name}_castable")).fetchall()
    assert [row[2:4] for row in found] == [(1, "x"), (3, "z")]
    assert con.sql(f"SELECT raw, reason FROM {staged.area.table('rejects')}").fetchall() == [
        ('{"id":2,"name":"\\\\xE9y"}', "name holds bytes that are not UTF-8")
    ]


def test_bad_records_are_quarantined_whole(con, deliver):
    data = written({"id": ["1", "x", "3"], "name": BAD_UTF8})
    (load,) = deliver("a.parquet", data)
    assert (load.counts.loaded, load.counts.quarantined) == (2, 1)
    data = written({"id": ["1", "x"], "name": ["a", "b"]})
    (load,) = deliver("b.parquet", data)
    assert (load.counts.loaded, load.counts.quarantined) == (1, 1)
    kept = con.sql("SELECT file, _record_no, line, byte, raw FROM quarantine.orders ORDER BY ALL")
    assert kept.fetchall() == [
        ("a.parquet", 2, None, None, '{"id":"x","name":"\\\\xE9y"}'),
        ("b.parquet", 2, None, None, '{"id":"x","name":"b"}'),
    ]


WHOLE = written({"id": range(9000), "name": [f"name {i % 777}" for i in range(9000)]})


@pytest.mark.parametrize(
    ("data", "code", "message"),
    [
        (b"", "empty-file", "the file is empty"),
        (b"id,name\n1,x\n", "not-parquet", "does not begin with PAR1"),
        (WHOLE[: len(WHOLE) // 2], "truncated-file", "is cut off"),
        (b"PAR1PAR1", "truncated-file", "is cut off"),
        (WHOLE[:-60] + bytes(52) + WHOLE[-8:], "damaged-file", "is damaged"),
        (WHOLE[:40] + bytes(9000) + WHOLE[9040:], "damaged-file", "is damaged"),
    ],
)
def test_a_file_that_is_not_whole_says_so(stage, data, code, message):
    staged = stage(data, "a.parquet")
    assert not staged.readable
    ((found, said),) = [(error.code, error.message) for error in staged.errors if error.fatal]
    assert found == code
    assert message in said


def test_what_is_wrong_within_a_value_is_told_of_the_file(stage):
    within = pa.ListArray.from_arrays([0, 1, 2, 3], BAD_UTF8)
    (error,) = stage(written({"id": [1, 2, 3], "name": within}), "a.parquet").errors
    assert (error.code, error.fatal) == ("damaged-file", True)
    assert "Invalid UTF8 sequence" in error.message


def test_a_file_without_columns_is_empty(stage):
    (error,) = stage(written(pa.table({})), "a.parquet").errors
    assert (error.code, error.message) == ("empty-file", "the file is empty: it has no columns")


def test_the_program_that_wrote_a_file_may_have_no_name(stage):
    start = WHOLE.index(b"parquet-cpp")
    (error,) = stage(WHOLE[:start] + b"\xff" + WHOLE[start + 1 :], "a.parquet").errors
    assert (error.code, error.fatal) == ("damaged-file", True)


class Keys(encryption.KmsClient):
    """A keeper of keys that hands them to anybody."""

    def wrap_key(self, key, name):
        return base64.b64encode(key)

    def unwrap_key(self, wrapped, name):
        return base64.b64decode(wrapped)


@pytest.mark.parametrize("columns_alone", [True, False])
def test_an_encrypted_file_is_told(stage, columns_alone):
    table, out = pa.table({"id": [1], "name": ["x"]}), io.BytesIO()
    crypto = encryption.CryptoFactory(lambda config: Keys())
    wanted = encryption.EncryptionConfiguration(
        footer_key="0123456789abcdef", column_keys={"k": ["id"]}, plaintext_footer=columns_alone
    )
    secret = crypto.file_encryption_properties(encryption.KmsConnectionConfig(), wanted)
    with pq.ParquetWriter(out, table.schema, encryption_properties=secret) as writer:
        writer.write_table(table)
    (error,) = stage(out.getvalue(), "a.parquet").errors
    assert (error.code, error.fatal) == ("encrypted-file", True)


def test_a_few_bytes_that_claim_to_be_many_records_are_refused(stage, monkeypatch):
    monkeypatch.setattr("ingest.formats.parquet.CELLS_FROM", 1000)
    (error,) = stage(
        written({"id": [1] * 1_000_000, "name": ["x"] * 1_000_000}), "a.parquet"
    ).errors
    assert (error.code, error.fatal) == ("decompression-bomb", True)


def test_a_missing_column_is_told(stage):
    (error,) = stage(written({"id": [1]}), "a.parquet").errors
    assert (error.code, error.fatal) == ("missing-column", True)


def test_the_contract_says_what_means_nothing(con, stage, source):
    like = source(format=Parquet(null_values=("-9",)))
    staged = stage(written({"id": [-9, 1], "name": ["a", "-9"]}), "a.xyz", like)
    assert con.sql(f"SELECT c0, c1 FROM {staged.area.table('records')}").fetchall() == [
        (None, "a"),
        (1, None),
    ]


@settings(deadline=None, max_examples=25, suppress_health_check=list(HealthCheck))
@given(
    rows=st.lists(
        st.tuples(
            st.none() | st.integers(-(2**63), 2**63 - 1),
            st.none() | st.text(st.characters(exclude_categories=["Cs"])),
            st.none() | st.decimals(-(10**20), 10**20, places=3, allow_nan=False),
        ),
        max_size=30,
    )
)
def test_what_is_written_is_what_is_read(con, stage, source, rows):
    types = {"i": pa.int64(), "s": pa.string(), "d": pa.decimal128(30, 3)}
    columns = {name: [row[i] for row in rows] for i, name in enumerate(types)}
    data = written({n: pa.array(values, types[n]) for n, values in columns.items()})
    like = source(
        columns=(
            Column(name="i", type="bigint"),
            Column(name="s"),
            Column(name="d", type="decimal(30,3)"),
        )
    )
    staged = stage(data, "a.parquet", like)
    found = con.sql(f"SELECT c0, c1, c2, _text FROM {staged.area.table('records')}").fetchall()
    assert found == [(*row, None) for row in rows]
    blob = Path(staged.framed)
    assert parquet.count(blob, staged.dialect, blob.parent) == staged.records == len(rows)
