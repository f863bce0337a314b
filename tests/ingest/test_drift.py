"""Drift: what differs from what is declared, by name and by type, and what is done about it."""

import pytest

from ingest import drift
from ingest.columns import Column
from ingest.drift import Action, Change, Strays
from ingest.likeness import alike


def everything(pairs):
    return pairs


def nothing(pairs):
    return ()


def told(change, fields=(), strays=None):
    (error,) = drift.findings(drift.Drift((change,), strays=strays or {}), fields)
    return error


@pytest.mark.parametrize("mode", ["evolve", "freeze", "discard_row", "discard_value"])
def test_a_header_in_another_order_is_no_change(source, mode):
    declared = source(schema_contract={"columns": mode, "types": mode, "tables": mode})
    assert drift.of_columns(declared, ["day", "name", "id"], everything) == ()


@pytest.mark.parametrize(
    ("mode", "action"),
    [
        ("evolve", Action.LOADED),
        ("freeze", Action.HELD),
        ("discard_row", Action.QUARANTINED),
        ("discard_value", Action.RESCUED),
    ],
)
def test_an_unknown_column_is_dealt_with_by_its_mode(source, mode, action):
    declared = source(schema_contract={"columns": mode})
    (change,) = drift.of_columns(declared, ["id", "name", "day", "coupon"], everything)
    assert change == Change("unknown-column", "coupon", None, None, action)
    error = told(change)
    assert error.code == ("frozen-column" if mode == "freeze" else "unknown-column")
    assert error.fatal == (mode == "freeze")
    assert error.message.startswith("the contract has no column coupon; ")


@pytest.mark.parametrize(
    "name", ["", " ", "_file_id", "ID", "id__v_text", "a\0b", "x" * 101, "Coupon"]
)
def test_what_cannot_be_a_column_of_the_table_is_rescued(source, name):
    declared = source(schema_contract={"columns": "evolve"})
    fields = ["id", "name", "day", "coupon", name]
    changes = drift.of_columns(declared, fields, everything)
    assert [change.action for change in changes] == [Action.LOADED, Action.RESCUED]


def test_a_file_adds_no_more_columns_than_it_may(source):
    declared = source(schema_contract={"columns": "evolve"})
    fields = ["id", "name", *(f"c{i}" for i in range(20_000))]
    actions = [change.action for change in drift.of_columns(declared, fields, everything)]
    assert actions.count(Action.LOADED) == drift.MOST_ADDED
    assert len(actions) == 20_000


def test_a_missing_column_is_a_change_if_it_is_required(source):
    assert drift.of_columns(source(), ["id", "name"], everything) == ()
    (change,) = drift.of_columns(source(), ["id", "day"], everything)
    assert change == Change("missing-column", "name", "varchar", None, Action.HELD)
    error = told(change, ["id", "day"])
    assert (error.code, error.fatal) == ("missing-column", True)
    assert error.message == "the column name is missing; the file has id, day"


@pytest.mark.parametrize(
    ("missing", "unknown"),
    [
        ("customer_id", "cust_id"),
        ("customer_id", "CustomerID"),
        ("quantity", "qty"),
        ("date_of_birth", "dob"),
        ("order_date", "ordered_on"),
        ("Straße", "strasse"),
        ("title", "nombre"),  # all else stands in its place
    ],
)
def test_a_likely_rename_is_named(source, missing, unknown):
    declared = source(columns=(Column(name="id"), Column(name=missing), Column(name="end")))
    changes = drift.of_columns(declared, ["id", unknown, "end"], everything)
    assert changes[0] == Change("renamed-column", missing, missing, unknown, Action.HELD)
    assert changes[1].column == unknown
    error = told(changes[0])
    assert (error.code, error.fatal) == ("missing-column", True)
    assert error.message == (
        f"{missing} is missing; {unknown} is new and looks like it: rename it in the contract or "
        "ask the supplier"
    )


@pytest.mark.parametrize(
    ("fields", "fits"),
    [
        (["id", "end", "total"], everything),  # nothing like it
        (["id", "cust_id", "end"], nothing),  # values that would not do
        (["id", "end"], everything),
        (["id", "end", "", "_", "-"], everything),
    ],
)
def test_what_does_not_look_like_it_is_not_named(source, fields, fits):
    declared = source(columns=(Column(name="id"), Column(name="customer_id"), Column(name="end")))
    changes = drift.of_columns(declared, fields, fits)
    assert changes[0].change == "missing-column"


def test_a_great_many_are_told_in_a_few_words(source):
    declared = source(schema_contract={"columns": "freeze"})
    fields = ["id", "name", *(f"c{i}" for i in range(20_000)), "x" * 1_000_000]
    found = drift.Drift(drift.of_columns(declared, fields, everything))
    told = drift.findings(found, fields)
    assert len(told) == drift.MOST_NAMED + 1
    assert told[-1].message == "… and 19981 more like these"
    assert all(error.fatal and len(error.message) < 200 for error in told)


def test_a_place_alone_is_no_name_of_a_column_that_may_be_left_out(source):
    declared = source(columns=(Column(name="id"), Column(name="note", required=False)))
    (change,) = drift.of_columns(declared, ["id", "coupon"], everything)
    assert (change.change, change.column) == ("unknown-column", "coupon")


def test_each_name_stands_for_one_other_and_the_likest_for_it(source):
    names = ("customer_id", "customer_name")
    declared = source(columns=tuple(Column(name=name, required=False) for name in names))
    changes = drift.of_columns(declared, ["cust_name", "cust_id", "cust"], everything)
    renamed = {c.before: (c.after, c.action) for c in changes if c.change == "renamed-column"}
    assert renamed == {
        "customer_id": ("cust_id", Action.NULL),
        "customer_name": ("cust_name", Action.NULL),
    }
    assert told(changes[0]).fatal is False


def test_names_without_end_are_compared_no_further(source):
    declared = source(columns=tuple(Column(name=f"column_{i}") for i in range(200)))
    changes = drift.of_columns(declared, [f"kolumn_{i}" for i in range(200)], everything)
    assert {change.change for change in changes} == {"missing-column", "unknown-column"}
    assert alike("a" * 10_000_000, "a" * 10_000_000) == 1.0


@pytest.mark.parametrize(
    ("mode", "fitting", "action"),
    [
        ("freeze", 0, Action.HELD),
        ("freeze", 9, Action.HELD),
        ("discard_row", 0, Action.QUARANTINED),
        ("discard_value", 0, Action.RESCUED),
        ("evolve", 0, Action.LOADED),
        ("evolve", 9, None),
        ("discard_row", 9, None),  # a bad value is no change of the column
    ],
)
def test_a_type_has_changed_when_no_value_fits_or_when_it_is_frozen(source, mode, fitting, action):
    declared = source(schema_contract={"types": mode})
    strays = {"id": Strays(2, fitting, 3, 4, "x" * 200, "varchar")}
    changes = drift.of_types(declared, strays)
    expected = [Change("changed-type", "id", "integer", "varchar", action)] if action else []
    assert list(changes) == expected
    for change in changes:
        error = told(change, strays=strays)
        assert error.fatal == (mode == "freeze")
        assert error.line == (4 if mode == "freeze" else None)
        assert len(error.message) < 250


@pytest.mark.parametrize(
    ("mode", "action"),
    [
        ("evolve", None),
        ("freeze", Action.HELD),
        ("discard_row", Action.REJECTED),
        ("discard_value", Action.REJECTED),
    ],
)
def test_a_table_that_is_not_there_is_dealt_with_by_its_mode(source, mode, action):
    changes = drift.of_table(source(schema_contract={"tables": mode}))
    assert [change.action for change in changes] == ([action] if action else [])
    assert all(told(change).fatal for change in changes)


def test_what_was_found_is_told_again_from_what_was_stored():
    found = drift.Drift(
        changes=(Change("unknown-column", "coupon", None, None, Action.LOADED),),
        columns={"u0": Column(name="coupon", type="decimal(9,2)")},
        strays={"id": Strays(1, 2, 3, None, "x", "varchar")},
    )
    assert drift.recall(drift.plain(found)) == found
    assert found.loaded == ("coupon",)
