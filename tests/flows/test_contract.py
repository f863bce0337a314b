"""Contracts: two halves judged apart, every problem with its line, and the order of datasets."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from textwrap import dedent

import jsonschema  # type: ignore[import-untyped]
import pytest
import yaml

from flows.contract import (
    ContractFile,
    ContractInvalid,
    checks,
    fingerprint,
    read,
    read_all,
)
from flows.linting import lint
from flows.references import order
from flows.schema import contract_schema
from ingest.source import Csv
from quality.checks import CheckInvalid

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "data" / "sample" / "contracts"
BENCHMARKS = ROOT / "benchmarks" / "contracts"

ORDERS = """\
dataset: orders
description: What was ordered
owner: sales@example.org
files: "orders_*.csv"
format: {type: csv, null_values: [NA, ""]}
gate: amber
columns:
  - {name: id, type: int, checks: [not_null]}
  - name: customer
    type: integer
    checks:
      - foreign_key: {to: customers.id, severity: warning}
  - {name: total, type: "decimal(9,2)", checks: [{range: {min: 0}}]}
checks:
  - unique: {columns: [id], severity: critical}
waivers:
  - check: range(total)
    reason: Refunds are orders below nothing until the new system
    owner: sales@example.org
    until: 2999-12-31
"""


@pytest.fixture(autouse=True)
def contracts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty directory of contracts, below the one to stand in."""
    monkeypatch.chdir(tmp_path)
    Path("contracts").mkdir()
    return Path("contracts")


def write(**texts: str) -> None:
    for name, text in texts.items():
        Path("contracts", f"{name}.yaml").write_text(text)


def orders(changes: Mapping[str, str]) -> Path:
    text = ORDERS
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new, 1)
    write(orders=text)
    return Path("contracts/orders.yaml")


def dataset(name: str, *references: str) -> str:
    """A contract with a column `id`, and one that refers to each of some other datasets."""
    others = [f"  - {{name: {to}, checks: [foreign_key: {{to: {to}.id}}]}}" for to in references]
    least = [f"dataset: {name}", f"files: {name}.csv", "columns:", "  - {name: id}"]
    return "\n".join([*least, *others])


def test_says_what_is_agreed() -> None:
    contract = read(orders({}))
    assert (contract.dataset, contract.owner) == ("orders", "sales@example.org")
    assert contract.source.format == Csv(null_values=("NA", ""))
    assert [column.type for column in contract.source.columns] == [
        "integer",
        "integer",
        "decimal(9,2)",
    ]
    assert contract.gate == "amber"
    assert contract.waivers[0].until == date(2999, 12, 31)


def test_personal_columns_are_known_and_read_like_others() -> None:
    plain, personal = read(orders({})), read(orders({"type: int,": "type: int, pii: true,"}))
    assert (plain.pii, personal.pii) == (set(), {"id"})
    assert plain.source.fingerprint == personal.source.fingerprint


def test_names_the_gate_or_takes_the_projects() -> None:
    assert read(orders({"gate: amber\n": ""}), gate="none").gate == "none"
    assert read(orders({}), gate="none").gate == "amber"


def test_binds_the_rules() -> None:
    keys = {check.key: check for check in checks(read(orders({})))}
    assert set(keys) == {
        "type(id)",
        "type(customer)",
        "type(total)",
        "not_null(id)",
        "foreign_key(customer)",
        "range(total)",
        "unique(id)",
    }
    assert keys["range(total)"].place == "contracts/orders.yaml:13"
    assert keys["unique(id)"].severity.label == "critical"


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        (
            {"files:": "file:"},
            "contracts/orders.yaml:1 files: missing. Glob of the files, relative to the landing "
            "directory: `flights_*.csv`, `**/*.json`.",
        ),
        (
            {"owner:": "ownr:"},
            "contracts/orders.yaml:3 ownr: is not a key here (did you mean 'owner'?); keys are "
            + ", ".join(ContractFile.model_fields),
        ),
        (
            {"gate: amber": "gate: purple"},
            "contracts/orders.yaml:6 gate: 'purple' is not allowed; use 'none', 'amber' or 'red'",
        ),
        (
            {"type: csv,": "type: cvs,"},
            "contracts/orders.yaml:5 format: 'cvs' is not allowed; "
            "use 'csv', 'json', 'parquet', 'excel'",
        ),
        (
            {"type: csv, ": ""},
            "contracts/orders.yaml:5 format: has no type; say `type: csv` or `type: json`",
        ),
        (
            {'{type: csv, null_values: [NA, ""]}': "csv"},
            "contracts/orders.yaml:5 format: must be keys with values, not 'csv'",
        ),
        (
            {"null_values: [NA": "nul_values: [NA"},
            "contracts/orders.yaml:5 format.nul_values: is not a key here (did you mean "
            "'null_values'?); keys are " + ", ".join(Csv.model_fields),
        ),
        (
            {"[NA, ": "[NULL, "},
            "contracts/orders.yaml:5 format.null_values[0]: must be text; write it in quotes: "
            '"NULL"',
        ),
        (
            {'null_values: [NA, ""]': "null_values: NA"},
            "contracts/orders.yaml:5 format.null_values: must be a list, [NA]",
        ),
        (
            {"name: id, type: int": "name: id, type: itn"},
            "contracts/orders.yaml:8 columns[0].type: 'itn' is not a type; types are boolean, "
            "smallint, integer, bigint, hugeint, double, decimal, date, time, timestamp, "
            "timestamptz, uuid, json, varchar",
        ),
        (
            {"name: customer": "nmae: customer"},
            "contracts/orders.yaml:9 columns[1].name: missing. As it stands in the header or as "
            "the JSON key; case does not tell two columns apart.",
        ),
        (
            {"name: customer": "name: on"},
            'contracts/orders.yaml:9 columns[1].name: must be text; write it in quotes: "on"',
        ),
        (
            {"name: customer": "name: ID"},
            "contracts/orders.yaml:9 columns[1].name: 'ID' is already the name of columns[0]",
        ),
        (
            {"name: customer": "name:"},
            "contracts/orders.yaml:9 columns[1].name: is empty",
        ),
        (
            {"name: customer": "name: Total__castable"},
            "contracts/orders.yaml:1: column 'total__castable' needs another name; 'total' uses it",
        ),
        (
            {"gate: amber": "load: merge"},
            "contracts/orders.yaml:6 load: merge needs a key: the list of columns that tell rows "
            "apart",
        ),
        (
            {"gate: amber": "load: merge\nkey: [idd]"},
            "contracts/orders.yaml:7 key[0]: 'idd' is not a column; columns are id, customer, "
            "total",
        ),
        (
            {"gate: amber": "load: merge\nkey: id"},
            "contracts/orders.yaml:7 key: must be a list, [id]",
        ),
        (
            {"until: 2999-12-31": "until: soon"},
            "contracts/orders.yaml:20 waivers[0].until: must be a valid date or datetime, input is "
            "too short, not 'soon'",
        ),
        (
            {"    owner: sales@example.org\n": ""},
            "contracts/orders.yaml:17 waivers[0].owner: missing. Who answers for that.",
        ),
        (
            {"gate: amber": "gate: amber\ngate: red"},
            "contracts/orders.yaml:7: 'gate' stands here already, on line 6",
        ),
        (
            {"gate: amber": "gate: [amber"},
            "contracts/orders.yaml:7: expected ',' or ']', but got ':' while parsing a flow "
            "sequence",
        ),
    ],
)
def test_a_mistake_about_files_is_told_when_the_contract_is_read(
    changes: dict[str, str], problem: str
) -> None:
    path = orders(changes)
    with pytest.raises(ContractInvalid) as caught:
        read(path)
    assert problem in caught.value.problems


def test_all_mistakes_of_a_file_are_told_in_its_order() -> None:
    path = orders({"dataset: orders": "dataset: Orders", "gate: amber": "gat: amber"})
    with pytest.raises(ContractInvalid) as caught:
        read(path)
    assert [problem.split(":")[1] for problem in caught.value.problems] == ["1 dataset", "6 gat"]


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        (
            {"range: {min: 0}": "rnage: {min: 0}"},
            "contracts/orders.yaml:13 columns[2].checks[0] rnage: no rule is called 'rnage' "
            "(did you mean 'range'?)",
        ),
        (
            {"range: {min: 0}": "range: {mn: 0}"},
            "contracts/orders.yaml:13 columns[2].checks[0] range: 'mn' is not a parameter; range "
            "takes min, max",
        ),
        (
            {"columns: [id]": "columns: [totl]"},
            "contracts/orders.yaml:15 checks[0] unique: there is no column 'totl' "
            "(did you mean 'total'?)",
        ),
        (
            {"checks: [not_null]": "checks: not_null"},
            "contracts/orders.yaml:8 columns[0].checks",
        ),
        (
            {"check: range(total)": "check: rnge(total)"},
            "contracts/orders.yaml:17 waivers[0].check: there is no check 'rnge(total)' "
            "(did you mean 'range(total)'?)",
        ),
    ],
)
def test_a_mistake_about_rules_is_told_when_rows_are_judged(
    changes: dict[str, str], problem: str
) -> None:
    contract = read(orders(changes))
    assert [column.name for column in contract.source.columns] == ["id", "customer", "total"]
    with pytest.raises(CheckInvalid) as caught:
        checks(contract)
    assert len(caught.value.problems) == 1
    assert caught.value.problems[0].startswith(problem)


def test_versions_and_how_far_a_contract_is_agreed_are_told() -> None:
    plain, draft = read(orders({})), read(orders({"gate:": "version: 1.2.0\nstatus: draft\ngate:"}))
    assert (plain.version, plain.status) == (None, "active")
    assert (draft.version, draft.status) == ("1.2.0", "draft")
    assert fingerprint(draft) == fingerprint(plain)


@pytest.mark.parametrize("version", ["1.2", '"1.2"', "v1.2.0", "01.2.3", "1.2.3.4", "latest"])
def test_a_version_has_three_numbers(version: str) -> None:
    with pytest.raises(ContractInvalid, match=r"^contracts/orders.yaml:6 version: "):
        read(orders({"gate: amber": f"version: {version}"}))


def test_a_fingerprint_tells_contracts_apart_that_ask_for_something_else() -> None:
    prints = {
        fingerprint(read(orders(changes)))
        for changes in (
            {},
            {"min: 0": "min: 1"},
            {"name: id, type: int": "name: id, type: bigint"},
            {"owner: sales": "owner: sold", "dataset:": "# moved down by a line\ndataset:"},
        )
    }
    assert len(prints) == 3


@pytest.mark.parametrize("emptied", ["checks: [not_null]", "checks: []", "checks:"])
def test_no_checks_are_no_mistake(emptied: str) -> None:
    assert checks(read(orders({"checks: [not_null]": emptied})))


def test_a_broken_contract_hides_no_other(contracts: Path) -> None:
    write(a=dataset("a"), b="dataset: B", c=dataset("c"))
    (contracts / "notes.txt").write_text("not a contract")
    found, problems = read_all(contracts)
    assert [contract.dataset for contract in found] == ["a", "c"]
    assert [problem.split()[0] for problem in problems] == ["contracts/b.yaml:1"] * 3


def test_of_two_contracts_for_one_dataset_neither_is_used(contracts: Path) -> None:
    write(a=dataset("a"), b=dataset("b"), z=dataset("a"))
    found, problems = read_all(contracts)
    assert [contract.dataset for contract in found] == ["b"]
    assert problems == [
        "contracts/a.yaml:1 dataset: 'a' is the dataset of contracts/z.yaml too; none of them is "
        "used",
        "contracts/z.yaml:1 dataset: 'a' is the dataset of contracts/a.yaml too; none of them is "
        "used",
    ]


def test_no_directory_of_contracts() -> None:
    assert read_all(Path("nowhere")) == ([], ["nowhere: there is no such directory"])


@pytest.mark.parametrize(
    ("needs", "ordered"),
    [
        ({"a": "", "b": "", "c": ""}, "abc"),
        ({"a": "bc", "b": "c", "c": ""}, "cba"),
        ({"a": "a", "b": "a"}, "ab"),
        ({"a": "x", "b": ""}, "ab"),
        ({"a": "b", "b": "a"}, "ab"),
        ({"a": "b", "b": "c", "c": "a"}, "acb"),
        ({"a": "b", "b": "a", "c": "d", "d": "c", "e": "ac"}, "acbde"),
    ],
)
def test_datasets_come_after_those_they_refer_to(
    contracts: Path, needs: dict[str, str], ordered: str
) -> None:
    write(**{name: dataset(name, *others) for name, others in needs.items()})
    found, problems = read_all(contracts)
    assert problems == []
    assert [contract.dataset for contract in order(found)] == list(ordered)
    assert [contract.dataset for contract in order(reversed(found))] == list(ordered)


def test_order_needs_only_what_can_be_read_of_the_rules(contracts: Path) -> None:
    broken = dedent("""\
        dataset: a
        files: a.csv
        columns:
          - {name: x, checks: [nonsense, {foreign_key: 3}, {foreign_key: {to: 7}}, 12, {}]}
          - {name: y, checks: wrong}
        checks:
          - foreign_key: {columns: [x, y], to: "b.[id, no]"}
          - foreign_key: {columns: [x], to: {dataset: c, columns: [id]}, sevrity: low}
        """)
    write(a=broken, b=dataset("b"), c=dataset("c"))
    found, _ = read_all(contracts)
    assert [contract.dataset for contract in order(found)] == ["b", "c", "a"]


def test_lint_finds_nothing_in_the_sample() -> None:
    assert lint(SAMPLE) == []


def test_lint_tells_of_references_to_nothing(contracts: Path) -> None:
    write(customers=dataset("customers").replace("name: id", "name: idd"))
    orders({"type: int, checks: [not_null]": "checks: [foreign_key: {to: custmers.id}]"})
    assert lint(contracts) == [
        "contracts/orders.yaml:8 columns[0].checks[0].foreign_key.to: there is no dataset "
        "'custmers' (did you mean 'customers'?)",
        "contracts/orders.yaml:12 columns[1].checks[0].foreign_key.to: customers has no column "
        "'id' (did you mean 'idd'?)",
    ]


def test_lint_tells_of_waivers_that_are_over() -> None:
    path = orders({"until: 2999-12-31": "until: 2019-12-31", "customers.id": "orders.id"})
    (problem,) = lint(path)
    assert problem == (
        "contracts/orders.yaml:20 waivers[0].until: was over on 2019-12-31; take the waiver out, "
        "or renew it"
    )
    assert (problem.file, problem.line) == ("contracts/orders.yaml", 20)
    assert problem.path == "waivers[0].until"


def test_lint_tells_of_circles(contracts: Path) -> None:
    write(a=dataset("a", "b"), b=dataset("b", "a"))
    assert lint(contracts) == [
        "contracts/a.yaml:5 columns[1].checks[0].foreign_key.to: a needs b needs a; a goes first, "
        "and sees b as the run before left it"
    ]


def test_lint_of_one_contract_tells_of_that_one(contracts: Path) -> None:
    write(customers="dataset: customers", other="dataset: other")
    path = orders({"range: {min: 0}": "range: {mn: 0}"})
    problems = lint(path)
    assert [problem.split(":")[0] for problem in problems] == ["contracts/orders.yaml"] * 2
    assert "'mn' is not a parameter" in problems[0]
    assert lint(contracts / "other.yaml")[0].startswith("contracts/other.yaml:1 files: missing")


@pytest.mark.parametrize("path", ["nowhere", "nowhere.yaml", "notes.txt"])
def test_lint_of_what_is_no_contract(path: str) -> None:
    Path("notes.txt").touch()
    assert lint(Path(path)) == [
        f"{path}: is neither a contract, *.yaml, nor a directory of contracts"
    ]


def test_the_schema_in_docs_is_current() -> None:
    written = json.loads((ROOT / "docs" / "contract.schema.json").read_text())
    assert written == contract_schema(), "run `make docs`"


@pytest.mark.parametrize(
    ("changes", "valid"),
    [
        ({}, True),
        ({"owner:": "ownr:"}, False),
        ({"gate: amber": "gate: purple"}, False),
        ({"range: {min: 0}": "rnage: {min: 0}"}, False),
        ({"range: {min: 0}": "range: {mn: 0}"}, False),
        ({"range: {min: 0}": "range: {min: 0, fail_above: 0.1, name: paid}"}, True),
        ({"range: {min: 0}": "range: {column: total}"}, False),
        ({"columns: [id], ": ""}, False),
        ({"not_null": "row_count"}, False),
        ({"not_null": "range"}, True),
        ({"not_null": "matches"}, False),
        ({"severity: critical": "severity: fatal"}, False),
        ({"severity: critical": 'severity: "${how}"'}, True),
        ({"severity: critical": 'severity: "very ${how}"'}, False),
        ({"type: int, checks": 'type: int, required: "${strict}", checks'}, True),
        ({"type: int, checks": "type: int, required: perhaps, checks"}, False),
        ({"type: int, checks": "type: int, pii: true, checks"}, True),
        ({"[NA, ": '"${nulls}", no: ['}, False),
        ({'[NA, ""]': '"${nulls}"'}, True),
        ({"checks: [not_null]": 'checks: "${checks}"'}, False),
        ({"gate: amber": "version: 1.2.0\nstatus: draft\nvariables: {low: 0, days: [a, 1]}"}, True),
        ({"gate: amber": 'version: "1.2"'}, False),
        ({"gate: amber": "status: done"}, False),
        ({"gate: amber": "variables: {low: {a: b}}"}, False),
        ({"gate: amber": "variables: {Low: 0}"}, False),
        ({"  - unique:": "  - not_null: {each_column: {type: text}}\n  - unique:"}, True),
        ({"range: {min: 0}": "range: {min: 0, where: id > 0, null_policy: fail}"}, True),
        ({"range: {min: 0}": "range: {min: 0, on_fail: hold, owner: a, tags: [b]}"}, True),
        ({"range: {min: 0}": "range: {min: 0, on_fail: drop}"}, False),
        ({"  - unique:": "  - not_null: {each_column: {kind: text}}\n  - unique:"}, False),
    ],
)
def test_the_schema_knows_what_a_contract_may_say(changes: dict[str, str], valid: bool) -> None:
    said = json.loads(json.dumps(yaml.safe_load(orders(changes).read_text()), default=str))
    validator = jsonschema.Draft202012Validator(contract_schema())
    assert validator.is_valid(said) is valid


@pytest.mark.parametrize(
    "path", [*SAMPLE.glob("*.yaml"), *BENCHMARKS.glob("*.yaml")], ids=lambda path: path.stem
)
def test_the_schema_lets_every_contract_of_the_house_pass(path: Path) -> None:
    said = json.loads(json.dumps(yaml.safe_load(path.read_text()), default=str))
    schema = json.loads((ROOT / "docs" / "contract.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(said)


def test_the_schema_wants_a_column() -> None:
    least = {"dataset": "orders", "files": "orders.csv"}
    validator = jsonschema.Draft202012Validator(contract_schema())
    assert validator.is_valid(least | {"columns": [{"name": "id"}]})
    assert not validator.is_valid(least | {"columns": []})


@pytest.mark.parametrize("path", sorted(SAMPLE.glob("*.yaml")), ids=lambda path: path.stem)
def test_the_schema_lets_the_sample_pass(path: Path) -> None:
    said = json.loads(json.dumps(yaml.safe_load(path.read_text()), default=str))
    jsonschema.Draft202012Validator.check_schema(contract_schema())
    assert list(jsonschema.Draft202012Validator(contract_schema()).iter_errors(said)) == []
