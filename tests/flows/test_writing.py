"""Writing: what is written is read back as it was, and looks as a person would have written it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.writing import WIDTH, contract_yaml

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.dates()
    | st.sampled_from(
        ["yes", "N", "1e3", "0x1F", "12:30", "~", "- a", "# no", "a: b", "2020-01-01"]
    )
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20
)


@settings(max_examples=30, deadline=None, database=None)
@given(st.dictionaries(st.text(), VALUES))
def test_whatever_is_written_is_read_back(said: dict[str, Any]) -> None:
    assert yaml.safe_load(contract_yaml(said)) == (said or None)


@settings(max_examples=30, deadline=None, database=None)
@given(st.text(alphabet="abc def", min_size=200))
def test_long_texts_are_folded_without_a_change(text: str) -> None:
    written = contract_yaml({"description": text, "checks": [{"expression": {"sql": text}}]})
    read = yaml.safe_load(written)
    assert (read["description"], read["checks"][0]["expression"]["sql"]) == (text, text)


@settings(max_examples=30, deadline=None, database=None)
@given(st.lists(st.text(), min_size=1))
def test_comments_say_what_they_will_and_change_nothing(lines: list[str]) -> None:
    said = {"dataset": "a", "columns": [{"name": "id", "checks": ["unique"]}]}
    places = [(), ("dataset",), ("columns", 0), ("columns", 0, "name"), ("columns", 0, "checks", 0)]
    for place in places:
        assert yaml.safe_load(contract_yaml(said, {place: lines})) == said


def test_a_contract_looks_as_a_person_would_write_it() -> None:
    said = {
        "dataset": "orders",
        "description": "What was ordered " * 8 + "at last",
        "files": "orders_*.csv",
        "format": {"type": "csv", "null_values": ["NA", ""]},
        "columns": [
            {"name": "id", "type": "bigint", "checks": ["not_null"]},
            {
                "name": "state",
                "type": "varchar",
                "checks": [{"accepted_values": {"values": ["no", "a" * 36, "b" * 36]}}],
            },
        ],
        "waivers": [{"check": "range(a)", "until": date(2026, 1, 1)}],
    }
    comments = {
        (): ["Suggested."],
        ("columns", 0, "checks", 0): ["no null in 900 rows"],
        ("columns", 1): ["3 values"],
    }
    written = contract_yaml(said, comments)
    assert (
        written
        == f"""\
# Suggested.
dataset: orders
description: >-
  {"What was ordered " * 5}What was
  ordered {"What was ordered " * 2}at last
files: orders_*.csv
format: {{type: csv, null_values: [NA, ""]}}

columns:
  - name: id
    type: bigint
    checks:
      # no null in 900 rows
      - not_null
  # 3 values
  - name: state
    type: varchar
    checks:
      - accepted_values:
          values: ["no", {"a" * 36}, {"b" * 36}]

waivers:
  - {{check: "range(a)", until: 2026-01-01}}
"""
    )
    assert all(len(line) <= WIDTH for line in written.splitlines())


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Minutes; late, or early", "Minutes; late, or early"),
        ("a: b", '"a: b"'),
        ("a #b", '"a #b"'),
        ("no", '"no"'),
        ("1e3", '"1e3"'),
        ("2020-01-01", '"2020-01-01"'),
        ("two\nlines", '"two\\nlines"'),
        ("bell\a", '"bell\\a"'),
        ("- a", '"- a"'),
    ],
)
def test_texts_stand_in_quotes_where_they_would_be_read_as_something_else(
    text: str, written: str
) -> None:
    assert contract_yaml({"description": text}) == f"description: {written}\n"


def test_a_check_leads_its_line() -> None:
    said = {"checks": [{"range": {"min": 0, "max": 1}}, "unique"]}
    assert contract_yaml(said) == "\nchecks:\n  - range: {min: 0, max: 1}\n  - unique\n"


@pytest.mark.parametrize("empty", [[], {}, "", None])
def test_what_is_empty_is_said_to_be(empty: object) -> None:
    written = contract_yaml({"dataset": "a", "checks": empty})
    assert yaml.safe_load(written) == {"dataset": "a", "checks": empty}
