"""What is no text goes the same way: Parquet and Excel, looked at and loaded."""

import io
import json
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from flows.cli import main
from flows.run import run

ORDERS = {"id": [1, 2, 2], "customer": ["a", "a", "b"], "amount": [5.0, -1.0, 7.5]}
CUSTOMERS = "code\na\nb\n"


def parquet() -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table(ORDERS), out)
    return out.getvalue()


def excel() -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet("Orders")
        sheet.write(0, 0, "What was ordered")
        for column, (name, values) in enumerate(ORDERS.items()):
            sheet.write_column(2, column, [name, *values])
    return out.getvalue()


FILES = {"orders.parquet": parquet(), "orders.xlsx": excel()}


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_loaded_and_its_bad_records_are_kept(make_project, name):
    project = make_project({name: FILES[name], "customers.csv": CUSTOMERS}, gate="none")
    loads = {load.file: load for load in run(project).loads}
    load = loads[name]
    assert (load.records_in, load.loaded, load.quarantined) == (3, 1, 2)
    with duckdb.connect(project.warehouse, read_only=True) as con:
        kept = con.sql("SELECT _record_no, line, raw FROM quarantine.orders ORDER BY 1").fetchall()
    assert [number for number, _, _ in kept] == [2, 3]
    assert [line for _, line, _ in kept] == ([None] * 2 if "parquet" in name else [5, 6])
    assert [json.loads(raw)["customer"] for _, _, raw in kept] == ["a", "b"]
    assert run(project).loads == ()


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("orders.parquet", "Parquet from parquet-cpp"),
        ("orders.xlsx", "Excel sheet Orders, named by"),
    ],
)
def test_a_file_is_checked_and_shown(tmp_path, capsys, name, written):
    path = Path(tmp_path, name)
    path.write_bytes(FILES[name])
    main_ends(["check", str(path)], 0)
    assert f"3 records: 3 good, 0 bad; {written}" in capsys.readouterr().out
    main_ends(["preview", "--all", "--json", str(path)], 0)
    shown = json.loads(capsys.readouterr().out)
    assert shown["columns"] == [*ORDERS]
    assert [row[1] for row in shown["records"]] == ORDERS["customer"]


@pytest.mark.parametrize("name", FILES)
def test_a_file_cut_off_is_held_with_its_reason(make_project, capsys, name):
    project = make_project({name: FILES[name][:-9], "customers.csv": CUSTOMERS})
    (load,) = [load for load in run(project).loads if load.file == name]
    assert load.status == "held"
    assert "send it again" in str(load.error)
    main_ends(["check", str(project.landing / name)], 1)
    assert "unreadable" in capsys.readouterr().out


def main_ends(arguments: list[str], code: int) -> None:
    with pytest.raises(SystemExit) as end:
        main(arguments)
    assert end.value.code == code
