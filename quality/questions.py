"""A check made ready to be asked of a table: an expression, and what the table needs beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from operator import and_
from typing import Any

import narwhals as nw

from quality import frames, values
from quality.condition import Condition
from quality.context import Context
from quality.frames import GROUP, RECORD_NO, Frame, Materialise, Tables, cast_verdict
from quality.measure import Fact, Measure
from quality.model import PUBLISHED, Check
from quality.query import THIS
from quality.rule import Kind
from quality.table import Table
from quality.values import ByValue

_ABOUT = "_about"
"""The column that says whether a check is about a row."""


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
    conditions: Mapping[str, Condition] = field(default_factory=dict)
    """What gives columns that the value is made of, by their names."""
    failing: Frame | None = None
    """What fails, each once."""
    on: tuple[str, ...] = ()
    """The columns by which that is found in the table."""
    keys: Mapping[Any, int] = field(default_factory=dict)
    """How many keys fail, in each part; none where records fail by themselves."""

    @property
    def joined(self) -> str:
        """The column that the table needs beside its own: true where a row is found in that."""
        return _joined(self.column)


@dataclass(frozen=True)
class Sources:
    """What checks may look into beside the table."""

    others: Mapping[str, Table]
    """Other datasets, by name."""
    context: Context
    keep: Materialise
    """Computes what fails a key check once."""


def prepare(table: Table, check: Check, column: str, sources: Sources) -> Question | Fact:
    """Make a check ready to be asked of a table; or answer it, where its rule does so by itself.

    Args:
        table: What is judged.
        check: The check.
        column: Where its values will stand.
        sources: What it may look into besides.

    Raises:
        LookupError: A column that it looks at is not there.
        NotEvaluated: The dataset that it refers to is not there.
        Inseparable: It is to be asked of many parts at once, and cannot be.
    """
    if check.rule.of_all and not check.columns:
        check = replace(check, of_all=table.own)
    of_types = check.rule.name == "type"
    verdicts = tuple(cast_verdict(name) for name in check.columns) if of_types else ()
    _require((*check.columns, *check.filters, *verdicts), table, "the data")
    if RECORD_NO in check.columns:
        raise LookupError(f"{RECORD_NO} numbers the rows, and is no column to judge; rename it")
    if table.by and not check.separable:
        raise Inseparable(check.key)
    if check.rule.kind is Kind.KEY:
        question = _of_keys(table, check, column, sources)
    else:
        made = check.rule.function(**_arguments(table, check, sources))
        if isinstance(made, Fact):
            return made
        if isinstance(made, Measure):
            question = Question(check, made.of, column, measure=made)
        elif isinstance(made, Condition):
            joined = _joined(column)
            question = Question(check, nw.col(joined), column, conditions={joined: made})
        elif isinstance(made, ByValue):
            question = _of_values(table, check, column, sources, made)
        else:
            question = Question(check, made, column)
        if check.null_policy == "fail":
            question = replace(question, value=_null_fails(table, check, question.value))
    if not of_types and (readable := _readable(table, check)) is not None:
        question = replace(question, value=nw.when(readable).then(question.value))
    if check.where:
        about = f"{column}{_ABOUT}"
        value = nw.when(nw.col(about)).then(question.value)
        conditions = {**question.conditions, about: check.where}
        question = replace(question, value=value, conditions=conditions)
    return question


def judge(table: Table, questions: Sequence[Question]) -> Frame:
    """The values of all questions beside each record's number; null where one does not apply."""
    conditions = {name: each for asked in questions for name, each in asked.conditions.items()}
    judged = table.beside(conditions) if conditions else table.frame
    hits = []
    for each in questions:
        if each.failing is not None:
            judged = frames.marked(judged, each.failing, [*table.by, *each.on], each.joined)
            hits.append(each.joined)
    return judged.select(
        RECORD_NO, *table.by, *hits, *(each.value.alias(each.column) for each in questions)
    )


def _arguments(table: Table, check: Check, sources: Sources) -> dict[str, Any]:
    """All that a rule is called with: its arguments, and what it is given beside them."""
    arguments = check.rule.renamed(check.arguments, table.names)
    if "reference" in check.rule.given:
        arguments |= _reference(table, check, arguments, sources)
    if "tables" in check.rule.given:
        arguments["tables"] = _tables(table, check, sources)
    if "context" in check.rule.given:
        personal = bool(check.personal)
        arguments["context"] = replace(sources.context, check=check.key, personal=personal)
    if "frame" in check.rule.given:
        arguments["frame"] = _rows(table, check)
    return arguments


def _tables(table: Table, check: Check, sources: Sources) -> Tables:
    """The rows that a check is about, and all datasets that it looks into, by their names."""
    if missing := [name for name in check.datasets if name not in sources.others]:
        raise NotEvaluated(f"nothing of {missing[0]} has been published")
    others = {name: sources.others[name].named() for name in check.datasets}
    return {**others, THIS: table.named(check.where)}


def _reference(
    table: Table, check: Check, arguments: Mapping[str, Any], sources: Sources
) -> dict[str, Any]:
    """The dataset that a rule looks into, and its arguments by the names of our own for it."""
    if not check.datasets:
        return {"reference": None}
    (dataset,) = check.datasets
    if dataset == PUBLISHED:
        own = sources.others.get(PUBLISHED)
        if own is None:  # the first load of all
            return {"reference": table.frame.head(0)}
        ours = {own.names[n]: table.names[n] for n in own.names if n in table.names}
        return {"reference": own.frame.select(*ours).rename(ours)}
    if dataset not in sources.others:
        raise NotEvaluated(f"nothing of {dataset} has been published")
    other = sources.others[dataset]
    frame = other.frame
    if those := check.restriction:
        _require(those.columns, other, dataset)
        frame = other.beside({_ABOUT: those}).filter(nw.col(_ABOUT)).drop(_ABOUT)
    if not (to := check.reference):
        return {"reference": frame}
    _require(to.columns, other, to.dataset)
    theirs = to.model_copy(update={"columns": [other.names[name] for name in to.columns]})
    renamed: dict[str, Any] = {name: theirs for name, value in arguments.items() if value is to}
    for name, columns in check.rule.theirs(check.arguments).items():
        _require(columns, other, to.dataset)
        renamed[name] = [other.names[each] for each in columns]
    return {"reference": frame, **renamed}


def _rows(table: Table, check: Check) -> Frame:
    """The rows that a check is about, with its columns; of a key check, those with whole keys."""
    frame = table.frame
    if check.where:
        frame = table.beside({_ABOUT: check.where}).filter(nw.col(_ABOUT))
    if (readable := _readable(table, check)) is not None:
        frame = frame.filter(readable)
    columns = [table.names[name] for name in check.columns]
    if check.rule.kind is Kind.KEY and check.nulls != "judge" and check.needed:
        frame = frame.filter(_whole(table, check))
    return frame.select(RECORD_NO, *table.by, *columns)


def _of_keys(table: Table, check: Check, column: str, sources: Sources) -> Question:
    arguments = _arguments(table, check, sources)
    find: Callable[..., Frame] = check.rule.function
    if not table.by:
        failing = find(**arguments)
    elif check.datasets:
        # Each key is judged by itself, whichever parts it stands in.
        rows: Frame = arguments["frame"]
        apart = find(**arguments | {"frame": rows.drop(*table.by)})
        on = _found_by(apart, table, check)
        failing = rows.select(*table.by, *on).join(apart.select(*on), on=[*on], how="semi")
    else:
        name = check.rule.group_argument
        within = {name: [*table.by, *(arguments[name] or ())]} if name else {}
        failing = find(**arguments | within)
    on = _found_by(failing, table, check)
    otherwise = nw.lit(None, nw.Boolean)
    if "fail" in (check.nulls, check.null_policy):
        otherwise = nw.lit(False)
    kept = [*table.by, *on, *((GROUP,) if GROUP in frames.columns(failing) else ())]
    question = _of_failing(table, check, column, sources, failing.group_by(*kept).agg())
    if check.nulls == "judge" or not check.needed:
        return question
    value = nw.when(_whole(table, check)).then(question.value).otherwise(otherwise)
    return replace(question, value=value)


def _of_values(
    table: Table, check: Check, column: str, sources: Sources, asked: ByValue
) -> Question:
    rows = _rows(table, check).filter(_whole(table, check))
    failing = values.failing(rows, asked, sources.keep)
    if table.by:
        whose = rows.group_by(*table.by, *asked.columns).agg()
        failing = whose.join(failing, on=[*asked.columns], how="semi")
    question = _of_failing(table, check, column, sources, failing)
    good = question.value if asked.besides is None else question.value & asked.besides
    return replace(question, value=nw.when(_whole(table, check)).then(good))


def _of_failing(
    table: Table, check: Check, column: str, sources: Sources, failing: Frame
) -> Question:
    """Whether a row is found in what fails, each of which is there once."""
    on = _found_by(failing, table, check)
    failing = sources.keep(failing)
    grouped = GROUP in frames.columns(failing)
    each_once = nw.col(GROUP).n_unique() if grouped else nw.len()
    counted = frames.by_part(failing, table.by, [each_once.alias("keys"), nw.len().alias("found")])
    keys = {part: each["keys"] for part, each in counted.items() if each["found"]}
    if not keys:
        return Question(check, nw.lit(True), column)
    if on == (RECORD_NO,) and not grouped:
        keys = {}
    failing = failing.select(*table.by, *on)
    good = nw.col(_joined(column)).is_null()
    return Question(check, good, column, failing=failing, on=on, keys=keys)


def _found_by(failing: Frame, table: Table, check: Check) -> tuple[str, ...]:
    """The columns by which what fails is found again in the table."""
    known = frames.columns(failing)
    if RECORD_NO in known:
        return (RECORD_NO,)
    return tuple(name for name in (table.names[n] for n in check.columns) if name in known)


def _whole(table: Table, check: Check) -> nw.Expr:
    """Whether there is a value in all columns that a check needs one in."""
    return reduce(and_, (~nw.col(table.names[name]).is_null() for name in check.needed))


def _null_fails(table: Table, check: Check, value: nw.Expr) -> nw.Expr:
    if not check.needed:
        return value
    return nw.when(_whole(table, check)).then(value).otherwise(nw.lit(False))


def _readable(table: Table, check: Check) -> nw.Expr | None:
    # A cell that could not be read has failed `type`, and nothing more can be said of it.
    verdicts = [table.names.get(cast_verdict(name)) for name in check.columns]
    readable = [nw.col(name).fill_null(True) for name in verdicts if name]
    return reduce(and_, readable) if readable else None


def _require(columns: Sequence[str], table: Table, place: str) -> None:
    if missing := [name for name in columns if name not in table.names]:
        raise LookupError(f"there is no column {missing[0]!r} in {place}")


def _joined(column: str) -> str:
    return f"{column}_joined"
