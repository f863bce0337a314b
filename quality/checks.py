"""The half of a contract about rules: from what is written to checks that can be run.

Everything that is wrong is told at once: where it stands, what it is, and what to write instead.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from pydantic import BaseModel, ValidationError

from quality.frames import RECORD_NO
from quality.model import Check, Severity
from quality.rehearsal import is_text, rehearse
from quality.rule import Kind, Rule
from quality.rules import RULES
from quality.settings import Settings
from quality.wording import guess

__all__ = ["Check", "CheckInvalid", "bind", "check", "fingerprint", "references"]

Path: TypeAlias = tuple[str | int, ...]
Where: TypeAlias = Callable[[Path], str]


class CheckInvalid(Exception):
    """Checks cannot be read as they are written; carries every problem that was found."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


def bind(
    columns: Sequence[tuple[str, str, Any]],
    checks: Any,
    where: Where,
    forgiven: Collection[str] = (),
) -> list[Check]:
    """Make checks of what a contract says, and try them on an empty table.

    Args:
        columns: Name, type and raw checks of each column, as they came out of the YAML.
        checks: The raw checks of the whole dataset.
        where: Says where a path is written: `("columns", 2, "checks", 0)` gives
            `contracts/orders.yaml:14`.
        forgiven: Columns of which a value without their type is a warning, unless a check says
            otherwise.

    Returns:
        The checks, those of types first, which nobody needs to write.

    Raises:
        CheckInvalid: With every problem that was found.
    """
    problems: list[str] = []
    bound: dict[str, tuple[_Entry, Check]] = {}
    types = {name: kind for name, kind, _ in columns}
    for entry in _entries(columns, checks, where, forgiven):
        try:
            made = _named(_read(entry, types), entry, bound)
        except CheckInvalid as invalid:
            problems += invalid.problems
        else:
            bound[made.key.casefold()] = entry, made
    broken = rehearse([made for _, made in bound.values()], types)
    for entry, made in bound.values():
        if made.key in broken:
            problems += entry.told(broken[made.key]).problems
    if problems:
        raise CheckInvalid(problems)
    return [made for _, made in bound.values()]


def check(rule: str, /, **arguments: Any) -> Check:
    """One check, outside any contract: `check("range", column="age", min=0, severity="warning")`.

    Raises:
        CheckInvalid: With every problem that was found.
    """
    return _read(_Entry({rule: arguments}), None)


def references(checks: Iterable[Check]) -> set[str]:
    """The other datasets that checks look into; they are to be loaded first."""
    return {each.reference.dataset for each in checks if each.reference}


def fingerprint(checks: Iterable[Check]) -> str:
    """A sha256 of all that counts in the checks, and of nothing else: a moved line is the same."""
    told = [
        {
            "key": each.key,
            "rule": each.rule.name,
            "arguments": each.arguments,
            "severity": each.severity.label,
            "dimension": each.dimension,
            "warn_above": each.warn_above,
            "fail_above": each.fail_above,
            "weight": each.weight,
        }
        for each in checks
    ]
    text = json.dumps(told, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class _Entry:
    """One check as it is written, and where."""

    raw: Any
    path: Path = ()
    where: str = ""
    column: str | None = None
    """The column that it stands below."""
    kind: str | None = None
    """That column's type."""

    @property
    def rule(self) -> str:
        """The rule that it names; empty if it does not name one."""
        if isinstance(self.raw, Mapping) and len(self.raw) == 1:
            return str(next(iter(self.raw)))
        return self.raw if isinstance(self.raw, str) else ""

    def told(self, *problems: str) -> CheckInvalid:
        """Problems with this check, each as a line that says where it is."""
        steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in self.path)
        place = (self.where, "".join(steps).lstrip("."), self.rule)
        return CheckInvalid(f"{' '.join(filter(None, place))}: {what}" for what in problems)


def _entries(
    columns: Sequence[tuple[str, str, Any]], checks: Any, where: Where, forgiven: Collection[str]
) -> list[_Entry]:
    implied: list[_Entry] = []
    written: list[_Entry] = []
    for index, (name, kind, raw) in enumerate(columns):
        below = _listed(raw, ("columns", index, "checks"), where, name, kind)
        written += below
        if not is_text(kind) and not any(entry.rule == "type" for entry in below):
            path: Path = ("columns", index)
            settings = {"severity": Severity.WARNING.label} if name in forgiven else {}
            implied.append(_Entry({"type": settings}, path, where(path), name, kind))
    return implied + written + _listed(checks, ("checks",), where)


def _listed(
    raw: Any, path: Path, where: Where, column: str | None = None, kind: str | None = None
) -> list[_Entry]:
    if raw is None:
        return []
    if not isinstance(raw, list | tuple):
        return [_Entry([raw], path, where(path))]
    paths = [(*path, index) for index in range(len(raw))]
    return [_Entry(each, at, where(at), column, kind) for each, at in zip(raw, paths, strict=True)]


def _read(entry: _Entry, types: Mapping[str, str] | None) -> Check:
    rule, given = _rule(entry), _given(entry)
    settings = _settings(entry, rule, given)
    arguments = _arguments(entry, rule, given)
    columns = rule.columns(arguments)
    if types is not None and (unknown := [name for name in columns if name not in types]):
        raise entry.told(*(f"there is no column {name!r}{guess(name, types)}" for name in unknown))
    try:
        warn_above, fail_above = settings.limits()
    except ValueError as error:
        raise entry.told(str(error)) from None
    return Check(
        key=settings.name or (f"{rule.name}({', '.join(columns)})" if columns else rule.name),
        rule=rule,
        arguments=arguments,
        severity=settings.severity,
        dimension=settings.dimension,
        warn_above=warn_above,
        fail_above=fail_above,
        weight=settings.severity.weight if settings.weight is None else settings.weight,
        description=settings.description,
        where=entry.where,
    )


def _rule(entry: _Entry) -> Rule:
    if not entry.rule:
        if isinstance(entry.raw, Mapping):
            first, *others = (str(key) for key in entry.raw) if entry.raw else ("not_null",)
            raise entry.told(
                f"one check names one rule; write {{{first}: {{…}}}}"
                + (f", with {', '.join(others)} inside the braces" if others else "")
            )
        if entry.path and entry.path[-1] == "checks":
            raise entry.told("is not a list of checks; write [not_null]")
        raise entry.told("is not a check; write a rule, or {rule: {argument: value}}")
    if entry.rule not in RULES:
        raise entry.told(
            f"no rule is called {entry.rule!r}{guess(entry.rule, RULES)}; "
            f"there are {', '.join(sorted(RULES))}"
        )
    rule = RULES[entry.rule]
    if entry.column is not None and rule.kind is Kind.DATASET and not rule.column_argument:
        raise entry.told("is about the whole dataset; move it to the checks of the contract")
    return rule


def _given(entry: _Entry) -> dict[Any, Any]:
    given = entry.raw[entry.rule] if isinstance(entry.raw, Mapping) else None
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        write = f"{{{entry.rule}: {{argument: value}}}}"
        raise entry.told(f"takes its arguments by name; write {write}")
    return dict(given)


def _settings(entry: _Entry, rule: Rule, given: Mapping[Any, Any]) -> Settings:
    chosen = {name: given[name] for name in Settings.model_fields if name in given}
    if rule.kind is Kind.DATASET and (useless := {"warn_above", "fail_above"} & chosen.keys()):
        raise entry.told(f"{min(useless)} says nothing of a single value; set the bounds instead")
    try:
        return Settings.model_validate(
            {"severity": rule.severity.label, "dimension": rule.dimension} | chosen
        )
    except ValidationError as error:
        raise entry.told(*_explained(error, Settings, rule.name, ())) from None


def _arguments(entry: _Entry, rule: Rule, given: Mapping[Any, Any]) -> dict[str, Any]:
    own = {name: value for name, value in given.items() if name not in Settings.model_fields}
    filled = rule.fill(entry.column) if entry.column is not None else {}
    if rule.name == "type" and entry.kind:
        filled["dtype"] = entry.kind
    for name, value in filled.items():
        if own.get(name, value) != value:
            raise entry.told(f"stands below {entry.column!r}, its {name}; leave {name} out")
    try:
        model = rule.arguments.model_validate(filled | own)
    except ValidationError as error:
        raise entry.told(*_explained(error, rule.arguments, rule.name, tuple(filled))) from None
    return {name: getattr(model, name) for name in rule.arguments.model_fields}


def _explained(
    error: ValidationError, model: type[BaseModel], rule: str, filled: Sequence[str]
) -> list[str]:
    """What pydantic found, one line an argument, in the words of contracts."""
    takes = ", ".join(name for name in model.model_fields if name not in filled)
    takes = f"{rule} takes {takes}" if takes else f"{rule} takes no arguments here"
    found: dict[str, list[str]] = {}
    for each in error.errors():
        name, what = str(each["loc"][0]), each["msg"]
        if each["type"] == "extra_forbidden":
            what = f"is not a parameter; {takes}{guess(name, model.model_fields)}"
        elif each["type"] == "missing" and len(each["loc"]) == 1:
            what = f"is missing; {takes}"
        elif each["type"] == "value_error":
            what = what.removeprefix("Value error, ")
        else:
            what = f"{what[0].lower()}{what[1:]}, and is {each['input']!r}"
        found.setdefault(name, []).append(what)
    return [f"{name!r} {' or '.join(dict.fromkeys(what))}" for name, what in found.items()]


def _named(made: Check, entry: _Entry, bound: Mapping[str, tuple[_Entry, Check]]) -> Check:
    """Give a check a key that no other has, also where capitals do not count."""
    if made.key.casefold() not in bound and made.key != RECORD_NO:
        return made
    if "name" in _given(entry):
        raise entry.told(f"another check is called {made.key!r}; choose another name")
    number = 2
    while f"{made.key}#{number}".casefold() in bound:
        number += 1
    return replace(made, key=f"{made.key}#{number}")
