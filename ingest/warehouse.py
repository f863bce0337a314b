"""The warehouse: one DuckDB file, opened with limits, and waited for when it is busy."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from glob import escape
from pathlib import Path
from uuid import uuid4

import duckdb

from ingest import room
from ingest.errors import FileUnreadable, WarehouseBusy
from ingest.sql import identifier, literal

RETRY_SECONDS = 0.2
DUCKDBS_SHARE = 0.9
"""Of the memory that may be used: nearly a tenth more is what DuckDB takes and does not count."""
BEGUN = ".new"
"""How the name of a warehouse ends that is not whole yet."""


@contextmanager
def connect(
    path: Path | None,
    *,
    memory_limit: str = "1GB",
    threads: int | None = None,
    read_only: bool = False,
    directories: tuple[Path, ...] = (),
    patience: float = 30.0,
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the warehouse for the length of a block.

    The connection reads no file outside `directories`, loads no extension, reaches no network,
    and its settings cannot be changed by SQL.

    Args:
        path: The DuckDB file; None for one in memory, for trying things out.
        memory_limit: What may be used besides Python itself, as DuckDB writes it: `1GB`.
        threads: Number of threads; None for one a core.
        read_only: Whether to leave the file as it is.
        directories: Where blobs and staging areas are.
        patience: Seconds to wait for another process to let go of the file.

    Raises:
        NoRoom: The disk is full, and something in the block was to be written.
        WarehouseBusy: Another process still holds the file.
        FileUnreadable: The file is no DuckDB database of a version that can be read.
    """
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": _of(memory_limit, DUCKDBS_SHARE),
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "python_enable_replacements": "false",
    }
    if threads:
        config["threads"] = str(threads)
    if directories and not path:  # else what does not fit in memory goes to where we stand
        config["temp_directory"] = str(directories[0] / "spilled")
    con = _open(path, read_only, config, patience)
    try:
        con.execute("SET TimeZone = 'UTC'")
        con.execute("SET enable_progress_bar = false")  # it would stand in what a program reads
        if directories:
            allowed = ", ".join(literal(f"{directory.resolve()}/") for directory in directories)
            con.execute(f"SET allowed_directories = [{allowed}]")
        con.execute("SET enable_external_access = false")
        con.execute("SET lock_configuration = true")
        yield con
    except duckdb.Error as error:
        if path and (full := room.shortage(error, [path.parent])):
            raise full from error
        raise
    finally:
        _close(con)


def _of(amount: str, share: float) -> str:
    """A share of an amount of memory: `460.8MiB` of `512MiB`."""
    unit = amount.lstrip("0123456789. ")
    return f"{float(amount.removesuffix(unit)) * share:g}{unit}"


def _close(con: duckdb.DuckDBPyConnection) -> None:
    """Let go of the file; DuckDB takes what it has noted of it into the file itself."""
    con.close()


def _found(path: Path) -> None:
    """Make a warehouse where there is none, all at once: half of one could never be opened again.

    Raises:
        duckdb.IOException: It cannot be written.
    """
    if not path.exists():
        begun = path.with_name(f"{path.name}.{uuid4().hex}{BEGUN}")
        try:
            duckdb.connect(begun).close()
            with suppress(OSError):  # another process was sooner; or DuckDB has to do it in place
                os.link(begun, path)
        finally:
            begun.unlink(missing_ok=True)


def _sweep(path: Path) -> None:
    """Remove what was begun by processes that were killed; only for who holds the warehouse."""
    for begun in path.parent.glob(f"{escape(path.name)}.{'[0-9a-f]' * 32}{BEGUN}"):
        begun.unlink(missing_ok=True)


def _open(
    path: Path | None,
    read_only: bool,
    config: dict[str, str | bool | int | float | list[str]],
    patience: float,
) -> duckdb.DuckDBPyConnection:
    deadline = time.monotonic() + patience
    while True:
        try:
            if path and not read_only:
                _found(path)
            con = duckdb.connect(path or ":memory:", read_only=read_only, config=config)
            if path and not read_only:
                _sweep(path)
            return con
        except duckdb.IOException as error:
            if "Could not set lock" not in str(error):
                if path and (full := room.shortage(error, [path.parent])):
                    raise full from error
                raise FileUnreadable(f"{path}: {str(error).splitlines()[0]}") from error
            if time.monotonic() > deadline:
                holder = str(error).split("held in", 1)[-1].split(". See", 1)[0].strip()
                raise WarehouseBusy(
                    f"{path} is held by another process, which did not let go of it in "
                    f"{patience:g} s: {holder}"
                ) from error
        time.sleep(RETRY_SECONDS)


@contextmanager
def transaction(con: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Commit all that is written in a block, or nothing of it."""
    con.begin()
    try:
        yield
        con.commit()
    except BaseException:
        with suppress(duckdb.Error):  # DuckDB may have given it up by itself
            con.rollback()
        raise


@contextmanager
def lend(
    con: duckdb.DuckDBPyConnection, columns: Mapping[str, str], rows: Iterable[Mapping[str, object]]
) -> Iterator[str]:
    """Give rows a name in SQL for the length of a block.

    Args:
        con: The connection.
        columns: Type of each column, as DuckDB spells it.
        rows: Values by column; what is left out is null.
    """
    # As JSON: a statement for each row takes ten times as long, and Arrow a while to import.
    names, nothing = ", ".join(f"r.{identifier(name)}" for name in columns), dict.fromkeys(columns)
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE _lent AS SELECT {names} "
        "FROM (SELECT unnest(from_json_strict(?, ?)) AS r)",
        [json.dumps([{**nothing, **row} for row in rows]), json.dumps([dict(columns)])],
    )
    try:
        yield "_lent"
    finally:
        con.execute("DROP TABLE IF EXISTS temp._lent")


def draw(con: duckdb.DuckDBPyConnection, sequence: str, count: int) -> list[int]:
    """Draw numbers from a sequence of the schema `pratique`, in ascending order."""
    drawn = con.execute(
        f"SELECT nextval('pratique.{sequence}') FROM range(?) ORDER BY 1", [count]
    ).fetchall()
    return [number for (number,) in drawn]
