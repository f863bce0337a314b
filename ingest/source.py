"""Source: the contract's half about files. Which ones, how they are read, how they are kept."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from ingest.charsets import EXAMPLES, resolve
from ingest.columns import MOST_COLUMNS, Column, Name, Section, keys
from ingest.model import Marker
from ingest.names import aliases

RESERVED = {"main", "pratique", "quarantine", "staging", "system", "temp"}
"""Schemas and catalogs of the warehouse; a dataset named like one could not be told from it."""


def _dataset(name: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,62}", name):
        raise ValueError(
            f"{name!r} cannot name a dataset; use a letter, then up to 62 of a-z, 0-9 and _"
        )
    if name in RESERVED:
        raise ValueError(f"{name!r} is reserved; so are {', '.join(sorted(RESERVED - {name}))}")
    return name


def _glob(pattern: str) -> str:
    parts = pattern.split("/")
    if pattern.startswith("/") or "\\" in pattern or not {"", ".", ".."}.isdisjoint(parts):
        raise ValueError(
            f"{pattern!r} must stay below the landing directory: a relative path with / between "
            "its parts, without . and .."
        )
    return pattern


def _delimiter(text: str) -> str:
    if not 1 <= len(text.encode()) <= 4 or re.search(r"[\r\n\0\\]", text):
        raise ValueError(f'{text!r} cannot be a delimiter; use 1 to 4 bytes, a tab is "\\t"')
    return text


def _quote(text: str) -> str:
    if len(text.encode()) > 1 or (text and text in "\r\n\0"):
        raise ValueError(f"{text!r} must be one ASCII character, or '' for none")
    return text


class Csv(Section):
    """Delimited text."""

    type: Literal["csv"] = "csv"
    encoding: Annotated[str, AfterValidator(resolve), Field(examples=[*EXAMPLES])] | None = None
    """What the files are written in, by any name that Python knows; detected when left out."""
    delimiter: Annotated[str, AfterValidator(_delimiter)] | None = None
    """Between two cells; like quote, escape, header and skip it is sniffed when left out."""
    quote: Annotated[str, AfterValidator(_quote)] | None = None
    """Around a cell that holds delimiters or line breaks; '' for none."""
    escape: Annotated[str, AfterValidator(_quote)] | None = None
    """Before a quote within a quoted cell; '' for none."""
    header: bool | None = None
    """Whether the first record names the columns; without it they come in the contract's order."""
    null_values: tuple[str, ...] = ("",)
    """Texts that mean that there is no value."""
    skip: Annotated[int, Field(ge=0)] | None = None
    """Lines above the header that are not data."""


class Json(Section):
    """Objects: one a line, one after the other, or in an array."""

    type: Literal["json"] = "json"
    encoding: Annotated[str, AfterValidator(resolve), Field(examples=[*EXAMPLES])] | None = None
    """What the files are written in, by any name that Python knows; detected when left out."""
    records: Annotated[str, AfterValidator(keys), Field(examples=["data.items"])] | None = None
    """The keys that lead to the array of records, with dots between, where it stands within an
    object."""
    null_values: tuple[str, ...] = ()
    """Texts that mean that there is no value, besides JSON's own null."""


class Parquet(Section):
    """Columns with types of their own."""

    type: Literal["parquet"] = "parquet"
    null_values: tuple[str, ...] = ()
    """Texts that mean that there is no value, besides Parquet's own null."""


class Excel(Section):
    """A sheet of a workbook, .xlsx or .xlsm."""

    type: Literal["excel"] = "excel"
    sheet: str | None = None
    """Name of the sheet; without it, the first visible one that is not empty."""
    header_row: Annotated[int, Field(ge=1, le=1_048_576)] | None = None
    """Row of the sheet that names the columns; found below what stands above it when left out."""
    null_values: tuple[str, ...] = ("",)
    """Texts that mean that there is no value, besides an empty cell."""


Mode = Literal["evolve", "freeze", "discard_row", "discard_value"]


class SchemaContract(Section):
    """What becomes of what a file brings and the contract, or the table, does not know."""

    tables: Mode = "evolve"
    """When the dataset has no table yet. evolve: the first load makes it. freeze: loads are held
    until somebody has made it. discard_row, discard_value: they are turned away."""
    columns: Mode = "discard_value"
    """A column that the contract does not have. evolve: it is added to the table. freeze: the file
    is held. discard_row: a record with a value in it is quarantined. discard_value: its values
    are kept in the column `_rescued`."""
    types: Mode = "discard_row"
    """A value that does not have its column's type. evolve: its text is kept in a column of its
    own, `<column>__v_text`. freeze: the file is held. discard_row: its record is quarantined.
    discard_value: its text is kept in `_rescued`. With evolve and discard_value, the check `type`
    warns, if the contract does not say otherwise."""


class Ready(Section):
    """What says that a file is whole, instead of its having been left alone for a while."""

    marker: Marker
    """.done and the like: a file of the same name with this ending, put beside it after it.
    .meta.json: its sidecar. _SUCCESS: a file of that name in the same directory."""


class Source(Section):
    """Which files belong to a dataset, how they are read, and how their rows are kept."""

    dataset: Annotated[str, AfterValidator(_dataset)]
    """Name of the dataset and of its table."""
    files: Annotated[str, AfterValidator(_glob)]
    """Glob of the files, relative to the landing directory: `flights_*.csv`, `**/*.json`."""
    format: Annotated[Csv | Json | Parquet | Excel, Field(discriminator="type")] | None = None
    """How the files are read; without it, by the file's suffix."""
    load: Literal["append", "replace", "merge"] = "append"
    """append: a file adds rows. replace: the newest file is the table. merge: a row replaces
    the one with the same key."""
    key: tuple[Name, ...] = ()
    """The columns that tell rows apart, for `load: merge`."""
    columns: tuple[Column, ...]
    """The columns, in the order of the table."""
    ready: Ready | None = None
    """What must stand beside a file before it is taken."""
    schema_contract: SchemaContract = SchemaContract()
    """What becomes of what a file brings that is not declared."""

    @model_validator(mode="after")
    def _agrees(self) -> Source:
        problems = list(_disagreements(self))
        if problems:
            raise ValidationError.from_exception_data("Source", problems)
        return self

    @property
    def fingerprint(self) -> str:
        """Sha256 of all that changes how records are read, and of nothing else."""
        read = self.model_dump(include={"format", "columns", "schema_contract"})
        for column in read["columns"]:
            del column["description"]
        return hashlib.sha256(json.dumps(read, sort_keys=True).encode()).hexdigest()


def _disagreements(source: Source) -> Iterator[InitErrorDetails]:
    """Find what is right by itself and wrong together, each at the key to mend."""

    def problem(message: str, *keys: str | int) -> InitErrorDetails:
        # Braces in a message would be placeholders to PydanticCustomError.
        kind = PydanticCustomError("disagrees", "{message}", {"message": message})
        return InitErrorDetails(type=kind, loc=keys, input=None)

    if not source.columns:
        yield problem("there are no columns; name at least one", "columns")
    if len(source.columns) > MOST_COLUMNS:
        message = (
            f"there are {len(source.columns)} columns, and at most {MOST_COLUMNS} can be declared; "
            "leave out what nobody asks for: it is kept in the column _rescued"
        )
        yield problem(message, "columns")
    seen: dict[str, int] = {}
    for index, column in enumerate(source.columns):
        first = seen.setdefault(column.name.lower(), index)
        if first != index:
            message = f"{column.name!r} is already the name of columns[{first}]"
            yield problem(message, "columns", index, "name")
        if column.format and column.type not in ("date", "timestamp", "timestamptz"):
            message = f"{column.type} takes no format; only date, timestamp and timestamptz do"
            yield problem(message, "columns", index, "format")
        if column.path and source.format and source.format.type != "json":
            message = f"{source.format.type} has no paths; only json does"
            yield problem(message, "columns", index, "path")
    if source.load == "merge" and not source.key:
        yield problem("merge needs a key: the list of columns that tell rows apart", "load")
    if source.key and source.load != "merge":
        yield problem(f"{source.load} uses no key; only merge does", "key")
    names = [column.name for column in source.columns]
    for index, name in enumerate(source.key):
        if name not in names:
            message = f"{name!r} is not a column; columns are {', '.join(names)}"
            yield problem(message, "key", index)
    csv = source.format if isinstance(source.format, Csv) else Csv()
    if csv.delimiter and csv.quote and csv.quote in csv.delimiter:
        yield problem("the quote is part of the delimiter", "format", "delimiter")


def claims(source: Source, name: str) -> bool:
    """Whether the source's glob matches a landed file by any of its names, case-sensitively.

    `*`, `?` and `[...]` stay within one part of the path; a part that is `**` stands for any
    number of parts, none included.

    Args:
        source: The contract's half about files.
        name: Path below the landing directory, with forward slashes; of what lies in an archive,
            that of the archive, a slash, and the path within it.
    """
    globs = source.files.split("/")
    return any(_matches(globs, alias.split("/")) for alias in aliases(name))


def _matches(globs: list[str], parts: list[str]) -> bool:
    """Match part by part, with one row of a table for each glob: linear even for `**/**/**`."""
    reached = {0}
    for glob in globs:
        if glob == "**":
            reached = set(range(min(reached, default=len(parts) + 1), len(parts) + 1))
        else:
            reached = {n + 1 for n in reached if n < len(parts) and fnmatchcase(parts[n], glob)}
    return len(parts) in reached
