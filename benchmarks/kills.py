"""A run in a process of its own, killed with SIGKILL at a named point or at any moment.

The process is forked from one that has imported everything, so that a kill lands in the work and
not in the start of Python. It writes down each point as it passes it; at the point in question it
waits to be killed. A checkpoint, DuckDB itself gives up halfway, where it is told to.
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
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from importlib import import_module
from itertools import count
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

import duckdb

from benchmarks.proofs import undrawn
from flows import project as projects
from flows.run import run
from ingest import warehouse

T = TypeVar("T")

CHECKPOINT = "mid-checkpoint"
POINTS = {
    "after sighting": "before ingest.blobs.freeze",
    "mid-freeze": "after ingest.blobs._copy",
    "after freeze": "after ingest.blobs.freeze",
    "before receiving": "before ingest.manifest.register",
    "mid-receiving": "before ingest.sightings.see",
    "after receiving": "after ingest.manifest.register",
    "after counting": "after ingest.progress.begin",
    "mid-staging": "after ingest.staging.write",
    "after staging": "before flows.steps.judge, flows.batching.judge_parts",
    "mid-judging": "after quality.recording.record",
    "after judging": "before flows.steps.obstacle",
    "mid-publish": "before ingest.publishing._forget",
    "after publishing": "after flows.steps._published, flows.batching._written",
    "before commit": "after ingest.progress._record",
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
PARTS = ("before_header", "after_free_list_write", "before_wal_finish", "before_truncate")
"""Where DuckDB can be told to give a checkpoint up. In the first two, the header that makes it
count is not written yet, and what was noted beside the file must be taken in again; in the others
it is, and what was noted must not be taken in twice."""
LATE = ("jinja2", "narwhals._duckdb.namespace", "numpy.ma", "pyarrow.compute")
"""What is imported only when it is needed; here, before the first process is forked."""
WAITING = b"!\n"
PATIENCE = 600
"""Seconds after which a process that waits for its end gives up on it."""


for module in LATE:
    import_module(module)


@dataclass(frozen=True)
class Kill:
    """When a run is to be killed."""

    point: str | None = None
    """A key of `POINTS`; None for so many seconds after its start."""
    call: int = 1
    """The how manyeth time that the point is passed."""
    delay: float = 0.0
    """Seconds, if it is at no point."""
    part: str = PARTS[0]
    """Which of `PARTS`, if it is in a checkpoint."""


@dataclass(frozen=True)
class Run:
    """How far a run came."""

    killed: bool
    """Whether it was killed before it came to its end."""
    passed: tuple[str, ...]
    """The points that it passed, in order."""
    seconds: float


def run_and_kill(project: Path, kill: Kill) -> Run:
    """Run a project, whose file is given, and kill it.

    Raises:
        RuntimeError: The run ended with an error, which it printed.
    """
    started = time.monotonic()
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
    points = passed.replace(WAITING, b"").decode().splitlines()
    return Run(os.WIFSIGNALED(status), tuple(points), time.monotonic() - started)


def run_whole(project: Path) -> Run:
    """Run a project to its end."""
    run = run_and_kill(project, Kill(delay=PATIENCE))
    if run.killed:
        raise RuntimeError(f"a run of {project} does not come to its end")
    return run


@contextmanager
def beside(work: Callable[..., T], *args: object) -> Iterator[Callable[[], T]]:
    """Do work in a process of its own while a block goes on, which must not use DuckDB itself.

    Yields:
        Waits for the end of it, and gives what came of it.

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

    def wait() -> T:
        done = b"".join(_rest(reading))
        if os.waitpid(child, 0)[1]:
            raise RuntimeError(f"{work.__name__} ended with an error, which it printed")
        found: T = pickle.loads(done)
        return found

    try:
        yield wait
    finally:
        os.close(reading)


def forked(work: Callable[..., T], *args: object) -> T:
    """Do work in a process of its own, for one that has used DuckDB must not be forked any more.

    Raises:
        RuntimeError: It ended with an error, which it printed.
    """
    with beside(work, *args) as wait:
        return wait()


def _run(project: Path, writing: int, kill: Kill) -> None:
    """Be the process that is killed."""
    calls: Counter[str] = Counter()
    counting = Lock()  # files are frozen several at a time

    def passing(point: str) -> None:
        with counting:
            os.write(writing, f"{point}\n".encode())
            calls[point] += 1
            reached = kill.point == point != CHECKPOINT and kill.call == calls[point]
        if reached:
            wait()

    def wait() -> None:
        os.write(writing, WAITING)
        time.sleep(PATIENCE)

    for point, where in POINTS.items():
        when, _, paths = where.partition(" ")
        for path in paths.split(", "):
            _tell(point, when, path, passing)
    undrawn()
    try:
        known = projects.read(project)
        if kill.point == CHECKPOINT:
            _cut_short(known.warehouse, kill, wait)
        run(known)
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


def _cut_short(path: Path, kill: Kill, wait: Callable[[], None]) -> None:
    """Have DuckDB give the checkpoints of a warehouse up, from one connection on, and wait then."""
    noted, numbers = path.with_name(f"{path.name}.wal"), count(1)
    opened, closed = warehouse._open, warehouse._close

    def opening(path: Path, read_only: bool, config: dict[str, Any], patience: float) -> Any:
        part = {"debug_checkpoint_abort": kill.part} if next(numbers) >= kill.call else {}
        return opened(path, read_only, config | part, patience)

    def closing(con: duckdb.DuckDBPyConnection) -> None:
        closed(con)
        if noted.exists():  # so it was given up; what there was nothing to note of has none
            wait()

    setattr(warehouse, "_open", opening)  # noqa: B010
    setattr(warehouse, "_close", closing)  # noqa: B010


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
                break
    return passed


def _rest(reading: int) -> Iterator[bytes]:
    while some := os.read(reading, 1 << 16):
        yield some
