"""A project's own rules stand in files beside its contracts."""

import json

import pytest

from flows import contract as contracts
from flows import run as runs
from flows.cli import main
from quality.rules import RULES, use

EVEN = '''
import narwhals as nw

from quality.arguments import Column
from quality.rule import Example, rule


@rule(
    dimension="validity",
    expects="even",
    examples=[Example({"column": "n"}, good={"n": [2, None]}, bad={"n": [1, 3]})],
)
def even(column: Column) -> nw.Expr:
    """Every number is even.

    Args:
        column: A column of whole numbers.
    """
    return nw.col(column) % 2 == 0
'''
PAIRS = """
dataset: pairs
files: pairs.csv
gate: none
columns:
  - {name: shoes, type: integer, checks: [even]}
"""


@pytest.fixture
def own(make_project, tmp_path):
    """Make a project with rules of its own."""

    def made(rules, files=None):
        project = make_project({"pairs.yaml": PAIRS, "pairs.csv": "shoes\n2\n3\n"} | (files or {}))
        project.rules.mkdir(exist_ok=True)
        for name, text in rules.items():
            (project.rules / name).write_text(text)
        return project

    yield made
    use(tmp_path / "no rules")


def test_a_contract_uses_the_rules_of_its_project(own):
    (load,) = runs.run(own({"even.py": EVEN})).loads

    assert (load.loaded, load.quarantined) == (1, 1)


def test_two_projects_in_one_process_do_not_see_each_others_rules(own, tmp_path):
    project = own({"even.py": EVEN})
    contracts.of_project(project)
    assert "even" in RULES

    contracts.of_project(project.model_copy(update={"rules": tmp_path / "none"}))
    assert "even" not in RULES

    contracts.of_project(project)
    assert "even" in RULES


def test_a_rule_that_cannot_be_used_is_told_and_stops_no_other(own):
    project = own({"even.py": EVEN, "odd.py": "import nothing_of_this_name\n", "range.py": EVEN})

    summary = runs.run(project)

    broken, *_ = summary.problems
    assert broken == (
        f"{project.rules / 'odd.py'}: ModuleNotFoundError: No module named 'nothing_of_this_name'"
    )
    assert any("two rules are called 'even'" in problem for problem in summary.problems)
    assert summary.loads[0].quarantined == 1


def test_a_rule_that_breaks_on_the_data_stops_no_other_check(own):
    bad = EVEN.replace("return nw.col(column) % 2 == 0", "raise ZeroDivisionError('by the data')")
    project = own({"even.py": bad})

    (load,) = runs.run(project).loads

    assert "by the data" in load.error


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ('good={"n": [2, None]}', 'good={"n": [1]}'),
        ('bad={"n": [1, 3]}', 'bad={"n": [1, 2]}'),
        ('"column": "n"', '"colum": "n"'),
    ],
)
def test_lint_tries_own_rules_on_their_examples(own, capsys, right, wrong):
    project = own({"even.py": EVEN.replace(right, wrong)})

    with pytest.raises(SystemExit) as ended:
        main(["contract", "lint", "--project", str(project.directory)])

    said = capsys.readouterr().out
    assert ended.value.code == 1
    assert "even: example 1 on Polars: " in said
    assert "even: example 1 on DuckDB: " in said


def test_lint_and_the_list_of_rules_know_them(own, capsys, monkeypatch):
    project = own({"even.py": EVEN})
    monkeypatch.chdir(project.directory)
    with pytest.raises(SystemExit) as ended:
        main(["contract", "lint"])
    assert ended.value.code == 0, capsys.readouterr().out
    capsys.readouterr()
    with pytest.raises(SystemExit):
        main(["rules", "--json"])
    assert "even" in [each["rule"] for each in json.loads(capsys.readouterr().out)]
