"""What suppliers really send: said clearly, counted in full, and no harm to the files beside it."""

from __future__ import annotations

import ctypes
import json
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any, NamedTuple

import duckdb
import pytest

from flows.project import Project

MakeProject = Callable[..., Project]
Pratique = Callable[..., Any]
Run = Callable[[Project], tuple[int, dict[str, Any]]]

HEADER = "id,customer,amount\n"
GOOD = "".join(f"{i},a,5\n" for i in range(1, 31))
JSON = [json.dumps({"id": i, "customer": "a", "amount": 5}) for i in range(1, 31)]
ODD = 'select "x"; --'
ODD_CONTRACT = f"""
dataset: odd
files: "odd*"
columns:
  - {{name: '{ODD}', type: integer, checks: [not_null, {{range: {{min: 0}}}}]}}
"""
BESIDE = {"customers.csv": "code\na\n", "orders_beside.csv": HEADER + "900,a,5\n901,a,6\n"}
CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, PR_CAPBSET_DROP = 1, 2, 24


class Case(NamedTuple):
    """A file, what is said about it, and where its records go."""

    content: str | bytes
    said: str = ""
    """In the answer of `check`, and of `run` or its quarantine; nothing where all is well."""
    records: int = 0
    loaded: int = 0
    quarantined: int = 0
    code: int = 0
    """Exit code of both commands."""
    name: str = "orders.csv"


CASES = {
    "empty file": Case("", "the file is empty", code=1),
    "header only": Case(HEADER, "no records were received", code=1),
    "header in another order": Case("amount,id,customer\n5,1,a\n6,2,a\n", records=2, loaded=2),
    "missing column": Case("id,customer\n1,a\n", "the column amount is missing", 1, code=1),
    "extra column": Case(
        "id,note,customer,amount\n1,hello,a,5\n", "no column note", records=1, loaded=1
    ),
    "short row": Case(
        f"{HEADER}{GOOD}31,a\n", "2 fields where 3 are expected", 31, loaded=30, quarantined=1
    ),
    "long row": Case(
        f"{HEADER}31,a,5,6\n{GOOD}", "4 fields where 3 are expected", 31, loaded=30, quarantined=1
    ),
    "unterminated quote": Case(
        f'{HEADER}31,"a,5\n{GOOD}', "a quote is opened and not closed", 31, 30, 1
    ),
    "NUL bytes": Case(f"{HEADER}31,\0,5\n{GOOD}", "NUL byte", 31, 30, 1),
    "invalid UTF-8": Case(
        f"{HEADER}31,@,5\n{GOOD}".encode().replace(b"@", b"\xff"), "not UTF-8", 31, 30, 1
    ),
    "cast failure": Case(f"{HEADER}31,nobody,five\n{GOOD}", "readable as double", 31, 30, 1),
    "rule failure beside it": Case(f"{HEADER}31,nobody,five\n{GOOD}", "customers.code", 31, 30, 1),
    "truncated JSON array": Case(
        f'[{", ".join(JSON)}, {{"id": 31, "cust', "not valid JSON", 31, 30, 1, name="orders.json"
    ),
    "bad line among JSON lines": Case(
        "\n".join([*JSON[:9], '{"id": 31,', *JSON[9:]]),
        "not valid JSON",
        31,
        30,
        1,
        name="orders.jsonl",
    ),
    "column that looks like SQL": Case(
        '"select ""x""; --"\n1\n2\n', records=2, loaded=2, name="odd.csv"
    ),
    "name with quotes and newline": Case(
        f"{HEADER}{GOOD}", records=30, loaded=30, name="orders '\"\n.csv"
    ),
}


def unprivileged(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Run a command as one whom file permissions bind."""
    ended = subprocess.run(
        [sys.executable, "-c", "from flows.cli import main; main()", *map(str, arguments)],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        preexec_fn=_obey_permissions,
        check=False,
    )
    assert "Traceback" not in ended.stderr
    return ended


def _obey_permissions() -> None:
    """Take from root what lets it read any file; others have no such thing to lose."""
    for capability in (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH):
        ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, capability)


@pytest.fixture
def run(pratique: Pratique) -> Run:
    """Run a project: how that ended, and what it came to."""

    def ran(project: Project) -> tuple[int, dict[str, Any]]:
        ended = pratique("run", "--json", "--project", project.directory)
        return ended.code, ended.document

    return ran


def rows(project: Project, query: str, *values: object) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(project.warehouse), read_only=True) as con:
        return con.execute(query, values).fetchall()


@pytest.mark.parametrize("name", CASES)
def test_a_bad_file_harms_no_other(make_project: MakeProject, run: Run, name: str) -> None:
    case = CASES[name]
    made = make_project({"odd.yaml": ODD_CONTRACT} | BESIDE)
    (made.landing / case.name).write_bytes(
        case.content if isinstance(case.content, bytes) else case.content.encode()
    )
    code, summary = run(made)
    loads = {load["file"]: load for load in summary["loads"]}
    load = loads[case.name]
    assert (load["records_in"], load["loaded"], load["quarantined"]) == case[2:5]
    assert load["records_in"] == load["loaded"] + load["quarantined"] + load["skipped"]
    table = f"quarantine.{load['dataset']}"
    kept = rows(made, f"SELECT failures FROM {table} WHERE file = ?", case.name) if case[4] else []
    assert len(kept) == case.quarantined
    if case.quarantined or case.code:
        assert case.said in f"{load['error']} {load['set_by']} {kept}"
    assert code == case.code
    assert loads["orders_beside.csv"]["loaded"] == 2


@pytest.mark.parametrize("name", CASES)
def test_check_says_beforehand_what_is_wrong(
    make_project: MakeProject, run: Run, pratique: Pratique, name: str
) -> None:
    case = CASES[name]
    made = make_project({"odd.yaml": ODD_CONTRACT} | BESIDE)
    run(made)
    file = made.directory / case.name
    file.write_bytes(case.content if isinstance(case.content, bytes) else case.content.encode())
    before = sorted(made.directory.rglob("*"))
    ended = pratique("check", file, "--json", "--project", made.directory)
    assert ended.code == case.code
    found = ended.document
    assert found["records_in"] == found["good"] + found["bad"] == case.records
    assert found["good"] == case.loaded
    assert case.said in json.dumps([found["file_errors"], found["checks"], found["set_by"]])
    assert sorted(made.directory.rglob("*")) == before


def test_a_record_shows_its_cast_failure_and_its_rule_failure(
    make_project: MakeProject, run: Run
) -> None:
    made = make_project(BESIDE | {"orders.csv": CASES["cast failure"].content})
    run(made)
    ((failures,),) = rows(made, "SELECT failures FROM quarantine.orders")
    assert {failure["check"] for failure in failures} == {"type(amount)", "foreign_key(customer)"}
    assert {failure["value"] for failure in failures} == {"five", "nobody"}


def test_what_is_no_file_is_left_alone_and_named(make_project: MakeProject, run: Run) -> None:
    made = make_project(BESIDE)
    (made.landing / "orders_dir.csv").mkdir()
    (made.landing / "orders_link.csv").symlink_to(made.landing / "orders_beside.csv")
    code, summary = run(made)
    assert code == 0
    assert summary["ignored"].keys() == {"orders_dir.csv", "orders_link.csv"}
    assert len(summary["loads"]) == 2


def test_check_reads_no_directory_and_warns_of_a_link(
    make_project: MakeProject, pratique: Pratique
) -> None:
    made = make_project(BESIDE)
    (made.landing / "orders_dir.csv").mkdir()
    (made.landing / "orders_link.csv").symlink_to(made.landing / "orders_beside.csv")
    at = ("--json", "--project", made.directory)
    ended = pratique("check", made.landing / "orders_dir.csv", *at)
    assert (ended.code, ended.out) == (3, "")
    assert "is not a regular file" in ended.err
    found = pratique("check", made.landing / "orders_link.csv", *at).document
    assert found["file_errors"][0]["code"] == "symbolic-link"
    assert found["records_in"] == 2


def test_a_file_that_may_not_be_read_is_told_and_tried_again(
    make_project: MakeProject, run: Run
) -> None:
    made = make_project(BESIDE | {"orders.csv": HEADER + GOOD})
    file = made.landing / "orders.csv"
    file.chmod(0)
    ended = unprivileged("run", "--json", "--project", made.directory)
    loads = json.loads(ended.stdout)["loads"]
    failed = next(load for load in loads if load["file"] == "orders.csv")
    assert ended.returncode == 3
    assert failed["status"] == "failed"
    assert "Permission denied" in failed["error"]
    ended = unprivileged("check", file, "--project", made.directory)
    assert (ended.returncode, ended.stdout) == (3, "")
    assert "Permission denied" in ended.stderr
    file.chmod(0o600)
    code, summary = run(made)
    assert (code, summary["loads"][0]["loaded"]) == (0, 30)
