"""Meaning: whether texts are e-mail addresses, accounts or the like, by asking who knows."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from quality.semantics import judge

FIRST = 40
"""Values that rule most meanings out."""
NEARLY = 0.95
"""Share of the values that must be what they seem to be."""

BY_LOOKS: Mapping[str, str] = {
    "email": r".+@.+\..+",
    "url": r"[a-z][a-z+.-]*://.+",
    "uuid": r"[0-9A-Fa-f-]{36}",
    "ipv4": r"[0-9]+(\.[0-9]+){3}",
    "ipv6": r"[0-9A-Fa-f:]*:[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*",
    "mac": r"[0-9A-Fa-f]{2}([:-][0-9A-Fa-f]{2}){5}",
    "iban": r"[A-Z]{2}[0-9]{2}[0-9A-Z ]{11,34}",
    "lei": r"[0-9A-Z]{18}[0-9]{2}",
    "isin": r"[A-Z]{2}[0-9A-Z]{9}[0-9]",
    "isbn": r"[0-9][0-9 -]{8,15}[0-9X]",
    "issn": r"[0-9]{4}-[0-9]{3}[0-9X]",
    "credit_card": r"[0-9][0-9 -]{11,21}[0-9]",
    "ean": r"[0-9]{8}|[0-9]{12,14}",
}
"""What has a form that hardly anything else has, or check digits; with a look that is quickly told.
"""
BY_NAME: Mapping[str, str] = {
    "country_alpha2": "country|nation|land",
    "country_alpha3": "country|nation|land",
    "currency": "currency|ccy|curr|waehrung",
    "language_alpha2": "lang",
    "language_alpha3": "lang",
    "phone": "phone|mobile|tel|fax",
    "bic": "bic|swift",
    "vat": "vat|ust",
}
"""What many other codes look like; a column of it must be called so."""


def meaning_of(name: str, values: Sequence[str]) -> tuple[str | None, float]:
    """Tell what nearly all of some values are, and how many of them.

    Args:
        name: What their column is called.
        values: Different values, the most frequent first.
    """
    first = values[:FIRST]
    for form in (*BY_LOOKS, *BY_NAME):
        if form in BY_LOOKS:
            likely = all(map(re.compile(BY_LOOKS[form]).fullmatch, first[:5]))
        else:
            likely = re.search(BY_NAME[form], name, re.IGNORECASE) is not None
        if not likely or _share(form, first) < NEARLY:
            continue
        if (share := _share(form, values)) >= NEARLY:
            return form, share
    return None, 0.0


def _share(form: str, values: Sequence[str]) -> float:
    return sum(judge(form, None)(values)) / len(values)
