"""What a supplier changed from one version of a file to another."""

import json

import pytest
from typer.testing import CliRunner

from flows import steps
from flows.cli import app
from flows.comparison import choose, compare
from flows.run import run
from ingest import blobs, selection
from ingest.errors import FileUnknown, FileUnreadable
from ingest.model import FileVersion

KEYED = """
dataset: orders
files: orders*.*
gate: none
columns:
  - {name: id, type: integer, checks: [primary_key]}
  - {name: name}
  - {name: amount, type: double, required: false}
"""
LOOSE = KEYED.replace(", checks: [primary_key]", "")
OLD = "id,name,amount\n1,ann,5\n2,bob,6\n3,cy,7\n"
NEW = "id,amount,name,note\n3,7,cy,x\n2,8,bob,x\n4,9,dan,x\n"


def versions(project, *contents, name="orders.csv"):
    for content in contents:
        (project.landing / name).write_text(content)
        run(project)
    with steps.open_warehouse(project) as con:
        return selection.versions(con, name)


def diff(project, found, most=10):
    return compare(project, found[-2], found[-1], most).difference


def test_records_are_told_apart_by_what_the_contract_says_is_unique(make_project):
    project = make_project({"orders.yaml": KEYED})
    found = diff(project, versions(project, OLD, NEW))
    assert found.by == ("id",)
    assert (found.columns_added, found.columns_removed) == (("note",), ())
    assert (found.added, found.removed, found.changed) == (1, 1, 1)
    assert found.examples_added == ({"id": "4", "amount": "9", "name": "dan"},)
    assert found.examples_removed == ({"id": "1", "amount": "5", "name": "ann"},)
    (change,) = found.examples_changed
    assert (change.key, change.values) == ({"id": "2"}, {"amount": ("6", "8")})


def test_without_a_key_a_record_is_all_of_its_values(make_project):
    project = make_project({"orders.yaml": LOOSE})
    found = diff(project, versions(project, OLD, NEW))
    assert found.by == ()
    assert (found.added, found.removed, found.changed) == (2, 2, 0)


def test_a_key_that_one_version_lacks_tells_nothing_apart(make_project):
    project = make_project({"orders.yaml": KEYED.replace("primary_key", "unique")})
    found = diff(project, versions(project, OLD, "name,amount\nann,5\n"))
    assert (found.by, found.columns_removed) == ((), ("id",))
    assert (found.added, found.removed, found.changed) == (0, 2, 0)


@pytest.mark.parametrize("contract", [KEYED, LOOSE])
def test_records_that_are_there_twice_are_counted_twice(make_project, contract):
    project = make_project({"orders.yaml": contract})
    found = diff(
        project,
        versions(project, "id,name\n1,a\n1,a\n2,\n", "id,name\n2,\n1,a\n1,a\n1,a\n1,a\n"),
    )
    assert (found.added, found.removed, found.changed) == (2, 0, 0)


def test_versions_with_no_column_in_common_have_no_record_in_common(make_project):
    project = make_project({"orders.yaml": LOOSE})
    found = diff(project, versions(project, "id\n1\n2\n", "other\n1\n"))
    assert (found.added, found.removed, found.changed) == (1, 2, 0)


def test_examples_are_few_however_many_there_are(make_project):
    project = make_project({"orders.yaml": KEYED})
    many = "id,name\n" + "".join(f"{n},a\n" for n in range(5000))
    found = diff(project, versions(project, many, many.replace(",a", ",b")), most=3)
    assert (found.changed, len(found.examples_changed)) == (5000, 3)
    assert [change.key["id"] for change in found.examples_changed] == ["0", "1", "2"]


def test_names_and_values_of_strangers_are_only_text(make_project):
    project = make_project({"orders.yaml": LOOSE})
    old = '"id"" --",\'); DROP TABLE x; --\n1,a\n'
    found = diff(project, versions(project, old, old.replace("1,a", "1,it's")))
    assert (found.added, found.removed) == (1, 1)
    assert found.examples_added == ({'id" --': "1", "'); DROP TABLE x; --": "it's"},)


def test_the_last_two_versions_are_meant_unless_others_are_named():
    found = [FileVersion(n, "orders", "a.csv", n, str(n), 0) for n in (1, 2, 3)]

    def chosen(*numbers):
        return tuple(file.version for file in choose(found, *numbers))

    assert chosen(None, None) == (2, 3)
    assert chosen(1, None) == (1, 3)
    assert chosen(3, 1) == (3, 1)
    with pytest.raises(FileUnknown, match=r"a\.csv has no version 4; it has 1, 2, 3"):
        chosen(1, 4)
    with pytest.raises(FileUnknown, match="came once; there is nothing to compare it with"):
        choose(found[:1], None, None)


def test_a_frozen_copy_that_is_not_what_it_was_is_not_compared(make_project):
    project = make_project({"orders.yaml": KEYED})
    found = versions(project, OLD, NEW)
    blobs.locate(found[0].sha256, project.blobs).write_text(NEW)
    with pytest.raises(FileUnreadable, match=r"version 1: its frozen copy .* is not what it was"):
        diff(project, found)


def pratique(project, *arguments):
    return CliRunner().invoke(app, [*arguments, "--project", str(project.directory)])


def test_the_command_answers_a_program_and_a_person(make_project):
    project = make_project({"orders.yaml": KEYED})
    versions(project, OLD, NEW)
    said = json.loads(pratique(project, "files", "diff", "orders.csv", "--json").stdout)
    assert (said["file"], said["versions"], said["records"]) == ("orders.csv", [1, 2], [3, 3])
    assert said["difference"]["examples_changed"] == [
        {"key": {"id": "2"}, "values": {"amount": ["6", "8"]}}
    ]
    told = pratique(project, "files", "diff", "orders.csv", "1", "2").stdout
    assert "orders.csv, version 1 to 2: 3 to 3 records, told apart by id" in told
    assert "1 record changed" in told
    none = pratique(project, "files", "diff", "orders.csv", "--limit", "0").stdout
    assert "1 record changed, of which 0 are shown" in none


def test_reload_and_backfill_are_commands(make_project):
    project = make_project({"orders.yaml": KEYED})
    versions(project, OLD)
    said = json.loads(pratique(project, "reload", "orders.csv", "--json").stdout)
    assert [(load["file"], load["loaded"]) for load in said["loads"]] == [("orders.csv", 3)]
    assert pratique(project, "reload", "--dataset", "orders").exit_code == 0
    days = ("--from", "2020-01-01", "--to", "2120-01-01")
    said = json.loads(pratique(project, "backfill", "--dataset", "orders", *days, "--json").stdout)
    assert [load["file"] for load in said["loads"]] == ["orders.csv"]


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["reload"], "name either a FILE or a --dataset"),
        (["reload", "a.csv", "--dataset", "orders"], "name either a FILE or a --dataset"),
        (["reload", "--dataset", "order"], "did you mean 'orders'"),
        (["backfill", "--dataset", "x", "--from", "2026-02-01", "--to", "2026-01-01"], "before"),
        (["backfill", "--dataset", "x", "--from", "soon", "--to", "2026-01-01"], "soon"),
    ],
)
def test_what_cannot_be_meant_is_refused(make_project, arguments, problem):
    ended = pratique(make_project(), *arguments)
    assert ended.exit_code == 2
    assert problem in ended.stderr
