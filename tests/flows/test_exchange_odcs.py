"""Open Data Contracts: what a contract says comes back as it was, and what others say stays."""

from __future__ import annotations

import json
from datetime import timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
import yaml
from open_data_contract_standard.model import OpenDataContractStandard

from flows.contract import Contract, checks, fingerprint, read
from flows.exchange import reading
from flows.exchange.odcs.export import export
from flows.exchange.odcs.words import age, anchored, whole
from flows.exchange.part import ExchangeInvalid
from flows.linting import lint
from flows.writing import contract_yaml
from quality.checks import fingerprint as fingerprint_of

ROOT = Path(__file__).parents[2]
FOREIGN = Path(__file__).parent / "exchange" / "readings.odcs.yaml"
OURS = [
    *(ROOT / "data" / "sample" / "contracts").glob("*.yaml"),
    *(ROOT / "benchmarks" / "contracts").glob("*.yaml"),
]
SCHEMA = files("open_data_contract_standard").joinpath("schema.json").read_text()
STANDARD = jsonschema.Draft201909Validator(json.loads(SCHEMA))

RICH = """\
dataset: orders
version: 1.2.0
status: draft
description: What was ordered
owner: sales@example.org
variables: {low: 0, region: eu}
files: "${region}/orders_*.csv"
format: {type: csv, delimiter: ";", null_values: [NA, ""]}
load: merge
key: [id]
gate: amber
ready: {marker: .done}
schema_contract: {columns: freeze, types: evolve}
columns:
  - {name: id, type: bigint, checks: [primary_key]}
  - name: customer
    pii: true
    required: false
    checks:
      - foreign_key: {to: customers.id, severity: warning}
      - not_null: {where: id > 5}
      - not_null
      - not_missing: {words: [tbd], fail_above: 3}
      - semantic_format: {format: email}
      - semantic_format: {format: iban, severity: info}
  - name: code
    description: "Two: letters # or more"
    checks:
      - unique
      - length: {min: 2}
      - matches: {pattern: "a|b$"}
      - matches: {pattern: "[a-z]{2}", name: two_letters, severity: warning, warn_above: 5%}
      - accepted_values: {values: [a, "no"], warn_above: 1, fail_above: 0.125}
  - name: day
    type: date
    format: "%d.%m.%Y"
    checks:
      - range: {min: 2020-01-01}
      - accepted_values: {values: [2020-01-01, 2020-01-02], severity: info}
      - freshness: {max_age: 36 hours}
  - {name: at, type: timestamptz, checks: [{range: {max: "2999-01-01T00:00:00+01:00"}}]}
  - name: total
    type: decimal(9,2)
    checks:
      - range: {min: "${low}", max: 9.5, inclusive: min}
      - range: {min: 1, max: 2, severity: critical, weight: 2, on_fail: keep, tags: [money]}
      - not_null: {fail_above: 7.5%, warn_above: 2%, on_fail: keep, owner: a@example.org}
  - {name: paid, type: boolean, checks: [not_null: {dimension: accuracy, null_policy: fail}]}
  - {name: extra, type: json}
  - {name: number, type: uuid}
checks:
  - unique: {columns: [code, day], description: Once a day}
  - unique: {columns: [code]}
  - foreign_key: {columns: [code, day], to: {dataset: days, columns: [code, day]}}
  - foreign_key: {columns: [code], to: codes.code}
  - row_count
  - row_count: {min: 0, max: 10, severity: warning}
  - row_count: {min: 7, max: 7}
  - not_null: {each_column: {type: text}, severity: info}
  - expression: {sql: "total > ${low}", name: more, message: "{failed} are not"}
  - freshness: {column: at, max_age: 90 minutes, severity: warning}
waivers:
  - {check: range(total), reason: Refunds, owner: me, until: 2999-12-31}
odcs:
  domain: sales
  properties: {code: {businessName: Code, classification: internal}}
  quality: {unique(code): {businessImpact: operational}}
"""


def made(tmp_path: Path, text: str) -> Contract:
    path = tmp_path / "contract.yaml"
    path.write_text(text)
    return read(path)


def imported(tmp_path: Path, said: dict[str, Any] | Path) -> tuple[Contract, tuple[str, ...]]:
    path = said if isinstance(said, Path) else tmp_path / "foreign.yaml"
    if isinstance(said, dict):
        path.write_text(contract_yaml(said))
    (one,) = reading.contracts(path)
    return made(tmp_path, contract_yaml(one.contract, one.comments)), one.told


def asked(contract: Contract) -> dict[str, Any]:
    """What each check asks, and what it says to people."""
    return {
        check.key: (
            fingerprint_of([check]),
            (check.description, check.message, check.owner, check.tags),
        )
        for check in checks(contract)
    }


def same(one: Contract, other: Contract) -> None:
    assert other.source == one.source
    assert asked(other) == asked(one)
    assert (other.waivers, other.pii, other.gate) == (one.waivers, one.pii, one.gate)
    assert (other.version, other.status, other.owner) == (one.version, one.status, one.owner)
    assert other.description == one.description


def test_there_are_contracts_to_try_it_with() -> None:
    assert len(OURS) >= 9


@pytest.mark.parametrize("path", OURS, ids=lambda path: f"{path.parts[-3]}-{path.stem}")
def test_a_contract_comes_back_as_it_was(tmp_path: Path, path: Path) -> None:
    contract = read(path)
    said = export(contract)
    STANDARD.validate(said)
    back, told = imported(tmp_path, said)
    same(contract, back)
    assert told == ()
    assert export(back) == said


def test_everything_that_a_contract_can_say_comes_back(tmp_path: Path) -> None:
    contract = made(tmp_path, RICH)
    said = export(contract)
    STANDARD.validate(said)
    back, _ = imported(tmp_path, said)
    same(contract, back)
    assert back.document.data["odcs"] == contract.document.data["odcs"]
    assert fingerprint(back).partition("-")[0] == fingerprint(contract).partition("-")[0]


def test_others_read_in_the_words_of_the_standard_what_it_has_words_for(tmp_path: Path) -> None:
    said = OpenDataContractStandard(**export(made(tmp_path, RICH)))
    properties = {each.name: each for each in said.schema_[0].properties}
    assert (said.version, said.status, said.domain) == ("1.2.0", "draft", "sales")
    assert (properties["id"].primaryKey, properties["id"].primaryKeyPosition) == (True, 1)
    assert (properties["customer"].required, properties["code"].unique) == (True, True)
    assert not properties["paid"].required, "what a null is counts for this check in another way"
    assert properties["customer"].tags == ["pii"]
    assert properties["customer"].relationships[0].to == "customers.id"
    assert properties["customer"].logicalTypeOptions == {"format": "email"}
    assert properties["code"].logicalTypeOptions == {"minLength": 2, "pattern": "^(?:a|b$)$"}
    assert properties["total"].logicalTypeOptions == {"minimum": 0, "exclusiveMaximum": 9.5}
    assert properties["at"].logicalTypeOptions["timezone"] is True
    (nulls,) = properties["total"].quality[1:]
    assert (nulls.metric, nulls.mustBeLessOrEqualTo, nulls.unit) == ("nullValues", 7.5, "percent")
    metrics = [each.metric for each in said.schema_[0].quality if each.type == "library"]
    assert metrics == ["duplicateValues", "duplicateValues", *["rowCount"] * 3]
    ages = [(sla.value, sla.unit, sla.element) for sla in said.slaProperties]
    assert ages == [(36, "h", "orders.day"), (90, "min", "orders.at")]


def keeps(before: Any, after: Any, where: str = "") -> list[str]:
    """What of a document is not in another, which may say more."""
    match before, after:
        case dict(), dict():
            return [
                lost
                for key, value in before.items()
                for lost in (
                    keeps(value, after[key], f"{where}.{key}")
                    if key in after
                    else [f"{where}.{key}"]
                )
            ]
        case list(), list():
            return [
                f"{where}[{n}] {one}"
                for n, one in enumerate(before)
                if not any(not keeps(one, other) for other in after)
            ]
        case _:
            return [] if before == after else [f"{where}: {before!r} became {after!r}"]


def test_what_others_say_is_asked_for_or_kept(tmp_path: Path) -> None:
    contract, told = imported(tmp_path, FOREIGN)
    assert all("there is no dataset" in problem for problem in lint(contract.path))
    found = {check.key: check for check in checks(contract)}
    assert set(found) >= {
        "primary_key(hour, gauge)",
        "not_null(gauge)",
        "length(gauge)",
        "matches(gauge)",
        "foreign_key(gauge)",
        "foreign_key(gauge, arm)",
        "range(hour)",
        "range(arm)",
        "not_null(level)",
        "accepted_values(quality_flag)",
        "semantic_format(reader)",
        "not_missing(reader)",
        "hours_of_a_day",
        "unique(gauge, day, level)",
        "freshness(hour)",
        "freshness(day)",
    }
    level, flag = found["not_null(level)"], found["accepted_values(quality_flag)"]
    assert (level.fail_above, level.on_fail) == (0.05, "keep")
    assert (flag.severity.label, flag.warn_above) == ("warning", 9)
    assert found["matches(gauge)"].arguments["pattern"] == "[A-Z]{3}-[0-9]{4}"
    assert found["range(arm)"].arguments["inclusive"] == "min"
    types = {column.name: column.type for column in contract.source.columns}
    assert types == {
        "gauge": "varchar",
        "hour": "timestamptz",
        "arm": "smallint",
        "day": "date",
        "level": "double",
        "quality_flag": "varchar",
        "reader": "varchar",
        "position": "json",
    }
    assert contract.source.columns[3].format == "%d.%m.%Y"
    assert (contract.pii, contract.owner) == ({"reader"}, "bo@example.org")
    assert (contract.version, contract.status) == ("2.1.0", "deprecated")
    assert contract.description == "One row for each gauge and hour"
    for what in (
        "sql",
        "text",
        "soda",
        "properties[7].properties",
        "multipleOf",
        "which files",
        "servers",
    ):
        assert any(what in line for line in told), what

    said = export(contract)
    STANDARD.validate(said)
    before = yaml.safe_load(FOREIGN.read_text())
    # Fewer than ten rows are at most nine.
    flags = before["schema"][0]["properties"][5]["quality"][0]
    flags["mustBeLessOrEqualTo"] = flags.pop("mustBeLessThan") - 1
    assert keeps(before, said) == []


def test_a_contract_of_many_tables_becomes_many(tmp_path: Path) -> None:
    said = {
        "apiVersion": "v3.0.2",
        "kind": "DataContract",
        "id": "a",
        "version": "v7",
        "status": "active",
        "schema": [
            {"name": "one", "properties": [{"name": "id", "logicalType": "integer"}]},
            {"name": "Two Of", "properties": [{"name": "id", "physicalType": "NUMBER(3)"}]},
        ],
    }
    path = tmp_path / "many.json"
    path.write_text(json.dumps(said))
    one, two = reading.contracts(path)
    assert (one.contract["dataset"], two.contract["dataset"]) == ("one", "two_of")
    assert two.contract["odcs"]["schema"]["name"] == "Two Of"
    assert one.contract["odcs"]["version"] == "v7"


@pytest.mark.parametrize(
    ("pattern", "anywhere"),
    [
        ("N[0-9]{2}", "^N[0-9]{2}$"),
        ("a|b", "^(?:a|b)$"),
        ("(?:a)", "^(?:(?:a))$"),
        (r"a\$", r"^(?:a\$)$"),
        ("(a)(b)", "^(a)(b)$"),
        ("[(]a", "^[(]a$"),
    ],
)
def test_patterns_of_the_whole_value_are_anchored_and_back(pattern: str, anywhere: str) -> None:
    assert anchored(pattern) == anywhere
    assert whole(anywhere) == pattern


@pytest.mark.parametrize(
    ("anywhere", "pattern"),
    [
        ("abc", "(?s:.*)(?:abc)(?s:.*)"),
        (r"^abc\$", r"(?s:.*)(?:^abc\$)(?s:.*)"),
        ("^a$|^b$", "(?s:.*)(?:^a$|^b$)(?s:.*)"),
        ("^(?:a)|(?:b)$", "(?s:.*)(?:^(?:a)|(?:b)$)(?s:.*)"),
    ],
)
def test_patterns_that_are_looked_for_anywhere_stay_so(anywhere: str, pattern: str) -> None:
    assert whole(anywhere) == pattern


BASE: dict[str, Any] = {
    "apiVersion": "v3.1.0",
    "kind": "DataContract",
    "schema": [{"name": "t", "properties": [{"name": "a", "logicalType": "string"}]}],
}


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"apiVersion": "v2.2.0"}, "apiVersion: must be v3"),
        ({"kind": "Other"}, "apiVersion: must be v3"),
        ({"schema": []}, "schema: names no table"),
        ({"schema": 5}, "schema: must be a list, not '5'"),
        ({"schema": ["t"]}, "schema[0]: must be keys with values, not 't'"),
        ({"schema": [{"name": ["t"]}]}, "schema[0].name: must be a text"),
        ({"schema": [{"name": "t"}]}, "no contract comes of it: columns"),
        ({"schema": [{"name": "main", "properties": [{"name": "a"}]}]}, "is reserved"),
        (
            {"schema": [{"name": "t", "properties": [{"name": ""}]}]},
            "properties[0].name: is missing",
        ),
        (
            {"schema": [{"name": "t", "properties": [{"name": "_a"}]}]},
            "reserved for pratique's own",
        ),
        ({"customProperties": [5]}, "customProperties[0]: must be keys with values"),
        (
            {"customProperties": [{"property": "pratique", "value": {"load": "twice"}}]},
            "no contract comes of it: load",
        ),
    ],
)
def test_what_is_no_contract_is_refused_with_its_place(
    tmp_path: Path, changed: dict[str, Any], problem: str
) -> None:
    path = tmp_path / "foreign.json"
    path.write_text(json.dumps(BASE | changed))
    with pytest.raises(ExchangeInvalid) as caught:
        reading.contracts(path)
    assert problem in str(caught.value)


@pytest.mark.parametrize(
    ("quality", "what"),
    [
        ({"metric": "freshness", "mustBe": 0}, "the metric 'freshness' is not known here"),
        ({"metric": "nullValues"}, "without one operator"),
        ({"metric": "nullValues", "mustBeGreaterThan": 5}, "mustBeGreaterThan 5 rows"),
        ({"metric": "nullValues", "mustBe": 0, "arguments": {"x": 1}}, "nullValues with x"),
        ({"metric": "invalidValues", "mustBe": 0}, "needs validValues or a pattern"),
        (
            {"metric": "invalidValues", "arguments": {"pattern": "("}, "mustBe": 0},
            "is not a regular expression",
        ),
        (
            {"type": "custom", "engine": "pratique", "implementation": {"rnge": {}}},
            "no rule is called",
        ),
        (
            {
                "type": "custom",
                "engine": "pratique",
                "implementation": {"expression": {"sql": "b > 1"}},
            },
            "there is no column 'b'",
        ),
    ],
)
def test_a_check_that_cannot_be_made_is_told_and_kept(
    tmp_path: Path, quality: dict[str, Any], what: str
) -> None:
    table = {
        "name": "t",
        "properties": [{"name": "a", "logicalType": "string", "quality": [quality]}],
    }
    contract, told = imported(tmp_path, BASE | {"schema": [table]})
    assert any(what in line and "quality[0]" in line for line in told), told
    assert contract.document.data["odcs"]["properties"]["a"]["quality"] == [quality]
    assert keeps(table, export(contract)["schema"][0]) == []


def test_ages_are_said_in_the_longest_unit_that_fits() -> None:
    assert age(timedelta(days=2)) == (2, "d")
    assert age(timedelta(hours=36)) == (36, "h")
    assert age(timedelta(seconds=90.5)) == (90.5, "s")
