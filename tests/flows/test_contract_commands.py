"""Commands about contracts: what they print, where they write, and how they end."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from flows.cli import main

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent / "exchange"


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with two contracts, to stand in."""
    monkeypatch.chdir(tmp_path)
    Path("contracts").mkdir()
    for name in ("airlines", "planes"):
        shutil.copy(ROOT / "data" / "sample" / "contracts" / f"{name}.yaml", "contracts")
    text = Path("contracts/airlines.yaml").read_text()
    said = "version: 2.0.1\nstatus: draft\nvariables: {most: 100}\n"
    Path("contracts/airlines.yaml").write_text(said + text.replace("max: 100", 'max: "${most}"'))
    Path("pratique.yaml").write_text("variables: {most: 50}\n")
    return tmp_path


def pratique(*arguments: str) -> int:
    try:
        main(["contract", *arguments])
    except SystemExit as end:
        return int(end.code or 0)
    return 0


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    assert pratique(*arguments, "--json") == 0
    return json.loads(capsys.readouterr().out)


def test_contracts_are_listed_with_versions_and_fingerprints(
    capsys: pytest.CaptureFixture[str],
) -> None:
    airlines, planes = printed(capsys, "list")
    assert (airlines["dataset"], airlines["version"], airlines["status"]) == (
        "airlines",
        "2.0.1",
        "draft",
    )
    assert (planes["version"], planes["status"]) == (None, "active")
    assert airlines["fingerprint"] != planes["fingerprint"]
    assert airlines["file"] == "contracts/airlines.yaml"


def test_a_contract_with_a_mistake_is_listed_without_a_fingerprint(
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = Path("contracts/planes.yaml")
    path.write_text(path.read_text().replace("max: 853", "mx: 853"))
    assert pratique("list", "--json") == 0
    out, err = capsys.readouterr()
    assert json.loads(out)[1]["fingerprint"] is None
    assert "contracts/planes.yaml:34" in err


def test_a_contract_is_shown_as_it_counts(capsys: pytest.CaptureFixture[str]) -> None:
    shown = printed(capsys, "show", "airlines")
    assert shown["contract"]["checks"][0]["row_count"]["max"] == 50
    assert {"check": "not_missing(name)", "rule": "not_missing", "severity": "error"} in shown[
        "bound"
    ]
    assert pratique("show", "airlines") == 0
    text = capsys.readouterr().out
    assert text.startswith(f"# contracts/airlines.yaml, rule set {shown['fingerprint']}\n")
    assert yaml.safe_load(text)["checks"] == [{"row_count": {"min": 10, "max": 50}}]


def test_a_dataset_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert pratique("show", "airline") == 2
    # The terminal may break the line anywhere.
    assert "mean" in capsys.readouterr().err


def test_lint_tells_problems_in_their_parts(capsys: pytest.CaptureFixture[str]) -> None:
    path = Path("contracts/planes.yaml")
    path.write_text(path.read_text().replace("max: 853", "mx: 853"))
    assert pratique("lint", "--json") == 1
    told = json.loads(capsys.readouterr().out)
    (finding,) = told["findings"]
    assert finding == {
        "file": "contracts/planes.yaml",
        "line": 34,
        "path": "columns[6].checks[1]",
        "message": finding["message"],
    }
    assert "'mx' is not a parameter" in finding["message"]
    assert told["problems"][0].startswith("contracts/planes.yaml:34 columns[6].checks[1] range: ")


def test_lint_of_the_project_knows_its_variables() -> None:
    path = Path("contracts/airlines.yaml")
    path.write_text(path.read_text().replace("variables: {most: 100}\n", ""))
    assert pratique("lint") == 0
    Path("pratique.yaml").write_text("")
    assert pratique("lint") == 1


def test_export_prints_an_open_data_contract(capsys: pytest.CaptureFixture[str]) -> None:
    assert pratique("export", "airlines") == 0
    out, err = capsys.readouterr()
    said = yaml.safe_load(out)
    assert (said["kind"], said["version"], said["status"]) == ("DataContract", "2.0.1", "draft")
    assert "the variables are written out" in err
    assert printed(capsys, "export", "airlines", "--to", "odcs") == said


def test_what_looks_like_a_variable_elsewhere_is_a_text_here(
    capsys: pytest.CaptureFixture[str],
) -> None:
    schema = {"type": "object", "properties": {"${most}": {"type": "string", "pattern": "${x}"}}}
    Path("odd.schema.json").write_text(json.dumps(schema))

    assert pratique("import", "odd.schema.json", "--from", "jsonschema", "--out", "contracts") == 0
    assert pratique("lint") == 0, capsys.readouterr().out
    written = next(path for path in Path("contracts").iterdir() if "odd" in path.name)
    assert 'name: "$${most}"' in written.read_text()


def test_import_prints_or_writes_and_never_over_what_is_there(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert pratique("import", str(HERE / "package.json")) == 0
    out, err = capsys.readouterr()
    assert [each["dataset"] for each in yaml.safe_load_all(out)] == ["loans", "readers"]
    assert "decimalChar: is not asked for" in err
    assert pratique("import", str(HERE / "package.json"), "--out", "contracts") == 0
    assert capsys.readouterr().out.split() == ["contracts/loans.yaml", "contracts/readers.yaml"]
    assert pratique("lint") == 0
    before = Path("contracts/loans.yaml").read_bytes()
    assert pratique("import", str(HERE / "package.json"), "--out", "contracts") == 3
    assert Path("contracts/loans.yaml").read_bytes() == before


@pytest.mark.parametrize("suffix", [".yaml", ".yml"])
def test_import_writes_all_or_nothing(capsys: pytest.CaptureFixture[str], suffix: str) -> None:
    Path("package.json").write_text(
        json.dumps(
            {
                "resources": [
                    {"name": name, "path": f"{name}.csv", "schema": {"fields": [{"name": "id"}]}}
                    for name in ("shops", "staff")
                ]
            }
        )
    )
    Path(f"contracts/staff{suffix}").write_text("mine")
    assert pratique("import", "package.json", "--out", "contracts") == 3
    assert f"contracts/staff{suffix} is there already" in capsys.readouterr().err
    assert not Path("contracts/shops.yaml").exists()
    assert Path(f"contracts/staff{suffix}").read_text() == "mine"


@pytest.mark.parametrize("as_json", [[], ["--json"]])
def test_what_looks_like_a_variable_in_a_foreign_schema_is_a_text(
    capsys: pytest.CaptureFixture[str], as_json: list[str]
) -> None:
    said = {"title": "sums", "properties": {"a": {"type": "string", "description": "in ${x}"}}}
    Path("sums.json").write_text(json.dumps(said))
    assert pratique("import", "sums.json", *as_json) == 0
    assert "in $${x}" in capsys.readouterr().out


def test_import_tells_what_it_cannot_say_also_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    told = printed(capsys, "import", str(HERE / "sensor.schema.json"), "--from", "jsonschema")
    assert told["contracts"][0]["dataset"] == "sensor_reading"
    assert {"path": "properties.count.multipleOf", "line": None} in [
        {"path": each["path"], "line": each["line"]} for each in told["findings"]
    ]


def test_what_is_no_contract_ends_with_three(capsys: pytest.CaptureFixture[str]) -> None:
    Path("bomb.yaml").write_text("a: &a [x]\n" + "b: [*a, *a]\n")
    assert pratique("import", "bomb.yaml") == 3
    assert "bomb.yaml: is none of odcs, jsonschema, frictionless" in capsys.readouterr().err
