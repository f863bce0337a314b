"""A JSON Schema of an object, or of an array of objects, as a contract."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from functools import partial
from itertools import count
from typing import Any

from flows.document import Keys
from flows.exchange import bounds
from flows.exchange.odcs import words
from flows.exchange.part import Imported, Part, dataset_of
from flows.exchange.trial import Refused, Stated, keys_of, made_all, settle

Said = dict[str, Any]

TYPES = {"string": "varchar", "integer": "bigint", "number": "double", "boolean": "boolean"}
TEMPORAL = {"date": "date", "date-time": "timestamptz", "uuid": "uuid"}
"""Formats of text that are types of ours."""
MOST_OBJECTS, DEEPEST = 1000, 20
"""Objects within a record, and how deep; references can make millions of a few lines."""
_ABOUT = ("$schema", "$id", "$comment", "title", "default", "examples", "deprecated", "readOnly")
"""What says nothing of a value."""


def contracts(said: Said, file: str) -> list[Imported]:
    """Read the schema of a record, or of an array of them.

    Args:
        said: The document.
        file: What to call it.

    Raises:
        ExchangeInvalid: It is no such schema.
    """
    return [settle(partial(_contract, said, file))]


def _contract(said: Said, file: str, refused: Refused) -> Imported:
    root = Part(deepcopy(said), file)
    title = str(root.said.get("title") or root.said.get("$id") or file)
    described = root.take("description", str)
    record = root
    if root.said.get("type") == "array":
        record = root.part("items")
    record = _resolved(record, said)
    if not isinstance(record.said.get("properties"), dict):
        raise record.invalid("properties", "is missing: the schema must be that of an object")
    told: list[str] = []
    columns: list[Said] = []
    sources: dict[Keys, tuple[str, ...]] = {}
    for name, path, part, required in _fields(record, said, (), True, told, count()):
        column: Said = {"name": name, "type": _type(part, told)}
        if not required:
            column["required"] = False
        if path != name:
            column["path"] = path
        if description := part.take("description", str):
            column["description"] = " ".join(description.split())
        stated = _stated(part, column, required)
        checks = made_all(stated, name, {name: column["type"]}, refused, part, told)
        for number, (_, source) in enumerate(checks):
            sources["columns", len(columns), "checks", number] = (f"JSON Schema: {source}",)
        told += [part.told("is not asked for", left) for left in part.said if left not in _ABOUT]
        columns.append(column | ({"checks": [check for check, _ in checks]} if checks else {}))
    contract = _heading(title, described or record.take("description", str), columns)
    match record.take("additionalProperties"):
        case False:
            contract["schema_contract"] = {"columns": "freeze"}
            sources["schema_contract",] = ("JSON Schema: additionalProperties: false",)
        case None | True:
            pass
        case _:
            told.append(record.told("is not asked for", "additionalProperties"))
    contract["columns"] = contract.pop("columns")  # what is about files stands before them
    left = [key for key in record.said if key not in (*_ABOUT, "type", "$defs", "definitions")]
    told += [record.told("is not asked for", key) for key in left]
    told.append(record.told(f"does not say which files these are; {contract['files']!r} is taken"))
    keys_of(contract, file)
    return Imported(contract, sources, tuple(told))


def _heading(title: str, description: str | None, columns: list[Said]) -> Said:
    dataset = dataset_of(title.rstrip("/#"))
    said: Said = {"dataset": dataset}
    if description:
        said["description"] = " ".join(description.split())
    nested = any("path" in column for column in columns)
    said["files"] = f"{dataset}*"
    return said | ({"format": {"type": "json"}} if nested else {}) | {"columns": columns}


def _fields(
    record: Part,
    root: Said,
    above: tuple[str, ...],
    needed: bool,
    told: list[str],
    seen: Iterator[int],
) -> Iterator[tuple[str, str, Part, bool]]:
    """The values of a record, those of inner objects too: name, path, schema, always there."""
    if next(seen) > MOST_OBJECTS or len(above) > DEEPEST:
        raise record.invalid("properties", "comes to more objects than a record has; or to itself")
    required = record.take("required", list) or []
    for key, schema in (record.take("properties", dict) or {}).items():
        if not isinstance(schema, dict):
            told.append(record.told(f"{schema} is no schema that says anything", key))
            schema = {}
        part = Part(dict(schema), record.file, (*record.keys, "properties", key))
        part = _resolved(part, root)
        way, always = (*above, str(key)), needed and key in required
        if "." in str(key):
            told.append(part.told("has a dot in its name, and is left out"))
        elif (kinds := _kinds(part)) - {"null"} == {"object"} and isinstance(
            part.said.get("properties"), dict
        ):
            part.said.pop("type", None)
            yield from _fields(part, root, way, always and "null" not in kinds, told, seen)
            about = (*_ABOUT, "description")
            told += [part.told("is not asked for", left) for left in part.said if left not in about]
        else:
            yield "_".join(way).lstrip("_"), ".".join(way), part, always


def _resolved(part: Part, root: Said) -> Part:
    """Follow references within the document; each schema says what it refers to and more."""
    said, seen = dict(part.said), set()
    while isinstance(reference := said.pop("$ref", None), str):
        target: Any = root
        for step in reference.removeprefix("#").split("/")[1:]:
            step = step.replace("~1", "/").replace("~0", "~")
            target = target.get(step) if isinstance(target, dict) else None
        if not reference.startswith("#") or not isinstance(target, dict) or reference in seen:
            raise part.invalid("$ref", f"{reference!r} is not to be found in this document")
        seen.add(reference)
        said = target | said
    return Part(said, part.file, part.keys)


def _kinds(part: Part) -> set[str]:
    kinds = part.said.get("type")
    return {str(kind) for kind in (kinds if isinstance(kinds, list) else [kinds]) if kind}


def _type(part: Part, told: list[str]) -> str:
    kinds = sorted(_kinds(part) - {"null"})
    form = str(part.said.get("format"))
    if kinds == ["string"] and form in TEMPORAL:
        del part.said["format"]
        return TEMPORAL[form]
    if kinds == ["integer", "number"]:
        return "double"
    if len(kinds) == 1:
        return TYPES.get(kinds[0], "json")
    values = part.said.get("enum") or [part.said.get("const")]
    if not kinds and isinstance(values, list) and all(isinstance(one, str) for one in values):
        return "varchar"
    told.append(part.told(f"{' or '.join(kinds) or 'no type'} is read as json", "type"))
    return "json"


def _stated(part: Part, column: Said, required: bool) -> Iterator[Stated]:
    kinds = _kinds(part)
    part.said.pop("type", None)
    values = part.take("enum", list)
    nullable = "null" in kinds or (values is not None and None in values)
    if required and kinds and not nullable:
        yield "not_null", {}, "required, and never null"
    if values:
        known = [value for value in values if value is not None]
        yield "accepted_values", {"values": known}, "enum"
    if "const" in part.said:
        yield "accepted_values", {"values": [part.take("const")]}, "const"
    if pattern := part.take("pattern", str):
        yield "matches", {"pattern": words.whole(pattern)}, f"pattern {pattern}"
    if lengths := bounds.lengths(part):
        yield "length", lengths, ", ".join(f"{name}Length" for name in lengths)
    if part.said.get("exclusiveMinimum") is True or part.said.get("exclusiveMaximum") is True:
        for end in ("Minimum", "Maximum"):  # as the fourth draft had it
            if part.said.pop(f"exclusive{end}", None) is True:
                part.said[f"exclusive{end}"] = part.said.pop(end.lower(), None)
    if limits := bounds.limits(part):
        yield "range", limits, "minimum, maximum"
    if part.said.get("format") in words.OUR_FORMATS:
        form = part.take("format")
        yield "semantic_format", {"format": words.OUR_FORMATS[form]}, f"format {form}"
