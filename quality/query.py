"""A query in SQL that reads the rows of the file and of other datasets, and nothing else.

What it may be made of is listed here; whatever is not, is refused. Each table that it names is
given to it under that name, so that it finds no table, file or setting besides.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Annotated, Any

import narwhals as nw
from pydantic import AfterValidator, Field

from quality import frames
from quality.arguments import Datasets
from quality.condition import functions, syntax
from quality.frames import RECORD_NO, Frame, Tables
from quality.scratch import ask
from quality.sql import quoted

THIS = "this"
"""What a query calls the rows of the file."""

_EXPRESSIONS = {
    *("BETWEEN", "CASE", "CAST", "COLLATE", "COLUMN_REF", "COMPARISON", "CONJUNCTION", "CONSTANT"),
    *("FUNCTION", "LAMBDA", "LAMBDA_REF", "OPERATOR", "STAR", "SUBQUERY", "TYPE", "WINDOW"),
}
_PARTS = {
    *("SELECT_NODE", "SET_OPERATION_NODE", "CTE_NODE"),
    *("BASE_TABLE", "EMPTY", "EXPRESSION_LIST", "JOIN", "SUBQUERY", "TABLE_FUNCTION"),
    *("DISTINCT_MODIFIER", "LIMIT_MODIFIER", "ORDER_MODIFIER"),
    *("ORDER_DEFAULT", "ASCENDING", "DESCENDING"),
}
_REFUSED = {
    "RECURSIVE_CTE_NODE": "a query that calls itself may never end",
    "SHOW_REF": "it must return rows of data, not of what there is",
    "PIVOT": "its columns must not depend on the data; use CASE",
    "PARAMETER": "there are no parameters; write the value itself",
    "POSITIONAL_REFERENCE": "name the column",
}
_TABLE_FUNCTIONS = {"unnest", "range", "generate_series"}
"""Functions that make rows of their arguments alone."""
_WINDOWS = {
    *("row_number", "rank", "rank_dense", "dense_rank", "percent_rank", "cume_dist", "ntile"),
    *("lag", "lead", "first_value", "last_value", "nth_value", "fill"),
}
_NAME = re.compile(r"\w+")


def check(sql: str) -> str:
    """Let a query pass that reads `this` and other datasets, and nothing else.

    Raises:
        ValueError: Says what it contains that it must not.
    """
    sql = sql.strip().removesuffix(";")
    tree = _parse(sql)
    for part in _parts(tree):
        kind = part.get("class") or part["type"]
        if kind not in (_EXPRESSIONS if "class" in part else _PARTS):
            raise ValueError(_REFUSED.get(kind, f"{kind.lower()} is not allowed"))
        _look_at(part, kind)
    for name in _tables(tree, frozenset()):
        if not _NAME.fullmatch(name):
            raise ValueError(
                f"{name!r} is not a dataset; a query reads {THIS}, and datasets by their names"
            )
    return sql


def datasets(sql: str) -> tuple[str, ...]:
    """The datasets that a query reads, beside the rows of the file."""
    return tuple(dict.fromkeys(name for name in _tables(_parse(sql), frozenset()) if name != THIS))


Query = Annotated[str, Field(min_length=1), AfterValidator(check), Datasets(datasets)]


def returned(tables: Tables, sql: str) -> Frame:
    """What a query returns of some tables, each of which it reads by its name.

    Args:
        tables: The tables, on the same connection; among them all that the query reads.
        sql: A query that was let pass.
    """
    native = {name: nw.to_native(frame) for name, frame in tables.items()}
    if not frames.in_duckdb(tables[THIS]):
        context = nw.get_native_namespace(tables[THIS]).SQLContext(frames=native)
        return _lazy(context.execute(sql, eager=False))
    given = ", ".join(f"{quoted(name)} AS ({it.sql_query()})" for name, it in native.items())
    # A relation is the only way to its connection; what it is called there, nobody reads.
    query = native[THIS].limit(0).query("_unread", f"WITH {given} SELECT * FROM (\n{sql}\n)")
    return _lazy(query)


def failing(tables: Tables, sql: str) -> Frame:
    """The numbers of the records that a query returns, or that have the values it returns.

    Raises:
        ValueError: It returns something else.
    """
    found = returned(tables, sql)
    columns, own = frames.columns(found), frames.columns(tables[THIS])
    if RECORD_NO in columns:
        return found.select(RECORD_NO)
    if strange := [name for name in columns if name not in own]:
        raise ValueError(
            f"the query returns {strange[0]!r}, which is no column of {THIS}; "
            f"select {RECORD_NO}, or columns of {THIS}"
        )
    if not frames.in_duckdb(found):
        ours, theirs = nw.to_native(tables[THIS]), nw.to_native(found)
        there = ours.join(theirs, on=columns, how="semi", nulls_equal=True)
        return _lazy(there.select(RECORD_NO))
    same = " AND ".join(f"t.{quoted(n)} IS NOT DISTINCT FROM b.{quoted(n)}" for n in columns)
    return returned(
        tables,
        f"SELECT t.{RECORD_NO} FROM {THIS} t WHERE EXISTS (FROM (\n{sql}\n) b WHERE {same})",
    )


def value(tables: Tables, sql: str) -> float | None:
    """The number that a query returns, if there is one.

    Raises:
        ValueError: It returns more, or no number.
    """
    found = frames.rows(returned(tables, sql).head(2))
    if len(found) > 1 or (found and len(found[0]) > 1):
        raise ValueError("the query returns more than one value")
    (number,) = found[0].values() if found else (None,)
    if isinstance(number, bool | str) or (number is not None and not hasattr(number, "__float__")):
        raise ValueError(f"the query returns {number!r}, which is no number")
    return None if number is None else float(number)


def _lazy(native: Any) -> Frame:
    frame: Frame = nw.from_native(native).lazy()
    return frame


def _look_at(part: Mapping[str, Any], kind: str) -> None:
    """Look at what a part is called, and at what it does beside its kind."""
    if part.get("sample"):
        raise ValueError("a sample is another one each time; read all rows")
    if kind in ("FUNCTION", "WINDOW"):
        _check_function(part, part["function_name"].lower(), kind)
    elif kind == "TABLE_FUNCTION":
        function = part["function"]
        if function["class"] != "FUNCTION":
            raise ValueError("only a function gives rows here")
        name = function["function_name"].lower()
        if name not in _TABLE_FUNCTIONS:
            raise ValueError(f"{name}() is not allowed; rows come from {THIS} and other datasets")
    elif kind == "BASE_TABLE":
        if part["schema_name"] or part["catalog_name"]:
            raise ValueError(f"write {part['table_name']}, without a schema before it")
        if part.get("at_clause"):
            raise ValueError("what a table was before cannot be read")
    elif kind == "JOIN" and part["ref_type"] == "POSITIONAL":
        raise ValueError("rows have no order to join them by; name the columns")
    elif kind == "STAR" and (part.get("columns") or part.get("expr")):
        raise ValueError("COLUMNS() is not allowed; name the columns")


def _check_function(part: Mapping[str, Any], name: str, kind: str) -> None:
    if part["schema"] not in ("", "main") or part["catalog"]:
        raise ValueError(f"write {name}(), and not {part['schema']}.{name}()")
    if name in _TABLE_FUNCTIONS or (kind == "WINDOW" and name in _WINDOWS):
        return
    if name not in functions():
        raise ValueError(f"there is no function {name}()")
    if not (functions()[name] or name in _aggregates()):
        raise ValueError(f"{name}() does not depend on the rows alone, and is not allowed")


@cache
def _aggregates() -> frozenset[str]:
    known = ask(
        "SELECT DISTINCT function_name FROM duckdb_functions() WHERE function_type = 'aggregate'"
    )
    return frozenset(name for (name,) in known) - {"reservoir_quantile"}


@cache
def _parse(sql: str) -> dict[str, Any]:
    """The syntax tree of a query; as it is read where it will stand, in brackets."""
    around = syntax(f"SELECT * FROM (\n{sql}\n)")
    blank = syntax("SELECT * FROM (\nSELECT 1\n)")
    table = around.pop("from_table", {})
    blank.pop("from_table")
    if _unplaced(around) != _unplaced(blank) or table.get("type") != "SUBQUERY":
        raise ValueError(f"{sql!r} is more than one query")
    return dict(table["subquery"]["node"])


def _unplaced(tree: Any) -> Any:
    """A syntax tree without the places where its parts are written."""
    if isinstance(tree, dict):
        return {k: _unplaced(v) for k, v in tree.items() if not k.startswith("query_location")}
    return [_unplaced(each) for each in tree] if isinstance(tree, list) else tree


def _parts(tree: Any) -> Iterator[dict[str, Any]]:
    """Every part of a syntax tree that has a kind; what types are made of has none."""
    if isinstance(tree, dict):
        kind = tree.get("class") or tree.get("type")
        if isinstance(kind, str) and kind != "INVALID" and not kind.endswith("_TYPE_INFO"):
            yield tree
        for inner in tree.values():
            yield from _parts(inner)
    elif isinstance(tree, list):
        for inner in tree:
            yield from _parts(inner)


def _tables(tree: Any, bound: frozenset[str]) -> Iterator[str]:
    """The tables that a query does not make itself, in lower case, each as often as it is read."""
    if isinstance(tree, list):
        for inner in tree:
            yield from _tables(inner, bound)
    if not isinstance(tree, dict):
        return
    if tree.get("type") == "BASE_TABLE" and "table_name" in tree:
        name = tree["table_name"].lower()
        if name not in bound:
            yield name
    made = tree.get("cte_map") or {"map": []}
    for each in made["map"]:  # each sees those before it
        yield from _tables(each["value"], bound)
        bound = bound | {each["key"].lower()}
    if tree.get("type") == "CTE_NODE":
        yield from _tables(tree["query"], bound)
        yield from _tables(tree["child"], bound | {tree["cte_name"].lower()})
        return
    for name, inner in tree.items():
        if name != "cte_map":
            yield from _tables(inner, bound)
