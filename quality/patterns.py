"""Regular expressions that mean the same to DuckDB, which reads RE2, and to Polars, in Rust.

Contracts are written in RE2. The two agree on most of it; where they do not, a pattern that is
taken from a contract goes through `portable` first. What is left is `\\b`, which on Polars knows
letters beyond A to Z, and letters that came into Unicode last.
"""

from __future__ import annotations

import re

BLANKS = r"\t-\r \x{85}\x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000}"
"""Every blank of Unicode, for within square brackets."""

_SETS = {
    r"\d": "0-9",
    r"\D": r"\x{0}-/:-\x{10FFFF}",
    r"\w": "0-9A-Za-z_",
    r"\W": r"\x{0}-/:-@\[-^`{-\x{10FFFF}",
    r"\s": r"\t\n\f\r ",
    r"\S": r"\x{0}-\x{8}\x{B}\x{E}-\x{1F}!-\x{10FFFF}",
}
"""What RE2 means by these, for within square brackets; Rust means all letters and digits."""

_ESCAPED, _NAMED = r"\\(?:[pPx]\{[^}]*\}|.)", r"\[:\^?\w+:\]"
_PARTS = re.compile(
    rf"\[\^?\]?(?:{_ESCAPED}|{_NAMED}|[^\]\\])*\]|{_ESCAPED}|\{{(?!\d+(?:,\d*)?\}})", re.DOTALL
)
"""Brackets as RE2 ends them, what stands behind a backslash, a brace that repeats nothing."""
_WITHIN = re.compile(rf"{_ESCAPED}|{_NAMED}|\[|&&|~~", re.DOTALL)


def portable(pattern: str) -> str:
    """The pattern in the words that both understand, with the meaning that it has in RE2."""
    return _PARTS.sub(lambda part: _part(part.group()), pattern)


def whole(pattern: str, ignore_case: bool = False) -> str:
    """The pattern of a text that has the form from its first character to its last.

    Args:
        pattern: The form.
        ignore_case: Whether capitals do not matter.
    """
    return rf"{'(?i)' if ignore_case else ''}\A(?:{pattern})\z"


def literal(text: str) -> str:
    """The pattern of a text itself; a NUL as its number, for some versions of DuckDB end there."""
    return re.escape(text).replace("\0", r"\x{0}")


def one_of(patterns: list[str]) -> str:
    """The pattern of a text in one of several forms."""
    return f"(?:{'|'.join(patterns)})"


def _part(part: str) -> str:
    if part.startswith("["):
        return f"[{_WITHIN.sub(lambda each: _within(each.group()), part[1:-1])}]"
    if part in _SETS:
        return f"[{_SETS[part]}]"
    return rf"\{part}" if part == "{" else _escape(part)


def _within(part: str) -> str:
    """To Rust, brackets within brackets are sets too, and `&&` and `~~` are made between them."""
    if part.startswith("[:"):
        return part
    if part.startswith("\\"):
        return _SETS.get(part) or _escape(part)
    return "".join(rf"\{letter}" for letter in part)


def _escape(part: str) -> str:
    """To Rust, a word begins at `\\<`; to RE2 it is the sign itself."""
    return part[1:] if part in (r"\<", r"\>") else part
