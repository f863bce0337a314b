"""The JSON Schema of a check as contracts write it: what editors complete and underline."""

from __future__ import annotations

from typing import Any

from quality import selectors
from quality.rule import Kind, Rule
from quality.rules import RULES
from quality.selectors import EACH
from quality.settings import Settings

SHARED = "Any."
"""How the names of definitions begin that every rule refers to."""


def check_schema(*, below_column: bool) -> dict[str, Any]:
    """The schema of one check; what it shares between rules stands in `$defs`.

    Args:
        below_column: Whether the check stands in a column's `checks`, where its column is filled
            in, or in those of the whole dataset.
    """
    shared = {_shared(name): each for name, each in _settings().items()}
    shared |= {} if below_column else {_shared(EACH): selectors.schema()}
    bare: list[str] = []
    written: dict[str, Any] = {}
    for rule in sorted(RULES.values(), key=lambda rule: rule.name):
        if below_column and rule.kind is Kind.DATASET and not rule.column_argument:
            continue
        arguments = _arguments(rule, rule.column_argument if below_column else None)
        shared |= arguments.pop("$defs", {})
        if not arguments.get("required"):
            bare.append(rule.name)
            arguments["type"] = ["object", "null"]
        written[rule.name] = arguments
    one = {"minProperties": 1, "maxProperties": 1, "additionalProperties": False}
    either = [{"enum": bare}, {"type": "object", "properties": written} | one]
    return {"anyOf": either, "$defs": shared}


def _arguments(rule: Rule, filled: str | None) -> dict[str, Any]:
    schema = rule.arguments.model_json_schema()
    own = {name: each for name, each in schema.get("properties", {}).items() if name != filled}
    required = [name for name in schema.get("required", ()) if name != filled]
    settings = {name: {"$ref": f"#/$defs/{_shared(name)}"} for name in _settings()}
    if not filled and (column := rule.column_argument):
        own[EACH] = {"$ref": f"#/$defs/{_shared(EACH)}"}
        if column in required:
            required.remove(column)
            schema["oneOf"] = [{"required": [column]}, {"required": [EACH]}]
        else:
            schema["not"] = {"required": [column, EACH]}
    described = {"title": rule.name, "description": rule.docs.split("\n\n")[0]}
    return schema | described | {"properties": own | settings, "required": required}


def _settings() -> dict[str, Any]:
    """What any check may say, each once: every rule refers to it."""
    properties: dict[str, Any] = Settings.model_json_schema()["properties"]
    return properties


def _shared(name: str) -> str:
    """What stands once among the definitions is told by its name from what is one rule's own."""
    return f"{SHARED}{name}"
