"""Provenance: what rules may know of a load beside its rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from operator import attrgetter
from types import MappingProxyType

import duckdb

from ingest import manifest
from ingest.bundles import Bundle, Part
from ingest.model import Load
from ingest.staged import Staged
from quality import history
from quality.context import Context, File, Past


def context(
    con: duckdb.DuckDBPyConnection,
    load: Load,
    size: int,
    staged: Staged,
    earlier: Mapping[str, Mapping[str, Past]] = MappingProxyType({}),
) -> Context:
    """Tell what is known of a load beside its rows.

    Args:
        con: The warehouse, with what was found in the loads before.
        load: The load.
        size: Of its blob, in bytes.
        staged: The staged file.
        earlier: What was measured in files that will be published before it, in the place of what
            stands of them: by file, and by the key of the check.
    """
    file = load.file

    def past(check: str) -> Sequence[Past]:
        standing = history.past(con, file.dataset, [file.name, *earlier], check)
        coming = (each[check] for each in earlier.values() if check in each)
        return sorted([*standing, *coming], key=attrgetter("period"))

    seen_ns = manifest.first_seen_ns(con, file.file_id)
    return Context(
        file=about(file.name, size, file.sha256, staged, file.produced_ns, seen_ns),
        history=past,
    )


def of_part(
    con: duckdb.DuckDBPyConnection,
    part: Part,
    bundle: Bundle,
    earlier: Mapping[str, Mapping[str, Past]],
) -> Context:
    """Tell what is known beside its rows of a load that goes its way with others.

    Args:
        con: The warehouse, with what was found in the loads before.
        part: The load's part of the bundle.
        bundle: All that go together.
        earlier: As for `context`.
    """
    own = replace(
        bundle.staged,
        records=part.body.records,
        rejected=bundle.rejected.get(part.load.load_id, 0),
        errors=(),
    )
    return context(con, part.load, part.blob.stat().st_size, own, earlier)


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
