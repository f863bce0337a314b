"""schema: a file with the columns that one expects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from quality.context import Context, File, Past
from quality.measure import Fact
from quality.rule import Example, rule
from quality.wording import listing

MOST_CHARACTERS = 15_000
"""Of all names together; longer ones are not kept for the next load."""

_FILE = File(
    name="orders.csv",
    made_at=datetime(2013, 2, 9, tzinfo=UTC),
    seen_at=datetime(2013, 2, 9, 6, tzinfo=UTC),
    columns=("id", "amount"),
    declared=("id", "amount"),
)
_GOOD = Context(file=_FILE)
_BAD = Context(file=replace(_FILE, columns=("amount", "id", "note")))


def _before(columns: Sequence[str]) -> Context:
    past = [Past(datetime(2013, 2, 8, tzinfo=UTC), None, {"columns": list(columns)})]
    return Context(file=_FILE, history=lambda check: past)


def _expects(given: Mapping[str, Any]) -> str:
    if given["header"]:
        return "{header}"
    return "that of the contract" if given["baseline"] == "contract" else "that of the file before"


@rule(
    dimension="validity",
    subject="the header",
    expects=_expects,
    tells="the header differs in {value}",
    unit="column",
    examples=[
        Example({}, {"id": [1]}, {"id": [1]}, {}, _GOOD, _BAD),
        Example(
            {"header": ["id", "amount", "note"], "allow_missing": True},
            {"id": [1]},
            {"id": [1]},
            {},
            _GOOD,
            _BAD,
        ),
        Example(
            {"baseline": "previous"},
            {"id": [1]},
            {"id": [1]},
            {},
            _before(["id", "amount"]),
            _before(["id", "total"]),
        ),
    ],
)
def schema(
    context: Context,
    header: Annotated[list[str], Field(min_length=1)] | None = None,
    baseline: Literal["contract", "previous"] = "contract",
    allow_extra: bool = False,
    allow_missing: bool = False,
    allow_reorder: bool = False,
) -> Fact:
    """A file has the columns that one expects, in their order.

    A column that is new, gone or renamed is a change of the supplier's program, and seldom the only
    one. Records are read by the names of their columns, so nothing need break; but somebody should
    know before the meaning of a column has changed too.

    Instead: what becomes of columns that are not in the contract is settled by `schema_contract`;
    a required column that is missing makes a file unusable, with this check or without. What type
    values have is judged by `type`.

    Also known as: schema (Soda), expect_table_columns_to_match_ordered_list (Great Expectations),
    has_valid_schema (DQX), schema_changes (elementary), SchemaMatch (AWS Glue).

    Args:
        header: The names of the columns, if they are not those of the contract.
        baseline: What a file is compared with where `header` is left out: the columns of the
            `contract`, or of the file before (`previous`).
        allow_extra: Whether there may be other columns too.
        allow_missing: Whether columns may be missing.
        allow_reorder: Whether they may stand in another order.
    """
    if context.file is None:
        return Fact(None, told="it is not known which columns the file has")
    there, period = context.file.columns, context.period
    kept = {"columns": list(there)} if sum(map(len, there)) <= MOST_CHARACTERS else {}
    wanted = header or list(context.file.declared)
    if not header and baseline == "previous":
        past = context.kept("columns", period)
        if not past:
            told = "no file has come before"
            return Fact(None, told=told, early=True, period=period, detail=kept)
        wanted = list(past[-1].detail["columns"])
    extra = [] if allow_extra else [name for name in there if name not in wanted]
    missing = [] if allow_missing else [name for name in wanted if name not in there]
    moved = [] if allow_reorder else _moved(wanted, there)
    found = {"not expected": extra, "missing": missing, "in another place": moved}
    more = "".join(f"; {listing(names)} {what}" for what, names in found.items() if names)
    return Fact(sum(map(len, found.values())), max=0, more=more, period=period, detail=kept)


def _moved(wanted: Sequence[str], there: Sequence[str]) -> list[str]:
    """The columns of both that stand in another order, each by its place among them."""
    expected = [name for name in wanted if name in there]
    found = [name for name in there if name in wanted]
    return [name for name, other in zip(found, expected, strict=False) if name != other]
