"""What is said of a score comes true: what is fixed gives the score that was foretold."""

from dataclasses import replace
from datetime import UTC, datetime

import polars as pl
import pytest

from quality import Grade, Outcome, Policy, Severity, check
from quality.advice import gain, numbers, plan, remedy
from quality.evaluation import evaluate
from quality.explanation import ONE_CAUSE, UNREAD, explain, fixed
from quality.frames import RECORD_NO
from quality.result import Overlap
from quality.scoring import score_all
from quality.view import Account, LoadView

PRICE = check("range", column="price", min=0)
TAX = check("range", column="tax", min=0)
KEY = check("unique", columns=["id"], severity="critical", owner="clerk")
NOTE = check("not_missing", column="note", severity="warning")
COUNT = check("row_count", min=10, owner="carrier")
CHECKS = (PRICE, TAX, KEY, NOTE, COUNT)
GOOD = {"id": [1, 2, 3, 4, 5], "price": [1] * 5, "tax": [1] * 5, "note": ["x"] * 5}


def account(columns, checks=CHECKS, rejected=0, **about):
    """A load as it would be recorded."""
    frame = pl.DataFrame(columns).with_row_index(RECORD_NO, 1)
    found = evaluate(frame, checks)
    score = score_all(found.results, found, rejected, Policy())
    load = LoadView(
        run_id="run",
        load_id=1,
        dataset="orders",
        file="orders.csv",
        version=1,
        judged_at=datetime(2013, 2, 9, tzinfo=UTC),
        status="published",
        error=None,
        received=found.rows + rejected,
        loaded=None,
        quarantined=None,
        skipped=None,
        clean=found.rows - found.bad,
        score=score.value,
        grade=score.grade,
        set_by=score.set_by,
        set_by_check=score.set_by_check,
        dimensions=score.dimensions,
        thresholds={"green": 0.9, "amber": 0.7},
        rule_set_fingerprint="",
        rule_score=score.rule_score,
        clean_row_rate=score.clean_row_rate,
        cap=score.cap,
        rejected=rejected,
        **about,
    )
    return Account(load, found.results, found.overlaps)


BAD = {
    "id": [1, 1, 3, 4, 5],
    "price": [1, 1, -1, -1, 1],
    "tax": [1, 1, -1, 1, 1],
    "note": ["x", "", "", "x", "x"],
}
MENDED = {
    ("range(price)",): {"price": [1] * 5},
    ("range(tax)",): {"tax": [1] * 5},
    ("unique(id)",): {"id": [1, 2, 3, 4, 5]},
    ("not_missing(note)",): {"note": ["x"] * 5},
    ("range(price)", "range(tax)"): {"price": [1] * 5, "tax": [1] * 5},
    ("range(price)", "range(tax)", "unique(id)"): {
        "price": [1] * 5,
        "tax": [1] * 5,
        "id": [1, 2, 3, 4, 5],
    },
}


@pytest.mark.parametrize("keys", [(), *MENDED], ids=str)
def test_what_is_foretold_is_what_mended_data_score(keys):
    found = account(BAD)
    foretold, usable, too_few = fixed(found, keys)

    mended = account(BAD | (MENDED[keys] if keys else {}))

    assert (foretold.value, foretold.set_by) == (mended.load.score, mended.load.set_by)
    assert usable == mended.load.clean - found.load.clean
    assert not too_few


def test_the_largest_gain_comes_first_and_what_helps_only_with_others_says_so():
    explained = explain(account(BAD))

    first, *others = explained.remedies
    assert (first.checks, first.owner) == (("unique(id)",), "clerk")
    assert first.score > explained.load.score
    assert gain(first, explained).startswith("Fixed alone, the score would be 0.6")
    scores = [each.score for each in explained.remedies]
    assert scores == sorted(scores, reverse=True)
    hopeless = next(each for each in others if each.checks == ("not_missing(note)",))
    assert gain(hopeless, explained) == "Fixed alone, the score stays where it is."


def test_the_way_to_green_is_as_long_as_it_must_be():
    explained = explain(account(BAD))

    keys = [key for each in explained.remedies[: explained.plan.remedies] for key in each.checks]
    shorter = [k for each in explained.remedies[: explained.plan.remedies - 1] for k in each.checks]
    assert explained.plan.grade is Grade.GREEN
    assert fixed(account(BAD), keys)[0].value == explained.plan.score
    assert fixed(account(BAD), shorter)[0].grade is not Grade.GREEN
    assert plan(explained).startswith(f"The first {explained.plan.remedies} of them together")


def test_a_file_without_fault_has_nothing_to_fix():
    explained = explain(account(GOOD | {"id": [5, 6, 7, 8, 9]}, checks=[PRICE, TAX, KEY]))

    assert (explained.load.score, explained.remedies, explained.plan) == (1.0, (), None)


def test_checks_that_fail_in_the_same_records_are_one_cause():
    columns = {
        "id": [1, 2, 3, 4],
        "price": [-1, -1, 1, 1],
        "tax": [-1, -1, 1, 1],
        "note": ["x"] * 4,
    }
    found = account(columns, checks=[PRICE, TAX, NOTE])

    (only,) = explain(found).remedies

    assert set(only.checks) == {"range(price)", "range(tax)"}
    assert (only.together, only.usable) == (2, 2)
    assert (only.score, only.grade) == (1.0, Grade.GREEN)
    assert remedy(only).endswith("2 records fail range(tax) as well: one cause.")


def test_checks_that_seldom_fail_together_are_fixed_apart():
    found = account(GOOD | {"price": [-1, -1, 1, 1, 1], "tax": [-1, 1, 1, 1, 1]}, [PRICE, TAX])

    assert [each.checks for each in explain(found).remedies] == [("range(price)",), ("range(tax)",)]
    assert ONE_CAUSE > 0.5


def test_records_that_cannot_be_read_are_something_to_fix():
    found = account(GOOD, checks=[PRICE, TAX], rejected=5, owner="sender")

    (only,) = explain(found).remedies

    assert (only.checks, only.failed, only.usable, only.owner) == ((), 5, 5, "sender")
    assert (only.score, found.load.score) == (1.0, 0.5)
    assert remedy(only) == "5 of 10 records cannot be read."
    assert fixed(found, [UNREAD])[0].value == 1.0


def test_checks_that_cannot_be_evaluated_are_named_when_they_keep_the_light_from_green():
    missing = [check("foreign_key", columns=["id"], to=f"{name}.id") for name in ("a", "b")]
    missing = [replace(each, key=f"in {name}") for each, name in zip(missing, "ab", strict=True)]
    found = account(GOOD, checks=[PRICE, *missing])

    explained = explain(found)

    (only,) = explained.remedies
    assert (only.checks, only.failed) == (("in a", "in b"), 0)
    assert (found.load.score, only.score) == (0.899, 1.0)
    assert remedy(only).endswith("So it is with in b.")
    assert {each.outcome for each in explained.unjudged} == {Outcome.NOT_EVALUATED}


def test_a_file_of_many_failing_checks_is_never_promised_too_much():
    found = account(BAD)
    many = [
        replace(found.results[0], check=f"c{n}", failed=1, sole=1, severity=Severity.ERROR)
        for n in range(12)
    ]
    crowded = replace(found, results=(*found.results, *many))

    assert fixed(crowded, ["c1", "c2"])[2]
    assert not fixed(crowded, ["c1"])[2]
    assert not fixed(crowded, ["not_missing(note)", "c1"])[2], "a warning makes nothing unusable"


def test_others_that_make_a_record_unusable_keep_it_so():
    found = account(GOOD | {"price": [-1, 1, 1, 1, 1], "tax": [-1, 1, 1, 1, 1]}, [PRICE, TAX])
    watched = replace(found, overlaps=(Overlap(("range(price)", "range(tax)"), 1, others=True),))

    assert fixed(found, ["range(price)", "range(tax)"])[1] == 1
    assert fixed(watched, ["range(price)", "range(tax)"])[1] == 0


def test_the_number_that_set_the_score_is_named():
    explained = explain(account(BAD))

    assert [each.sets for each in explained.numbers] == [False, True, False]
    assert "usable as they came, 0.200, which set it" in numbers(explained)
    assert "which set it" not in numbers(explain(account(GOOD, [PRICE]))), (
        "where all agree, none did"
    )
