"""A small warehouse, and a way to send bytes through it without judging them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingest import (
    areas,
    blobs,
    landing,
    manifest,
    planning,
    progress,
    publishing,
    sightings,
    staging,
    warehouse,
)
from ingest.columns import Column
from ingest.formats.known import format_of
from ingest.model import Load, Stage
from ingest.source import Source
from ingest.staged import Staged, sound_records

Deliver = Callable[..., list[Load]]

COLUMNS = (
    Column(name="id", type="integer"),
    Column(name="name"),
    Column(name="day", type="date", required=False),
)


def verdict(column: str) -> str:
    return f"{column}__castable"


@pytest.fixture
def source() -> Callable[..., Source]:
    """A source of three columns; any part of it can be given otherwise."""

    def made(**given: object) -> Source:
        return Source.model_validate(
            {"dataset": "orders", "files": "*", "columns": COLUMNS} | given
        )

    return made


@pytest.fixture
def con(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with warehouse.connect(tmp_path / "w.duckdb", directories=(tmp_path,), threads=2) as opened:
        manifest.create(opened)
        yield opened


@pytest.fixture
def stage(
    tmp_path: Path, con: duckdb.DuckDBPyConnection, source: Callable[..., Source]
) -> Iterator[Callable[..., Staged]]:
    """Stage bytes as a file of a name; the areas last as long as the test."""
    open_areas = []

    def staged(
        data: bytes,
        name: str = "orders.csv",
        like: Source | None = None,
        pinned: Mapping[str, Any] | None = None,
    ) -> Staged:
        like = like or source()
        blob = tmp_path / f"blob_{len(open_areas)}"
        blob.write_bytes(data)
        area = areas.attach(con, f"staging_{len(open_areas)}", tmp_path / "staging", lasting=False)
        open_areas.append(area)
        format = format_of(name, like)
        room = replace(area.__enter__(), pinned=pinned or {})
        return staging.stage(con, blob, format, like, room)

    yield staged
    for area in open_areas:
        area.__exit__(None, None, None)


@pytest.fixture
def deliver(
    tmp_path: Path, con: duckdb.DuckDBPyConnection, source: Callable[..., Source]
) -> Deliver:
    """Drop a file and load it; records whose casts failed are quarantined, and nothing else."""

    def delivered(name: str, data: bytes, like: Source | None = None) -> list[Load]:
        like = like or source()
        folder = tmp_path / "landing"
        folder.mkdir(exist_ok=True)
        (folder / name).write_bytes(data)
        before = sightings.last(con)
        frozen = [
            planning.Frozen(file, like.dataset, blobs.freeze(file, tmp_path / "blobs").sha256)
            for file in landing.scan(folder).files
            if file.name not in before or not before[file.name].shows(file)
        ]
        manifest.register(con, "run", planning.plan(frozen, manifest.versions(con, frozen)))
        return [_load(con, tmp_path, load, like) for load in progress.unfinished(con)]

    return delivered


def _load(con: duckdb.DuckDBPyConnection, root: Path, load: Load, like: Source) -> Load:
    with areas.attach(con, f"staging_{load.load_id}", root / "staging", lasting=False) as area:
        blob = blobs.locate(load.file.sha256, root / "blobs")
        format = format_of(load.file.name, like)
        staged = staging.stage(con, blob, format, like, area)
        casts = " OR ".join(
            f"{verdict(c.name)} = false" for c in like.columns if c.type != "varchar"
        )
        con.execute(
            f"CREATE TABLE {area.table('bad')} AS SELECT _record_no, [{{'check': 'type', "
            "'rule': 'type', 'column': '', 'value': '', 'expected': '', 'message': ''}] "
            f"AS failures, NULL AS waits_for FROM ({sound_records(staged, verdict)}) WHERE {casts}"
        )
        return progress.checkpoint(
            con,
            Stage.PUBLISHED,
            lambda: replace(
                load, counts=publishing.publish(con, load, like, staged, area.table("bad"))
            ),
        )
