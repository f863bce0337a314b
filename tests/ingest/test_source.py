"""Source: what it accepts, what it refuses and where, and which names it claims."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest
from pydantic import ValidationError

from ingest.columns import ALIASES, TYPES, Column
from ingest.source import Csv, Json, Source, claims

ORDERS: dict[str, Any] = {
    "dataset": "orders",
    "files": "orders_*.csv",
    "columns": [{"name": "id", "type": "integer"}, {"name": "city"}],
}


def source(**changes: Any) -> Source:
    return Source.model_validate(ORDERS | changes)


def test_the_least_a_contract_says() -> None:
    orders = source()
    assert (orders.load, orders.key, orders.format) == ("append", (), None)
    assert orders.columns[1] == Column(name="city", type="varchar", required=True)


def test_format_is_told_by_its_type() -> None:
    assert source(format={"type": "csv", "null_values": ["NA", ""]}).format == Csv(
        null_values=("NA", "")
    )
    assert source(format={"type": "json"}).format == Json()


@pytest.mark.parametrize("name", [*TYPES, *ALIASES, "decimal(10,2)", "Decimal( 10 )", "NUMERIC"])
def test_every_type_is_spelled_as_duckdb_spells_it(name: str) -> None:
    spelled = Column(name="x", type=name).duckdb_type
    assert duckdb.execute(f"SELECT typeof(CAST(NULL AS {spelled}))").fetchall() == [(spelled,)]


@pytest.mark.parametrize("specifier", "aAbBcdfgGHIjmMnpSuUVwWxXyYzZ%")
@pytest.mark.parametrize("padding", ["", "-"])
def test_formats_are_those_duckdb_reads(specifier: str, padding: str) -> None:
    format = f"%Y %{padding}{specifier}"
    try:
        duckdb.execute("SELECT try_strptime('1', ?)", [format]).fetchall()
    except duckdb.Error:
        with pytest.raises(ValidationError, match="is not a strptime format"):
            Column(name="x", type="date", format=format)
    else:
        assert Column(name="x", type="date", format=format).format == format


@pytest.mark.parametrize(
    ("changes", "place", "message"),
    [
        ({"dataset": "Orders"}, ("dataset",), "'Orders' cannot name a dataset"),
        ({"dataset": "o" * 64}, ("dataset",), "cannot name a dataset"),
        ({"dataset": 'o"; --'}, ("dataset",), "cannot name a dataset"),
        ({"dataset": "orders\n"}, ("dataset",), "cannot name a dataset"),
        ({"dataset": "quarantine"}, ("dataset",), "'quarantine' is reserved; so are main, "),
        ({"files": "/etc/*.csv"}, ("files",), "must stay below the landing directory"),
        ({"files": "../*.csv"}, ("files",), "must stay below the landing directory"),
        ({"files": "a/../*.csv"}, ("files",), "must stay below the landing directory"),
        ({"files": "./*.csv"}, ("files",), "must stay below the landing directory"),
        ({"files": ""}, ("files",), "must stay below the landing directory"),
        ({"files": "a\\*.csv"}, ("files",), "with / between its parts"),
        ({"load": "merge"}, ("load",), "merge needs a key"),
        ({"key": ["id"]}, ("key",), "append uses no key; only merge does"),
        ({"load": "merge", "key": ["idd"]}, ("key", 0), "columns are id, city"),
        ({"format": {"type": "xml"}}, ("format",), "'csv', 'json'"),
        ({"format": {"type": "csv", "quote": '""'}}, ("format", "csv", "quote"), "one ASCII"),
        ({"format": {"type": "csv", "delimiter": ""}}, ("format", "csv", "delimiter"), "1 to 4"),
        (
            {"format": {"type": "csv", "delimiter": '|"|', "quote": '"'}},
            ("format", "delimiter"),
            "part of the delimiter",
        ),
        ({"columns": []}, ("columns",), "name at least one"),
        ({"columns": [{"name": f"c{i}"} for i in range(1001)]}, ("columns",), "at most 1000 can"),
        ({"columns": [{"name": "_id"}]}, ("columns", 0, "name"), "'_id' starts with _"),
        ({"columns": [{"name": " "}]}, ("columns", 0, "name"), "' ' cannot name a column"),
        ({"columns": [{"name": "a"}, {"name": "A"}]}, ("columns", 1, "name"), "columns[0]"),
        ({"columns": [{"name": "a", "type": "varchar(9)"}]}, ("columns", 0, "type"), "only decima"),
        ({"columns": [{"name": "a", "type": "blob"}]}, ("columns", 0, "type"), "types are boolean"),
        ({"columns": [{"name": "a", "type": "decimal(3,4)"}]}, ("columns", 0, "type"), "1 to 38"),
        ({"columns": [{"name": "a", "type": "decimal(39)"}]}, ("columns", 0, "type"), "1 to 38"),
        ({"columns": [{"name": "a", "format": "%Y"}]}, ("columns", 0, "format"), "takes no format"),
        ({"owner": "me"}, ("owner",), "Extra inputs are not permitted"),
    ],
)
def test_what_is_refused_and_at_which_key(
    changes: dict[str, Any], place: tuple[str | int, ...], message: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        source(**changes)
    errors = [(error["loc"], error["msg"]) for error in caught.value.errors()]
    assert [loc for loc, _ in errors] == [place]
    assert message in errors[0][1]


def test_all_disagreements_are_told_at_once() -> None:
    with pytest.raises(ValidationError) as caught:
        source(load="merge", key=["nr", "no"], columns=[{"name": "id"}, {"name": "ID"}])
    assert [error["loc"] for error in caught.value.errors()] == [
        ("columns", 1, "name"),
        ("key", 0),
        ("key", 1),
    ]


@pytest.mark.parametrize(
    ("changes", "same"),
    [
        ({"load": "merge", "key": ["id"]}, True),
        ({"files": "o*.csv"}, True),
        ({"columns": [{"name": "id", "type": "int", "description": "x"}, {"name": "city"}]}, True),
        ({"columns": [{"name": "id", "type": "bigint"}, {"name": "city"}]}, False),
        ({"columns": [{"name": "city"}, {"name": "id", "type": "integer"}]}, False),
        ({"columns": [*ORDERS["columns"], {"name": "x"}]}, False),
        ({"format": {"type": "csv"}}, False),
        ({"format": {"type": "csv", "null_values": ["NA"]}}, False),
    ],
)
def test_fingerprint_changes_with_how_records_are_read(changes: dict[str, Any], same: bool) -> None:
    assert (source(**changes).fingerprint == source().fingerprint) is same


@pytest.mark.parametrize(
    ("glob", "name", "claimed"),
    [
        ("*.csv", "a.csv", True),
        ("*.csv", "a.CSV", False),
        ("*.csv", ".csv", True),
        ("*.csv", "in/a.csv", False),
        ("*.csv", "a.csv\n", False),
        ("*.csv", 'it\'s "a"\nfile.csv', True),
        ("in/*.csv", "in/a.csv", True),
        ("in/*.csv", "in/deep/a.csv", False),
        ("**/*.csv", "a.csv", True),
        ("**/*.csv", "in/deep/a.csv", True),
        ("in/**", "in/deep/a.csv", True),
        ("in/**", "out/a.csv", False),
        ("in/**/a.csv", "in/a.csv", True),
        ("in/**/x/*.csv", "in/x/x/x/a.csv", True),
        ("in/**/x/*.csv", "in/x/a/b.csv", False),
        ("**/**/**/b", "a/" * 2000 + "a", False),
        ("a?.csv", "ab.csv", True),
        ("a?.csv", "a/.csv", False),
        ("a[0-9].csv", "a7.csv", True),
        ("a[!0-9].csv", "a/.csv", False),
        ("a[*].csv", "a*.csv", True),
        ("a[*].csv", "ab.csv", False),
        ("a**.csv", "a/b.csv", False),
        ("*.csv", "a.csv.gz", True),
        ("*.csv", "a.csv.ZST", True),
        ("*.csv.gz", "a.csv.gz", True),
        ("*.csv", "a.gz", False),
        ("*.csv", "jan.zip/a.csv", True),
        ("*.csv", "jan.zip/deep/a.csv.xz", True),
        ("deep/*.csv", "jan.zip/deep/a.csv", True),
        ("in/*.csv", "in/jan.zip/a.csv", True),
        ("in/*.csv", "jan.zip/out/a.csv", False),
        ("jan.*", "JAN.ZIP/a.csv", False),
        ("*.zip", "jan.zip/a.csv", True),
        ("*.zip", "in/jan.zip/a.csv", False),
        ("jan.zip/*.csv", "jan.zip/a.csv", True),
        ("*.csv", "all.zip/jan.zip/a.csv", True),
        ("all.zip/jan.zip", "all.zip/jan.zip/a.csv", True),
        ("*.csv", "folder/a.csv", False),
    ],
)
def test_claims(glob: str, name: str, claimed: bool) -> None:
    assert claims(source(files=glob), name) is claimed
