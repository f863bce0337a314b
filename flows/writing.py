"""Writing: a contract as YAML that a person would have written, with comments where asked."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import yaml

from flows.document import Keys

WIDTH = 100
"""What fits into a line is written into one, `- {name: year, type: integer}`."""

_SECTIONS = {"columns", "checks", "waivers", "odcs"}
"""What stands apart, and never in one line."""
_PLAIN = re.compile(r"[^\W\d][\w./+-]*(?: [\w./+-]+)*")
_TEXT = re.compile(r"[^\W\d].*\S")
_WORDS = re.compile(r"\S+(?: \S+)*")
_OTHERS = {"y", "n", "yes", "no", "on", "off", "null", "true", "false"}
"""Words that are texts to one reader of YAML, and something else to another."""

Comments = Mapping[Keys, Sequence[str]]


def contract_yaml(contract: Mapping[str, Any], comments: Comments | None = None) -> str:
    """Write a contract: the same text for the same contract, whoever writes it.

    Args:
        contract: What it says, in the order in which it is to stand there.
        comments: Lines to stand above a key, by the way to it: `("columns", 2, "checks", 0)`;
            those of `()` stand at the top.
    """
    told = {keys: tuple(lines) for keys, lines in (comments or {}).items() if lines}
    text = "\n".join([*_comment(told.get((), ()), ""), *_mapping(contract, (), "", told)])
    return text + "\n"


def _mapping(value: Mapping[str, Any], keys: Keys, indent: str, told: Comments) -> Iterator[str]:
    for key, inner in value.items():
        here = (*keys, key)
        if not keys and key in _SECTIONS:
            yield ""
        yield from _comment(told.get(here, ()), indent)
        yield from _entry(f"{indent}{scalar(key)}:", inner, here, indent, told)


def _sequence(value: Sequence[Any], keys: Keys, indent: str, told: Comments) -> Iterator[str]:
    for index, inner in enumerate(value):
        here = (*keys, index)
        yield from _comment(told.get(here, ()), indent)
        single = isinstance(inner, Mapping) and len(inner) == 1 and _nested(inner)
        written = None if single else _one_line(inner, here, told)
        if written is not None and len(indent) + 2 + len(written) <= WIDTH:
            yield f"{indent}- {written}"
        elif isinstance(inner, Mapping) and inner:
            lines = list(_mapping(inner, here, indent + "  ", told))
            yield from _led(lines, indent)
        else:
            yield from _entry(f"{indent}-", inner, here, indent, told)


def _nested(value: Mapping[str, Any]) -> bool:
    return any(isinstance(inner, Mapping) and inner for inner in value.values())


def _led(lines: list[str], indent: str) -> Iterator[str]:
    """Put the dash before the first line of a mapping; a comment above it keeps its own line."""
    first = next(n for n, line in enumerate(lines) if not line.lstrip().startswith("#"))
    yield from (indent + line[len(indent) + 2 :] for line in lines[:first])
    yield f"{indent}- {lines[first][len(indent) + 2 :]}"
    yield from lines[first + 1 :]


def _entry(lead: str, value: Any, keys: Keys, indent: str, told: Comments) -> Iterator[str]:
    """A key, or a dash, and what belongs to it."""
    written = _one_line(value, keys, told)
    apart = len(keys) == 1 and keys[0] in _SECTIONS and bool(value)
    if written is not None and not apart and len(lead) + 1 + len(written) <= WIDTH:
        yield f"{lead} {_block(value, written)}"
    elif isinstance(value, Mapping) and value:
        yield lead
        yield from _mapping(value, keys, indent + "  ", told)
    elif isinstance(value, list | tuple) and value:
        yield lead
        yield from _sequence(value, keys, indent + "  ", told)
    elif isinstance(value, str) and _WORDS.fullmatch(value) and value.isprintable():
        yield f"{lead} >-"
        room = max(WIDTH - len(indent) - 2, 20)
        for line in textwrap.wrap(value, room, break_long_words=False, break_on_hyphens=False):
            yield f"{indent}  {line}"
    else:
        yield f"{lead} {flow(value)}"


def _comment(lines: Sequence[str], indent: str) -> Iterator[str]:
    """Comments of one line each; a text in them cannot end the comment and begin something else."""
    for line in lines:
        told = "".join(c if c.isprintable() else " " for c in line)
        yield f"{indent}# {told}".rstrip()


def _one_line(value: Any, keys: Keys, told: Comments) -> str | None:
    """A value in YAML's braces, if no comment is to stand within it."""
    depth = len(keys)
    if any(len(way) > depth and way[:depth] == keys for way in told):
        return None
    return flow(value)


def _block(value: Any, written: str) -> str:
    """A text that only commas or colons would put in quotes stands without them in its own line."""
    if isinstance(value, str) and written != value and _TEXT.fullmatch(value):
        try:
            plain = yaml.safe_load(f"a: {value}") == {"a": value}
        except yaml.YAMLError:
            plain = False
        if plain and value.isprintable() and value.lower() not in _OTHERS:
            return value
    return written


def flow(value: Any) -> str:
    """A value in one line, in the braces and brackets of YAML."""
    match value:
        case Mapping():
            inner = ", ".join(f"{scalar(key)}: {flow(each)}" for key, each in value.items())
            return f"{{{inner}}}"
        case list() | tuple():
            return f"[{', '.join(map(flow, value))}]"
        case _:
            return scalar(value)


def scalar(value: Any) -> str:
    """A single value, in quotes where it would be read as something else without them."""
    if isinstance(value, str):
        if _PLAIN.fullmatch(value) and value.lower() not in _OTHERS and value.isprintable():
            return value
        style = '"'
    else:
        style = None
    written: str = yaml.safe_dump(
        value, default_style=style, allow_unicode=True, width=float("inf"), default_flow_style=True
    )
    return written.removesuffix("\n").removesuffix("\n...")
