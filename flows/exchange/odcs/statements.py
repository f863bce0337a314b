"""One check as a `quality` entry of the standard, and one of those as a check."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import yaml
from pydantic import TypeAdapter

from flows.exchange.odcs.words import DIMENSIONS, OPERATORS, OURS, anchored, whole
from flows.exchange.part import Part
from quality.model import Severity
from quality.rule import RULES
from quality.rules.not_missing import WORDS_FOR_NONE
from quality.settings import Limit, Settings

_LIMIT: TypeAdapter[float | int] = TypeAdapter(Limit)
OTHER_ROWS = {"where", "null_policy"}
"""What makes of a check one that the words of the standard would say something else of."""
_SAME = ("name", "description", "severity", "tags")
_OURS_DIMENSIONS = {theirs: ours for ours, theirs in DIMENSIONS.items()}


class Untranslatable(Exception):
    """The standard says something that no check can."""


def settings(given: Mapping[str, Any]) -> dict[str, Any]:
    """What a check says besides its rule's own arguments."""
    return {name: value for name, value in given.items() if name in Settings.model_fields}


def lenient(rule: str, given: Mapping[str, Any]) -> bool:
    """Whether a check only warns, or is not about every row."""
    severity = given.get("severity", RULES[rule].severity.label)
    return bool(OTHER_ROWS & given.keys()) or Severity[severity.upper()] < Severity.ERROR


def entry(rule: str, given: Mapping[str, Any], column: str | None) -> dict[str, Any]:
    """Say a check in the words of the standard, or, where it has none, in ours.

    Args:
        rule: Its rule.
        given: Its arguments and settings, as the contract writes them.
        column: The column that it stands below.
    """
    left = settings(given)
    arguments = {name: value for name, value in given.items() if name not in left}
    lifted = {name: left.pop(name) for name in _SAME if name in left}
    if "dimension" in left:
        lifted["dimension"] = DIMENSIONS[left.pop("dimension")]
    metric = None if OTHER_ROWS & left.keys() else _metric(rule, arguments, column)
    if metric is None:
        implementation = {rule: arguments | left}
        return lifted | {"type": "custom", "engine": OURS, "implementation": implementation}
    said: dict[str, Any] = lifted | {"type": "library"} | metric
    if metric["metric"] != "rowCount":
        said |= _at_most(rule, lifted.get("severity"), left)
    if left:
        said["customProperties"] = [{"property": OURS, "value": left}]
    return said


def _metric(rule: str, arguments: Mapping[str, Any], column: str | None) -> dict[str, Any] | None:
    """The metric of the standard that says the same as a rule."""
    match rule, dict(arguments):
        case "not_null", {**rest} if column and not rest:
            return {"metric": "nullValues"}
        case "unique", {**rest} if column and not rest:
            return {"metric": "duplicateValues"}
        case "unique", {"columns": names, **rest} if not rest:
            return {"metric": "duplicateValues", "arguments": {"properties": names}}
        case "accepted_values", {"values": values, **rest} if column and not rest:
            return {"metric": "invalidValues", "arguments": {"validValues": values}}
        case "matches", {"pattern": str(pattern), **rest} if column and not rest:
            return {"metric": "invalidValues", "arguments": {"pattern": anchored(pattern)}}
        case "not_missing", {**rest} if column and rest.keys() <= {"words"}:
            missing = {"missingValues": [None, *rest.get("words", WORDS_FOR_NONE)]}
            return {"metric": "missingValues", "arguments": missing}
        case "row_count", {**rest} if rest.keys() <= {"min", "max"}:
            return {"metric": "rowCount"} | _between(rest.get("min", 1), rest.get("max"))
    return None


def _between(low: int, high: int | None) -> dict[str, Any]:
    if high is None:
        return {"mustBeGreaterOrEqualTo": low}
    if low == high:
        return {"mustBe": low}
    return {"mustBeBetween": [low, high]} if low else {"mustBeLessOrEqualTo": high}


def _at_most(rule: str, severity: str | None, left: dict[str, Any]) -> dict[str, Any]:
    """How many rows may fail; what else the check says of that stays among its settings."""
    warns = lenient(rule, {"severity": severity} if severity else {})
    limit = left.pop("warn_above" if warns else "fail_above", None)
    if limit is None:
        return {"mustBe": 0}
    if not warns:  # the standard knows one limit, and not what becomes of those below it
        left.setdefault("warn_above", 0)
        left.setdefault("on_fail", "quarantine")
    limit = _LIMIT.validate_python(limit)
    if isinstance(limit, int):
        return {"mustBeLessOrEqualTo": limit, "unit": "rows"}
    percent = Fraction(str(limit)) * 100
    told = percent.numerator if percent.denominator == 1 else float(percent)
    return {"mustBeLessOrEqualTo": told, "unit": "percent"}


def check(part: Part, column: str | None) -> tuple[str, dict[str, Any]]:
    """Read a check from a `quality` entry, and leave in it what the check does not say.

    Args:
        part: The entry.
        column: The column that it stands below.

    Returns:
        The rule, and its arguments and settings.

    Raises:
        Untranslatable: No check says this.
        ExchangeInvalid: The entry is not what the standard allows.
    """
    kind = part.take("type", str) or "library"
    engine = part.take("engine", str)
    limit = None
    if kind == "custom" and engine == OURS:
        rule, given = _implemented(part)
    elif kind == "library":
        rule, given, limit = _measured(part, column)
    else:
        what = f"a check of the engine {engine!r}" if kind == "custom" else f"a check as {kind}"
        raise Untranslatable(f"{what} is not run here")
    for name in ("name", "description"):
        if value := part.take(name, str):
            given[name] = value
    if part.said.get("severity") in {severity.label for severity in Severity}:
        given["severity"] = part.take("severity", str)
    if part.said.get("dimension") in _OURS_DIMENSIONS:
        given["dimension"] = _OURS_DIMENSIONS[part.take("dimension", str)]
    if tags := part.take("tags", list):
        given["tags"] = tags
    given |= ours(part)
    return rule, given if limit is None else _limited(rule, given, limit)


def ours(part: Part) -> dict[str, Any]:
    """Take what is ours out of the custom properties of something."""
    properties = part.parts("customProperties")
    mine = [each for each in properties if each.said.get("property") == OURS]
    if others := [dict(each.said) for each in properties if each not in mine]:
        part.said["customProperties"] = others
    value: dict[str, Any] = mine[0].take("value", dict) or {} if mine else {}
    return value


def _limited(rule: str, given: dict[str, Any], limit: float | int) -> dict[str, Any]:
    if lenient(rule, given):
        return {"warn_above": limit} | given
    # Rows that the standard allows are no bad rows, unless somebody says that they are.
    return {"warn_above": limit, "fail_above": limit, "on_fail": "keep"} | given


def _implemented(part: Part) -> tuple[str, dict[str, Any]]:
    written = part.take("implementation")
    if isinstance(written, str):
        try:
            written = yaml.safe_load(written)
        except (yaml.YAMLError, RecursionError):
            written = None
    if not isinstance(written, dict) or len(written) != 1:
        raise part.invalid("implementation", "must be one check, {rule: {argument: value}}")
    ((rule, given),) = written.items()
    if not isinstance(given, dict | None):
        raise part.invalid("implementation", "must be one check, {rule: {argument: value}}")
    return str(rule), dict(given or {})


def _measured(part: Part, column: str | None) -> tuple[str, dict[str, Any], float | int | None]:
    """The rule, its arguments, and how many rows may fail."""
    metric, arguments = part.take("metric", str), part.part("arguments")
    given: dict[str, Any] = {}
    match metric:
        case "rowCount" if column is None:
            return "row_count", _rows(part), None
        case "nullValues" if column is not None:
            rule = "not_null"
        case "duplicateValues":
            rule, names = "unique", arguments.take("properties", list)
            if not names and column is None:
                raise Untranslatable("duplicateValues of a table names no properties")
            given = {"columns": names} if names else {}
        case "missingValues" if column is not None:
            words = arguments.take("missingValues", list) or []
            if None not in words or not all(isinstance(word, str | None) for word in words):
                raise Untranslatable("missingValues without a null, or that are no texts")
            texts = [word for word in words if word is not None]
            rule = "not_missing" if texts else "not_null"
            given = {"words": texts} if texts and texts != WORDS_FOR_NONE else {}
        case "invalidValues" if column is not None:
            values, pattern = arguments.take("validValues", list), arguments.take("pattern", str)
            if bool(values) == bool(pattern):
                raise Untranslatable("invalidValues needs validValues or a pattern")
            rule = "accepted_values" if values else "matches"
            given = {"values": values} if values else {"pattern": whole(str(pattern))}
        case _:
            raise Untranslatable(f"the metric {metric!r} is not known here")
    if arguments.said:
        raise Untranslatable(f"{metric} with {', '.join(arguments.said)}")
    return rule, given, _allowed(part)


def _operator(part: Part) -> tuple[str, Any]:
    said = [name for name in OPERATORS if part.said.get(name) is not None]
    if len(said) != 1:
        raise Untranslatable("a metric without one operator to compare it by")
    return said[0], part.take(said[0])


def _rows(part: Part) -> dict[str, Any]:
    operator, value = _operator(part)
    if part.take("unit", str) not in (None, "rows"):
        raise Untranslatable("rowCount in another unit than rows")
    match operator, value:
        case "mustBeBetween", [int(low), int(high)]:
            return {"min": low, "max": high}
        case "mustBe", int(number):
            return {"min": number, "max": number}
        case "mustBeGreaterThan", int(number):
            return {"min": number + 1}
        case "mustBeGreaterOrEqualTo", int(number):
            return {"min": number}
        case "mustBeLessThan", int(number) if number > 0:
            return {"min": 0, "max": number - 1}
        case "mustBeLessOrEqualTo", int(number):
            return {"min": 0, "max": number}
    raise Untranslatable(f"rowCount that {operator} {value}")


def _allowed(part: Part) -> float | int | None:
    """How many rows may fail; None if none may."""
    operator, value = _operator(part)
    unit = part.take("unit", str) or "rows"
    match operator, value:
        case "mustBe", 0:
            return None
        case "mustBeBetween", [0, int() | float()]:
            value = value[1]
        case "mustBeLessThan", int() if unit == "rows" and value > 0:
            value -= 1
        case "mustBeLessOrEqualTo", int() | float():
            pass
        case _:
            raise Untranslatable(f"{operator} {value} {unit}")
    if unit == "percent" and 0 <= value < 100:
        return float(Fraction(str(value)) / 100)
    if unit == "rows" and isinstance(value, int) and value >= 0:
        return value
    raise Untranslatable(f"{operator} {value} {unit}")
