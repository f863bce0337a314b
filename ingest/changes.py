"""Changes: how files differed from what was declared, and tables from what they were; kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import duckdb

from ingest.drift import Action, Change
from ingest.model import Load


def record(con: duckdb.DuckDBPyConnection, load: Load, changes: Sequence[Change]) -> None:
    """Record what a file changed, once; runs in the transaction that publishes or holds it.

    What is loaded into a column of the table is no change of it, so it is not recorded.

    Args:
        con: The warehouse.
        load: The load of the file.
        changes: What it changed.
    """
    told = [change for change in changes if change.action is not Action.LOADED]
    if not told:
        return
    con.execute(
        """INSERT INTO pratique.schema_changes
        SELECT $dataset, $file_id, $file, $version, c.*, now() FROM (
            SELECT unnest($changes) AS change, unnest($columns) AS "column", unnest($before),
                unnest($after), unnest($actions) AS action) c
        ANTI JOIN pratique.schema_changes s ON s.file_id = $file_id AND s.change = c.change
            AND s."column" IS NOT DISTINCT FROM c."column" AND s.action = c.action""",
        {
            "dataset": load.file.dataset,
            "file_id": load.file.file_id,
            "file": load.file.name,
            "version": load.file.version,
            "changes": [change.change for change in told],
            "columns": [change.column for change in told],
            "before": [change.before for change in told],
            "after": [change.after for change in told],
            "actions": [change.action.value for change in told],
        },
    )


def held(changes: Sequence[Change]) -> list[Change]:
    """Say of changes that their file is held, so that nothing else is done about them yet."""
    return [
        change if change.action is Action.REJECTED else replace(change, action=Action.HELD)
        for change in changes
    ]


def listing(con: duckdb.DuckDBPyConnection, dataset: str | None = None) -> list[dict[str, Any]]:
    """Give all that was recorded, or all about one dataset, the newest last."""
    found = con.execute(
        "FROM pratique.schema_changes WHERE $dataset IS NULL OR dataset = $dataset "
        'ORDER BY recorded_at, file_id, change, "column"',
        {"dataset": dataset},
    )
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
