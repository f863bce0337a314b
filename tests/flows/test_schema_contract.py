"""What a schema_contract says is done, in a whole run: for tables, columns and types."""

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from flows import steps
from flows.cli import main
from flows.inspection import find_contract, inspect
from flows.run import run
from ingest import changes, progress

CONTRACT = """
dataset: sales
files: "sales*.*"
gate: none
schema_contract: {{{modes}}}
columns:
  - {{name: id, type: integer}}
  - {{name: amount, type: double}}
  - {{name: note, required: false}}
"""
PLAIN = "id,amount,note\n1,1.5,a\n2,2.5,b\n"
COUPON = "id,amount,note,coupon\n3,3.5,c,7\n4,4.5,d,\n"
STRAY = "id,amount,note\n5,5.5,e\n6,a lot,f\n"


def settled(modes="", **given):
    return {"sales.yaml": CONTRACT.format(modes=modes)} | given


@pytest.fixture
def recorded(query):
    """The changes of the sales on record."""
    return lambda project: query(
        project,
        'SELECT file, change, "column", "from", "to", action FROM pratique.schema_changes '
        "WHERE dataset = 'sales' ORDER BY ALL",
    )


@pytest.fixture
def deliver(make_project):
    """Drop files of the dataset one after the other, each followed by a run."""

    def delivered(modes, *contents, suffix="csv"):
        project = make_project({"sales.yaml": CONTRACT.format(modes=modes)})
        summaries = []
        for number, content in enumerate(contents, start=1):
            (project.landing / f"sales_{number}.{suffix}").write_text(content)
            summaries += [load for load in run(project).loads if load.dataset == "sales"]
        return project, summaries

    return delivered


CREATED = ("sales_1.csv", "new-table", None, None, "main.sales", "created")


def test_a_header_in_another_order_is_no_change(deliver, query, recorded):
    project, (first, second) = deliver("", PLAIN, "note,id,amount\nc,3,3.5\n")
    assert (first.status, second.status) == ("done", "done")
    assert query(project, "SELECT id, amount, note FROM sales WHERE id = 3") == [(3, 3.5, "c")]
    assert recorded(project) == [CREATED]


def test_columns_discard_value_rescues_what_is_unknown(deliver, query, recorded):
    project, (_, load) = deliver("", PLAIN, COUPON)
    assert (load.status, load.loaded, load.quarantined) == ("done", 2, 0)
    rows = query(project, "SELECT id, _rescued FROM sales ORDER BY id")
    assert rows == [(1, None), (2, None), (3, '{"coupon":"7"}'), (4, None)]
    unknown = ("sales_2.csv", "unknown-column", "coupon", None, None, "rescued")
    assert recorded(project) == [CREATED, unknown]


def test_columns_evolve_adds_what_is_unknown(deliver, query, recorded):
    later = "id,coupon,amount\n5,x8,5.5\n6,9,6.5\n"
    project, loads = deliver("columns: evolve", PLAIN, COUPON, PLAIN.replace("1,1", "8,1"), later)
    assert [load.status for load in loads] == ["done"] * 4
    rows = query(project, "SELECT id, coupon, _rescued FROM sales WHERE id > 2 ORDER BY id")
    assert rows == [
        *((3, 7, None), (4, None, None)),
        *((5, None, '{"coupon":"x8"}'), (6, 9, None), (8, None, None)),
    ]
    added = ("sales_2.csv", "new-column", "coupon", None, "integer", "added")
    assert recorded(project) == [CREATED, added]


def test_columns_evolve_adds_none_to_a_table_that_has_enough(deliver, monkeypatch, query):
    monkeypatch.setattr("ingest.tables.MOST_COLUMNS", 7)  # three of them, and where from
    project, _ = deliver("columns: evolve", PLAIN, COUPON)
    assert query(project, "SELECT _rescued FROM sales WHERE id = 3") == [('{"coupon":"7"}',)]


def test_a_rename_is_likely_though_some_values_are_missing(deliver):
    _, (load,) = deliver("", "id,amounts,note\n1,,a\n2,2.5,b\n")
    assert "amounts is new and looks like it" in load.error


def test_columns_evolve_adds_no_column_without_a_value(deliver, query, recorded):
    project, (load,) = deliver("columns: evolve", "id,amount,coupon,\n1,1.5,,\n")
    assert load.loaded == 1
    names = [name for name, *_ in query(project, "DESCRIBE sales")]
    assert names[:4] == ["id", "amount", "note", "_rescued"]
    assert [(change[1], change[2], change[5]) for change in recorded(project)] == [
        ("new-table", None, "created"),
        ("unknown-column", "column_4", "null"),
        ("unknown-column", "coupon", "null"),
    ]


def test_columns_discard_row_quarantines_records_with_a_value(deliver, query):
    project, (load,) = deliver("columns: discard_row", COUPON + "5,5\n")
    assert (load.status, load.loaded, load.quarantined) == ("done", 1, 2)
    assert query(project, "SELECT id, _record_no, _rescued FROM sales") == [(4, 2, None)]
    kept = query(
        project,
        "SELECT _record_no, line, raw, failures[1].message FROM quarantine.sales ORDER BY ALL",
    )
    assert kept == [
        (1, 2, "3,3.5,c,7", "it has a value in coupon, which the contract does not have"),
        (3, 4, "5,5", "it has 2 fields where 4 are expected"),
    ]


@pytest.mark.parametrize(
    ("modes", "content", "said"),
    [
        (
            "columns: freeze",
            COUPON,
            "the contract has no column coupon; it takes no others: add it there, or ask the "
            "supplier to leave it out",
        ),
        (
            "types: freeze",
            STRAY,
            "amount is frozen as double, and 1 value is not, the first in record 2: 'a lot'; it "
            "looks like varchar",
        ),
        (
            "tables: freeze",
            PLAIN,
            "there is no table main.sales, and the contract lets no load make it: make it by "
            "hand, or say `tables: evolve`",
        ),
    ],
)
def test_freeze_holds_the_file_and_says_why(deliver, modes, content, said, query, recorded):
    project, (load,) = deliver(modes, content)
    assert (load.status, load.error, load.loaded, load.skipped) == ("held", said, 0, 2)
    ((file, *_, action),) = recorded(project)
    assert (file, action) == ("sales_1.csv", "held")
    assert query(project, "SELECT count(*) FROM duckdb_tables() WHERE table_name = 'sales'") == [
        (0,)
    ]


@pytest.mark.parametrize("modes", ["columns: freeze", "types: freeze"])
def test_freeze_lets_a_file_in_that_is_as_agreed(deliver, modes):
    _, (load,) = deliver(modes, PLAIN)
    assert (load.status, load.loaded) == ("done", 2)


def test_a_held_file_is_let_in_once_the_contract_takes_it(deliver, recorded):
    project, (held,) = deliver("columns: freeze", COUPON)
    (project.contracts / "sales.yaml").write_text(CONTRACT.format(modes="columns: evolve"))
    with steps.open_warehouse(project) as con:
        progress.approve(con, held.load_id)
    (load,) = run(project).loads
    assert (load.status, load.loaded) == ("done", 2)
    assert [change[1:3] + change[5:] for change in recorded(project)] == [
        ("new-column", "coupon", "added"),
        ("new-table", None, "created"),
        ("unknown-column", "coupon", "held"),
    ]


def test_tables_freeze_takes_a_table_that_somebody_made(deliver):
    project, (held,) = deliver("tables: freeze", PLAIN)
    with steps.open_warehouse(project) as con:
        con.execute("CREATE TABLE main.sales (id INTEGER, amount DOUBLE, note VARCHAR)")
        progress.approve(con, held.load_id)
    (load,) = run(project).loads
    assert (load.status, load.loaded) == ("done", 2)


@pytest.mark.parametrize("mode", ["discard_row", "discard_value"])
def test_tables_discard_turns_the_load_away(deliver, mode, recorded):
    project, (load,) = deliver(f"tables: {mode}", PLAIN)
    assert (load.status, load.loaded, load.quarantined, load.skipped) == ("rejected", 0, 0, 2)
    assert recorded(project) == [(*CREATED[:-1], "rejected")]
    assert run(project).loads == ()


def test_types_discard_row_quarantines_the_record(deliver, recorded):
    project, (load,) = deliver("", STRAY)
    assert (load.loaded, load.quarantined) == (1, 1)
    assert recorded(project) == [CREATED]


def test_types_discard_value_loads_the_record_and_rescues_the_text(deliver, query):
    project, (load,) = deliver("types: discard_value", STRAY)
    assert (load.status, load.loaded, load.quarantined) == ("done", 2, 0)
    rows = query(project, "SELECT id, amount, _rescued FROM sales ORDER BY id")
    assert rows == [(5, 5.5, None), (6, None, '{"amount":"a lot"}')]
    failed = "SELECT severity, outcome, failed FROM pratique.results WHERE failed > 0"
    assert query(project, failed) == [("warning", "warned", 1)]


def test_types_evolve_keeps_the_text_in_a_column_of_its_own(deliver, query, recorded):
    project, loads = deliver("types: evolve", PLAIN, STRAY, STRAY.replace("a lot", "much"))
    assert [load.loaded for load in loads] == [2, 2, 2]
    rows = query(
        project, "SELECT amount, amount__v_text, _rescued FROM sales WHERE id > 4 ORDER BY ALL"
    )
    assert rows == [
        *((5.5, None, None), (5.5, None, None)),
        *((None, "a lot", None), (None, "much", None)),
    ]
    added = ("sales_2.csv", "new-column", "amount__v_text", None, "varchar", "added")
    assert recorded(project) == [CREATED, added]


def test_a_column_of_which_no_value_fits_has_changed(deliver, recorded):
    project, _ = deliver("", "id,amount\n1,2024-01-01\n2,2024-01-02\n")
    changed = ("sales_1.csv", "changed-type", "amount", "double", "date", "quarantined")
    assert recorded(project) == [changed, CREATED]


def test_a_rescued_value_joins_what_is_rescued_already(deliver, query):
    content = "id,amount,coupon\n1,much,7\n2,2.5,\n"
    project, (load,) = deliver("types: discard_value", content)
    assert load.loaded == 2
    rows = query(project, "SELECT id, _rescued FROM sales ORDER BY id")
    assert rows == [(1, '{"coupon":"7","amount":"much"}'), (2, None)]


def test_what_is_rescued_of_a_path_takes_no_other_key_with_it(make_project, query):
    inner = "{name: city, path: address.city, type: integer, required: false}"
    contract = CONTRACT.format(modes="types: discard_value") + f"  - {inner}\n"
    records = [
        {"id": 1, "amount": 1, "address": {"city": "x"}, "city": "y"},
        {"id": "x", "amount": 1, "address": {"city": 2}, "city": "z"},
    ]
    lines = "".join(json.dumps(record) + "\n" for record in records)
    project = make_project({"sales.yaml": contract, "sales_1.jsonl": lines})
    run(project)
    found = query(project, "SELECT city, _rescued FROM sales ORDER BY _record_no")
    assert [(city, json.loads(rescued)) for city, rescued in found] == [
        (None, {"address.city": "x", "city": "y"}),
        (2, {"id": "x", "city": "z"}),
    ]


def test_a_type_that_is_declared_grave_stays_so(make_project):
    contract = CONTRACT.format(modes="types: discard_value").replace(
        "type: integer}", "type: integer, checks: [{type: {severity: critical}}]}"
    )
    content = "id,amount\nx,1\n2,y\n"
    project = make_project({"sales.yaml": contract, "sales_1.csv": content})
    loads = {load.dataset: load for load in run(project).loads}
    assert (loads["sales"].loaded, loads["sales"].quarantined) == (1, 1)


def test_a_key_without_its_type_is_never_loaded_as_null(make_project):
    contract = CONTRACT.format(modes="types: discard_value") + "load: merge\nkey: [id]\n"
    files = {"sales.yaml": contract, "sales_1.csv": "id,amount\nx,1\ny,2\n3,z\n"}
    project = make_project(files)
    loads = {load.dataset: load for load in run(project).loads}
    assert (loads["sales"].loaded, loads["sales"].quarantined) == (1, 2)


@pytest.mark.parametrize("suffix", ["jsonl", "csv"])
@pytest.mark.parametrize("modes", ["columns: evolve", "columns: discard_row"])
def test_what_a_supplier_calls_a_column_does_no_harm(deliver, modes, suffix, query):
    name = "x'); DROP TABLE main.sales; --"
    content = {
        "csv": f'id,amount,"{name}"\n1,1.5,\n2,2.5,y\n',
        "jsonl": f'{{"id": 1, "amount": 1.5}}\n{{"id": 2, "amount": 2.5, "{name}": "y"}}\n',
    }[suffix]
    project, (load,) = deliver(modes, content, suffix=suffix)
    assert (load.records_in, load.status) == (2, "done")
    if modes == "columns: evolve":
        quoted = name.replace('"', '""')
        assert query(project, f'SELECT "{quoted}" FROM sales ORDER BY id') == [(None,), ("y",)]


def test_a_check_tells_what_a_run_would_do(make_project, tmp_path):
    given = settled("tables: freeze, columns: evolve", **{"sales_1.csv": COUPON})
    project = make_project(given)
    path = project.landing / "sales_1.csv"
    found = inspect(path, project, find_contract(path, project))
    assert [(error.code, error.fatal) for error in found.file_errors] == [
        ("frozen-table", True),
        ("unknown-column", False),
    ]
    with steps.open_warehouse(project) as con:
        con.execute("CREATE TABLE main.sales (id INTEGER)")
    found = inspect(path, project, find_contract(path, project))
    assert [error.code for error in found.file_errors] == ["unknown-column"]


def test_changes_are_listed_by_dataset(deliver):
    project, _ = deliver("", PLAIN, COUPON)
    with steps.open_warehouse(project) as con:
        listed = changes.listing(con, "sales")
        everything = changes.listing(con)
        assert changes.listing(con, "nothing") == []
    assert [each["change"] for each in listed] == ["new-table", "unknown-column"]
    assert len(everything) == len(listed)
    assert (listed[1]["file"], listed[1]["version"], listed[1]["column"]) == (
        *("sales_2.csv", 1, "coupon"),
    )


def test_a_command_lists_the_changes(deliver, capsys):
    project, _ = deliver("", PLAIN, COUPON)
    main_of("changes", "sales", "--project", str(project.directory))
    said = capsys.readouterr().out
    assert [line.split()[:3] for line in said.splitlines()[2:]] == [
        ["sales_1.csv", "new-table", "–"],
        ["sales_2.csv", "unknown-column", "coupon"],
    ]
    main_of("changes", "--json", "--project", str(project.directory))
    document = json.loads(capsys.readouterr().out)
    assert [*document[1]] == [
        *("dataset", "file_id", "file", "version", "change", "column", "from", "to", "action"),
        "recorded_at",
    ]


def main_of(*arguments):
    with pytest.raises(SystemExit) as left:
        main(arguments)
    assert left.value.code == 0


def test_a_frozen_type_is_told_of_a_format_without_lines(make_project):
    contract = CONTRACT.format(modes="types: freeze")
    project = make_project({"sales.yaml": contract})
    table = pa.table({"id": [1, 2], "amount": ["1.5", "x"]})
    pq.write_table(table, project.landing / "sales_1.parquet")
    (load,) = (load for load in run(project).loads if load.dataset == "sales")
    assert load.status == "held"
    assert load.error.startswith("amount is frozen as double, and 1 value is not, the first in")
