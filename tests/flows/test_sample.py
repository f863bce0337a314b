"""The sample holds the week and the faults that it was cut for, and its contracts are sound."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from flows import contract as contracts
from flows import project
from flows.linting import lint
from flows.references import order
from ingest.source import claims

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "data" / "sample"
LANDING = SAMPLE / "landing"
DAYS = [f"2013-02-{day:02}" for day in range(7, 14)]

FLIGHTS = dict(zip(DAYS, [932, 930, 684, 829, 929, 893, 918], strict=True))
RECORDS = {
    **{f"flights_{day}.csv": records for day, records in FLIGHTS.items()},
    **{f"weather_{day}.jsonl": 72 for day in DAYS},
    "planes.json": 3322,
    "airports.csv": 1458,
    "airlines.csv": 16,
}


def records(name: str) -> list[dict[str, Any]]:
    with (LANDING / name).open(encoding="utf-8", newline="") as file:
        match Path(name).suffix:
            case ".csv":
                return list(csv.DictReader(file))
            case ".jsonl":
                return [json.loads(line) for line in file]
            case _:
                return json.load(file)


def test_the_landing_directory_holds_the_week_and_nothing_else() -> None:
    assert {file.name for file in LANDING.iterdir()} == set(RECORDS)


@pytest.mark.parametrize(("name", "count"), RECORDS.items())
def test_every_file_has_its_records(name: str, count: int) -> None:
    assert len(records(name)) == count


@pytest.mark.parametrize("day", DAYS)
def test_a_file_holds_one_local_day(day: str) -> None:
    for name in (f"flights_{day}.csv", f"weather_{day}.jsonl"):
        days = {(int(r["year"]), int(r["month"]), int(r["day"])) for r in records(name)}
        assert days == {tuple(map(int, day.split("-")))}


def test_most_flights_of_the_blizzard_were_cancelled() -> None:
    cancelled = {
        day: sum(flight["dep_time"] == "NA" for flight in records(f"flights_{day}.csv"))
        for day in DAYS
    }
    shares = {day: cancelled[day] / FLIGHTS[day] for day in DAYS}
    assert {day for day, share in shares.items() if share > 0.5} == {"2013-02-08", "2013-02-09"}
    assert {day for day, share in shares.items() if share > 0.1} == {"2013-02-08", "2013-02-09"}


def test_four_destinations_have_no_airport() -> None:
    airports = {airport["faa"] for airport in records("airports.csv")}
    dests = {flight["dest"] for day in DAYS for flight in records(f"flights_{day}.csv")}
    assert dests - airports == {"BQN", "PSE", "SJU", "STT"}


def test_some_flights_name_no_aircraft_or_one_that_no_registry_has() -> None:
    planes = {plane["tailnum"] for plane in records("planes.json")}
    tails = [flight["tailnum"] for day in DAYS for flight in records(f"flights_{day}.csv")]
    assert tails.count("NA") == 375
    assert sum(tail not in planes for tail in tails if tail != "NA") == 919


def test_one_wind_is_impossible() -> None:
    winds = {day: max(r["wind_speed"] for r in records(f"weather_{day}.jsonl")) for day in DAYS}
    assert {day: wind for day, wind in winds.items() if wind > 253} == {"2013-02-12": 1048.36058}


def test_every_key_of_the_project_file_is_known() -> None:
    sample = project.read(SAMPLE / "pratique.yaml")
    assert sample.landing == LANDING
    assert sample.contracts == SAMPLE / "contracts"


def test_the_contracts_are_sound() -> None:
    assert lint(SAMPLE / "contracts") == []


def test_references_are_loaded_before_what_refers_to_them() -> None:
    known, problems = contracts.read_all(SAMPLE / "contracts")
    ordered = [contract.dataset for contract in order(known)]
    assert not problems
    assert ordered[-1] == "flights"
    assert ordered.index("airports") < ordered.index("weather")


@pytest.mark.parametrize("name", RECORDS)
def test_one_contract_claims_a_file(name: str) -> None:
    known, _ = contracts.read_all(SAMPLE / "contracts")
    claimants = [contract.dataset for contract in known if claims(contract.source, name)]
    assert claimants == [name.replace("_", ".").split(".")[0]]


@pytest.mark.parametrize("dataset", ["flights", "orders"])
def test_the_contracts_of_the_benchmarks_are_sound_and_have_twenty_checks(
    dataset: str, tmp_path: Path
) -> None:
    shutil.copytree(SAMPLE / "contracts", tmp_path, dirs_exist_ok=True)
    shutil.copytree(ROOT / "benchmarks" / "contracts", tmp_path, dirs_exist_ok=True)
    written = [
        check
        for check in contracts.checks(contracts.read(tmp_path / f"{dataset}.yaml"))
        if check.rule.name != "type"
    ]
    assert lint(tmp_path) == []
    assert len(written) == 20
