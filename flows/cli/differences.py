"""How answers about what is different look: versions of a file, and what changed in tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from flows.terminal import fitting, say, show
from quality.wording import count, plural

if TYPE_CHECKING:
    from flows.comparison import Comparison


def of_comparison(found: Comparison) -> None:
    """How many records a newer version adds, removes and changes, with some of each."""
    what, (old, new) = found.difference, found.versions
    by = f"told apart by {', '.join(what.by)}" if what.by else "told apart by all their values"
    was, now = map(count, found.records)
    say(f"{found.file}, version {old} to {new}: {was} to {now} records, {by}")
    for told, names in {"new": what.columns_added, "missing": what.columns_removed}.items():
        if names:
            say(f"{plural(len(names), f'{told} column')}: {', '.join(names)}")
    for number, rejected in zip(found.versions, found.rejected, strict=True):
        if rejected:
            say(
                f"{plural(rejected, 'record')} of version {number} did not fit: not compared", "dim"
            )
    told_of = {"added": what.examples_added, "removed": what.examples_removed}
    for kind, examples in told_of.items():
        number = what.added if kind == "added" else what.removed
        _say_some(number, kind, len(examples))
        if examples:
            show(examples, *fitting(examples, list(examples[0])))
    _say_some(what.changed, "changed", len(what.examples_changed))
    rows = [
        {"record": _known_by(change.key), "column": name, "was": old_value, "is": new_value}
        for change in what.examples_changed
        for name, (old_value, new_value) in change.values.items()
    ]
    if rows:
        show(rows, *fitting(rows, list(rows[0])))


def _known_by(key: Mapping[str, str | None]) -> str:
    return ", ".join(f"{name} {value}" for name, value in key.items())


def _say_some(number: int, what: str, shown: int) -> None:
    more = f", of which {count(shown)} are shown" if shown < number else ""
    say(f"{plural(number, 'record')} {what}{more}")


def of_changes(found: Sequence[Mapping[str, Any]]) -> None:
    """A row a change, with the file that brought it."""
    rows = [
        each | {"recorded": f"{each['recorded_at']:%Y-%m-%d %H:%M}"} for each in map(dict, found)
    ]
    if rows:
        columns = ("file", "change", "column", "from", "to", "action", "recorded", "dataset")
        show(rows, *fitting(rows, columns))
    else:
        say("nothing has changed")
