"""A check made ready to be asked of a table: an expression, and what the table needs beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from operator import and_
from typing import Any

import narwhals as nw

from quality import frames
from quality.condition import Condition
from quality.frames import RECORD_NO, Frame, Materialise, Table, cast_verdict
from quality.model import Check
from quality.rule import Kind, Measure


class NotEvaluated(Exception):
    """Nothing can be said, and no rule is broken."""


class Inseparable(Exception):
    """A check can be asked of one part only, and not of many at once."""


@dataclass(frozen=True)
class Question:
    """A check made ready to be asked: one value a row."""

    check: Check
    value: nw.Expr
    """A verdict; of a dataset check, what it measures."""
    column: str
    """Where the value stands."""
    measure: Measure | None = None
    condition: Condition | None = None
    """What gives the column `joined`, which the value is made of."""
    failing: Frame | None = None
    """The keys that fail, with a column `joined` of true beside them."""
    keys: Mapping[Any, int] = field(default_factory=dict)
    """How many keys fail, in each part."""

    @property
    def joined(self) -> str:
        """The column that the table needs beside its own."""
        return _joined(self.column)


def prepare(
    table: Table, check: Check, column: str, others: Mapping[str, Table], keep: Materialise
) -> Question:
    """Make a check ready to be asked of a table.

    Args:
        table: What is judged.
        check: The check.
        column: Where its values will stand.
        others: The datasets that a check may refer to.
        keep: Computes the failing keys of a key check once.

    Raises:
        LookupError: A column that it looks at is not there.
        NotEvaluated: The dataset that it refers to is not there.
        Inseparable: It is to be asked of many parts at once, and cannot be.
    """
    of_types = check.rule.name == "type"
    verdicts = tuple(cast_verdict(name) for name in check.columns) if of_types else ()
    _require(check.columns + verdicts, table, "the data")
    arguments = check.rule.renamed(check.arguments, table.names)
    if check.rule.kind is Kind.KEY:
        question = _of_keys(table, check, arguments, column, others, keep)
    elif isinstance(made := check.rule.function(**arguments), Measure):
        question = Question(check, made.of, column, measure=made)
    elif isinstance(made, Condition):
        question = Question(check, nw.col(_joined(column)), column, condition=made)
    else:
        question = Question(check, made, column)
    return question if of_types else _where_readable(question, table)


def judge(table: Table, questions: Sequence[Question]) -> Frame:
    """The values of all questions beside each record's number; null where one does not apply."""
    conditions = {each.joined: each.condition for each in questions if each.condition}
    judged = table.beside(conditions) if conditions else table.frame
    hits = []
    for each in questions:
        if each.failing is not None:
            key = [table.names[name] for name in each.check.columns]
            judged = judged.join(each.failing, on=[*table.by, *key], how="left")
            hits.append(each.joined)
    return judged.select(
        RECORD_NO, *table.by, *hits, *(each.value.alias(each.column) for each in questions)
    )


def _of_keys(
    table: Table,
    check: Check,
    arguments: dict[str, Any],
    column: str,
    others: Mapping[str, Table],
    keep: Materialise,
) -> Question:
    key = [table.names[name] for name in check.columns]
    whole = reduce(and_, (~nw.col(name).is_null() for name in key))
    keys = table.frame.select(*table.by, *key).filter(whole)
    failing = keep(_failing(table, check, arguments, keys, others).select(*table.by, *key).unique())
    counted = frames.by_part(failing, table.by, [nw.len().alias("keys")])
    failed = {part: each["keys"] for part, each in counted.items() if each["keys"]}
    otherwise = nw.lit(False) if check.rule.null_keys_fail else nw.lit(None, nw.Boolean)
    if not failed:
        return Question(check, nw.when(whole).then(nw.lit(True)).otherwise(otherwise), column)
    unharmed = nw.col(_joined(column)).is_null()
    return Question(
        check,
        nw.when(whole).then(unharmed).otherwise(otherwise),
        column,
        failing=failing.with_columns(nw.lit(True).alias(_joined(column))),
        keys=failed,
    )


def _failing(
    table: Table,
    check: Check,
    arguments: dict[str, Any],
    keys: Frame,
    others: Mapping[str, Table],
) -> Frame:
    """The keys that fail, each beside the part that it stands in."""
    key = [table.names[name] for name in check.columns]
    find: Callable[..., Frame] = check.rule.function
    if table.by and not check.rule.separable:
        raise Inseparable(check.key)
    if to := check.reference:
        if to.dataset not in others:
            raise NotEvaluated(f"nothing of {to.dataset} has been published")
        other = others[to.dataset]
        _require(to.columns, other, to.dataset)
        theirs = to.model_copy(update={"columns": [other.names[name] for name in to.columns]})
        arguments = {name: theirs if value is to else value for name, value in arguments.items()}
        failing = find(keys.select(*key), other.frame, **arguments)
        return keys.join(failing.select(*key), on=key, how="semi") if table.by else failing
    if table.by and (columns := check.rule.column_argument):
        arguments = arguments | {columns: [*table.by, *arguments[columns]]}
    return find(keys, **arguments)


def _where_readable(question: Question, table: Table) -> Question:
    # A cell that could not be read has failed `type`, and nothing more can be said of it.
    verdicts = [table.names.get(cast_verdict(name)) for name in question.check.columns]
    readable = [nw.col(name).fill_null(True) for name in verdicts if name]
    if not readable:
        return question
    return replace(question, value=nw.when(reduce(and_, readable)).then(question.value))


def _require(columns: Sequence[str], table: Table, place: str) -> None:
    if missing := [name for name in columns if name not in table.names]:
        raise LookupError(f"there is no column {missing[0]!r} in {place}")


def _joined(column: str) -> str:
    return f"{column}_joined"
