"""The two ways a value from outside may stand in SQL text: as a name, or as a literal."""

from __future__ import annotations

from pathlib import Path


def identifier(*names: str) -> str:
    """Quote a name, or a path of names such as schema and table."""
    return ".".join('"' + name.replace('"', '""') + '"' for name in names)


def literal(value: str | Path) -> str:
    """Quote a text; for the places where DuckDB takes no bound parameter."""
    return "'" + str(value).replace("'", "''") + "'"
