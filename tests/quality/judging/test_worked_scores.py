"""The score of data, from the rows to the number: what came, what is published, and by whose leave.

A hundred orders, in which ten prices are wrong and the numbers of two orders are the same.
"""

from dataclasses import replace

import pytest

from quality import Grade, Outcome, Policy, check
from quality.scoring import score_all

KEY = check("unique", columns=["id"], severity="critical")
PRICE = check("range", column="price", min=0)
NOTE = check("not_missing", column="note", severity="warning")
SHOP = check("foreign_key", columns=["shop"], to="shops.id")
ORDERS = {
    "id": [1, 1, *range(3, 101)],
    "price": [-1] * 10 + [1] * 90,
    "note": [""] * 20 + ["x"] * 80,
    "shop": [1] * 100,
}


@pytest.fixture
def scored(judge):
    """Judge the orders by some checks, beside records that could not be read."""

    def made(*checks, rejected=0, shops=(1,), **columns):
        evaluation = judge(ORDERS | columns, checks, {"shops": {"id": [*shops]}} if shops else {})
        return score_all(evaluation.results, evaluation, rejected, Policy())

    return made


def test_what_came_is_scored_and_not_what_is_left_of_it(scored):
    score = scored(KEY, PRICE, NOTE)

    assert (score.value, score.grade) == (0.699, Grade.RED)
    assert score.set_by == "capped by unique(id): 2 rows"
    # (5 x 98/100 + 3 x 90/100 + 1 x 80/100) / 9; ten prices, of which two keys are among.
    assert (score.rule_score, score.clean_row_rate, score.cap) == (0.933, 0.9, 0.699)
    # What is left of 90 orders: no key and no price is wrong, and ten notes are missing.
    assert score.published == 0.987
    assert score.unwaived is None


def test_a_dimension_is_scored_by_its_own_rules(scored):
    assert scored(KEY, PRICE, NOTE).dimensions == {
        "uniqueness": 0.98,
        "validity": 0.9,
        "completeness": 0.8,
    }


def test_a_tolerance_that_somebody_set_is_no_cap(scored):
    score = scored(replace(KEY, fail_above=0.05), replace(PRICE, fail_above=0.1), NOTE)

    assert (score.value, score.cap) == (0.9, 1.0)
    assert (score.grade, score.set_by) == (Grade.GREEN, "10 of 100 records cannot be used")


def test_a_waiver_is_seen_in_the_difference_of_two_numbers(scored):
    score = scored(replace(KEY, waived=True), replace(PRICE, waived=True), NOTE)

    # Nothing counts but the notes; whatever was waived is published.
    assert (score.value, score.grade, score.set_by) == (
        0.8,
        Grade.AMBER,
        "set by the rules, most by not_missing(note): 20 rows",
    )
    assert score.published == 0.8
    assert score.unwaived == scored(KEY, PRICE, NOTE).value == 0.699


def test_records_that_cannot_be_read_count_as_unusable_and_are_not_published(scored):
    score = scored(NOTE, rejected=300, note=["x"] * 100)

    assert (score.value, score.clean_row_rate) == (0.25, 0.25)
    assert score.published == 1.0


def test_a_parent_without_the_key_caps_the_child(scored):
    score = scored(SHOP, PRICE, shops=(2,), price=[1] * 100)

    assert (score.value, score.cap, score.set_by) == (
        0.0,
        0.899,
        "100 of 100 records cannot be used",
    )
    few = scored(SHOP, NOTE, shop=[1] * 93 + [2] * 7, note=["x"] * 100)
    assert (few.value, few.set_by) == (0.899, "capped by foreign_key(shop): 7 rows")


def test_a_parent_that_did_not_arrive_is_no_orphan_and_no_green_either(scored):
    score = scored(SHOP, NOTE, shops=(), note=["x"] * 100)

    assert (score.value, score.clean_row_rate, score.grade) == (0.899, 1.0, Grade.AMBER)
    assert score.set_by == "capped because 75 % of the checks could not be evaluated"


def test_one_dead_rule_among_thirty_is_red_though_the_mean_is_high(scored):
    alive = [check("range", column="shop", min=0, name=f"alive {n}") for n in range(29)]
    dead = check("range", column="shop", max=0, name="dead")

    score = scored(*alive, dead)

    assert (score.value, score.grade, score.rule_score) == (0.0, Grade.RED, 0.966)
    assert score.published is None, "nothing is left"


def test_the_measures_that_others_give_the_same_data_all_look_well(scored):
    """Rules passed, and the mean of what passes: why neither is the score."""
    score = scored(KEY, PRICE, NOTE, SHOP)

    shares = [0.98, 0.9, 0.8, 1.0]
    assert score.value < sum(shares) / len(shares) == pytest.approx(0.92)
    assert score.grade is Grade.RED


def test_the_same_data_judged_twice_score_the_same(scored):
    assert scored(KEY, PRICE, NOTE, SHOP) == scored(KEY, PRICE, NOTE, SHOP)


def test_a_missing_column_never_scores_well(scored):
    gone = check("range", column="gone", min=0)
    count = check("row_count", min=1000)

    score = scored(gone, count, PRICE, price=[1] * 100)

    assert (score.value, score.grade, score.rule_score) == (0.333, Grade.RED, 0.333)


def test_nothing_at_all_is_not_green(judge):
    evaluation = judge({"price": []}, [PRICE])
    score = score_all(evaluation.results, evaluation, 0, Policy())

    assert (score.value, score.grade, score.published) == (0.0, Grade.NO_DATA, None)
    assert {each.outcome for each in evaluation.results} == {Outcome.NOT_EVALUATED}
