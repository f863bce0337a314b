"""`pratique explain` tells what set a score, what to fix first, and who has to."""

import json
from datetime import date, timedelta
from xml.etree import ElementTree

import pytest

from flows.cli import main
from flows.run import run

LATER = date.today() + timedelta(days=30)
ORDERS = f"""
dataset: orders
description: What customers bought
owner: sales@example.net
files: "orders*.csv"
columns:
  - {{name: id, type: integer, checks: [not_null, {{unique: {{owner: keys@example.net}}}}]}}
  - {{name: customer, type: varchar}}
  - {{name: amount, type: double, checks: [{{range: {{min: 0, severity: critical}}}}]}}
waivers:
  - {{check: unique(id), reason: The till counts twice, owner: Ada, until: {LATER}}}
"""
GOOD = "".join(f"{id},a,5\n" for id in range(1, 41))
BAD = "40,a,-5\n41,b,-7\n"


@pytest.fixture
def explain(make_project, capsys):
    """Run a project with some files of orders, and explain them."""

    def explained(files, *options):
        contents = {name: f"id,customer,amount\n{text}" for name, text in files.items()}
        project = make_project({"orders.yaml": ORDERS, **contents})
        run(project)
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(["explain", "orders", "--project", str(project.landing.parent), *options])
        assert ended.value.code == 0
        return capsys.readouterr().out

    return explained


def test_a_held_file_is_explained_with_its_owner_and_where_to_look(explain):
    told = explain({"orders.csv": GOOD + BAD})

    assert told.startswith("🔴 0.699  orders.csv  capped by range(amount): 2 rows\n")
    assert "held: `pratique approve 1` lets the next run load it" in told
    assert "1. range(amount): 2 of 42 rows (4.8 %): amount is not at least 0." in told
    assert (
        "Fixed alone, the score would be 1.000 (green), and 2 more records could be used. " in told
    )
    assert "To act: sales@example.net." in told
    assert "line 42: -5.0" in told
    assert f"unique(id) is waived until {LATER}: The till counts twice (Ada)." in told
    assert "Green from 0.900, amber from 0.700, red below." in told


def test_the_document_has_all_files_the_worst_first(explain):
    document = json.loads(explain({"orders_1.csv": GOOD, "orders_2.csv": "50,a,-1\n"}, "--json"))

    worst, other = document["files"]
    assert (worst["file"], worst["low_volume"], other["low_volume"]) == (
        "orders_2.csv",
        True,
        False,
    )
    assert (worst["status"], other["status"]) == ("held", "published")
    (remedy,) = worst["remedies"]
    assert remedy["checks"] == ["range(amount)"]
    assert remedy["gain"] == remedy["score"] - worst["score"] > 0
    assert remedy["examples"] == [
        {"file": "orders_2.csv", "record_no": 1, "line": 2, "value": "-1.0"}
    ]
    assert worst["waivers"] == [
        {
            "check": "unique(id)",
            "reason": "The till counts twice",
            "owner": "Ada",
            "until": str(LATER),
        }
    ]
    assert other["remedies"] == []


def test_what_waivers_hide_is_said(explain):
    told = explain({"orders.csv": GOOD + "40,b,5\n"})

    assert told.startswith("🟢 1.000  orders.csv")
    assert "Without its waivers the score would be 0.951." in told


def test_nothing_judged_yet_is_no_error(explain):
    assert "no file of it was judged yet" in explain({})


def test_an_unknown_dataset_is_refused_with_a_guess(make_project, capsys):
    project = make_project({"orders.yaml": ORDERS})
    with pytest.raises(SystemExit) as ended:
        main(["explain", "order", "--project", str(project.landing.parent)])
    assert ended.value.code == 2
    assert "did you mean 'orders'" in capsys.readouterr().err


def test_a_build_server_is_told_what_a_file_and_what_a_run_came_to(make_project, tmp_path, capsys):
    content = f"id,customer,amount\n{GOOD}{BAD}"
    project = make_project({"orders.yaml": ORDERS, "orders.csv": content})
    at = ("--project", str(project.landing.parent))
    written = tmp_path / "check.xml"
    with pytest.raises(SystemExit) as ended:
        main(["check", str(project.landing / "orders.csv"), "--junit", str(written), *at])
    assert ended.value.code == 1
    run(project)
    capsys.readouterr()
    with pytest.raises(SystemExit):
        main(["report", "orders", "--format", "junit", *at])

    for text in (written.read_text(), capsys.readouterr().out):
        (suite,) = ElementTree.fromstring(text.encode())
        assert suite.attrib["name"] == "orders.csv"
        assert (suite.attrib["failures"], suite.attrib["skipped"]) == ("2", "1")
        failed = [
            case.attrib["name"]
            for case in suite.iter("testcase")
            if case.find("failure") is not None
        ]
        assert failed == ["score", "range(amount)"]
