"""Schema: what a contract may say, as JSON Schema, so that an editor completes and checks it."""

from __future__ import annotations

from typing import Any

from flows.contract import ContractColumn, ContractFile
from quality.schema import check_schema

DIALECT = "https://json-schema.org/draft/2020-12/schema"


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
    return {"$schema": DIALECT} | schema | {"title": "Contract", "$defs": definitions}
