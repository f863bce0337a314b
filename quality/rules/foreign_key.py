"""foreign_key: a key that another dataset has."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any, Literal

import narwhals as nw
from narwhals.dtypes import DType

from quality import frames
from quality.arguments import Columns, Keys, Reference
from quality.condition import Elsewhere
from quality.frames import RECORD_NO, Frame
from quality.quantities import Duration
from quality.rule import Example, rule

Cardinality = Literal["many_to_one", "one_to_one"]

_FILLERS: dict[type[DType], Any] = {
    nw.String: "",
    nw.Boolean: False,
    nw.Datetime: datetime(1970, 1, 1),
    nw.Date: date(1970, 1, 1),
    nw.Time: time(),
}


def _expects(given: Mapping[str, Any]) -> str:
    where = " where {ref_where}" if given["ref_where"] else ""
    once = " once" if given["cardinality"] == "one_to_one" else ""
    return f"found{once} in {{to}}{where}"


@rule(
    dimension="consistency",
    expects=_expects,
    finds=lambda given: (
        "{keys} unknown"
        if given["cardinality"] == "many_to_one"
        else "{keys} unknown or referred to twice"
    ),
    nulls=lambda given: "judge" if given["null_safe"] else "ignore",
    separable=lambda given: given["cardinality"] == "many_to_one",
    examples=[
        Example(
            {"columns": ["tailnum"], "to": "planes.tailnum"},
            good={"tailnum": ["N1", "N2", "N1", None]},
            bad={"tailnum": ["N3", "n1", ""]},
            references={"planes": {"tailnum": ["N1", "N2", None]}},
        ),
        Example(
            {"columns": ["a", "b"], "to": {"dataset": "routes", "columns": ["origin", "dest"]}},
            good={"a": ["JFK", None], "b": ["SFO", "JFK"]},
            bad={"a": ["SFO"], "b": ["JFK"]},
            references={"routes": {"origin": ["JFK"], "dest": ["SFO"]}},
        ),
        Example(
            {"columns": ["region", "code"], "to": "shops.[region, code]", "null_safe": True},
            good={"region": ["north", None], "code": [1, 2]},
            bad={"region": ["north", None, "south"], "code": [2, 1, None]},
            references={"shops": {"region": ["north", None], "code": [1, 2]}},
        ),
        Example(
            {"columns": ["tailnum"], "to": "planes.tailnum", "ref_where": "retired IS NULL"},
            good={"tailnum": ["N1"]},
            bad={"tailnum": ["N2"]},
            references={"planes": {"tailnum": ["N1", "N2"], "retired": [None, 2012]}},
        ),
        Example(
            {"columns": ["order"], "to": "orders.id", "cardinality": "one_to_one"},
            good={"order": [1, 2, None, None]},
            bad={"order": [1, 1, 3]},
            references={"orders": {"id": [1, 2]}},
        ),
    ],
)
def foreign_key(
    frame: Frame,
    reference: Frame,
    columns: Columns,
    to: Reference,
    null_safe: bool = False,
    ref_where: Elsewhere = None,
    cardinality: Cardinality = "many_to_one",
    grace: Duration | None = None,
) -> Frame:
    """Every key is one that another dataset has.

    A row that refers to nothing drops out of every join: the flights of an unknown airport are
    missing from the report by airport, and nothing says so.

    The other dataset is what has been published of it. If nothing has, the check is not evaluated,
    because thousands of orphans would only say that one file is late. A key with a null in it is
    not judged, as in SQL, unless `null_safe` says that a null is a value like others; add
    `not_null` where it must be there.

    Where single keys may be late, give them a `grace`. While it lasts, counted from when the file
    was first seen, the check only warns, and a record whose key is unknown waits: it is kept out of
    the table, and the first run that finds its key loads it. When the grace is over, a key that is
    still unknown is a failure like any other. A record is loaded with all of its file. If that load
    is held or turned away, the record waits on: for who approves the load, or for another key.

    Instead: for a short list that never changes use `accepted_values`.

    Also known as: relationships (dbt), valid_reference_data (Soda), foreign_key (DQX),
    foreign-key (Frictionless), ReferentialIntegrity (AWS Glue), col_vals_in_table (pointblank).

    Args:
        columns: The columns that make the key together.
        to: Where the key must be found: `planes.tailnum`, or `{dataset: routes, columns: [a, b]}`.
        null_safe: Whether a null in the key is a value, which another null is equal to.
        ref_where: Which rows of the other dataset count: a condition in SQL on its columns.
        cardinality: How many rows of the file may refer to one key: any number, or, as
            `one_to_one`, only one.
        grace: How long a record waits for its key: `3 days`. Not with `one_to_one`.
    """
    to.require(columns)
    if grace and cardinality == "one_to_one":
        raise ValueError(
            "a key that is referred to twice will not come later; leave grace or cardinality out, "
            "or check it once by a foreign_key with grace and once by unique"
        )
    if null_safe:
        return _null_safe(frame, reference, columns, to, cardinality)
    # Each key once: a million flights of a thousand planes are a thousand look-ups.
    keys = frame.group_by(*columns).agg()
    unknown = keys.join(reference, left_on=columns, right_on=to.columns, how="anti")
    if cardinality == "many_to_one":
        return unknown
    return nw.concat([unknown.select(*columns), frames.repeated(frame, columns)])


def _null_safe(
    frame: Frame, reference: Frame, columns: list[str], to: Keys, cardinality: Cardinality
) -> Frame:
    """The records that fail, where null is equal to null: no join by the keys would find them."""
    ours, theirs = _filled(frame, columns), _filled(reference, to.columns)
    names = [f"_{part}_{n}" for n, _ in enumerate(columns) for part in ("null", "key")]
    unknown = ours.join(theirs.select(*names), on=names, how="anti").select(RECORD_NO)
    if cardinality == "many_to_one":
        return unknown
    twice = ours.join(frames.repeated(ours, names), on=names, how="semi")
    return nw.concat([unknown, twice.select(RECORD_NO)])


def _filled(frame: Frame, columns: list[str]) -> Frame:
    """A frame with its keys beside it, in which a null is a value, and whether it is one."""
    schema = frame.collect_schema()
    return frame.with_columns(
        *(nw.col(name).is_null().alias(f"_null_{n}") for n, name in enumerate(columns)),
        *(
            nw.col(name).fill_null(_filler(schema[name])).alias(f"_key_{n}")
            for n, name in enumerate(columns)
        ),
    )


def _filler(kind: DType) -> Any:
    """Any value of a type, as long as it is always the same."""
    if kind.is_numeric():
        return 0
    if type(kind) in _FILLERS:
        return _FILLERS[type(kind)]
    raise TypeError(f"null_safe does not know what to make of a null among values of {kind}")
