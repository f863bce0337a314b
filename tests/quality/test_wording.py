from __future__ import annotations

from fractions import Fraction

import pytest

from quality import wording


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (684.0, "", "684"),
        (1234567.94, "", "1 234 567.9"),
        (0.507527, "share", "50.8 %"),
        (0.0, "share", "0 %"),
        (0.00001, "share", "under 0.1 %"),
        (0.99999, "share", "over 99.9 %"),
        (1.0, "share", "100 %"),
        (1.0, "day", "1 day"),
        (3.5, "day", "3.5 days"),
    ],
)
def test_an_amount_is_told_in_its_unit(value: float, unit: str, text: str) -> None:
    assert wording.amount(value, unit) == text


@pytest.mark.parametrize(
    ("value", "bound", "text"),
    [
        (0.2, 0.1, "20 %"),
        (0.1004, 0.1, "10.04 %"),
        (0.09996, 0.1, "9.996 %"),
        (0.0008, 0.0005, "0.08 %"),
        (0.1000000000001, 0.1, "10 %"),
    ],
)
def test_a_share_looks_different_from_the_bound_that_it_misses(
    value: float, bound: float, text: str
) -> None:
    assert wording.amount(value, "share", apart_from=bound) == text


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (700, "", "700"),
        (1234567.5, "", "1 234 567.5"),
        (0.1, "share", "10 %"),
        (0.00015, "share", "0.015 %"),
        (0.29, "share", "29 %"),
    ],
)
def test_a_limit_is_told_exactly(value: float, unit: str, text: str) -> None:
    assert wording.limit(value, unit) == text


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("4 399 of 6 115 records", "4_399 of 6_115 records"),
        ("1 234 567.9 and 50.8 %", "1_234_567.9 and 50.8_%"),
        ("7 8 2013 and 5 files", "7 8 2013 and 5 files"),
    ],
)
def test_no_line_ends_within_a_number(text: str, kept: str) -> None:
    assert wording.unbroken(text) == kept.replace("_", "\N{NO-BREAK SPACE}")


@pytest.mark.parametrize(
    ("share", "decimals", "text"),
    [
        (Fraction(1, 3), 1, "33.3 %"),
        (Fraction(1, 3), 3, "33.333 %"),
        (Fraction(1, 1000), 1, "0.1 %"),
        (Fraction(1, 1001), 1, "under 0.1 %"),
        (Fraction(1, 1001), 2, "0.1 %"),
        (Fraction(9999, 10000), 1, "over 99.9 %"),
        (Fraction(99999, 100000), 2, "over 99.99 %"),
        (Fraction(1), 4, "100 %"),
    ],
)
def test_a_percentage_is_rounded_to_neither_none_nor_all(
    share: Fraction, decimals: int, text: str
) -> None:
    assert wording.percent(share, decimals) == text
