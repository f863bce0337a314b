"""Columns of text: how long they are, which forms they have, and what is no value among them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby

from quality.profiling.groups import Groups, Table
from quality.profiling.meaning import meaning_of
from quality.profiling.model import Counted, Texts
from quality.profiling.scan import Facts
from quality.sql import quoted

LOOKED_AT = 20_000
"""Different values by which forms are told, the most frequent first."""
UNDERSTOOD = 1_000
"""Different values by which their meaning is told."""
SHOWN = 8
MOST_FORMS = 200
"""Forms from which an expression is made; what has more of them has none."""
LONGEST_FORM = 40
MISSING = (
    *("na", "n/a", "n.a.", "#n/a", "<na>", "null", "(null)", "none", "nil", "nan", r"\n"),
    *("-", "--", "---", "?", ".", "*", "missing", "unknown", "undefined", "tbd", "#null!"),
)
"""What people write for a value that they do not have, in small letters."""

_CLASSES = {"A": "A-Z", "a": "a-z", "9": "0-9"}
_FORM = (
    "regexp_replace(regexp_replace(regexp_replace(v, '\\p{Lu}', 'A', 'g'), "
    "'\\p{Ll}', 'a', 'g'), '[0-9]', '9', 'g')"
)


def read_texts(groups: Groups, facts: Facts, table: Table, name: str) -> Texts:
    """Profile a column of text in which there is at least one value.

    Args:
        groups: Its values.
        facts: What the scan found of it.
        table: All of its rows.
        name: The column.
    """
    lengths = groups.ask(
        "length(v), sum(n) AS k", "WHERE v IS NOT NULL GROUP BY 1 ORDER BY k DESC, 1 LIMIT 5"
    )
    words = ", ".join(f"'{word}'" for word in MISSING)
    missing = groups.ask(
        "v, n", f"WHERE length(v) < 12 AND lower(trim(v)) IN ({words}) ORDER BY n DESC, v"
    )
    some = (
        f"(SELECT v, n, {_FORM} AS form FROM (FROM {groups.table} WHERE v IS NOT NULL "
        f"ORDER BY n DESC, v LIMIT {LOOKED_AT}))"
    )
    told = groups.con.execute(
        f"SELECT left(regexp_replace(form, 'a{{2,}}', 'a+', 'g'), {LONGEST_FORM}) AS short, "
        f"sum(n) AS k, count(*) OVER (), sum(count(*)) OVER () FROM {some} GROUP BY short "
        f"ORDER BY k DESC, short LIMIT {SHOWN}"
    ).fetchall()
    values = groups.ask("v", f"WHERE v IS NOT NULL ORDER BY n DESC, v LIMIT {UNDERSTOOD}")
    meaning, share = meaning_of(name, [value for (value,) in values])
    short = facts["longest"] <= LONGEST_FORM and not facts["empty"]
    forms = (
        groups.con.execute(f"SELECT DISTINCT form FROM {some} LIMIT {MOST_FORMS + 1}").fetchall()
        if short
        else []
    )
    return Texts(
        shortest=facts["shortest"],
        longest=facts["longest"],
        mean_length=facts["mean_length"],
        lengths=tuple(Counted(length, int(k)) for length, k in lengths),
        forms=tuple(Counted(each, int(k)) for each, k, *_ in told),
        form_count=told[0][2],
        regex=_regex([form for (form,) in forms], facts, table, name),
        blanks=facts["blanks"],
        empty=facts["empty"],
        missing=tuple(Counted(*each) for each in missing),
        meaning=meaning,
        meaning_share=share,
        looked_at=int(told[0][3]),
    )


def _regex(forms: Sequence[str], facts: Facts, table: Table, name: str) -> str | None:
    """Find an expression for all values, and let all rows prove it."""
    if not 0 < len(forms) <= MOST_FORMS:
        return None
    regex = generalise(sorted(forms), common_start(facts["low"], facts["high"]))
    if regex is None:
        return None
    ((proven,),) = table.con.execute(
        f"SELECT bool_and(regexp_full_match({quoted(name)}, ?)) FROM {table.sql}", [regex]
    ).fetchall()
    return regex if proven else None


def common_start(low: str, high: str) -> str:
    """What the smallest and the largest text begin with, and therefore all between them."""
    same = 0
    while same < min(len(low), len(high)) and low[same] == high[same]:
        same += 1
    return low[:same]


def generalise(forms: Sequence[str], start: str = "") -> str | None:
    """Make a regular expression of forms: `[A-Z]{2}-[0-9]{1,3}` of `AA-9` and `AA-999`.

    Args:
        forms: Forms in full: a letter for each letter, a 9 for each digit.
        start: What all values begin with, to the letter.

    Returns:
        Nothing where an expression would say no more than that there is text.
    """
    if not all(form.isascii() and form.isprintable() and " " not in form for form in forms):
        return None
    if not all(forms):
        return None
    start = start[: min(map(len, forms)) - 1] if len(forms) > 1 else start
    start = re.sub(r"[0-9]+$", "", start)  # digits that go on are no prefix
    rests = [form[len(start) :] for form in forms]
    if not all(rests):
        return None
    tail = _by_runs(rests) or _by_place(rests) or _by_class(rests)
    return tail and re.escape(start).replace(r"\-", "-") + tail


def _by_runs(forms: Sequence[str]) -> str | None:
    """All forms have the same runs, of whatever lengths."""
    runs = [[(kind, len(list(same))) for kind, same in groupby(form)] for form in forms]
    if len({tuple(kind for kind, _ in each) for each in runs}) > 1:
        return None
    pieces = []
    for places in zip(*runs, strict=True):
        lengths = [length for _, length in places]
        pieces.append(_piece({places[0][0]}, min(lengths), max(lengths)))
    if all(kind not in _CLASSES or kind == "a" for kind, _ in runs[0]) and len(runs[0]) == 1:
        least, most = min(map(len, forms)), max(map(len, forms))
        return "".join(pieces) if least == most else None  # a word
    return "".join(pieces)


def _by_place(forms: Sequence[str]) -> str | None:
    """All forms are of one length: what may stand at each place."""
    if len(set(map(len, forms))) > 1:
        return None
    places = [frozenset(letters) for letters in zip(*forms, strict=True)]
    if any({"A", "a"} <= place for place in places):
        return None
    runs = [(place, len(list(same))) for place, same in groupby(places)]
    return "".join(_piece(place, length, length) for place, length in runs)


def _by_class(forms: Sequence[str]) -> str | None:
    """All forms are of few kinds of characters, with no more order than that."""
    kinds = {letter for form in forms for letter in form}
    if not kinds <= _CLASSES.keys() or {"A", "a"} <= kinds or kinds == {"a"}:
        return None
    lengths = sorted(map(len, forms))
    return _piece(kinds, lengths[0], lengths[-1])


def _piece(kinds: frozenset[str] | set[str], least: int, most: int) -> str:
    classes = "".join(_CLASSES[kind] for kind in sorted(kinds & _CLASSES.keys()))
    others = sorted(kinds - _CLASSES.keys())
    if not classes and len(others) == 1:
        inner = re.escape(others[0]).replace(r"\-", "-")
    else:
        inner = f"[{classes}{''.join(_in_brackets(each) for each in others)}]"
    if least == most:
        return inner if least == 1 else f"{inner}{{{least}}}"
    return f"{inner}{{{least},{most}}}"


def _in_brackets(character: str) -> str:
    return "\\" + character if character in "\\]^-[&~" else character
