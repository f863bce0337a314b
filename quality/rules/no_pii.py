"""no_pii: free text that tells of nobody."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from operator import and_
from typing import Annotated, Any, Literal

import narwhals as nw
from pydantic import Field

from quality import disclosure
from quality.arguments import Column, Pattern
from quality.rule import Example, rule
from quality.values import ByValue

Entity = Literal["email", "phone", "iban", "credit_card", "ip", "national_id"]

_ALIKE: list[Entity] = ["email", "phone", "iban", "credit_card", "ip"]
"""What is alike in all countries."""


def _expects(given: Mapping[str, Any]) -> str:
    *others, last = [disclosure.ENTITIES[name].told for name in given["entities"]]
    told = f"{', '.join(others)} and {last}" if others else last
    return f"free of {told}{', and of {patterns}' if given['patterns'] else ''}"


@rule(
    dimension="validity",
    expects=_expects,
    discreet=True,
    examples=[
        Example(
            {"column": "note"},
            good={
                "note": ["call back on 2013-02-07 at 18:00", "order 4711-0815, € 1.999,00", None]
            },
            bad={
                "note": [
                    "ann@example.org wants a refund",
                    "rang from +33 1 42 68 53 00 twice",
                    "to DE89 3704 0044 0532 0130 00 please",
                    "card 4111-1111-1111-1111, 12/27",
                    "blocked 192.0.2.17 (again)",
                ]
            },
        ),
        Example(
            {
                "column": "note",
                "entities": ["phone", "national_id"],
                "countries": ["US"],
                "patterns": ["(?i)patient +[0-9]+"],
            },
            good={"note": ["ann@example.org", "1536 pieces of 12", "be patient"]},
            bad={"note": ["ssn 536-90-4399", "(650) 253-0000", "Patient 17 left"]},
        ),
    ],
)
def no_pii(
    column: Column,
    entities: Annotated[list[Entity], Field(min_length=1)] = _ALIKE,
    countries: list[str] = [],  # noqa: B006
    patterns: list[Pattern] = [],  # noqa: B006
) -> ByValue:
    """No text holds what tells of a person: an address, a telephone number, an account.

    Notes and comments are where people write what has no field of its own, and from there it gets
    into every copy, export and report. What is found here is found before anybody publishes it.

    Looked for anywhere within the text is what a register can tell from chance: addresses that are
    well made, numbers with the right check digit or in a numbering plan. Names are not found, nor
    is what somebody disguised. Each different text is read once.

    Instead: for a column that is to hold an address or a number use `semantic_format`; for words
    that must not occur and say nothing of persons `not_matches`. Reports do not show what was
    found, only in which records; a column that may hold personal values says `pii: true` in the
    contract.

    Also known as: does_not_contain_pii (DQX), Potential_PII (TestGen), sensitive data detection
    (AWS Glue), InfoTypes (Google DLP), forbidden content.

    Args:
        column: A column of text.
        entities: What to look for: `email`, `phone`, `iban`, `credit_card`, `ip`, `national_id`.
        countries: Whose numbers, in two capital letters: of `national_id`, and of a `phone` without
            its +33. Numbers of persons are short in many countries, so that others pass for them.
        patterns: Regular expressions of your own, found anywhere in the text.
    """
    text = nw.col(column).cast(nw.String)
    hint = "|".join(f"(?:{disclosure.ENTITIES[name].hint})" for name in entities)
    free = [~text.str.contains(f"(?:{each})") for each in patterns]
    return ByValue(
        (column,),
        disclosure.judge(entities, countries),
        among=text.str.contains(hint),
        besides=reduce(and_, free) if free else None,
    )
