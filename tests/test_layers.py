"""The layers: what the contracts in pyproject.toml forbid, and what loading a package costs."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

LOADED = """
import sys
import {packages}
print(*sorted({{name.partition(".")[0] for name in sys.modules}}))
"""


def loaded(packages):
    script = LOADED.format(packages=packages)
    said = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return set(said.stdout.split())


@pytest.mark.parametrize(
    ("packages", "absent"),
    [
        ("ingest", {"quality", "flows", "prefect", "typer", "rich"}),
        ("quality", {"ingest", "flows", "prefect", "typer", "rich"}),
        ("ingest, quality, flows.cli", {"prefect"}),
        ("flows.up", {"prefect"}),
    ],
)
def test_loading_one_does_not_load_another(packages, absent):
    assert not loaded(packages) & absent


def test_prefect_would_be_seen():
    assert "prefect" in loaded("flows.pipeline")


def test_no_contract_between_the_layers_is_broken():
    script = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    said = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert said.returncode == 0, said.stdout
    assert ", 0 broken" in said.stdout
