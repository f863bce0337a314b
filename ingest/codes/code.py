"""Code: one thing that can be wrong with a file, and what is said and done about it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum


class Effect(StrEnum):
    """What becomes of what a code is about."""

    TOLD = "The file is loaded, and `pratique check` tells it."
    RECORD = "The record goes to quarantine; its neighbours are loaded."
    INCOMPLETE = "What came is loaded, and the file is not green."
    DOUBTFUL = "The file is held until somebody approves it, and is not green."
    FATAL = "The file is held: nothing of it can be loaded."


@dataclass(frozen=True, kw_only=True)
class Code:
    """One thing that can be wrong with a file."""

    name: str
    """What programs know it by."""
    title: str
    """What it is, in a few words."""
    says: tuple[str, ...]
    """What a supplier is told, with placeholders in braces; one of these."""
    example: str
    """What is told of a real file."""
    remedy: str
    """What to do about it."""
    effects: tuple[Effect, ...]
    """What becomes of the file; mostly one."""

    def fits(self, message: str) -> bool:
        """Whether a message is one that the code has."""
        return any(_pattern(sentence).fullmatch(message) for sentence in self.says)


def _pattern(sentence: str) -> re.Pattern[str]:
    words = re.split(r"\{\w+\}", sentence)
    return re.compile(".+?".join(map(re.escape, words)), re.DOTALL)
