"""How well the dialects of real messy files are told, and whether any record goes unsaid.

Usage: python -m benchmarks.dialects CORPUS [--json]

The corpus is a directory with `dialects.txt`, one line a file:
`file_name|encoding|fields_delimiter|quotechar|escapechar|records_delimiter`, and `files/`.

An annotation is clear where its delimiter, and its escape if it names one, occur in the file; a
line ending is compared where it occurs. Records are counted by Python's csv module with the
annotated dialect, or without an annotation by lines; a file is silent where fewer are read,
rejected and reported than that.
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated, Any

import typer
from rich import box
from rich.console import Console
from rich.table import Table

from flows.preview import preview
from ingest.errors import IngestError

DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "vslash": "|", "nsign": "#"}
QUOTES = {"doublequote": '"', "singlequote": "'", "backslash": "\\", "": ""}
NEWLINES = {"lf": "\n", "crlf": "\r\n", "cr": "\r"}
ENCODINGS = {
    "ansi": "cp1252",
    "shif-jis": "shift_jis",
    "utf16": "utf-16",
    "utf8": "utf-8-sig",
    "ascii": "ascii",
    "windows-1251": "cp1251",
}

csv.field_size_limit(1 << 30)


@dataclass(frozen=True)
class Annotation:
    """What a person read off a file."""

    encoding: str
    delimiter: str
    quote: str
    escape: str
    """Empty where no quote is escaped."""
    newline: str

    @classmethod
    def parse(cls, line: str) -> tuple[str, Annotation]:
        name, encoding, delimiter, quote, escape, newline = line.split("|")
        if escape == "doublequote":
            escape = quote
        return name, cls(
            ENCODINGS[encoding],
            DELIMITERS[delimiter],
            QUOTES[quote],
            QUOTES.get(escape, ""),
            NEWLINES[newline],
        )

    def is_clear(self, text: str) -> bool:
        """Whether what is annotated occurs in the file."""
        return self.delimiter in text and (self.escape or self.quote) in text + '"'

    def differences(self, dialect: Mapping[str, Any], text: str) -> list[str]:
        """What is told otherwise."""
        asked = {"delimiter": self.delimiter, "quote": self.quote}
        if self.escape:
            asked["escape"] = self.escape
        if self.newline in text and (self.newline != "\n" or "\r\n" not in text):
            asked["newline"] = self.newline
        return [
            f"{key} {dialect.get(key)!r} instead of {value!r}"
            for key, value in asked.items()
            if dialect.get(key) != value
        ]

    def count(self, text: str) -> int:
        """Count the records, a header among them; blank lines are none."""
        escape = self.escape if self.escape != self.quote else ""
        rows = csv.reader(
            text.splitlines(keepends=True),
            delimiter=self.delimiter,
            quotechar=self.quote,
            escapechar=escape or None,
            doublequote=not escape,
            skipinitialspace=True,
        )
        return sum(any(cell.strip() for cell in row) or len(row) > 1 for row in rows)


@dataclass(frozen=True)
class Result:
    """What was made of one file."""

    file: str
    clear: bool
    differences: list[str]
    expected: int
    """Records by the independent count, a header among them, without what is skipped."""
    read: int
    rejected: int
    header: int
    reported: list[str] = field(default_factory=list)

    @property
    def silent(self) -> bool:
        """Whether a record is missing, and nothing says so."""
        return self.read + self.rejected + self.header < self.expected and not self.reported


def look(path: Path, annotation: Annotation | None) -> Result:
    """Read a file without a contract, as `pratique preview` does."""
    data = path.read_bytes()
    text = decode(data, annotation)
    clear = annotation is not None and annotation.is_clear(text)
    try:
        with preview(path, None, None) as found:
            dialect, read, rejected = found.dialect, len(list(found.records)), found.bad
            reported = [error.code for error in found.file_errors if error.fatal]
    except IngestError as error:
        return Result(path.name, clear, [f"unreadable: {error}"], 0, 0, 0, 0, ["unreadable"])
    below = "\n".join(text.splitlines()[dialect.get("skip", 0) :])
    return Result(
        file=path.name,
        clear=clear,
        differences=annotation.differences(dialect, text) if annotation else [],
        expected=annotation.count(below) if annotation else _lines(below),
        read=read,
        rejected=rejected,
        header=int(dialect.get("header", False)),
        reported=reported,
    )


def decode(data: bytes, annotation: Annotation | None) -> str:
    try:
        return data.decode(annotation.encoding if annotation else "utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _lines(text: str) -> int:
    return sum(bool(line.strip()) for line in text.splitlines())


def main(
    corpus: Annotated[Path, typer.Argument(help="Directory with dialects.txt and files/.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Measure, and print a table or JSON."""
    lines = (corpus / "dialects.txt").read_text().splitlines()[1:]
    annotations = dict(map(Annotation.parse, lines))
    files = sorted((corpus / "files").iterdir())
    results = [look(path, annotations.get(path.name)) for path in files]
    clear = [result for result in results if result.clear]
    right = [result for result in clear if not result.differences]
    silent = [result.file for result in results if result.silent]
    if as_json:
        summary = {"files": len(results), "clear": len(clear), "right": len(right)}
        json.dump(
            {**summary, "silent": silent, "results": [asdict(each) for each in results]},
            sys.stdout,
            indent=1,
        )
        return
    table = Table(box=box.SIMPLE)
    for title in ("file", "clear", "records", "read", "rejected", "what is told otherwise"):
        table.add_column(title)
    for one in results:
        if one.differences or one.silent:
            counts = map(str, (one.expected - one.header, one.read, one.rejected))
            said = "; ".join(one.differences) + (" SILENT" if one.silent else "")
            table.add_row(one.file, "yes" if one.clear else "no", *counts, said)
    console = Console()
    console.print(table)
    console.print(
        f"{len(results)} files; of {len(clear)} with a clear annotation {len(right)} are told "
        f"exactly right ({len(right) / len(clear):.1%}); silent: {len(silent)}"
    )


if __name__ == "__main__":
    typer.run(main)
