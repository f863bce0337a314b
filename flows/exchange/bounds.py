"""Bounds: what JSON Schema, Table Schema and the Open Data Contract Standard all say alike."""

from __future__ import annotations

from typing import Any

from flows.exchange.part import Part


def lengths(part: Part) -> dict[str, int]:
    """Take the least and the greatest length of a text out, as arguments of `length`."""
    found = {name: part.take(f"{name}Length", int) for name in ("min", "max")}
    return {name: bound for name, bound in found.items() if bound is not None}


def limits(part: Part) -> dict[str, Any]:
    """Take the smallest and the largest value out, as arguments of `range`."""
    said: dict[str, Any] = {}
    excluded = []
    for name in ("min", "max"):
        inclusive, exclusive = f"{name}imum", f"exclusiveM{name[1:]}imum"
        found = [key for key in (inclusive, exclusive) if part.said.get(key) is not None]
        if len(found) == 1:  # of both, which is not known here, nothing is taken
            said[name] = part.take(found[0])
            excluded += [name] if found[0] == exclusive else []
    if excluded:
        included = [name for name in said if name not in excluded]
        said["inclusive"] = included[0] if included else "neither"
    return said
