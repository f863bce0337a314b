"""Staging: a file as typed rows and the verdict of each cast, one row a record."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import duckdb

from ingest import drift, rejects, strays
from ingest.areas import StagingArea
from ingest.casting import cast
from ingest.columns import Column
from ingest.drift import Drift
from ingest.errors import FileUnreadable
from ingest.formats import Text, is_of_file, said
from ingest.formats.known import FORMATS
from ingest.source import Source
from ingest.sql import literal
from ingest.staged import Staged, recall, remember


def stage(
    con: duckdb.DuckDBPyConnection, blob: Path, format: str, source: Source, area: StagingArea
) -> Staged:
    """Stage a file, or find it staged already for the same blob and the same source.

    Args:
        con: The connection.
        blob: The frozen file.
        format: A key of `FORMATS`.
        source: The contract's half about files.
        area: Where to stage it.

    Raises:
        FileUnreadable: Not even screened does the file read as what it claims to be.
    """
    key = f"{blob.name} {source.fingerprint}"
    if found := recall(con, source, area, key):
        return found
    rejects.keep(con, area, [])
    text = FORMATS[format].read(con, blob, source, area)
    fields, seen = _look(con, source, text)
    while _loadable(text, seen):
        known = text.cells.keys()
        text = write(con, text, area.table("records"), partial(_typed, source, seen.loaded))
        if text.cells.keys() == known:
            break
        fields, seen = _look(con, source, text)
    if _loadable(text, seen):
        raw_records = partial(FORMATS[format].raw_records, con, text.framed, text.dialect)
        copied = area.holds(text.framed)
        seen = strays.settle(con, source, area, seen, raw_records, copied)
    staged = Staged(
        area=area,
        columns=source.columns,
        fields=tuple(fields),
        records=text.records,
        rejected=rejects.count(con, area),
        format=format,
        framed=str(text.framed),
        dialect=text.dialect,
        errors=(*text.errors, *(each for each in drift.findings(seen, fields) if each.fatal)),
        drift=seen,
    )
    remember(con, staged, key)
    return staged


def _look(
    con: duckdb.DuckDBPyConnection, source: Source, text: Text
) -> tuple[dict[str, str], Drift]:
    fields = _aligned(text.cells, source.columns)
    return fields, strays.look(con, source, replace(text, cells=fields)) if fields else Drift()


def _loadable(text: Text, seen: Drift) -> bool:
    return not seen.held and not any(error.fatal for error in text.errors)


def _aligned(cells: Mapping[str, str], columns: tuple[Column, ...]) -> dict[str, str]:
    """Call a field as the contract does where only the case differs."""
    exact = {column.name for column in columns} & set(cells)
    wanted = {c.name.lower(): c.name for c in columns if c.name not in exact}
    return {
        name if name in exact else wanted.pop(name.lower(), name): cell
        for name, cell in cells.items()
    }


def write(
    con: duckdb.DuckDBPyConnection, text: Text, table: str, select: Callable[[Text], str]
) -> Text:
    """Write a text into a table, one row a record; screened first, where it must be.

    Args:
        con: The connection.
        text: The text.
        table: Quoted name of the table.
        select: What to write of a text, as SQL.

    Returns:
        The text that was read in the end, or what was found to be unreadable instead.

    Raises:
        FileUnreadable: Not even screened does it read.
    """
    while True:
        try:
            con.execute(f"CREATE OR REPLACE TABLE {table} AS {select(text)}")
            ((rows,),) = con.sql(f"SELECT count(*) FROM {table}").fetchall()
            if rows == text.records:
                return text
            problem = f"{rows} records are read where {text.records} stand in the file"
        except duckdb.Error as error:
            if not is_of_file(error):
                raise
            problem = said(error)
        if text.screen is None:
            raise FileUnreadable(f"the file cannot be read: {problem}")
        text = text.screen()
        if any(error.fatal for error in text.errors):
            return text


def _typed(source: Source, added: Sequence[str], text: Text) -> str:
    fields = _aligned(text.cells, source.columns)
    cells = {c.name: fields.get(c.name, "NULL::VARCHAR") for c in source.columns}
    typed = {c.name: cast(c, cells[c.name]) for c in source.columns}
    lost = [
        f"({cells[name]} IS NOT NULL AND {value} IS NULL)"
        for name, value in typed.items()
        if value != cells[name]
    ]
    kept = [f"{fields[name]} AS u{i}" for i, name in enumerate(added)]
    unknown = {n: cell for n, cell in fields.items() if n not in cells and n not in added}
    rescued = ", ".join(f"{literal(name)}, {cell}" for name, cell in unknown.items())
    if rescued:
        filled = f"coalesce({', '.join(unknown.values())}) IS NOT NULL"
        rescued = f"CASE WHEN {filled} THEN json_object({rescued}) END"
    if text.rescued:
        rescued = text.rescued({*cells, *added})
    return f"""SELECT
        {", ".join([*(f"{value} AS c{i}" for i, value in enumerate(typed.values())), *kept])},
        {rescued or "NULL::JSON"} AS _rescued,
        CASE WHEN {" OR ".join(lost) or "false"} THEN [{", ".join(cells.values())}] END AS _text,
        {text.rejected} AS _reject
        FROM {text.relation}"""
