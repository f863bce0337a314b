"""Drafting: the contract that files give reason for, with the evidence for all that it says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from flows import contract as contracts
from flows.inspection import published_beside
from flows.project import Project
from flows.reading import Reading, read
from flows.titles import Title, dates_in, title_of
from flows.trial import Trial, lay_out_all
from flows.variables import escaped
from flows.writing import contract_yaml
from ingest.columns import Column
from ingest.errors import FileUnreadable
from ingest.source import Csv
from ingest.tables import LINEAGE
from quality.profiling import Parent, Profile, find_links, parents_of, profile
from quality.profiling.groups import family_of
from quality.sql import quoted
from quality.suggestion import FEWEST, Delivery, Suggested, suggest
from quality.wording import listing, plural

PERSONAL = {"email", "phone", "iban", "credit_card"}
"""What is about a person, whoever it is."""
MOST_LOOKED_UP = 2_000_000
"""Rows of a published dataset in which keys are looked for."""
_KEYS = ("VARCHAR", "INTEGER", "BIGINT", "HUGEINT", "UUID")


@dataclass(frozen=True)
class Draft:
    """A contract that nobody has agreed to yet."""

    dataset: str
    files: tuple[str, ...]
    """The files that it was made of."""
    records: int
    suggested: tuple[Suggested, ...]
    text: str
    """The contract, as YAML."""


@dataclass(frozen=True)
class _Subject:
    """Files of one dataset, and what is in them."""

    title: Title
    reading: Reading
    profile: Profile


def draft(paths: Sequence[Path], project: Project | None) -> list[Draft]:
    """Draft a contract for each dataset that some files are of.

    Files are of one dataset when their names differ only in a date or a number. A dataset may
    refer to those of the other files, and to those that the project has published.

    Args:
        paths: The files.
        project: The project, for its limits, its contracts and its warehouse.

    Raises:
        OSError: A file is not there, or is no regular file.
        IngestError: One cannot be read, or has no records.
    """
    with lay_out_all(list(dict.fromkeys(paths)), project) as trials:
        con = trials[0].con
        subjects = {name: _subject(each) for name, each in _by_dataset(trials).items()}
        parents = [
            parent
            for dataset, subject in subjects.items()
            for parent in parents_of(dataset, subject.reading.relation, subject.profile)
        ]
        parents += _published(con, project, subjects)
        return [_draft(name, subject, parents) for name, subject in subjects.items()]


def _by_dataset(trials: Sequence[Trial]) -> dict[str, list[tuple[Title, Trial]]]:
    """Put the files of one dataset together; those of another format are another dataset."""
    found: dict[str, list[tuple[Title, Trial]]] = {}
    names: dict[str, str] = {}
    for trial in trials:
        title = title_of(trial.file)
        if title.glob not in names:
            taken = title.dataset in names.values()
            number = f"_{len(names) + 1}" if taken else ""
            names[title.glob] = f"{title.dataset}{number}"
        found.setdefault(names[title.glob], []).append((title, trial))
    return found


def _subject(files: Sequence[tuple[Title, Trial]]) -> _Subject:
    reading = read([trial for _, trial in files])
    _agree(reading)
    return _Subject(files[0][0], reading, profile(reading.con, reading.relation))


def _agree(reading: Reading) -> None:
    """Refuse to make one contract of files that have little to do with each other.

    Raises:
        FileUnreadable: Most columns are not in all of them.
    """
    if 2 * len(reading.partial) > len(reading.columns):
        shared = len(reading.columns) - len(reading.partial)
        names = " and ".join(reading.files[:3])
        raise FileUnreadable(
            f"{names} are called alike, but share only {shared} of {len(reading.columns)} columns; "
            "suggest a contract for each by itself"
        )


def _published(
    con: duckdb.DuckDBPyConnection, project: Project | None, subjects: Mapping[str, Any]
) -> Iterator[Parent]:
    """Give the columns of published datasets, with a contract, that tell their rows apart."""
    known = {c.dataset for c in contracts.of_project(project)[0]} if project else set()
    references, _ = published_beside(con, project)
    for dataset, relation in references.items():
        if dataset in subjects or dataset not in known:
            continue
        types = zip(relation.columns, map(str, relation.types), strict=True)
        keys = {name: type for name, type in types if type in _KEYS and name not in LINEAGE}
        asked = "".join(f", count(DISTINCT {quoted(name)})" for name in keys)
        sql = relation.sql_query()
        ((rows,),) = con.execute(f"SELECT count(*) FROM ({sql})").fetchall()
        if not 0 < rows <= MOST_LOOKED_UP:
            continue
        (counts,) = con.execute(f"SELECT count(*){asked} FROM ({sql})").fetchall()
        for (name, type), distinct in zip(keys.items(), counts[1:], strict=True):
            if distinct == rows:
                yield Parent(dataset, name, relation, family_of(type), rows)


def _draft(dataset: str, subject: _Subject, parents: Sequence[Parent]) -> Draft:
    reading, title = subject.reading, subject.title
    others = [parent for parent in parents if parent.dataset != dataset]
    links = find_links(reading.con, reading.relation, subject.profile, others)
    days = tuple(dates_in(reading.files))
    delivery = Delivery(reading.rows, title.recurring, days)
    suggested = tuple(suggest(subject.profile, links, delivery))
    columns = [_column(column, subject, suggested) for column in reading.columns]
    whole = [each for each in suggested if each.column is None]
    contract = {
        "dataset": dataset,
        "files": title.glob,
        "format": _format(reading),
        "load": "append" if title.recurring else "replace",
        "columns": columns,
    } | ({"checks": [each.written for each in whole]} if whole else {})
    comments = dict(_comments(subject, suggested))
    text = contract_yaml(escaped(contract), comments)
    return Draft(dataset, reading.files, reading.records, suggested, text)


def _column(column: Column, subject: _Subject, suggested: Sequence[Suggested]) -> dict[str, Any]:
    checks = [each.written for each in suggested if each.column == column.name]
    texts = subject.profile.column(column.name).texts
    written: dict[str, Any] = {"name": column.name, "type": column.type}
    written |= {"format": column.format} if column.format else {}
    written |= {"path": column.path} if column.path else {}
    written |= {"required": False} if _optional(column, subject.reading) else {}
    written |= {"pii": True} if texts and texts.meaning in PERSONAL else {}
    return written | ({"checks": checks} if checks else {})


def _optional(column: Column, reading: Reading) -> bool:
    """Whether a file may lack a column: one did, or it is JSON, which leaves out what is null."""
    return column.name in reading.partial or column.name in reading.sparse


def _format(reading: Reading) -> dict[str, Any]:
    """How the files are written, as far as it is the same for all of them."""
    dialect, words = reading.dialect, [word.word for word in reading.null_words]
    told: dict[str, Any] = {"type": reading.format}
    match reading.format:
        case "csv":
            told |= {k: dialect[k] for k in ("delimiter", "quote", "header") if k in dialect}
            if dialect.get("escape") != dialect.get("quote") and "escape" in dialect:
                told["escape"] = dialect["escape"]
            told |= {"skip": dialect["skip"]} if dialect.get("skip") else {}
        case "json":
            told |= {"records": dialect["records"]} if "records" in dialect else {}
        case "excel":
            told |= {k: dialect[k] for k in ("sheet", "header_row") if k in dialect}
    encoding = dialect.get("encoding")
    if encoding and encoding not in ("utf-8", "utf-8-sig", "ascii"):
        told["encoding"] = encoding
    usual = Csv().null_values if reading.format in ("csv", "excel") else ()
    if words:
        told["null_values"] = [*(word for word in words if word not in usual), *usual]
    return told


def _comments(
    subject: _Subject, suggested: Sequence[Suggested]
) -> Iterator[tuple[tuple[str | int, ...], Sequence[str]]]:
    """The evidence, each piece where it belongs."""
    reading = subject.reading
    yield (), list(_head(subject))
    yield (
        ("format",),
        [
            f"{word.word or 'an empty text'} stands for no value: {plural(word.count, 'time')} in "
            f"{word.field}, where all else is {word.others}"
            for word in reading.null_words
        ],
    )
    left_out = [f"left out: {name}, {why}" for name, why in reading.left_out.items()]
    yield ("columns",), left_out[:20]
    for index, column in enumerate(reading.columns):
        below = [each for each in suggested if each.column == column.name]
        if doubt := reading.doubts.get(column.name):
            yield ("columns", index), [doubt]
        for number, each in enumerate(below):
            yield ("columns", index, "checks", number), [each.evidence]
    for number, each in enumerate(each for each in suggested if each.column is None):
        yield ("checks", number), [each.evidence]


def _head(subject: _Subject) -> Iterator[str]:
    reading = subject.reading
    files = plural(len(reading.files), "file") if len(reading.files) > 3 else listing(reading.files)
    yield f"Suggested by {plural(reading.records, 'record')} of {files}."
    yield "Above each check stands what speaks for it. What is certain keeps a record out of the"
    yield "table when it fails; what is only the range of what was seen warns."
    if reading.records < FEWEST:
        yield f"There are no checks: {plural(reading.records, 'record')} say too little."
    if reading.misfits:
        reason = reading.rejected[0].reason if reading.rejected else ""
        yield f"{plural(reading.misfits, 'record')} did not fit and say nothing here: {reason}"
    for error in reading.errors:
        if error.code in ("unsure-header", "duplicate-header", "blank-header"):
            yield error.message
