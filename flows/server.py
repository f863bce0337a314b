"""A Prefect server of one's own, with a worker beside it: on this machine only, telling nobody."""

from __future__ import annotations

import fcntl
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import IO, Any

from flows.children import Child, ChildFailed, check, run_module

HOST = "127.0.0.1"
PORT = 4200
"""Where Prefect is by custom; when it is taken, any free one does."""
PATIENCE = 180
"""Seconds for the server to come up: a slow machine needs many, the first time."""
BUSY = 60
"""Seconds for a server to find time for a request."""
QUIET = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
    "PREFECT_TELEMETRY_ENABLE_RESOURCE_METRICS": "false",
}


@dataclass(frozen=True)
class Server(Child):
    """A Prefect server that is up."""

    port: int
    environment: Mapping[str, str]
    """What makes a process talk to it."""

    @property
    def address(self) -> str:
        """Where its UI is, the one of two that Prefect shows by default."""
        return f"http://{HOST}:{self.port}/v2"


@contextmanager
def serve(home: Path, port: int | None = None) -> Iterator[Server]:
    """Run a Prefect server for the length of a block.

    Args:
        home: Directory of its database and its logs; made when it is not there.
        port: Where it listens; None for the customary one, or any that is free.

    Raises:
        ChildFailed: It did not come up, or one like it is up.
    """
    home.mkdir(parents=True, exist_ok=True)
    port = _free(port)
    direct = ",".join(filter(None, (os.environ.get("NO_PROXY"), HOST)))
    environment = os.environ | QUIET | {"NO_PROXY": direct, "no_proxy": direct}
    environment |= {"PREFECT_HOME": str(home), "PREFECT_API_URL": f"http://{HOST}:{port}/api"}
    environment.pop("PREFECT_API_KEY", None)
    command = ("prefect", "server", "start", "--host", HOST, "--port", str(port))
    log = home / "server.log"
    with (
        _alone(home) as mark,
        run_module("the Prefect server", command, environment, log, (mark,)) as child,
    ):
        server = Server(**vars(child), port=port, environment=environment)
        deadline = time.monotonic() + PATIENCE
        while not _healthy(server):
            check(server)
            if time.monotonic() > deadline:
                raise ChildFailed(f"no answer from {server.what} in {PATIENCE} s: {server.log}")
            time.sleep(0.1)
        yield server


def worker(server: Server, pool: str) -> AbstractContextManager[Child]:
    """Run a worker for the length of a block; flow runs that it has not finished end with it."""
    command = ("prefect", "worker", "start", "--pool", pool, "--type", "process")
    log = server.log.with_name("worker.log")
    return run_module("the Prefect worker", command, server.environment, log)


def prefect(server: Server, *arguments: str, directory: Path | None = None) -> None:
    """Run a Prefect command against a server, to its end.

    Args:
        server: The server.
        arguments: The command, as one would type it after `prefect`.
        directory: Where to run it.

    Raises:
        ChildFailed: With what the command said last.
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
        raise ChildFailed(f"`prefect {' '.join(arguments)}` failed: {done.stdout[-2000:].strip()}")


def call(server: Server, path: str, **body: Any) -> Any:
    """POST to a server's API, without the seconds that loading Prefect takes.

    It is asked again while it says that it is busy, as it does when its database is.

    Args:
        server: The server.
        path: What stands after `/api/` in Prefect's REST reference.
        body: What is filtered by, or made.

    Raises:
        ChildFailed: It refuses.
    """
    deadline = time.monotonic() + BUSY
    while True:
        status, said = _request(server, "POST", path, json.dumps(body))
        if status != HTTPStatus.SERVICE_UNAVAILABLE or time.monotonic() > deadline:
            break
        time.sleep(0.5)
    if status >= HTTPStatus.BAD_REQUEST:
        raise ChildFailed(f"{server.what} refuses {path}: {said.decode()}")
    return json.loads(said)


@contextmanager
def _alone(home: Path) -> Iterator[IO[str]]:
    """See that no other server is given the same database.

    Yields:
        A file that is locked until we end, and whoever it is passed on to.
    """
    with (home / "serving").open("w") as mark:
        try:
            fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise ChildFailed(f"a Prefect server is up already with its data in {home}") from None
        yield mark


def _healthy(server: Server) -> bool:
    try:
        return _request(server, "GET", "health")[0] == HTTPStatus.OK
    except (OSError, HTTPException):
        return False


def _request(server: Server, method: str, path: str, body: str | None = None) -> tuple[int, bytes]:
    with closing(HTTPConnection(HOST, server.port, timeout=30)) as connection:
        connection.request(method, f"/api/{path}", body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        return answer.status, answer.read()


def _free(port: int | None) -> int:
    for wanted in (PORT, 0) if port is None else (port,):
        with socket.socket() as probe, suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((HOST, wanted))
            return int(probe.getsockname()[1])
    raise ChildFailed(f"port {port} is taken; name another, or none to have a free one found")
