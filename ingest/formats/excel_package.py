"""Excel packages: the parts of a workbook, which is a zip of XML, read piece by piece.

Nothing in it is believed: how much a part unpacks to is limited, a document type is refused.
"""

from __future__ import annotations

import mmap
import posixpath
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple
from xml.parsers import expat

from ingest.model import FileError

PIECE = 1 << 16
LONGEST_TAG = 1 << 20
"""Bytes; the parser waits in memory for the end of one."""
RATIO, RATIO_FROM = 250, 64 << 20
"""How many times its own size may be made of a workbook, once that is more than so many bytes."""
MOST_PARTS = 10_000
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""How old workbooks begin, and new ones with a password."""

DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    expat.ExpatError,
    EOFError,
    LookupError,
    ValueError,
    NotImplementedError,  # a compression of another kind
    RuntimeError,  # a part with a password
)

Attributes = dict[str, str]


class Unfit(Exception):
    """A file is no workbook that can be read."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.fault = FileError(code, message, fatal=True)


class Package(NamedTuple):
    """A workbook, unopened."""

    archive: zipfile.ZipFile
    names: dict[str, str]
    """The parts by their names in lower case, which are the same to Excel."""
    most: int
    """Bytes that a part may unpack to that is streamed; others are held in memory."""


@contextmanager
def opened(blob: Path) -> Iterator[Package]:
    """Open a package for the length of a block.

    Raises:
        Unfit: It is none.
    """
    _look(blob)
    with damage_told():
        archive = zipfile.ZipFile(blob)
        if any(info.header_offset < 0 for info in archive.infolist()):
            raise zipfile.BadZipFile("it lists parts that lie outside of it")
    with archive:
        names = {name.lower(): name for name in archive.namelist()}
        yield Package(archive, names, allowance(blob))


def allowance(blob: Path) -> int:
    """How many bytes may be made of a workbook."""
    return max(RATIO_FROM, RATIO * blob.stat().st_size)


@contextmanager
def damage_told() -> Iterator[None]:
    """Say of whatever goes wrong in a block that the workbook is damaged.

    Raises:
        Unfit: Something went wrong.
    """
    try:
        yield
    except DAMAGE as error:
        message = f"the workbook is damaged: {error}; save it anew and send it again"
        raise Unfit("damaged-file", message) from error


def parse(
    package: Package,
    part: str,
    start: Callable[[str, Attributes], None],
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
    most: int | None = None,
) -> Iterator[None]:
    """Parse a part piece by piece, and stop after each.

    Args:
        package: The workbook.
        part: The name of the part.
        start: Told of every element that begins, with its attributes.
        end: Told of every element that ends.
        text: Told of every text within elements.
        most: Bytes that it may unpack to; without it, what the package allows.
    """
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = _refuse_doctype
    size = 0
    for piece in _unpacked(package, part, most or package.most):
        parser.Parse(piece)
        yield
        size += len(piece)
        if size - parser.CurrentByteIndex > LONGEST_TAG:
            raise ValueError(f"{part} has no end of a tag for {LONGEST_TAG} bytes")
    parser.Parse(b"", True)
    yield


def elements(package: Package, part: str) -> Iterator[tuple[str, Attributes]]:
    """Give the elements of a part as they begin: their names without prefix, and attributes."""
    begun: list[tuple[str, Attributes]] = []

    def start(name: str, given: Attributes) -> None:
        begun.append((local(name), given))

    for _ in parse(package, part, start, most=RATIO_FROM):
        yield from begun
        begun.clear()


@lru_cache(maxsize=256)
def local(name: str) -> str:
    """Take the prefix off a name."""
    return name.rpartition(":")[2]


def related(package: Package, part: str, kind: str) -> dict[str, str]:
    """Give the parts that a part refers to as one kind of thing, by the ids of the references."""
    folder, name = posixpath.split(part)
    links = f"{folder}/_rels/{name}.rels".lstrip("/")
    return {
        link["Id"]: posixpath.normpath(posixpath.join("/", folder, link["Target"])).lstrip("/")
        for element, link in (elements(package, links) if links in package.names else ())
        if element == "Relationship" and link["Type"].endswith(f"/{kind}")
    }


def _unpacked(package: Package, part: str, most: int) -> Iterator[bytes]:
    size = 0
    with package.archive.open(package.names[part.lower()]) as unpacked:
        while piece := unpacked.read(PIECE):
            if (size := size + len(piece)) > most:
                message = f"{part} in it unpacks to more than {most >> 20} MB"
                raise Unfit("decompression-bomb", message)
            yield piece


def _refuse_doctype(*declared: object) -> None:
    raise ValueError("no workbook declares a document type")


def _look(blob: Path) -> None:
    """Tell what a file is by its first bytes, when it is no zip."""
    with blob.open("rb") as file:
        head = file.read(len(OLE))
        if not head:
            raise Unfit("empty-file", "the file is empty")
        if head.startswith(b"PK"):
            return
        if head != OLE:
            shown = head.decode("utf-8", "backslashreplace")
            raise Unfit("not-excel", f"it is no Excel workbook: it begins with {shown!r}")
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            protected = data.find("EncryptedPackage".encode("utf-16-le")) >= 0
    if protected:
        message = "the workbook is protected by a password; save it without one"
        raise Unfit("encrypted-file", message)
    message = "it is an old workbook, an .xls; open it in Excel and save it as .xlsx"
    raise Unfit("old-excel", message)
