"""Compression: told by the first bytes, and undone piece by piece, however much comes out."""

from __future__ import annotations

import bz2
import lzma
import sys
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Protocol

from ingest.model import FileError

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

CHUNK = 1 << 16
"""Bytes read at a time; few, because each of many small streams copies what follows it."""
PIECE = 1 << 20
"""Bytes that come out at a time, at most."""
MEMORY = 256 << 20
"""Bytes that xz may take to look back; its own presets ask for 65 MB at most."""
LONGEST_TAIL = 16 << 20
"""Bytes to wait for the end of a line; what is longer is not told apart into lines."""
SHOWN = 60
"""Bytes of a cut off line that are quoted."""
HEAD = 10
"""Bytes that tell one stream from what follows it."""

MAGIC = {
    b"\x1f\x8b\x08": "gzip",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"\xfd7zXZ\0": "xz",
    b"PK\x03\x04": "zip",
    b"PK\x05\x06": "zip",
    **{b"BZh%d1AY&SY" % level: "bzip2" for level in range(1, 10)},
    **{b"BZh%d\x17rE8P\x90" % level: "bzip2" for level in range(1, 10)},
    **{b"%c\x2a\x4d\x18" % low: "zstd" for low in range(0x50, 0x60)},  # a frame to be skipped
}
"""What a file begins with, and what it then is."""
FOREIGN = {
    b"7z\xbc\xaf\x27\x1c": "7z",
    b"Rar!\x1a\x07": "rar",
    b"\x04\x22\x4d\x18": "lz4",
    b"\x1f\x9d": "compress",
}
"""The same of what we do not unpack."""
TAR = slice(257, 262), b"ustar"


class Damaged(Exception):
    """What is packed cannot be unpacked, or is not what was packed."""


class CutOff(Damaged):
    """The packed bytes end before they say that they do."""


class Trailing(Damaged):
    """After what is packed comes something else."""


class _Stream(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


class _Zlib:
    """zlib's stream, which gives back input that it has no room for, made to keep it."""

    def __init__(self, wbits: int) -> None:
        self._stream = zlib.decompressobj(wbits)

    @property
    def eof(self) -> bool:
        return self._stream.eof

    @property
    def unused_data(self) -> bytes:
        return self._stream.unused_data

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        return self._stream.decompress(self._stream.unconsumed_tail + data, max_length)


STREAMS: dict[str, Callable[[], _Stream]] = {
    "gzip": lambda: _Zlib(16 + zlib.MAX_WBITS),
    "deflate": lambda: _Zlib(-zlib.MAX_WBITS),
    "bzip2": bz2.BZ2Decompressor,
    "xz": lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, MEMORY),
    "zstd": zstd.ZstdDecompressor,
}
FAILURES = (zlib.error, lzma.LZMAError, zstd.ZstdError, OSError, EOFError)
"""What the streams above raise about their input."""


def kind_of(path: Path) -> str | None:
    """Tell by its first bytes what packs a file: a key of `STREAMS`, `zip`, another, or nothing."""
    with path.open("rb") as file:
        head = file.read(TAR[0].stop)
    return "tar" if head[TAR[0]] == TAR[1] else _kind(head, MAGIC | FOREIGN)


def _kind(head: bytes, known: Mapping[bytes, str] = MAGIC) -> str | None:
    return next((kind for magic, kind in known.items() if head.startswith(magic)), None)


def unpacked(path: Path, kind: str, faults: list[FileError]) -> Iterator[bytes]:
    """Unpack a file; of one that is cut off, give whole lines only, where it has lines.

    Args:
        path: The file.
        kind: A key of `STREAMS`.
        faults: Where to tell of what is missing in the end.

    Yields:
        Pieces.

    Raises:
        Damaged: The file is not what it begins like.
    """
    given, lines, tail = 0, False, b""
    try:
        for piece in _pieces(path, kind):
            end = _last_line(piece)
            lines = lines or end > 0
            if not end and len(tail) > LONGEST_TAIL:
                end = len(piece)
            if end:
                yield tail + piece[:end]
                given, tail = given + len(tail) + end, b""
            tail += piece[end:]
    except CutOff as cut:
        message = f"{cut}, so it is incomplete; send it again"
        if lines and tail:
            shown = tail[:SHOWN].decode("utf-8", "backslashreplace")
            message += f". Its last line is cut off and left out: {shown}"
            tail = b""
        given += len(tail)
        faults.append(FileError("truncated-compression", message, byte=given, incomplete=True))
    except Trailing as trailing:
        message = f"{trailing}, and was left out"
        faults.append(FileError("trailing-bytes", message, incomplete=True))
    yield tail


def _pieces(path: Path, kind: str) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield from decompress(iter(lambda: file.read(CHUNK), b""), kind)


def _last_line(data: bytes) -> int:
    """Where the last whole line ends; a line ending may be wider than one byte."""
    end = max(data.rfind(b"\n"), data.rfind(b"\r")) + 1
    while end and data[end : end + 1] == b"\0":
        end += 1
    return end


def decompress(packed: Iterator[bytes], kind: str) -> Iterator[bytes]:
    """Unpack one stream after another, as programs append them to each other.

    Args:
        packed: The packed bytes, in chunks.
        kind: A key of `STREAMS`.

    Yields:
        Pieces of up to `PIECE` bytes.

    Raises:
        CutOff: After all that could be unpacked.
        Trailing: The same, when what follows is no stream of this kind.
        Damaged: The bytes are no stream of this kind.
    """
    data = next(packed, b"")
    while data:
        stream = STREAMS[kind]()
        while not stream.eof:
            try:
                piece = stream.decompress(data, PIECE)
            except FAILURES as error:
                raise Damaged(f"it is no sound {kind}: {error}") from error
            data = b""
            if piece:
                yield piece
            elif not stream.eof:
                data = next(packed, b"")
                if not data:
                    raise CutOff(f"the {kind} ends before its end mark")
        data = _following(stream.unused_data, packed)
        if data and _kind(data) != kind:
            raise Trailing(f"what follows the end mark is no {kind}")


def _following(data: bytes, packed: Iterator[bytes]) -> bytes:
    """What comes after a stream, without the zeros that tapes are padded with."""
    data = data.lstrip(b"\0")
    while len(data) < HEAD and (more := next(packed, b"")):
        data = (data + more).lstrip(b"\0")
    return data
