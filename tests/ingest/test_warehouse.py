"""The warehouse is opened with limits, by one process at a time."""

import subprocess
import sys

import duckdb
import pytest

from ingest import warehouse
from ingest.errors import FileUnreadable, WarehouseBusy


@pytest.mark.parametrize(
    "sql",
    [
        "FROM read_csv('{outside}')",
        "COPY (SELECT 1) TO '{outside}'",
        "ATTACH '{outside}.duckdb' AS other",
        "SET memory_limit = '10GB'",
        "SET enable_external_access = true",
        "INSTALL httpfs",
    ],
)
def test_sql_reaches_nothing_outside(tmp_path, sql):
    (tmp_path / "inside").mkdir()
    outside = tmp_path / "secret.csv"
    outside.write_text("a\n1\n")
    inside = (tmp_path / "inside",)
    with warehouse.connect(None, directories=inside) as con, pytest.raises(duckdb.Error):
        con.execute(sql.format(outside=outside))


def test_another_process_is_waited_for_and_then_named(tmp_path):
    path = tmp_path / "w.duckdb"
    hold = (
        "import duckdb, sys\ncon = duckdb.connect(sys.argv[1])\n"
        "print('held', flush=True)\nsys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", hold, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with (
            pytest.raises(WarehouseBusy, match=f"held by another process.*{holder.pid}"),
            warehouse.connect(path, patience=0.3),
        ):
            pass
        assert holder.stdin is not None
        holder.stdin.close()
        with warehouse.connect(path, patience=30) as con:
            assert con.sql("SELECT 1").fetchall() == [(1,)]


def test_a_file_that_is_no_database_is_told(tmp_path):
    (tmp_path / "w.duckdb").write_text("no database" * 1000)
    with (
        pytest.raises(FileUnreadable, match=r"w\.duckdb"),
        warehouse.connect(tmp_path / "w.duckdb"),
    ):
        pass


def test_a_value_that_does_not_fit_is_an_error_and_not_null():
    with warehouse.connect(None) as con:
        with warehouse.lend(con, {"n": "BIGINT", "s": "VARCHAR"}, [{"n": 1}]) as lent:
            assert con.sql(f"FROM {lent}").fetchall() == [(1, None)]
        with pytest.raises(duckdb.Error), warehouse.lend(con, {"n": "BIGINT"}, [{"n": 1 << 63}]):
            pass
