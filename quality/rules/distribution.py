"""distribution: values that are spread as they were."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from fractions import Fraction
from typing import Annotated, Any, Literal

import narwhals as nw
from pydantic import AfterValidator, Field

from quality import frames
from quality.arguments import Column, OptionalReference
from quality.context import Context, Past
from quality.frames import Frame
from quality.measure import Fact
from quality.quantities import NonNegative, Positive
from quality.rule import Example, rule
from quality.wording import percent, plural, show

BUCKETS = 10
"""Parts that numbers are counted in, each with as many as the others when they are first seen."""
KEPT, COMPARED = 20, 9
"""Categories that are counted by themselves in each load, and of those how many are compared."""
LONGEST = 40
"""Characters from which on a value is no category."""
FEWEST = 100
"""Values that say something about how they are spread; of fewer, chance says more."""
OTHER = "(other)"

_THRESHOLDS = {"psi": 0.25, "ks": 0.2}


def _shares(shares: dict[str, float]) -> dict[str, float]:
    if abs(sum(shares.values()) - 1) > 0.001:
        raise ValueError(f"the shares add up to {show(float(sum(shares.values())))}, and not to 1")
    return shares


def _past(*counts: Mapping[str, int]) -> Context:
    day = datetime(2013, 2, 1, tzinfo=UTC)
    past = [Past(day.replace(day=n), None, {"counts": dict(c)}) for n, c in enumerate(counts, 1)]
    return Context(history=lambda check: past, now=datetime(2013, 2, 8, tzinfo=UTC))


@rule(
    dimension="accuracy",
    severity="warning",
    subject="the spread of {column}",
    expects="as it was",
    tells=lambda given: f"the spread of {{column}} has moved by {given['test'].upper()} {{value}}",
    examples=[
        Example(
            {"column": "origin"},
            good={"origin": [*"E" * 50, *"J" * 50]},
            bad={"origin": [*"E" * 90, *"J" * 10]},
            context=_past(*[{"E": 55, "J": 45}] * 7),
        ),
        Example(
            {"column": "origin", "shares": {"E": 0.4, "J": 0.6}},
            good={"origin": [*"E" * 45, *"J" * 55]},
            bad={"origin": [*"E" * 45, *"L" * 55]},
        ),
        Example(
            {"column": "delay", "to": "flights.delay", "test": "ks"},
            good={"delay": [*range(100)]},
            bad={"delay": [*range(30, 130)]},
            references={"flights": {"delay": [*range(200)][:100]}},
        ),
    ],
)
def distribution(
    frame: Frame,
    reference: Frame | None,
    context: Context,
    column: Column,
    test: Literal["psi", "ks"] = "psi",
    threshold: Positive | None = None,
    shares: Annotated[dict[str, NonNegative], Field(min_length=2), AfterValidator(_shares)]
    | None = None,
    to: OptionalReference = None,
    history: Annotated[int, Field(ge=1, le=1000)] = 28,
    min_points: Annotated[int, Field(ge=1)] = 7,
) -> Fact:
    """The values of a column are spread as they were before, or as one expects.

    A mean can stay where it is while half of the values go up and half of them down, and a category
    can double at the cost of another while every row is good.

    Numbers are counted in ten buckets, with the tenths of the first file that has a hundred values
    as their limits; later files are counted in the same, so that they can be compared. Texts are
    counted by value, the nine most frequent by themselves and the others together. Nulls are left
    out. Only counts are kept of each load. `psi` is the population stability index: below 0.1
    nothing has moved, above 0.25 much has. `ks` is the largest distance of the two cumulated
    shares, between 0 and 1.

    Without `shares` and `to` it is compared with the published loads before, of earlier times. As
    long as there are too few of them the check is not evaluated, which costs the file nothing.

    Instead: for one number use `metric_anomaly`, which tells what it should be; for values that
    must not be there `accepted_values`. Of fewer than a hundred values nothing is said.

    Also known as: expect_column_kl_divergence_to_be_less_than, _ks_test_ (Great Expectations),
    Distribution_Shift (TestGen), drift by PSI (whylogs, Evidently), kl_divergence (SQLMesh).

    Args:
        column: A column of numbers or texts.
        test: How the distance is measured; `ks` is for numbers.
        threshold: The largest good distance; by default 0.25 of `psi`, 0.2 of `ks`.
        shares: The share of each value, if that is known: `{paid: 0.9, open: 0.1}`.
        to: A column of another dataset that is spread alike: `planes.seats`.
        history: How many earlier files to compare with.
        min_points: How many of them are needed to say anything.
    """
    if shares is not None and to is not None:
        raise ValueError("shares and to are two checks; write two")
    if min_points > history and shares is None and to is None:
        raise ValueError(f"min_points {min_points} is above history {history}")
    numeric = shares is None and _is_numeric(frame, column)
    if test == "ks" and (not numeric or shares is not None):
        raise ValueError("ks is for numbers, whose buckets have an order; use psi")
    period = context.period
    past = context.kept("counts", period)[-history:]
    before: list[Mapping[str, float]]
    if reference is not None and to is not None:
        limits = _limits(reference, to.columns[0]) if numeric else None
        before = [_counts(reference, to.columns[0], limits)]
    else:
        limits = _limits(frame, column) if numeric else None
        if numeric and past:
            limits = past[-1].detail.get("limits") or limits
        alike = {"limits": limits, "sealed": context.personal and limits is None}
        before = [
            p.detail["counts"]
            for p in past
            if alike == {"limits": p.detail.get("limits"), "sealed": p.detail.get("sealed", False)}
        ]
    now = _counts(frame, column, limits)
    values = sum(now.values())
    if values < FEWEST:
        told = f"{plural(values, 'value')} of {FEWEST} that are needed"
        return Fact(None, told=told, period=period)
    kept: dict[str, Any] = {}
    if shares is not None:
        before = [{value: share * values for value, share in shares.items()}]
    elif to is None:
        if context.personal and limits is None:
            now = {_sealed(value): rows for value, rows in now.items()}
            kept = {"counts": now, "sealed": True}
        else:
            kept = {"counts": now} if limits is None else {"counts": now, "limits": limits}
        if len(before) < min_points:
            told = f"{plural(len(before), 'earlier file')} of {min_points} that are needed"
            return Fact(None, told=told, early=True, period=period, detail=kept)
    total = _added(before)
    if not sum(total.values()):
        return Fact(None, told="there is nothing to compare with", period=period, detail=kept)
    names = _names(total, limits)
    expected, found = _parts(total, names), _parts(now, names)
    distance = _psi(expected, found) if test == "psi" else _ks(expected, found)
    most = float(threshold if threshold is not None else _THRESHOLDS[test])
    basis = (
        f", from the last {plural(len(before), 'file')}" if shares is None and to is None else ""
    )
    moved = max(names, key=lambda name: abs(found[name] - expected[name]))
    said = _told(moved, limits)
    more = f", most {said}: {_percent(found[moved])} instead of {_percent(expected[moved])}"
    return Fact(
        float(f"{distance:.6g}"),
        max=most,
        more=more,
        expected=f"at most {show(most)}{basis}",
        period=period,
        detail=kept,
    )


def _is_numeric(frame: Frame, column: str) -> bool:
    kind = frame.collect_schema()[column]
    if kind.is_numeric():
        return True
    if kind in (nw.String, nw.Boolean, nw.Enum, nw.Categorical):
        return False
    raise TypeError(f"{kind} is neither numbers nor texts; distribution is for those")


def _numbers(frame: Frame, column: str) -> Frame:
    values = nw.col(column).cast(nw.Float64)
    return frame.filter(~values.is_null(), ~values.is_nan()).select(values.alias("value"))


def _limits(frame: Frame, column: str) -> list[float]:
    """The tenths of the values: as many lie below the first as between it and the second."""
    tenths = {
        str(tenth): nw.col("value").quantile(tenth / BUCKETS, "linear")
        for tenth in range(1, BUCKETS)
    }
    named = (each.alias(name) for name, each in tenths.items())
    (found,) = frames.rows(_numbers(frame, column).select(*named))
    return sorted({float(f"{each:.12g}") for each in found.values() if each is not None})


def _counts(frame: Frame, column: str, limits: Sequence[float] | None) -> dict[str, int]:
    """How many values are in each bucket, or are each of the most frequent texts."""
    if limits is None:
        texts = frame.filter(~nw.col(column).is_null()).select(
            nw.col(column).cast(nw.String).alias("value")
        )
        short = nw.col("value").str.len_chars() <= LONGEST
        placed = texts.select(nw.when(short).then(nw.col("value")).otherwise(nw.lit(OTHER)))
    else:
        above = ((nw.col("value") > limit).cast(nw.Int64) for limit in limits)
        # As long as the frame where there are no limits, for a literal is one row.
        first = nw.col("value").is_null().cast(nw.Int64)
        bucket = nw.sum_horizontal(first, *above).cast(nw.String)
        placed = _numbers(frame, column).select(bucket.alias("value"))
    counted = placed.group_by("value").agg(nw.len().alias("rows"))
    (total,) = frames.rows(counted.select(nw.col("rows").sum()))
    most = counted.sort("rows", "value", descending=[True, False]).head(KEPT)
    counts = {row["value"]: int(row["rows"]) for row in frames.rows(most)}
    if rest := int(total["rows"] or 0) - sum(counts.values()):
        counts[OTHER] = counts.get(OTHER, 0) + rest
    return counts


def _sealed(value: str) -> str:
    """A personal value as what tells it from others, and does not tell it."""
    return value if value == OTHER else hashlib.sha256(value.encode()).hexdigest()[:16]


def _added(counts: Sequence[Mapping[str, float]]) -> dict[str, float]:
    total: dict[str, float] = {}
    for each in counts:
        for name, number in each.items():
            total[name] = total.get(name, 0) + number
    return total


def _names(total: Mapping[str, float], limits: Sequence[float] | None) -> list[str]:
    """What is compared: all buckets in their order, or the most frequent texts and the others."""
    if limits is not None:
        return [str(bucket) for bucket in range(len(limits) + 1)]
    known = sorted(total.keys() - {OTHER}, key=lambda name: (-total[name], name))
    return [*known[:COMPARED], OTHER]


def _parts(counts: Mapping[str, float], names: Sequence[str]) -> dict[str, float]:
    """The part of each name; half a value more for each, so that none is nothing."""
    found = {name: counts.get(name, 0) for name in names}
    if OTHER in found:
        found[OTHER] = sum(number for name, number in counts.items() if name not in names)
        found[OTHER] += counts.get(OTHER, 0)
    whole = sum(found.values()) + len(found) / 2
    return {name: (number + 0.5) / whole for name, number in found.items()}


def _psi(expected: Mapping[str, float], found: Mapping[str, float]) -> float:
    return sum((found[n] - part) * math.log(found[n] / part) for n, part in expected.items())


def _ks(expected: Mapping[str, float], found: Mapping[str, float]) -> float:
    apart = farthest = 0.0
    for name, part in expected.items():
        apart += found[name] - part
        farthest = max(farthest, abs(apart))
    return farthest


def _told(name: str, limits: Sequence[float] | None) -> str:
    if limits is None:
        return name
    bucket = int(name)
    if bucket == len(limits):
        return f"above {show(limits[-1])}" if limits else "all"
    if bucket == 0:
        return f"up to {show(limits[0])}"
    return f"above {show(limits[bucket - 1])} and up to {show(limits[bucket])}"


def _percent(part: float) -> str:
    return percent(Fraction(part))
