"""Trying checks on an empty table: what only DuckDB can know about them, before there is data.

A pattern on a column of numbers, a date compared with a text, a function that does not exist: all
of it would otherwise come out at night, on the first file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import duckdb

from quality.evaluation import evaluate
from quality.frames import RECORD_NO, cast_verdict
from quality.model import Check, Outcome
from quality.scratch import connection


def is_text(kind: str) -> bool:
    """Whether a column's type is plain text, which every cell can be read as."""
    try:
        return duckdb.sqltype(kind) == duckdb.sqltype("VARCHAR")
    except duckdb.Error:
        return False


def rehearse(
    checks: Sequence[Check],
    types: Mapping[str, str],
    datasets: Mapping[str, Mapping[str, str]] | None = None,
) -> dict[str, str]:
    """What is wrong with checks that look right, by key.

    Args:
        checks: The checks of one contract.
        types: The type of each of its columns, in SQL.
        datasets: Those of all other datasets, by name. Without them, checks that depend on more
            columns of others than they refer to by a key are not tried.
    """
    if datasets is None:
        checks = [check for check in checks if not looks_around(check)]
    verdicts = {cast_verdict(name): "BOOLEAN" for name, kind in types.items() if not is_text(kind)}
    con = connection()
    try:
        table = _empty(con, {RECORD_NO: "BIGINT"} | dict(types) | verdicts)
        needed = _needed(checks, types) if datasets is None else datasets
        others = {dataset: _empty(con, columns) for dataset, columns in needed.items()}
    except duckdb.Error:
        return {}  # a type that is none: the contract's other half says so
    # There is no value that a message could give away.
    spoken = [replace(check, personal=frozenset()) for check in checks]
    results = evaluate(table, spoken, others).results
    return {
        result.check: result.message.removeprefix("could not run: ")
        for result in results
        if result.outcome is Outcome.ERRORED
    }


def looks_around(check: Check) -> bool:
    """Whether it depends on more columns of other datasets than it refers to by a key."""
    theirs = any(check.rule.theirs(check.arguments).values())
    return bool(theirs or check.restriction or ("tables" in check.rule.given and check.datasets))


def _needed(checks: Iterable[Check], types: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Every dataset that is referred to, as it must be: of the types of what refers to it."""
    needed: dict[str, dict[str, str]] = {}
    for check in checks:
        if to := check.reference:
            kinds = (types[name] for name in check.columns)
            needed.setdefault(to.dataset, {}).update(zip(to.columns, kinds, strict=False))
    return needed


def _empty(con: duckdb.DuckDBPyConnection, columns: Mapping[str, str]) -> duckdb.DuckDBPyRelation:
    nothing = duckdb.ConstantExpression(None)
    values = (nothing.cast(duckdb.sqltype(kind)).alias(name) for name, kind in columns.items())
    return con.sql("SELECT 1").select(*values).limit(0)
