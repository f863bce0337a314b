"""Names of landed files, and of what lies in them: `a.csv.gz`, `2026/jan.zip/a.csv`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

ENDINGS = {".gz": "gzip", ".zst": "zstd", ".bz2": "bzip2", ".xz": "xz", ".zip": "zip"}
"""Endings that speak of a container, and what they say that it is."""
COMPRESSED = tuple(ending for ending, kind in ENDINGS.items() if kind != "zip")


def uncompressed(name: str) -> str:
    """Take off the endings that speak of compression: `a.csv` of `a.csv.gz`."""
    while name.lower().endswith(COMPRESSED):
        name = name[: name.rindex(".")]
    return name


def is_archive(name: str) -> bool:
    """Whether a name says that there may be several files in what it stands for."""
    return ENDINGS.get(PurePosixPath(name).suffix.lower()) == "zip"


def suffix(name: str) -> str:
    """Tell the ending that speaks of the format, in lower case: `.csv` of `A.CSV.gz`."""
    return PurePosixPath(uncompressed(name)).suffix.lower()


def aliases(name: str) -> Iterator[str]:
    """Give every name by which a contract may mean a file.

    These are its own, that without the ending of a compression, and for what lies in an archive
    the path that it would have if it were unpacked where it lies, the path within the archive, the
    last part of that, and the name of the archive.
    """
    parts = name.split("/")
    names = [name]
    for depth, part in enumerate(parts[:-1], start=1):
        if part.lower().endswith(".zip"):
            inside = parts[depth:]
            ways = [parts[: depth - 1] + inside, inside, inside[-1:], parts[:depth]]
            names += map("/".join, ways)
    for each in dict.fromkeys(names):
        yield each
        if (plain := uncompressed(each)) != each:
            yield plain
