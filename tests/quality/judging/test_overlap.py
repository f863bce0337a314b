"""Checks that fail together are counted, each record once."""

import polars as pl
import pytest

from quality import check
from quality.evaluation import evaluate, evaluate_parts
from quality.frames import PART, RECORD_NO
from quality.result import WATCHED, Overlap

PRICE = check("range", column="price", min=0)
TAX = check("range", column="tax", min=0)
NOTE = check("not_missing", column="note", severity="warning")


def test_records_that_fail_several_checks_are_counted_by_which(judge):
    columns = {
        "price": [-1, -1, -1, 1, -1, 1],
        "tax": [-1, -1, 1, -1, -1, 1],
        "note": ["", "", "", "x", "x", ""],
    }

    evaluation = judge(columns, [PRICE, TAX, NOTE])

    assert set(evaluation.overlaps) == {
        Overlap(("range(price)", "range(tax)"), 1, others=False),
        Overlap(("range(price)", "not_missing(note)"), 1, others=False),
        Overlap(("range(price)", "range(tax)", "not_missing(note)"), 2, others=False),
    }
    assert [result.sole for result in evaluation.results] == [1, 1, 0]


def test_what_fails_alone_overlaps_with_nothing(judge):
    assert judge({"price": [-1, 1], "tax": [1, 1]}, [PRICE, TAX]).overlaps == ()
    assert judge({"price": [-1, 1], "tax": [1, -1]}, [PRICE, TAX]).overlaps == ()


def test_of_many_checks_those_that_fail_most_are_watched_and_the_rest_is_not_forgotten(judge):
    names = [f"c{n:02}" for n in range(WATCHED + 1)]
    columns = {name: [-1, -1, 1] if place else [-1, 1, 1] for place, name in enumerate(names)}
    checks = [check("range", column=name, min=0) for name in names]

    first, second = sorted(judge(columns, checks).overlaps, key=lambda each: each.others)

    assert first == Overlap(tuple(f"range({name})" for name in names[1:]), 1, others=False)
    assert second == Overlap(first.checks, 1, others=True)


def test_each_part_has_its_own():
    columns = {"price": [-1, -1, -1, -1], "tax": [-1, 1, -1, -1], PART: [1, 1, 2, 2]}
    frame = pl.DataFrame(columns).with_row_index(RECORD_NO, 1)

    together = evaluate_parts(frame, [PRICE, TAX])

    for part, expected in {1: 1, 2: 2}.items():
        alone = evaluate(frame.filter(pl.col(PART) == part).drop(PART), [PRICE, TAX])
        assert together[part].overlaps == alone.overlaps
        assert [each.records for each in alone.overlaps] == [expected]


@pytest.mark.parametrize("others", [0, 3])
def test_a_check_that_only_warns_gives_way_to_those_that_matter(judge, others):
    warnings = [
        check("range", column="w", min=0, severity="warning", name=f"w{n}") for n in range(WATCHED)
    ]
    columns = {"w": [-1, -1], "price": [-1, 1], "tax": [-1, 1]}

    overlaps = judge(columns, [*warnings, PRICE, TAX][others:]).overlaps

    grave = {"range(price)", "range(tax)"}
    assert [each.records for each in overlaps if grave <= set(each.checks)] == [1]
    assert not any(each.others for each in overlaps)


def test_hundreds_of_checks_are_counted_in_one_scan(judge):
    names = [f"c{n:03}" for n in range(350)]
    columns = {name: [-1, 1, 1 if place else -1] for place, name in enumerate(names)}

    evaluation = judge(columns, [check("range", column=name, min=0) for name in names])

    assert (evaluation.bad, evaluation.rows) == (2, 3)
    assert [result.sole for result in evaluation.results] == [1, *[0] * 349]
    (together,) = evaluation.overlaps
    assert (len(together.checks), together.records, together.others) == (WATCHED, 1, True)
