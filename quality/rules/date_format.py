"""date_format: a text that is a date in a known form."""

from __future__ import annotations

import narwhals as nw

from quality.arguments import Column
from quality.moments import Formats, has_time, written
from quality.rule import Example, rule

ISO = ["%Y-%m-%d"]


@rule(
    dimension="validity",
    expects="a date written {formats}",
    examples=[
        Example(
            {"column": "day"},
            good={"day": ["2013-02-07", "2012-02-29", None]},
            bad={"day": ["2013-02-29", "2013-2-7", "07.02.2013", "2013-02-07 ", ""]},
        ),
        Example(
            {"column": "day", "formats": ["%d.%m.%Y", "%-d %B %Y"]},
            good={"day": ["07.02.2013", "7 February 2013", "7 february 2013"]},
            bad={"day": ["31.04.2013", "7.2.2013", "07.02.13", "07.02.2013x"]},
        ),
    ],
)
def date_format(column: Column, formats: Formats = ISO) -> nw.Expr:
    """Every text is a date in one of the formats, and there is such a day.

    A supplier who writes the 7th of February as 02/07 on one day and as 07/02 on the next is read
    without complaint, for twelve days of every month.

    Instead: if the column is a date to you, give it the type `date` and name the form in the
    contract's format; `type` then does this, and the table holds dates. This rule is for text that
    stays text, and for finding out what a supplier writes.

    Also known as: expect_column_values_to_match_strftime_format (Great Expectations),
    is_valid_date (DQX), DateFormat (ODCS as a pattern), Date_Format (TestGen).

    Args:
        column: A column of text.
        formats: How a date may be written, in the directives of strptime, and strictly: `%d` is
            `07`, and `%-d` is `7`. Names of months and days are English, in capitals or not.
    """
    if timed := next((each for each in formats if has_time(each)), None):
        raise ValueError(f"{timed!r} tells a time; use timestamp_format")
    return written(column, formats)
