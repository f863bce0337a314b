"""Naming: every column of a file has a name of its own, whatever its header says."""

from __future__ import annotations

from collections.abc import Iterable

from ingest.model import FileError

LONGEST_NAME = 1000
"""Characters; what is longer is no name, but is told of wherever there is one."""


def name_columns(
    cells: Iterable[str], line: int | None = None
) -> tuple[tuple[str, ...], tuple[FileError, ...]]:
    """Name columns by the cells of their header; blank and repeated ones get a name of their own.

    Args:
        cells: What the header says of each column.
        line: Where the header stands.

    Returns:
        The names, and what is wrong with the header.
    """
    names: dict[str, None] = {}
    errors: list[FileError] = []
    for position, whole in enumerate(cells, start=1):
        cell = whole.strip()[:LONGEST_NAME]
        name = cell or f"column_{position}"
        while name in names:
            name = f"{name}__{position}"
        names[name] = None
        if not cell:
            message = f"column {position} has no name; it is called {name}"
            errors.append(FileError("blank-header", message, line=line))
        elif name != cell:
            message = f"column {position} is called {cell} again; it is taken as {name}"
            errors.append(FileError("duplicate-header", message, line=line))
    return tuple(names), tuple(errors)
