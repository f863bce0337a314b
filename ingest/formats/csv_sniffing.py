"""How a CSV file separates its fields and records, told from its beginning.

A delimiter is likely when it splits the lines into many fields, alike from line to line, and
into fields that look like values: numbers, dates, words. (After van den Burg, Nazábal and
Sutton, "Wrangling messy CSV files by detecting row and type patterns", 2019.)
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from ingest.formats.csv_dialect import LINE, Dialect, count_lines, fields, patterns
from ingest.formats.csv_framing import beginning
from ingest.formats.csv_kinds import kind
from ingest.frames import LONGEST_RECORD, is_utf8
from ingest.model import FileError
from ingest.source import Csv

DELIMITERS = {
    ",": 1.0, ";": 1.0, "\t": 1.0, "|": 1.0, "||": 1.0, "~|~": 1.0, "|~|": 1.0, "::": 1.0,
    "\x01": 1.0, "\x1c": 1.0, "\x1e": 1.0, "\x1f": 1.0, "¦": 1.0, "¬": 1.0,
    "^": 0.9, "#": 0.9, "~": 0.9, ":": 0.6, " ": 0.4,
}  # fmt: skip
"""What may separate fields, and how much it counts: some stand in ordinary text as well."""
MARKS = r"|~^#;,@$&*%<>¦§¬"
RUN = re.compile(rf"[{MARKS}\t]{{2,4}}")
"""What may do so as well, if it stands in every line as often."""
UNUSUAL = 0.95
"""How much a delimiter counts that is not among the usual ones."""
QUOTES = ('"', "'")
BYTES = 1 << 16
LINES = 100
"""What a dialect is told by: so many bytes, of which so many lines are looked at."""
FEWEST_LINES = 5
"""Where lines are long, more bytes are read until there are so many."""
LOOKED_AT = 25
"""Lines, and fields of each, that are looked at more closely."""
ENDINGS = {"\n": "LF", "\r\n": "CRLF", "\r": "CR"}
ENDING = re.compile(r"\r\n|\n|\r")
BLANK = " \t\n\r\v\f"
COMMENT = re.compile(r"\s*(?:#|//|--)")

_MERIT = {"words": 0.9, "": 0.8, None: 0.3}


@dataclass(frozen=True)
class Row:
    """A record at the beginning of a file, with the line on which it stands."""

    line: int
    cells: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.cells)


def head(blob: Path, skip: int = 0) -> bytes:
    """Read the whole lines at the beginning of a file, below so many that are skipped."""
    with blob.open("rb") as file:
        file.seek(beginning(blob, skip))
        data = file.read(BYTES)
        while count_lines(data) < FEWEST_LINES and len(data) < LONGEST_RECORD:
            if not (more := file.read(len(data) or 1)):
                return data
            data += more
        if not file.read(1):
            return data
    return data[: data.rfind(b"\n") + 1 or data.rfind(b"\r", 0, -1) + 1] or data


def sniff(sample: bytes, spec: Csv, names: Sequence[str] = ()) -> Dialect:
    """Tell how records and fields are separated; what the contract says is taken as it is.

    Args:
        sample: The beginning of the file, as `head` gives it.
        spec: What the contract says of it.
        names: Columns that a header is expected to name.
    """
    text = re.sub("\r\n?", "\n", sample.decode("utf-8", "replace")).lstrip("\n")
    delimiter = spec.delimiter or _delimiter(text, spec.quote, names)
    quote = _quote(text, delimiter) if spec.quote is None else spec.quote
    quote = "" if quote in delimiter else quote
    escape = _escape(text, delimiter, quote) if spec.escape is None else spec.escape
    return Dialect(delimiter, quote, escape, newline=_endings(sample, quote)[0])


def rows(sample: bytes, dialect: Dialect, skip: int = 0) -> list[Row]:
    """Split the beginning of a file into records; blank lines are none."""
    return list(islice(_rows(sample, dialect, skip + 1), LINES))


def _rows(sample: bytes, dialect: Dialect, line: int) -> Iterator[Row]:
    if (not dialect.quote or dialect.quote.encode() not in sample) and is_utf8(sample):
        yield from _plain_rows(sample.decode(), dialect.delimiter, line)
        return
    record, at = patterns(dialect).record, 0
    while at < len(sample):
        found = record.match(sample, at) or LINE.match(sample, at)
        assert found
        if found.group(1).strip():
            yield Row(line, tuple(cell.strip() for cell in fields(found.group(1), dialect)))
        line += count_lines(found.group())
        at = found.end()


def _plain_rows(sample: str, delimiter: str, first: int) -> Iterator[Row]:
    """Split what has no quotes into records, which then are its lines."""
    for line, text in enumerate(ENDING.split(sample), first):
        if text.strip(BLANK):
            yield Row(line, tuple(map(str.strip, text.split(delimiter))))


def mixed_endings(sample: bytes, dialect: Dialect) -> Iterator[FileError]:
    """Report lines that do not all end alike.

    Args:
        sample: The beginning of the file.
        dialect: Its dialect.
    """
    most, *others = _endings(sample, dialect.quote)
    if others:
        message = f"some lines end with {ENDINGS[most]}, and others with {ENDINGS[others[0]]}"
        yield FileError("mixed-line-endings", message)


def _endings(sample: bytes, quote: str) -> list[str]:
    """Tell how lines end outside quotes, the usual way first."""
    if b"\r" in sample and quote:
        q = re.escape(quote.encode())
        sample = re.sub(rb"%b[^%b]*+%b" % (q, q, q), b"", sample)
    crlf = sample.count(b"\r\n")
    endings = Counter({"\r\n": crlf})
    endings["\n"] = sample.count(b"\n") - crlf
    endings["\r"] = sample.count(b"\r") - crlf
    return [ending for ending, found in endings.most_common() if found] or ["\n"]


def _delimiter(text: str, quote: str | None, names: Sequence[str]) -> str:
    """Choose the delimiter that names most columns in one line, or else splits lines best."""
    naming = _naming(text, names)
    if len(naming) == 1:
        return naming[0]
    splits = [
        _Split.of(lines, delimiter)
        for lines in _unquoted(text, QUOTES if quote is None else (quote,))
        for delimiter in naming or _candidates(lines)
        if naming or not _is_doubtful(delimiter, lines)
    ]
    best, merit = ",", 0.0
    for split in sorted(splits, key=lambda split: -split.alike):
        if split.alike > merit and (found := split.merit) > merit:
            best, merit = split.delimiter, found
    return best


def _naming(text: str, names: Sequence[str]) -> list[str]:
    """Find the delimiters by which a line names most columns, two at least, and little else.

    A line that is the name of the only column tells of a file without any delimiter.
    """
    wanted = {name.lower() for name in names}
    any_name = "|".join(map(re.escape, sorted(wanted, key=len, reverse=True)))
    lines = [line.strip() for line in text.lower().split("\n", LINES)[:LINES]]
    if len(wanted) == 1 and wanted & {line.strip("\"'") for line in lines}:
        return [next((delimiter for delimiter in DELIMITERS if delimiter not in text), ",")]
    merits: dict[str, tuple[int, int]] = {}
    for line in lines:
        if sum(name in line for name in wanted) < 2:
            continue
        between = {apart.strip(" \"'") for apart in re.split(any_name, line)[1:-1]}
        for delimiter in {*DELIMITERS, *filter(_fits, between)}:
            cells = [cell.strip(" \"'#") for cell in line.split(delimiter)]
            merit = len(wanted.intersection(cells)), -len(cells)
            merits[delimiter] = max(merits.get(delimiter, merit), merit)
    best = max(merits.values(), default=(0, 0))
    return [delimiter for delimiter, merit in merits.items() if merit == best > (1, 0)]


def _unquoted(text: str, quotes: Sequence[str]) -> Iterator[list[str]]:
    """Give the first lines, and of what is quoted within them only the quotes."""
    for quote in quotes:
        if not quote or quote not in text:
            continue
        q = re.escape(quote)
        quoted = rf"(?<![^\s{MARKS}:\x01\x1c-\x1f]){q}(?:[^{q}\\]|{q}{q}|\\.)*+{q}(?!\w)"
        yield _lines(re.sub(quoted, 2 * quote, text, flags=re.DOTALL))
    if not any(quote and quote in text for quote in quotes):
        yield _lines(text)


def _lines(text: str) -> list[str]:
    lines = [line for line in text.split("\n", LINES)[:LINES] if line.strip()]
    return [line for line in lines if not COMMENT.match(line)] or lines


def _candidates(lines: Sequence[str]) -> Iterator[str]:
    text = "\n".join(lines)
    others = {run for line in lines[:1] for run in RUN.findall(line)} - DELIMITERS.keys()
    often = {run: {line.count(run) for line in lines} for run in others if _fits(run)}
    regular = [run for run, times in often.items() if len(times) == 1 and max(times) > 1]
    found = [*filter(text.__contains__, DELIMITERS), *sorted(regular)]
    for delimiter in found:
        longer = [d for d in found if delimiter in d and delimiter != d]
        within = sum(text.count(d) * d.count(delimiter) for d in longer)
        if within < text.count(delimiter):
            yield delimiter


@dataclass(frozen=True)
class _Split:
    """Lines, split by a delimiter."""

    delimiter: str
    rows: Sequence[Sequence[str]]
    alike: float
    """0 where there is one field a line, towards 1 for many fields and as many in every line."""

    @classmethod
    def of(cls, lines: Sequence[str], delimiter: str) -> _Split:
        rows = [line.split(delimiter) for line in lines]
        widths = Counter(map(len, rows))
        alike = sum(n * (width - 1) / width for width, n in widths.items())
        return cls(delimiter, rows, alike / len(rows) / len(widths) * _weight(delimiter))

    @property
    def merit(self) -> float:
        """The same, and less where the fields look like no values."""
        cells = [cell.strip() for row in self.rows[:LOOKED_AT] for cell in row[:LOOKED_AT]]
        clear = sum(1.0 if c in ('""', "''") else _MERIT.get(kind(c), 1.0) for c in cells)
        return self.alike * clear / len(cells)


def _is_doubtful(delimiter: str, lines: Sequence[str]) -> bool:
    """Whether what separates fields in so few lines may well be ordinary text."""
    return _weight(delimiter) < 1 and len(lines) < FEWEST_LINES // 2


def _weight(delimiter: str) -> float:
    return DELIMITERS.get(delimiter, UNUSUAL)


def _fits(delimiter: str) -> bool:
    """Whether what stands between names may be a delimiter that a contract could declare."""
    return 0 < len(delimiter.encode()) <= 4 and not re.search(r"[\w\0\\]", delimiter)


def _quote(text: str, delimiter: str) -> str:
    """Tell the quote by the fields that are wrapped in it; none where it is only ever opened."""
    double, single = (_wrapped(text, delimiter, quote) for quote in QUOTES)
    within = sum(field.count("'") for field in single)
    if len(single) > len(double) and 3 * within >= 2 * text.count("'"):
        return "'"
    if '"' not in text and "\\'" in text:  # why else would it be escaped?
        return "'"
    if not double and len(_opened(text, delimiter)) > 2:
        return ""
    return '"'


def _wrapped(text: str, delimiter: str, quote: str) -> list[str]:
    """Find the fields that begin and end with a quote, and have something within."""
    if quote not in text:
        return []
    apart, q = re.escape(delimiter), re.escape(quote)
    inner = (rf"(?:[^{q}\\]|\\.|{q}{q})++", rf"(?:[^{q}]|{q}{q})++")
    found = (
        re.findall(rf"(?:^|{apart}) *({q}{i}{q}) *(?=$|{apart})", text, re.DOTALL | re.MULTILINE)
        for i in inner
    )
    return max(found, key=len)


def _opened(text: str, delimiter: str) -> list[str]:
    return re.findall(rf'(?:^|{re.escape(delimiter)}) *"', text, re.MULTILINE)


def _escape(text: str, delimiter: str, quote: str) -> str:
    """Tell how a quote within a quoted field is written: doubled, or after a backslash."""
    if not quote or f"\\{quote}" not in text:
        return quote
    apart, q = re.escape(delimiter), re.escape(quote)
    after = rf"(?! *(?:$|{apart}))"
    backslash = len(re.findall(rf"\\{q}{after}", text, re.MULTILINE))
    doubled = len(re.findall(rf"(?<!^)(?<!{apart}){q}{q}{after}", text, re.MULTILINE))
    return "\\" if backslash > doubled else quote
