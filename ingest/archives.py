"""Archives: the members of a zip, each with its bytes, or with the reason to leave it packed."""

from __future__ import annotations

import io
import re
import stat
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ingest.compression import CHUNK, Damaged, decompress
from ingest.landing import printable
from ingest.model import FileError

STORED = 0
METHODS = {STORED: "", 8: "deflate", 12: "bzip2", 93: "zstd", 95: "xz"}
JUNK = re.compile(
    r"(.*/)?(\.DS_Store|Thumbs\.db|desktop\.ini|\._[^/]*)|(.*/)?__MACOSX/.*", re.I | re.S
)
"""What file managers add to an archive, and nobody meant to send."""
LONGEST_NAME = 1000
LONGEST_ENTRY = 1 << 10
"""Bytes that an archive may spend on listing a member; a plausible one needs 200."""


@dataclass(frozen=True)
class Entry:
    """A file in an archive."""

    name: str
    """Path within the archive: relative, with forward slashes, printable."""
    info: zipfile.ZipInfo
    fault: FileError | None
    """Why it has to stay packed."""


class _Sparing(io.FileIO):
    """A file that is not read but in small parts: what lists a zip takes its list in one."""

    def __init__(self, path: Path, most: int) -> None:
        super().__init__(path)
        self._most = most

    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and size > self._most:
            raise Damaged(f"its list of members takes {size >> 20} MB")
        return super().read(size)


def entries(archive: Path, most: int) -> list[Entry] | None:
    """List the files of a zip; None for a document that only its own program unpacks.

    Args:
        archive: The zip.
        most: How many members are plausible.

    Raises:
        Damaged: It cannot be listed.
    """
    try:
        with _Sparing(archive, max(most * LONGEST_ENTRY, CHUNK * 2)) as file:
            infos = zipfile.ZipFile(file).infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error) as error:
        raise Damaged(f"it is no sound zip: {error}") from error
    if not all(0 <= info.header_offset < archive.stat().st_size for info in infos):
        raise Damaged("it is no sound zip: it lists members that lie outside of it")
    if infos and infos[0].filename == "mimetype":
        return None
    if any(info.filename == "[Content_Types].xml" for info in infos):
        return None
    files = [info for info in infos if not _path(info).endswith("/")]
    meant = [info for info in files if not JUNK.fullmatch(_path(info))]
    names = Counter(map(_name, meant))
    last = {_name(info): info for info in meant}
    return [Entry(name, info, _fault(info, names[name])) for name, info in last.items()]


def read(archive: Path, info: zipfile.ZipInfo) -> Iterator[bytes]:
    """Unpack a member.

    Args:
        archive: The zip.
        info: The member, one without a fault.

    Yields:
        Its bytes, in pieces.

    Raises:
        Damaged: It cannot be unpacked, or is not what was packed.
    """
    with archive.open("rb") as file:
        body = _body(file, info)
        packed = _stretch(file, body, info.compress_size)
        method = METHODS[info.compress_type]
        size, checksum = 0, 0
        for piece in decompress(packed, method) if method else packed:
            size, checksum = size + len(piece), zlib.crc32(piece, checksum)
            yield piece
    if (size, checksum) != (info.file_size, info.CRC):
        raise Damaged("its bytes are not those that were packed: size or checksum differ")


def packed(archive: Path, info: zipfile.ZipInfo) -> Iterator[bytes]:
    """Give a member as it stands in the archive, its header and all.

    Args:
        archive: The zip.
        info: The member.

    Yields:
        Bytes, in pieces, as far as there are any.
    """
    with archive.open("rb") as file:
        try:
            length = _body(file, info) - info.header_offset + info.compress_size
        except Damaged:
            length = info.compress_size
        yield from _stretch(file, info.header_offset, length)


def _body(file: io.BufferedReader, info: zipfile.ZipInfo) -> int:
    """Byte of the archive at which the packed bytes of a member begin."""
    file.seek(info.header_offset)
    header = file.read(30)
    if len(header) < 30 or not header.startswith(b"PK\x03\x04"):
        raise Damaged("it does not stand where the archive says")
    name, extra = struct.unpack("<26x2H", header)
    return info.header_offset + len(header) + int(name) + int(extra)


def _stretch(file: io.BufferedReader, start: int, length: int) -> Iterator[bytes]:
    file.seek(start)
    while length > 0 and (chunk := file.read(min(CHUNK, length))):
        length -= len(chunk)
        yield chunk


def _path(info: zipfile.ZipInfo) -> str:
    """A member's path as its sender wrote it; many write UTF-8 without saying so."""
    path = info.filename
    if not info.flag_bits & 0x800:
        with suppress(UnicodeError):
            path = path.encode("cp437").decode("utf-8")
    return path.replace("\\", "/")


def _name(info: zipfile.ZipInfo) -> str:
    """A member's path without what could lead out of the archive."""
    parts = [part for part in _path(info).split("/") if part not in ("", ".", "..")]
    return printable("/".join(parts))[:LONGEST_NAME] or "unnamed"


def _fault(info: zipfile.ZipInfo, of_that_name: int) -> FileError | None:
    """Say why a member is not to be unpacked, if so."""
    path = _path(info)
    shown = printable(path[:LONGEST_NAME])
    code, kind = "unsafe-member", stat.S_IFMT(info.external_attr >> 16)
    if path.startswith("/") or re.match("[A-Za-z]:", path) or ".." in path.split("/"):
        reason = f"its path in the archive, {shown}, leads out of it; pack it with a relative one"
    elif len(path) > LONGEST_NAME:
        reason = f"its path in the archive is longer than {LONGEST_NAME} characters; shorten it"
    elif kind == stat.S_IFLNK:
        reason = "it is a symbolic link; pack the file that it leads to"
    elif kind not in (0, stat.S_IFREG):
        reason = "it is no regular file; pack files only"
    elif of_that_name > 1:
        code = "duplicate-member"
        reason = f"the archive has {of_that_name} members called {shown}; send the one that counts"
    elif info.flag_bits & 1:
        code, reason = "encrypted-member", "it is encrypted; send it without a password"
    elif info.compress_type not in METHODS:
        code = "unsupported-compression"
        reason = f"it is packed by method {info.compress_type}; pack it with deflate or zstd"
    else:
        return None
    return FileError(code, reason, fatal=True)
