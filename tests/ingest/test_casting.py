"""A text has a type when reading it so loses nothing."""

import duckdb
import pytest

from ingest.casting import cast
from ingest.columns import Column


@pytest.mark.parametrize(
    ("type", "good", "bad"),
    [
        (
            "integer",
            ["1", " -5 ", "+7", "1.0", "1e2"],
            ["1.5", "1e-1", "0x1F", "x", "3000000000", "1_000"],
        ),
        ("smallint", ["32767"], ["32768"]),
        ("bigint", ["9223372036854775807"], ["9223372036854775808"]),
        ("hugeint", ["123456789012345678901234567890"], ["1.5", "x"]),
        ("double", ["1.5", "1e300"], ["1,5", "x", "1e400", "nan", "inf", "1_0"]),
        ("decimal(5,2)", ["123.45", "1.1", "1.100"], ["1.005", "1000", "x"]),
        (
            "date",
            ["2024-02-29", "2024-01-05"],
            ["2023-02-29", "2024-01-01 10:00:00", "01/02/2024", "infinity"],
        ),
        (
            "timestamp",
            ["2024-01-01T10:00:00Z", "2024-01-01", "2024-01-01 10:00:00.123456000"],
            ["2024-01-01T10:00:00+05:00", "x", "2024-01-01 10:00:00.1234567"],
        ),
        (
            "timestamptz",
            ["2024-01-01T10:00:00+05:00", "2024-01-01T10:00:00.123456+05:00"],
            ["yesterday", "2024-01-01T10:00:00.000000001Z"],
        ),
        ("time", ["12:30", "12:30:59.5", "12:30:59.123456"], ["25:00", "12:30:59.1234567"]),
        ("boolean", ["true", "f", "1"], ["maybe"]),
        ("uuid", ["123e4567-e89b-12d3-a456-426614174000"], ["123"]),
        ("json", ['{"a": [1]}'], ["{a"]),
    ],
)
def test_casts_lose_nothing(type, good, bad):
    con = duckdb.connect()
    con.execute("SET TimeZone = 'UTC'")
    sql = f"SELECT {cast(Column(name='x', type=type), 't')} IS NOT NULL FROM (SELECT ? AS t)"
    read = {text: con.execute(sql, [text]).fetchall()[0][0] for text in [*good, *bad]}
    assert read == dict.fromkeys(good, True) | dict.fromkeys(bad, False)


def test_a_format_says_how_a_date_is_written():
    column = Column(name="x", type="date", format="%d.%m.%Y")
    sql = f"SELECT ({cast(column, 't')})::VARCHAR FROM (SELECT unnest(['05.01.2024', 'x']) AS t)"
    assert duckdb.sql(sql).fetchall() == [("2024-01-05",), (None,)]
