"""An Open Data Contract as contracts: one for each of its tables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any, get_args

from flows.contract import SEMVER, Status
from flows.document import Keys, spell
from flows.exchange.odcs import columns, words
from flows.exchange.odcs.statements import OTHER_ROWS, Untranslatable, check, ours
from flows.exchange.part import Imported, Part
from flows.exchange.trial import Refused, Statement, keys_of, made, settle, statement
from quality.checks import Check, CheckInvalid

Said = dict[str, Any]
Entry = tuple[str, Said, Said]
"""A rule, what it is given, and what else the standard says of the check."""

_UNITS = words.UNITS | {"w": "weeks"}


def contracts(said: Said, file: str) -> list[Imported]:
    """Read an Open Data Contract, of version 3.

    Args:
        said: The document.
        file: What to call it.

    Raises:
        ExchangeInvalid: It is none.
    """
    top = Part(deepcopy(said), file)
    edition = top.take("apiVersion", str) or ""
    if top.take("kind", str) != "DataContract" or not edition.startswith("v3."):
        raise top.invalid("apiVersion", "must be v3, of a document of the kind DataContract")
    tables = top.parts("schema")
    if not tables:
        raise top.invalid("schema", "names no table, so there is nothing to make a contract of")
    alone = len(tables) == 1
    return [settle(partial(_contract, top, table, alone)) for table in tables]


def _contract(top: Part, table: Part, alone: bool, refused: Refused) -> Imported:
    top, table = deepcopy(top), deepcopy(table)
    told: list[str] = []
    name = table.take("name", str) or ""
    dataset = _dataset(name)
    if dataset != name:
        table.said["name"] = name
        told.append(table.told(f"{name!r} is called {dataset!r} here", "name"))
    mine = ours(top)
    for part, key, implied in (
        *((top, key, dataset) for key in ("id", "name")),
        (table, "logicalType", "object"),
        (table, "physicalType", "table"),
    ):
        if part.said.get(key) == implied:
            del part.said[key]
    contract: Said = {"dataset": dataset} | _about(top, table, told)
    contract |= {"files": f"{dataset}*"}
    contract |= {key: mine[key] for key in words.FILES if key in mine and key != "waivers"}
    if "files" not in mine:
        what = f"the standard does not say which files these are; {contract['files']!r} is taken"
        told.append(table.told(what))

    properties = table.parts("properties")
    made_columns = [columns.column(part) for part in properties]
    types = {column["name"]: column["type"] for column in made_columns}
    names = [*types]
    primary = _key(properties, names)
    latencies = _latencies(top, name, names, alone)
    by_path: dict[Keys, Said] = {}
    places = [*zip(properties, made_columns, strict=True), (table, None)]
    desk = _Desk(types, refused, told, set())
    found = [_quality(part, column, desk) for part, column in places]
    for index, (part, column) in enumerate(zip(properties, made_columns, strict=True)):
        here = column["name"]
        stated = [*columns.stated(part), *_related(part, here, told)]
        stated += [("primary_key", {})] if primary == [here] else []
        stated += [("freshness", given) for where, given in latencies if where == here]
        entries = [*_bare(stated, part, column, desk), *found[index]]
        if entries:
            column["checks"] = [_written(rule, given) for rule, given, _ in entries]
            for position, (_, _, extras) in enumerate(entries):
                by_path["columns", index, "checks", position] = extras
        told += [part.told("is not asked for", *one) for one in _unasked(part, column)]
    stated = [*_related(table, None, told, name)]
    stated += [("primary_key", {"columns": primary})] if len(primary) > 1 else []
    entries = [*_bare(stated, table, None, desk), *found[-1]]
    contract["columns"] = made_columns
    if entries:
        contract["checks"] = [_written(rule, given) for rule, given, _ in entries]
        by_path |= {("checks", n): extras for n, (_, _, extras) in enumerate(entries)}
    if "waivers" in mine:
        contract["waivers"] = mine["waivers"]
    keys = keys_of(contract, top.file)
    extras = {keys[spell(path)]: left for path, left in by_path.items() if left}
    kept = _kept(top, table, dict(zip(names, properties, strict=True)), extras)
    if kept:
        contract["odcs"] = kept
        told.append(table.told(f"kept below odcs, and not asked for: {', '.join(kept)}"))
    return Imported(contract, told=tuple(told))


def _dataset(name: str) -> str:
    return re.sub(r"[^a-z0-9_]+", "_", name.lower()).strip("_")


def _about(top: Part, table: Part, told: list[str]) -> Said:
    """Take what both say of a contract as such."""
    said: Said = {}
    if re.fullmatch(SEMVER, str(top.said.get("version"))):
        version = top.take("version", str)
        said |= {} if version == words.UNVERSIONED else {"version": version}
    elif "version" in top.said:
        told.append(top.told("is not three numbers, 1.2.0", "version"))
    if top.said.get("status") in get_args(Status):
        status = top.take("status", str)
        said |= {} if status == "active" else {"status": status}
    purpose = top.said.get("description")
    purpose = purpose.get("purpose") if isinstance(purpose, dict) else None
    if description := table.take("description", str) or purpose:
        said["description"] = str(description)
    if owner := _owner(top.said.get("team")):
        said["owner"] = owner
        if top.said["team"] == {"members": [{"username": owner, "role": "owner"}]}:
            del top.said["team"]
    return said


def _owner(team: Any) -> str | None:
    members = team.get("members") if isinstance(team, dict) else team
    for member in members if isinstance(members, list) else ():
        if isinstance(member, dict) and "owner" in str(member.get("role")).lower():
            return str(member.get("username") or "") or None
    return None


def _key(properties: list[Part], names: list[str]) -> list[str]:
    """Take the marks of the primary key, in its order."""
    marked = []
    for part, name in zip(properties, names, strict=True):
        if part.said.get("primaryKey") is True:
            del part.said["primaryKey"]
            marked.append((part.take("primaryKeyPosition", int) or 0, name))
    return [name for _, name in sorted(marked, key=lambda each: each[0])]


def _latencies(top: Part, table: str, names: list[str], alone: bool) -> list[tuple[str, Said]]:
    """Take out how old the newest value of a column may be."""
    found, kept = [], []
    for part in top.parts("slaProperties"):
        before = dict(part.said)
        kind, element = str(part.take("property")), str(part.take("element"))
        value, unit = part.take("value"), str(part.take("unit")).lower()
        unit = _UNITS.get(unit, f"{unit.removesuffix('s')}s")
        of, _, column = element.rpartition(".")
        here = column in names and (of == table or (alone and not of))
        known = unit in _UNITS.values() and isinstance(value, int | float)
        if kind.lower() in ("latency", "ly") and here and known:
            found.append((column, {"max_age": f"{value} {unit}"}))
            kept += [before] if part.said else []
        else:
            kept.append(before)
    if kept:
        top.said["slaProperties"] = kept
    return found


def _related(
    part: Part, column: str | None, told: list[str], table: str = ""
) -> list[tuple[str, Said]]:
    """Take out references to other tables; those with more to say of them stay there too."""
    found, kept = [], []
    for each in part.parts("relationships"):
        before = {"type": "foreignKey"} | each.said
        each.take("type")
        here, there = _names(each.take("from")), _names(each.take("to"))
        datasets = {name.partition(".")[0] for name in there}
        own = [name.removeprefix(f"{table}.") for name in here]
        if len(datasets) != 1 or (column is None and not own):
            told.append(each.told("refers to something that is not table.column"))
            kept.append(before)
            continue
        dataset, to = _dataset(datasets.pop()), [name.partition(".")[2] for name in there]
        keys: Said = {} if column else {"columns": own}
        target = f"{dataset}.{to[0]}" if len(to) == 1 else {"dataset": dataset, "columns": to}
        found.append(("foreign_key", keys | {"to": target}))
        kept += [before] if each.said or not there[0].startswith(f"{dataset}.") else []
    if kept:
        part.said["relationships"] = kept
    return found


def _names(value: Any) -> list[str]:
    listed = value if isinstance(value, list) else [value]
    fits = all(isinstance(one, str) and words.SHORTHAND.fullmatch(one) for one in listed)
    return listed if fits else []


@dataclass(frozen=True)
class _Desk:
    """What is at hand while the checks of a table are read."""

    types: dict[str, str]
    refused: Refused
    told: list[str]
    said: set[Statement]
    """What `quality` says, of all rows, so that a mark or an option need not say it again."""

    def make(self, rule: str, given: Said, column: Said | None) -> tuple[Said, Check | None]:
        """Make a check, and give what its rule is given for it."""
        given = _typed(rule, given, column)
        here = column["name"] if column else None
        return given, made(rule, given, here, self.types, self.refused)


def _quality(part: Part, column: Said | None, desk: _Desk) -> list[Entry]:
    """Take the checks out of the `quality` of a part; what makes none stays there."""
    found: list[Entry] = []
    kept = []
    for each in part.parts("quality"):
        before = deepcopy(each.said)
        try:
            rule, given = check(each, column["name"] if column else None)
            given, one = desk.make(rule, given, column)
        except (Untranslatable, CheckInvalid) as error:
            desk.told.append(each.told(f"{error}"))
            kept.append(before)
            continue
        if one and not OTHER_ROWS & given.keys():
            desk.said.add(statement(one))
        found.append((rule, given, each.said))
    if kept:
        part.said["quality"] = kept
    return found


def _bare(
    stated: list[tuple[str, Said]], part: Part, column: Said | None, desk: _Desk
) -> Iterator[Entry]:
    """Give the checks that are stated by marks and options, and not by `quality` too."""
    for rule, given in stated:
        try:
            typed, one = desk.make(rule, given, column)
        except CheckInvalid as invalid:
            desk.told.append(part.told(f"{invalid}"))
        else:
            if one and statement(one) not in desk.said:
                yield rule, typed, {}


def _unasked(part: Part, column: Said) -> list[tuple[str, ...]]:
    """What a property asks for and no check does."""
    options = part.said.get("logicalTypeOptions") or {}
    typed = "format" in column or column["type"] != "varchar"
    read = {"format", "defaultTimezone"} if typed else set()
    inner = [(name,) for name in ("properties", "items") if part.said.get(name)]
    return [*(("logicalTypeOptions", name) for name in options if name not in read), *inner]


def _typed(rule: str, given: Said, column: Said | None) -> Said:
    """Values of a column of dates are dates, which JSON has no word for."""
    if rule == "accepted_values" and column and column["type"] == "date":
        try:
            return given | {"values": [date.fromisoformat(value) for value in given["values"]]}
        except (TypeError, ValueError):
            return given
    return given


def _written(rule: str, given: Said) -> Any:
    return {rule: given} if given else rule


def _kept(top: Part, table: Part, properties: dict[str, Part], extras: Said) -> Said:
    """What nobody has taken, in the order of the standard."""
    left = {name: part.said for name, part in properties.items()}
    kept = {
        **top.said,
        "schema": table.said,
        "properties": {name: each for name, each in left.items() if each},
        "quality": extras,
    }
    return {name: value for name, value in kept.items() if value not in (None, {}, [])}
