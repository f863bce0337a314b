"""Reading: files that nothing is agreed about, made a table of typed columns by what is in them."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
from pydantic import ValidationError

from flows.trial import Trial
from ingest.casting import cast
from ingest.columns import MOST_COLUMNS, Column
from ingest.conjecture import Conjecture, NullWord, conjecture, without
from ingest.errors import FileUnreadable
from ingest.formats.json_layout import keys_within
from ingest.model import FileError
from ingest.rejects import Reject
from ingest.source import Json, Source
from ingest.sql import identifier
from ingest.transcript import UNKNOWN, Transcript
from quality.frames import cast_verdict
from quality.wording import count

MOST_REJECTS = 3
"""Records that do not fit and are told one by one."""


@dataclass(frozen=True)
class Reading:
    """Files of one shape, read as one table of typed columns."""

    con: duckdb.DuckDBPyConnection
    table: str
    """Quoted name of the table."""
    files: tuple[str, ...]
    """Their names below the landing directory, or their own."""
    columns: tuple[Column, ...]
    partial: frozenset[str]
    """The columns that only some of the files have."""
    doubts: Mapping[str, str]
    """Why columns are no more than text."""
    left_out: Mapping[str, str]
    """The fields that can be no column, and why."""
    null_words: tuple[NullWord, ...]
    format: str
    dialect: Mapping[str, Any]
    """How all of the files are written."""
    sparse: frozenset[str]
    """The keys of JSON that some records lack or leave null."""
    records: int
    rows: tuple[int, ...]
    """Records of each file that fit."""
    rejected: tuple[Reject, ...]
    """Some of the records that do not fit."""
    misfits: int
    """How many of them there are."""
    errors: tuple[FileError, ...]

    @property
    def relation(self) -> duckdb.DuckDBPyRelation:
        """The typed columns."""
        return self.con.table(self.table)


def read(trials: Sequence[Trial]) -> Reading:
    """Read files of one shape as one table, with the types that all their values have.

    Args:
        trials: The files, of one format, laid out beside one warehouse.

    Raises:
        FileUnreadable: One cannot be read, or there is no record in any of them.
    """
    con, first = trials[0].con, trials[0]
    texts = [_transcribe(trial) for trial in trials]
    fields: dict[str, str | None] = {}
    for text in texts:
        known = set(map(str.lower, fields))
        new = (f for f in text.transcript.fields if len(texts) == 1 or f.lower() not in known)
        fields |= {field: text.ways.get(field) for field in new}
    misfits = sum(trial.rejected() for trial in trials)
    records = sum(text.transcript.records for text in texts)
    errors = tuple(error for text in texts for error in text.transcript.errors)
    if records == misfits:
        files = " and ".join(trial.file for trial in trials[:3])
        why = "".join(f"; {error.message}" for error in errors[:1])
        raise FileUnreadable(f"{files}: there is no record by which columns could be told{why}")
    names = {field: f"f{i}" for i, field in enumerate(fields)}
    united = " UNION ALL ".join(_selected(text, names) for text in texts)
    made = conjecture(con, f"({united})", names)
    columns, left_out = _columns(fields, made)
    words = tuple(word.word for word in made.null_words)
    cells = [
        f"{cast(column, without(names[field], words))} AS {identifier(column.name)}"
        for field, column in columns.items()
    ]
    table, format = first.area.table("typed"), first.format(UNKNOWN)
    con.execute(f"CREATE TABLE {table} AS SELECT {', '.join(cells)} FROM ({united})")
    return Reading(
        con=con,
        table=table,
        files=tuple(trial.file for trial in trials),
        columns=tuple(columns.values()),
        partial=_partial(columns, texts),
        doubts={field: doubt for field in columns if (doubt := made.guesses[field].doubt)},
        left_out=left_out,
        null_words=made.null_words,
        format=format,
        dialect=_common([text.dialect for text in texts]),
        sparse=_sparse(con, table, columns.values()) if format == "json" else frozenset(),
        records=records,
        rows=tuple(t.transcript.records - f.rejected() for t, f in zip(texts, trials, strict=True)),
        rejected=tuple(reject for trial in trials for reject in trial.rejects(MOST_REJECTS)),
        misfits=misfits,
        errors=errors,
    )


def _partial(columns: Iterable[str], texts: Sequence[_Text]) -> frozenset[str]:
    """The columns that not all files have."""
    known = [set(map(str.lower, text.transcript.fields)) for text in texts]
    return frozenset(c for c in columns if not all(c.lower() in each for each in known))


@dataclass(frozen=True)
class _Text:
    """A file as text, with the ways to what does not stand on top of its records."""

    transcript: Transcript
    ways: Mapping[str, str]
    dialect: Mapping[str, Any]


def _transcribe(trial: Trial) -> _Text:
    """Read a file as text; what stands within its records as columns of its own."""
    source = UNKNOWN
    read = _readable(trial, source)
    if trial.format(source) != "json":
        return _Text(read, {}, read.dialect)
    if read.records == 1 and (ways := [way for way in keys_within(trial.blob) if way]):
        source = source.model_copy(update={"format": Json(records=ways[0])})
        read = _readable(trial, source)
    nested = _nested(trial.con, read)
    if nested != dict.fromkeys(read.fields):
        columns = [
            Column.model_construct(name=name, path=path, type="varchar", required=False)
            for name, path in nested.items()
        ]
        read = _readable(trial, source.model_copy(update={"columns": tuple(columns)}))
    return _Text(read, {name: path for name, path in nested.items() if path}, read.dialect)


def _readable(trial: Trial, source: Source) -> Transcript:
    """Read a file as text.

    Raises:
        FileUnreadable: It cannot be read.
    """
    transcript = trial.transcribe(source)
    if not transcript.readable:
        fatal = next(error.message for error in transcript.errors if error.fatal)
        raise FileUnreadable(f"{trial.file}: {fatal}")
    return transcript


def _nested(con: duckdb.DuckDBPyConnection, read: Transcript) -> dict[str, str | None]:
    """The columns of JSON records: each with the way to it, if it does not stand on top."""
    found: dict[str, str | None] = {}
    types = read.types(con)
    for index, (field, type) in enumerate(zip(read.fields, types, strict=True)):
        structure: Any = None
        if type == "json":
            ((told,),) = con.sql(
                f"SELECT json_group_structure(t{index}::JSON) FROM {read.table}"
            ).fetchall()
            structure = json.loads(told) if told else None
        for way in _leaves(structure, (field,)):
            name, place = "_".join(way).lstrip("_") or field, len(found) + 1
            name = f"{name}__{place}" if name.lower() in map(str.lower, found) else name
            found[name] = None if (name,) == way else ".".join(way)
    return found


def _leaves(structure: Any, way: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """The ways to what is no object; an object whose keys make no way stays whole."""
    speakable = isinstance(structure, dict) and all(
        key and "." not in key and "\0" not in key for key in structure
    )
    if not structure or not speakable or "." in way[0]:
        yield way
        return
    for key, inner in structure.items():
        yield from _leaves(inner, (*way, key))


def _selected(read: _Text, names: Mapping[str, str]) -> str:
    """The SQL of the records that fit, with the names that all files share."""
    known = {field.lower(): f"t{i}" for i, field in enumerate(read.transcript.fields)}
    cells = (f"{known.get(f.lower(), 'NULL::VARCHAR')} AS {name}" for f, name in names.items())
    return f"SELECT {', '.join(cells)} FROM {read.transcript.table} WHERE reject IS NULL"


def _columns(
    fields: Mapping[str, str | None], made: Conjecture
) -> tuple[dict[str, Column], dict[str, str]]:
    """The columns of a contract, by field, and the fields that can be none, with the reasons."""
    columns: dict[str, Column] = {}
    left_out: dict[str, str] = {}
    taken: set[str] = set()
    for field, path in fields.items():
        guess = made.guesses[field]
        try:
            column = Column(name=field, type=guess.type, format=guess.format, path=path)
        except ValidationError as error:
            left_out[field] = str(error.errors()[0]["msg"]).removeprefix("Value error, ")
            continue
        if field.lower() in taken:
            left_out[field] = "another column has this name"
        elif len(columns) == MOST_COLUMNS:
            left_out[field] = f"a contract has {count(MOST_COLUMNS)} columns at most"
        else:
            columns[field] = column
            taken |= {field.lower(), cast_verdict(field).lower()}
    if not columns:
        raise FileUnreadable(f"no column can be declared: {'; '.join(left_out.values())}")
    return columns, left_out


def _sparse(
    con: duckdb.DuckDBPyConnection, table: str, columns: Collection[Column]
) -> frozenset[str]:
    """The columns that have no value in some record."""
    asked = ", ".join(f"count(*) > count({identifier(c.name)})" for c in columns)
    (row,) = con.sql(f"SELECT {asked} FROM {table}").fetchall()
    return frozenset(c.name for c, less in zip(columns, row, strict=True) if less)


def _common(dialects: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What is true of how all files are written."""
    first, *others = dialects
    return {k: v for k, v in first.items() if all(each.get(k) == v for each in others)}
