"""Checks as they are written, each with the place where it stands, before any is made."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from quality.model import Severity
from quality.problem import Problem
from quality.rehearsal import is_text
from quality.selectors import EACH, select

Path: TypeAlias = tuple[str | int, ...]
Where: TypeAlias = Callable[[Path], str]


class CheckInvalid(Exception):
    """Checks cannot be read as they are written; carries every problem that was found."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


@dataclass(frozen=True)
class Entry:
    """One check as it is written, and where."""

    raw: Any
    path: Path = ()
    place: str = ""
    column: str | None = None
    """The column that it stands below."""
    kind: str | None = None
    """That column's type."""
    broken: str | None = None
    """What is wrong with which columns it is for."""

    @property
    def rule(self) -> str:
        """The rule that it names; empty if it does not name one."""
        if isinstance(self.raw, Mapping) and len(self.raw) == 1:
            return str(next(iter(self.raw)))
        return self.raw if isinstance(self.raw, str) else ""

    def told(self, *problems: str) -> CheckInvalid:
        """Problems with this check, each as a line that says where it is."""
        steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in self.path)
        path = "".join(steps).lstrip(".")
        return CheckInvalid(Problem(self.place, path, what, self.rule) for what in problems)


def entries(
    columns: Sequence[tuple[str, str, Any]], checks: Any, where: Where, forgiven: Collection[str]
) -> list[Entry]:
    """Every check that a contract asks for, those of types first, which nobody needs to write."""
    implied: list[Entry] = []
    written: list[Entry] = []
    for index, (name, kind, raw) in enumerate(columns):
        below = _listed(raw, ("columns", index, "checks"), where, name, kind)
        written += below
        if not is_text(kind) and not any(entry.rule == "type" for entry in below):
            path: Path = ("columns", index)
            settings = {"severity": Severity.WARNING.label} if name in forgiven else {}
            implied.append(Entry({"type": settings}, path, where(path), name, kind))
    types = {name: kind for name, kind, _ in columns}
    whole = _listed(checks, ("checks",), where)
    return implied + written + [each for entry in whole for each in _spread(entry, types)]


def _spread(entry: Entry, types: Mapping[str, str]) -> list[Entry]:
    """One check for each column that the entry means; or itself, if it names its own."""
    given = entry.raw[entry.rule] if isinstance(entry.raw, Mapping) and entry.rule else None
    if not isinstance(given, Mapping) or EACH not in given:
        return [entry]
    own = {name: value for name, value in given.items() if name != EACH}
    try:
        names = select(given[EACH], types)
    except ValueError as error:
        return [replace(entry, broken=f"{EACH!r} {error}")]
    spread = replace(entry, raw={entry.rule: own})
    return [replace(spread, column=name, kind=types[name]) for name in names]


def _listed(
    raw: Any, path: Path, where: Where, column: str | None = None, kind: str | None = None
) -> list[Entry]:
    if raw is None:
        return []
    if not isinstance(raw, list | tuple):
        return [Entry([raw], path, where(path))]
    paths = [(*path, index) for index in range(len(raw))]
    return [Entry(each, at, where(at), column, kind) for each, at in zip(raw, paths, strict=True)]
