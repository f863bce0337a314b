"""What a landed file is to what is known already."""

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
