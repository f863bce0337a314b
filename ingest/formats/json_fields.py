"""The fields of JSON records: which keys they have, and the SQL of their texts.

The SQL speaks of a relation in which `raw` is a line, a record or the number of one that does not
fit, and `j` is what a single parse of it gave.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from ingest.columns import Column
from ingest.sql import identifier, literal

FITS = "raw[1] = '{'"
"""Whether a line is a record."""

Way = tuple[str, ...]
"""The keys that lead to a value."""
Tree = dict[str, Any]
"""What is wanted of an object: a type by its key, or a tree."""


@dataclass(frozen=True)
class Keys:
    """The keys of a file's records."""

    names: Sequence[str]
    """Those of the records themselves, the most frequent first."""
    repeated: bool = False
    """Whether one stands twice in an object, however deep."""
    ways: Sequence[Way] = ()
    """Of the ways that were asked for, those that lead to something."""
    partly: Sequence[str] = ()
    """Of the keys whose values are asked for in parts, those that hold more than was asked for."""


@dataclass(frozen=True)
class Fields:
    """What is taken out of each record."""

    structure: str
    """What a single parse takes out, as `json_transform` wants it."""
    cells: Mapping[str, str]
    """SQL of the text of each field, of those included that no column takes."""
    others: Mapping[str, str]
    """The keys that no column takes, or not whole, by what they are called among the fields."""
    ways: Mapping[str, Way]
    """The ways to what columns take, by column."""


def read_keys(
    con: duckdb.DuckDBPyConnection, lines: str, shapes: str, asked: Iterable[Way], nested: bool
) -> Keys:
    """Read the keys of all records, by way of the few shapes that most files have.

    Args:
        con: The connection.
        lines: SQL of a relation of `raw`.
        shapes: Quoted name of the table in which the shapes are gathered.
        asked: Ways into the records.
        nested: Whether there may be objects within records.
    """
    asked = tuple(asked)
    parts = {key: tree for key, tree in _tree(asked).items() if isinstance(tree, dict)}
    exists = [f"json_exists(raw, {_pointer(way)})" for way in asked]
    holds_more = [f"NOT ({_covered((key,), tree)})" for key, tree in parts.items()]
    questions = "".join(f", bool_or({sql}) AS q{i}" for i, sql in enumerate([*exists, *holds_more]))
    inner = "json_keys(raw, '$..*')" if nested else "[]::VARCHAR[][]"
    con.execute(
        f"CREATE OR REPLACE TABLE {shapes} AS SELECT keys, inner_keys, "
        f"count(*) AS records{questions} FROM (SELECT raw, json_keys(raw) AS keys, "
        f"{inner} AS inner_keys FROM {lines} WHERE {FITS}) GROUP BY keys, inner_keys"
    )
    names = con.sql(
        f"SELECT key FROM (SELECT unnest(list_distinct(keys)) AS key, records FROM {shapes}) "
        "GROUP BY key ORDER BY sum(records) DESC, key"
    ).fetchall()
    answers = "".join(f", bool_or(q{i})" for i in range(len(asked) + len(parts)))
    ((repeated, *found),) = con.sql(
        "SELECT coalesce(bool_or(len(list_distinct(keys)) < len(keys) OR len(list_filter("
        f"inner_keys, lambda k: len(list_distinct(k)) < len(k))) > 0), false){answers} "
        f"FROM {shapes}"
    ).fetchall()
    return Keys(
        names=[name for (name,) in names],
        repeated=repeated,
        ways=[way for way, there in zip(asked, found, strict=False) if there],
        partly=[key for key, more in zip(parts, found[len(asked) :], strict=True) if more],
    )


def asked_for(columns: Iterable[Column]) -> list[Way]:
    """Give the ways to the columns that do not stand on top of a record."""
    return [tuple(column.path.split(".")) for column in columns if column.path]


def fields(columns: Iterable[Column], keys: Keys, null_values: Iterable[str]) -> Fields:
    """Plan what is taken out of each record.

    Args:
        columns: The columns that are wanted.
        keys: The keys of the file's records.
        null_values: Texts that mean that there is no value.
    """
    columns = tuple(columns)
    types = {column.name: "JSON" if column.type == "json" else "VARCHAR" for column in columns}
    ways = _ways(columns, keys)
    whole = {way[0] for way in ways.values() if len(way) == 1}
    parts = {way[0] for way in ways.values()} - whole
    within = {column.name.lower() for column in columns if column.path}
    others = {
        f"$.{name}" if name.lower() in within else name: name  # it is not what the column is
        for name in keys.names
        if name not in whole | parts or name in keys.partly
    }
    tree: Tree = {}
    cells = {}
    for name, way in ways.items():
        apart = not _grows(tree, way, types[name])
        cells[name] = _extracted(way, types[name]) if apart else f"{identifier('j', *way)}::VARCHAR"
    for called, name in others.items():
        if "\0" not in name:
            cells.setdefault(called, _extracted((name,), "VARCHAR"))
    nulls = ", ".join(map(literal, null_values))
    if nulls:
        cells = {key: f"CASE WHEN {c} NOT IN ({nulls}) THEN {c} END" for key, c in cells.items()}
    return Fields(json.dumps(tree or {"_": "VARCHAR"}), cells, others, ways)


def _ways(columns: Sequence[Column], keys: Keys) -> dict[str, Way]:
    """Tell which keys lead to each column; case counts only where it must."""
    exact = {column.name for column in columns} & set(keys.names)
    alike = {key.lower(): key for key in reversed(keys.names) if key not in exact}
    found: dict[str, Way] = {}
    for column in columns:
        if column.path:
            way = tuple(column.path.split("."))
            found |= {column.name: way} if way in keys.ways else {}
        elif column.name in exact:
            found[column.name] = (column.name,)
        elif column.name.lower() in alike:
            found[column.name] = (alike.pop(column.name.lower()),)
    return found


def _tree(ways: Iterable[Way]) -> Tree:
    tree: Tree = {}
    for way in ways:
        _grows(tree, way, "VARCHAR")
    return tree


def _grows(tree: Tree, way: Way, type: str) -> bool:
    """Add what stands at the end of a way to a tree, unless DuckDB would take it for another."""
    branch: Any = tree
    for depth, key in enumerate(way, start=1):
        if not isinstance(branch, dict):
            return False
        clashes = any(k != key and k.lower() == key.lower() for k in branch)
        last = depth == len(way)
        if not key or clashes or (last and branch.get(key, type) != type):
            return False
        branch = branch.get(key, type if last else {})
    branch = tree
    for key in way[:-1]:
        branch = branch.setdefault(key, {})
    branch[way[-1]] = type
    return True


def _extracted(way: Way, type: str) -> str:
    """Take out one value by a parse of its own."""
    if type == "JSON":
        return f"nullif(json_extract(raw, {_pointer(way)})::VARCHAR, 'null')"
    return f"json_extract_string(raw, {_pointer(way)})"


def _pointer(way: Way) -> str:
    return literal("".join("/" + key.replace("~", "~0").replace("/", "~1") for key in way))


def rescued(plan: Fields, taken: Collection[str]) -> str:
    """Give the SQL of what is left of a record, as one JSON object; null where that has no value.

    Args:
        plan: What is taken out of the record.
        taken: The fields that are not left.
    """
    if not plan.others.keys() - taken:
        return "NULL::JSON"
    whole = {way[0] for way in plan.ways.values() if len(way) == 1}
    whole |= {name for called, name in plan.others.items() if called in taken}
    parts = _tree(way for way in plan.ways.values() if way[0] not in whole)
    gone = [literal(f"{json.dumps(key)}:null") for key in sorted(whole)]
    gone += [
        f"CASE WHEN {_covered((key,), tree)} THEN {literal(f'{json.dumps(key)}:null')} END"
        for key, tree in parts.items()
    ]
    patch = f"'{{' || concat_ws(',', {', '.join(gone)}) || '}}'" if gone else "'{}'"
    left = f"json_merge_patch(raw, {patch})"
    return f"CASE WHEN {FITS} AND json_merge_patch('{{}}', {left}) <> '{{}}' THEN {left} END"


def _covered(way: Way, tree: Tree) -> str:
    """Whether of an object nothing is left when what is wanted of it is taken."""
    at, wanted = _pointer(way), ", ".join(map(literal, tree))
    inner = [_covered((*way, key), of) for key, of in tree.items() if isinstance(of, dict)]
    return " AND ".join(
        [
            f"coalesce(json_type(raw, {at}), 'NULL') IN ('NULL', 'OBJECT')",
            f"coalesce(list_has_all([{wanted}], json_keys(raw, {at})), true)",
            *inner,
        ]
    )
