from datetime import UTC, date, datetime, time

import polars as pl
import pytest

from quality import CheckInvalid, Outcome, check


def bad(judge, values, rule, **given):
    (result,) = judge({"a": values}, [check(rule, column="a", **given)]).results
    assert result.outcome is not Outcome.ERRORED, result.message
    return [each["record_no"] for each in result.examples]


def test_holidays_are_those_of_the_country_and_its_part(judge):
    days = [date(2013, 7, 4), date(2013, 7, 14), date(2013, 8, 15), date(2013, 12, 25)]
    given = {"weekdays": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]}

    assert bad(judge, days, "business_calendar", **given) == []
    assert bad(judge, days, "business_calendar", country="US", **given) == [1, 4]
    assert bad(judge, days, "business_calendar", country="FR", **given) == [2, 3, 4]
    assert bad(judge, days, "business_calendar", country="DE", **given) == [4]
    assert bad(judge, days, "business_calendar", country="DE-SL", **given) == [3, 4]
    own = [date(2013, 7, 4)]
    assert bad(judge, days, "business_calendar", country="DE", holidays=own, **given) == [1, 4]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"country": "XX"}, "'country' 'XX' is not known: Country XX not available; write FR"),
        ({"country": "DE-XX"}, "'country' 'DE-XX' is not known"),
        ({"opens": "9 am"}, "'opens' '9 am' is not a time of day; write '09:00'"),
        ({"opens": 86_400}, "'opens' 86400 is not a time of day"),
        ({"weekdays": ["monday"]}, "'weekdays' input should be 'mon', 'tue'"),
        ({"weekdays": []}, "'weekdays' list should have at least 1 item"),
    ],
)
def test_a_calendar_that_is_none_is_told(given, words):
    with pytest.raises(CheckInvalid) as invalid:
        check("business_calendar", column="a", **given)

    assert words in str(invalid.value)


@pytest.mark.parametrize("nine", ["09:00", "9:00", 9 * 60, time(9)])
def test_hours_may_be_written_as_yaml_reads_them(nine, judge):
    moments = [datetime(2013, 2, 7, 8, 59, 59, 999_999), datetime(2013, 2, 7, 9)]

    assert bad(judge, moments, "business_calendar", opens=nine) == [1]


def test_hours_that_end_before_they_begin_are_told(judge):
    bound = check("business_calendar", column="a", opens="22:00", closes="06:00")

    (result,) = judge({"a": [datetime(2013, 2, 7)]}, [bound]).results

    assert result.message == (
        "could not run: opens 22:00:00 is after closes 06:00:00, so no time could be good"
    )


def test_the_calendar_says_what_it_expects(judge):
    bound = check("business_calendar", column="a", opens="09:30", closes="16:00")

    (result,) = judge({"a": [datetime(2013, 2, 9, 12)]}, [bound]).results

    assert result.message == (
        "1 of 1 row (100 %): a is not on a business day from 09:30 until 16:00"
    )


def test_days_far_out_are_days_of_the_week(judge):
    days = [date(1, 1, 1), date(9999, 12, 31), date(1582, 10, 15), date(1900, 3, 1), None]

    weekend = [number + 1 for number, day in enumerate(days[:4]) if day.isoweekday() > 5]
    assert bad(judge, days, "business_calendar", country="US") == weekend


@pytest.mark.parametrize("late", [0, 16], ids=["by day", "by night"])
def test_a_time_with_a_zone_is_of_its_day_in_utc(late, judge):
    friday = datetime(2013, 2, 8, 23, tzinfo=UTC)
    moments = pl.Series([friday, friday.replace(day=9, hour=late)])

    assert bad(judge, moments, "business_calendar") == [2]


@pytest.mark.parametrize("zoned", [True, False])
def test_age_is_told_of_dates_and_times_alike(zoned, judge):
    moments = pl.Series([datetime(2013, 2, 7, 11), datetime(2013, 2, 7, 12), datetime(2040, 1, 1)])
    given = {"max_age": "PT24H", "as_of": "2013-02-08T13:00+01:00"}

    times = moments.dt.replace_time_zone("UTC") if zoned else moments
    assert bad(judge, times, "not_older_than", **given) == [1]
    assert bad(judge, moments.dt.date(), "not_older_than", **given) == [1, 2]
