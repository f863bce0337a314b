"""docs/rules.md, written from the rules: `python -m quality.docs`, with `--check` to compare."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from quality.context import Context
from quality.rule import Rule
from quality.rules import RULES
from quality.selectors import EACH
from quality.settings import Settings

PAGE = Path(__file__).parent.parent / "docs" / "rules.md"

_INTRODUCTION = """\
<!-- Written by `python -m quality.docs` from the files in quality/rules. Change those. -->
# Rules

A rule bound to arguments in a contract is a check. In a column's `checks` the column is filled in:

```yaml
columns:
  - {name: dep_time, type: integer, checks: [not_null, {range: {min: 1, max: 2400}}]}
checks:                           # of the whole dataset
  - unique: {columns: [carrier, flight], severity: critical}
```

A **row** rule judges each row by itself, a **key** rule finds rows by keys that fail, and a
**dataset** rule measures one value. A check that applies to no row is not evaluated, which is not
the same as passed. Null means that a check does not apply, except where its rule is about nulls.
A cell that could not be read as its column's type fails `type`, and no other check of that column
applies to it.

"""


def page() -> str:
    """The whole page."""
    rules = sorted(RULES.values(), key=lambda rule: rule.name)
    return _INTRODUCTION + "\n".join([*_settings(), *_overview(rules), *map(_section, rules)])


def main(arguments: Sequence[str]) -> int:
    """Write the page, or with `--check` say whether it is as it would be written."""
    if "--check" not in arguments:
        PAGE.write_text(page(), encoding="utf-8")
    elif not PAGE.exists() or PAGE.read_text(encoding="utf-8") != page():
        print(f"{PAGE} is not what the rules say; run python -m quality.docs", file=sys.stderr)
        return 1
    return 0


def _settings() -> Iterator[str]:
    yield "Any check may also say:\n"
    for name, field in Settings.model_fields.items():
        yield f"- `{name}`: {' '.join(str(field.description).split())}"
    yield (
        f"- `{EACH}`, in the checks of a contract: the columns for each of which there is such a "
        'check: `[a, b]`, `{matching: ".*_time"}` by their names, or `{type: number}` by their '
        "type, which may be `number`, `text` or `temporal` too."
    )
    yield ""


def _overview(rules: Sequence[Rule]) -> Iterator[str]:
    yield "| rule | kind | dimension | what must hold |"
    yield "| --- | --- | --- | --- |"
    for rule in rules:
        name = f"[{rule.name}](#{rule.name})"
        yield f"| {name} | {rule.kind} | {rule.dimension} | {rule.docs.splitlines()[0]} |"
    yield ""


def _section(rule: Rule) -> str:
    about = f"*{rule.kind} rule · {rule.dimension} · {rule.severity.label}*"
    docs = re.sub(r"^(Instead|Also known as):", r"**\1:**", rule.docs, flags=re.MULTILINE)
    parts = [f"## {rule.name}", about, docs, "\n".join(_arguments(rule)), *_examples(rule)]
    return "\n\n".join(parts) + "\n"


def _arguments(rule: Rule) -> Iterator[str]:
    for name, field in rule.arguments.model_fields.items():
        default = "" if field.is_required() else f" (default `{_flow(field.get_default())}`)"
        yield f"- `{name}`{default}: {field.description}"


def _examples(rule: Rule) -> Iterator[str]:
    for example in rule.examples:
        lines = ["```yaml", f"- {rule.name}: {_flow(example.arguments)}", "```", ""]
        for dataset, frame in example.references.items():
            lines.append(f"- {dataset}: {_frame(frame)}")
        good, bad = example.context, example.bad_context or example.context
        if good and (past := good.past):
            values = [each.detail.get("value", dict(each.detail)) for each in past]
            lines.append(f"- before: {_flow(values)}")
        among = f", among {_frame(example.among)}" if example.among else ""
        lines.append(f"- good: {_frame(example.good)}{_apart(good, bad)}")
        lines.append(f"- bad: {_frame(example.bad)}{among}{_apart(bad, good)}")
        yield "\n".join(lines)


def _apart(context: Context | None, other: Context | None) -> str:
    """What is known of the file beside its rows, as far as it is what makes it good or bad."""
    if not (context and other and context.file and other.file):
        return ""
    of, others = vars(context.file), vars(other.file)
    return "".join(f", its {name} {_flow(of[name])}" for name in of if of[name] != others[name])


def _frame(columns: Mapping[str, Sequence[Any]]) -> str:
    return ", ".join(f"`{name}` {_flow(list(values))}" for name, values in columns.items())


def _flow(value: Any) -> str:
    """A value as one writes it in YAML's braces."""
    match value:
        case Mapping():
            return "{" + ", ".join(f"{name}: {_flow(each)}" for name, each in value.items()) + "}"
        case list() | tuple():
            return "[" + ", ".join(map(_flow, value)) + "]"
        case str() if re.fullmatch(r"(?!(?:null|true|false|yes|no|on|off)$)[A-Za-z][\w.]*", value):
            return value
        case None | bool() | int() | float() | str():
            return json.dumps(value, ensure_ascii=False)
        case _:
            return str(value)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
