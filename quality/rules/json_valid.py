"""json_valid: a text that is JSON."""

from __future__ import annotations

from quality.arguments import Column
from quality.documents import valid
from quality.rule import Example, rule
from quality.values import ByValue


@rule(
    dimension="validity",
    expects="JSON",
    fault="{column} cannot be read as JSON",
    examples=[
        Example(
            {"column": "payload"},
            good={"payload": ['{"a": [1, null]}', "[]", '"x"', " 1.5 ", "null", None]},
            bad={"payload": ["{a: 1}", "{'a': 1}", '{"a": 1,}', "NaN", "01", '{"a": 1', "", "1 x"]},
        ),
    ],
)
def json_valid(column: Column) -> ByValue:
    """Every text is JSON, to the letter of its standard.

    A document that a program printed instead of serialising it, or that a field of 4000 characters
    has cut, breaks the first query that looks into it.

    Instead: this says nothing of what is in the document; see `json_has_keys` and `json_schema`.
    NaN and infinities, which some programs write, are not JSON.

    Also known as: expect_column_values_to_be_json_parseable (Great Expectations), is_valid_json
    (DQX), format json of semantic types (Frictionless, ODCS).

    Args:
        column: A column of text.
    """
    return ByValue((column,), lambda texts: [valid(text) for text in texts])
