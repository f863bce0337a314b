import random

import pytest

from quality import Outcome, check

WORDS = ["the", "parcel", "was", "left", "behind", "a", "door", "of", "some", "neighbour", "who"]


def notes(number, seed, cut=None, end=""):
    """Notes of 2 to 25 words, as people write them."""
    draw = random.Random(seed)
    texts = [" ".join(draw.choices(WORDS, k=draw.randint(2, 25))) + end for _ in range(number)]
    return [text[:cut] for text in texts]


def judged(judge, texts, **given):
    (result,) = judge({"a": texts}, [check("truncation", column="a", **given)]).results
    return result


@pytest.mark.parametrize("seed", range(5))
def test_texts_as_people_write_them_are_whole(seed, judge):
    assert judged(judge, notes(2000, seed)).outcome is Outcome.PASSED


@pytest.mark.parametrize("limit", [80, 100])
def test_texts_that_pile_up_at_a_limit_are_suspected(limit, judge):
    texts = notes(2000, 1, cut=limit)
    cut = sum(len(text) == limit for text in texts)

    result = judged(judge, texts)

    assert result.outcome is Outcome.WARNED
    assert result.failed == cut > 200
    assert "a ends where too many others do, at the greatest length of all" in result.message
    assert result.message.endswith("that may be cut")


@pytest.mark.parametrize(
    "texts",
    [
        [f"AB-{number:07}" for number in range(1000)],
        [str(number) for number in range(20_000)],
        ["a text that comes again and again"] * 50 + ["short", "shorter"],
        notes(2000, 1, cut=96, end=" and so on to the end")[:4] + ["short note"] * 50,
        [text + "." for text in notes(2000, 1, cut=80)],
        [f"{number:04}".ljust(20 + number % 20, "x") for number in range(2000)],
        ["", "", ""],
        ["x" * 9] + [f"{number:09}" for number in range(7)] + ["y", "z", "w"] * 9,
    ],
    ids=["codes", "numbers", "one text", "too few", "sentences", "even", "empty", "short"],
)
def test_lengths_that_have_another_reason_are_no_limit(texts, judge):
    assert judged(judge, texts).outcome is Outcome.PASSED


def test_where_the_limit_is_known_one_text_is_enough(judge):
    texts = ["x" * 49, "x" * 50, "x" * 51, "x" * 49 + ".", "é" * 50, None]

    result = judged(judge, texts, limit=50)

    assert [each["record_no"] for each in result.examples] == [2, 5]
    assert result.message.endswith("a ends at 50 characters; 2 keys that may be cut")


def test_a_pile_may_be_asked_to_be_higher(judge):
    texts = notes(300, 3, cut=90)
    different = len({text for text in texts if len(text) == 90})

    assert judged(judge, texts, pile=different).outcome is Outcome.WARNED
    assert judged(judge, texts, pile=different + 1).outcome is Outcome.PASSED
