"""The known formats, and which of them a file has."""

from __future__ import annotations

from ingest import names
from ingest.errors import FileUnreadable
from ingest.formats import Format, csv, excel, in_frames, json, parquet
from ingest.source import Source

FORMATS = {
    "csv": in_frames(csv.SUFFIXES, csv.read, csv.find, csv.body),
    "json": in_frames(json.SUFFIXES, json.read, json.find, json.body),
    "excel": Format(excel.SUFFIXES, excel.read, excel.raw_records, excel.count),
    "parquet": Format(parquet.SUFFIXES, parquet.read, parquet.raw_records, parquet.count),
}


def format_of(name: str, source: Source) -> str:
    """Tell a file's format by its contract, or else by its suffix.

    Raises:
        FileUnreadable: No format goes by that suffix.
    """
    if source.format:
        return source.format.type
    suffix = names.suffix(name)
    for kind, format in FORMATS.items():
        if suffix in format.suffixes:
            return kind
    known = ", ".join(suffix for format in FORMATS.values() for suffix in format.suffixes)
    raise FileUnreadable(f"{name}: no format goes by {suffix or 'no suffix'}; known are {known}")
