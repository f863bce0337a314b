"""The command that tells why a score is what it is: explain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from flows.cli.access import AsJson, Directory, open_project, print_json, read_warehouse, require

if TYPE_CHECKING:
    from quality.explanation import Explanation

MOST_FILES = 10
"""Files that are explained, the worst; a run may have thousands."""
MOST_REMEDIES = 8
"""What there is to fix of a file that a person is told."""


def explain(
    dataset: Annotated[str, typer.Argument(metavar="DATASET", help="Name of a dataset.")],
    project: Directory = None,
    as_json: AsJson = False,
) -> None:
    """Tell what set the score of a dataset's latest run, and what to fix first to raise it.

    The worst file comes first, and what is held of runs before comes too.
    """
    from flows import inventory
    from quality import explanation, overview

    opened = open_project(project)
    with read_warehouse(opened) as con:
        require(dataset, inventory.datasets(opened, con))
        found = overview.explain(con, dataset, MOST_FILES)
    if as_json:
        print_json({"dataset": dataset, "files": [explanation.document(each) for each in found]})
    else:
        _say(found)


def _say(found: tuple[Explanation, ...]) -> None:
    from flows.terminal import say
    from quality.model import Grade

    if not found:
        say("no file of it was judged yet; `pratique run` judges what has landed")
    for place, explained in enumerate(found):
        if place and explained.load.grade > Grade.GREEN:
            say("")
        _say_one(explained, in_full=not place or explained.load.grade > Grade.GREEN)


def _say_one(explained: Explanation, in_full: bool) -> None:
    from flows.terminal import say
    from quality import advice, sentences

    load = explained.load
    version = f" version {load.version}" if load.version > 1 else ""
    score = sentences.points(load.score)
    say(f"{load.grade.light} {score}  {load.file}{version}  {load.set_by}")
    if load.status == "held":
        approve, reject = (f"`pratique {way} {load.load_id}`" for way in ("approve", "reject"))
        say(f"held: {approve} lets the next run load it, {reject} turns it away")
    elif load.status != "published":
        say(f"{load.status}: {load.error or load.set_by}", "dim")
    if not in_full:
        return
    for line in (
        advice.low_volume(load),
        advice.numbers(explained),
        advice.unwaived(load),
        *map(advice.waiver, load.waivers),
    ):
        if line:
            say(line, "dim")
    if explained.remedies:
        say("What to fix first:")
    for number, remedy in enumerate(explained.remedies[:MOST_REMEDIES], 1):
        say(f"{number}. {advice.remedy(remedy)}")
        who = f" To act: {remedy.owner}." if remedy.owner else ""
        say(f"   {advice.gain(remedy, explained)}{who}", "dim")
        for value, places in sentences.places(remedy.examples):
            say(f"   {places}: {'empty' if value is None else value}", "dim")
    if (more := len(explained.remedies) - MOST_REMEDIES) > 0:
        say(f"… and {more} more; --json has them all", "dim")
    if line := advice.plan(explained):
        say(line)
    for each in explained.unjudged:
        say(f"{each.check} {each.why}", "dim")
    if line := advice.thresholds(load):
        say(line, "dim")
