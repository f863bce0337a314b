"""Schema: what a contract may say, as JSON Schema, so that an editor completes and checks it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from flows.contract import ContractFile
from quality.rule import RULES, Kind, Rule
from quality.settings import Settings


def contract_schema() -> dict[str, Any]:
    """Build the JSON Schema of a contract from its models and the arguments of every rule."""
    rules = [RULES[name] for name in sorted(RULES)]
    models: list[type[BaseModel]] = [ContractFile, Settings, *(rule.arguments for rule in rules)]
    references, schema = models_json_schema([(model, "validation") for model in models])
    definitions = schema["$defs"]
    arguments = {
        rule.name: definitions.pop(references[rule.arguments, "validation"]["$ref"].split("/")[-1])
        for rule in rules
    }
    below = [rule for rule in rules if rule.kind is not Kind.DATASET or rule.column_argument]
    definitions["DatasetCheck"] = _check(rules, arguments, below_column=False)
    definitions["ColumnCheck"] = _check(below, arguments, below_column=True)
    for model, check in (("ContractFile", "DatasetCheck"), ("ContractColumn", "ColumnCheck")):
        listed = {"type": "array", "items": {"$ref": f"#/$defs/{check}"}}
        definitions[model]["properties"]["checks"] |= listed
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A contract of pratique",
        "$ref": "#/$defs/ContractFile",
        "$defs": definitions,
    }


def _check(
    rules: Iterable[Rule], arguments: dict[str, dict[str, Any]], below_column: bool
) -> dict[str, Any]:
    """One check: the name of a rule that needs nothing else, or a rule with its arguments."""
    bodies = {rule.name: _body(rule, arguments[rule.name], below_column) for rule in rules}
    bare = [name for name, body in bodies.items() if not body["required"]]
    named = {"type": "object", "properties": bodies, "minProperties": 1, "maxProperties": 1}
    return {"anyOf": [{"enum": bare}, named | {"additionalProperties": False}]}


def _body(rule: Rule, arguments: dict[str, Any], below_column: bool) -> dict[str, Any]:
    """A rule's arguments, without the one that a column fills in, and what any check may say."""
    filled = {rule.column_argument} if below_column else set()
    useless = {"warn_above", "fail_above"} if rule.kind is Kind.DATASET else set()
    settings = [name for name in Settings.model_fields if name not in useless]
    own = {name: told for name, told in arguments["properties"].items() if name not in filled}
    shared = {name: {"$ref": f"#/$defs/Settings/properties/{name}"} for name in settings}
    return {
        "description": rule.docs.partition("\n")[0],
        "type": "object",
        "properties": own | shared,
        "required": [name for name in arguments.get("required", []) if name not in filled],
        "additionalProperties": False,
    }
