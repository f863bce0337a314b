"""Document: a YAML file that knows on which line each of its keys stands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import yaml
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from quality.problem import Problem
from quality.wording import guess

Keys = tuple[str | int, ...]
"""The way to a value: names of mappings, numbers of lists."""

Finding = tuple[Keys, str]
"""Where in a document something is wrong, and what."""

MOST_VALUES = 500_000
"""Values that a document may come to: aliases can make millions of a few lines."""


class DocumentInvalid(Exception):
    """A YAML file says what it may not; carries every problem that was found in it."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


@dataclass(frozen=True)
class Document:
    """What a YAML file says, and where it says it."""

    path: Path
    data: dict[str, Any]
    root: yaml.Node | None

    def line(self, keys: Keys) -> int:
        """The line of a key, or of the nearest thing around it that is there."""
        line, node = 1, self.root
        for key in keys:
            line, node = _child(node, key) or (line, None)
        return line

    def written(self, keys: Keys) -> str | None:
        """A single value as it is written in the file, before YAML gives it a type."""
        node = self.root
        for key in keys:
            _, node = _child(node, key) or (0, None)
        return node.value if isinstance(node, yaml.ScalarNode) else None

    def at(self, keys: Keys) -> str:
        """Say on which line a key stands: `contracts/orders.yaml:14`."""
        return f"{shown(self.path)}:{self.line(keys)}"

    def problems(self, findings: Iterable[Finding]) -> list[str]:
        """Say what is wrong in the order of the file."""
        ordered = sorted(findings, key=lambda finding: self.line(finding[0]))
        return [Problem(self.at(keys), spell(keys), what) for keys, what in ordered]


def read(path: Path) -> Document:
    """Read a YAML file without obeying it: no tags, no key twice, nothing within itself.

    Raises:
        DocumentInvalid: It is not there, not UTF-8, or not such YAML.
    """
    try:
        loader = _Loader(path.read_text("utf-8-sig"))
        root = loader.get_single_node()
        slips = [Problem(f"{shown(path)}:{line}", "", slip) for line, slip in _slips(root)]
        if slips:
            raise DocumentInvalid(slips)
        if _values(root, {}) > MOST_VALUES:
            said = f"comes to more than {MOST_VALUES:,} values".replace(",", " ")
            raise DocumentInvalid([Problem(shown(path), "", f"{said}; has it aliases of aliases?")])
        data = {} if root is None else loader.construct_document(root)
    except OSError as error:
        said = f"cannot be read: {error.strerror}"
        raise DocumentInvalid([Problem(shown(path), "", said)]) from None
    except UnicodeDecodeError as error:
        said = f"is not UTF-8 at byte {error.start}"
        raise DocumentInvalid([Problem(shown(path), "", said)]) from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        message = " ".join(filter(None, [error.problem, error.context]))
        place = f"{shown(path)}:{mark.line + 1 if mark else 1}"
        raise DocumentInvalid([Problem(place, "", message)]) from None
    except yaml.YAMLError as error:
        said = " ".join(str(error).split())
        raise DocumentInvalid([Problem(shown(path), "", said)]) from None
    except RecursionError:
        raise DocumentInvalid([Problem(shown(path), "", "is nested too deeply")]) from None
    if not isinstance(data, dict):
        said = "must be keys with values, `key: value`"
        raise DocumentInvalid([Problem(f"{shown(path)}:1", "", said)])
    return Document(path, data, root)


def shown(path: Path) -> str:
    """A path as people click it: relative when it is below the current directory."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def spell(keys: Keys) -> str:
    """Write the way to a value: `columns[2].checks[0]`, `policy.green`."""
    return "".join(f"[{k}]" if isinstance(k, int) else f".{k}" for k in keys).removeprefix(".")


def explain(document: Document, error: ValidationError, model: type[BaseModel]) -> list[Finding]:
    """Turn Pydantic's findings into ones that name the key and what is allowed there."""
    findings = []
    for detail in error.errors(include_url=False):
        keys, _ = _follow(model, detail["loc"])
        _, owners = _follow(model, detail["loc"][:-1])
        fields = {name: field for owner in owners for name, field in _fields(owner).items()}
        findings.append((keys, _message(detail, document.written(keys), keys, fields)))
    return findings


def _message(detail: Any, written: str | None, keys: Keys, fields: Mapping[str, FieldInfo]) -> str:
    value, context = detail["input"], detail.get("ctx", {})
    match detail["type"]:
        case "extra_forbidden" | "unexpected_keyword_argument":
            near = guess(str(keys[-1]), fields)
            return f"is not a key here{near}; keys are {', '.join(fields)}"
        case "missing":
            description = fields[str(keys[-1])].description or ""
            return f"missing. {' '.join(description.split())}".strip()
        case "literal_error" | "union_tag_invalid":
            expected = context.get("expected") or context["expected_tags"]
            return f"{context.get('tag', value)!r} is not allowed; use {expected}"
        case "union_tag_not_found":
            return "has no type; say `type: csv` or `type: json`"
        case "string_type" if written is not None:
            return f'must be text; write it in quotes: "{written}"' if written else "is empty"
        case "path_type":
            return f"must be a path, not {value!r}"
        case "tuple_type" | "list_type":
            return f"must be a list, [{value}]" if isinstance(value, str) else "must be a list"
        case "model_type" | "model_attributes_type" | "dataclass_type" | "dict_type":
            return f"must be keys with values, not {value!r}"
        case "value_error" | "disagrees":
            return str(context.get("error") or context["message"])
        case _:
            said = str(detail["msg"]).replace("Input should be", "must be")
            return f"{said[0].lower()}{said[1:]}, not {value!r}"


def _follow(model: type, loc: Keys) -> tuple[Keys, list[type]]:
    """Follow an error's location to the keys as they stand in the file, and the models there.

    Pydantic puts the tag of a union into the location; no such key stands in the file.
    """
    keys: list[str | int] = []
    models = [model]
    for key in loc:
        if key == "[key]":  # of a mapping, not its value; the step before names it
            continue
        tagged = [m for m in models if "type" in _fields(m) and _fields(m)["type"].default == key]
        if len(models) > 1 and tagged:
            models = tagged
            continue
        keys.append(key)
        if isinstance(key, str):
            fields = [_fields(m)[key] for m in models if key in _fields(m)]
            models = [inner for field in fields for inner in _models(field.annotation)]
    return tuple(keys), models


def _fields(model: type) -> dict[str, FieldInfo]:
    """The fields of a Pydantic model or dataclass."""
    fields: dict[str, FieldInfo] = getattr(model, "__pydantic_fields__", {})
    return fields


def _models(annotation: Any) -> Iterator[type]:
    """The models within a type: those of `tuple[Column, ...] | None` are `Column`."""
    if isinstance(annotation, type) and _fields(annotation):
        yield annotation
    for inner in get_args(annotation):
        yield from _models(inner)


def _child(node: yaml.Node | None, key: str | int) -> tuple[int, yaml.Node] | None:
    """The line and the value of one key; of a key that `<<` brings too, the nearer one."""
    if isinstance(node, yaml.MappingNode):
        for name, value in reversed(node.value):
            if name.value == key:
                return name.start_mark.line + 1, value
    if isinstance(node, yaml.SequenceNode) and isinstance(key, int) and key < len(node.value):
        return node.value[key].start_mark.line + 1, node.value[key]
    return None


def _slips(
    node: yaml.Node | None, above: frozenset[int] = frozenset(), seen: set[int] | None = None
) -> Iterator[tuple[int, str]]:
    """Find what YAML lets pass and a reader would not see: a key twice, a key that is no text."""
    seen = set() if seen is None else seen
    if not isinstance(node, yaml.CollectionNode):
        return
    if id(node) in above:
        yield node.start_mark.line + 1, "contains itself"
    if id(node) in seen:
        return
    seen.add(id(node))
    first: dict[str, int] = {}
    for entry in node.value:
        key, value = entry if isinstance(node, yaml.MappingNode) else (None, entry)
        if key is not None:
            line = key.start_mark.line + 1
            if key.tag not in ("tag:yaml.org,2002:str", "tag:yaml.org,2002:merge"):
                yield line, f'a key must be text; write it in quotes: "{key.value}"'
            elif key.value in first:
                yield line, f"{key.value!r} stands here already, on line {first[key.value]}"
            else:
                first[key.value] = line
        yield from _slips(value, above | {id(node)}, seen)


def _values(node: yaml.Node | None, known: dict[int, int]) -> int:
    """How many values there are when every alias is taken for what it stands for."""
    if not isinstance(node, yaml.CollectionNode):
        return 1
    if id(node) not in known:
        pairs = isinstance(node, yaml.MappingNode)
        inner = [value for _, value in node.value] if pairs else node.value
        known[id(node)] = 1 + sum(_values(value, known) for value in inner)
    return known[id(node)]


class _Loader(yaml.SafeLoader):
    """Safe, and says where a value is that has the looks of a date or number and is none."""

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep=deep)
        except ValueError as error:
            mark = node.start_mark
            raise yaml.constructor.ConstructorError(problem=str(error), problem_mark=mark) from None
