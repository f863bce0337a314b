"""A condition in SQL: one boolean expression over the columns of one row, and nothing else.

Contracts are written by people of the house, but often copied from somewhere; what looks like a
comparison must not be able to read a file, a setting or another table.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from quality.arguments import Names, as_written
from quality.scratch import ask


@dataclass(frozen=True)
class Condition:
    """One SQL expression that is true for a good row, or for a row that is meant."""

    sql: str

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that it reads, each once."""
        return columns_of(self.sql)


@dataclass(frozen=True)
class Restricts:
    """Marks an argument that says which rows of the other dataset count."""


def columns_of(sql: str) -> tuple[str, ...]:
    """The columns that an expression reads, each once."""
    read = _read(_parse(sql), frozenset())
    return tuple(dict.fromkeys(name for name in read if name.lower() not in _CLOCKS))


def check(sql: str) -> str:
    """Let an expression pass that looks at one row and at nothing else.

    Raises:
        ValueError: Says what it contains that it must not.
    """
    for node in nodes(_parse(sql)):
        if node["class"] not in _ALLOWED:
            what = _REFUSED.get(node["class"], f"{node['class'].lower()} is not allowed")
            raise ValueError(f"{what} in {sql!r}")
        if node["class"] == "FUNCTION":
            _check_function(node)
    return sql


Sql = Annotated[
    str,
    Field(min_length=1),
    AfterValidator(check),
    Names(columns_of, rename=as_written),
]

Elsewhere = Annotated[
    Annotated[str, Field(min_length=1), AfterValidator(check)] | None, Restricts()
]
"""A condition on the columns of one row of another dataset, or none."""

_ALLOWED = {
    "BETWEEN",
    "CASE",
    "CAST",
    "COLLATE",
    "COLUMN_REF",
    "COMPARISON",
    "CONJUNCTION",
    "CONSTANT",
    "FUNCTION",
    "LAMBDA",
    "LAMBDA_REF",
    "OPERATOR",
    "TYPE",
}
_REFUSED = {
    "SUBQUERY": "a query is not allowed; use foreign_key to look into another dataset,",
    "WINDOW": "a window looks at other rows; use unique or aggregate,",
    "STAR": "* is not a value; name the columns",
    "PARAMETER": "there are no parameters; write the value itself",
}
_CLOCKS = {"current_date", "current_timestamp", "current_time", "localtime", "localtimestamp"}
_CLOCK_FUNCTIONS = {"now", "today", "get_current_timestamp", "transaction_timestamp", "ago"}
_PLAIN_MACROS = {
    *("array_append", "array_prepend", "array_to_string", "date_add", "days_in_month", "fdiv"),
    *("fmod", "if", "json", "list_append", "list_avg", "list_count", "list_first", "list_last"),
    *("list_max", "list_median", "list_min", "list_prepend", "list_reverse", "list_sum"),
    *("nullif", "split_part"),
}
_SECRETIVE = {
    *("current_setting", "getvariable", "getenv", "in_search_path"),
    # A text is a query to the one, the name of a table to the other.
    *("json_serialize_plan", "index_key"),
}


@cache
def functions() -> dict[str, bool]:
    """Every function by name, and whether it depends on the row alone (and on the clock)."""
    known = ask(
        "SELECT function_name, bool_and(function_type = 'scalar' AND stability = 'CONSISTENT') "
        "FROM duckdb_functions() GROUP BY ALL"
    )
    plain = {name: bool(pure) and name not in _SECRETIVE for name, pure in known}
    return plain | dict.fromkeys(_CLOCK_FUNCTIONS | _PLAIN_MACROS, True)


def _check_function(node: dict[str, Any]) -> None:
    name = node["function_name"].lower()
    if node["schema"] not in ("", "main") or node["catalog"]:
        raise ValueError(f"write {name}(column), and not {node['schema']}.{name}()")
    if name not in functions():
        raise ValueError(f"there is no function {name}()")
    if not functions()[name]:
        raise ValueError(f"{name}() does not depend on the row alone, and is not allowed")


@cache
def _parse(sql: str) -> dict[str, Any]:
    """The syntax tree of one expression; brackets keep it from ending in the middle."""
    node = syntax(f"SELECT (\n{sql}\n)")
    frame, blank = dict(node), syntax("SELECT (\nTRUE\n)")
    values = frame.pop("select_list", ())
    blank.pop("select_list")
    if frame != blank or len(values) != 1:
        raise ValueError(
            f"{sql!r} is more than one expression; write one condition, without SELECT"
        )
    return dict(values[0])


def syntax(query: str) -> dict[str, Any]:
    """The syntax tree of one statement that reads.

    Raises:
        ValueError: It is none, or it is two.
    """
    ((text,),) = ask("SELECT json_serialize_sql(?)", query)
    tree = json.loads(text)
    if tree["error"] or len(tree["statements"]) != 1:
        raise ValueError(f"not an SQL expression: {tree.get('error_message', 'two statements')}")
    return dict(tree["statements"][0]["node"])


def _read(tree: Any, bound: frozenset[str]) -> Iterator[str]:
    """The names in a syntax tree that no lambda around them binds."""
    if isinstance(tree, list):
        for inner in tree:
            yield from _read(inner, bound)
    if not isinstance(tree, dict):
        return
    if tree.get("class") == "LAMBDA":
        bound |= {*_read(tree["lhs"], frozenset())}
    if tree.get("class") == "COLUMN_REF" and tree["column_names"][0] not in bound:
        yield tree["column_names"][0]
    for inner in tree.values():
        yield from _read(inner, bound)


def nodes(tree: Any) -> Iterator[dict[str, Any]]:
    """Every expression in a syntax tree."""
    if isinstance(tree, dict):
        if "class" in tree:
            yield tree
        for inner in tree.values():
            yield from nodes(inner)
    elif isinstance(tree, list):
        for inner in tree:
            yield from nodes(inner)
