from datetime import datetime
from itertools import product

import duckdb
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quality import CheckInvalid, check
from quality.moments import pattern
from quality.patterns import whole

FORMATS = [
    "%Y-%m-%d",
    "%d.%m.%Y",
    "%m/%d/%y",
    "%-d %B %Y",
    "%b %d, %Y",
    "%A, %-d %b %Y",
    "%Y%m%d",
    "%Y-%j",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%d %H:%M:%S.%f",
    "%-m/%-d/%Y %-I:%M %p",
    "%H:%M",
    "100%% %Y",
    "(%Y) [%m] {%d} ^$.*+?|",
]


@pytest.fixture(scope="module")
def con():
    with duckdb.connect(config={"threads": 1}) as con:
        yield con


def reads(con, form, texts):
    """Those of the texts that the rule's pattern takes, which must be the same on both engines."""
    asked = whole(pattern(form))
    on_polars = pl.Series(texts, dtype=pl.String).str.contains(asked).to_list()
    found = con.execute("SELECT regexp_matches(t, ?) FROM (SELECT unnest(?) t)", [asked, texts])
    on_duckdb = [taken for (taken,) in found.fetchall()]
    assert on_polars == on_duckdb
    return [text for text, taken in zip(texts, on_polars, strict=True) if taken]


@pytest.mark.parametrize("form", FORMATS)
@settings(max_examples=3, deadline=None, database=None)
@given(moments=st.lists(st.datetimes(datetime(1970, 1, 1), datetime(2068, 12, 31)), min_size=10))
def test_what_is_written_in_a_format_has_it(form, con, moments):
    query = "SELECT strftime(unnest(?::TIMESTAMP[]), ?)"
    texts = [text for (text,) in con.execute(query, [moments, form]).fetchall()]

    assert reads(con, form, texts) == texts
    reads(con, form, [text.upper() for text in texts])
    spoiled = ("{} ", " {}", "{}\n", "{}00", "{}x")
    assert reads(con, form, ["", *(each.format(text) for each in spoiled for text in texts)]) == []


@pytest.mark.parametrize("form", ["%Y-%m-%d", "%d.%m.%y", "%Y%m%d", "%d%Y%m"])
def test_a_day_that_has_a_format_is_one_that_there_is(form, con):
    years = (0, 1, 99, 400, 1600, 1699, 1896, 1900, 1970, 2000, 2012, 2013, 2100, 2399, 2400)
    texts = [
        form.replace("%Y", f"{year:04}")
        .replace("%y", f"{year % 100:02}")
        .replace("%m", f"{month:02}")
        .replace("%d", f"{day:02}")
        for year, month, day in product(years, range(14), range(33))
    ]
    query = "SELECT t FROM (SELECT unnest(?) t) WHERE try_strptime(t, ?) IS NOT NULL"
    read = {text for (text,) in con.execute(query, [texts, form]).fetchall()}

    assert set(reads(con, form, texts)) == read


@pytest.mark.parametrize(
    ("form", "good", "bad"),
    [
        ("%Y-%m-%d", ["2000-02-29", "2400-02-29"], ["1900-02-29", "2100-02-29", "2013-13-01"]),
        ("%d/%m/%y", ["29/02/00", "29/02/96"], ["29/02/01", "1/2/03", "٠١/٠٢/٠٣"]),
        ("%H:%M:%S", ["00:00:00", "23:59:59"], ["24:00:00", "23:60:00", "23:59:60", "1:2:3"]),
        ("%z", ["Z", "+0530", "-05:30"], ["+5:30", "+24:00", "UTC", "z"]),
        ("%d %b", ["29 Feb", "01 JAN", "31 dec"], ["30 Feb", "01 Mai"]),
        ("%Y-%j", ["2012-366", "2013-365"], ["2013-366", "2013-000", "2012-367"]),
        ("%Y", ["0000", "9999"], ["10000", "-001", "+2013"]),
    ],
)
def test_a_format_is_read_strictly(form, good, bad, con):
    assert reads(con, form, good + bad) == good


@pytest.mark.parametrize(
    ("rule", "formats", "words"),
    [
        ("date_format", ["%Y-%Q"], "'%Q' in '%Y-%Q' is not known here; there are %Y, %y"),
        ("date_format", ["%Y %"], "'%Y %' breaks off at '%'; write %% for %"),
        ("date_format", ["%m %B"], "'%m %B' tells the month twice"),
        ("date_format", [], "list should have at least 1 item"),
    ],
)
def test_a_format_that_cannot_be_checked_is_told(rule, formats, words):
    with pytest.raises(CheckInvalid) as invalid:
        check(rule, column="a", formats=formats)

    assert words in str(invalid.value)


@pytest.mark.parametrize(
    ("rule", "form", "words"),
    [
        ("date_format", "%Y %H", "could not run: '%Y %H' tells a time; use timestamp_format"),
        ("timestamp_format", "%Y", "could not run: '%Y' tells no time; use date_format"),
    ],
)
def test_dates_and_times_have_a_rule_each(rule, form, words, judge):
    (result,) = judge({"a": ["x"]}, [check(rule, column="a", formats=[form])]).results

    assert result.message == words
