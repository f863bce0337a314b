import pytest

from quality import Outcome, check

DEEP = "[" * 100_000 + "]" * 100_000


def bad(judge, texts, rule, **given):
    (result,) = judge({"a": texts}, [check(rule, column="a", **given)]).results
    assert result.outcome is not Outcome.ERRORED, result.message
    return [each["record_no"] for each in result.examples]


def test_json_is_read_to_the_letter(judge):
    texts = ["1e999", '{"a": 1, "a": 2}', "-0", '"\\u0000"', "true", "\ufeff{}", '"\t"', "Infinity"]

    assert bad(judge, texts, "json_valid") == [6, 7, 8]


def test_what_is_nested_without_end_is_broken_and_breaks_nothing(judge):
    texts = [DEEP, "[]"]

    assert bad(judge, texts, "json_valid") == [1]
    assert bad(judge, texts, "json_has_keys", keys=["a"]) == [1, 2]
    assert bad(judge, texts, "json_schema", definition={"type": "array"}) == [1]


def test_a_key_is_looked_for_where_its_path_leads(judge):
    texts = ['{"a": {"b": {"c": null}}}', '{"a.b.c": 1}', '{"a": {"b": [{"c": 1}]}}', '{"a": null}']

    assert bad(judge, texts, "json_has_keys", keys=["a.b.c"]) == [2, 3, 4]


@pytest.mark.parametrize(
    ("definition", "words"),
    [
        ({"type": "objekt"}, 'definition type: "objekt" is not valid'),
        ({"properties": {"a": {"pattern": "("}}}, "definition properties/a/pattern: "),
        ({"$ref": "#/nowhere"}, "definition: Pointer '/nowhere' does not exist"),
        ({"$ref": "http://example.org/a.json"}, "Retrieval is disabled"),
        ({"$ref": "file:///etc/hostname"}, "Retrieval is disabled"),
    ],
)
def test_a_schema_that_is_none_or_stands_elsewhere_is_told(definition, words, judge):
    bound = check("json_schema", column="a", definition=definition)

    (result,) = judge({"a": ["1"]}, [bound]).results

    assert result.outcome is Outcome.ERRORED
    assert words in result.message


def test_a_schema_may_refer_to_what_is_in_it(judge):
    tree = {
        "$defs": {"node": {"type": "object", "properties": {"next": {"$ref": "#/$defs/node"}}}},
        "$ref": "#/$defs/node",
    }

    assert bad(
        judge, ['{"next": {"next": {}}}', '{"next": 1}'], "json_schema", definition=tree
    ) == [2]


def test_a_document_that_comes_often_is_read_once(judge, monkeypatch):
    from quality.rules import json_has_keys

    asked = []
    monkeypatch.setattr(json_has_keys, "read", lambda text: asked.append(text) or {})

    bad(judge, ['{"a": 1}', "{}"] * 1000, "json_has_keys", keys=["a"])

    assert sorted(asked) == ['{"a": 1}', "{}"]
