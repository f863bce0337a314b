"""What rules may know beside the rows: of the file that they came in, and of the loads before."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, TypeAlias


@dataclass(frozen=True)
class File:
    """What is known of a file, beside what is in it; unless more is said, of one without a byte."""

    name: str
    """Below the landing directory, with forward slashes."""
    made_at: datetime
    """When its content was made, as far as its supplier says."""
    seen_at: datetime
    """When it was first seen in the landing directory."""
    size: int = 0
    """In bytes, unpacked."""
    sha256: str = sha256().hexdigest()
    """Of those bytes."""
    encoding: str | None = None
    """As Python knows it; None for what is no text."""
    dialect: Mapping[str, Any] = field(default_factory=dict)
    """How it is written: `delimiter`, `quote`, `header`."""
    columns: tuple[str, ...] = ()
    """What the file calls its columns, in its order."""
    records: int = 0
    """Records in it, those included that do not fit."""
    rejected: int = 0
    """Of those, how many do not fit."""
    faults: tuple[str, ...] = ()
    """Codes of all that is wrong with it as a whole."""
    declared: tuple[str, ...] = ()
    """What its contract calls its columns, in its order."""


@dataclass(frozen=True)
class Past:
    """What a check measured in an earlier load."""

    period: datetime
    """What time it is about; when the load was judged, if it does not say."""
    value: float | None
    detail: Mapping[str, Any] = field(default_factory=dict)
    """What else the check keeps of a load, as JSON holds it."""


History: TypeAlias = Callable[[str], Sequence[Past]]
"""What the check of a key measured in the loads before, the latest last."""


def _nothing(check: str) -> Sequence[Past]:
    return ()


@dataclass(frozen=True)
class Context:
    """What is known beside the rows; where something is not, a check of it is not evaluated."""

    file: File | None = None
    history: History = _nothing
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    check: str = ""
    """Key of the check that asks."""
    personal: bool = False
    """Whether it looks at personal values, which it must not keep."""

    @property
    def period(self) -> datetime:
        """What time a file is about that does not say so itself: when its content was made."""
        return self.file.made_at if self.file else self.now

    @property
    def past(self) -> Sequence[Past]:
        """What the check measured in the loads before, of other files, the latest last."""
        return self.history(self.check)

    def kept(self, name: str, period: datetime) -> list[Past]:
        """Those of earlier times in which the check kept something under a name."""
        return [each for each in self.past if each.period < period and name in each.detail]
