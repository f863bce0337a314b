"""Kin: the other rows of a file's own dataset, for checks that look at them too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import duckdb

from flows.contract import Contract
from ingest.sql import identifier, literal
from ingest.staged import Staged, sound_records
from quality import checks as check_binding
from quality.frames import cast_verdict
from quality.model import PUBLISHED, Check


def find(
    con: duckdb.DuckDBPyConnection,
    contract: Contract,
    checks: Sequence[Check],
    staged: Staged,
    references: Mapping[str, duckdb.DuckDBPyRelation],
    name: str,
) -> dict[str, duckdb.DuckDBPyRelation]:
    """Find what checks of a file may look into of its own dataset, by the name they use for it.

    Args:
        con: The connection it is staged on.
        contract: Its contract.
        checks: The checks.
        staged: The staged file.
        references: The datasets, as they are published.
        name: What the file is called.
    """
    found: dict[str, duckdb.DuckDBPyRelation] = {}
    if contract.dataset in references and any(PUBLISHED in each.datasets for each in checks):
        found[PUBLISHED] = con.sql(_of_others(contract, staged, name))
    if contract.dataset in check_binding.references(checks):
        found[contract.dataset] = _with_own(con, contract, staged, references)
    return found


def _with_own(
    con: duckdb.DuckDBPyConnection,
    contract: Contract,
    staged: Staged,
    references: Mapping[str, duckdb.DuckDBPyRelation],
) -> duckdb.DuckDBPyRelation:
    """What a dataset that refers to itself may refer to: what is published, and what has come."""
    columns = ", ".join(identifier(column.name) for column in staged.columns)
    own = f"SELECT {columns} FROM ({sound_records(staged, cast_verdict)})"
    if contract.dataset in references:
        own += f" UNION ALL SELECT {columns} FROM {identifier('main', contract.dataset)}"
    return con.sql(own)


def _of_others(contract: Contract, staged: Staged, name: str) -> str:
    """Give the query for what is published of a dataset and will stand beside a file's own rows."""
    dataset = contract.dataset
    columns = ", ".join(f"t.{identifier(column.name)}" for column in staged.columns)
    replaced = ""
    if contract.source.load == "merge":
        same = " AND ".join(
            f"t.{identifier(key)} IS NOT DISTINCT FROM n.{identifier(key)}"
            for key in contract.source.key
        )
        replaced = f"ANTI JOIN ({sound_records(staged, cast_verdict)}) n ON {same} "
    return (
        f"SELECT {columns} FROM {identifier('main', dataset)} t {replaced}WHERE t._file_id NOT IN "
        f"(SELECT file_id FROM pratique.files WHERE dataset = {literal(dataset)} "
        f"AND name = {literal(name)})"
    )
