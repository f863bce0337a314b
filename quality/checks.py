"""The half of a contract about rules: from what is written to checks that can be run.

Everything that is wrong is told at once: where it stands, what it is, and what to write instead.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from pydantic import BaseModel, ValidationError

from quality.condition import Condition
from quality.entries import CheckInvalid, Entry, Where, entries
from quality.frames import RECORD_NO
from quality.model import PUBLISHED, Check
from quality.rehearsal import rehearse
from quality.rule import Kind, Rule
from quality.rules import RULES
from quality.selectors import EACH
from quality.settings import Settings
from quality.wording import guess

__all__ = ["Check", "CheckInvalid", "bind", "check", "fingerprint", "references"]


_OF_ROWS = {"warn_above", "fail_above", "null_policy"}
"""What only a check of rows or keys may say."""


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
    types = {name: kind for name, kind, _ in columns}
    made, problems = _made(entries(columns, checks, where, forgiven), types)
    broken = rehearse([each for each, _ in made], types)
    for each, entry in made:
        if each.key in broken:
            problems += entry.told(broken[each.key]).problems
    if problems:
        raise CheckInvalid(problems)
    return [each for each, _ in made]


def check(rule: str, /, **arguments: Any) -> Check:
    """One check, outside any contract: `check("range", column="age", min=0, severity="warning")`.

    Raises:
        CheckInvalid: With every problem that was found.
    """
    return _read(Entry({rule: arguments}), None)


def listed(checks: Sequence[Any], types: Mapping[str, str]) -> list[Check]:
    """Make a list of checks of one that may hold them as contracts write them.

    Args:
        checks: What `check` gives, or what a contract's `checks` list; in any order.
        types: The type of each column, in SQL, for those that are meant by `each_column`.

    Raises:
        CheckInvalid: With every problem that was found.
    """
    columns = [(name, kind, None) for name, kind in types.items()]
    found = entries(columns, list(checks), lambda path: "", ())
    # A frame has the types that it has, so nothing is implied.
    made, problems = _made([each for each in found if each.path[0] == "checks"], None)
    if problems:
        raise CheckInvalid(problems)
    return [each for each, _ in made]


def references(checks: Iterable[Check]) -> set[str]:
    """The datasets that checks look into; those that are others are to be loaded first."""
    return {dataset for each in checks for dataset in each.datasets if dataset != PUBLISHED}


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
            "where": each.where.sql if each.where else None,
            "null_policy": each.null_policy,
            "on_fail": each.on_fail,
        }
        for each in checks
    ]
    text = json.dumps(told, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def _made(
    found: Iterable[Entry], types: Mapping[str, str] | None
) -> tuple[list[tuple[Check, Entry]], list[str]]:
    """The checks that entries are, each with its own; and what is wrong with the others."""
    made: dict[str, tuple[Check, Entry]] = {}
    problems: list[str] = []
    for entry in found:
        try:
            read = entry.raw if isinstance(entry.raw, Check) else _read(entry, types)
            named = _named(read, entry, made)
        except CheckInvalid as invalid:
            problems += invalid.problems
        else:
            made[named.key.casefold()] = named, entry
    return list(made.values()), problems


def _read(entry: Entry, types: Mapping[str, str] | None) -> Check:
    rule, given = _rule(entry), _given(entry)
    if entry.broken:
        raise entry.told(entry.broken)
    settings = _settings(entry, rule, given)
    arguments = _arguments(entry, rule, given)
    columns = rule.columns(arguments)
    where = Condition(settings.where) if settings.where else None
    named = dict.fromkeys((*columns, *(where.columns if where else ())))
    if types is not None and (unknown := [name for name in named if name not in types]):
        raise entry.told(*(f"there is no column {name!r}{guess(name, types)}" for name in unknown))
    try:
        warn_above, fail_above = settings.limits()
        on_fail = settings.consequence()
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
        on_fail=on_fail,
        null_policy=settings.null_policy,
        where=where,
        description=settings.description,
        message=settings.message,
        owner=settings.owner,
        tags=settings.tags,
        place=entry.place,
        personal=frozenset(columns) if rule.discreet else frozenset(),
    )


def _rule(entry: Entry) -> Rule:
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


def _given(entry: Entry) -> dict[Any, Any]:
    given = entry.raw[entry.rule] if isinstance(entry.raw, Mapping) else None
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        write = f"{{{entry.rule}: {{argument: value}}}}"
        raise entry.told(f"takes its arguments by name; write {write}")
    return dict(given)


def _settings(entry: Entry, rule: Rule, given: Mapping[Any, Any]) -> Settings:
    chosen = {name: given[name] for name in Settings.model_fields if name in given}
    if rule.kind is Kind.DATASET and (useless := _OF_ROWS & chosen.keys()):
        raise entry.told(f"{min(useless)} says nothing of a single value; set the bounds instead")
    if rule.nulls == "judge" and "null_policy" in chosen:
        raise entry.told("null_policy has no say here: the rule is about nulls itself")
    try:
        return Settings.model_validate(
            {"severity": rule.severity.label, "dimension": rule.dimension} | chosen
        )
    except ValidationError as error:
        raise entry.told(*_explained(error, Settings, rule.name, ())) from None


def _arguments(entry: Entry, rule: Rule, given: Mapping[Any, Any]) -> dict[str, Any]:
    own = {name: value for name, value in given.items() if name not in Settings.model_fields}
    if EACH in own:
        raise entry.told(f"{EACH!r} is for the checks of the contract; here there is one column")
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


def _named(made: Check, entry: Entry, taken: Container[str]) -> Check:
    """Give a check a key that no other has, also where capitals do not count."""
    if made.key.casefold() not in taken and made.key != RECORD_NO:
        return made
    if "name" in _given(entry):
        raise entry.told(f"another check is called {made.key!r}; choose another name")
    number = 2
    while f"{made.key}#{number}".casefold() in taken:
        number += 1
    return replace(made, key=f"{made.key}#{number}")
