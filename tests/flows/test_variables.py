"""Variables: what a contract leaves open is filled in, with its type, or told where it stands."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from flows import project
from flows.contract import Contract, ContractInvalid, checks, fingerprint, of_project, read
from flows.inspection import find_contract
from quality.checks import CheckInvalid

CONTRACT = """\
dataset: orders
variables:
  region: eu
  low: 0
  since: 2026-01-01
  strict: false
  codes: [new, paid]
  share: 0.05
files: "${region}/orders_*.csv"
description: Orders of ${region}, from ${since}, ${low} and up, ${strict}; $${region} stays
columns:
  - {name: amount, type: integer, checks: [{range: {min: "${low}"}}]}
  - {name: day, type: date, required: "${strict}", checks: [{range: {min: "${since}"}}]}
  - name: state
    checks:
      - accepted_values: {values: "${codes}", fail_above: "${share}"}
"""


@pytest.fixture(autouse=True)
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty directory to stand in, so that problems name the file alone."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def made(text: str = CONTRACT, **variables: Any) -> Contract:
    Path("orders.yaml").write_text(text)
    return read(Path("orders.yaml"), variables=variables)


def problems(text: str, **variables: Any) -> tuple[str, ...]:
    with pytest.raises(ContractInvalid) as caught:
        made(text, **variables)
    return caught.value.problems


def test_a_value_that_is_a_variable_has_its_type_and_a_text_with_one_its_text() -> None:
    contract = made()
    arguments = {check.key: check.arguments for check in checks(contract)}
    assert contract.source.files == "eu/orders_*.csv"
    assert contract.description == "Orders of eu, from 2026-01-01, 0 and up, false; ${region} stays"
    assert contract.source.columns[1].required is False
    assert arguments["range(amount)"]["min"] == 0
    assert arguments["range(day)"]["min"] == date(2026, 1, 1)
    assert arguments["accepted_values(state)"]["values"] == ["new", "paid"]


def test_what_is_filled_in_counts_and_not_how() -> None:
    by_hand = CONTRACT.replace('"${low}"', "0").replace('"${share}"', "5%")
    assert fingerprint(made()) == fingerprint(made(by_hand))
    assert fingerprint(made()) != fingerprint(made(low=1))


@pytest.mark.parametrize(
    ("given", "low"), [({}, 0), ({"low": 7}, 7), ({"low": "7"}, 7), ({"low": "-1"}, -1)]
)
def test_what_replaces_a_number_is_read_as_one(given: dict[str, Any], low: int) -> None:
    (found,) = (each for each in checks(made(**given)) if each.key == "range(amount)")
    assert found.arguments["min"] == low


def test_what_replaces_a_text_stays_a_text() -> None:
    assert made(region="007").source.files == "007/orders_*.csv"


def test_the_project_overrides_the_contract_and_the_environment_the_project(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (directory / "contracts").mkdir()
    (directory / "contracts" / "orders.yaml").write_text(CONTRACT)
    file = directory / "pratique.yaml"
    file.write_text("variables: {region: us, low: 5}\n")
    monkeypatch.setenv("PRATIQUE_VARIABLES__LOW", "6")
    monkeypatch.setenv("PRATIQUE_VARIABLES__CODES", "[paid]")
    ((contract,), none) = of_project(project.read(file))
    arguments = {check.key: check.arguments for check in checks(contract)}
    assert none == []
    assert contract.source.files == "us/orders_*.csv"
    assert arguments["range(amount)"]["min"] == 6
    assert arguments["accepted_values(state)"]["values"] == ["paid"]


def test_a_project_may_have_variables_that_no_contract_declares() -> None:
    assert made(CONTRACT.replace("  region: eu\n", ""), region="us").source.files[:2] == "us"


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (
            '"${low}"',
            '"${lo}"',
            "orders.yaml:12 columns[0].checks[0].range.min: there is no variable 'lo' (did you "
            "mean 'low'?); there are codes, low, region, share, since, strict",
        ),
        (
            "${since},",
            "${codes},",
            "orders.yaml:10 description: the variable 'codes' is a list, which cannot stand within "
            "a text",
        ),
        (
            "${since},",
            "${1 + 1},",
            "orders.yaml:10 description: '${1 + 1}' names no variable; write $${ for the text "
            "itself",
        ),
        (
            "region: eu",
            "region:",
            "orders.yaml:9 files: the variable 'region' has no value; give it one below "
            "`variables`, here or in pratique.yaml, or as PRATIQUE_VARIABLES__REGION",
        ),
        (
            "region: eu",
            'region: "${low}"',
            "orders.yaml:3 variables.region: cannot be made of other variables; write $${ for the "
            "text itself",
        ),
        (
            "dataset: orders",
            'dataset: "${region}"',
            "orders.yaml:1 dataset: is written out, without variables",
        ),
        (
            "low: 0",
            "Low: 0\n  low: 0",
            "orders.yaml:4 variables.Low: 'Low' cannot name a variable; use a letter, then a-z, "
            "0-9 and _",
        ),
    ],
)
def test_what_cannot_be_filled_in_is_told_on_its_line(old: str, new: str, problem: str) -> None:
    assert old in CONTRACT
    assert problem in problems(CONTRACT.replace(old, new, 1))


def test_a_value_of_the_wrong_type_is_told_where_it_is_put() -> None:
    (found,) = problems(CONTRACT, strict="perhaps")
    assert found.startswith("orders.yaml:13 columns[1].required: must be a valid boolean")


@pytest.mark.parametrize("value", ["{a: b}", "[1, [2]]", "[]"])
def test_a_variable_is_a_value_and_nothing_else(value: str) -> None:
    (found,) = problems(CONTRACT.replace("share: 0.05", f"share: {value}"))
    assert found.startswith("orders.yaml:8 variables.share: ")
    assert "cannot be the value of a variable" in found


def test_a_variable_from_outside_does_not_run_anything() -> None:
    with pytest.raises(CheckInvalid, match="neither a number nor a date"):
        checks(made(low="!!python/object/apply:os.getcwd []"))


def test_a_contract_that_is_named_by_its_file_has_the_variables_of_the_project(
    directory: Path,
) -> None:
    (directory / "orders.yaml").write_text(CONTRACT)
    (directory / "pratique.yaml").write_text("variables: {region: us}\n")
    opened = project.read(directory / "pratique.yaml")
    contract = find_contract(directory / "orders_1.csv", opened, "orders.yaml")
    assert contract is not None
    assert contract.source.files == "us/orders_*.csv"
