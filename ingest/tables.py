"""Tables: a dataset's own and its quarantine, made and widened, and what of a load goes where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import duckdb

from ingest import drift
from ingest.casting import cast
from ingest.columns import MOST_COLUMNS, TYPES, Column
from ingest.drift import VARIANT, Action, Change, Drift
from ingest.errors import SchemaConflict
from ingest.source import Source
from ingest.sql import identifier, literal
from ingest.staged import Staged

LINEAGE = {"_rescued": "JSON", "_file_id": "BIGINT", "_record_no": "BIGINT", "_load_id": "BIGINT"}

QUARANTINE = """CREATE TABLE IF NOT EXISTS {table} (
    record_id VARCHAR, _file_id BIGINT, _load_id BIGINT, _record_no BIGINT, file VARCHAR,
    version INTEGER, line BIGINT, byte BIGINT, raw VARCHAR,
    failures STRUCT("check" VARCHAR, "rule" VARCHAR, "column" VARCHAR, "value" VARCHAR,
        expected VARCHAR, message VARCHAR)[],
    waits_for STRUCT("check" VARCHAR, "key" VARCHAR[])[],
    status VARCHAR, quarantined_at TIMESTAMPTZ)"""


@dataclass(frozen=True)
class Fitted:
    """A table that is ready for a load."""

    cells: Mapping[str, str]
    """What goes into which column, as SQL about the staged records, `r`."""
    changes: tuple[Change, ...]
    """How the table had to be changed."""


def columns(con: duckdb.DuckDBPyConnection, dataset: str) -> dict[str, str]:
    """Tell the columns of a dataset's table with their types; none if there is no table."""
    there = "SELECT 1 FROM duckdb_tables() WHERE database_name = current_database() "
    there += "AND schema_name = 'main' AND table_name = ?"
    if not con.execute(there, [dataset]).fetchall():
        return {}
    # Five times as fast as to ask duckdb_columns(), which matters where files are small.
    rows = con.execute(f"DESCRIBE {identifier('main', dataset)}").fetchall()
    return {name: type for name, type, *_ in rows}


def require(con: duckdb.DuckDBPyConnection, source: Source, staged: Staged) -> Staged:
    """Find fault with a staged file whose dataset has no table, if no load may make one.

    Args:
        con: The warehouse.
        source: The contract's half about files.
        staged: The staged file.
    """
    changes = drift.of_table(source)
    if not changes or columns(con, source.dataset):
        return staged
    return replace(
        staged,
        errors=(*staged.errors, *drift.findings(Drift(changes), ())),
        drift=replace(staged.drift, changes=(*staged.drift.changes, *changes)),
    )


def fit(con: duckdb.DuckDBPyConnection, source: Source, staged: Staged) -> Fitted:
    """Make the tables of a dataset, or give them the columns that a load needs.

    Runs in the transaction of the caller.

    Args:
        con: The warehouse.
        source: The contract's half about files.
        staged: The staged file.

    Raises:
        SchemaConflict: The table has a column of another type.
    """
    con.execute(QUARANTINE.format(table=identifier("quarantine", source.dataset)))
    found = {name.lower(): type for name, type in columns(con, source.dataset).items()}
    wanted = {column.name: column.duckdb_type for column in source.columns} | LINEAGE
    changes = []
    if not found:
        body = ", ".join(f"{identifier(name)} {type}" for name, type in wanted.items())
        con.execute(f"CREATE TABLE {identifier('main', source.dataset)} ({body})")
        changes.append(Change("new-table", None, None, f"main.{source.dataset}", Action.CREATED))
        found = {name.lower(): type for name, type in wanted.items()}
    for name, type in wanted.items():
        if name.lower() not in found:
            changes.append(_add(con, source, name, type))
        elif found[name.lower()].replace(" ", "") != type.replace(" ", ""):
            raise SchemaConflict(
                f"main.{source.dataset}: the column {name} is {found[name.lower()]}, and the "
                f"contract says {type}; change one of them to the other"
            )
    cells = {column.name: f"r.{staged.cell(column.name)}" for column in source.columns}
    homeless = {}
    for name, column, text in _strays(source, staged):
        if column and column.name.lower() not in found and len(found) < MOST_COLUMNS:
            found[column.name.lower()] = column.duckdb_type
            changes.append(_add(con, source, column.name, column.duckdb_type))
        if column and (there := _like(column.name, found.get(column.name.lower()))):
            cells[column.name] = cast(there, text)
            homeless[name] = f"CASE WHEN {cells[column.name]} IS NULL THEN {text} END"
        else:
            homeless[name] = text
    return Fitted(cells | {"_rescued": _rescued(homeless)}, tuple(changes))


def _add(con: duckdb.DuckDBPyConnection, source: Source, name: str, type: str) -> Change:
    table = identifier("main", source.dataset)
    con.execute(f"ALTER TABLE {table} ADD COLUMN {identifier(name)} {type}")
    return Change("new-column", name, None, type.lower(), Action.ADDED)


def _strays(source: Source, staged: Staged) -> Iterator[tuple[str, Column | None, str]]:
    """Give what the contract has no place for: where it stood, the column for it, and its text."""
    for cell, column in staged.drift.columns.items():
        yield column.name, column, f"r.{cell}"
    declared = {column.name.lower() for column in source.columns}
    for number, column in enumerate(source.columns):
        if column.name in staged.drift.strays:
            apart = f"{column.name}{VARIANT}"
            evolves = source.schema_contract.types == "evolve" and apart.lower() not in declared
            text = f"CASE WHEN r.c{number} IS NULL THEN r._text[{number + 1}] END"
            place = column.path or column.name  # a record may have a key of that name besides
            yield place, Column(name=apart, required=False) if evolves else None, text


def _like(name: str, type: str | None) -> Column | None:
    """Describe a column of the table as a contract would, if one could."""
    ours = {theirs: ours for ours, theirs in TYPES.items()}
    if type and (type in ours or type.startswith("DECIMAL")):
        return Column(name=name, type=ours.get(type, type), required=False)
    return None


def _rescued(homeless: Mapping[str, str]) -> str:
    """Give the SQL of what goes into `_rescued`: what was, and what has no other place."""
    if not homeless:
        return "r._rescued"
    pairs = ", ".join(f"{literal(name)}, {text}" for name, text in homeless.items())
    return (
        f"CASE WHEN coalesce({', '.join(homeless.values())}) IS NULL THEN r._rescued ELSE "
        f"json_merge_patch(coalesce(r._rescued, '{{}}'), json_object({pairs})) END"
    )
