"""json_schema: a JSON document as a schema describes it."""

from __future__ import annotations

from typing import Any

from quality.arguments import Column
from quality.documents import read
from quality.rule import Example, rule
from quality.values import ByValue


@rule(
    dimension="validity",
    expects="JSON as its schema describes it",
    examples=[
        Example(
            {
                "column": "payload",
                "definition": {
                    "type": "object",
                    "required": ["id"],
                    "properties": {"id": {"type": "integer", "minimum": 1}},
                },
            },
            good={"payload": ['{"id": 1}', '{"id": 2.0, "more": true}', None]},
            bad={"payload": ['{"id": 0}', '{"id": "1"}', "{}", "[]", "{", ""]},
        ),
    ],
)
def json_schema(column: Column, definition: dict[str, Any]) -> ByValue:
    """Every text is JSON, and is as a JSON Schema says.

    What a document holds changes with each release of whatever writes it; without a schema the
    first to notice is a report that lacks a figure.

    Instead: for the presence of some keys `json_has_keys` is shorter. Files that are JSON as a
    whole have a contract of their own, and their columns types and checks.

    Also known as: expect_column_values_to_match_json_schema (Great Expectations),
    has_json_schema (DQX), col_schema_match (pointblank: of a table).

    Args:
        column: A column of text.
        definition: The schema, of any draft, 2020-12 unless it says so by `$schema`. What it
            refers to by `$ref` must be in it: nothing is read from elsewhere.
    """
    import jsonschema_rs

    try:
        validator = jsonschema_rs.validator_for(definition, offline=True)
    except jsonschema_rs.ValidationError as error:
        place = "/".join(map(str, error.instance_path))
        raise ValueError(f"definition {place}: {error.message}".replace(" :", ":")) from None

    def judge(texts: list[str]) -> list[bool]:
        return [_fits(text) for text in texts]

    def _fits(text: str) -> bool:
        try:
            return bool(validator.is_valid(read(text)))
        except ValueError:
            return False

    return ByValue((column,), judge)
