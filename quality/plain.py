"""Facts as plain data, all of which JSON can hold."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import date, time
from decimal import Decimal
from math import isfinite
from typing import Any


def plain(value: Any) -> Any:
    """Dataclasses as dicts, enums as their words, moments as text, NaN by its name."""
    if dataclasses.is_dataclass(value):
        return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    match value:
        case Mapping():
            return {name: plain(each) for name, each in value.items()}
        case tuple() | list():
            return [plain(each) for each in value]
        case date() | time():
            return value.isoformat()
        case float() if not isfinite(value):
            return str(value)
        case Decimal():
            return float(value)
    return getattr(value, "label", value)
