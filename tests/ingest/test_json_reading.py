"""JSON becomes rows: by the columns of the contract, with nothing lost that they do not take."""

import json

import pytest

from ingest.areas import attach
from ingest.columns import Column
from ingest.source import Source
from ingest.transcript import UNKNOWN, transcribe

DIGITS = "123456789012345678901234567890"


def contract(*columns, **format):
    given = [{"name": c, "required": False} if isinstance(c, str) else c for c in columns]
    return Source.model_validate(
        {"dataset": "x", "files": "*", "columns": given, "format": {"type": "json", **format}}
    )


def rows(con, staged):
    cells = ", ".join(f"c{i}" for i in range(len(staged.columns)))
    table = staged.area.table("records")
    return con.sql(f"SELECT {cells}, _rescued FROM {table} WHERE _reject IS NULL").fetchall()


@pytest.mark.parametrize(
    ("data", "layout", "ids"),
    [
        ('{"id": 1}\n{"id": 2}\n', "lines", "12"),
        ('{"id": 1}\r\n{"id": 2}\r\n', "lines", "12"),
        ('{"id": 1}\r{"id": 2}', "lines", "12"),
        ('\ufeff{"id": 1}\n\n \n{"id": 2}', "lines", "12"),
        ('{"id": 1}\n{"id":\r2}\r\n', "lines", "12"),
        ('["a", "b"]\n{"id": 1}\n{"id": 2}\n', "lines", "12"),
        ('{"id": 1}{"id": 2} {"id": 3}', "objects", "123"),
        ('{\n  "id": 1\n}', "objects", "1"),
        ('{\n  "id": 1\n}\n{\n  "id": 2\n}\n', "objects", "12"),
        ('[{"id": 1}, {"id": 2}]', "array", "12"),
        ('\ufeff[\n  {\n    "id": 1\n  }\n]\n', "array", "1"),
        ('{"n": 1, "data": {"items": [{"id": 1}, {"id": 2}]}}', "array", "12"),
        ('{\n "items": [\n  {"id": 1}\n ]\n}', "array", "1"),
        ('{"id": 1, "more": [{"id": 2}, 5]}', "lines", "1"),
    ],
)
def test_layouts(con, stage, data, layout, ids):
    staged = stage(data.encode(), "a.json", contract("id"))
    assert (staged.dialect["layout"], staged.rejected) == (layout, data.count('["a"'))
    assert "".join(row[0] for row in rows(con, staged)) == ids


@pytest.mark.parametrize("path", ["data.items", "data.rest", "données"])
def test_the_contract_says_where_the_records_are(con, stage, path):
    data = {"data": {"items": [{"id": 1}], "rest": [{"id": 1}]}, "données": [{"id": 1}]}
    text = json.dumps(data, ensure_ascii=False)
    staged = stage(text.encode(), "a.json", contract("id", records=path))
    assert (rows(con, staged), staged.dialect["records"]) == ([("1", None)], path)


def test_the_contract_says_what_means_nothing(con, stage):
    like = contract("id", null_values=["NA", "-1"])
    staged = stage(b'{"id":"NA","new":"NA"}\n{"id":-1}\n{"id":0}\n', "a.json", like)
    assert [row[0] for row in rows(con, staged)] == [None, None, "0"]


def test_of_several_arrays_none_is_obvious(stage):
    staged = stage(b'{"a": [{"id": 1}], "b": [{"id": 2}]}', "a.json", contract("id"))
    assert [error.code for error in staged.errors] == ["records-within"]
    assert staged.records == 1


@pytest.mark.parametrize("nested", [False, True])
def test_digits_are_kept(con, stage, nested):
    value = f'{{"x":[{DIGITS}]}}' if nested else DIGITS
    data = f'{{"id":{value},"late":{value}}}\n{{"id":12345678901234567.89}}\n'
    staged = stage(data.encode(), "a.json", contract("id"))
    rescued = f'{{"late":{value}}}'
    assert rows(con, staged) == [(value, rescued), ("12345678901234567.89", None)]


def test_big_numbers_become_numbers(con, stage):
    types = {"hugeint": int(DIGITS), "decimal(38,2)": 0, "double": float(DIGITS)}
    columns = [{"name": type.split("(")[0], "type": type} for type in types]
    record = ",".join(f'"{c["name"]}":{DIGITS}' for c in columns)
    staged = stage(f"{{{record}}}".encode(), "a.json", contract(*columns))
    ((huge, exact, double, _),) = rows(con, staged)
    assert (huge, exact, double) == (int(DIGITS), int(DIGITS), float(DIGITS))


def test_keys_seen_late_are_rescued_and_told(con, stage):
    records = [{"id": i} for i in range(3000)] + [{"id": 3000, "new": {"a": None}, "none": None}]
    data = "\n".join(map(json.dumps, records)).encode()
    staged = stage(data, "a.json", contract("id"))
    assert rows(con, staged)[-2:] == [("2999", None), ("3000", '{"new":{"a":null},"none":null}')]
    assert staged.fields == ("id", "new", "none")


@pytest.mark.parametrize(
    "late",
    [
        ['{"id":1,"b":2,"more":3}', '{"id":1}'],
        ['{"id" :1,"b":2,"more":3}'],
        ['{"id":1,"b"\t:2,"more":3}', '{"id":1,"b":2}'],
        ['{"id":1,"b":"\\":","more":3}', '{"b":2}'],
        ['{"more":3}'],
    ],
)
def test_no_key_seen_late_passes_for_one_that_is_missing(con, stage, late):
    alike = '{"id":1,"b":2}\n' * 2000
    staged = stage((alike + "\n".join(late)).encode(), "a.json", contract("id", "b"))
    assert [left for _, _, left in rows(con, staged)[2000:] if left] == ['{"more":3}']


def test_a_column_seen_late_is_not_missing(con, stage):
    records = [{"id": i} for i in range(3000)] + [{"id": 3000, "name": "x"}]
    data = "\n".join(map(json.dumps, records)).encode()
    staged = stage(data, "a.json", contract("id", {"name": "name"}))
    assert staged.readable
    assert rows(con, staged)[-1] == ("3000", "x", None)


def test_a_great_many_keys_are_no_columns(con, stage):
    records = [{"id": i, f"key {i}": i} for i in range(20_000)]
    staged = stage(json.dumps(records).encode(), "a.json", contract("id"))
    assert rows(con, staged)[777] == ("777", '{"key 777":777}')
    assert len(staged.fields) == 20_001


@pytest.mark.parametrize("blank", [" ", "\t", "\r"])
def test_a_line_that_begins_with_blanks_is_judged_as_any_other(con, stage, blank):
    data = f'{{"id":1}}\n{blank}{{"id":2,"new":3}}\n{blank}{{"id":4,"id":5}}\n'
    staged = stage(data.encode(), "a.jsonl", contract("id"))
    assert rows(con, staged) == [("1", None), ("2", '{"new":3}')]
    assert (staged.fields, staged.rejected) == (("id", "new"), 1)


@pytest.mark.parametrize("record", ['{"id":2', '{"id":2,"x":[{"a', '{"id":-', '{"id":"\\'])
@pytest.mark.parametrize(
    ("layout", "code"), [('{"id":1}\n%s', "cut-off"), ('[{"id":1},%s', "truncated-array")]
)
def test_a_file_that_breaks_off_says_so(con, stage, layout, record, code):
    staged = stage((layout % record).encode(), "a.json", contract("id"))
    assert [(error.code, error.incomplete) for error in staged.errors] == [(code, True)]
    assert (rows(con, staged), staged.rejected) == ([("1", None)], 1)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ('[{"id":1},]', "there is a comma too many"),
        ('[{"id":1}]{"id":2}', "something follows the array, or closes it too early"),
        ('[{"id":1},{"id":+2}]', "expected value at line 1 column 7 of the record"),
    ],
)
def test_a_supplier_is_told_what_is_no_json(con, stage, data, reason):
    staged = stage(data.encode(), "a.json", contract("id"))
    (found,) = con.sql(f"SELECT reason FROM {staged.area.table('rejects')}").fetchall()
    assert found == (f"it is not valid JSON: {reason}",)


@pytest.mark.parametrize(
    ("record", "cell", "rescued"),
    [
        ('{"address":{"city":"x"}}', "x", None),
        ('{"address":{"city":{"a":1}}}', '{"a":1}', None),
        ('{"address":{"city":null}}', None, None),
        ('{"address":null}', None, None),
        ("{}", None, None),
        ('{"address":{"city":"x","zip":1}}', "x", '{"address":{"city":"x","zip":1}}'),
        ('{"address":"x"}', None, '{"address":"x"}'),
        ('{"address":[{"city":"x"}]}', None, '{"address":[{"city":"x"}]}'),
    ],
)
def test_a_path_leads_into_a_record(con, stage, record, cell, rescued):
    like = contract({"name": "city", "path": "address.city", "required": False})
    data = f'{record}\n{{"address":{{"city":"y"}}}}\n'
    staged = stage(data.encode(), "a.jsonl", like)
    assert rows(con, staged) == [(cell, rescued), ("y", None)]


@pytest.mark.parametrize("key", ["city", "City"])
@pytest.mark.parametrize("address", [{"city": "x"}, {}, None])
def test_what_is_called_as_a_path_is_something_else(con, stage, key, address):
    like = contract({"name": "city", "path": "address.city", "required": False})
    data = json.dumps({"address": address, key: "y"})
    staged = stage(data.encode(), "a.jsonl", like)
    ((city, rescued),) = rows(con, staged)
    assert (city, json.loads(rescued)[key]) == ((address or {}).get("city"), "y")
    assert f"$.{key}" in {change.column for change in staged.drift.changes}


def test_a_required_path_may_be_missing(stage):
    staged = stage(b'{"a":{"c":1}}', "a.json", contract({"name": "b", "path": "a.b"}))
    assert [error.code for error in staged.errors] == ["missing-column"]


def test_an_object_and_a_part_of_it(con, stage):
    columns = [{"name": "a", "type": "json"}, {"name": "b", "path": "a.b", "type": "integer"}]
    staged = stage(b'{"a":{"b":1,"c":"x"}}\n{"a":"x"}\n', "a.json", contract(*columns))
    assert rows(con, staged) == [('{"b":1,"c":"x"}', 1, None), ('"x"', None, None)]


@pytest.mark.parametrize(
    "record",
    ['{"id":1,"id":2}', '{"id":1,"x":{"a":1,"a":1}}', '{"id":1,"x":[{"a":1,"a":2}]}'],
)
@pytest.mark.parametrize("layout", ["%s\n", "[%s]", '[{"id":5},%s,{"id":6}]'])
def test_a_repeated_key_costs_its_record(con, stage, record, layout):
    staged = stage((layout % record).encode(), "a.json", contract("id", "x"))
    (reject,) = con.sql(f"SELECT raw, reason FROM {staged.area.table('rejects')}").fetchall()
    assert reject[0] == record
    assert "stands in it twice" in reject[1]
    assert [row[0] for row in rows(con, staged)] == ["5", "6"] * ("5" in layout)


def test_no_key_becomes_sql(con, stage):
    keys = [
        '"',
        "'",
        'a"."b',
        "'; DROP TABLE x; --",
        "~/",
        "",
        "rowid",
        "ID",
        "id ",
        "{}",
        "\u0000",
    ]
    record = {"id": 1} | {key: key for key in keys}
    staged = stage(json.dumps(record).encode(), "a.json", contract("id", "'; DROP TABLE x; --"))
    ((number, text, rescued),) = rows(con, staged)
    assert (number, text) == ("1", "'; DROP TABLE x; --")
    assert json.loads(rescued) == {key: key for key in keys if key != text}


def test_a_file_without_a_contract_has_the_fields_that_it_has(con, tmp_path):
    (tmp_path / "blob").write_bytes(b'{"b":1}\n{"a":{"c":2},"b":3}\n')
    with attach(con, "s", tmp_path / "s", lasting=False) as room:
        script = transcribe(con, tmp_path / "blob", "json", UNKNOWN, room)
        assert script.fields == ("b", "a")
        assert list(script.texts(con)) == [("1", None), ("3", '{"c":2}')]


def test_only_json_has_paths():
    with pytest.raises(ValueError, match="csv has no paths; only json does"):
        Source.model_validate(
            {
                "dataset": "x",
                "files": "*",
                "format": {"type": "csv"},
                "columns": [Column(name="a", path="b.c")],
            }
        )
