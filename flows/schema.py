"""Schema: what a contract may say, as JSON Schema, so that an editor completes and checks it."""

from __future__ import annotations

from typing import Any

from flows.contract import ContractColumn, ContractFile
from flows.variables import LITERAL, WHOLE
from quality.schema import SHARED, check_schema

DIALECT = "https://json-schema.org/draft/2020-12/schema"

_VARIABLE = {"type": "string", "pattern": f"^{WHOLE}$", "description": "a variable: ${name}"}
_ABOUT = ("title", "description", "default", "examples")


def contract_schema() -> dict[str, Any]:
    """Build the JSON Schema of a contract from its models and the arguments of every rule."""
    schema = ContractFile.model_json_schema()
    definitions = schema.pop("$defs")
    places = (("Check", schema), ("ColumnCheck", definitions[ContractColumn.__name__]))
    for name, place in places:
        check = check_schema(below_column=name == "ColumnCheck")
        definitions |= check.pop("$defs")
        definitions[name] = check
        place["properties"]["checks"] |= {"type": "array", "items": {"$ref": f"#/$defs/{name}"}}
    literal = {name: schema["properties"][name] for name in LITERAL}
    opened: dict[str, Any] = _opened(schema, definitions)
    opened["properties"] |= literal
    definitions = {
        name: _or_variable(each, _opened(each, definitions), definitions)
        if name.startswith(SHARED)
        else _opened(each, definitions)
        for name, each in definitions.items()
    } | {"Variable": _VARIABLE}
    return {"$schema": DIALECT} | opened | {"title": "Contract", "$defs": definitions}


def _opened(schema: Any, definitions: dict[str, Any]) -> Any:
    """Let a variable stand wherever a single value or a list of them can."""
    if isinstance(schema, list):
        return [_opened(each, definitions) for each in schema]
    if not isinstance(schema, dict):
        return schema
    opened = {key: _opened(each, definitions) for key, each in schema.items()}
    if isinstance(properties := schema.get("properties"), dict):
        opened["properties"] = {
            name: each if name == "checks" else _or_variable(properties[name], each, definitions)
            for name, each in opened["properties"].items()
        }
    if isinstance(items := schema.get("items"), dict):
        opened["items"] = _or_variable(items, opened["items"], definitions)
    return opened


def _or_variable(
    schema: dict[str, Any], opened: dict[str, Any], definitions: dict[str, Any]
) -> dict[str, Any]:
    shared = schema.get("$ref", "").startswith(f"#/$defs/{SHARED}")
    if shared or not _single(schema, definitions):  # what is shared is opened once, where it stands
        return opened
    about = {key: opened[key] for key in _ABOUT if key in opened}
    rest = {key: each for key, each in opened.items() if key not in about}
    either = rest["anyOf"] if set(rest) == {"anyOf"} else [rest]
    return about | {"anyOf": [*either, {"$ref": "#/$defs/Variable"}]}


def _single(schema: dict[str, Any], definitions: dict[str, Any]) -> bool:
    """Whether what a schema is about is a single value, or a list, that is not just any text."""
    if "$ref" in schema:
        return _single(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    if "anyOf" in schema or "oneOf" in schema:
        either = schema.get("anyOf") or schema["oneOf"]
        return any(_single(each, definitions) for each in either) and not any(
            each.get("type") == "string" and len(each) == 1 for each in either
        )
    kinds = schema.get("type", "string" if "enum" in schema else "object")
    kinds = set(kinds if isinstance(kinds, list) else [kinds]) - {"null"}
    if "const" in schema or "object" in kinds or not kinds:
        return False
    if "array" in kinds:
        return _single(schema.get("items", {}), definitions) or schema.get("items") == {
            "type": "string"
        }
    return kinds != {"string"} or bool({"enum", "pattern", "format"} & schema.keys())
