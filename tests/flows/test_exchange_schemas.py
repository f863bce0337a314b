"""JSON Schema and Frictionless: a contract asks for the same, or it is told what it does not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from flows.contract import Contract, checks, read
from flows.exchange import reading
from flows.exchange.part import ExchangeInvalid
from flows.linting import lint
from flows.writing import contract_yaml

HERE = Path(__file__).parent / "exchange"


def imported(tmp_path: Path, path: Path) -> tuple[dict[str, Contract], dict[str, str], list[str]]:
    """The contracts, their texts, and what was told."""
    texts, told = {}, []
    for one in reading.contracts(path):
        dataset = one.contract["dataset"]
        texts[dataset] = contract_yaml(one.contract, one.comments)
        (tmp_path / f"{dataset}.yaml").write_text(texts[dataset])
        told += one.told
    return {name: read(tmp_path / f"{name}.yaml") for name in texts}, texts, told


def written(tmp_path: Path, said: Any) -> Path:
    path = tmp_path / "foreign.json"
    path.write_text(said if isinstance(said, str) else json.dumps(said))
    return path


def asked(contract: Contract) -> dict[str, dict[str, Any]]:
    """The arguments of every check that is not of a type."""
    named = {check.key: check.arguments for check in checks(contract) if check.rule.name != "type"}
    return {
        key: {
            name: value
            for name, value in arguments.items()
            if name not in ("column", "columns") and value is not None
        }
        for key, arguments in named.items()
    }


def test_a_json_schema_becomes_a_contract(tmp_path: Path) -> None:
    known, texts, told = imported(tmp_path, HERE / "sensor.schema.json")
    contract = known["sensor_reading"]
    assert lint(tmp_path / "sensor_reading.yaml") == []
    assert contract.description == "What a sensor sends"
    assert contract.source.format
    assert contract.source.format.type == "json"
    assert contract.source.schema_contract.columns == "freeze"
    columns = {c.name: (c.type, c.path, c.required) for c in contract.source.columns}
    assert columns == {
        "id": ("uuid", None, True),
        "at": ("timestamptz", None, True),
        "day": ("date", None, False),
        "sender": ("varchar", None, False),
        "address": ("varchar", None, False),
        "home": ("varchar", None, False),
        "code": ("varchar", None, False),
        "note": ("varchar", None, False),
        "state": ("varchar", None, True),
        "kind": ("varchar", None, False),
        "count": ("bigint", None, False),
        "odd": ("json", None, False),
        "temperature": ("double", None, False),
        "list": ("json", None, False),
        "holder_name": ("varchar", "holder.name", False),
        "place_city": ("varchar", "place.city", True),
        "place_point_lat": ("double", "place.point.lat", False),
    }
    found = asked(contract)
    assert {key for key in found if key.startswith("not_null")} == {
        "not_null(id)",
        "not_null(at)",
        "not_null(place_city)",
    }
    assert found["length(sender)"] == {"min": 3, "max": 80}
    assert [
        found[f"semantic_format({name})"]["format"] for name in ("sender", "address", "home")
    ] == [
        "email",
        "ipv4",
        "url",
    ]
    assert (
        found["matches(code)"]["pattern"] == ["[A-Z]{2}"]
        or found["matches(code)"]["pattern"] == "[A-Z]{2}"
    )
    assert "(?s:.*)(?:ok)(?s:.*)" in found["matches(note)"]["pattern"]
    assert found["accepted_values(state)"]["values"] == ["on", "off"]
    assert found["accepted_values(kind)"]["values"] == ["sensor"]
    assert found["range(count)"]["min"] == 0
    assert found["range(count)"]["inclusive"] == "neither"
    assert (found["range(temperature)"]["max"], found["range(temperature)"]["inclusive"]) == (
        60,
        "min",
    )
    assert "# JSON Schema: pattern ^[A-Z]{2}$\n" in texts["sensor_reading"]
    for what in ("multipleOf", "list.items", "list.minItems", "number or string is read as json"):
        assert any(what in line for line in told), what


def test_a_data_package_becomes_contracts(tmp_path: Path) -> None:
    known, texts, told = imported(tmp_path, HERE / "package.json")
    assert [problem.partition(": ")[2] for problem in lint(tmp_path)] == []
    loans, readers = known["loans"], known["readers"]
    assert loans.source.files == "loans [[]2024].csv"
    assert loans.source.format
    assert loans.source.format.model_dump(exclude_none=True) == {
        "type": "csv",
        "encoding": loans.source.format.encoding,
        "delimiter": ";",
        "quote": "'",
        "escape": "'",
        "header": True,
        "null_values": ("", "-"),
    }
    assert loans.source.columns[1].format == "%d.%m.%Y"
    assert [column.type for column in loans.source.columns] == [
        "bigint",
        "date",
        *["varchar"] * 3,
        "double",
        "boolean",
        *["varchar"] * 2,
    ]
    assert set(asked(loans)) == {
        "not_null(copy)",
        "range(copy)",
        "range(lent_on)",
        "matches(reader)",
        "length(reader)",
        "unique(mail)",
        "semantic_format(mail)",
        "accepted_values(branch)",
        "primary_key(copy, lent_on)",
        "unique(copy, reader)",
        "foreign_key(reader)",
        "foreign_key(copy)",
    }
    assert str(asked(loans)["foreign_key(copy)"]["to"]) == "loans.copy"
    assert (readers.source.format and readers.source.format.type) == "json"
    assert readers.source.columns[1].type == "integer"
    assert "# Table Schema: foreignKeys\n" in texts["loans"]
    for what in ("decimalChar", "commentChar", "'duration' is read as text", "'binary'"):
        assert any(what in line for line in told), what


def test_a_table_schema_alone_is_named_after_its_file(tmp_path: Path) -> None:
    path = tmp_path / "Tide-Tables.schema.json"
    path.write_text(json.dumps({"fields": [{"name": "h", "type": "number"}], "primaryKey": "h"}))
    (one,) = reading.contracts(path)
    assert (one.contract["dataset"], one.contract["files"]) == ("tide_tables", "tide_tables*")
    assert one.contract["checks"] == [{"primary_key": {"columns": ["h"]}}]


def test_references_within_a_schema_that_go_in_circles_end(tmp_path: Path) -> None:
    twice = {name: {"$ref": "#"} for name in "ab"}
    with pytest.raises(ExchangeInvalid, match="comes to more objects than a record has"):
        reading.contracts(written(tmp_path, {"type": "object", "properties": twice}))
    loop = {"$defs": {"a": {"$ref": "#/$defs/a"}}, "properties": {"a": {"$ref": "#/$defs/a"}}}
    with pytest.raises(ExchangeInvalid, match="is not to be found"):
        reading.contracts(written(tmp_path, loop))


def test_references_that_fan_out_end(tmp_path: Path) -> None:
    levels = {
        f"l{n}": {
            "type": "object",
            "properties": {k: {"$ref": f"#/$defs/l{n + 1}"} for k in "abcd"},
        }
        for n in range(15)
    }
    bomb = {"$defs": levels | {"l15": {"type": "object", "properties": {}}}, "$ref": "#/$defs/l0"}
    with pytest.raises(ExchangeInvalid, match="comes to more objects than a record has"):
        reading.contracts(written(tmp_path, bomb), "jsonschema")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "[" * 100_000,
            "is n",
        ),  # nested too deeply, or no JSON: which first depends on the version
        ('{"a":' * 60 + "1" + "}" * 60, "is nested too deeply"),
        ("{", "is not JSON"),
        ('{"fields": [], "fields": []}', "'fields' stands there twice"),
        ('{"fields": [{"name": "a", "constraints": {"minimum": NaN}}]}', "NaN is no number"),
        ("[1]", "must be keys with values"),
        ("{}", "is none of odcs, jsonschema, frictionless"),
        ('{"fields": {}}', "fields: must be a list"),
        ('{"fields": [1]}', "fields[0]: must be keys with values, not '1'"),
        ('{"fields": [{"type": "string"}]}', "fields[0].name: is missing"),
        ('{"fields": [{"name": true}]}', "fields[0].name: must be a text"),
        (
            '{"fields": [{"name": "a", "constraints": {"minLength": true}}]}',
            "must be a whole number",
        ),
        ('{"fields": []}', "no contract comes of it"),
        ('{"fields": [{"name": "a"}, {"name": "A"}]}', "already the name of"),
        ('{"resources": [{"name": "a", "schema": "other.json"}]}', "stands in another file"),
        ('{"resources": []}', "names no resource"),
        ('{"properties": [1]}', "properties: is missing"),
        ('{"properties": {"a": {"$ref": "http://example.org/x.json"}}}', "not to be found"),
        ('{"properties": {"a": {"enum": 5}}}', "enum: must be a list"),
        ("a: &a [x]\nb: !!python/name:os.system", "could not determine a constructor"),
        ("a: 1\na: 2", "stands here already"),
    ],
)
def test_a_hostile_document_is_refused(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(ExchangeInvalid) as caught:
        reading.contracts(written(tmp_path, text))
    assert problem in str(caught.value)


def test_a_document_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    path = written(tmp_path, " " * (reading.MOST_BYTES + 1))
    with pytest.raises(ExchangeInvalid, match="is larger than 4 MB"):
        reading.contracts(path)


def test_a_document_that_is_not_there_or_no_text(tmp_path: Path) -> None:
    with pytest.raises(ExchangeInvalid, match="cannot be read: No such file"):
        reading.contracts(tmp_path / "nothing.json")
    (tmp_path / "bytes").write_bytes(b"\xff\xfe")
    with pytest.raises(ExchangeInvalid, match="is not UTF-8 at byte 0"):
        reading.contracts(tmp_path / "bytes")


def test_a_check_that_cannot_be_asked_is_told_and_the_rest_is_imported(tmp_path: Path) -> None:
    fields = [
        {"name": "a", "type": "string", "constraints": {"pattern": "(?!x)", "required": True}},
        {"name": "b", "type": "number", "constraints": {"enum": [1, "x"]}},
        {"name": "c", "type": "boolean", "constraints": {"minLength": 2}},
    ]
    (one,) = reading.contracts(written(tmp_path, {"fields": fields, "primaryKey": "nothing"}))
    assert [column.get("checks") for column in one.contract["columns"]] == [
        ["not_null"],
        None,
        None,
    ]
    for what in ("pattern cannot", "enum cannot", "minLength cannot", "primaryKey cannot"):
        assert any(what in line for line in one.told), (what, one.told)
