"""The page of a profile: one file that needs nothing but itself, no script, no request."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from quality.drawing import INK, Spec, draw, layer, nominal, quantitative
from quality.profiling import ColumnProfile, Profile, sentences
from quality.rendering import render
from quality.wording import count, percent

MOST_PICTURES = 100
"""Columns that are drawn; a page of more would take seconds to make and to show."""
MOST_FACTS = 5
_WIDTH, _HEIGHT = 300, 64
_BAR = "#5b8fd6"


def html(subject: str, profile: Profile, remarks: Sequence[str] = ()) -> str:
    """A profile as a page.

    Args:
        subject: The file or the dataset that was profiled.
        profile: What was found.
        remarks: What else there is to say of it.
    """
    from markupsafe import Markup

    drawn = [
        Markup(svg) if svg else None  # its texts are numbers and days, made here
        for svg in map(histogram, profile.columns[:MOST_PICTURES])
    ]
    drawn += [None] * (len(profile.columns) - len(drawn))
    return render(
        "profile.html",
        subject=subject,
        profile=profile,
        remarks=remarks,
        columns=list(zip(profile.columns, drawn, strict=True)),
        together=list(sentences.together(profile, MOST_FACTS)),
        sentences=sentences,
        percent=percent,
        share=_share,
        facts=_facts,
        empty=sum(column.nulls for column in profile.columns),
    )


def histogram(column: ColumnProfile) -> str | None:
    """Draw how the values of a column are spread; none where nothing is to be seen."""
    if not column.histogram:
        return None
    edges = [column.histogram[0].low, column.histogram[-1].high]
    bars: list[Spec] = [
        {"place": place, "rows": each.count} for place, each in enumerate(column.histogram)
    ]
    last = len(bars) - 1
    ends = [
        {"place": place, "rows": 0, "text": _edge(edge)}
        for place, edge in zip((0, last), edges, strict=True)
    ]
    across = {"x": nominal("place", axis=None, scale={"paddingInner": 0.12, "paddingOuter": 0})}
    up = {"y": quantitative("rows", axis=None)}
    below: Spec = {"baseline": "top", "dy": 6, "fontSize": 11, "color": INK}
    text = across | up | {"text": nominal("text")}
    layers = [
        layer("bar", across | up, color=_BAR),
        layer("text", text, align="left", dx=-_WIDTH / (2 * len(bars)), **below)
        | {"data": {"values": ends[:1]}},
        layer("text", text, align="right", dx=_WIDTH / (2 * len(bars)), **below)
        | {"data": {"values": ends[1:]}},
    ]
    return draw(bars, layers, right=4, width=_WIDTH, height=_HEIGHT)


def _edge(value: Any) -> str:
    match value:
        case datetime():
            return (
                f"{value:%Y-%m-%d}"
                if value.time() == value.min.time()
                else f"{value:%Y-%m-%d %H:%M}"
            )
        case date():
            return value.isoformat()
    return sentences.value(value)


def _share(rows: int, column: ColumnProfile) -> float:
    """How long a bar is, in per cent."""
    return round(100 * rows / max(column.values, 1), 1)


def _facts(column: ColumnProfile) -> list[tuple[str, str]]:
    """What stands beside the picture of a column."""
    told = [("Empty", percent(column.null_share) if column.nulls else "none")]
    told.append(("Different", sentences.distinct(column)))
    if column.numbers and not (column.masked or column.constant):
        quantiles = column.numbers.quantiles
        told.append(("Mean", sentences.value(column.numbers.mean)))
        if column.numbers.stddev is not None:
            told.append(("Deviation", sentences.value(column.numbers.stddev)))
        told.append(("Quartiles", " · ".join(sentences.value(quantiles[q]) for q in _QUARTILES)))
        if column.numbers.negatives:
            told.append(("Negative", count(column.numbers.negatives)))
        if column.numbers.zeros:
            told.append(("Zero", count(column.numbers.zeros)))
    if column.moments:
        told.append(("Days", count(column.moments.days)))
        told.append(("To the", column.moments.resolution))
        if column.moments.missing_days:
            told.append(("Days without", count(column.moments.missing_days)))
    if column.texts:
        span = f"{count(column.texts.shortest)} to {count(column.texts.longest)}"
        told.append(("Characters", span))
        if column.texts.meaning:
            told.append(("Meaning", column.texts.meaning))
        if column.texts.regex:
            told.append(("All like", column.texts.regex))
    return told


_QUARTILES = ("0.25", "0.5", "0.75")
