"""Alphabets: which encoding makes the likeliest words of bytes that are not UTF-8.

A detector that weighs any language against any other takes a few German names for Polish ones, or
for Chinese. What files are written in is known better: letters beyond ASCII are those of one
language or of neighbouring ones, stand in words with each other, and capitals stand in front.

Likelihoods are logarithms throughout.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache
from math import log

Alphabets = Mapping[str, float]
"""Letters beyond ASCII that a language has, the frequent ones first; and its own likelihood."""

WESTERN = {
    "éèàêçâîôûùïëœ": 0,  # French
    "üäöß": 0,  # German
    "óíáéñúü": 0,  # Spanish
    "ãçáéíóêâõúàô": -1,  # Portuguese
    "èàìòùé": -1,  # Italian
    "àéèíóòúïüç": -2,  # Catalan
    "äöåé": -1,  # Swedish, Finnish
    "øåæé": -1,  # Danish, Norwegian
    "ëéïöü": -1,  # Dutch
    "íáóðéöúþæý": -3,  # Icelandic
    "äõüöšž": -3,  # Estonian
}
CENTRAL = {
    "łóąężśćńź": -1,  # Polish
    "áíéřýčěžšúůňťďó": -1,  # Czech
    "áíéčýúšžľťňôďäóŕĺ": -2,  # Slovak
    "áéöőóüíúű": -2,  # Hungarian
    "čšžćđ": -3,  # Slovene, Croatian
    "ăîţşâ": -3,  # Romanian
}
BALTIC = {"ėšųįžąūčę": -3, "āīēšūņļžģčķ": -3}
TURKISH = {"ıüğşçöİâ": -2}
CYRILLIC = {
    "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё": -8,  # Russian, Bulgarian
    "оаинвіетрслкдмупязбгьчйхцжїшющфєґ": -10,  # Ukrainian
    "аоиентрсвјкдупмлгзбчшцњжљхћђфџ": -12,  # Serbian
}
GREEK = {"αοιετσνηυρπκμλωςθγδβχφξζψάέίόήύώϊϋΐΰ": -9}
HEBREW = {"יוהלאתברמשנדחםקפעסצגטזןכךףץ": -9}
ARABIC = {"المنيرتبودسعهفةقحكشجطصخضزذثىغظءأإؤئآ": -9}
THAI = {"ารนกอเง่ีมิัย้ลวดทตสุะปบคหแจพชขใไ็ูโผืถึ์ศซณฟธษญฐฉภำฤฮ": -9}

LETTERS: Mapping[str, tuple[Alphabets, float]] = {
    "cp1252": (WESTERN, 0),
    "cp1250": (CENTRAL, 0),
    "cp1251": (CYRILLIC, 0),
    "cp1253": (GREEK, 0),
    "cp1254": (TURKISH, 0),
    "cp1255": (HEBREW, 0),
    "cp1256": (ARABIC, 0),
    "cp1257": (BALTIC, 0),
    "cp874": (THAI, 0),
    "iso8859-2": (CENTRAL, -4),
    "iso8859-5": (CYRILLIC, -8),
    "koi8-r": (CYRILLIC, -4),
    "cp866": (CYRILLIC, -6),
    "cp850": (WESTERN, -6),
    "cp852": (CENTRAL, -6),
    "mac-roman": (WESTERN, -6),
}
"""Encodings of one byte a character: who writes in them, and how rarely."""

SIGNS: Mapping[str, Mapping[range, float]] = {
    "cp932": {
        range(0x82, 0x84): -4.5,  # kana
        range(0x88, 0x98): -7.0,  # kanji
        range(0x81, 0x82): -6.0,  # punctuation
        range(0xA1, 0xE0): -9.0,  # kana of half a width
    },
    "euc-jp": {range(0xA4, 0xA6): -4.5, range(0xB0, 0xD0): -7.0, range(0xA1, 0xA2): -6.0},
    "gb18030": {range(0xB0, 0xD8): -7.0, range(0xA1, 0xA4): -9.0},
    "euc-kr": {range(0xB0, 0xC9): -6.0, range(0xA1, 0xA4): -9.0},
    "big5": {range(0xA4, 0xC7): -7.0, range(0xA1, 0xA4): -9.0},
}
"""Encodings of two bytes a character: the first bytes of signs in common use, and how likely one
of them is."""
RARE = -14.0
"""A sign that is not in common use."""
RARITY = -5.0
"""Of a language that is not written in letters, in a file that is not UTF-8."""
SYMBOLS = "’–“”€…°§²³£µ±•·«»¿¡ªº½¼¾×™®©‘„—\N{NO-BREAK SPACE}"

UNLIKELY = log(1e-5)
"""A character in no alphabet of a language, or out of its place."""
BORROWED = log(1e-3)
"""A letter that only a language nearby has."""
LOST = 2 * UNLIKELY
"""A byte that is no character."""
SOUND, BROKEN = -6.0, -5.5
"""A character that is UTF-8, and a byte that is not; the latter is what any text has to surpass."""
ALONE = -6.0
"""A letter beyond ASCII that is a word by itself: there are few of them in any language."""
STRANGE = -1.0
"""A word among words of another language."""

LETTER = r"(?:[^\W\d_²³¹¼½¾µªº]|[ะ-ฺเ-๎])"
WORD = re.compile(f"{LETTER}+")
INK = rf"{LETTER}|[^\x00-\x7f]"
OTHER = re.compile(rf"(?:(?<=({INK})))?([^\x00-\x7f])(?=({INK})?)")
BEYOND = re.compile(r"[^\x00-\x7f]")
ESCAPED = re.compile(r"[\udc80-\udcff]")


def likeliest(sample: bytes) -> str:
    """Tell the encoding that makes most sense of a text.

    It is UTF-8 where nothing makes sense, and where so much is UTF-8 that the rest must be broken:
    no other text keeps its rules by chance, and text that is made of it is wrong and does not show.

    Args:
        sample: Lines that hold bytes beyond ASCII.
    """
    sound, broken = characters(sample)
    found = {"utf-8": sound * SOUND + broken * BROKEN}
    found |= {codec: _of_letters(sample, codec) for codec in LETTERS}
    found |= {codec: _of_signs(sample, codec) for codec in SIGNS}
    return max(found, key=lambda codec: found[codec])


def characters(sample: bytes) -> tuple[int, int]:
    """Count the characters beyond ASCII that are sound UTF-8, and the bytes that are not."""
    text = sample.decode("utf-8", "surrogateescape")
    beyond = len(BEYOND.findall(text))
    broken = len(ESCAPED.findall(text))
    return beyond - broken, broken


def _of_letters(sample: bytes, codec: str) -> float:
    """How likely a text is in an encoding: in one language, or in several of them."""
    text = sample.decode(codec, "replace")
    alphabets, likelihood = LETTERS[codec]
    mixed, each = 0.0, dict.fromkeys(alphabets, 0.0)
    words = Counter(word for word in WORD.findall(text) if not word.isascii())
    for word, times in words.items():
        by = {alphabet: times * _word(word, alphabet, alphabets) for alphabet in alphabets}
        mixed += max(by[a] + times * min(alphabets[a], STRANGE) for a in alphabets)
        for alphabet in alphabets:
            each[alphabet] += by[alphabet]
    languages = max(mixed, *(each[a] + alphabets[a] for a in alphabets))
    return likelihood + languages + _others(text)


def _word(word: str, alphabet: str, neighbours: Iterable[str]) -> float:
    """How likely the letters beyond ASCII of a word are in a language, or else in its region."""
    frequency = _frequency(alphabet)
    total, beyond = 0.0, 0
    for at, letter in enumerate(word):
        if letter <= "\x7f":
            continue
        beyond += 1
        capital = letter not in frequency and (at == 0 or word.isupper())
        plain = letter.lower() if capital else letter
        borrowed = BORROWED if any(plain in each for each in neighbours) else UNLIKELY
        total += frequency.get(plain, borrowed) - capital
    latin = alphabet[0] < "Ͱ"
    if len(word) == 1:
        total += ALONE
    if latin and beyond > 2 and beyond > len(word) / 2:
        total -= 3 * beyond
    if not latin and beyond < len(word):
        total += UNLIKELY
    return total


@lru_cache
def _frequency(alphabet: str) -> Mapping[str, float]:
    """How likely each letter is, by Zipf's law."""
    shares = [1 / (rank + 2) for rank in range(len(alphabet))]
    return {c: log(share / sum(shares)) for c, share in zip(alphabet, shares, strict=True)}


def _others(text: str) -> float:
    """How likely all is that is beyond ASCII and no letter."""
    total = 0.0
    for (before, character, after), times in Counter(OTHER.findall(text)).items():
        if WORD.match(character):
            continue
        if character == "\ufffd":
            likelihood = LOST
        elif character in SYMBOLS:
            likelihood = _frequency(SYMBOLS)[character] - 1
        else:
            likelihood = UNLIKELY
        if before and after and character not in "’·\N{NO-BREAK SPACE}":
            likelihood += UNLIKELY / 2
        total += times * likelihood
    return total


def _of_signs(sample: bytes, codec: str) -> float:
    """How likely a text is in an encoding whose characters are words."""
    total = RARITY
    for sign, times in Counter(BEYOND.findall(sample.decode(codec, "replace"))).items():
        total += times * (LOST if sign == "\ufffd" else _sign(sign.encode(codec), SIGNS[codec]))
    return total


def _sign(sign: bytes, common: Mapping[range, float]) -> float:
    """How likely a sign is, beside the letters that its bytes would be otherwise."""
    usual = (likelihood for firsts, likelihood in common.items() if sign[0] in firsts)
    return next(usual, RARE) - BROKEN / 2 * sum(byte < 128 for byte in sign)
