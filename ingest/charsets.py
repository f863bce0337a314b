"""Charsets: the names of encodings that a contract may use."""

from __future__ import annotations

import codecs
from difflib import get_close_matches
from encodings.aliases import aliases

EXAMPLES = ("utf-8", "latin-1", "cp1250", "cp1252", "shift_jis", "utf-16")
ODD = {"idna", "punycode", "raw-unicode-escape", "unicode-escape", "utf-7", "mbcs", "oem"}
"""What Python calls encodings, and nobody writes files in."""


def resolve(name: str) -> str:
    """Give the one name of an encoding: `iso8859-1` for `Latin-1` and for `ISO_8859-1`.

    Raises:
        ValueError: There is no such encoding.
    """
    try:
        "".encode(name)  # fails for what is no encoding of text, as base64
        found = codecs.lookup(name).name
    except (LookupError, ValueError):
        found = ""
    if found and found not in ODD:
        return found
    near = get_close_matches(name.lower().replace("-", "_"), {*aliases, *aliases.values()}, 1)
    like = f"{near[0].replace('_', '-')}, or " if near else ""
    raise ValueError(f"{name!r} is no encoding; write {like}one like {', '.join(EXAMPLES)}")
