"""Files that are judged by those before them, in whole runs."""

import os
from datetime import UTC, datetime, timedelta

import duckdb
import pytest

from flows.reloading import reload
from flows.run import run
from ingest import selection

VISITS = """
dataset: visits
files: visits_*.csv
columns:
  - {name: id, type: integer, checks: [not_null]}
checks:
  - metric_anomaly: {name: volume, metric: row_count, min_points: 4}
  - schema: {baseline: previous, severity: warning}
  - file_integrity: {encoding: utf-8, delimiter: ",", pattern: "visits_?.csv"}
  - arrival: {max_age: 36500 days}
"""
FOUND = """
SELECT s.file, r."check", r.outcome, r.message FROM pratique.results r
JOIN pratique.scores s USING (load_id) WHERE r.rule <> 'type' QUALIFY load_id = max(load_id)
OVER (PARTITION BY s.file) ORDER BY load_id, r."check"
"""


def visits(day, rows):
    return "id\n" + "".join(f"{day * 1000 + number}\n" for number in range(rows))


@pytest.fixture
def project(make_project):
    files = {f"visits_{day}.csv": visits(day, 100 + day % 3) for day in range(6)}
    files["visits_6.csv"] = visits(6, 3)
    made = make_project({"visits.yaml": VISITS, **files})
    for number, file in enumerate(sorted(made.landing.glob("visits*"))):
        moment = (datetime(2013, 2, 1, tzinfo=UTC) + timedelta(days=number)).timestamp()
        os.utime(file, (moment, moment))
    return made


def found(project):
    with duckdb.connect(project.warehouse, read_only=True) as con:
        rows = con.execute(FOUND).fetchall()
    return {(file, check): (outcome, message) for file, check, outcome, message in rows}


def test_a_file_is_judged_by_those_that_were_published_before_it(project):
    summary = run(project)

    told = found(project)
    assert told["visits_3.csv", "volume"] == (
        "not_evaluated",
        "not evaluated: 3 earlier files of 4 that are needed",
    )
    assert told["visits_5.csv", "volume"][0] == "passed"
    assert told["visits_6.csv", "volume"] == (
        "warned",
        "the number of rows is 3; expected between 90 and 112, from the last 6 files",
    )
    scores = {load.file: load.score for load in summary.loads}
    assert {scores[f"visits_{day}.csv"] for day in range(6)} == {1.0}
    assert scores["visits_6.csv"] < 1
    assert told["visits_0.csv", "schema"][0] == "not_evaluated"
    assert told["visits_1.csv", "schema"][0] == "passed"
    assert told["visits_1.csv", "file_integrity"][0] == "passed"


def test_a_file_that_is_loaded_again_is_judged_as_it_was(project):
    run(project)
    before = found(project)

    reload(project, lambda con: selection.by_dataset(con, "visits", 0, 1 << 62))

    assert found(project) == before
