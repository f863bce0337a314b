"""Cut the sample landing directory out of nycflights13: the week of the February 2013 blizzard.

Usage: python data/sample/make.py NYCFLIGHTS13_DIR

The directory holds flights, weather, planes, airports and airlines, each as `.csv.gz`. What is
written is committed, so this script runs only when the cut itself should change.
"""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb

LANDING = Path(__file__).parent / "landing"

# Records of each local day; the counts are how the script notices another source.
FLIGHTS = {7: 932, 8: 930, 9: 684, 10: 829, 11: 929, 12: 893, 13: 918}
WEATHER = dict.fromkeys(FLIGHTS, 72)  # three airports, 24 hours
PLANES, AIRPORTS, AIRLINES = 3322, 1458, 16

CSV = "(FORMAT csv, HEADER)"
JSON_LINES = "(FORMAT json)"
JSON_ARRAY = "(FORMAT json, ARRAY true)"

WEATHER_TYPES = {
    "year": "INTEGER",
    "month": "INTEGER",
    "day": "INTEGER",
    "hour": "INTEGER",
    "temp": "DOUBLE",
    "dewp": "DOUBLE",
    "humid": "DOUBLE",
    "wind_dir": "INTEGER",
    "wind_speed": "DOUBLE",
    "wind_gust": "DOUBLE",
    "precip": "DOUBLE",
    "pressure": "DOUBLE",
    "visib": "DOUBLE",
}
PLANES_TYPES = dict.fromkeys(["year", "engines", "seats", "speed"], "INTEGER")


def read(con: duckdb.DuckDBPyConnection, path: Path) -> duckdb.DuckDBPyRelation:
    """Return the source as it is: every cell is text, and `NA` stays `NA`."""
    return con.read_csv(str(path), header=True, sep=",", all_varchar=True)


def numbers(source: duckdb.DuckDBPyRelation, types: dict[str, str]) -> duckdb.DuckDBPyRelation:
    """Turn the named columns into numbers and `NA` into null, in every column, for JSON."""
    return source.project(
        ", ".join(
            f"nullif({name}, 'NA')::{types.get(name, 'VARCHAR')} AS {name}"
            for name in source.columns
        )
    )


def write(
    con: duckdb.DuckDBPyConnection,
    rows: duckdb.DuckDBPyRelation,
    name: str,
    form: str,
    records: int,
) -> None:
    """Write `rows` in source order below the landing directory, and hold them to their count."""
    (written,) = con.execute(f"COPY ({rows.sql_query()}) TO '{LANDING / name}' {form}").fetchall()
    assert written == (records,), f"{name}: expected {records} records, the source has {written[0]}"


def main(source: Path) -> None:
    """Write the landing directory from the five files of nycflights13."""
    LANDING.mkdir(exist_ok=True)
    con = duckdb.connect()
    flights = read(con, source / "flights.csv.gz")
    weather = numbers(read(con, source / "weather.csv.gz"), WEATHER_TYPES)
    for day in FLIGHTS:
        date = f"2013-02-{day:02}"
        local_day = f"year = '2013' AND month = '2' AND day = '{day}'"
        write(con, flights.filter(local_day), f"flights_{date}.csv", CSV, FLIGHTS[day])
        write(con, weather.filter(local_day), f"weather_{date}.jsonl", JSON_LINES, WEATHER[day])
    planes = numbers(read(con, source / "planes.csv.gz"), PLANES_TYPES)
    write(con, planes, "planes.json", JSON_ARRAY, PLANES)
    write(con, read(con, source / "airports.csv.gz"), "airports.csv", CSV, AIRPORTS)
    write(con, read(con, source / "airlines.csv.gz"), "airlines.csv", CSV, AIRLINES)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
