"""Everything on one machine: the Prefect server, the nightly run, and the worker that runs it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from flows import inventory, terminal
from flows.children import ChildFailed, check
from flows.cli import answers
from flows.cli.access import read_warehouse
from flows.document import shown
from flows.interrupts import interruptible
from flows.project import NAME, Project, ProjectInvalid, find, read
from flows.server import Server, call, prefect, serve, worker
from flows.summary import RunSummary

POOL = "local"
DEPLOYMENTS = "prefect.yaml"


def up(directory: Path, port: int | None = None) -> None:
    """Start the server, the nightly run and a worker, and keep them up until Ctrl-C.

    Args:
        directory: The project.
        port: Where the server listens; None for 4200, or any that is free.

    Raises:
        ProjectInvalid: There is no project, or it says what it may not.
        ChildFailed: Something of Prefect does not start, or ends by itself.
    """
    project = read(find(directory))
    with suppress(KeyboardInterrupt), interruptible(), _served(project, port) as server:
        _keep_up(server, project)


def demo(
    directory: Path = Path("demo"), port: int | None = None, keep_open: bool | None = None
) -> RunSummary:
    """Run the sample project through a Prefect server, and tell where to look.

    Args:
        directory: Where the project goes; one that is there already is run once more.
        port: Where the server listens; None for 4200, or any that is free.
        keep_open: Whether the server stays until Ctrl-C; None for: on a terminal.

    Raises:
        ProjectInvalid: There is something else in the directory.
        ChildFailed: Something of Prefect does not start, or ends by itself.
    """
    project = _sample_project(directory)
    with interruptible(), _served(project, port) as server:
        with terminal.waiting("The sample is being taken in"):
            summary = _run_once(server, project)
        _tell(server, project)
        if sys.stdout.isatty() if keep_open is None else keep_open:
            with suppress(KeyboardInterrupt):
                _keep_up(server, project)
    terminal.say(f"to see them again: pratique up --project {shown(project.directory)}")
    return summary


def deploy(server: Server, directory: Path) -> None:
    """Deploy what the project's own prefect.yaml says; without one, the nightly run.

    Args:
        server: Where to.
        directory: The project.

    Raises:
        ChildFailed: Prefect refuses it.
    """
    if not call(server, "work_pools/filter", work_pools={"name": {"any_": [POOL]}}):
        call(server, "work_pools/", name=POOL, type="process")
    if (directory / DEPLOYMENTS).exists():
        prefect(server, "deploy", "--all", directory=directory)
    else:
        shipped = str(_shipped(DEPLOYMENTS, DEPLOYMENTS))
        parameters = json.dumps({"config": {"project": str(directory)}})
        options = ("--prefect-file", shipped, "--name", "nightly", "--params", parameters)
        prefect(server, "deploy", *options, directory=directory)


@contextmanager
def _served(project: Project, port: int | None) -> Iterator[Server]:
    home = Path(os.environ.get("PREFECT_HOME") or project.directory / ".prefect").absolute()
    with ExitStack() as stack:
        with terminal.waiting("Prefect is starting, which takes it a while"):
            server = stack.enter_context(serve(home, port))
        _bury(server)
        yield server


def _bury(server: Server) -> None:
    """Mark the runs as crashed that an earlier server left unfinished.

    Their worker ended with it. Left alone they would hold their deployment's place for ever, and
    no night would run again.
    """
    unfinished = {"state": {"type": {"any_": ["PENDING", "RUNNING", "CANCELLING"]}}}
    ours = {"name": {"any_": [POOL]}}
    crashed = {"type": "CRASHED", "message": "The machine or its Prefect server stopped meanwhile."}
    for run in call(server, "flow_runs/filter", flow_runs=unfinished, work_pools=ours):
        call(server, f"flow_runs/{run['id']}/set_state", state=crashed, force=True)


def _keep_up(server: Server, project: Project) -> None:
    with terminal.waiting("The nightly run is being deployed"):
        deploy(server, project.directory)
    with worker(server, POOL) as working:
        terminal.say(f"Prefect is up at {server.address}; Ctrl-C stops it")
        while True:
            check(server)
            check(working)
            time.sleep(1)


def _run_once(server: Server, project: Project) -> RunSummary:
    """Run the flow in a process of its own, which leaves what Prefect says in a log."""
    log = server.log.with_name("run.log")
    with log.open("ab") as out:
        done = subprocess.run(
            [sys.executable, "-m", "flows.pipeline", str(project.directory)],
            env=server.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=out,
        )
    if done.returncode:
        raise ChildFailed(f"the run ended with an error; {log} tells which")
    return RunSummary.model_validate_json(done.stdout)


def _tell(server: Server, project: Project) -> None:
    """Say how the datasets stand, and where to read why."""
    with read_warehouse(project) as con:
        answers.of_status(inventory.status(project, con))
    terminal.say("the reports, in the Prefect UI:")
    reports = call(server, "artifacts/latest/filter", artifacts={"key": {"like_": "quality-"}})
    for each in sorted(reports, key=lambda each: (each["key"] != "quality-index", each["key"])):
        page = f"{server.address}/artifacts/artifact/{each['latest_id']}"
        terminal.say(f"  {each['key']:<20} {page}")


def _sample_project(directory: Path) -> Project:
    if not (directory / NAME).exists():
        if directory.exists() and any(directory.iterdir()):
            raise ProjectInvalid([f"{directory} holds something else; name an empty directory"])
        sample = _shipped("sample", "data/sample")
        shutil.copytree(sample / "contracts", directory / "contracts")
        shutil.copytree(sample / "landing", directory / "landing")
        shutil.copy(sample / NAME, directory / NAME)
    return read(directory / NAME)


def _shipped(installed: str, in_checkout: str) -> Path:
    """Find what is shipped with the code."""
    inside = Path(__file__).parent
    return inside / installed if (inside / installed).exists() else inside.parent / in_checkout
