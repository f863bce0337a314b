"""Small real projects: an orders dataset that refers to customers, and what is dropped for them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pytest

from flows import project
from flows.cli import main
from flows.project import Project

CUSTOMERS = """
dataset: customers
files: customers*.csv
load: replace
columns:
  - {name: code, type: varchar, checks: [primary_key]}
"""

ORDERS = """
dataset: orders
files: "orders*.*"
columns:
  - {name: id, type: integer, checks: [not_null, unique]}
  - {name: customer, checks: [{foreign_key: {to: customers.code}}]}
  - {name: amount, type: double, checks: [{range: {min: 0, max: 1000}}]}
"""


def rows(first: int, last: int, customer: str = "a", amount: str = "5") -> str:
    return "".join(f"{id},{customer},{amount}\n" for id in range(first, last + 1))


@pytest.fixture
def make_project(tmp_path: Path) -> Callable[..., Project]:
    """Make a project; each keyword is a file to drop, or a contract when it ends in .yaml."""

    def made(files: dict[str, str | bytes] | None = None, **settings: object) -> Project:
        (tmp_path / "landing").mkdir(exist_ok=True)
        (tmp_path / "contracts").mkdir(exist_ok=True)
        lines = "".join(f"{name}: {value}\n" for name, value in settings.items())
        (tmp_path / "pratique.yaml").write_text(lines)
        contents = {"customers.yaml": CUSTOMERS, "orders.yaml": ORDERS} | (files or {})
        for name, content in contents.items():
            folder = "contracts" if name.endswith(".yaml") else "landing"
            data = content.encode() if isinstance(content, str) else content
            (tmp_path / folder / name).write_bytes(data)
        return project.read(tmp_path / "pratique.yaml")

    return made


class Ended(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The JSON document that is all of the answer."""
        return json.loads(self.out)


@pytest.fixture
def pratique(capfd: pytest.CaptureFixture[str]) -> Callable[..., Ended]:
    """Run a command as the console script would."""

    def run(*arguments: object) -> Ended:
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        out, err = capfd.readouterr()
        assert "Traceback" not in out + err
        return Ended(int(ended.value.code or 0), out, err)

    return run


@pytest.fixture
def query() -> Callable[[Project, str], list[tuple[Any, ...]]]:
    """All rows of a query of a project's warehouse."""

    def rows(project: Project, sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(project.warehouse, read_only=True) as con:
            return con.sql(sql).fetchall()

    return rows


@pytest.fixture
def ids(query: Callable[..., list[tuple[Any, ...]]]) -> Callable[[Project], list[int]]:
    """The orders that a project has published, by their ids."""
    return lambda project: [id for (id,) in query(project, "SELECT id FROM orders ORDER BY id")]
