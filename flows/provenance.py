"""Provenance: what rules may know of a load beside its rows."""

from __future__ import annotations

from datetime import UTC, datetime

import duckdb

from ingest import manifest
from ingest.model import Load
from ingest.staged import Staged
from quality import history
from quality.context import Context, File


def context(con: duckdb.DuckDBPyConnection, load: Load, size: int, staged: Staged) -> Context:
    """Tell what is known of a load beside its rows.

    Args:
        con: The warehouse, with what was found in the loads before.
        load: The load.
        size: Of its blob, in bytes.
        staged: The staged file.
    """
    file = load.file
    seen_ns = manifest.first_seen_ns(con, file.file_id)
    return Context(
        file=about(file.name, size, file.sha256, staged, file.produced_ns, seen_ns),
        history=lambda check: history.past(con, file.dataset, file.name, check),
    )


def about(name: str, size: int, sha256: str, staged: Staged, made_ns: int, seen_ns: int) -> File:
    """Tell what rules may know of a file.

    Args:
        name: Below the landing directory.
        size: In bytes, unpacked.
        sha256: Of those bytes.
        staged: The staged file.
        made_ns: When its content was made, in nanoseconds since 1970.
        seen_ns: When it was first seen.
    """
    return File(
        name=name,
        size=size,
        sha256=sha256,
        made_at=_moment(made_ns),
        seen_at=_moment(seen_ns),
        encoding=staged.dialect.get("encoding"),
        dialect=staged.dialect,
        columns=staged.fields,
        records=staged.records,
        rejected=staged.rejected,
        faults=tuple(error.code for error in staged.errors),
        declared=tuple(column.path or column.name for column in staged.columns),
    )


def _moment(ns: int) -> datetime:
    return datetime.fromtimestamp(ns / 1e9, UTC)
