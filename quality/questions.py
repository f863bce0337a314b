"""A check made ready to be asked of a frame: an expression, and what the frame needs beside it."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial, reduce
from operator import and_

import narwhals as nw

from quality import frames
from quality.condition import Condition
from quality.frames import RECORD_NO, Frame, Materialise
from quality.model import Check
from quality.rule import Kind, Measure
from quality.rules.type import cast_verdict


class NotEvaluated(Exception):
    """Nothing can be said, and no rule is broken."""


@dataclass(frozen=True)
class Question:
    """A check made ready to be asked: one value a row."""

    check: Check
    value: nw.Expr
    """A verdict; of a dataset check, what it measures."""
    column: str
    """Where the value stands, under a name that no column of a contract has."""
    measure: Measure | None = None
    condition: Condition | None = None
    """What gives the column `joined`, which the value is made of."""
    failing: Frame | None = None
    """The keys that fail, with a column `joined` of true beside them."""
    keys: int = 0
    """How many keys fail."""

    @property
    def joined(self) -> str:
        """The column that the frame needs beside its own."""
        return _joined(self.column)


def prepare(
    table: Frame, check: Check, column: str, others: Mapping[str, Frame], keep: Materialise
) -> Question:
    """Make a check ready to be asked of a table.

    Args:
        table: What is judged.
        check: The check.
        column: A name for the column of its values.
        others: The datasets that a check may refer to.
        keep: Computes the failing keys of a key check once.

    Raises:
        NotEvaluated: The dataset that it refers to is not there.
    """
    known = frozenset(frames.columns(table))
    if missing := [name for name in check.columns if name not in known]:
        raise LookupError(f"there is no column {missing[0]!r} in the data")
    rule = partial(check.rule.function, **check.arguments)
    if check.rule.kind is Kind.KEY:
        question = _of_keys(table, check, rule, column, others, keep)
    elif isinstance(made := rule(), Measure):
        question = Question(check, made.of, column, measure=made)
    elif isinstance(made, Condition):
        question = Question(check, nw.col(_joined(column)), column, condition=made)
    else:
        question = Question(check, made, column)
    return question if check.rule.name == "type" else _where_readable(question, known)


def judge(table: Frame, questions: Sequence[Question]) -> Frame:
    """The values of all questions beside each record's number; null where one does not apply."""
    conditions = {each.joined: each.condition for each in questions if each.condition}
    judged = frames.attach(table, conditions) if conditions else table
    hits = []
    for each in questions:
        if each.failing is not None:
            judged = judged.join(each.failing, on=list(each.check.columns), how="left")
            hits.append(each.joined)
    return judged.select(RECORD_NO, *hits, *(each.value.alias(each.column) for each in questions))


def _of_keys(
    table: Frame,
    check: Check,
    rule: Callable[..., Frame],
    column: str,
    others: Mapping[str, Frame],
    keep: Materialise,
) -> Question:
    whole = reduce(and_, (~nw.col(name).is_null() for name in check.columns))
    inputs = [table.filter(whole)]
    if to := check.reference:
        if to.dataset not in others:
            raise NotEvaluated(f"nothing of {to.dataset} has been published")
        inputs.append(others[to.dataset])
    failing = keep(rule(*inputs).select(*check.columns).unique())
    (counted,) = frames.rows(failing.select(nw.len().alias("keys")))
    otherwise = nw.lit(False) if check.rule.null_keys_fail else nw.lit(None, nw.Boolean)
    if not counted["keys"]:
        return Question(check, nw.when(whole).then(nw.lit(True)).otherwise(otherwise), column)
    unharmed = nw.col(_joined(column)).is_null()
    return Question(
        check,
        nw.when(whole).then(unharmed).otherwise(otherwise),
        column,
        failing=failing.with_columns(nw.lit(True).alias(_joined(column))),
        keys=counted["keys"],
    )


def _where_readable(question: Question, known: Container[str]) -> Question:
    # A cell that could not be read has failed `type`, and nothing more can be said of it.
    verdicts = [cast_verdict(name) for name in question.check.columns]
    readable = [nw.col(name).fill_null(True) for name in verdicts if name in known]
    if not readable:
        return question
    return replace(question, value=nw.when(reduce(and_, readable)).then(question.value))


def _joined(column: str) -> str:
    return f"{column}_joined"
