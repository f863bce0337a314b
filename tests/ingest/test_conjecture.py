"""Conjectures: words for nothing and forms of dates are told where the values bear them out."""

from __future__ import annotations

import duckdb
import pytest

from ingest.conjecture import Conjecture, conjecture


def conjectured(*values: str | None) -> Conjecture:
    with duckdb.connect() as con:
        con.execute("CREATE TABLE t AS SELECT unnest(?::VARCHAR[]) AS v", [list(values)])
        return conjecture(con, "t", {"field": "v"})


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (["1", "NA", "3"], ["NA"]),
        (["1.5", "-", "n/a"], ["-", "n/a"]),
        (["2013-02-08", "NULL", "2013-02-09"], ["NULL"]),
        (["31.12.2013", "?", "01.02.2013"], ["?"]),
        (["America/New_York", "NA", "Asia/Tokyo", "Europe/Rome"], ["NA"]),
        (["DE", "NA", "FR", "US"], []),  # Namibia
        (["red", "N/A", "blue"], ["N/A"]),
        (["a", "none", "b"], []),
        (["NA", "NA"], []),  # of what else there is none
        (["1", "2"], []),
    ],
)
def test_words_for_nothing_need_evidence(values: list[str], words: list[str]) -> None:
    assert [word.word for word in conjectured(*values).null_words] == words


@pytest.mark.parametrize(
    ("values", "type", "format"),
    [
        (["31.12.2013", "1.2.2014"], "date", "%d.%m.%Y"),
        (["12/31/2013", "01/02/2014"], "date", "%m/%d/%Y"),
        (["31/12/2013", "01/02/2014"], "date", "%d/%m/%Y"),
        (["8 Feb 2013", "28 Dec 2013"], "date", "%d %b %Y"),
        (["31.12.2013 23:59", "01.02.2014 00:00"], "timestamp", "%d.%m.%Y %H:%M"),
        (["31.12.13", "01.02.14"], "date", "%d.%m.%y"),
        (["1.2.20", "1.10.3"], "varchar", None),  # versions
        (["2013-02-08"], "date", None),
        (["007", "042"], "varchar", None),
        (["1", "2000000000"], "bigint", None),
        (["1", "2"], "integer", None),
    ],
)
def test_dates_and_numbers_are_told(values: list[str], type: str, format: str | None) -> None:
    guess = conjectured(*values).guesses["field"]
    assert (guess.type, guess.format) == (type, format)


def test_a_date_whose_day_may_be_its_month_stays_text_and_says_so() -> None:
    guess = conjectured("01/02/2013", "03/04/2013").guesses["field"]
    assert guess.type == "varchar"
    assert guess.doubt is not None
    assert "%d/%m/%Y or %m/%d/%Y" in guess.doubt


def test_a_late_exception_is_found() -> None:
    dates = [f"{day:02}.01.2013" for day in range(1, 29)] * 400
    assert conjectured(*dates).guesses["field"].type == "date"
    assert conjectured(*dates, "soon").guesses["field"].type == "varchar"
