"""Changes: how files differed from what was declared, and tables from what they were; kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import duckdb

from ingest.drift import Action, Change
from ingest.model import Load


def record(
    con: duckdb.DuckDBPyConnection, loads: Sequence[Load], changes: Sequence[Change]
) -> None:
    """Record what files changed, once; runs in the transaction that publishes or holds them.

    What is loaded into a column of the table is no change of it, so it is not recorded.

    Args:
        con: The warehouse.
        loads: The loads of the files.
        changes: What each of them changed.
    """
    told = [change for change in changes if change.action is not Action.LOADED]
    if not told:
        return
    con.execute(
        """INSERT INTO pratique.schema_changes
        SELECT n.*, now() FROM (
            SELECT f.dataset, f.file_id, f.name, f.version, c.* FROM pratique.files f, (
                SELECT unnest($changes) AS change, unnest($columns) AS "column", unnest($before),
                    unnest($after), unnest($actions) AS action) c
            WHERE f.file_id IN (SELECT unnest($file_ids))) n
        ANTI JOIN pratique.schema_changes s ON s.file_id = n.file_id AND s.change = n.change
            AND s."column" IS NOT DISTINCT FROM n."column" AND s.action = n.action""",
        {
            "file_ids": [load.file.file_id for load in loads],
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
