"""Drift: how what a file brings differs from what is declared, and what is done about it. Pure.

A contract's `schema_contract` says what is done, for tables, columns and types:

| mode            | no table yet         | an unknown column       | a value without its type   |
| --------------- | -------------------- | ----------------------- | -------------------------- |
| `evolve`        | the load makes it    | is added to the table   | goes to `<column>__v_text` |
| `freeze`        | the load is held     | the file is held        | the file is held           |
| `discard_row`   | the load is rejected | quarantines its records | quarantines its record     |
| `discard_value` | the load is rejected | goes to `_rescued`      | goes to `_rescued`         |
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import chain
from typing import Any

from pydantic import TypeAdapter

from ingest.columns import Column
from ingest.likeness import Fits, likely_renames
from ingest.model import FileError
from ingest.source import Source

VARIANT = "__v_text"
"""What is added to a column's name for the column of what does not have its type."""
LONGEST_NAME = 100
"""Characters of a column that is added, and of what is quoted; megabytes are no name."""
MOST_ADDED = 100
"""Columns that one file can add to a table."""
MOST_NAMED = 20
"""Columns that a message names one by one."""


class Action(StrEnum):
    """What is done about a change."""

    CREATED = "created"
    ADDED = "added"
    LOADED = "loaded"
    NULL = "null"
    QUARANTINED = "quarantined"
    RESCUED = "rescued"
    HELD = "held"
    REJECTED = "rejected"


@dataclass(frozen=True)
class Change:
    """One way in which a file differs from what is declared, or a table from what it was."""

    change: str
    """new-table, new-column, unknown-column, missing-column, renamed-column or changed-type."""
    column: str | None
    before: str | None
    """The name, or else the type, that there was or should be."""
    after: str | None
    """The name, or else the type, that there is."""
    action: Action


@dataclass(frozen=True)
class Strays:
    """The values of a column that do not have its type."""

    count: int
    fitting: int
    """Values of the column that do have it."""
    record_no: int
    """Where the first of them stands."""
    line: int | None
    """On which line; told only where the type is frozen."""
    text: str
    """That one."""
    like: str
    """The type that they look to have."""


@dataclass(frozen=True)
class Drift:
    """How a file differs from what is declared."""

    changes: tuple[Change, ...] = ()
    columns: Mapping[str, Column] = field(default_factory=dict)
    """Columns that the contract does not have and the table is to get, by what they are called in
    the table `records`, where they are text."""
    strays: Mapping[str, Strays] = field(default_factory=dict)
    """Values that do not have the type of their column, by its name."""

    @property
    def loaded(self) -> tuple[str, ...]:
        """What the file calls the unknown columns that the table is to get."""
        return tuple(c.column for c in self.changes if c.column and c.action is Action.LOADED)

    @property
    def held(self) -> bool:
        """Whether nothing of the file is to be loaded for now."""
        return any(change.action is Action.HELD for change in self.changes)

    @property
    def rejected(self) -> bool:
        """Whether nothing of the file is to be loaded, and nobody to be asked."""
        return any(change.action is Action.REJECTED for change in self.changes)


_DRIFT = TypeAdapter(Drift)


def plain(found: Drift) -> dict[str, Any]:
    """Give what was found as plain data, to be stored."""
    data: dict[str, Any] = _DRIFT.dump_python(found, mode="json")
    return data


def recall(data: dict[str, Any]) -> Drift:
    """Read what `plain` gave."""
    return _DRIFT.validate_python(data)


_COLUMNS = {
    "evolve": Action.LOADED,
    "freeze": Action.HELD,
    "discard_row": Action.QUARANTINED,
    "discard_value": Action.RESCUED,
}
_CONSEQUENCES = {
    Action.LOADED: "it is added to the table",
    Action.NULL: "it holds no value",
    Action.RESCUED: "it goes to _rescued",
    Action.QUARANTINED: "a record with a value in it goes to quarantine",
    Action.HELD: "it takes no others: add it there, or ask the supplier to leave it out",
}


def of_columns(source: Source, fields: Sequence[str], fits: Fits) -> tuple[Change, ...]:
    """Compare the columns that a file has with those that it should have; by name, in any order.

    Args:
        source: The contract's half about files.
        fields: What the file calls its columns.
        fits: Asked only where a column seems to have another name.
    """
    found = set(fields)
    declared = {column.name for column in source.columns}
    missing = [column for column in source.columns if column.name not in found]
    unknown = [field for field in fields if field not in declared]
    renamed = likely_renames(source, fields, missing, unknown, fits)
    changes = []
    for column in missing:
        name, action = column.name, Action.HELD if column.required else Action.NULL
        if name in renamed:
            changes.append(Change("renamed-column", name, name, renamed[name], action))
        elif column.required:
            changes.append(Change("missing-column", name, column.type, None, action))
    action = _COLUMNS[source.schema_contract.columns]
    addable = _addable(declared, unknown) if action is Action.LOADED else set(unknown)
    for name in unknown:
        done = action if name in addable else Action.RESCUED
        changes.append(Change("unknown-column", name, None, None, done))
    return tuple(changes)


def of_types(source: Source, strays: Mapping[str, Strays]) -> tuple[Change, ...]:
    """Tell which columns have another type now: frozen ones, and those of which no value fits.

    Args:
        source: The contract's half about files.
        strays: The values that do not fit, by column.
    """
    action = _COLUMNS[source.schema_contract.types]
    return tuple(
        Change("changed-type", column.name, column.type, strays[column.name].like, action)
        for column in source.columns
        if column.name in strays and (action is Action.HELD or not strays[column.name].fitting)
    )


def of_table(source: Source) -> tuple[Change, ...]:
    """Tell what is done about a dataset that has no table, if its loads may not make one."""
    mode = source.schema_contract.tables
    if mode == "evolve":
        return ()
    action = Action.HELD if mode == "freeze" else Action.REJECTED
    return (Change("new-table", None, None, f"main.{source.dataset}", action),)


def findings(found: Drift, fields: Collection[str]) -> list[FileError]:
    """Say what has changed, so that a supplier, or whoever keeps the contract, can act on it.

    Args:
        found: How the file differs from what is declared.
        fields: What the file calls its columns.
    """
    names, told = [*fields], defaultdict[tuple[str, bool], list[FileError]](list)
    for change in found.changes:
        error = _finding(change, names, found.strays)
        told[error.code, error.fatal].append(error)
    return list(chain.from_iterable(map(_cut, told.values())))


def _cut(errors: list[FileError]) -> list[FileError]:
    """Tell of a great many only how many there are."""
    if (more := len(errors) - MOST_NAMED) <= 1:
        return errors
    return [*errors[:MOST_NAMED], replace(errors[0], message=f"… and {more} more like these")]


def _finding(change: Change, fields: Sequence[str], strays: Mapping[str, Strays]) -> FileError:
    name, held = _shown(change.column or ""), change.action is Action.HELD
    match change.change:
        case "new-table":
            message = (
                f"there is no table {change.after}, and the contract lets no load make it: make "
                "it by hand, or say `tables: evolve`"
            )
            return FileError("frozen-table", message, fatal=True)
        case "renamed-column":
            other = _shown(change.after or "")
            message = (
                f"{name} is missing; {other} is new and looks like it: rename it in the contract "
                "or ask the supplier"
            )
            return FileError("missing-column" if held else "renamed-column", message, fatal=held)
        case "missing-column":
            some = ", ".join(map(_shown, fields[:MOST_NAMED]))
            others = ", …" if len(fields) > MOST_NAMED else ""
            message = f"the column {name} is missing; the file has {some}{others}"
            return FileError("missing-column", message, fatal=True)
        case "changed-type" if held:
            stray = strays[change.column or ""]
            several = "1 value is" if stray.count == 1 else f"{stray.count} values are"
            message = (
                f"{name} is frozen as {change.before}, and {several} not, the first in record "
                f"{stray.record_no}: {_shown(stray.text)!r}; it looks like {change.after}"
            )
            return FileError("frozen-type", message, line=stray.line, fatal=True)
        case "changed-type":
            message = f"no value of {name} is {change.before}; it looks like {change.after}"
            return FileError("changed-type", message)
    message = f"the contract has no column {name}; {_CONSEQUENCES[change.action]}"
    return FileError("frozen-column" if held else "unknown-column", message, fatal=held)


def _addable(declared: Collection[str], unknown: Sequence[str]) -> set[str]:
    """Choose the names that a table can take: none that is ours, or taken, or no name at all."""
    taken = {name.lower() for name in declared}
    taken |= {f"{name}{VARIANT}" for name in taken}
    addable: set[str] = set()
    for name in unknown:
        if (
            len(addable) < MOST_ADDED
            and len(name) <= LONGEST_NAME
            and name.strip()
            and not name.startswith("_")
            and "\0" not in name
            and name.lower() not in taken
        ):
            addable.add(name)
            taken.add(name.lower())
    return addable


def _shown(text: str) -> str:
    return text if len(text) <= LONGEST_NAME else f"{text[: LONGEST_NAME - 1]}…"
