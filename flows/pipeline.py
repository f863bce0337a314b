"""A run under Prefect: what one would retry or look at is a task around the steps.

The manifest in the warehouse is the authority on what is done. So tasks are handed ids and small
models and keep no results, and a retry, by Prefect or by a person, goes on where the last attempt
stopped.
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from prefect import flow, get_run_logger, runtime, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from pydantic import BaseModel, ConfigDict

from flows import artifacts, attempts, clearing, contract, events, receiving, steps, waiting
from flows.project import Project, find, read
from flows.run import write_reports
from flows.summary import DatasetSummary, RunSummary, summarise, summarise_load
from flows.verdict import outcome, sentence, verdict
from ingest import progress, sightings
from ingest.errors import TransientError
from quality import overview
from quality.model import Grade


class RunConfig(BaseModel):
    """Which project is run, and how strictly."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    project: Path
    """Directory of the project: that of its pratique.yaml, or one below it."""
    strict: bool = False
    """Whether amber fails the run, as red does."""

    def read(self) -> Project:
        """Read the project file."""
        return read(find(self.project))


def _may_pass(task: Any, task_run: Any, state: State[Any]) -> bool:
    return isinstance(state.result(raise_on_failure=False), TransientError)


PATIENT: dict[str, Any] = {
    "retries": 3,
    "retry_delay_seconds": [5, 30, 120],
    "retry_condition_fn": _may_pass,
    "cache_policy": NO_CACHE,
}
"""A task that tries again when that may help, as when another process holds the warehouse."""


@task(task_run_name="receive files", **PATIENT)
def receive(config: RunConfig) -> tuple[list[str], RunSummary, bool]:
    """Freeze what is new in the landing directory.

    Returns:
        Which datasets are to be loaded, what was found, and whether records may wait.
    """
    project = config.read()
    known, problems = contract.of_project(project)
    run_id = steps.new_run_id()
    with steps.open_warehouse(project) as con:
        found = receiving.receive(project, con, known, run_id)
        datasets = dict.fromkeys(load.file.dataset for load in steps.pending(con, known))
        parked = [summarise_load(load, None) for load in progress.parked(con)]
        patient = waiting.possible(con, known)
    problems += found.problems
    ignored = dict(found.ignored)
    summary = summarise(run_id, found.stopped, found.unclaimed, ignored, problems, parked)
    return list(datasets), summary, patient


@task(task_run_name="load {dataset}", **PATIENT)
def load(
    config: RunConfig, dataset: str, run_id: str, files: Collection[int] | None = None
) -> State[RunSummary]:
    """Take the loads of one dataset, or of some files of it, as far as they go."""
    project = config.read()
    known, _ = contract.of_project(project)
    with steps.open_warehouse(project) as con:
        pending = [load for load in steps.pending(con, known) if load.file.dataset == dataset]
    wanted = [each for each in pending if files is None or each.file.file_id in files]
    own = [replace(each, run_id=run_id) for each in wanted]
    loads = attempts.advance_all(project, known, own)
    for each in loads:
        if each.error or each.grade != Grade.GREEN.label:
            said = sentence(summarise(run_id, [each]))
            get_run_logger().info("%s: %s", each.file, said)
    return verdict(summarise(run_id, loads), config.strict)


@task(task_run_name="release what waited", **PATIENT)
def release(config: RunConfig, run_id: str, but: Collection[int]) -> dict[str, list[int]]:
    """Have files loaded again of which a record has waited long enough; tell which, by dataset."""
    project = config.read()
    known, _ = contract.of_project(project)
    with steps.open_warehouse(project) as con:
        loads, problems = waiting.take_up(project, con, known, run_id, but)
    for problem in problems:
        get_run_logger().warning(problem)
    found: dict[str, list[int]] = {}
    for each in loads:
        found.setdefault(each.file.dataset, []).append(each.file.file_id)
    return found


@task(task_run_name="publish reports", **PATIENT)
def publish_reports(
    config: RunConfig, run_id: str, judged: Sequence[DatasetSummary]
) -> dict[str, int]:
    """Bring report files, artifacts and events up to what was committed.

    Returns:
        How many records wait, by dataset.
    """
    project = config.read()
    with steps.open_warehouse(project) as con:
        for problem in clearing.clear(project, con, run_id):
            get_run_logger().warning(problem)
        stale = {*progress.unreported(con), *(each.dataset for each in judged)}
        write_reports(project, con, sorted(stale))
        artifacts.publish(overview.read_views(con), stale)
        for sighting in sightings.unreported(con):
            events.file_seen(sighting)
        for each in judged:
            events.dataset_judged(run_id, each)
        progress.reported(con)
        sightings.reported(con)
        return waiting.counts(con)


def _run_name() -> str:
    config = RunConfig.model_validate(runtime.flow_run.parameters["config"])
    return f"{config.project.resolve().name} {runtime.flow_run.scheduled_start_time:%Y-%m-%d %H:%M}"


@flow(name="pratique", flow_run_name=_run_name)
def run(config: RunConfig) -> State[RunSummary]:
    """Take everything that is new, and everything that is not finished, as far as it goes."""
    datasets, found, patient = receive(config)
    loads, problems = [*found.loads], [*found.problems]
    ready: dict[str, list[int] | None] = dict.fromkeys(datasets)
    done: list[int] = []
    while True:
        for dataset, files in ready.items():
            try:
                done += files or []
                state = load(config, dataset, found.run_id, files, return_state=True)
                loads += outcome(state).loads
            except Exception as error:
                problems.append(f"{dataset}: {error}")
        ready = {**release(config, found.run_id, done)} if patient else {}
        if not ready:
            break
    told = (found.unclaimed, found.ignored, problems, found.parked)
    summary = summarise(found.run_id, loads, *told)
    still = publish_reports(config, summary.run_id, summary.datasets)
    return verdict(summary.model_copy(update={"waiting": still}), config.strict)


if __name__ == "__main__":
    print(outcome(run(RunConfig(project=Path(sys.argv[1])), return_state=True)).model_dump_json())
