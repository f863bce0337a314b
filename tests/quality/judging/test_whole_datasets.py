"""Keys that are compared with what other files have published of the same dataset."""

import pytest

from quality import check
from quality.model import PUBLISHED


@pytest.mark.parametrize("rule", ["unique", "primary_key"])
def test_a_key_fails_that_is_there_twice_or_published(judge, rule):
    whole = check(rule, columns=["a", "b"], within="dataset")
    rows = {"a": [1, 1, 2, 3, 4], "b": ["x", "x", "x", "y", "z"]}

    (result,) = judge(rows, [whole], {PUBLISHED: {"b": ["x", "z"], "a": [2, 3]}}).results

    assert (result.rows, result.failed, result.keys, result.surplus) == (5, 3, 2, 0)
    assert result.message.endswith("2 keys repeated, or published before")


def test_of_the_first_file_only_its_own_rows_count(judge):
    (result,) = judge({"a": [1, 1, 2]}, [check("unique", columns=["a"], within="dataset")]).results

    assert result.failed == 2


def test_it_is_judged_file_by_file():
    assert check("unique", columns=["a"]).separable
    assert not check("unique", columns=["a"], within="dataset").separable
