"""Contract: one YAML file a dataset, in two halves that are judged apart.

The half about files is checked when the contract is read: without it nothing can be received.
The half about rules is checked when rows are judged: a mistake there holds up the verdict, and
not the files, which by then are received and staged.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from flows.document import Document, DocumentInvalid, Finding, Keys, explain, shown
from flows.document import read as read_document
from flows.project import Gate, Project
from ingest.columns import Column
from ingest.source import Source
from quality import arguments
from quality.checks import Check, CheckInvalid, bind
from quality.rule import RULES
from quality.rules import use
from quality.rules.type import cast_verdict
from quality.wording import guess

SUFFIXES = (".yaml", ".yml")
Text = Annotated[str, Field(min_length=1)]

_REFERENCE: TypeAdapter[arguments.Keys] = TypeAdapter(arguments.Reference)


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
    gate: Gate | None = None
    """Grade from which on a load is held for a person: red, amber, or none at all."""
    columns: Annotated[tuple[ContractColumn, ...], Field(json_schema_extra={"minItems": 1})]
    """The columns, in the order of the table, with their checks."""
    checks: Any = ()
    """Checks of the whole dataset: rule names, or `{rule: {argument: value}}`."""
    waivers: tuple[Waiver, ...] = ()
    """Checks that may fail for a while without lowering the grade."""

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
    gate: Gate
    waivers: tuple[Waiver, ...]
    pii: frozenset[str]
    """The columns whose values are personal."""
    document: Document
    """The file as it is written, with the rules half not yet judged."""

    @property
    def dataset(self) -> str:
        """Name of the dataset."""
        return self.source.dataset

    @property
    def path(self) -> Path:
        """Where the contract is written."""
        return self.document.path


def read(path: Path, gate: Gate = "red") -> Contract:
    """Read a contract and check its half about files.

    Args:
        path: The contract's YAML file.
        gate: The gate when the contract names none.

    Raises:
        ContractInvalid: With every problem of that half.
    """
    try:
        document = read_document(path)
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
    keys = [check.key for check in bound]
    unknown: list[Finding] = [
        (("waivers", index, "check"), f"there is no check {name!r}{guess(name, keys)}")
        for index, name in enumerate(waiver.check for waiver in contract.waivers)
        if name not in keys
    ]
    if unknown:
        raise CheckInvalid(document.problems(unknown))
    return bound


def _forgiven(source: Source) -> set[str]:
    """The columns whose values are kept elsewhere when they do not have the column's type."""
    if source.schema_contract.types not in ("evolve", "discard_value"):
        return set()
    return {column.name for column in source.columns} - set(source.key)  # no key is null


def read_all(directory: Path, gate: Gate = "red") -> tuple[list[Contract], list[str]]:
    """Read every contract of a directory; a broken one does not hide the others.

    Two contracts for one dataset are both left out, because neither is known to be the right one.

    Args:
        directory: Where the contracts are.
        gate: The gate of contracts that name none.

    Returns:
        The contracts by dataset, and the problems of those that are left out.
    """
    found: dict[str, list[Contract]] = {}
    problems = [] if directory.is_dir() else [f"{shown(directory)}: there is no such directory"]
    for path in sorted(path for path in directory.glob("*") if path.suffix in SUFFIXES):
        try:
            contract = read(path, gate)
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
    contracts, problems = read_all(project.contracts, project.gate)
    return contracts, [*broken, *problems]


def order(contracts: Iterable[Contract]) -> list[Contract]:
    """Put contracts into the order that their foreign keys need: what is referred to comes first.

    Where datasets need each other in a circle, the first of them by name goes first.
    """
    by_dataset = {contract.dataset: contract for contract in contracts}
    datasets, _ = _untangle(by_dataset)
    return [by_dataset[dataset] for dataset in datasets]


def lint(path: Path) -> list[str]:
    """Find everything that is wrong with a contract, or with all contracts of a directory.

    Args:
        path: A contract, which is judged together with those beside it, or a directory of them.
    """
    if not path.is_dir() and not (path.is_file() and path.suffix in SUFFIXES):
        return [f"{shown(path)}: is neither a contract, *.yaml, nor a directory of contracts"]
    contracts, problems = read_all(path if path.is_dir() else path.parent)
    by_dataset = {contract.dataset: contract for contract in contracts}
    for contract in contracts:
        try:
            checks(contract)
        except CheckInvalid as invalid:
            problems += invalid.problems
        problems += contract.document.problems(_dangling(contract, by_dataset))
    for first, second, *others in _untangle(by_dataset)[1]:
        circle = " needs ".join([first, second, *others, first])
        said = f"{circle}; {first} goes first, and sees {second} as the run before left it"
        ways = [keys for keys, to in _references(by_dataset[first]) if to.dataset == second]
        problems += by_dataset[first].document.problems([(ways[0], said)])
    return [each for each in problems if path.is_dir() or each.startswith(f"{shown(path)}:")]


def _dangling(contract: Contract, by_dataset: Mapping[str, Contract]) -> Iterator[Finding]:
    """Find references to what no contract promises."""
    for keys, to in _references(contract):
        if to.dataset not in by_dataset:
            yield keys, f"there is no dataset {to.dataset!r}{guess(to.dataset, by_dataset)}"
            continue
        names = [column.name for column in by_dataset[to.dataset].source.columns]
        for name in to.columns:
            if name not in names:
                yield keys, f"{to.dataset} has no column {name!r}{guess(name, names)}"


def _references(contract: Contract) -> Iterator[tuple[Keys, arguments.Keys]]:
    """Read where a contract refers to, as far as that can be read: files are received by it."""
    data = contract.document.data
    for keys in [*(("columns", index) for index in range(len(data["columns"]))), ()]:
        entries = (data["columns"][keys[1]] if keys else data).get("checks")
        for index, entry in enumerate(entries if isinstance(entries, list) else ()):
            for name, given in entry.items() if isinstance(entry, dict) else ():
                if name in RULES and RULES[name].needs_reference and isinstance(given, dict):
                    with suppress(ValidationError):
                        to = _REFERENCE.validate_python(given.get("to"))
                        yield (*keys, "checks", index, name, "to"), to


def _untangle(by_dataset: Mapping[str, Contract]) -> tuple[list[str], list[list[str]]]:
    """Order datasets by their needs; cut every circle where its first dataset needs the second.

    Returns:
        The datasets in order, and the circles, each from the first of its datasets by name.
    """
    needs = {
        dataset: sorted({to.dataset for _, to in _references(contract)} & {*by_dataset} - {dataset})
        for dataset, contract in sorted(by_dataset.items())
    }
    circles: list[list[str]] = []
    while True:
        try:
            return list(TopologicalSorter(needs).static_order()), circles
        except CycleError as error:
            # graphlib tells the circle against the arrows, and its first dataset twice.
            circle = error.args[1][:0:-1]
            start = circle.index(min(circle))
            circles.append(circle[start:] + circle[:start])
            needs[circles[-1][0]].remove(circles[-1][1])
