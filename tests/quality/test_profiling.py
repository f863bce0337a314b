"""Profiles: what they say is so, on real tables; keys and orders are told from coincidences."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import duckdb
import pytest

from quality.profile_page import html
from quality.profiling import Family, Profile, document, groups, masked, profile
from quality.profiling.links import alike
from quality.profiling.texts import generalise


def profiled(sql: str) -> Profile:
    with duckdb.connect() as con:
        con.execute("SET TimeZone = 'UTC'")
        con.execute(f"CREATE TABLE t AS {sql}")
        return profile(con, con.table("t"))


def test_numbers_are_described_by_what_a_person_would_count() -> None:
    column = profiled("SELECT unnest([1, 2, 2, 3, NULL, -4]) AS n").column("n")
    assert (column.family, column.rows, column.nulls, column.distinct) == (Family.NUMBER, 6, 1, 4)
    assert (column.min, column.max, column.exact) == (-4, 3, True)
    assert column.numbers is not None
    assert column.numbers.mean == pytest.approx(0.8)
    assert column.numbers.stddev == pytest.approx(2.7749, abs=1e-4)
    assert column.numbers.quantiles["0.5"] == 2
    assert (column.numbers.negatives, column.numbers.zeros, column.numbers.whole) == (1, 0, True)
    assert [(each.value, each.count) for each in column.top][:2] == [(2, 2), (-4, 1)]
    assert sum(each.count for each in column.histogram) == 5


def test_what_is_no_number_is_counted_apart() -> None:
    column = profiled("SELECT unnest([1.5, 'nan'::DOUBLE, 'infinity'::DOUBLE]) AS x").column("x")
    assert column.numbers is not None
    assert (column.min, column.max, column.numbers.mean) == (1.5, 1.5, 1.5)
    assert column.numbers.infinite == 2


def test_moments_tell_their_days_gaps_and_resolution() -> None:
    column = profiled(
        "SELECT unnest([TIMESTAMPTZ '2013-02-08 10:00:00Z', '2013-02-08 12:30:00Z', "
        "'2013-02-11 00:00:00Z']) AS at"
    ).column("at")
    assert column.moments is not None
    assert (column.moments.days, column.moments.missing_days) == (2, 2)
    assert column.moments.resolution == "minute"
    assert column.moments.weekdays["Friday"] == 2
    assert column.min == datetime(2013, 2, 8, 10, tzinfo=UTC)
    dates = profiled("SELECT DATE '2999-01-01' AS d").column("d")
    assert dates.moments is not None
    assert (dates.moments.resolution, dates.moments.future) == ("day", 1)
    assert dates.min == date(2999, 1, 1)


def test_texts_tell_their_lengths_forms_blanks_and_words_for_nothing() -> None:
    values = ["AB-1", "CD-22", " x", "N/A", "-", "", None]
    column = profiled(f"SELECT unnest({values!r}::VARCHAR[]) AS t".replace("None", "NULL")).column(
        "t"
    )
    texts = column.texts
    assert texts is not None
    assert (texts.shortest, texts.longest, texts.empty, texts.blanks) == (0, 5, 1, 1)
    assert {each.value for each in texts.missing} == {"N/A", "-"}
    assert {each.value for each in texts.forms} >= {"AA-9", "AA-99"}


@pytest.mark.parametrize(
    ("forms", "start", "regex"),
    [
        (["AAA"], "", "[A-Z]{3}"),
        (["AA-9", "AA-999"], "", "[A-Z]{2}-[0-9]{1,3}"),
        (["A9A", "AAA", "99A"], "", "[0-9A-Z]{2}[A-Z]"),
        (["A99AA", "A9A999"], "N", "N[0-9A-Z]{4,5}"),
        (["99999"], "00", "[0-9]{5}"),
        (["Aaaa", "aaa"], "", None),  # words
        (["AA AA"], "", None),  # several words
        (["aa", "aaaa"], "", None),
        (["Aé"], "", None),
        (["A.9"], "", r"[A-Z]\.[0-9]"),
        ([""], "", None),
    ],
)
def test_forms_make_an_expression_where_it_says_something(
    forms: list[str], start: str, regex: str | None
) -> None:
    assert generalise(forms, start) == regex


def test_an_expression_is_proven_by_all_rows() -> None:
    told = profiled("SELECT 'K' || lpad(i::VARCHAR, 4, '0') AS k FROM range(1000) r(i)").column("k")
    assert told.texts is not None
    assert told.texts.regex == "K[0-9]{4}"


@pytest.mark.parametrize(
    ("meaning", "values"),
    [
        ("email", [f"person{i}@example.org" for i in range(20)]),
        ("uuid", [f"00000000-0000-4000-8000-{i:012}" for i in range(20)]),
        ("url", [f"https://example.org/{i}" for i in range(20)]),
        ("ipv4", [f"10.0.0.{i}" for i in range(20)]),
        (None, [f"word {i}" for i in range(20)]),
        (None, ["UA", "AA", "DE", "FR"]),  # countries too, but nothing says so
    ],
)
def test_what_texts_mean_is_told(meaning: str | None, values: list[str]) -> None:
    texts = profiled(f"SELECT unnest({values!r}) AS code").column("code").texts
    assert texts is not None
    assert texts.meaning == meaning


def test_a_column_called_country_holds_countries() -> None:
    texts = profiled("SELECT unnest(['US', 'DE', 'FR']) AS country").column("country").texts
    assert texts is not None
    assert texts.meaning == "country_alpha2"


def test_the_leftmost_identifier_is_the_key_and_no_measurement_is() -> None:
    told = profiled("SELECT random() AS x, i AS id, 'c' || i AS code FROM range(100) r(i)")
    assert [key.columns for key in told.keys] == [("id",), ("code",)]


def test_a_composite_key_is_the_one_that_is_least_likely_by_chance() -> None:
    # 24 hours of 3 places, and a number that happens not to repeat much.
    told = profiled(
        "SELECT p AS place, TIMESTAMP '2013-02-08' + h * INTERVAL 1 HOUR AS at, "
        "((h * 7919 + ascii(p) * 104729) % 997)::INTEGER % 500 AS reading "
        "FROM range(24) r(h), unnest(['A', 'B', 'C']) q(p)"
    )
    assert told.keys[0].columns == ("place", "at")
    assert told.keys[0].chance > 20


def test_what_tells_few_rows_apart_by_chance_is_no_key() -> None:
    told = profiled(
        "SELECT (hash(i) % 200)::INTEGER AS a, (hash(i + 9999) % 200)::INTEGER AS b "
        "FROM range(60) r(i)"
    )
    assert told.keys == ()


def test_an_order_that_could_not_be_broken_is_no_finding() -> None:
    told = profiled(
        "SELECT i AS low, i + (i * 7 % 13) AS high, i % 3 + 1000 AS far FROM range(300) r(i)"
    )
    assert [(each.left, each.right) for each in told.orderings] == [("low", "high")]
    assert told.correlations[0].value > 0.9


def test_large_tables_say_what_they_estimate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(groups, "SAMPLED", 1_000)
    monkeypatch.setattr("quality.profiling.columns.MOST_COUNTED", 1_000)
    told = profiled(
        "SELECT i AS id, (hash(i) % 5000)::INTEGER AS many, i % 7 AS few FROM range(20000) r(i)"
    )
    exact = {column.name: column.exact for column in told.columns}
    assert exact == {"id": True, "many": False, "few": True}
    assert told.column("id").distinct == 20_000
    assert told.column("many").distinct == pytest.approx(5000, rel=0.15)
    assert sum(each.count for each in told.column("many").histogram) == pytest.approx(
        20_000, rel=0.1
    )
    assert told.keys[0].columns == ("id",)


def test_the_same_table_has_the_same_profile_twice() -> None:
    sql = "SELECT i % 10 AS a, 'x' || (i % 50) AS b, i * 0.5 AS c FROM range(5000) r(i)"
    assert profiled(sql) == profiled(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1 AS a WHERE false",
        "SELECT NULL::VARCHAR AS a, NULL::INTEGER AS b, NULL::DATE AS c",
        "SELECT [1, 2] AS a, {'x': 1} AS b, true AS c, TIME '10:00' AS d, 'x'::BLOB AS e",
        "SELECT 1e308 AS a UNION ALL SELECT -1e308",
        "SELECT DATE 'infinity' AS a UNION ALL SELECT DATE '2013-01-01'",
        "SELECT 170141183460469231731687303715884105727 AS a, 12.50::DECIMAL(10, 2) AS b",
        """SELECT 1 AS "a""b", 2 AS "x; --", 3 AS " ", 4 AS "{c}" """,
    ],
)
def test_odd_tables_have_profiles_that_json_and_a_page_can_hold(sql: str) -> None:
    told = profiled(sql)
    assert json.loads(json.dumps(document(told), allow_nan=False))["rows"] == told.rows
    assert "<h1>odd</h1>" in html("odd", told)


def test_masked_columns_show_no_value() -> None:
    told = profiled("SELECT 'secret' || (i % 9) AS name, i % 9 + 770 AS age FROM range(90) r(i)")
    hidden = masked(told, {"name", "age"})
    said = json.dumps(document(hidden)) + html("people", hidden)
    assert "secret" in json.dumps(document(told))
    assert "secret" not in said
    assert "77" not in json.dumps(document(hidden)["columns"][1] | {"likeness": 0})
    assert hidden.column("name").distinct == 9


def test_the_page_obeys_nothing_that_stands_in_data() -> None:
    script = "<script>alert(1)</script>"
    page = html(script, profiled(f"SELECT '{script}' AS \"{script}\" FROM range(3)"))
    assert "<script" not in page
    assert "&lt;script&gt;" in page


@pytest.mark.parametrize(
    ("column", "dataset", "key", "same"),
    [
        ("customer_id", "customers", "id", True),
        ("customerId", "customers", "customer_id", True),
        ("carrier", "airlines", "carrier", True),
        ("country", "countries", "code", True),
        ("id", "customers", "id", False),
        ("month", "customers", "id", False),
    ],
)
def test_a_reference_is_called_like_what_it_refers_to(
    column: str, dataset: str, key: str, same: bool
) -> None:
    assert alike(column, dataset, key) is same


def test_keys_of_the_document_are_stable() -> None:
    told: dict[str, Any] = document(profiled("SELECT 1 AS a"))
    assert set(told) == {"rows", "columns", "keys", "correlations", "orderings", "remarks"}
    assert set(told["columns"][0]) == {
        *("name", "type", "family", "rows", "nulls", "null_share", "distinct", "exact"),
        *("likeness", "min", "max", "top", "histogram", "numbers", "moments", "texts"),
        *("masked", "unique", "constant", "binary"),
    }
