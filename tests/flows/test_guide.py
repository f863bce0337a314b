"""The page about contracts says what the models say, and its examples are contracts that work."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from flows.contract import checks, read
from flows.guide import EXAMPLE, FORMATS, PAGE, page
from flows.linting import lint
from quality.proof import prove
from quality.rules import own, use


def test_the_page_is_as_it_would_be_written() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run `make docs`"


def test_its_example_is_a_contract(tmp_path: Path) -> None:
    path = tmp_path / "orders.yaml"
    path.write_text(EXAMPLE)
    assert lint(path) == []
    assert [check.key for check in checks(read(path))][-2:] == ["range(amount)", "row_count"]


@pytest.mark.parametrize("model", FORMATS, ids=lambda model: model.__name__)
def test_its_formats_are_formats(model: type[BaseModel]) -> None:
    assert set(FORMATS[model]) == set(model.model_fields)
    assert model.model_validate(FORMATS[model])


def test_its_rule_is_a_rule(tmp_path: Path) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", page(), re.DOTALL)
    (tmp_path / "even.py").write_text(code)
    try:
        assert use(tmp_path) == []
        assert [(rule.name, list(prove(rule))) for rule in own()] == [("even", [])]
    finally:
        use(tmp_path / "none")
