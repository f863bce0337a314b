"""A run in a process of its own, killed with SIGKILL at a named point or at any moment.

The process is forked from one that has imported everything, so that a kill lands in the work and
not in the start of Python. It writes down each point as it passes it; at the point in question it
waits to be killed. Only a checkpoint goes on meanwhile, for DuckDB has no function to wait in.
"""

from __future__ import annotations

import os
import pickle
import select
import signal
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import wraps
from importlib import import_module
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

from flows import project as projects
from flows.run import run
from quality import charts

T = TypeVar("T")

CHECKPOINT = "mid-checkpoint"
POINTS = {
    "after sighting": "before ingest.blobs.freeze",
    "mid-freeze": "after ingest.blobs._copy",
    "after freeze": "after ingest.blobs.freeze",
    "before receiving": "before ingest.manifest.register",
    "after receiving": "after ingest.manifest.register",
    "after counting": "after ingest.progress.begin",
    "mid-staging": "after ingest.staging.write",
    "after staging": "before flows.steps.judge, flows.batching.judge_parts",
    "after judging": "before flows.steps.obstacle",
    "mid-publish": "before ingest.publishing._forget",
    "before commit": "after flows.steps._published, flows.batching._written",
    "after commit": "before flows.steps.summarise_load, flows.batching.summarise_load",
    CHECKPOINT: "before ingest.warehouse._close",
    "after checkpoint": "after ingest.warehouse._close",
    "before archive": "before ingest.clearing.clear",
    "mid-archive": "before ingest.clearing._put",
    "after archive": "after ingest.clearing.clear",
    "before reports": "before flows.run.write_reports",
    "after reports": "before ingest.progress.reported",
}
"""Where runs are killed: before a function is called by such a name, or after it has ended."""
WAITING = b"!\n"
PATIENCE = 600
"""Seconds after which a process that waits for its end gives up on it."""


@dataclass(frozen=True)
class Kill:
    """When a run is to be killed."""

    point: str | None = None
    """A key of `POINTS`; None for so many seconds after its start."""
    call: int = 1
    """The how manyeth time that the point is passed."""
    delay: float = 0.0
    """Seconds."""


@dataclass(frozen=True)
class Run:
    """How far a run came."""

    killed: bool
    """Whether it was killed before it came to its end."""
    passed: tuple[tuple[str, float], ...]
    """The points that it passed, in order, each with its time in seconds since 1970."""
    ended: float
    """When it was over."""
    seconds: float

    def passes(self, point: str) -> int:
        """How often it passed a point."""
        return sum(passed == point for passed, _ in self.passed)

    def lasted(self, point: str, call: int) -> float:
        """How many seconds it took from a point, passed for the how manyeth time, to the next."""
        places = [place for place, (passed, _) in enumerate(self.passed) if passed == point]
        times = [*(at for _, at in self.passed), self.ended]
        return times[places[call - 1] + 1] - times[places[call - 1]]


def run_and_kill(project: Path, kill: Kill) -> Run:
    """Run a project, whose file is given, and kill it.

    Raises:
        RuntimeError: The run ended with an error, which it printed.
    """
    started = time.time()
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.close(reading)
        _run(project, writing, kill)
    os.close(writing)
    passed = _follow(reading, kill)
    os.kill(child, signal.SIGKILL)
    passed += b"".join(_rest(reading))
    os.close(reading)
    _, status = os.waitpid(child, 0)
    if os.WIFEXITED(status) and os.WEXITSTATUS(status):
        raise RuntimeError(f"a run of {project} ended with an error, which it printed")
    lines = passed.replace(WAITING, b"").decode().splitlines()
    points = (line.rsplit(" ", 1) for line in lines)
    times = tuple((point, float(at)) for point, at in points)
    ended = time.time()
    return Run(os.WIFSIGNALED(status), times, ended, ended - started)


def run_whole(project: Path) -> Run:
    """Run a project to its end."""
    run = run_and_kill(project, Kill(delay=PATIENCE))
    if run.killed:
        raise RuntimeError(f"a run of {project} does not come to its end")
    return run


def forked(work: Callable[..., T], *args: object) -> T:
    """Do work in a process of its own, for one that has used DuckDB must not be forked any more.

    Raises:
        RuntimeError: It ended with an error, which it printed.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        try:
            os.write(writing, pickle.dumps(work(*args)))
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    os.close(writing)
    done = b"".join(_rest(reading))
    os.close(reading)
    if os.waitpid(child, 0)[1]:
        raise RuntimeError(f"{work.__name__} ended with an error, which it printed")
    found: T = pickle.loads(done)
    return found


def _run(project: Path, writing: int, kill: Kill) -> None:
    """Be the process that is killed."""
    calls: Counter[str] = Counter()
    counting = Lock()  # files are frozen several at a time

    def passing(point: str) -> None:
        with counting:
            os.write(writing, f"{point} {time.time()}\n".encode())
            calls[point] += 1
            reached = kill.point == point and kill.call == calls[point]
            if reached:
                os.write(writing, WAITING)
        if reached and point != CHECKPOINT:
            time.sleep(PATIENCE)

    for point, where in POINTS.items():
        when, _, paths = where.partition(" ")
        for path in paths.split(", "):
            _tell(point, when, path, passing)
    # To draw takes each process a second, of which nothing comes to the warehouse.
    setattr(charts, "draw", lambda *rows, **look: "")  # noqa: B010
    try:
        run(projects.read(project))
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def _tell(point: str, when: str, path: str, passing: Callable[[str], None]) -> None:
    """Have a function tell that it is called, or that it has ended."""
    module_name, name = path.rsplit(".", 1)
    module = import_module(module_name)
    original = getattr(module, name)

    @wraps(original)
    def telling(*args: Any, **kwargs: Any) -> Any:
        if when == "before":
            passing(point)
        result = original(*args, **kwargs)
        if when == "after":
            passing(point)
        return result

    setattr(module, name, telling)


def _follow(reading: int, kill: Kill) -> bytes:
    """Read which points are passed, until it is time to kill, or the process has ended."""
    passed, deadline = b"", time.monotonic() + kill.delay
    while kill.point or time.monotonic() < deadline:
        left = None if kill.point else deadline - time.monotonic()
        if select.select([reading], [], [], left)[0]:
            some = os.read(reading, 1 << 16)
            passed += some
            if not some:
                break
            if WAITING in passed:
                time.sleep(kill.delay)
                break
    return passed


def _rest(reading: int) -> Iterator[bytes]:
    while some := os.read(reading, 1 << 16):
        yield some
