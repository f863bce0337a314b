"""A contract as an Open Data Contract."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time
from typing import Any

from pydantic import TypeAdapter

from flows.contract import Contract, checks
from flows.document import shown, spell
from flows.exchange.odcs import words
from flows.exchange.odcs.statements import OTHER_ROWS, entry, lenient, settings
from flows.exchange.trial import keys_of, written
from ingest.columns import Column
from quality import arguments, quantities

Said = dict[str, Any]

_REFERENCE: TypeAdapter[arguments.Keys] = TypeAdapter(arguments.Reference)
_DURATION: TypeAdapter[Any] = TypeAdapter(quantities.Duration)


def export(contract: Contract) -> Said:
    """Say a contract in the words of the Open Data Contract Standard.

    Variables are written out as their values.

    Args:
        contract: The contract.

    Raises:
        CheckInvalid: The contract's half about rules is wrong.
    """
    said = contract.document.data
    kept = said.get("odcs") or {}
    columns = zip(contract.source.columns, said["columns"], strict=True)
    properties = {column.name: _property(column, raw) for column, raw in columns}
    table: Said = {"name": contract.dataset, "logicalType": "object", "physicalType": "table"}
    if contract.description:
        table["description"] = contract.description
    table["properties"] = [*properties.values()]
    document: Said = {
        "apiVersion": words.VERSION,
        "kind": "DataContract",
        "id": contract.dataset,
        "name": contract.dataset,
        "version": contract.version or words.UNVERSIONED,
        "status": contract.status,
        "schema": [table],
    }
    if contract.owner:
        document["team"] = _team(contract.owner, kept.get("team") or {})
    called = kept.get("schema", {}).get("name", contract.dataset)
    checks(contract)  # what is wrong with them is told before anything is said of them
    keys = keys_of(said, shown(contract.path)) if kept.get("quality") else {}
    for path, column, rule, given in written(said):
        extras = kept.get("quality", {}).get(keys.get(spell(path)), {})
        place = table if column is None else properties[column]
        if _state(rule, given, column, place, document, called) or settings(given) or extras:
            place.setdefault("quality", []).append(_merged(entry(rule, given, column), extras))
    for name, left in kept.get("properties", {}).items():
        if name in properties:
            properties[name].update(_merged(properties[name], left))
    table.update(_merged(table, kept.get("schema", {})))
    ours = {name: said[name] for name in words.FILES if said.get(name)}
    document["customProperties"] = [{"property": words.OURS, "value": ours}]
    apart = ("schema", "properties", "quality", *(["team"] if contract.owner else []))
    plain: Said = _plain(_merged(document, {n: v for n, v in kept.items() if n not in apart}))
    return plain


def _property(column: Column, raw: Mapping[str, Any]) -> Said:
    said: Said = {
        "name": column.name,
        "logicalType": words.LOGICAL[column.type.partition("(")[0]],
        "physicalType": column.type.upper(),
    }
    if column.description:
        said["description"] = column.description
    if column.type == "timestamptz":
        said["logicalTypeOptions"] = {"timezone": True}
    if raw.get("pii"):
        said["tags"] = ["pii"]
    if ours := {name: raw[name] for name in words.COLUMN if name in raw}:
        said["customProperties"] = [{"property": words.OURS, "value": ours}]
    return said


def _state(
    rule: str, given: Said, column: str | None, place: Said, document: Said, called: str
) -> bool:
    """Say what a check says where the standard has a word for it outside of `quality`.

    Returns:
        Whether it is to stand below `quality` all the same.
    """
    plain, everywhere = not settings(given), not OTHER_ROWS & given.keys()
    match rule, given:
        case "not_null" | "unique", _ if column and not lenient(rule, given):
            place["required" if rule == "not_null" else "unique"] = True
        case "primary_key", _ if not lenient(rule, given):
            table = document["schema"][0]
            names = [column] if column else given.get("columns", [])
            marked = {each["name"]: each for each in table["properties"]}
            if any("primaryKey" in each for each in marked.values()) or not names:
                return True
            for position, name in enumerate(names, 1):
                marked[name] |= {"primaryKey": True, "primaryKeyPosition": position}
            return False
        case "range" | "length" | "matches" | "semantic_format", _ if column and plain:
            return not _options(rule, given, place) or rule == "matches"
        case "foreign_key", {"to": to} if everywhere:
            names = [column] if column else given["columns"]
            known = _relate(names, _REFERENCE.validate_python(to), column, place, called)
            return not known or bool(given.keys() - {"to", "columns"} - settings(given).keys())
        case "freshness", {"max_age": age} if everywhere and "as_of" not in given:
            name = column or given["column"]
            value, unit = words.age(_DURATION.validate_python(age))
            element = f"{called}.{name}"
            latency = {"property": "latency", "value": value, "unit": unit, "element": element}
            document.setdefault("slaProperties", []).append(latency)
            return False
    return True


def _options(rule: str, given: Said, place: Said) -> bool:
    """Say a check as options of the column's type, if they can say all of it."""
    kind, options = place["logicalType"], place.get("logicalTypeOptions", {})
    match rule, given:
        case "matches", {"pattern": str(pattern), **rest} if kind == "string" and not rest:
            said = {"pattern": words.anchored(pattern)}
        case "length", {**rest} if kind == "string" and rest.keys() <= {"min", "max"}:
            said = {f"{name}Length": bound for name, bound in rest.items()}
        case "semantic_format", {"format": name, **rest} if kind == "string" and not rest:
            said = {"format": words.FORMATS[name]} if name in words.FORMATS else {}
        case "range", {**rest} if kind in words.BOUNDED:
            said = _bounds(rest, as_text=kind not in ("integer", "number"))
        case _:
            said = {}
    if not said or said.keys() & options.keys():
        return False
    place["logicalTypeOptions"] = options | said
    return True


def _bounds(given: Said, *, as_text: bool) -> Said:
    """The bounds of a range, if they are values of the column's kind and nothing else is said."""
    inclusive = given.get("inclusive", "both")
    bounds = {name: given[name] for name in ("min", "max") if given.get(name) is not None}
    fits = (str, date) if as_text else (int, float)
    if given.keys() - {"min", "max", "inclusive"} or not all(
        isinstance(bound, fits) for bound in bounds.values()
    ):
        return {}
    return {
        f"{'m' if inclusive in ('both', name) else 'exclusiveM'}{name[1:]}imum": (
            _text(bound) if as_text else bound
        )
        for name, bound in bounds.items()
    }


def _relate(
    names: list[str], to: arguments.Keys, column: str | None, place: Said, called: str
) -> bool:
    here = [f"{called}.{name}" for name in names]
    there = [f"{to.dataset}.{name}" for name in to.columns]
    if not all(words.SHORTHAND.fullmatch(each) for each in (*here, *there)):
        return False
    said: Said = {"type": "foreignKey"}
    if column is None:
        said["from"] = here if len(here) > 1 else here[0]
    said["to"] = there if len(there) > 1 else there[0]
    known = place.setdefault("relationships", [])
    if said in known:
        return False
    known.append(said)
    return True


def _team(owner: str, kept: Any) -> Any:
    """The team that was there, with the owner in it."""
    member = {"username": owner, "role": "owner"}
    members = kept if isinstance(kept, list) else kept.get("members", [])
    if all(each.get("username") != owner for each in members):
        members = [*members, member]
    return members if isinstance(kept, list) else dict(kept) | {"members": members}


def _merged(said: Said, kept: Mapping[str, Any]) -> Said:
    """What a contract says together with what an imported one had besides."""
    merged = dict(said)
    for name, value in kept.items():
        now = merged.get(name)
        if isinstance(now, dict) and isinstance(value, dict):
            merged[name] = _merged(now, value)
        elif isinstance(now, list) and isinstance(value, list):
            merged[name] = [*(one for one in now if not _covered(one, value)), *value]
        elif now is not True:
            merged[name] = value
    return merged


def _covered(one: Any, kept: list[Any]) -> bool:
    """Whether something that was kept says all of it, and perhaps more."""
    return any(
        each == one
        or (
            isinstance(each, dict)
            and isinstance(one, dict)
            and all(each.get(name) == value for name, value in one.items())
        )
        for each in kept
    )


def _plain(value: Any) -> Any:
    """A value as JSON has it."""
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return _text(value) if isinstance(value, date | time) else value


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, date | time) else str(value)
