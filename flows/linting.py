"""Linting: everything that is wrong with contracts, each problem where it is to be mended."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flows.contract import SUFFIXES, Contract, checks, read_all
from flows.document import Finding, shown
from flows.references import references, untangle
from ingest.tables import LINEAGE
from quality.checks import Check, CheckInvalid
from quality.rehearsal import looks_around, rehearse
from quality.wording import guess


def lint(path: Path, variables: Mapping[str, Any] | None = None) -> list[str]:
    """Find everything that is wrong with a contract, or with all contracts of a directory.

    Args:
        path: A contract, which is judged together with those beside it, or a directory of them.
        variables: Those that override the contracts' own.
    """
    if not path.is_dir() and not (path.is_file() and path.suffix in SUFFIXES):
        return [f"{shown(path)}: is neither a contract, *.yaml, nor a directory of contracts"]
    directory = path if path.is_dir() else path.parent
    contracts, problems = read_all(directory, variables=variables or {})
    by_dataset = {contract.dataset: contract for contract in contracts}
    for contract in contracts:
        try:
            problems += _misfits(contract, checks(contract), by_dataset)
        except CheckInvalid as invalid:
            problems += invalid.problems
        findings = [*_dangling(contract, by_dataset), *_expired(contract)]
        problems += contract.document.problems(findings)
    for first, second, *others in untangle(by_dataset)[1]:
        circle = " needs ".join([first, second, *others, first])
        said = f"{circle}; {first} goes first, and sees {second} as the run before left it"
        ways = [need.at for need in references(by_dataset[first]) if need.dataset == second]
        problems += by_dataset[first].document.problems([(ways[0], said)])
    return [each for each in problems if path.is_dir() or each.startswith(f"{shown(path)}:")]


def _dangling(contract: Contract, by_dataset: Mapping[str, Contract]) -> Iterator[Finding]:
    """Find references to what no contract promises."""
    for at, dataset, columns in references(contract):
        if dataset not in by_dataset:
            yield at, f"there is no dataset {dataset!r}{guess(dataset, by_dataset)}"
            continue
        names = [column.name for column in by_dataset[dataset].source.columns]
        for name in columns:
            if name not in names:
                yield at, f"{dataset} has no column {name!r}{guess(name, names)}"


def _misfits(
    contract: Contract, bound: Sequence[Check], by_dataset: Mapping[str, Contract]
) -> Iterator[str]:
    """Find checks that other datasets are not made for, as queries that name no column of them."""
    types = {
        name: {column.name: column.type for column in other.source.columns}
        for name, other in by_dataset.items()
    }
    known = [each for each in bound if looks_around(each) and by_dataset.keys() >= {*each.datasets}]
    others = {name: columns | LINEAGE for name, columns in types.items()}
    broken = rehearse(known, types[contract.dataset], others) if known else {}
    for each in known:
        if each.key in broken:
            yield f"{each.place} {each.key}: {broken[each.key]}"


def _expired(contract: Contract) -> Iterator[Finding]:
    """Find waivers that count no longer, and pass for ones that do."""
    today = datetime.now(UTC).date()
    for index, waiver in enumerate(contract.waivers):
        if waiver.until < today:
            yield (
                ("waivers", index, "until"),
                f"was over on {waiver.until}; take the waiver out, or renew it",
            )
