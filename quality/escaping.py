"""Strangers' text made safe to show: what it holds is seen, never obeyed."""

from __future__ import annotations

import re
import unicodedata

LONGEST_VALUE = 80
"""Characters of a value that a report shows before it cuts."""

MASKED = "•••"
"""What is shown in place of a personal value."""

_JOINER = "\N{WORD JOINER}"  # no width; keeps `https://` from turning into a link
_LINKS = re.compile(r"(?<=:)(?=//)|(?<=www)(?=\.)|(?=@)", re.IGNORECASE)
_MARKDOWN = re.compile(r"[\\`*_\[\]|~!#]")
_HTML = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def visible(text: str) -> str:
    """Show control, format and lone surrogate characters instead of letting them act.

    >>> visible("a\\tb\\x00")
    'a␉b␀'
    """
    return text if text.isprintable() else "".join(_visible_character(c) for c in text)


def _visible_character(character: str) -> str:
    code = ord(character)
    if character.isprintable() or character == "\N{NO-BREAK SPACE}":
        return character
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\N{SYMBOL FOR DELETE}"
    if unicodedata.category(character) == "Zs":
        return character
    return f"\\u{code:04x}"


def cut(text: str, longest: int = LONGEST_VALUE) -> str:
    """Shorten text to at most `longest` characters; an ellipsis says that it was cut."""
    return text if len(text) <= longest else text[: longest - 1] + "…"


def markdown(text: str) -> str:
    """Escape text for one line of markdown: a table cell, a list item, a heading.

    Marks are escaped with backslashes, HTML with entities. An address is broken with a joiner of
    no width, because GitHub's dialect, which the Prefect UI reads, links it wherever it stands.
    """
    text = "".join(_HTML.get(c, c) for c in visible(text))
    text = _MARKDOWN.sub(r"\\\g<0>", text)
    return _LINKS.sub(_JOINER, text)


def code(text: str, cell: bool = False) -> str:
    """Text as markdown code, in a fence longer than any it holds.

    Args:
        cell: Whether it stands in a table, where even in code a bar ends the cell.
    """
    text = visible(text)
    longest = max(map(len, re.findall(r"`+", text)), default=0)
    fence, pad = "`" * (longest + 1), " " if longest else ""
    return fence + pad + (text.replace("|", r"\|") if cell else text) + pad + fence
