"""How profiles and drafts look to a person."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows.document import shown
from flows.terminal import say, show
from flows.trial import exists
from quality.escaping import cut
from quality.profiling import sentences
from quality.wording import percent, plural

if TYPE_CHECKING:
    from flows.drafting import Draft
    from flows.portrait import Portrait
    from flows.project import Project

MOST_FACTS = 5
"""Keys, orders and correlations that are told."""


def of_portrait(found: Portrait) -> None:
    """A row a column, then what there is to say of columns together."""
    profile = found.profile
    say(f"{found.subject}  {plural(profile.rows, 'row')}, {plural(len(profile.columns), 'column')}")
    for remark in found.remarks:
        say(remark, "dim")
    rows = []
    for column in profile.columns:
        empty = percent(column.null_share) if column.nulls else None
        rows.append(
            {"column": cut(column.name, 40), "type": column.type.lower(), "empty": empty}
            | {"distinct": sentences.distinct(column)}
            | {"what is in it": sentences.contents(column)}
        )
    show(rows, "column", "type", "empty", "distinct", remark="what is in it")
    for line in sentences.together(profile, MOST_FACTS):
        say(line)


def of_draft(draft: Draft, place: Path) -> None:
    """Where a contract was written, and what is most telling in it."""
    files = draft.files[0] if len(draft.files) == 1 else plural(len(draft.files), "file")
    told = f"{plural(draft.records, 'record')} of {files}"
    say(f"wrote {shown(place.absolute())}  {plural(len(draft.suggested), 'check')}, from {told}")
    rows = [row for rule in ("primary_key", "foreign_key") for row in _rows(draft, rule)]
    if rows:
        show(rows, "check", "of", remark="evidence")


def _rows(draft: Draft, rule: str) -> Iterator[dict[str, Any]]:
    for each in draft.suggested:
        if each.rule == rule:
            columns = [each.column] if each.column else each.arguments["columns"]
            yield {"check": rule, "of": ", ".join(columns), "evidence": each.evidence}


def say_next(project: Project | None, drafts: Sequence[Draft]) -> None:
    """Say what to do with what was written."""
    if project is None:
        say("next: put them into a project's contracts; `pratique init DIR` makes a project", "dim")
        return
    landed = all(exists(project.landing / name) for draft in drafts for name in draft.files)
    first = "" if landed else f"put the files into {shown(project.landing)}/, "
    say(f"next: {first}pratique run", "dim")
