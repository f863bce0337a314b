"""Difference: what became of the records of a file from one version to another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from ingest.transcript import Transcript

Cells = dict[str, str | None]


@dataclass(frozen=True)
class Change:
    """A record that both versions have, with other values."""

    key: Cells
    values: dict[str, tuple[str | None, str | None]]
    """Of each column that differs, what was and what is."""


@dataclass(frozen=True)
class Difference:
    """What became of the records of a file."""

    by: tuple[str, ...]
    """The columns that tell records apart; without them, each is told by all of its values."""
    columns_added: tuple[str, ...]
    columns_removed: tuple[str, ...]
    added: int
    removed: int
    changed: int
    examples_added: tuple[Cells, ...]
    examples_removed: tuple[Cells, ...]
    examples_changed: tuple[Change, ...]


def difference(
    con: duckdb.DuckDBPyConnection,
    old: Transcript,
    new: Transcript,
    key: Sequence[str],
    most: int,
) -> Difference:
    """Compare the records of two versions that fit, as text.

    A record's place in the file does not matter. Records with the same key are paired in their
    order. Columns that only one version has are told, and not compared.

    Args:
        con: The connection on which both are transcribed.
        old: The version that was.
        new: The version that is.
        key: The columns that tell records apart, if there are any. Unless both versions have them,
            each record is told by all of its values.
        most: How many examples of each kind.
    """
    columns = [name for name in new.fields if name in old.fields]
    folded = {name.lower(): name for name in columns}
    by = tuple(folded.get(name.lower(), "") for name in key)
    by = by if all(by) else ()
    con.execute(_differing(old, new, columns, by or columns))
    counts = dict(con.sql("SELECT kind, count(*) FROM _differing GROUP BY ALL").fetchall())
    examples = {
        kind: con.execute(
            "SELECT old, new FROM _differing WHERE kind = ? ORDER BY place LIMIT ?", [kind, most]
        ).fetchall()
        for kind in ("added", "removed", "changed")
    }
    con.execute("DROP TABLE _differing")
    return Difference(
        by=by,
        columns_added=tuple(name for name in new.fields if name not in old.fields),
        columns_removed=tuple(name for name in old.fields if name not in new.fields),
        added=counts.get("added", 0),
        removed=counts.get("removed", 0),
        changed=counts.get("changed", 0),
        examples_added=tuple(
            dict(zip(columns, cells, strict=True)) for _, cells in examples["added"]
        ),
        examples_removed=tuple(
            dict(zip(columns, cells, strict=True)) for cells, _ in examples["removed"]
        ),
        examples_changed=tuple(_change(columns, by, *pair) for pair in examples["changed"]),
    )


def _differing(old: Transcript, new: Transcript, columns: list[str], by: Sequence[str]) -> str:
    """Give the SQL that pairs the records of two versions, and keeps what is not the same."""
    same = " AND ".join(f"o.c{i} IS NOT DISTINCT FROM n.c{i}" for i in range(len(columns)))
    places = [columns.index(name) for name in by]
    paired = " AND ".join(f"o.c{i} IS NOT DISTINCT FROM n.c{i}" for i in places)
    was, is_ = (", ".join(f"{one}.c{i}" for i in range(len(columns))) for one in "on")
    return f"""CREATE OR REPLACE TEMP TABLE _differing AS
        WITH o AS ({_numbered(old, columns, places)}), n AS ({_numbered(new, columns, places)})
        SELECT CASE WHEN o.nth IS NULL THEN 'added' WHEN n.nth IS NULL THEN 'removed'
            ELSE 'changed' END AS kind, coalesce(n.place, o.place) AS place,
            [{was}] AS old, [{is_}] AS new
        FROM o FULL JOIN n ON {paired or "false"} AND o.nth = n.nth
        WHERE o.nth IS NULL OR n.nth IS NULL OR NOT ({same or "true"})"""


def _numbered(version: Transcript, columns: list[str], places: Sequence[int]) -> str:
    """Give the SQL of a version's records, each with its number among those of the same key."""
    cells = [f"t{version.fields.index(name)} AS c{i}" for i, name in enumerate(columns)]
    keys = [f"t{version.fields.index(columns[i])}" for i in places]
    return (
        f"SELECT {', '.join([*cells, 'rowid AS place'])}, row_number() OVER "
        f"(PARTITION BY {', '.join(keys) or 'rowid'} ORDER BY rowid) AS nth "
        f"FROM {version.table} WHERE reject IS NULL"
    )


def _change(
    columns: Sequence[str], by: Sequence[str], old: list[str | None], new: list[str | None]
) -> Change:
    pairs = dict(zip(columns, zip(old, new, strict=True), strict=True))
    return Change(
        key={name: pairs[name][1] for name in by},
        values={name: pair for name, pair in pairs.items() if pair[0] != pair[1]},
    )
