"""Encodings: which one a file is written in, and the same text in UTF-8, which formats read.

A file in UTF-8 is read as it is, and told by its first lines beyond ASCII; one that is ASCII to
the end costs a look at each byte. Any other is copied, and whatever does not decode stays invalid
in the copy, so that the format rejects the record that it stands in, and no other.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from ingest.alphabets import characters, likeliest
from ingest.frames import UNDECODED, chunks, is_utf8

HEAD = 1 << 16
"""Bytes by which marks and wide characters are told."""
BUFFER = 1 << 18
"""Bytes looked at together: what the processor's cache holds."""
LONGEST_LINE = 1 << 12
"""Bytes of a line that are looked at."""
SAMPLE = 1 << 14
"""Bytes of lines beyond ASCII that are enough to tell an encoding by."""
FEWEST = 32
"""Bytes beyond ASCII by which a language can be told that we have no alphabet of."""
COHERENT = 0.1
"""How much of it must look like a language."""
MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
"""Byte order marks, a longer one before its own beginning."""
ORDERS = {"utf-32": ("utf-32-le", "utf-32-be"), "utf-16": ("utf-16-le", "utf-16-be")}
"""What an encoding may be that a byte order mark tells more of, the usual one first."""
WIDE = (*ORDERS["utf-32"], *ORDERS["utf-16"])
UTF8 = ("utf-8", "utf-8-sig")
FACTS = ("encoding", "encoding_known_by")
VISIBLE = "pratique.visible"


@dataclass(frozen=True)
class Encoding:
    """What a file is written in."""

    name: str
    """As Python knows it."""
    known_by: Literal["declared", "mark", "detected"]
    """By the contract, by a byte order mark, or by what is in the file."""

    @property
    def facts(self) -> dict[str, str]:
        """What a dialect holds of it."""
        return dict(zip(FACTS, (self.name, self.known_by), strict=True))


def recognise(blob: Path, declared: str | None) -> Encoding:
    """Tell the encoding of a file; a byte order mark has the first word.

    Args:
        blob: The file.
        declared: What the contract says.
    """
    with blob.open("rb") as file:
        head = file.read(HEAD)
    for mark, name in MARKS.items():
        if head.startswith(mark):
            return Encoding(name, "mark")
    wide = _wide(head)
    if declared in ORDERS:  # which does not say which byte of a character comes first
        declared = wide if wide in ORDERS[declared] else ORDERS[declared][0]
    if declared:
        return Encoding(declared, "declared")
    return Encoding(wide or _narrow(_beyond_ascii(blob)), "detected")


def as_utf8(blob: Path, encoding: Encoding, copy: Path) -> Path:
    """Give the file in UTF-8: itself, or a copy line for line.

    Args:
        blob: The file.
        encoding: What it is written in.
        copy: Where a copy is written, should one be needed.
    """
    if encoding.name in UTF8:
        return blob
    decoder = codecs.getincrementaldecoder(encoding.name)(VISIBLE)
    with copy.open("wb") as file:
        for chunk in chunks(blob, size=BUFFER * 4):
            file.write(_encoded(decoder.decode(chunk)))
        file.write(_encoded(decoder.decode(b"", final=True)))
    return copy


def _encoded(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogateescape")


def _visible(error: UnicodeError) -> tuple[str, int]:
    """Write bytes that do not decode as escapes, which are not taken for text that was there."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    bad = error.object[error.start : error.end]
    escapes = "".join(f"\\x{byte:02x}" for byte in bad)
    return escapes + UNDECODED.decode("utf-8", "surrogateescape"), error.end


codecs.register_error(VISIBLE, _visible)


def _wide(head: bytes) -> str | None:
    """Tell whether text has two or four bytes a character, by the zeros of what is ASCII in it."""
    if b"\0" not in head:
        return None
    return next((name for name in WIDE if _reads(head[: len(head) // 4 * 4 or 2], name)), None)


def _reads(head: bytes, name: str) -> bool:
    """Whether bytes are text of two or four bytes a character, and not ASCII with some zeros."""
    text = head.decode(name, "replace")
    others = [c for c in text if c > "\x7f"]
    lost = text.count("\0") + text.count("\ufffd")
    pairs = sum(0x20 <= min(b) <= max(b) < 0x7F for b in (c.encode(name) for c in others))
    few = pairs * 2 <= max(len(others), len(text) // 2)  # an ellipsis is such a pair as well
    return lost * 20 <= len(text) and len(others) * 10 <= len(text) * 9 and few


def _beyond_ascii(blob: Path) -> bytes:
    """Gather the first lines that hold bytes beyond ASCII, wherever in the file they stand."""
    buffer, sample = bytearray(BUFFER), bytearray()
    with blob.open("rb") as file:
        while (size := file.readinto(buffer)) and len(sample) < SAMPLE:
            if size == len(buffer) and buffer.isascii():
                continue
            data = bytes(buffer[:size]) + file.readline(LONGEST_LINE)
            for line in _lines_beyond(data):
                sample += line
                if len(sample) >= SAMPLE:
                    break
    return bytes(sample)


def _lines_beyond(data: bytes) -> Iterator[bytes]:
    beyond, end = np.flatnonzero(np.frombuffer(data, np.uint8) > 0x7F), 0
    while (at := int(np.searchsorted(beyond, end))) < len(beyond):
        first = int(beyond[at])
        start = max(data.rfind(b"\n", end, first) + 1, end, first - LONGEST_LINE)
        stop = data.find(b"\n", first, first + LONGEST_LINE)
        end = stop + 1 if stop >= 0 else min(first + LONGEST_LINE, len(data))
        yield data[start:end]


def _narrow(sample: bytes) -> str:
    """Tell an encoding by lines beyond ASCII; what makes no sense at all is left as UTF-8."""
    if is_utf8(sample):
        return "utf-8"
    best = likeliest(sample)
    return (_asked(sample) if best == "utf-8" else best) or "utf-8"


def _asked(sample: bytes) -> str | None:
    """Ask a detector that knows more languages than we have alphabets, if hardly any is UTF-8."""
    from charset_normalizer import from_bytes  # takes 30 ms, and is rarely needed

    sound, broken = characters(sample)
    if broken < max(FEWEST, 8 * sound):
        return None
    best = from_bytes(sample).best()
    return codecs.lookup(best.encoding).name if best and best.coherence > COHERENT else None
