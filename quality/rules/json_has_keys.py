"""json_has_keys: a JSON document with some keys in it."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from quality.arguments import Column
from quality.documents import read
from quality.rule import Example, rule
from quality.values import ByValue

Keys = Annotated[list[Annotated[str, Field(min_length=1)]], Field(min_length=1)]


@rule(
    dimension="completeness",
    expects="a JSON object with {keys}",
    fault="{column} is no JSON object with {keys}",
    examples=[
        Example(
            {"column": "payload", "keys": ["id", "customer.name"]},
            good={"payload": ['{"id": null, "customer": {"name": "Ann", "age": 7}}', None]},
            bad={
                "payload": [
                    '{"id": 1, "customer": {}}',
                    '{"customer": {"name": "Ann"}}',
                    '{"id": 1, "customer": "name"}',
                    '[{"id": 1}]',
                    "id",
                ]
            },
        ),
    ],
)
def json_has_keys(column: Column, keys: Keys) -> ByValue:
    """Every text is a JSON object, and has some keys in it.

    A key that a supplier's new version calls otherwise is no error to anyone: it is null in each
    query, for all records from that day on.

    Instead: what the values of the keys must be, `json_schema` says. A key whose value is null is
    there. Keys that are always there are better columns: name them in the contract of a JSON file.

    Also known as: json_has_keys (DQX), required (JSON Schema),
    expect_column_values_to_match_json_schema (Great Expectations).

    Args:
        column: A column of text.
        keys: The keys; `customer.name` is `name` in the object that is found at `customer`.
    """
    paths = [key.split(".") for key in keys]

    def judge(texts: list[str]) -> list[bool]:
        return [all(_found(_object(text), path) for path in paths) for text in texts]

    return ByValue((column,), judge)


def _object(text: str) -> Any:
    try:
        return read(text)
    except ValueError:
        return None


def _found(document: Any, path: list[str]) -> bool:
    for key in path:
        if not isinstance(document, dict) or key not in document:
            return False
        document = document[key]
    return True
