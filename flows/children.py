"""Child processes: they run beside us, and none outlives us."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

GRACE = 10
"""Seconds for a process to end by itself when it is asked to."""


class ChildFailed(OSError):
    """A child did not do what it is there for, or ended by itself."""


@dataclass(frozen=True)
class Child:
    """A process that runs beside us."""

    what: str
    process: subprocess.Popen[bytes]
    log: Path
    """Where all goes that it says."""


@contextmanager
def run_module(
    what: str,
    arguments: tuple[str, ...],
    environment: Mapping[str, str],
    log: Path,
    holding: tuple[IO[str], ...] = (),
) -> Iterator[Child]:
    """Run a Python module beside us for the length of a block.

    It gets a session of its own, so that Ctrl-C is for us to hear, and for it to be asked.

    Args:
        what: What it is, for people.
        arguments: The module, and what to call it with.
        environment: All its environment variables.
        log: Where all goes that it says; what is there stays.
        holding: Files that are locked as long as either of us lives.
    """
    with log.open("ab") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", *arguments],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
            pass_fds=[file.fileno() for file in holding],
        )
    try:
        yield Child(what, process, log)
    finally:
        _end(process)


def check(child: Child) -> None:
    """See that a child still runs.

    Raises:
        ChildFailed: It has ended by itself.
    """
    if child.process.poll() is not None:
        raise ChildFailed(f"{child.what} ended by itself; {child.log} may tell why")


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process and its group: first ask, then insist. A worker ends its flow runs itself."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with suppress(subprocess.TimeoutExpired):
            process.wait(GRACE)
