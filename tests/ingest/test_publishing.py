"""Publishing: what is there once, what takes the place of what, and that it adds up."""

import pytest

from ingest import progress, publishing
from ingest.columns import Column
from ingest.errors import BalanceBroken, SchemaConflict
from ingest.model import Arrival, Counts, Stage, Status


def table(con, name="orders"):
    return con.sql(f"SELECT id, name FROM main.{name} ORDER BY ALL").fetchall()


def test_every_record_is_loaded_or_quarantined(con, deliver):
    (load,) = deliver("a.csv", b"id,name\n1,x\ny,z\n3\n")
    assert load.counts == Counts(records_in=3, loaded=1, quarantined=2)
    assert table(con) == [(1, "x")]
    kept = con.sql(
        "SELECT record_id, file, version, line, byte, raw, failures[1].rule, status "
        "FROM quarantine.orders ORDER BY _record_no"
    ).fetchall()
    assert kept == [
        ("1-2", "a.csv", 1, 3, 12, "y,z", "type", "quarantined"),
        ("1-3", "a.csv", 1, 4, 16, "3", "structure", "quarantined"),
    ]


def test_a_second_look_loads_nothing(con, deliver):
    deliver("a.csv", b"id,name\n1,x\n")
    assert deliver("a.csv", b"id,name\n1,x\n") == []
    assert deliver("b.csv", b"id,name\n1,x\n") == []
    arrivals = con.sql("SELECT name, arrival FROM pratique.sightings ORDER BY ALL").fetchall()
    assert ("b.csv", Arrival.DUPLICATE) in arrivals
    assert table(con) == [(1, "x")]


def test_a_restatement_takes_the_place_of_its_older_version(con, deliver):
    deliver("a.csv", b"id,name\n1,x\nbad,x\n")
    deliver("b.csv", b"id,name\n2,y\n")
    (load,) = deliver("a.csv", b"id,name\n1,z\n")
    assert (load.file.version, load.arrival) == (2, Arrival.RESTATEMENT)
    assert table(con) == [(1, "z"), (2, "y")]
    assert con.sql("SELECT status FROM quarantine.orders").fetchall() == [("superseded",)]


def test_a_file_restated_as_its_neighbour_gives_up_its_rows(con, deliver):
    deliver("a.csv", b"id,name\n1,x\n")
    deliver("b.csv", b"id,name\n2,y\n")
    (load,) = deliver("a.csv", b"id,name\n2,y\n")
    assert (load.arrival, load.counts) == (
        Arrival.DUPLICATE,
        Counts(records_in=1, skipped=1, displaced=1),
    )
    assert table(con) == [(2, "y")]


def test_what_a_file_was_restated_as_stays_when_its_neighbour_changes(con, deliver):
    deliver("a.csv", b"id,name\n1,x\n")
    deliver("b.csv", b"id,name\n2,y\nbad,y\n")
    deliver("a.csv", b"id,name\n2,y\nbad,y\n")
    deliver("b.csv", b"id,name\n3,z\n")
    assert table(con) == [(2, "y"), (3, "z")]
    kept = con.sql(
        "SELECT record_id, file, version, status FROM quarantine.orders ORDER BY ALL"
    ).fetchall()
    assert kept == [("3-2", "a.csv", 2, "quarantined")]
    counts = con.sql(
        "SELECT f.name, f.version, f.arrival, l.status, l.loaded, l.quarantined, l.skipped "
        "FROM pratique.loads l JOIN pratique.files f USING (file_id) ORDER BY ALL"
    ).fetchall()
    assert counts[1] == ("a.csv", 2, "restatement", "done", 1, 1, 0)
    ((rows,),) = con.sql("SELECT sum(loaded - displaced) FROM pratique.loads").fetchall()
    assert rows == 2


def test_replace_keeps_the_newest_file_alone(con, deliver, source):
    deliver("a.csv", b"id,name\n1,x\n", source(load="replace"))
    deliver("b.csv", b"id,name\n2,y\n", source(load="replace"))
    assert table(con) == [(2, "y")]


def test_merge_keeps_the_last_record_of_a_key(con, deliver, source):
    merging = source(load="merge", key=("id",))
    deliver("a.csv", b"id,name\n1,x\n2,y\n", merging)
    (load,) = deliver("b.csv", b"id,name\n2,z\n2,w\n3,v\n,n\n", merging)
    assert load.counts == Counts(records_in=4, loaded=3, skipped=1, displaced=1)
    assert table(con) == [(1, "x"), (2, "w"), (3, "v"), (None, "n")]
    deliver("c.csv", b"id,name\n,m\n", merging)
    assert table(con)[-1] == (None, "m")


def test_a_new_column_is_added_and_another_type_refused(con, deliver, source):
    deliver("a.csv", b"id,name\n1,x\n")
    wider = (*source().columns, Column(name="extra", type="double"))
    deliver("b.csv", b"id,name,extra\n2,y,1.5\n", source(columns=wider))
    assert con.sql("SELECT extra FROM orders ORDER BY id").fetchall() == [(None,), (1.5,)]
    other = (Column(name="id", type="date"), *source().columns[1:])
    with pytest.raises(SchemaConflict, match=r"main\.orders: the column id is INTEGER, and the"):
        deliver("c.csv", b"id,name\n2024-01-01,y\n", source(columns=other))
    assert len(table(con)) == 2


def test_counts_that_do_not_add_up_commit_nothing(con, deliver, monkeypatch):
    monkeypatch.setattr(publishing, "_skipped", lambda con, source, good: 1)
    with pytest.raises(BalanceBroken, match="1 records came in, but 1 would be loaded"):
        deliver("a.csv", b"id,name\n1,x\n")
    (load,) = progress.unfinished(con)
    assert (load.stage, load.status) == (Stage.RECEIVED, Status.DONE)
    tables = con.sql("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'main'")
    assert tables.fetchall() == []


def test_a_load_that_is_overtaken_is_given_up(con, deliver, monkeypatch):
    with monkeypatch.context() as broken, pytest.raises(BalanceBroken):
        broken.setattr(publishing, "_skipped", lambda con, source, good: 1)
        deliver("a.csv", b"id,name\n1,x\n")
    (load,) = deliver("a.csv", b"id,name\n2,y\n")
    assert load.file.version == 2
    first = progress.find(con, 1)
    assert first is not None
    assert (first.status, first.error) == (Status.REJECTED, "overtaken by version 2")
    assert table(con) == [(2, "y")]


def test_a_column_may_be_called_as_duckdb_calls_its_own(con, deliver, source):
    columns = (Column(name="rowid", type="integer"), Column(name="key", type="integer"))
    data = b"rowid,key\n3,1\n2,x\n1,5\n"
    (load,) = deliver("a.csv", data, source(columns=columns, load="merge", key=("rowid",)))
    assert load.counts == Counts(records_in=3, loaded=2, quarantined=1)
    kept = con.sql('SELECT "rowid", key, _record_no FROM orders ORDER BY _record_no').fetchall()
    assert kept == [(3, 1, 1), (1, 5, 3)]
    assert con.sql("SELECT raw FROM quarantine.orders").fetchall() == [("2,x",)]
