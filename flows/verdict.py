"""Verdict: how Prefect shows what a run came to. Red fails, amber completes under its own name."""

from __future__ import annotations

import logging
from typing import Any

from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from flows.summary import ExitCode, RunSummary
from quality.model import Grade
from quality.sentences import points


class Unfit(Exception):
    """What failed a run that went to its end; carries what the run came to."""

    def __init__(self, said: str, summary: RunSummary) -> None:
        super().__init__(said)
        self.summary = summary


# A worker would log a traceback through Prefect's engine, below the sentence that says it all.
logging.getLogger("prefect.flow_runs").addFilter(
    lambda record: not (record.exc_info and isinstance(record.exc_info[1], Unfit))
)


def verdict(summary: RunSummary, strict: bool) -> State[RunSummary]:
    """Give the state for a run, or for the loads of one dataset.

    Events follow the state's name: `prefect.flow-run.Failed`, `.Amber`, `.Completed`.

    Args:
        summary: What it came to.
        strict: Whether amber fails, as red does.
    """
    said = sentence(summary)
    if summary.exit_code(strict) != ExitCode.OK:
        return Failed(message=said, data=Unfit(said, summary))
    name = "Amber" if summary.grade == Grade.AMBER.label else "Completed"
    return Completed(name=name, message=said, data=summary)


def outcome(state: State[Any]) -> RunSummary:
    """What a run, or the loads of one dataset, came to, whatever it looks like.

    Raises:
        Exception: It did not go to its end, for this reason.
    """
    match state.result(raise_on_failure=False):
        case RunSummary() as summary:
            return summary
        case Unfit(summary=summary):
            return summary
        case error:
            raise error


def sentence(summary: RunSummary) -> str:
    """What went wrong, or what is not green, the worst first; or that all is well."""
    worst_first = sorted(summary.datasets, key=lambda each: Grade[each.grade.upper()], reverse=True)
    said = [*summary.problems]
    said += [
        f"{each.dataset} is {each.grade} at {points(each.score)}: {each.set_by}"
        for each in worst_first
        if each.grade != Grade.GREEN.label
    ]
    if said:
        return said[0] + (f"; and {len(said) - 1} more" if said[1:] else "")
    names = ", ".join(each.dataset for each in summary.datasets)
    return f"green: {names}" if names else "nothing new to load"
