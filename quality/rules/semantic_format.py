"""semantic_format: a text that is what it claims to be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, WithJsonSchema

from quality import semantics
from quality.arguments import Column
from quality.rule import Example, rule
from quality.values import ByValue
from quality.wording import guess


def _known(name: str) -> str:
    if name not in semantics.FORMATS:
        raise ValueError(
            f"{name!r} is no format{guess(name, semantics.FORMATS)}; "
            f"there are {', '.join(semantics.FORMATS)}"
        )
    return name


def _expects(given: Mapping[str, Any]) -> str:
    told = semantics.FORMATS[given["format"]].told
    return f"{told} ({{country}})" if given["country"] else told


Form = Annotated[str, AfterValidator(_known), WithJsonSchema({"enum": list(semantics.FORMATS)})]


@rule(
    dimension="validity",
    expects=_expects,
    examples=[
        Example(
            {"column": "mail", "format": "email"},
            good={"mail": ["ann@example.org", "o.k+x@mail.example.org", None]},
            bad={"mail": ["ann@example", "ann example.org", "a..b@example.org", " a@b.org", ""]},
        ),
        Example(
            {"column": "account", "format": "iban"},
            good={"account": ["DE89370400440532013000", "DE89 3704 0044 0532 0130 00"]},
            bad={"account": ["DE89370400440532013001", "DE8937040044053201300", "n/a"]},
        ),
        Example(
            {"column": "phone", "format": "phone", "country": "FR"},
            good={"phone": ["01 42 68 53 00", "+33142685300", "+49 30 123456"]},
            bad={"phone": ["01 42 68", "call 01 42 68 53 00"]},
        ),
        Example(
            {"column": "zip", "format": "postal_code", "country": "NL"},
            good={"zip": ["1012 AB", "1012AB"]},
            bad={"zip": ["1012", "0012 AB", "AB 1012"]},
        ),
        Example(
            {"column": "ean", "format": "ean"},
            good={"ean": [4006381333931, 96385074]},
            bad={"ean": [4006381333932, 1]},
        ),
    ],
)
def semantic_format(column: Column, format: Form, country: str | None = None) -> ByValue:
    """Every value is what its column says it is: an e-mail address, an IBAN, a country code.

    A pattern tells how such a value looks; this asks those who keep the registers: whether the
    check digits agree, the country exists, the number can be dialled. Nobody is called and nothing
    is looked up in a network: that an address is well made does not say that somebody reads it.

    Each different value is judged once. Blanks within a number are allowed where people write
    them, blanks around it are not, and codes are in the capitals of their register.

    Formats: `email`, `url`, `hostname`, `ipv4`, `ipv6`, `ip`, `mac`, `uuid`, `json`; `iban`, `bic`,
    `isin`, `lei`, `credit_card`, `luhn`, `ean` (and GTIN), `isbn`, `issn`, `imei`; `vat`,
    `national_id`, `phone`, `postal_code`; `country_alpha2`, `country_alpha3`, `subdivision`,
    `currency`, `language_alpha2`, `language_alpha3`; `latitude`, `longitude`.

    Instead: for a form of your own use `matches`, for a few codes `accepted_values`, for keys that
    another dataset has `foreign_key`.

    Also known as: col_vals_within_spec (pointblank), expect_column_values_to_be_valid_email and
    others (Great Expectations), is_valid_ipv4_address and others (DQX), valid_email, valid_uuid
    (SQLMesh), valid_format (Soda), format (JSON Schema, Frictionless).

    Args:
        column: A column of text, or of numbers that once were digits.
        format: What the values are.
        country: Whose numbers they are, in two capital letters: for `national_id` and
            `postal_code`; for `phone`, whose numbers may come without their +33; for `vat`, if all
            are of one country; for `subdivision`, of which country they are parts.
    """
    return ByValue((column,), semantics.judge(format, country))
