"""What a landed file is to what is known already."""

from dataclasses import replace
from pathlib import Path

import pytest

from ingest.model import Arrival, FileVersion, LandedFile
from ingest.planning import Frozen, plan


def landed(name: str, sha256: str, dataset: str = "orders") -> Frozen:
    return Frozen(LandedFile(name, Path(name), 1, 1, 1), dataset, sha256)


def newest(name: str, sha256: str) -> Frozen:
    return Frozen(LandedFile(name, Path(name), 1, 1, 1), "orders", sha256, in_order=True)


def known(name: str, version: int, sha256: str, dataset: str = "orders") -> FileVersion:
    return FileVersion(version, dataset, name, version, sha256, 1)


@pytest.mark.parametrize(
    ("files", "versions", "expected"),
    [
        ([landed("a", "1")], [], [(Arrival.NEW, 1)]),
        ([landed("a", "1")], [known("a", 1, "1")], [(Arrival.TOUCHED, 0)]),
        ([landed("b", "1")], [known("a", 1, "1")], [(Arrival.DUPLICATE, 0)]),
        ([landed("a", "2")], [known("a", 1, "1")], [(Arrival.RESTATEMENT, 2)]),
        (
            [landed("a", "1")],
            [known("a", 1, "1"), known("a", 2, "2")],
            [(Arrival.RESTATEMENT, 3)],
        ),
        ([landed("b", "1")], [known("a", 1, "1"), known("a", 2, "2")], [(Arrival.NEW, 1)]),
        ([landed("a", "2")], [known("a", 1, "1"), known("b", 2, "2")], [(Arrival.DUPLICATE, 2)]),
        ([landed("a", "1"), landed("b", "1")], [], [(Arrival.NEW, 1), (Arrival.DUPLICATE, 0)]),
        (
            [landed("a", "1"), landed("a", "2"), landed("b", "1")],
            [],
            [(Arrival.NEW, 1), (Arrival.RESTATEMENT, 2), (Arrival.NEW, 1)],
        ),
        ([newest("c", "1")], [known("a", 1, "1"), known("b", 2, "2")], [(Arrival.NEW, 1)]),
        ([newest("a", "2")], [known("a", 1, "1"), known("b", 2, "2")], [(Arrival.DUPLICATE, 0)]),
        ([newest("c", "2")], [known("a", 1, "1"), known("b", 2, "2")], [(Arrival.DUPLICATE, 0)]),
        ([landed("a", "1", "planes")], [known("a", 1, "1")], [(Arrival.NEW, 1)]),
    ],
)
def test_arrivals(files, versions, expected):
    assert [(planned.arrival, planned.version) for planned in plan(files, versions)] == expected


def test_what_stands_is_not_loaded_under_another_name():
    held = [replace(known("a", 1, "1"), standing=True), known("a", 2, "2")]
    assert [each.arrival for each in plan([landed("b", "1")], held)] == [Arrival.DUPLICATE]
    assert [each.arrival for each in plan([landed("a", "1")], held)] == [Arrival.RESTATEMENT]
    moved_aside = plan([landed("a", "3"), landed("b", "1")], held[:1])
    assert [each.arrival for each in moved_aside] == [Arrival.RESTATEMENT, Arrival.DUPLICATE]


def test_what_was_made_before_the_newest_is_late():
    older = Frozen(LandedFile("b", Path("b"), 1, 1, 1), "orders", "2", produced_ns=5)
    for newest, expected in (({}, "new"), ({"orders": 5}, "new"), ({"orders": 6}, "late")):
        assert [planned.arrival for planned in plan([older], [], newest)] == [expected]
    (restated,) = plan([older], [known("b", 1, "1")], {"orders": 6})
    assert restated.arrival is Arrival.RESTATEMENT


def test_what_is_late_does_not_become_the_newest():
    late = replace(newest("a", "1"), produced_ns=1)
    again = replace(newest("b", "1"), produced_ns=9)
    standing = replace(known("z", 1, "2"), produced_ns=5)
    plans = plan([late, again], [standing], {"orders": 5})
    assert [planned.arrival for planned in plans] == [Arrival.LATE, Arrival.NEW]
