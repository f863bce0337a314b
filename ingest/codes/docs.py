"""docs/codes.md, written from the catalogue: `python -m ingest.codes.docs`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from ingest.codes import GROUPS
from ingest.codes.code import Code, Effect

PAGE = Path(__file__).parents[2] / "docs" / "codes.md"

_INTRODUCTION = """\
<!-- Written by `python -m ingest.codes.docs` from the files in ingest/codes. Change those. -->
# Codes

What can be wrong with a file, or with a record's structure. `pratique check FILE --json` lists it
as `file_errors`, each with its code, its message, and its line and byte where it has a place. The
messages are for suppliers: they can be sent on as they are. What a file says *within* its records
is for [the rules](rules.md).

A file that is held says so in `pratique status`, with these messages. `pratique approve` lets it in
where it is in doubt; where nothing of it can be loaded, it is judged again, by the contract as it
is then.
"""

_EFFECTS = {
    Effect.TOLD: "told",
    Effect.RECORD: "quarantines the record",
    Effect.INCOMPLETE: "not green",
    Effect.DOUBTFUL: "held for approval",
    Effect.FATAL: "held",
}


def page() -> str:
    """The whole page."""
    parts = [_INTRODUCTION]
    for title, codes in GROUPS.items():
        parts += [f"## {title}\n", *_overview(codes), "", *map(_section, codes)]
    return "\n".join(parts)


def _overview(codes: Sequence[Code]) -> Iterator[str]:
    yield "| code | what it is | what becomes of it |"
    yield "| --- | --- | --- |"
    for code in codes:
        effects = " or ".join(_EFFECTS[effect] for effect in code.effects)
        yield f"| [{code.name}](#{code.name}) | {code.title} | {effects} |"


def _section(code: Code) -> str:
    effects = " Or: ".join(effect.value for effect in code.effects)
    return f"### {code.name}\n\n> {code.example}\n\n{effects} *What to do:* {code.remedy}\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
