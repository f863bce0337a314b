"""A new project works as it is, and its example is a contract that means something."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from flows import project, scaffold
from flows.linting import lint
from flows.project import ProjectInvalid
from flows.run import run
from flows.schema import contract_schema
from flows.summary import ExitCode


def test_a_new_project_runs(tmp_path: Path) -> None:
    made = scaffold.create(tmp_path / "new")
    assert all(path.is_file() for path in made)
    schema = json.loads((tmp_path / "new" / "contract.schema.json").read_text())
    assert schema == contract_schema()
    summary = run(project.read(project.find(tmp_path / "new")))
    assert (summary.exit_code(), summary.loads, summary.problems) == (ExitCode.OK, (), ())


def test_its_example_judges_orders(tmp_path: Path) -> None:
    scaffold.create(tmp_path)
    example = tmp_path / "contracts" / "orders.yaml.example"
    example.rename(example.with_suffix(""))
    hint = example.with_suffix("").read_text().splitlines()[0].partition("$schema=")[2]
    assert (tmp_path / "contracts" / hint).is_file()
    assert lint(tmp_path / "contracts") == []
    header = "order_id,ordered_on,amount,country\n"
    (tmp_path / "landing" / "orders_1.csv").write_text(
        header + "".join(f"{i},2024-01-02,9.99,DE\n" for i in range(30)) + "30,2024-01-02,-1,DE\n"
    )
    (load,) = run(project.read(project.find(tmp_path))).loads
    assert (load.loaded, load.quarantined) == (30, 1)


def test_what_is_there_stays(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("mine")
    scaffold.create(tmp_path)
    assert (tmp_path / ".gitignore").read_text() == "mine"
    with pytest.raises(ProjectInvalid, match="there already"):
        scaffold.create(tmp_path)
