"""Project: pratique.yaml, overridden by the environment: where everything is, and its limits."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    ByteSize,
    ConfigDict,
    Field,
    PositiveInt,
    PrivateAttr,
    ValidationError,
)
from pydantic.dataclasses import dataclass
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from flows.document import Document, DocumentInvalid, explain, shown
from flows.document import read as read_document
from flows.variables import Name, Value, overriding
from ingest.containers import Limits
from quality.scoring import Policy

NAME = "pratique.yaml"
PREFIX = "PRATIQUE_"
PATHS = ("landing", "contracts", "rules", "warehouse", "blobs", "reports", "staging", "archive")

Gate = Literal["none", "amber", "red"]
"""The grade from which on a load is held for a person; none: nothing is held."""


def _memory(amount: str) -> str:
    if not re.fullmatch(r"\d+(\.\d+)? ?[KMGT]i?B", amount, re.IGNORECASE):
        raise ValueError(f"{amount!r} is not an amount of memory; write 512MB or 4GB")
    return amount


Memory = Annotated[str, AfterValidator(_memory)]
Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class ProjectInvalid(DocumentInvalid):
    """The project file or the environment says what it may not."""


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Thresholds(Policy):
    """The scores from which on a light is green, and amber."""


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Unpacking(Limits):
    """How far files that are compressed or archives are unpacked."""

    unpacked: ByteSize = ByteSize(Limits.unpacked)
    ratio: PositiveInt = Limits.ratio
    ratio_from: ByteSize = ByteSize(Limits.ratio_from)
    members: PositiveInt = Limits.members
    depth: PositiveInt = Limits.depth


class Project(BaseSettings):
    """What pratique.yaml may say; every key has a default, the environment overrides it."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        env_ignore_empty=True,
        extra="forbid",
        frozen=True,
        use_attribute_docstrings=True,
    )

    landing: Path = Path("landing")
    """Directory where suppliers drop files."""
    contracts: Path = Path("contracts")
    """Directory with one YAML file a dataset."""
    rules: Path = Path("rules")
    """Directory of the project's own rules, one Python file each; it need not be there."""
    warehouse: Path = Path("warehouse.duckdb")
    """The DuckDB file with good records, quarantined records, and the history of both."""
    blobs: Path = Path("blobs")
    """Directory of the frozen copies that everything after landing reads."""
    reports: Path = Path("reports")
    """Directory that reports are written to."""
    staging: Path = Path("staging")
    """Directory of half-done loads that are too big to do again."""
    memory_limit: Memory = "1GB"
    """What a load may use, besides Python itself: 512MB, 4GB."""
    threads: PositiveInt | None = None
    """How many cores DuckDB may use; all, when left out."""
    checkpoint_bytes: ByteSize = ByteSize(1024**3)
    """Size from which on a file's staged rows are kept on disk until they are published."""
    settle_seconds: Seconds = 0
    """Files that changed within so many seconds are left for the next run."""
    after_commit: Literal["keep", "archive", "delete"] = "keep"
    """What becomes of a landed file when all of it is published, or turned away."""
    archive: Path = Path("archive")
    """Directory that landed files are moved to, by the day and their hash."""
    partial_tries: PositiveInt = 5
    """After so many runs in which a file changed while it was frozen, it is a problem."""
    limits: Unpacking = Unpacking()
    """How far files that are compressed or archives are unpacked."""
    park_after: Annotated[int, Field(ge=2)] = 3
    """How often a load may fail by its own fault, or take the process down, before it is parked."""
    lock_timeout_seconds: Seconds = 30
    """How long to wait for another process to let go of the warehouse."""
    policy: Thresholds = Thresholds()
    """The scores from which on a dataset is green, and amber."""
    gate: Gate = "red"
    """The gate of contracts that name none."""
    variables: dict[Name, Value] = {}
    """What contracts leave open, `${region}`, and what is put there instead of their own values."""

    _directory: Path = PrivateAttr(default_factory=Path)

    @property
    def directory(self) -> Path:
        """The directory of the project file."""
        return self._directory

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Let the environment win over the file, and nothing else have a say."""
        return env_settings, init_settings


def find(start: Path) -> Path:
    """Find the project file of a directory: its own, or the nearest above it.

    Raises:
        ProjectInvalid: There is none.
    """
    for directory in (start.resolve(), *start.resolve().parents):
        if (directory / NAME).is_file():
            return directory / NAME
    raise ProjectInvalid(
        [f"no {NAME} in {start} or above it; make one with `pratique init`, or name --project DIR"]
    )


def read(path: Path) -> Project:
    """Read a project file, with all its paths made absolute.

    Args:
        path: The project file itself.

    Raises:
        ProjectInvalid: With every problem in it, and in the environment variables over it.
    """
    try:
        document = read_document(path)
    except DocumentInvalid as invalid:
        raise ProjectInvalid(invalid.problems) from None
    try:
        project = Project(**document.data)
    except ValidationError as error:
        raise ProjectInvalid(_problems(document, error)) from None
    except SettingsError as error:
        raise ProjectInvalid([f"environment: {error}"]) from None
    directory = path.parent.resolve()
    paths = {name: directory / getattr(project, name).expanduser() for name in PATHS}
    written = document.data.get("variables") or {}
    given = {name: overriding(value, written, name) for name, value in project.variables.items()}
    located = project.model_copy(update={**paths, "variables": given})
    if located.archive.is_relative_to(located.landing):
        where = f"{shown(path)}: archive"
        raise ProjectInvalid([f"{where}: must not be in the landing directory, {project.landing}"])
    located._directory = directory
    return located


def _problems(document: Document, error: ValidationError) -> list[str]:
    """Blame the file for what it says, and the environment for what it overrides."""
    environment = {name.upper() for name in os.environ}
    findings = explain(document, error, Project)
    variables = {keys: PREFIX + "__".join(map(str, keys)).upper() for keys, _ in findings}
    return [
        *(f"{variables[k]}: {message}" for k, message in findings if variables[k] in environment),
        *document.problems(f for f in findings if variables[f[0]] not in environment),
    ]
