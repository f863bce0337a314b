"""Alphabets: which encoding makes the likeliest words of bytes that are not UTF-8.

A detector that weighs any language against any other takes a few German names for Polish ones, or
for Chinese. What files are written in is known better: letters beyond ASCII are those of one
language or of neighbouring ones, stand in words with each other, and capitals stand in front.

Likelihoods are logarithms throughout.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
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

LETTERS: Mapping[str, tuple[Alphabets, float]] = {
    "cp1252": (WESTERN, 0),
    "cp1250": (CENTRAL, 0),
    "cp1251": (CYRILLIC, 0),
    "cp1253": (GREEK, 0),
    "cp1254": (TURKISH, 0),
    "cp1255": (HEBREW, 0),
    "cp1256": (ARABIC, 0),
    "cp1257": (BALTIC, 0),
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
    "cp932": {range(0x82, 0x84): log(0.6 / 150), range(0x88, 0x98): log(0.4 / 2965)},
    "euc-jp": {range(0xA4, 0xA6): log(0.6 / 150), range(0xB0, 0xD0): log(0.4 / 2965)},
    "gb18030": {range(0xB0, 0xD8): log(0.9 / 3755)},
    "euc-kr": {range(0xB0, 0xC9): log(0.9 / 2350)},
    "big5": {range(0xA4, 0xC7): log(0.9 / 5401)},
}
"""Encodings of two bytes a character: the first bytes of the signs in common use."""
RARITY = -5.0
"""Of a language that is not written in letters, in a file that is not UTF-8."""
SYMBOLS = "’–“”€…°§²³£µ±•·«»¿¡ªº½¼¾×™®©‘„—\N{NO-BREAK SPACE}"

UNLIKELY = log(1e-5)
"""A character in no alphabet of a language, or out of its place."""
LOST = 2 * UNLIKELY
"""A byte that is no character."""
LEAST = -5.5
"""What a byte beyond ASCII comes to, on the average; what is less is no text."""
STRANGE = -1.0
"""A word among words of another language."""

LETTER = r"[^\W\d_²³¹¼½¾µªº]"
WORD = re.compile(f"{LETTER}+")
OTHER = re.compile(rf"({LETTER}?)([^\x00-\x7f])(?=({LETTER}?))")
BEYOND = re.compile(r"[^\x00-\x7f]")


def likeliest(sample: bytes) -> str | None:
    """Tell the encoding that makes most sense of a text; None where none does.

    Args:
        sample: Lines that hold bytes beyond ASCII.
    """
    found = {codec: _of_letters(sample, codec) for codec in LETTERS}
    found |= {codec: _of_signs(sample, codec) for codec in SIGNS}
    best = max(found, key=lambda codec: found[codec])
    beyond = sum(byte > 127 for byte in sample)
    return best if found[best] > LEAST * beyond else None


def _of_letters(sample: bytes, codec: str) -> float:
    """How likely a text is in an encoding: in one language, or in several of them."""
    text = sample.decode(codec, "replace")
    alphabets, likelihood = LETTERS[codec]
    mixed, each = 0.0, dict.fromkeys(alphabets, 0.0)
    words = Counter(word for word in WORD.findall(text) if not word.isascii())
    for word, times in words.items():
        by = {alphabet: times * _word(word, alphabet) for alphabet in alphabets}
        mixed += max(by[a] + times * min(alphabets[a], STRANGE) for a in alphabets)
        for alphabet in alphabets:
            each[alphabet] += by[alphabet]
    languages = max(mixed, *(each[a] + alphabets[a] for a in alphabets))
    return likelihood + languages + _others(text)


def _word(word: str, alphabet: str) -> float:
    """How likely the letters beyond ASCII of a word are in a language."""
    frequency = _frequency(alphabet)
    total, beyond = 0.0, 0
    for at, letter in enumerate(word):
        if letter <= "\x7f":
            continue
        beyond += 1
        if letter in frequency:
            total += frequency[letter]
        elif letter.lower() in frequency and (at == 0 or word.isupper()):
            total += frequency[letter.lower()] - 1
        else:
            total += UNLIKELY
    latin = alphabet[0] < "Ͱ"
    if latin and (len(word) == 1 or (beyond > 2 and beyond > len(word) / 2)):
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
        if before and after and character not in "’·":
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
    return next(usual, UNLIKELY) - LEAST / 2 * sum(byte < 128 for byte in sign)
