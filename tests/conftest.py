"""What tests of several packages share: the sample's week, a real Prefect server, a rule."""

import os
import shutil
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings

from flows.server import QUIET, serve

ROOT = Path(__file__).parents[1]
STATUS = pytest.StashKey[int]()
EVEN = '''
import narwhals as nw

from quality.arguments import Column
from quality.rule import Example, rule


@rule(
    dimension="validity",
    expects="even",
    examples=[Example({"column": "n"}, good={"n": [2, None]}, bad={"n": [1, 3]})],
)
def even(column: Column) -> nw.Expr:
    """Every number is even.

    Args:
        column: A column of whole numbers.
    """
    return nw.col(column) % 2 == 0
'''

# Prefect reads its settings when it is imported, and the processes that tests start inherit them.
os.environ |= QUIET | {
    "PREFECT_HOME": tempfile.mkdtemp(prefix="pratique-prefect-"),
    "PREFECT_LOGGING_TO_API_ENABLED": "false",
}
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (str(ROOT), os.getenv("PYTHONPATH"))))
os.environ.pop("PREFECT_API_URL", None)

# A test says the same of the same code each time; `--hypothesis-profile default` looks further.
settings.register_profile("same", derandomize=True)
settings.load_profile("same")


@pytest.fixture(scope="session")
def sample_project(tmp_path_factory):
    """A copy of the sample project."""
    directory = tmp_path_factory.mktemp("sample")
    for name in ("contracts", "landing"):
        shutil.copytree(ROOT / "data" / "sample" / name, directory / name)
    shutil.copy(ROOT / "data" / "sample" / "pratique.yaml", directory)
    return directory


@pytest.fixture(scope="session")
def even():
    """The text of a rule of one's own."""
    return EVEN


@pytest.fixture(scope="session")
def prefect_server(tmp_path_factory):
    """One server for all tests; flows that they call in this process are recorded there."""
    from prefect.events.worker import EventsWorker
    from prefect.settings import (
        PREFECT_API_URL,
        PREFECT_FLOWS_HEARTBEAT_FREQUENCY,
        temporary_settings,
    )

    with serve(tmp_path_factory.mktemp("prefect"), port=0) as server:
        api = server.environment["PREFECT_API_URL"]
        # Each run waits for its heartbeat to end, which takes a second.
        with temporary_settings({PREFECT_API_URL: api, PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
            yield server
            EventsWorker.drain_all()


@pytest.fixture(scope="session")
def sample_run(prefect_server, sample_project):
    """The state of the flow run that took in the sample's week."""
    from flows.pipeline import RunConfig, run

    return run(RunConfig(project=sample_project), return_state=True)


def pytest_make_parametrize_id(val, argname):
    # What is packed holds the time of its packing, and all workers must call a test the same.
    return argname if isinstance(val, bytes) else None


def pytest_sessionfinish(session, exitstatus):
    session.config.stash[STATUS] = int(exitstatus)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config):
    # hypothesis keeps modules alive to the very end, and DuckDB's binding then prints a page of
    # what it takes for leaks. All is done by now: leave without taking Python down.
    if STATUS in config.stash:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(config.stash[STATUS])
