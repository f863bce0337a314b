"""Reading somebody else's document, whatever it is: JSON or YAML, of one of the forms we know."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from flows.document import DocumentInvalid, shown
from flows.document import read as read_yaml
from flows.exchange import frictionless, jsonschema
from flows.exchange.odcs import reading as odcs
from flows.exchange.part import ExchangeInvalid, Imported
from quality.problem import Problem

MOST_BYTES = 4 * 1024**2
"""A document that is larger is no contract; YAML of this size takes half a minute to read."""
DEEPEST = 40
"""How deep values may lie within others."""

FORMS: dict[str, Callable[[dict[str, Any], str], list[Imported]]] = {
    "odcs": odcs.contracts,
    "jsonschema": jsonschema.contracts,
    "frictionless": frictionless.contracts,
}


def contracts(path: Path, form: str | None = None) -> list[Imported]:
    """Read a document and make contracts of it.

    Args:
        path: The document.
        form: What it is, `odcs`, `jsonschema` or `frictionless`; found out when left out.

    Raises:
        ExchangeInvalid: It cannot be read, or no contract comes of it.
    """
    said, file = read(path), shown(path)
    form = form or form_of(said)
    if form is None:
        _refuse(file, f"is none of {', '.join(FORMS)}; if it is, say which, --from odcs")
    return FORMS[form](said, file)


def form_of(said: dict[str, Any]) -> str | None:
    """Tell what a document is by what it says; None if that is nothing we know."""
    if said.get("kind") == "DataContract" or "apiVersion" in said:
        return "odcs"
    if "fields" in said or "resources" in said:
        return "frictionless"
    if "$schema" in said or "properties" in said:
        return "jsonschema"
    return None


def read(path: Path) -> dict[str, Any]:
    """Read JSON or YAML, without obeying it.

    Raises:
        ExchangeInvalid: It cannot be read, is too large, or nested too deeply.
    """
    file = shown(path)
    try:
        if path.stat().st_size > MOST_BYTES:
            _refuse(file, f"is larger than {MOST_BYTES // 1024**2} MB, so it is no contract")
        text = path.read_bytes().decode("utf-8-sig")
        if text.lstrip()[:1] in ("{", "["):
            said = json.loads(text, object_pairs_hook=_once, parse_constant=_no_number)
        else:
            said = read_yaml(path).data
    except OSError as error:
        _refuse(file, f"cannot be read: {error.strerror}")
    except UnicodeDecodeError as error:
        _refuse(file, f"is not UTF-8 at byte {error.start}")
    except RecursionError:
        _refuse(file, "is nested too deeply")
    except ValueError as error:
        _refuse(file, f"is not JSON: {error}")
    except DocumentInvalid as invalid:
        raise ExchangeInvalid(invalid.problems) from None
    if not isinstance(said, dict):
        _refuse(file, "must be keys with values")
    if _depth(said) > DEEPEST:
        _refuse(file, "is nested too deeply")
    return said


def _refuse(file: str, what: str) -> NoReturn:
    raise ExchangeInvalid([Problem(file, "", what)]) from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    said = dict(pairs)
    if len(said) < len(pairs):
        ((most, _),) = Counter(key for key, _ in pairs).most_common(1)
        raise ValueError(f"{most!r} stands there twice")
    return said


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number")


def _depth(said: Any) -> int:
    """How deep the deepest value lies, counted level by level."""
    depth, level = 0, [said]
    while level and depth <= DEEPEST:
        depth += 1
        level = [
            inner
            for value in level
            if isinstance(value, dict | list)
            for inner in (value.values() if isinstance(value, dict) else value)
            if isinstance(inner, dict | list)
        ]
    return depth
