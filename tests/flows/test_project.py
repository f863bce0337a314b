"""Project: what pratique.yaml and the environment may say, and how they are told off."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.project import PATHS, Project, ProjectInvalid, find, read
from quality.scoring import Policy


@pytest.fixture(autouse=True)
def project_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty project to stand in, so that problems name `pratique.yaml` alone."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pratique.yaml").touch()
    return tmp_path


def problems(text: str) -> list[str]:
    Path("pratique.yaml").write_text(text)
    with pytest.raises(ProjectInvalid) as caught:
        read(Path.cwd() / "pratique.yaml")
    return list(caught.value.problems)


def test_an_empty_file_is_a_project(project_directory: Path) -> None:
    project = read(project_directory / "pratique.yaml")
    assert project.directory == project_directory
    assert project.landing == project_directory / "landing"
    assert project.warehouse == project_directory / "warehouse.duckdb"
    assert project.checkpoint_bytes == 1024**3
    assert isinstance(project.policy, Policy)
    assert (project.policy.green, project.policy.amber, project.gate) == (0.9, 0.7, "red")


def test_paths_are_relative_to_the_file_not_to_where_one_stands(
    project_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("pratique.yaml").write_text("landing: ../in\nreports: /srv/reports\n")
    (project_directory / "deep").mkdir()
    monkeypatch.chdir("deep")
    project = read(Path("../pratique.yaml"))
    assert project.landing.resolve() == project_directory.parent / "in"
    assert project.reports == Path("/srv/reports")
    assert all(getattr(project, name).is_absolute() for name in PATHS)


def test_the_environment_overrides_key_by_key(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("pratique.yaml").write_text("memory_limit: 2GB\npolicy: {green: 0.95, amber: 0.6}\n")
    monkeypatch.setenv("PRATIQUE_MEMORY_LIMIT", "512MiB")
    monkeypatch.setenv("PRATIQUE_POLICY__AMBER", "0.8")
    monkeypatch.setenv("PRATIQUE_CHECKPOINT_BYTES", "1 MiB")
    monkeypatch.setenv("PRATIQUE_LANDING", "elsewhere")
    monkeypatch.setenv("PRATIQUE_THREADS", "")
    monkeypatch.setenv("PRATIQUE_DIRECTORY", "nowhere")
    project = read(Path("pratique.yaml"))
    assert (project.memory_limit, project.checkpoint_bytes) == ("512MiB", 1024**2)
    assert (project.policy.green, project.policy.amber) == (0.95, 0.8)
    assert project.landing == Path.cwd() / "elsewhere"
    assert project.directory == Path.cwd()


def test_a_project_does_not_change() -> None:
    with pytest.raises(ValueError, match="frozen"):
        setattr(read(Path("pratique.yaml")), "gate", "none")  # noqa: B010 - mypy knows it too


def test_is_found_from_below(project_directory: Path) -> None:
    below = project_directory / "landing" / "deep"
    below.mkdir(parents=True)
    assert find(below) == find(project_directory) == project_directory / "pratique.yaml"


def test_a_directory_without_a_project(tmp_path: Path) -> None:
    Path("pratique.yaml").unlink()
    with pytest.raises(ProjectInvalid, match=r"no pratique.yaml in .* or name --project DIR"):
        find(tmp_path)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "landing: in\nlandings: in\n",
            "pratique.yaml:2 landings: is not a key here (did you mean 'landing'?); keys are "
            + ", ".join(Project.model_fields),
        ),
        (
            "memory_limit: lots\n",
            "pratique.yaml:1 memory_limit: 'lots' is not an amount of memory; write 512MB or 4GB",
        ),
        (
            "memory_limit: 512\n",
            'pratique.yaml:1 memory_limit: must be text; write it in quotes: "512"',
        ),
        ("threads: 0\n", "pratique.yaml:1 threads: must be greater than 0, not 0"),
        (
            "checkpoint_bytes: 2 potatoes\n",
            "pratique.yaml:1 checkpoint_bytes: could not interpret byte unit: potatoes, "
            "not '2 potatoes'",
        ),
        (
            "settle_seconds: -1\n",
            "pratique.yaml:1 settle_seconds: must be greater than or equal to 0, not -1",
        ),
        (
            "lock_timeout_seconds: .inf\n",
            "pratique.yaml:1 lock_timeout_seconds: must be a finite number, not inf",
        ),
        (
            "gate: amberr\n",
            "pratique.yaml:1 gate: 'amberr' is not allowed; use 'none', 'amber' or 'red'",
        ),
        ("gate:\n", "pratique.yaml:1 gate: None is not allowed; use 'none', 'amber' or 'red'"),
        (
            "policy:\n  gren: 0.9\n",
            "pratique.yaml:2 policy.gren: is not a key here (did you mean 'green'?); "
            "keys are green, amber",
        ),
        (
            "gate: red\npolicy: {green: 0.6}\n",
            "pratique.yaml:2 policy: green 0.6 and amber 0.7 are no policy; "
            "0 < amber < green <= 1, for example 0.9 and 0.7",
        ),
        (
            "limits: {unpacked: 1 potato}\n",
            "pratique.yaml:1 limits.unpacked: could not interpret byte unit: potato, "
            "not '1 potato'",
        ),
        ("limits: {depth: 0}\n", "pratique.yaml:1 limits.depth: must be greater than 0, not 0"),
        ("policy: 0.9\n", "pratique.yaml:1 policy: must be keys with values, not 0.9"),
        ("landing: [in]\n", "pratique.yaml:1 landing: must be a path, not ['in']"),
        ("- landing\n", "pratique.yaml:1: must be keys with values, `key: value`"),
    ],
)
def test_what_is_refused(text: str, problem: str) -> None:
    assert problems(text) == [problem]


def test_all_problems_are_told_in_the_order_of_the_file() -> None:
    assert [line.split(": ")[0] for line in problems("gate: x\nthreads: no\nfoo: 1\n")] == [
        "pratique.yaml:1 gate",
        "pratique.yaml:2 threads",
        "pratique.yaml:3 foo",
    ]


@pytest.mark.parametrize(
    ("variable", "value", "problem"),
    [
        ("PRATIQUE_GATE", "x", "PRATIQUE_GATE: 'x' is not allowed; use 'none', 'amber' or 'red'"),
        (
            "PRATIQUE_POLICY__GREN",
            "1",
            "PRATIQUE_POLICY__GREN: is not a key here (did you mean 'green'?); "
            "keys are green, amber",
        ),
        (
            "pratique_threads",
            "two",
            "PRATIQUE_THREADS: must be a valid integer, unable to parse string as an integer, "
            "not 'two'",
        ),
        (
            "PRATIQUE_POLICY",
            "0.9 {",
            'environment: error parsing value for field "policy" from source "EnvSettingsSource"',
        ),
    ],
)
def test_the_environment_is_blamed_for_what_it_says(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, problem: str
) -> None:
    monkeypatch.setenv(variable, value)
    assert problems("gate: red\n") == [problem]
