"""A Frictionless Table Schema, or a Data Package of them, as contracts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy
from functools import partial
from typing import Any

from flows.document import Keys
from flows.exchange import bounds
from flows.exchange.part import Imported, Part, dataset_of
from flows.exchange.trial import Refused, Stated, keys_of, made_all, settle

Said = dict[str, Any]

TYPES = {
    "string": "varchar",
    "number": "double",
    "integer": "bigint",
    "boolean": "boolean",
    "object": "json",
    "array": "json",
    "date": "date",
    "time": "time",
    "datetime": "timestamp",
    "year": "integer",
    "geojson": "json",
    "any": "varchar",
}
_FORMATS = {"email": "email", "uri": "url"}
_QUIET = ("name", "title", "rdfType", "example", "$schema", "profile", "mediatype", "scheme")
_QUIET_PACKAGE = ("hash", "bytes", "sources", "licenses", "schema", "dialect", "type")


def contracts(said: Said, file: str) -> list[Imported]:
    """Read a Table Schema, or every tabular resource of a Data Package.

    Args:
        said: The document.
        file: What to call it.

    Raises:
        ExchangeInvalid: It is neither.
    """
    package = Part(dict(said), file)
    if "fields" in said:
        return [settle(partial(_contract, Part({"schema": said}, file), file))]
    resources = package.parts("resources")
    if not resources:
        raise package.invalid("resources", "names no resource, so no contract comes of it")
    return [settle(partial(_contract, each, str(each.said.get("name", "")))) for each in resources]


def _contract(resource: Part, name: str, refused: Refused) -> Imported:
    resource = deepcopy(resource)
    told: list[str] = []
    sources: dict[Keys, tuple[str, ...]] = {}
    if isinstance(resource.said.get("schema"), str):
        raise resource.invalid("schema", "stands in another file; import that one")
    schema = resource.part("schema")
    if resource.said.get("path") and not isinstance(resource.said["path"], str):
        told.append(resource.told("names several files; the first is taken", "path"))
    path = resource.take("path")
    path = path[0] if isinstance(path, list) and path else path
    dataset = dataset_of(name)
    contract: Said = {"dataset": dataset}
    if description := resource.take("description", str):
        contract["description"] = " ".join(description.split())
    contract["files"] = _files(path, dataset)
    if not path:
        told.append(schema.told(f"does not say which files; {contract['files']!r} is taken"))
    contract |= _format(resource, schema, str(path or ""), told)
    fields = schema.parts("fields")
    read = [_column(field, told) for field in fields]
    types = {column["name"]: column["type"] for column, _ in read}
    columns = []
    for index, (field, (column, stated)) in enumerate(zip(fields, read, strict=True)):
        checks = made_all(stated, column["name"], types, refused, field, told)
        for number, (_, source) in enumerate(checks):
            sources["columns", index, "checks", number] = (f"Table Schema: {source}",)
        columns.append(column | ({"checks": [check for check, _ in checks]} if checks else {}))
    contract["columns"] = columns
    checks = made_all(_keys(schema, dataset, told), None, types, refused, schema, told)
    for number, (_, source) in enumerate(checks):
        sources["checks", number] = (f"Table Schema: {source}",)
    contract |= {"checks": [check for check, _ in checks]} if checks else {}
    quiet = (*_QUIET, *_QUIET_PACKAGE)
    for part in (resource, schema, *fields):
        told += [part.told("is not asked for", left) for left in part.said if left not in quiet]
    keys_of(contract, resource.file)
    return Imported(contract, sources, tuple(told))


def _files(path: Any, dataset: str) -> str:
    """The name of the file; where it lies with others says nothing of our landing directory."""
    name = str(path or "").rpartition("/")[2]
    return re.sub(r"([*?\[])", r"[\1]", name) if name else f"{dataset}*"


def _format(resource: Part, schema: Part, path: str, told: list[str]) -> Said:
    dialect, kind = resource.part("dialect"), resource.take("format", str)
    encoding = resource.take("encoding", str)
    missing = schema.take("missingValues", list)
    texts = [each.get("value") if isinstance(each, dict) else each for each in missing or ()]
    said: Said = {"type": kind if kind in ("csv", "json") else "csv"}
    if kind not in (None, "csv", "tsv", "json"):
        told.append(resource.told(f"{kind!r} is taken for csv", "format"))
    if path.endswith((".json", ".jsonl", ".ndjson")):
        said["type"] = "json"
    if encoding:
        said["encoding"] = encoding
    if kind == "tsv" or path.endswith(".tsv"):
        said["delimiter"] = "\t"
    for theirs, ours in (("delimiter", "delimiter"), ("quoteChar", "quote"), ("header", "header")):
        if (value := dialect.take(theirs)) is not None:
            said[ours] = value
    if escape := dialect.take("escapeChar", str):
        said["escape"] = escape
    if dialect.take("doubleQuote") and "quote" in said:
        said.setdefault("escape", said["quote"])
    for quiet in ("lineTerminator", "csvddfVersion", "caseSensitiveHeader", "$schema"):
        dialect.said.pop(quiet, None)
    told += [dialect.told("is not asked for", left) for left in dialect.said]
    if missing is not None:
        said["null_values"] = [str(text) for text in texts]
    elif said["type"] == "csv":
        said["null_values"] = [""]
    if said["type"] == "json":
        said = {name: said[name] for name in ("type", "encoding", "null_values") if name in said}
    return {"format": said}


def _column(field: Part, told: list[str]) -> tuple[Said, list[Stated]]:
    name = field.take("name", str)
    if not name:
        raise field.invalid("name", "is missing")
    kind, form = field.take("type", str) or "any", field.take("format", str) or "default"
    constraints = field.part("constraints")
    column: Said = {"name": name, "type": TYPES.get(kind, "varchar")}
    if kind not in TYPES:
        told.append(field.told(f"{kind!r} is read as text", "type"))
    if kind in ("date", "datetime") and form not in ("default", "any"):
        column["format"] = form.removeprefix("fmt:")
    elif kind == "time" and form not in ("default", "any"):
        column["type"] = "varchar"
        told.append(field.told(f"a time as {form!r} is read as text", "format"))
    statements = list(_constrained(constraints, column))
    if kind == "string" and form in _FORMATS:
        statements.append(("semantic_format", {"format": _FORMATS[form]}, f"format {form}"))
    elif kind == "string" and form == "uuid":
        column["type"] = "uuid"
    elif kind == "string" and form != "default":
        told.append(field.told(f"{form!r} is not asked for", "format"))
    if description := field.take("description", str):
        column["description"] = " ".join(description.split())
    told += [constraints.told("is not asked for", left) for left in constraints.said]
    return column, statements


def _constrained(constraints: Part, column: Said) -> Iterator[Stated]:
    if constraints.take("required", bool):
        yield "not_null", {}, "required"
    if constraints.take("unique", bool):
        yield "unique", {}, "unique"
    if values := constraints.take("enum", list):
        yield "accepted_values", {"values": values}, "enum"
    if pattern := constraints.take("pattern", str):
        # The pattern of a Table Schema is that of XML Schema, which is always of the whole value.
        yield "matches", {"pattern": pattern}, "pattern"
    if lengths := bounds.lengths(constraints):
        yield "length", lengths, ", ".join(f"{name}Length" for name in lengths)
    if limits := bounds.limits(constraints):
        yield "range", limits, "minimum, maximum"


def _keys(schema: Part, dataset: str, told: list[str]) -> Iterator[Stated]:
    key = schema.take("primaryKey")
    if key:
        yield "primary_key", {"columns": [key] if isinstance(key, str) else key}, "primaryKey"
    for key in schema.take("uniqueKeys", list) or ():
        yield "unique", {"columns": [key] if isinstance(key, str) else key}, "uniqueKeys"
    for each in schema.parts("foreignKeys"):
        there = each.part("reference")
        here, to = each.take("fields"), there.take("fields")
        other = (
            dataset_of(str(there.take("resource") or "")) if there.said.get("resource") else dataset
        )
        if not here or not to:
            told.append(each.told("names no fields"))
            continue
        columns = [here] if isinstance(here, str) else here
        target = {"dataset": other, "columns": [to] if isinstance(to, str) else to}
        yield "foreign_key", {"columns": columns, "to": target}, "foreignKeys"
