import json
from pathlib import Path

import pytest

import quality.rules
from quality import RULES, Outcome, Severity, check, docs
from quality.rule import Example, Kind, RuleInvalid, rule
from quality.schema import check_schema

FOLDER = Path(quality.rules.__file__).parent
CASES = [
    pytest.param(rule, example, id=f"{rule.name}-{number}")
    for rule in RULES.values()
    for number, example in enumerate(rule.examples)
]


@pytest.fixture
def registered():
    """The register of rules, put back afterwards."""
    before = dict(RULES)
    yield RULES
    RULES.clear()
    RULES.update(before)


@pytest.mark.parametrize(("rule", "example"), CASES)
def test_examples_are_judged_as_they_say(rule, example, judge):
    assert_as_it_says(rule, example, judge)


def assert_as_it_says(rule, example, judge):
    bound = check(rule.name, **example.arguments)

    context = example.bad_context or example.context
    (good,) = judge(example.good, [bound], example.references, example.context).results
    (bad,) = judge(example.amid, [bound], example.references, context).results

    assert good.outcome is Outcome.PASSED, good.message
    broken = Outcome.FAILED if rule.severity >= Severity.ERROR else Outcome.WARNED
    assert bad.outcome is broken, bad.message
    if rule.kind is not Kind.DATASET:
        assert bad.failed == len(next(iter(example.bad.values())))
        assert example.among or bad.rows == bad.failed


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_every_rule_is_one_file_that_says_all_about_it(rule):
    assert rule.function.__module__ == f"quality.rules.{rule.name}"
    assert rule.examples
    assert "Instead: " in rule.docs
    assert all(field.description for field in rule.arguments.model_fields.values())


def test_every_file_in_the_folder_is_a_rule():
    assert {path.stem for path in FOLDER.glob("*.py")} - {"__init__"} == set(RULES)


def test_a_new_rule_is_one_file_and_nothing_else(tmp_path, registered, judge, even):
    (tmp_path / "even.py").write_text(even)

    quality.rules.load(tmp_path)

    assert_as_it_says(registered["even"], registered["even"].examples[0], judge)
    assert "## even\n\n*row rule · validity · error*\n\nEvery number is even." in docs.page()
    below = check_schema(below_column=True)["anyOf"]
    assert "even" in below[0]["enum"]
    assert below[1]["properties"]["even"]["description"] == "Every number is even."


def test_loading_a_folder_again_changes_nothing(tmp_path, registered, even):
    (tmp_path / "even.py").write_text(even)

    quality.rules.load(tmp_path)
    quality.rules.load(tmp_path)

    assert "even" in registered


def test_a_name_is_taken_once(tmp_path, registered, even):
    (tmp_path / "range.py").write_text(even.replace("def even", "def range"))

    with pytest.raises(RuleInvalid, match=r"two rules are called 'range': .*range\.py and .*range"):
        quality.rules.load(tmp_path)


def test_a_rule_says_what_it_returns(registered):
    with pytest.raises(RuleInvalid, match="untold does not say what kind of rule it is"):

        @rule(dimension="validity", expects="good", examples=[])
        def untold(column: str) -> bool:
            return True


def test_a_rule_leaves_to_checks_what_is_theirs(registered):
    with pytest.raises(RuleInvalid, match="every check has 'severity'; choose another name"):

        @rule(dimension="validity", expects="good", examples=[Example({}, {}, {})])
        def severe(severity: str) -> "quality.rule.Measure":
            return quality.rule.Measure


def test_the_page_of_rules_is_current():
    assert docs.main(["--check"]) == 0, "run python -m quality.docs"


def test_a_page_that_is_not_current_is_told(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(docs, "PAGE", tmp_path / "rules.md")

    assert docs.main(["--check"]) == 1
    assert "run python -m quality.docs" in capsys.readouterr().err
    assert docs.main([]) == 0
    assert docs.main(["--check"]) == 0


def test_the_schema_of_a_check_knows_where_it_stands():
    below, whole = check_schema(below_column=True), check_schema(below_column=False)
    below_range = below["anyOf"][1]["properties"]["range"]
    whole_range = whole["anyOf"][1]["properties"]["range"]

    assert "column" not in below_range["properties"]
    assert whole_range["oneOf"] == [{"required": ["column"]}, {"required": ["each_column"]}]
    assert "row_count" not in below["anyOf"][1]["properties"]
    assert "row_count" in whole["anyOf"][0]["enum"]
    assert whole_range["properties"]["severity"] == {"$ref": "#/$defs/Any.severity"}
    assert whole["$defs"]["Any.severity"]["enum"][0] == "critical"
    assert "Keys" in whole["$defs"]
    json.dumps([below, whole])


def test_everything_that_the_package_offers_is_there():
    assert all(getattr(quality, name) is not None for name in quality.__all__)
    with pytest.raises(AttributeError, match="module 'quality' has no attribute 'evalute'"):
        _ = quality.evalute


def test_the_readme_says_how_many_rules_there_are():
    readme = (Path(__file__).parents[3] / "README.md").read_text(encoding="utf-8")
    assert f"**{len(RULES)} rules**" in readme
