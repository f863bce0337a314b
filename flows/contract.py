"""Contract: one YAML file a dataset, in two halves that are judged apart.

The half about files is checked when the contract is read: without it nothing can be received.
The half about rules is checked when rows are judged: a mistake there holds up the verdict, and
not the files, which by then are received and staged.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from flows.document import Document, DocumentInvalid, Finding, explain, shown
from flows.document import read as read_document
from flows.project import Gate, Project
from flows.variables import Name, Value, resolve
from ingest.columns import Column
from ingest.source import Source
from quality.checks import Check, CheckInvalid, bind
from quality.checks import fingerprint as fingerprint_of
from quality.frames import cast_verdict
from quality.model import PUBLISHED
from quality.rules import use
from quality.wording import guess

SUFFIXES = (".yaml", ".yml")
Text = Annotated[str, Field(min_length=1)]
Status = Literal["proposed", "draft", "active", "deprecated", "retired"]

_NONE: Mapping[str, Any] = MappingProxyType({})


SEMVER = r"(?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*)){2}(?:[-+][0-9A-Za-z.+-]+)?"


def _version(text: str) -> str:
    if not re.fullmatch(SEMVER, text):
        raise ValueError(f"{text!r} is not a version; write three numbers, 1.2.0")
    return text


class ContractInvalid(DocumentInvalid):
    """A contract says what it may not; carries every problem that was found in it."""


class Waiver(BaseModel):
    """A check whose failure somebody has answered for, until a day."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    check: Text
    """Key of the check as reports show it: `range(dep_time)`."""
    reason: Text
    """Why its failure is acceptable."""
    owner: Text
    """Who answers for that."""
    until: date
    """The last day on which the waiver counts: 2026-12-31."""


class ContractColumn(Column):
    """One column, and what is expected of its values."""

    pii: bool = False
    """Whether its values are personal: reports and messages then show them masked."""
    checks: Any = ()
    """Checks of this column: rule names, or `{rule: {argument: value}}`."""


class ContractFile(Source):
    """All that may stand in a contract."""

    description: str | None = None
    """What the dataset is, in a sentence for people."""
    owner: str | None = None
    """Whom to ask about it."""
    version: (
        Annotated[
            str, AfterValidator(_version), Field(json_schema_extra={"pattern": f"^{SEMVER}$"})
        ]
        | None
    ) = None
    """Which edition of the contract this is, by semantic versioning: 1.2.0."""
    status: Status = "active"
    """How far the contract is agreed: proposed, draft, active, deprecated or retired. Files are
    received and judged whatever it is."""
    variables: Annotated[
        dict[Name, Value],
        Field(default_factory=dict, json_schema_extra={"additionalProperties": False}),
    ]
    """Values that stand wherever `${name}` does. pratique.yaml can say others, and so can the
    environment; one without a value must be given one there."""
    gate: Gate | None = None
    """Grade from which on a load is held for a person: red, amber, or none at all."""
    columns: Annotated[tuple[ContractColumn, ...], Field(json_schema_extra={"minItems": 1})]
    """The columns, in the order of the table, with their checks."""
    checks: Any = ()
    """Checks of the whole dataset: rule names, or `{rule: {argument: value}}`."""
    waivers: tuple[Waiver, ...] = ()
    """Checks that may fail for a while without lowering the grade."""
    odcs: Annotated[dict[str, Any], Field(default_factory=dict)]
    """What an imported Open Data Contract says that pratique has no word for; it is exported as it
    came."""

    @model_validator(mode="after")
    def _verdicts_have_room(self) -> ContractFile:
        """A typed column brings another while it is judged: whether its texts were castable."""
        names = {column.name.lower() for column in self.columns}
        for column in self.columns:
            if column.type != "varchar" and cast_verdict(column.name).lower() in names:
                taken = cast_verdict(column.name)
                raise ValueError(f"column {taken!r} needs another name; {column.name!r} uses it")
        return self


@dataclass(frozen=True, eq=False)
class Contract:
    """What is agreed about one dataset."""

    source: Source
    description: str | None
    owner: str | None
    version: str | None
    status: Status
    gate: Gate
    waivers: tuple[Waiver, ...]
    pii: frozenset[str]
    """The columns whose values are personal."""
    document: Document
    """The file with its variables filled in, and the rules half not yet judged."""

    @property
    def dataset(self) -> str:
        """Name of the dataset."""
        return self.source.dataset

    @property
    def path(self) -> Path:
        """Where the contract is written."""
        return self.document.path


def read(path: Path, gate: Gate = "red", variables: Mapping[str, Any] = _NONE) -> Contract:
    """Read a contract and check its half about files.

    Args:
        path: The contract's YAML file.
        gate: The gate when the contract names none.
        variables: Those that override the contract's own.

    Raises:
        ContractInvalid: With every problem of that half.
    """
    try:
        document = resolve(read_document(path), variables)
        file = ContractFile.model_validate(document.data)
    except DocumentInvalid as invalid:
        raise ContractInvalid(invalid.problems) from None
    except ValidationError as error:
        raise ContractInvalid(document.problems(explain(document, error, ContractFile))) from None
    own = set(ContractColumn.model_fields) - set(Column.model_fields)
    columns = {"columns": {"__all__": own}}
    source = file.model_dump(include=set(Source.model_fields), exclude=columns)
    return Contract(
        source=Source.model_validate(source),
        description=file.description,
        owner=file.owner,
        version=file.version,
        status=file.status,
        gate=file.gate or gate,
        waivers=file.waivers,
        pii=frozenset(column.name for column in file.columns if column.pii),
        document=document,
    )


@lru_cache(maxsize=256)  # every load of a dataset asks, and trying out each rule takes a while
def checks(contract: Contract) -> list[Check]:
    """Check a contract's half about rules, and bind its rules to their arguments.

    Raises:
        CheckInvalid: With every problem of that half.
    """
    document = contract.document
    raw = [column.get("checks") for column in document.data["columns"]]
    columns = [(c.name, c.type, r) for c, r in zip(contract.source.columns, raw, strict=True)]
    bound = bind(columns, document.data.get("checks"), document.at, _forgiven(contract.source))
    if contract.source.load == "replace":
        said = "within: dataset says nothing where each file replaces the one before; leave it out"
        whole = [check for check in bound if PUBLISHED in check.datasets]
        if problems := [f"{check.place} {check.key}: {said}" for check in whole]:
            raise CheckInvalid(problems)
    keys = [check.key for check in bound]
    unknown: list[Finding] = [
        (("waivers", index, "check"), f"there is no check {name!r}{guess(name, keys)}")
        for index, name in enumerate(waiver.check for waiver in contract.waivers)
        if name not in keys
    ]
    if unknown:
        raise CheckInvalid(document.problems(unknown))
    return [replace(check, personal=check.personal | _personal(check, contract)) for check in bound]


def _personal(check: Check, contract: Contract) -> frozenset[str]:
    """The personal columns whose values a check may tell, or its error: a query may read any."""
    if "tables" in check.rule.given:
        return contract.pii
    return contract.pii.intersection((*check.columns, *check.filters))


def _forgiven(source: Source) -> set[str]:
    """The columns whose values are kept elsewhere when they do not have the column's type."""
    if source.schema_contract.types not in ("evolve", "discard_value"):
        return set()
    return {column.name for column in source.columns} - set(source.key)  # no key is null


@lru_cache(maxsize=256)
def fingerprint(contract: Contract) -> str:
    """Tell two editions of what is asked apart: by how records are read, and by the checks.

    Raises:
        CheckInvalid: The contract's half about rules is wrong.
    """
    return f"{contract.source.fingerprint[:16]}-{fingerprint_of(checks(contract))[:16]}"


def read_all(
    directory: Path, gate: Gate = "red", variables: Mapping[str, Any] = _NONE
) -> tuple[list[Contract], list[str]]:
    """Read every contract of a directory; a broken one does not hide the others.

    Two contracts for one dataset are both left out, because neither is known to be the right one.

    Args:
        directory: Where the contracts are.
        gate: The gate of contracts that name none.
        variables: Those that override the contracts' own.

    Returns:
        The contracts by dataset, and the problems of those that are left out.
    """
    found: dict[str, list[Contract]] = {}
    problems = [] if directory.is_dir() else [f"{shown(directory)}: there is no such directory"]
    for path in sorted(path for path in directory.glob("*") if path.suffix in SUFFIXES):
        try:
            contract = read(path, gate, variables)
            found.setdefault(contract.dataset, []).append(contract)
        except ContractInvalid as invalid:
            problems += invalid.problems
    for dataset, rivals in found.items():
        for one in rivals if len(rivals) > 1 else ():
            others = " and ".join(shown(other.path) for other in rivals if other is not one)
            said = f"{dataset!r} is the dataset of {others} too; none of them is used"
            problems += one.document.problems([(("dataset",), said)])
    return [found[dataset][0] for dataset in sorted(found) if len(found[dataset]) == 1], problems


def of_project(project: Project) -> tuple[list[Contract], list[str]]:
    """Read every contract of a project, and its own rules, which they may use.

    Args:
        project: The project.

    Returns:
        The contracts by dataset, and what is wrong with others, and with the rules.
    """
    broken = use(project.rules)
    contracts, problems = read_all(project.contracts, project.gate, project.variables)
    return contracts, [*broken, *problems]
