"""Small real projects: an orders dataset that refers to customers, and what is dropped for them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from flows import project
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
