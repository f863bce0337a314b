"""References: which datasets need which others, and the order that this makes of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import NamedTuple

from flows.contract import Contract
from flows.document import Keys
from quality.model import PUBLISHED
from quality.rule import RULES


def order(contracts: Iterable[Contract]) -> list[Contract]:
    """Put contracts into the order that their checks need: what is referred to comes first.

    Where datasets need each other in a circle, the first of them by name goes first.
    """
    by_dataset = {contract.dataset: contract for contract in contracts}
    datasets, _ = untangle(by_dataset)
    return [by_dataset[dataset] for dataset in datasets]


class Need(NamedTuple):
    """Where a contract refers to another dataset."""

    at: Keys
    """Where that is written."""
    dataset: str
    columns: tuple[str, ...]
    """Those of its columns that are named there."""


def references(contract: Contract) -> Iterator[Need]:
    """Read where a contract refers to, as far as that can be read: files are received by it."""
    data = contract.document.data
    for keys in [*(("columns", index) for index in range(len(data["columns"]))), ()]:
        entries = (data["columns"][keys[1]] if keys else data).get("checks")
        for index, entry in enumerate(entries if isinstance(entries, list) else ()):
            for name, given in entry.items() if isinstance(entry, dict) else ():
                if name in RULES and isinstance(given, dict):
                    for argument, dataset, columns in RULES[name].reads(given):
                        if dataset != PUBLISHED:
                            at = (*keys, "checks", index, name, argument)
                            yield Need(at, dataset, columns)


def untangle(by_dataset: Mapping[str, Contract]) -> tuple[list[str], list[list[str]]]:
    """Order datasets by their needs; cut every circle where its first dataset needs the second.

    Returns:
        The datasets in order, and the circles, each from the first of its datasets by name.
    """
    needs = {
        dataset: sorted({need.dataset for need in references(contract)} & {*by_dataset} - {dataset})
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
