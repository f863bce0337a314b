"""A project's own rules stand in files beside its contracts."""

import pytest

from flows import contract as contracts
from flows import run as runs
from quality.rules import RULES, use

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


def test_a_contract_uses_the_rules_of_its_project(own, even):
    (load,) = runs.run(own({"even.py": even})).loads

    assert (load.loaded, load.quarantined) == (1, 1)


def test_two_projects_in_one_process_do_not_see_each_others_rules(own, tmp_path, even):
    project = own({"even.py": even})
    contracts.of_project(project)
    assert "even" in RULES

    contracts.of_project(project.model_copy(update={"rules": tmp_path / "none"}))
    assert "even" not in RULES

    contracts.of_project(project)
    assert "even" in RULES


def test_a_rule_that_cannot_be_used_is_told_and_stops_no_other(own, even):
    project = own({"even.py": even, "odd.py": "import nothing_of_this_name\n", "range.py": even})

    summary = runs.run(project)

    broken, *_ = summary.problems
    assert broken == (
        f"{project.rules / 'odd.py'}: ModuleNotFoundError: No module named 'nothing_of_this_name'"
    )
    assert any("two rules are called 'even'" in problem for problem in summary.problems)
    assert summary.loads[0].quarantined == 1


def test_a_rule_that_breaks_on_the_data_stops_no_other_check(own, even):
    bad = even.replace("return nw.col(column) % 2 == 0", "raise ZeroDivisionError('by the data')")
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
def test_lint_tries_own_rules_on_their_examples(own, pratique, right, wrong, even):
    project = own({"even.py": even.replace(right, wrong)})

    ended = pratique("contract", "lint", "--project", project.directory)

    assert ended.code == 1
    assert "even: example 1 on Polars: " in ended.out
    assert "even: example 1 on DuckDB: " in ended.out


def test_lint_and_the_list_of_rules_know_them(own, pratique, monkeypatch, even):
    project = own({"even.py": even})
    monkeypatch.chdir(project.directory)

    linted = pratique("contract", "lint")

    assert linted.code == 0, linted.out
    assert "even" in [each["rule"] for each in pratique("rules", "--json").document]
