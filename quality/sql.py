"""The two ways a text may stand in SQL: as a name, or as a literal."""

from __future__ import annotations


def quoted(name: str) -> str:
    """A name as SQL."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as SQL; for the places where no value can be bound."""
    return "'" + text.replace("'", "''") + "'"
