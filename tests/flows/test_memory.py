"""Memory: what is bad takes no more of it than what is good."""

import pyarrow as pa

from flows.run import run
from ingest import publishing

RECORDS = 50_000
MEGABYTE = 1_000_000


def test_bad_records_take_little_memory_until_they_are_written(make_project, monkeypatch):
    bad = "id,customer,amount\n" + "".join(f"x{id},nobody,-5\n" for id in range(RECORDS))
    project = make_project({"orders.csv": bad, "customers.csv": "code\na\n"}, gate="none")
    publish, allocated = publishing.publish, pa.total_allocated_bytes()
    before, lent = {}, {}

    def measured(con, load, *rest):
        ((before[load.file.name],),) = con.sql(
            "SELECT sum(memory_usage_bytes) FROM duckdb_memory()"
        ).fetchall()
        counts = publish(con, load, *rest)
        lent[load.file.name] = pa.total_allocated_bytes() - allocated
        return counts

    monkeypatch.setattr(publishing, "publish", measured)
    (orders,) = (load for load in run(project).loads if load.dataset == "orders")
    assert orders.quarantined == RECORDS
    assert before["orders.csv"] < 10 * MEGABYTE
    assert lent["orders.csv"] < MEGABYTE / 10
