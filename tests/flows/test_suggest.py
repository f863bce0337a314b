"""Profile and suggest, as a new user meets them: real files, in a project and in no place yet."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flows import contract as contracts
from flows.drafting import Draft, draft
from flows.linting import lint
from flows.scaffold import create
from flows.titles import title_of

LANDING = Path(__file__).parents[2] / "data" / "sample" / "landing"
FILES = sorted(LANDING.iterdir())
Pratique = Callable[..., Any]


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A new project, in which we stand."""
    create(tmp_path / "shop")
    monkeypatch.chdir(tmp_path / "shop")
    return tmp_path / "shop"


def found(drafts: list[Draft], dataset: str, rule: str) -> list[Any]:
    """What was suggested of a rule: the columns, or the column with where it refers to."""
    (one,) = (each for each in drafts if each.dataset == dataset)
    told = [each for each in one.suggested if each.rule == rule]
    if rule == "foreign_key":
        return [(each.column, each.arguments["to"]) for each in told]
    return [[each.column] if each.column else each.arguments["columns"] for each in told]


@pytest.fixture(scope="module")
def sample() -> list[Draft]:
    return draft(FILES, None)


@pytest.mark.parametrize(
    ("dataset", "key"),
    [
        ("airlines", ["carrier"]),
        ("airports", ["faa"]),
        ("planes", ["tailnum"]),
        ("flights", ["carrier", "flight", "time_hour"]),
        ("weather", ["origin", "time_hour"]),
    ],
)
def test_the_keys_of_the_sample_are_found(
    sample: list[Draft], dataset: str, key: list[str]
) -> None:
    assert found(sample, dataset, "primary_key") == [key]


def test_the_references_of_the_sample_are_found(sample: list[Draft]) -> None:
    assert found(sample, "flights", "foreign_key") == [
        ("carrier", "airlines.carrier"),
        ("tailnum", "planes.tailnum"),
        ("origin", "airports.faa"),
        ("dest", "airports.faa"),
    ]
    assert found(sample, "weather", "foreign_key") == [("origin", "airports.faa")]
    assert found(sample, "airports", "foreign_key") == []
    (flights,) = (each for each in sample if each.dataset == "flights")
    assert "# 84 % of 5 740 values are found in planes.tailnum" in flights.text
    assert "foreign_key: {to: planes.tailnum, severity: warning}" in flights.text
    assert "foreign_key: {to: airlines.carrier}" in flights.text


def test_ranges_are_those_that_everybody_knows_or_widened_and_then_warn(
    sample: list[Draft],
) -> None:
    texts = {each.dataset: each.text for each in sample}
    assert "# smallest 5, largest 23; an hour of the day" in texts["flights"]
    assert "range: {min: 0, max: 23}" in texts["flights"]
    assert "# smallest 80, largest 4983; widened to 0 and 9000" in texts["flights"]
    assert "range: {min: 0, max: 9000, severity: warning}" in texts["flights"]
    # The wind that no anemometer ever measured does not widen what is expected of others.
    assert "largest 1048.36058, far from all others; without that widened to" in texts["weather"]


@pytest.mark.parametrize("day", [FILES[2], FILES[4], FILES[-1]], ids=lambda file: file.name)
def test_one_day_is_enough_for_a_key_of_all_days(day: Path) -> None:
    dataset = title_of(day.name).dataset
    key = ["carrier", "flight", "time_hour"] if dataset == "flights" else ["origin", "time_hour"]
    assert found(draft([day], None), dataset, "primary_key") == [key]


def test_a_day_is_told_by_its_columns_where_there_is_no_moment(tmp_path: Path) -> None:
    rows = "".join(f"2013,2,8,{place},{hour}\n" for place in ("A", "B", "C") for hour in range(24))
    file = tmp_path / "readings_2013-02-08.csv"
    file.write_text("year,month,day,place,hour\n" + rows)
    keys = found(draft([file], None), "readings", "primary_key")
    assert keys == [["year", "month", "day", "place", "hour"]]


@pytest.mark.parametrize("file", [FILES[0], FILES[1], FILES[3], FILES[-5]], ids=lambda f: f.name)
def test_a_dropped_file_is_governed_in_two_commands(
    shop: Path, pratique: Pratique, file: Path
) -> None:
    shutil.copy(file, shop / "landing")
    written = pratique("suggest", f"landing/{file.name}")
    assert (written.code, written.err) == (0, "")
    assert f"wrote contracts/{title_of(file.name).dataset}.yaml" in written.out
    assert pratique("contract", "lint").code == 0
    ran = pratique("run", "--json")
    (load,) = ran.document["loads"]
    assert ran.code == 0
    assert load["status"] == "done"
    assert load["loaded"] == load["records_in"] > 0


def test_the_whole_sample_is_governed_by_what_one_day_of_it_says(
    shop: Path, pratique: Pratique
) -> None:
    for file in FILES:
        shutil.copy(file, shop / "landing")
    some = ("airlines.csv", "airports.csv", "planes.json", FILES[3].name, FILES[-1].name)
    assert pratique("suggest", *(f"landing/{name}" for name in some)).code == 0
    assert lint(shop / "contracts") == []
    ran = pratique("run", "--json")
    told = ran.document
    assert (ran.code, told["unclaimed"]) == (0, [])
    assert {each["dataset"]: each["grade"] for each in told["datasets"]} == dict.fromkeys(
        ("airlines", "airports", "planes", "flights", "weather"), "green"
    )
    assert sum(each["quarantined"] for each in told["loads"]) == 0


def test_what_is_published_is_referred_to(shop: Path, pratique: Pratique) -> None:
    for name in ("airlines.csv", FILES[3].name):
        shutil.copy(LANDING / name, shop / "landing")
    assert pratique("suggest", "landing/airlines.csv").code == 0
    assert pratique("run").code == 0
    assert pratique("suggest", f"landing/{FILES[3].name}").code == 0
    assert "to: airlines.carrier" in (shop / "contracts" / "flights.yaml").read_text()
    assert lint(shop / "contracts") == []


def test_nothing_is_written_over(shop: Path, pratique: Pratique) -> None:
    shutil.copy(FILES[0], shop / "landing")
    contract = shop / "contracts" / "airlines.yaml"
    contract.write_text("mine\n")
    refused = pratique("suggest", "landing/airlines.csv")
    assert refused.code == 3
    assert "contracts/airlines.yaml is there already; --force" in refused.err
    assert contract.read_text() == "mine\n"
    assert "dataset: airlines" in pratique("suggest", "landing/airlines.csv", "--out", "-").out
    assert pratique("suggest", "landing/airlines.csv", "--force").code == 0
    assert "dataset: airlines" in contract.read_text()


def test_without_a_project_the_contract_is_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pratique: Pratique
) -> None:
    monkeypatch.chdir(tmp_path)
    printed = pratique("suggest", FILES[0])
    assert printed.code == 0
    assert "dataset: airlines" in printed.out
    assert "pratique init" in printed.err
    assert list(tmp_path.iterdir()) == []
    assert pratique("suggest", FILES[0], "--out", "mine.yaml").code == 0
    assert contracts.read(tmp_path / "mine.yaml").dataset == "airlines"
    two = pratique("suggest", FILES[0], FILES[1], "--out", "both.yaml")
    assert two.code == 2
    told = pratique("suggest", FILES[0], "--json").document["contracts"][0]
    assert told["checks"][0] == {
        "rule": "primary_key",
        "column": "carrier",
        "arguments": {},
        "evidence": "16 distinct of 16",
    }


BAD = {
    "empty.csv": b"",
    "header.csv": b"a,b\n",
    "junk.csv": bytes(range(256)) * 20,
    "junk.parquet": b"PAR1" + bytes(100),
    "junk.xlsx": b"PK\x03\x04junk",
    "cut.json": b'{"a": ',
    "unknown.xyz": b"a,b\n1,2\n",
}


@pytest.mark.parametrize("name", BAD)
@pytest.mark.parametrize("command", ["suggest", "profile"])
def test_what_cannot_be_read_is_said_and_nothing_is_written(
    shop: Path, pratique: Pratique, command: str, name: str
) -> None:
    (shop / "landing" / name).write_bytes(BAD[name])
    before = sorted(shop.rglob("*"))
    ended = pratique(command, f"landing/{name}")
    if name == "unknown.xyz":  # what it is, its content tells
        assert ended.code == 0
        return
    assert ended.code == 3
    assert ended.err.startswith("pratique: ")
    assert sorted(shop.rglob("*")) == before


def test_a_file_that_is_not_there_is_said(shop: Path, pratique: Pratique) -> None:
    assert pratique("suggest", "landing/no.csv").code == 3
    ended = pratique("profile", "nothing")
    assert (ended.code, "neither a file nor a published dataset" in ended.err) == (3, True)


def written(directory: Path, name: str, content: str | bytes) -> contracts.Contract:
    """The contract that is drafted for a file."""
    data = content if isinstance(content, bytes) else content.encode()
    (directory / name).write_bytes(data)
    (one,) = draft([directory / name], None)
    path = directory / "contract.yaml"
    path.write_text(one.text, encoding="utf-8")
    assert lint(path) == []
    return contracts.read(path)


def test_the_dialect_is_pinned(tmp_path: Path) -> None:
    rows = "".join(f"Jürgen {i};Köln;{i:02}.02.2013\n" for i in range(1, 29))
    source = written(tmp_path, "kunden.csv", f"name;stadt;seit\n{rows}".encode("latin-1")).source
    assert source.format is not None
    told = source.format.model_dump()
    assert (told["delimiter"], told["quote"], told["header"]) == (";", '"', True)
    assert told["encoding"] in ("cp1252", "iso8859-1", "latin-1")
    assert (source.columns[2].type, source.columns[2].format) == ("date", "%d.%m.%Y")


def test_what_stands_within_json_has_a_path(tmp_path: Path) -> None:
    lines = '{"_id": 1, "at": {"city": "X", "zip": "007"}, "tags": [1]}\n{"_id": 2, "at": {}}\n'
    columns = written(tmp_path, "people.jsonl", lines).source.columns
    assert {c.name: (c.type, c.path) for c in columns} == {
        "id": ("integer", "_id"),
        "at_city": ("varchar", "at.city"),
        "at_zip": ("varchar", "at.zip"),
        "tags": ("json", None),
    }


def test_records_within_an_object_are_found(tmp_path: Path) -> None:
    source = written(tmp_path, "answer.json", '{"data": {"items": [{"a": 1}, {"a": 2}]}}').source
    assert source.format is not None
    assert source.format.model_dump()["records"] == "data.items"
    assert [column.name for column in source.columns] == ["a"]


def test_files_of_one_name_become_one_contract(tmp_path: Path) -> None:
    rows = "".join(f"{i},{i}\n" for i in range(20))
    (tmp_path / "orders_1.csv").write_text("id,a\n" + rows)
    (tmp_path / "orders_2.csv").write_text("id,a,b\n" + rows.replace("\n", ",x\n"))
    (one,) = draft([tmp_path / "orders_1.csv", tmp_path / "orders_2.csv"], None)
    path = tmp_path / "orders.yaml"
    path.write_text(one.text)
    source = contracts.read(path).source
    assert source.files == "orders_*.csv"
    assert [(c.name, c.required) for c in source.columns] == [
        ("id", True),
        ("a", True),
        ("b", False),
    ]


def test_few_records_say_little(tmp_path: Path) -> None:
    contract = written(tmp_path, "small.csv", "id,name\n1,a\n2,b\n3,c\n")
    assert [check.rule.name for check in contracts.checks(contract)] == ["type"]
    assert "3 records say too little" in (tmp_path / "contract.yaml").read_text()


def test_what_is_about_persons_is_marked(tmp_path: Path) -> None:
    rows = "".join(f"{i},person{i}@example.org\n" for i in range(80))
    contract = written(tmp_path, "people.csv", "id,mail\n" + rows)
    assert contract.pii == {"mail"}
    rules = {check.rule.name for check in contracts.checks(contract)}
    assert "semantic_format" in rules


NASTY = st.text(
    st.sampled_from("aA0 ,;\"'#:-{}[]&*!|>%@`$\n\r\t\\~?é😀\u2028_.")
    | st.characters(codec="utf-8"),
    max_size=12,
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    names=st.lists(NASTY.filter(str.strip), min_size=1, max_size=4, unique=True),
    values=st.lists(NASTY | st.sampled_from(["YES", "no", "007", "~", "2013-02-08", "${x}"])),
)
def test_whatever_stands_in_a_file_its_contract_can_be_read(
    names: list[str], values: list[str]
) -> None:
    records = [dict.fromkeys(names, value) for value in [*values, "x"]] * 6
    with tempfile.TemporaryDirectory() as scratch:
        contract = written(
            Path(scratch), "nasty.jsonl", "".join(json.dumps(each) + "\n" for each in records)
        )
        contracts.checks(contract)


def test_a_profile_answers_in_words_json_and_html(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pratique: Pratique
) -> None:
    monkeypatch.chdir(tmp_path)
    shown = pratique("profile", FILES[3])
    assert shown.code == 0
    assert "key: carrier, flight" in shown.out
    told = pratique("profile", FILES[3], "--json").document
    assert (told["subject"], told["rows"], len(told["columns"])) == (FILES[3].name, 930, 19)
    assert pratique("profile", FILES[3], "--format", "html", "--out", "p.html").code == 0
    page = (tmp_path / "p.html").read_text()
    assert "<svg" in page
    assert "<script" not in page
    assert "http://" not in page.replace("http://www.w3.org", "")


def test_a_published_dataset_has_a_profile_and_hides_what_is_personal(
    shop: Path, pratique: Pratique
) -> None:
    rows = "".join(f"{i},person{i}@example.org\n" for i in range(80))
    (shop / "landing" / "people.csv").write_text("id,mail\n" + rows)
    assert pratique("suggest", "landing/people.csv").code == 0
    assert pratique("run").code == 0
    told = pratique("profile", "people", "--json")
    columns = told.document["columns"]
    assert [column["name"] for column in columns] == ["id", "mail"]
    assert (columns[1]["masked"], columns[1]["distinct"]) == (True, 80)
    assert "person1" not in told.out
    assert "person1" not in pratique("profile", "landing/people.csv", "--json").out
    (shop / "people").write_text("a\n1\n")  # a file of that name is what is meant
    assert pratique("profile", "people", "--json").document["columns"][0]["name"] == "a"


@pytest.mark.parametrize(
    ("name", "dataset", "glob"),
    [
        ("flights_2013-02-08.csv", "flights", "flights_*.csv"),
        ("flights_20130208T0500.csv.gz", "flights", "flights_*.csv"),
        ("airlines.csv", "airlines", "airlines.csv"),
        ("emea/Orders (3).xlsx", "orders", "emea/Orders *.xlsx"),
        ("jan.zip/orders_1.csv", "orders", "orders_*.csv"),
        ("sales_2024_Q1.csv", "sales", "sales_*.csv"),
        ("2024.csv", "data_2024", "2024.csv"),
        ("main.csv", "main_data", "main.csv"),
        ("a*b[1].csv", "a_b", "a?b?*?.csv"),
        ("日本.csv", "data", "日本.csv"),
    ],
)
def test_a_name_tells_the_dataset_and_its_files(name: str, dataset: str, glob: str) -> None:
    title = title_of(name)
    assert (title.dataset, title.glob) == (dataset, glob)
