"""Personal values are judged as all others, and told to nobody."""

from dataclasses import replace

import pytest

import quality.rule
from quality import Outcome, check
from quality.arguments import Column
from quality.escaping import MASKED
from quality.frames import Frame
from quality.measure import Fact

SECRET = "ada@example.org"


def private(made, *columns):
    return replace(made, personal=frozenset(columns or made.columns))


def test_an_example_of_a_personal_value_is_masked_and_an_empty_one_is_empty(judge):
    checks = [
        private(check("accepted_values", column="mail", values=["x"])),
        private(check("not_null", column="mail")),
    ]

    wrong, empty = judge({"mail": [SECRET, None]}, checks).results

    assert wrong.examples == ({"record_no": 1, "value": MASKED},)
    assert empty.examples == ({"record_no": 2, "value": None},)
    assert (wrong.rows, wrong.failed, wrong.outcome) == (1, 1, Outcome.FAILED)


def test_of_several_columns_only_the_personal_one_is_masked(judge):
    made = private(check("unique", columns=["mail", "age"]), "mail")

    (result,) = judge({"mail": [SECRET, SECRET], "age": [7, 7]}, [made]).results

    assert {example["value"] for example in result.examples} == {f"mail {MASKED}, age 7"}


def test_an_error_is_told_without_the_value_that_it_quotes(judge):
    made = check("expression", sql="CAST(mail AS INTEGER) > 0")

    (told,) = judge({"mail": [SECRET]}, [made]).results
    (kept,) = judge({"mail": [SECRET]}, [private(made, "mail")]).results

    assert (told.outcome, kept.outcome) == (Outcome.ERRORED, Outcome.ERRORED)
    assert SECRET in told.message
    assert SECRET not in kept.message
    assert "on values that are personal" in kept.message


def test_a_rule_that_tells_values_in_its_own_words_is_not_quoted(judge, monkeypatch):
    monkeypatch.setattr(quality.rule, "RULES", {})

    @quality.rule.rule(dimension="validity", subject="{column}", expects="rare", examples=[])
    def commonest(column: Column, frame: Frame) -> Fact:
        """The commonest value is rare (for this test)."""
        return Fact(2.0, max=1, told=f"the commonest is {SECRET}", expected=f"not {SECRET}")

    made = replace(
        check("not_null", column="mail"),
        rule=quality.rule.RULES["commonest"],
        arguments={"column": "mail"},
    )

    (open_,) = judge({"mail": [SECRET]}, [made]).results
    (closed,) = judge({"mail": [SECRET]}, [private(made, "mail")]).results

    assert SECRET in open_.message + open_.expected
    assert SECRET not in closed.message + closed.expected
    assert (closed.value, closed.outcome) == (2, Outcome.FAILED)


@pytest.mark.parametrize("rule", ["range", "not_null"])
def test_what_is_not_personal_is_told_as_ever(judge, rule):
    arguments = {"min": 0} if rule == "range" else {}

    (result,) = judge({"age": [-5, None]}, [check(rule, column="age", **arguments)]).results

    assert result.examples[0]["value"] == ("-5" if rule == "range" else None)
