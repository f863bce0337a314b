"""Conjecture: what a contract would have to say of columns of text, so that all values are read.

Which words stand for no value, which type each column has, and how its dates are written: found by
evidence, and left alone where the evidence does not suffice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb

from ingest.casting import cast
from ingest.columns import Column
from ingest.inference import SAMPLE, infer
from ingest.sql import literal

MISSING = (
    *("", "NA", "N/A", "n/a", "n.a.", "#N/A", "<NA>", "na", "NULL", "Null", "null", "(null)"),
    *("None", "none", "nil", "NaN", "nan", "\\N", "-", "--", "---", "?", ".", "#NULL!"),
)
"""Words that may say that there is no value."""
PLAIN = ("N/A", "n/a", "#N/A", "<NA>", "(null)", "\\N", "#NULL!", "NULL")
"""Those of them that say nothing else in any column."""
LONGER = 2
"""Characters by which the shortest text of a column must be longer than a word, so that the word is
none of them: `NA` among names of time zones, and not among codes of countries."""
FEW = 100
"""Records that rule most ways out in which dates are written."""
MOST_AMPLE = 1_000_000_000
"""From here on a number is soon too large for an integer."""

_LOOK = " *[0-9A-Za-z]{1,9}[ ./-][0-9A-Za-z]{1,9},?[ ./-][0-9]{2,4}( [0-9:]+( [AaPp][Mm])?)? *"
_DAYS = ("%d.%m.%Y", "%d.%m.%y", "%Y.%m.%d", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y")
_NAMED = ("%d %b %Y", "%d-%b-%Y", "%d-%b-%y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y")
_TIMES = ("%H:%M", "%H:%M:%S", "%I:%M %p", "%I:%M:%S %p")
FORMATS: Mapping[str, str] = {
    **dict.fromkeys((*_DAYS, *_NAMED), "date"),
    **{f"{day} {time}": "timestamp" for day in (*_DAYS, "%Y/%m/%d") for time in _TIMES},
}
"""How dates and times are written, besides ISO 8601, and the type that they have."""


@dataclass(frozen=True)
class NullWord:
    """A word that stands for no value."""

    word: str
    field: str
    """The field that shows it."""
    count: int
    """How often it stands there."""
    others: str
    """What all other values of that field are: `integer`, or `text of 12 characters and more`."""


@dataclass(frozen=True)
class Guess:
    """What a column is."""

    type: str
    format: str | None = None
    doubt: str | None = None
    """Why it is no more than text."""


@dataclass(frozen=True)
class Conjecture:
    """What a contract would have to say of columns."""

    guesses: Mapping[str, Guess]
    null_words: tuple[NullWord, ...]


def conjecture(con: duckdb.DuckDBPyConnection, table: str, texts: Mapping[str, str]) -> Conjecture:
    """Find out what columns of text are.

    Args:
        con: The connection.
        table: Where the columns are, quoted.
        texts: The quoted name of each field's column.
    """
    found = dict(zip(texts, infer(con, table, list(texts.values())), strict=True))
    words = _null_words(con, table, texts, found)
    meant = tuple(dict.fromkeys(each.word for each in words))
    asked = {field: without(text, meant) for field, text in texts.items()}
    if meant:
        doubtful = [field for field, type in found.items() if type == "varchar"]
        again = infer(con, table, [asked[field] for field in doubtful])
        found |= dict(zip(doubtful, again, strict=True))
    written = _formats(con, table, {f: asked[f] for f, type in found.items() if type == "varchar"})
    ample = _ample(con, table, {f: asked[f] for f, type in found.items() if type == "integer"})
    guesses = {
        field: written.get(field) or Guess("bigint" if field in ample else type)
        for field, type in found.items()
    }
    return Conjecture(guesses, words)


def without(text: str, words: Sequence[str]) -> str:
    """The SQL of a text that is null where it is one of some words."""
    if not words:
        return text
    return f"(CASE WHEN {text} NOT IN ({', '.join(map(literal, words))}) THEN {text} END)"


def _null_words(
    con: duckdb.DuckDBPyConnection,
    table: str,
    texts: Mapping[str, str],
    types: Mapping[str, str],
) -> tuple[NullWord, ...]:
    """Find the words that stand for no value, each with the field that shows it best."""
    doubtful = [field for field, type in types.items() if type == "varchar"]
    every = ", ".join(map(literal, MISSING))
    if not doubtful:
        return ()
    counts = ", ".join(f"count(*) FILTER ({texts[field]} IN ({every}))" for field in doubtful)
    (row,) = con.sql(f"SELECT {counts} FROM {table}").fetchall()
    fields = [field for field, count in zip(doubtful, row, strict=True) if count]
    cleared = [without(texts[field], MISSING) for field in fields]
    found: dict[str, NullWord] = {}
    for field, text, type in zip(fields, cleared, infer(con, table, cleared), strict=True):
        ((shortest, values),) = con.sql(
            f"SELECT min(length({text})), count(DISTINCT {text}) FROM {table}"
        ).fetchall()
        if type == "varchar" and _formats(con, table, {field: text}):
            type = "date"
        for word, count in con.sql(
            f"SELECT {texts[field]}, count(*) FROM {table} WHERE {texts[field]} IN ({every}) "
            "GROUP BY 1 ORDER BY 2 DESC, 1"
        ).fetchall():
            told = type if type != "varchar" else f"text of {shortest} characters and more"
            apart = values >= 3 and shortest is not None and shortest >= len(word) + LONGER
            sure = type != "varchar" or (word in PLAIN and values) or (apart and word)
            if sure and (word not in found or type != "varchar"):
                found.setdefault(word, NullWord(word, field, count, told))
    return tuple(found.values())


def _formats(
    con: duckdb.DuckDBPyConnection, table: str, texts: Mapping[str, str]
) -> dict[str, Guess]:
    """Find how dates are written; by a few records first, then by more, then by all."""
    candidates = {field: list(FORMATS) for field in _dated(con, table, texts)}
    for rows in (f"(FROM {table} LIMIT {FEW})", f"(FROM {table} LIMIT {SAMPLE})", table):
        asked = [(field, form) for field, forms in candidates.items() for form in forms]
        if not asked:
            return {}
        verdicts = (
            f"bool_and(CASE WHEN {texts[field]} IS NOT NULL THEN {_read(form, texts[field])} "
            "IS NOT NULL END)"
            for field, form in asked
        )
        (row,) = con.sql(f"SELECT {', '.join(verdicts)} FROM {rows}").fetchall()
        held = {pair for pair, verdict in zip(asked, row, strict=True) if verdict}
        candidates = {f: [x for x in forms if (f, x) in held] for f, forms in candidates.items()}
    return {field: _chosen(forms) for field, forms in candidates.items() if forms}


def _dated(con: duckdb.DuckDBPyConnection, table: str, texts: Mapping[str, str]) -> list[str]:
    """The fields whose first values could be dates at all."""
    if not texts:
        return []
    looks = ", ".join(f"bool_and(regexp_full_match({text}, '{_LOOK}'))" for text in texts.values())
    (row,) = con.sql(f"SELECT {looks} FROM (FROM {table} LIMIT {FEW})").fetchall()
    return [field for field, likely in zip(texts, row, strict=True) if likely is not False]


def _read(form: str, text: str) -> str:
    """The SQL of a date in a form; 3 is no year, and 1.2.20 is a version."""
    read = cast(Column(name="value", type=FORMATS[form], format=form), text)
    likely = f"year({read}) BETWEEN 1800 AND 2200" if "%Y" in form else f"length({text}) >= 8"
    return f"CASE WHEN {likely} THEN {read} END"


def _chosen(forms: Sequence[str]) -> Guess:
    """Choose the only form; where day and month may be swapped, none."""
    whole = [form for form in forms if "%Y" in form] or list(forms)
    if len({_day_first(form) for form in whole}) > 1:
        either = " or ".join(whole)
        return Guess("varchar", doubt=f"a date, but {either} read all values alike; say which")
    return Guess(FORMATS[whole[0]], whole[0])


def _day_first(form: str) -> bool:
    """Whether the day stands before the month."""
    month = min(at for at in map(form.find, ("%m", "%b", "%B")) if at >= 0)
    return form.index("%d") < month


def _ample(con: duckdb.DuckDBPyConnection, table: str, texts: Mapping[str, str]) -> set[str]:
    """The whole numbers that are nearly too large for an integer."""
    if not texts:
        return set()
    largest = ", ".join(f"max(abs({text}::BIGINT))" for text in texts.values())
    (row,) = con.sql(f"SELECT {largest} FROM {table}").fetchall()
    return {field for field, value in zip(texts, row, strict=True) if value and value >= MOST_AMPLE}
