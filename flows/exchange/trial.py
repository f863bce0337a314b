"""Trial: whether what somebody else's document says makes a check, and which one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from flows.contract import ContractFile
from flows.document import Keys, spell
from flows.exchange.part import ExchangeInvalid, Imported, Part
from quality.checks import Check, CheckInvalid, bind, check
from quality.problem import Problem
from quality.rule import RULES
from quality.selectors import EACH

Statement = tuple[str, str]
"""What a check says, however it is written; two that agree say the same."""

Stated = tuple[str, dict[str, Any], str]
"""A rule, what it is given, and the words of a schema that it comes from."""

Refused = Mapping[Statement, str]
"""Checks that look right and cannot be run, and why."""


class Unfit(Exception):
    """Checks of a contract turned out to be ones that cannot be run."""

    def __init__(self, refused: Refused) -> None:
        self.refused = refused
        super().__init__(str(refused))


def settle(build: Callable[[Refused], Imported]) -> Imported:
    """Build a contract, and once more without the checks that cannot be run.

    All checks are tried at once, because trying them one by one takes a hundred times as long.

    Args:
        build: Builds it, less those checks, of which it tells.

    Raises:
        ExchangeInvalid: No contract comes of it.
    """
    try:
        return build({})
    except Unfit as unfit:
        return build(unfit.refused)


def made(
    rule: str,
    given: Mapping[str, Any],
    column: str | None,
    types: Mapping[str, str],
    refused: Refused,
) -> Check | None:
    """Make a check to see that it can be made; None for one that is for many columns.

    Args:
        rule: Its rule.
        given: Its arguments and settings.
        column: The column that it stands below.
        types: The type of each column that there is.
        refused: The checks that cannot be run.

    Raises:
        CheckInvalid: It cannot, and why.
    """
    if EACH in given:
        return None
    filled = RULES[rule].fill(column) if column is not None and rule in RULES else {}
    found = check(rule, **(filled | {str(name): value for name, value in given.items()}))
    named = (*found.columns, *(found.where.columns if found.where else ()))
    if unknown := [name for name in named if name not in types]:
        raise CheckInvalid([f"{rule}: there is no column {unknown[0]!r}"])
    if why := refused.get(statement(found)):
        raise CheckInvalid([f"{rule}: {why}"])
    return found


def made_all(
    stated: Iterable[Stated],
    column: str | None,
    types: Mapping[str, str],
    refused: Refused,
    part: Part,
    told: list[str],
) -> list[tuple[Any, str]]:
    """Make the checks that a schema states, as contracts write them, each with its source.

    Args:
        stated: What it states.
        column: The column that the checks stand below.
        types: The type of each column that there is.
        refused: The checks that cannot be run.
        part: Where it is stated.
        told: What cannot be asked for is added.
    """
    checks: list[tuple[Any, str]] = []
    for rule, given, source in stated:
        try:
            made(rule, given, column, types, refused)
        except CheckInvalid as invalid:
            told.append(part.told(f"{source} cannot be asked for: {invalid}"))
        else:
            checks.append(({rule: given} if given else rule, source))
    return checks


def statement(check: Check) -> Statement:
    """What a check says."""
    return check.rule.name, str(sorted(check.arguments.items()))


def keys_of(contract: Mapping[str, Any], file: str) -> dict[str, str]:
    """What reports call the checks of a contract, by where they stand: `columns[2].checks[0]`.

    Raises:
        Unfit: Some of its checks cannot be run.
        ExchangeInvalid: It is no contract, and why.
    """
    try:
        checked = ContractFile.model_validate(contract)
        columns = [(column.name, column.type, column.checks) for column in checked.columns]
        bound = bind(columns, contract.get("checks"), spell)
    except ValidationError as error:
        problems = [f"{spell(each['loc'])}: {each['msg']}" for each in error.errors()]
    except CheckInvalid as invalid:
        problems = list(invalid.problems)
        types = {name: kind for name, kind, _ in columns}
        why = {one.place: one.message for one in invalid.problems if isinstance(one, Problem)}
        refused = {}
        for keys, column, rule, given in written(contract):
            if (place := spell(keys)) in why and (one := made(rule, given, column, types, {})):
                refused[statement(one)] = why.pop(place)
        if refused and not why:
            raise Unfit(refused) from None
    else:
        return {check.place: check.key for check in bound}
    raise ExchangeInvalid(f"{file}: no contract comes of it: {said}" for said in problems)


def written(contract: Mapping[str, Any]) -> Iterator[tuple[Keys, str | None, str, dict[str, Any]]]:
    """Every check that is written: where, below which column, its rule and what it is given."""
    places: list[tuple[Keys, str | None, Any]] = [
        (("columns", n, "checks"), column["name"], column.get("checks"))
        for n, column in enumerate(contract["columns"])
    ]
    for keys, column, listed in [*places, (("checks",), None, contract.get("checks"))]:
        for index, each in enumerate(listed or ()):
            ((rule, given),) = ({each: None} if isinstance(each, str) else each).items()
            yield (*keys, index), column, rule, dict(given or {})
