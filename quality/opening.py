"""What a frame is once it is opened, whatever kind it was, and what stands beside bad rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias
from uuid import uuid4

from quality.frames import Frame, Materialise

FAILED, REASONS = "_failed", "_reasons"
"""The columns beside a bad row: the keys of all checks that it fails, and what is wrong with it."""

Cut: TypeAlias = Callable[[Frame, Mapping[str, str], Sequence[str]], tuple[Any, Any]]
"""Makes the good and the bad rows of: the records that fail, with a column by the key of each
check; what is wrong with a record that fails it, by key; and which of them make a record bad."""

ROW = f"_row_{uuid4().hex}"
"""A name that no column has."""


@dataclass(frozen=True)
class Opened:
    """A frame that is ready to be judged."""

    rows: Any
    """Its rows with `_record_no`: where each stands, from 0; in a table of DuckDB its `rowid`."""
    keep: Materialise
    cut: Cut
    other: Callable[[Any], Any]
    """Makes another frame ready to be looked into beside this one."""


def columns_beside(reasons: Mapping[str, str]) -> dict[str, Mapping[str, str]]:
    """The columns beside a bad row, each with what it says of every check that the row fails."""
    return {FAILED: {key: key for key in reasons}, REASONS: reasons}
