"""Strays: what a file brings that the contract has no place for, found where it is staged."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ingest import drift
from ingest.areas import StagingArea
from ingest.casting import cast
from ingest.columns import Column
from ingest.drift import Action, Drift, Strays
from ingest.formats import Text, is_of_file
from ingest.inference import SAMPLE, infer
from ingest.source import Source

RawRecords = Callable[[NDArray[np.int64]], Iterator[pa.Table]]
"""Gives the records of a file as they came, by their ascending numbers."""


def look(con: duckdb.DuckDBPyConnection, source: Source, text: Text) -> Drift:
    """Compare the columns of a file with those of the contract, before it is staged.

    Args:
        con: The connection.
        source: The contract's half about files.
        text: The file.
    """
    fits = partial(_fitting, con, text)
    return Drift(drift.of_columns(source, tuple(text.cells), fits))


def settle(
    con: duckdb.DuckDBPyConnection,
    source: Source,
    area: StagingArea,
    seen: Drift,
    raw_records: RawRecords,
    copied: bool,
) -> Drift:
    """Deal with the values that have no place, once the file is staged.

    Args:
        con: The connection.
        source: The contract's half about files.
        area: Where the file is staged, the columns to be added as `u0`, `u1`, ….
        seen: What was found before.
        raw_records: Gives its records.
        copied: Whether they come from a copy, which has the lines of the file, but not its bytes.

    Returns:
        All that was found.
    """
    if source.schema_contract.columns == "discard_row":
        _quarantine(con, area, raw_records, "NULL" if copied else "byte")
    columns = _typed(con, area, seen.loaded)
    empty = {*seen.loaded} - {column.name for column in columns.values()}
    strays = _of_types(con, area, source, raw_records)
    changes = (replace(c, action=Action.NULL) if c.column in empty else c for c in seen.changes)
    return Drift((*changes, *drift.of_types(source, strays)), columns, strays)


def _fitting(
    con: duckdb.DuckDBPyConnection, text: Text, pairs: Sequence[tuple[Column, str]]
) -> Collection[tuple[Column, str]]:
    """Tell which fields hold values of which columns, as far as the first records show."""
    asked = ", ".join(
        f"bool_and({cast(column, text.cells[field])} IS NOT NULL) "
        f"FILTER ({text.cells[field]} IS NOT NULL)"
        for column, field in pairs
    )
    first = f"(FROM {text.relation} LIMIT {SAMPLE}) WHERE ({text.rejected}) IS NULL"
    try:
        (row,) = con.sql(f"SELECT {asked} FROM {first}").fetchall()
    except duckdb.Error as error:
        if not is_of_file(error):
            raise
        return pairs  # some records do not fit, so the names must do
    return [pair for pair, fits in zip(pairs, row, strict=True) if fits is not False]


def _quarantine(
    con: duckdb.DuckDBPyConnection, area: StagingArea, raw_records: RawRecords, byte: str
) -> None:
    """Put the records that have a value in an unknown column to those that do not fit."""
    records, rejects = area.table("records"), area.table("rejects")
    unknown = "_reject IS NULL AND _rescued IS NOT NULL"
    ((base,),) = con.sql(f"SELECT coalesce(max(number), 0) FROM {rejects}").fetchall()
    numbers = con.sql(f"SELECT rowid + 1 AS n FROM {records} WHERE {unknown} ORDER BY n")
    for raw in raw_records(numbers.fetchnumpy()["n"]):
        con.register("_raw", raw)
        con.execute(
            f"""INSERT INTO {rejects} BY NAME
            SELECT $base + _record_no AS number, line, {byte} AS byte, raw, 'it has a value in '
                || array_to_string(json_keys(json_merge_patch('{{}}', _rescued)), ', ')
                || ', which the contract does not have' AS reason
            FROM _raw JOIN {records} r ON r.rowid + 1 = _record_no ORDER BY _record_no""",
            {"base": base},
        )
        con.unregister("_raw")
    con.execute(f"UPDATE {records} SET _reject = ? + rowid + 1 WHERE {unknown}", [base])


def _typed(
    con: duckdb.DuckDBPyConnection, area: StagingArea, names: Sequence[str]
) -> dict[str, Column]:
    """Tell the types of the columns to be added; one without a value is not to be."""
    if not names:
        return {}
    cells = [f"u{i}" for i in range(len(names))]
    sound = f"(FROM {area.table('records')} WHERE _reject IS NULL)"
    counts = ", ".join(f"count({cell})" for cell in cells)
    (filled,) = con.sql(f"SELECT {counts} FROM {sound}").fetchall()
    types = infer(con, sound, cells)
    return {
        cell: Column(name=name, type=type, required=False)
        for cell, name, type, values in zip(cells, names, types, filled, strict=True)
        if values
    }


def _of_types(
    con: duckdb.DuckDBPyConnection, area: StagingArea, source: Source, raw_records: RawRecords
) -> dict[str, Strays]:
    """Find the columns that have values without their type."""
    records = area.table("records")
    torn = f"FROM {records} WHERE _reject IS NULL AND _text IS NOT NULL"
    if not con.execute(f"SELECT 1 {torn} LIMIT 1").fetchall():
        return {}
    cells = [f"c{i}" for i in range(len(source.columns))]
    # Cell by cell, in rows: an expression for each of a thousand columns takes gigabytes.
    missing, numbers = ", ".join(f"{cell} IS NULL" for cell in cells), f"range({len(cells)})"
    counts = con.sql(
        "SELECT i, count(*), min(record) FROM (SELECT rowid AS record, unnest(_text) AS text, "
        f"unnest([{missing}]) AS missing, unnest({numbers}) AS i {torn}) "
        "WHERE missing AND text IS NOT NULL GROUP BY i ORDER BY i"
    ).fetchall()
    if not counts:
        return {}
    kept = ", ".join(f"count({cells[i]})" for i, *_ in counts)
    (fits,) = con.sql(f"SELECT {kept} FROM {records} WHERE _reject IS NULL").fetchall()
    astray = [(i, fit, *found) for (i, *found), fit in zip(counts, fits, strict=True)]
    texts = ", ".join(f"_text[{i + 1}] AS t{i}" for i, *_ in astray)
    likes = infer(con, f"(SELECT {texts} {torn} LIMIT {SAMPLE})", [f"t{i}" for i, *_ in astray])
    found = {}
    for (i, fitting, count, first), like in zip(astray, likes, strict=True):
        sql = f"SELECT _text[{i + 1}] FROM {records} WHERE rowid = {first}"
        ((text,),) = con.sql(sql).fetchall()
        frozen = source.schema_contract.types == "freeze"
        line = _line(raw_records, first + 1) if frozen else None
        found[source.columns[i].name] = Strays(count, fitting, first + 1, line, text, like)
    return found


def _line(raw_records: RawRecords, record_no: int) -> int | None:
    """Tell on which line of the file a record stands, if its format has lines."""
    lines = (raw["line"].to_pylist() for raw in raw_records(np.array([record_no])))
    return next(chain.from_iterable(lines), None)


def lost(number: int) -> str:
    """Give the SQL that says whether a cell of a column, by its number, could not be cast."""
    return f"c{number} IS NULL AND _text[{number + 1}] IS NOT NULL"
