"""Records whose structure does not fit, kept in the staging catalog as they came."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import duckdb
import pyarrow as pa

from ingest.areas import StagingArea

BATCH = 10_000
CHUNK = 16 << 20
"""Characters of rejects that are written at once, however few they are."""


class Reject(NamedTuple):
    """A record that does not fit, and why."""

    number: int
    """What its place in the staged records is known by."""
    line: int | None
    byte: int | None
    raw: str
    reason: str


SCHEMA = pa.schema(
    [
        ("number", pa.int64()),
        ("line", pa.int64()),
        ("byte", pa.int64()),
        ("raw", pa.large_string()),
        ("reason", pa.string()),
    ]
)


def keep(con: duckdb.DuckDBPyConnection, area: StagingArea, rejects: Iterable[Reject]) -> None:
    """Write rejects to the table `rejects` of a staging area, in batches.

    Not as one stream: what interrupts the making of a stream, DuckDB takes for a fault of its data.
    """
    con.execute(
        f"CREATE OR REPLACE TABLE {area.table('rejects')} "
        "(number BIGINT, line BIGINT, byte BIGINT, raw VARCHAR, reason VARCHAR)"
    )
    for batch in _batches(rejects):
        con.register("_rejects", batch)
        con.execute(f"INSERT INTO {area.table('rejects')} FROM _rejects")
        con.unregister("_rejects")


def _batches(rejects: Iterable[Reject]) -> Iterator[pa.Table]:
    """Put rejects together, so many at once as take little memory."""
    some: list[Reject] = []
    size = 0
    for reject in rejects:
        some.append(reject)
        size += len(reject.raw)
        if len(some) == BATCH or size > CHUNK:
            yield _table(some)
            some, size = [], 0
    if some:
        yield _table(some)


def _table(some: list[Reject]) -> pa.Table:
    columns = zip(*some, strict=True)
    arrays = [pa.array(c, f.type) for c, f in zip(columns, SCHEMA, strict=True)]
    return pa.table(arrays, schema=SCHEMA)


def count(con: duckdb.DuckDBPyConnection, area: StagingArea) -> int:
    """Count the rejects of a staging area."""
    ((rejects,),) = con.sql(f"SELECT count(*) FROM {area.table('rejects')}").fetchall()
    return int(rejects)


def last(con: duckdb.DuckDBPyConnection, area: StagingArea, most: int) -> list[Reject]:
    """Give the last rejects of a staging area, from the end of the file on."""
    order = f"FROM {area.table('rejects')} ORDER BY number DESC LIMIT ?"
    return [Reject(*row) for row in con.execute(order, [most]).fetchall()]
