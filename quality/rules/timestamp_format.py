"""timestamp_format: a text that is a date and time in a known form."""

from __future__ import annotations

import narwhals as nw

from quality.arguments import Column
from quality.moments import Formats, has_time, written
from quality.rule import Example, rule

ISO = ["%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S"]


@rule(
    dimension="validity",
    expects="a time written {formats}",
    examples=[
        Example(
            {"column": "seen"},
            good={"seen": ["2013-02-07T18:00:59", "2013-02-07 18:00:59", None]},
            bad={"seen": ["2013-02-07", "2013-02-07T24:00:00", "2013-02-30T18:00:00", ""]},
        ),
        Example(
            {"column": "seen", "formats": ["%Y-%m-%dT%H:%M:%S.%f%z"]},
            good={"seen": ["2013-02-07T18:00:59.25Z", "2013-02-07T18:00:59.123456+05:30"]},
            bad={"seen": ["2013-02-07T18:00:59.25", "2013-02-07T18:00:59.25+24:00"]},
        ),
        Example(
            {"column": "seen", "formats": ["%-m/%-d/%y %-I:%M %p"]},
            good={"seen": ["2/7/13 6:00 PM", "12/31/99 12:59 am"]},
            bad={"seen": ["02/07/13 6:00 PM", "2/7/13 18:00 PM", "13/7/13 6:00 PM"]},
        ),
    ],
)
def timestamp_format(
    column: Column,
    formats: Formats = ISO,
) -> nw.Expr:
    """Every text is a date and time in one of the formats, and there is such a moment.

    A time without its zone is another moment to each who reads it, and one without its seconds
    sorts before itself; a format says which it must be.

    Instead: if the column is a time to you, give it the type `timestamp`; `type` then does this,
    and the table holds times. For dates alone use `date_format`.

    Also known as: expect_column_values_to_match_strftime_format (Great Expectations),
    is_valid_timestamp (DQX), valid_format (Soda).

    Args:
        column: A column of text.
        formats: How a time may be written, in the directives of strptime, and strictly: `%H` is
            `06`, and `%-H` is `6`; `%f` is 1 to 6 digits, `%z` is `Z`, `+05:30` or `+0530`.
    """
    if untimed := next((each for each in formats if not has_time(each)), None):
        raise ValueError(f"{untimed!r} tells no time; use date_format")
    return written(column, formats)
