"""Titles: what the files of a dataset have in common by their names, and what dates are in them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import PurePosixPath

from ingest.names import uncompressed
from ingest.source import RESERVED

LONGEST_NAME = 63
"""Characters of the name of a dataset."""

_DATE = r"(?:19|20)\d\d[-_.]?(?:0[1-9]|1[0-2])[-_.]?(?:0[1-9]|[12]\d|3[01])"
_TIME = r"(?:[T_-]?[0-2]\d[-_:.]?[0-5]\d(?:[-_:.]?[0-5]\d)?Z?)"
_VARIES = re.compile(
    rf"(?<![0-9A-Za-z])(?:{_DATE}{_TIME}?|(?:19|20)\d\d[-_.]?(?:W\d\d|Q[1-4]|(?:0[1-9]|1[0-2]))"
    r"|(?:19|20)\d\d|v?\d+|\(\d+\))(?![0-9A-Za-z])",
    re.IGNORECASE,
)
"""What changes from file to file: a date, a month, a number."""
_FULL_DATE = re.compile(
    r"(?<!\d)((?:19|20)\d\d)[-_.]?(0[1-9]|1[0-2])[-_.]?(0[1-9]|[12]\d|3[01])(?!\d)"
)


@dataclass(frozen=True)
class Title:
    """What the name of a file says of its dataset."""

    dataset: str
    glob: str
    """Matches the file, and those that will come after it."""
    recurring: bool
    """Whether the name says that others will come."""


def title_of(name: str) -> Title:
    """Tell the dataset of a file by its name below the landing directory.

    Args:
        name: `flights_2013-02-08.csv`; of what lies in an archive, its path within that counts.
    """
    path = PurePosixPath(uncompressed(name))
    folder = [part for part in path.parts[:-1] if not part.lower().endswith(".zip")]
    if len(folder) < len(path.parts) - 1:  # it lies in an archive, which any of its names means
        folder = []
    stem, suffix = path.stem or path.name, path.suffix
    varies = list(_VARIES.finditer(stem))
    rest = _VARIES.sub(" ", stem)
    if not re.search(r"[A-Za-z]", rest):  # nothing would be left to know it by
        varies, rest = [], stem
    glob = _escaped(stem)
    if varies:
        pieces, end = [], 0
        for found in varies:
            pieces += [_escaped(stem[end : found.start()]), "*"]
            end = found.end()
        glob = re.sub(r"\*(?:[-_.T ]?\*)+", "*", "".join([*pieces, _escaped(stem[end:])]))
    return Title(
        dataset=_dataset(rest),
        glob="/".join([*map(_escaped, folder), glob + _escaped(suffix)]),
        recurring=bool(varies),
    )


def dates_in(names: Iterable[str]) -> Iterator[date | None]:
    """The day that each name tells, if it tells one."""
    for name in names:
        found = _FULL_DATE.search(PurePosixPath(name).name)
        try:
            yield date(*map(int, found.groups())) if found else None
        except ValueError:  # the 31st of a month that has none
            yield None


def _dataset(text: str) -> str:
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", text.strip())
    name = re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_")
    if not name or not name[0].isalpha():
        name = f"data_{name}".rstrip("_")
    return f"{name}_data" if name in RESERVED else name[:LONGEST_NAME].rstrip("_")


def _escaped(text: str) -> str:
    """A part of a glob that matches itself; what no pattern may hold matches any character."""
    return re.sub(r"[\\*?\[\]]", "?", text)
