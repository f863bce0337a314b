"""What tells of a person within free text, and how it is found there.

A pattern finds what looks like it, quickly and anywhere; what keeps the register says whether it
is. Patterns look at a bounded piece of text from each place on, so that no text takes them long.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from quality.semantics import FORMATS

Finds: TypeAlias = Callable[[str], bool]
"""Whether something is found in a text."""


@dataclass(frozen=True)
class Entity:
    """Something that tells of a person."""

    told: str
    """What it is: `e-mail addresses`."""
    hint: str
    """A pattern without which there is none in a text, for all engines."""
    finds: Callable[[Sequence[str]], Finds]
    """What finds it, by the habits of some countries."""


def judge(
    entities: Sequence[str], countries: Sequence[str]
) -> Callable[[Sequence[Any]], list[bool]]:
    """What tells of many texts which of them hold nothing of a person.

    Args:
        entities: Which of `ENTITIES` to look for.
        countries: Two capital letters (ISO 3166) each.

    Raises:
        ValueError: A country is missing, or nothing is known of it.
    """
    for name in entities:
        form = FORMATS[name]
        if form.country == "must" and not countries:
            raise ValueError(f"{name} differs from country to country; say which: countries: [DE]")
        for country in countries if form.country != "never" else ():
            if not form.known(country):
                raise ValueError(f"no {name} of {country!r} is known; write two letters, as DE")

    def verdicts(values: Sequence[Any]) -> list[bool]:
        finders = [ENTITIES[name].finds(countries) for name in entities]
        return [not any(finds(text) for finds in finders) for text in map(str, values)]

    return verdicts


def _email(countries: Sequence[str]) -> Finds:
    looks = re.compile(r"(?<![\w.+-])[\w+-][\w.+-]{0,63}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
    is_one = FORMATS["email"].judge(None)
    return lambda text: any(is_one(found[0]) for found in looks.finditer(text))


def _phone(countries: Sequence[str]) -> Finds:
    from phonenumbers import Leniency, PhoneNumberMatcher

    plans: list[str | None] = [*countries] or [None]

    def finds(text: str) -> bool:
        return any(
            PhoneNumberMatcher(text, country, leniency=Leniency.VALID).has_next()
            for country in plans
        )

    return finds


def _iban(countries: Sequence[str]) -> Finds:
    looks = re.compile(r"(?<![A-Z0-9])(?=([A-Z]{2}[0-9]{2}[A-Z0-9 ]{11,40}))")
    is_one = FORMATS["iban"].judge(None)

    def finds(text: str) -> bool:
        return any(
            _adds_up(written[:length]) and is_one(written[:length])
            for found in looks.finditer(text)
            for written in [found[1].replace(" ", "")]
            for length in range(15, min(len(written), 34) + 1)
        )

    return finds


def _adds_up(iban: str) -> bool:
    """Whether its check digits agree, which most of what only looks like one is told by."""
    return int("".join(str(int(sign, 36)) for sign in iban[4:] + iban[:4])) % 97 == 1


def _credit_card(countries: Sequence[str]) -> Finds:
    begins = re.compile(r"(?<![0-9])(?=[2-6][0-9]{3}(?:[ -]?[0-9]){9})")
    ends = re.compile(r"(?<=[0-9])(?![0-9])")
    issued = re.compile(
        r"4[0-9]{12}(?:[0-9]{3})?|(?:5[1-5]|2[2-7])[0-9]{14}|3[47][0-9]{13}|3[068][0-9]{12}"
        r"|(?:6011|65[0-9]{2}|35[0-9]{2})[0-9]{12}"
    )
    is_one = FORMATS["credit_card"].judge(None)

    def candidates(text: str) -> Iterator[str]:
        """Digits with blanks or hyphens between them, as far as a card number may reach."""
        for begin in begins.finditer(text):
            start = begin.start()
            for end in ends.finditer(text, start + 13):
                if end.start() > start + 31:
                    break
                yield re.sub("[ -]", "", text[start : end.start()])

    def finds(text: str) -> bool:
        return any(issued.fullmatch(each) and is_one(each) for each in candidates(text))

    return finds


def _ip(countries: Sequence[str]) -> Finds:
    looks = re.compile(
        r"(?<![\w.])[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?![\w]|\.[0-9])"
        r"|(?<![\w:])[0-9A-Fa-f]{1,4}:(?:[0-9A-Fa-f]{0,4}:){1,6}[0-9A-Fa-f]{1,4}(?![\w:])"
    )
    is_one = FORMATS["ip"].judge(None)
    return lambda text: any(
        any(map(str.isdigit, found[0])) and is_one(found[0]) for found in looks.finditer(text)
    )


def _national_id(countries: Sequence[str]) -> Finds:
    word = re.compile(r"[0-9A-Z]{1,20}(?![0-9A-Za-z])")
    between = re.compile(r"[ ./-]")
    valid = [FORMATS["national_id"].judge(country) for country in countries]

    def candidates(text: str) -> Iterator[str]:
        """Words that stand alone, and what up to five make together."""
        for first in re.finditer(r"(?<![0-9A-Za-z])(?=[0-9A-Z])", text):
            start = end = first.start()
            for _ in range(5):
                if not (part := word.match(text, end)):
                    break
                end = part.end()
                yield text[start:end]
                if not between.match(text, end):
                    break
                end += 1

    def finds(text: str) -> bool:
        return any(
            sum(map(str.isdigit, each)) >= 5 and any(is_one(each) for is_one in valid)
            for each in candidates(text)
        )

    return finds


ENTITIES = {
    "email": Entity("e-mail addresses", "@", _email),
    "phone": Entity("telephone numbers", "[0-9][0-9 ()./+-]{4,}[0-9]", _phone),
    "iban": Entity("account numbers", "[A-Z]{2}[0-9]{2}", _iban),
    "credit_card": Entity("card numbers", "[2-6][0-9]{3}[ -]?[0-9]", _credit_card),
    "ip": Entity("IP addresses", r"[0-9]\.[0-9]|:[0-9A-Fa-f]{0,4}:", _ip),
    "national_id": Entity("national numbers of persons", "[0-9]", _national_id),
}
"""Everything that can be looked for, by the name that contracts use."""
