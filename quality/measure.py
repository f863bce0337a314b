"""What a dataset rule gives: one value, and the bounds it must keep."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import narwhals as nw


@dataclass(frozen=True)
class Measure:
    """One value over a whole dataset, and the bounds it must keep."""

    of: nw.Expr
    """What is measured in each row; null where there is nothing to measure."""
    by: Callable[[nw.Expr], nw.Expr]
    """What makes one value of them all: `nw.Expr.max`."""
    min: float | None = None
    max: float | None = None
    read: Callable[[Any], float] = float
    """What makes a number of that value, in the unit of the bounds."""


@dataclass(frozen=True)
class Fact:
    """One value that was found out about a whole dataset, and the bounds it must keep."""

    value: float | None
    """None where nothing can be said, for the reason that `told` gives."""
    min: float | None = None
    max: float | None = None
    told: str = ""
    """What was found, as a sentence without its end; by default as the rule tells a value."""
    more: str = ""
    """What is to be said of the value after it, where the rule tells it: ` for store b`."""
    expected: str = ""
    """What it must be, if that depends on more than the arguments."""
    early: bool = False
    """Whether there is no value only because too little has come before. That is no fault of the
    file, so it costs it nothing."""
    period: datetime | None = None
    """What time it is about, for those who will compare."""
    detail: Mapping[str, Any] = field(default_factory=dict)
    """What the next load will be compared with, as JSON holds it."""
