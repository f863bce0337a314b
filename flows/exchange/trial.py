"""Trial: whether what somebody else's document says makes a check, and which one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from flows.contract import ContractFile
from flows.document import spell
from flows.exchange.part import ExchangeInvalid
from quality.checks import Check, CheckInvalid, bind, check
from quality.rehearsal import rehearse
from quality.rule import RULES
from quality.selectors import EACH


def made(
    rule: str, given: Mapping[str, Any], column: str | None, types: Mapping[str, str]
) -> Check | None:
    """Make a check to see that it can be made; None for one that is for many columns.

    Args:
        rule: Its rule.
        given: Its arguments and settings.
        column: The column that it stands below.
        types: The type of each column that there is.

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
    if broken := rehearse([found], {name: types[name] for name in named}):
        raise CheckInvalid(f"{rule}: {what}" for what in broken.values())
    return found


def statement(check: Check) -> tuple[str, str]:
    """What a check says, however it is written; two that agree say the same."""
    return check.rule.name, str(sorted(check.arguments.items()))


def keys_of(contract: Mapping[str, Any], file: str) -> dict[str, str]:
    """What reports call the checks of a contract, by where they stand: `columns[2].checks[0]`.

    Raises:
        ExchangeInvalid: It is no contract, and why.
    """
    try:
        checked = ContractFile.model_validate(contract)
        columns = [(column.name, column.type, column.checks) for column in checked.columns]
        bound = bind(columns, contract.get("checks"), spell)
    except ValidationError as error:
        problems = (f"{spell(each['loc'])}: {each['msg']}" for each in error.errors())
        raise ExchangeInvalid(
            f"{file}: no contract comes of it: {said}" for said in problems
        ) from None
    except CheckInvalid as invalid:
        raise ExchangeInvalid(
            f"{file}: no contract comes of it: {said}" for said in invalid.problems
        ) from None
    return {check.place: check.key for check in bound}
