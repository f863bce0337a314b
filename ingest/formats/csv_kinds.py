"""What a cell of text looks like, for want of knowing what it means."""

from __future__ import annotations

import re

_KINDS = {
    "number": r"[-+]?[$€£]?(?:\d{1,3}(?:[,.' ]\d{3})+|\d+)?(?:[.,]\d+|\d)(?:[eE][-+]?\d+)? ?%?",
    "date": r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?"
    r"(?: ?[AaPp][Mm]| ?[A-Z]{3}|Z| ?[-+]\d\d:?\d\d)?)?",
    "time": r"\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?: ?[AaPp][Mm])?",
    "address": r"(?:https?|ftp)://\S+|www\.\S+|[^@\s,;|]+@[^@\s,;|]+\.\w+|\d+(?:\.\d+){3}",
    "truth": r"(?i:true|false)",
    "words": r"[^\W_][\w .'’/()&%+@!?*=<>\[\]{}-]*|[\w./$\\-]+",
}
_KIND = re.compile("|".join(f"(?P<{kind}>{pattern})" for kind, pattern in _KINDS.items()))
VALUES = {"number", "date", "time", "address", "truth"}
"""Kinds of cells that name nothing."""
_LONGEST_CELL = 200


def kind(cell: str) -> str | None:
    """Tell what a cell looks like: one of `VALUES`, words, or "" for nothing."""
    if not cell:
        return ""
    match = _KIND.fullmatch(cell) if len(cell) <= _LONGEST_CELL else None
    return match.lastgroup if match else None
