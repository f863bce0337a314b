"""JSON as texts: whether it is, and what is in it. As strict as its standard, on every backend."""

from __future__ import annotations

from typing import Any


def valid(text: str) -> bool:
    """Whether a text is JSON to the letter; what is nested a thousand deep counts as broken."""
    import msgspec

    try:
        msgspec.json.decode(text, type=msgspec.Raw)
    except (msgspec.MsgspecError, RecursionError):
        return False
    return True


def read(text: str) -> Any:
    """What a text says in JSON.

    Raises:
        ValueError: It is not JSON, nested too deep, or has a number that no float can hold.
    """
    import msgspec

    try:
        return msgspec.json.decode(text)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise ValueError(f"no JSON: {error}") from None
