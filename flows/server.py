"""A Prefect server of one's own, and what runs beside it: processes that end when we do."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from types import FrameType
from typing import Any

HOST = "127.0.0.1"
PORT = 4200
"""Where Prefect is by custom; when it is taken, any free one does."""
PATIENCE = 180
"""Seconds for the server to come up: a slow machine needs many, the first time."""
GRACE = 10
"""Seconds for a process to end by itself when it is asked to."""
QUIET = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
    "PREFECT_TELEMETRY_ENABLE_RESOURCE_METRICS": "false",
}


class ServerFailed(OSError):
    """Something of Prefect did not start, or ended by itself."""


@dataclass(frozen=True)
class Child:
    """A process that runs beside us."""

    what: str
    process: subprocess.Popen[bytes]
    log: Path
    """Where all goes that it says."""


@dataclass(frozen=True)
class Server(Child):
    """A Prefect server that is up."""

    port: int
    environment: Mapping[str, str]
    """What makes a process talk to it."""

    @property
    def address(self) -> str:
        """Where its UI is, the one that Prefect shows by default."""
        return f"http://{HOST}:{self.port}/v2"


@contextmanager
def serve(home: Path, port: int | None = None) -> Iterator[Server]:
    """Run a Prefect server for the length of a block: on this machine only, and telling nobody.

    Args:
        home: Directory of its database and its logs; made when it is not there.
        port: Where it listens; None for the customary one, or any that is free.

    Raises:
        ServerFailed: It did not come up.
    """
    home.mkdir(parents=True, exist_ok=True)
    port = _free(port)
    direct = ",".join(filter(None, (os.environ.get("NO_PROXY"), HOST)))
    environment = os.environ | QUIET | {"NO_PROXY": direct, "no_proxy": direct}
    environment |= {"PREFECT_HOME": str(home), "PREFECT_API_URL": f"http://{HOST}:{port}/api"}
    environment.pop("PREFECT_API_KEY", None)
    command = ("server", "start", "--host", HOST, "--port", str(port))
    with _child("the Prefect server", command, environment, home / "server.log") as child:
        server = Server(**vars(child), port=port, environment=environment)
        deadline = time.monotonic() + PATIENCE
        while not _healthy(server):
            check(server)
            if time.monotonic() > deadline:
                raise ServerFailed(f"no answer from {server.what} in {PATIENCE} s: {server.log}")
            time.sleep(0.1)
        yield server


@contextmanager
def worker(server: Server, pool: str) -> Iterator[Child]:
    """Run a worker for the length of a block; flow runs that it has not finished end with it."""
    command = ("worker", "start", "--pool", pool, "--type", "process")
    log = server.log.with_name("worker.log")
    with _child("the Prefect worker", command, server.environment, log) as child:
        yield child


def prefect(server: Server, *arguments: str, directory: Path | None = None) -> None:
    """Run a Prefect command against a server, to its end.

    Args:
        server: The server.
        arguments: The command, as one would type it after `prefect`.
        directory: Where to run it.

    Raises:
        ServerFailed: With what the command said last.
    """
    done = subprocess.run(
        [sys.executable, "-m", "prefect", "--no-prompt", *arguments],
        env=server.environment,
        cwd=directory,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        raise ServerFailed(f"`prefect {' '.join(arguments)}` failed: {done.stdout[-2000:].strip()}")


def call(server: Server, path: str, **body: Any) -> Any:
    """POST to a server's API, without the seconds that loading Prefect takes.

    Args:
        server: The server.
        path: What stands after `/api/` in Prefect's REST reference.
        body: What is filtered by, or made.

    Raises:
        ServerFailed: It refuses.
    """
    connection = HTTPConnection(HOST, server.port, timeout=30)
    headers = {"Content-Type": "application/json"}
    connection.request("POST", f"/api/{path}", json.dumps(body), headers)
    answer = connection.getresponse()
    said = answer.read()
    if answer.status >= 400:
        raise ServerFailed(f"{server.what} refuses {path}: {said.decode()}")
    return json.loads(said)


def check(child: Child) -> None:
    """See that a child still runs.

    Raises:
        ServerFailed: It has ended by itself.
    """
    if child.process.poll() is not None:
        raise ServerFailed(f"{child.what} ended by itself; {child.log} may tell why")


@contextmanager
def interruptible() -> Iterator[None]:
    """Let Ctrl-C, a service manager and a closed terminal all end the block, and once."""
    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def stop(number: int, frame: FrameType | None) -> None:
        for each in signals:
            signal.signal(each, signal.SIG_IGN)
        raise KeyboardInterrupt

    before = {each: signal.signal(each, stop) for each in signals}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


@contextmanager
def _child(
    what: str, command: tuple[str, ...], environment: Mapping[str, str], log: Path
) -> Iterator[Child]:
    """Run a Prefect command beside us; a session of its own keeps Ctrl-C for us to hear first."""
    with log.open("ab") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "prefect", *command],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    try:
        yield Child(what, process, log)
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process with all that it started: a worker would wait for its flow runs."""
    family = {process.pid, *_descendants(process.pid)}
    for number in (signal.SIGTERM, signal.SIGKILL):
        for pid in family:
            with suppress(ProcessLookupError):
                os.kill(pid, number)
        deadline = time.monotonic() + GRACE
        while family and time.monotonic() < deadline:
            process.poll()
            family = {pid for pid in family if _alive(pid)}
            time.sleep(0.05)


def _descendants(pid: int) -> list[int]:
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True)
    parents = [tuple(map(int, line.split())) for line in listed.stdout.splitlines()]
    found = [pid]
    for one in found:
        found += [child for child, parent in parents if parent == one]
    return found[1:]


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _healthy(server: Server) -> bool:
    try:
        connection = HTTPConnection(HOST, server.port, timeout=5)
        connection.request("GET", "/api/health")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False


def _free(port: int | None) -> int:
    for wanted in (PORT, 0) if port is None else (port,):
        with socket.socket() as probe, suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((HOST, wanted))
            return int(probe.getsockname()[1])
    raise ServerFailed(f"port {port} is taken; name another, or none to have a free one found")
