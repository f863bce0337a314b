"""What a contract marks as personal stands in the table and in raw records, and nowhere else."""

import pytest

from flows import steps
from flows.run import run

PEOPLE = """
dataset: people
files: "people*.csv"
owner: registry@example.net
gate: none
columns:
  - {name: id, type: integer, checks: [not_null]}
  - name: mail
    type: varchar
    pii: true
    checks:
      - matches: {pattern: ".+@.+"}
      - unique
      - length: {max: 12, severity: warning}
  - {name: born, type: date, pii: true}
  - {name: town, type: varchar, checks: [{accepted_values: {values: [Brest, Nantes]}}]}
checks:
  - unique: {columns: [mail, town]}
  - expression: {sql: "CAST(mail AS INTEGER) IS NULL", name: broken}
  - row_count: {min: 1, where: "CAST(mail AS INTEGER) > 0"}
  - sql_value: {query: "SELECT CAST(max(mail) AS INTEGER) FROM this", max: 3}
"""
SECRETS = ("lovelace", "babbage-the-elder", "nobody knows", "1815-12-10", "tenth of December")
ROWS = f"""id,mail,born,town
1,{SECRETS[0]},{SECRETS[3]},Brest
2,{SECRETS[1]}@example.org,{SECRETS[4]},Paris
3,{SECRETS[1]}@example.org,{SECRETS[3]},Paris
4,{SECRETS[2]},,Nantes
"""


@pytest.fixture(params=[["people.csv"], ["people_1.csv", "people_2.csv"]], ids=["alone", "batch"])
def project(make_project, request):
    files = {name: ROWS.replace("1,", f"{place},", 1) for place, name in enumerate(request.param)}
    project = make_project({"people.yaml": PEOPLE, **files})
    run(project)
    return project


def secrets_in(text):
    return [secret for secret in SECRETS if secret in text]


def test_no_report_tells_a_personal_value(project):
    reports = {path.name: path.read_text() for path in project.reports.iterdir()}
    assert {"people.html", "people.md", "people.json"} <= reports.keys()
    assert {name: secrets_in(text) for name, text in reports.items() if secrets_in(text)} == {}
    assert "•••" in reports["people.html"]
    assert "Paris" in reports["people.html"], "what is not personal is shown as ever"


def test_the_warehouse_keeps_personal_values_only_where_people_work_on_them(project):
    with steps.open_warehouse(project) as con:
        for table in ("scores", "results", "overlaps", "loads", "schema_changes"):
            kept = con.execute(f"SELECT t::VARCHAR FROM pratique.{table} t").fetchall()
            assert secrets_in(str(kept)) == [], table
        said, raw = con.execute(
            "SELECT string_agg(failures::VARCHAR), string_agg(raw) FROM quarantine.people"
        ).fetchall()[0]
        (rows,) = con.execute("SELECT count(*) FROM main.people").fetchall()[0]
    assert secrets_in(said) == []
    assert "mail is •••" in said
    assert "Paris" in said
    assert len(secrets_in(raw)) == len(SECRETS)
    assert rows == 0
