import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality import CheckResult, Dimension, Grade, Outcome, Policy, Severity, score


def result(
    check="range(a)",
    severity=Severity.ERROR,
    outcome=Outcome.PASSED,
    rows=100,
    failed=0,
    dimension=Dimension.VALIDITY,
    weight=None,
    value=None,
    unit="",
):
    return CheckResult(
        check=check,
        rule=check.partition("(")[0],
        columns=(),
        severity=severity,
        dimension=dimension,
        outcome=outcome,
        rows=rows,
        failed=failed,
        subject="",
        expected="",
        message="",
        weight=severity.weight if weight is None else weight,
        value=value,
        unit=unit,
    )


def measure(outcome, severity=Severity.ERROR, value=684.0):
    return result("row_count", severity, outcome, 0, 0, Dimension.VOLUME, value=value)


def orders(outcome):
    """A million orders and ten rules: the sample that other tools were tried on."""
    million = 1_000_000
    return [
        result("unique(order_id)", Severity.CRITICAL, outcome, million, 2_023),
        result("matches(email)", Severity.ERROR, Outcome.WARNED, million, 9_989),
        result("range(amount)", Severity.ERROR, Outcome.WARNED, million, 22_415),
        result("range(discount)", Severity.WARNING, Outcome.WARNED, million, 4_000),
        *(result(f"not_null({name})", rows=million) for name in "abcdef"),
    ]


def test_a_failed_key_turns_a_good_file_red():
    scored = score(orders(Outcome.FAILED), received=1_000_000, clean=1_000_000 - 34_427)

    assert (scored.value, scored.grade) == (0.699, Grade.RED)
    assert scored.set_by == "capped by unique(order_id): 2 023 rows"
    assert scored.set_by_check == "unique(order_id)"
    assert scored.cap == 0.699


def test_a_tolerated_key_leaves_the_clean_rows_to_set_the_score():
    tolerated = orders(Outcome.PASSED_WITH_FAILURES)

    scored = score(tolerated, received=1_000_000, clean=1_000_000 - 34_427)

    assert (scored.value, scored.grade) == (0.965, Grade.GREEN)
    assert scored.set_by == "34 427 of 1 000 000 records cannot be used"
    assert scored.set_by_check is None
    assert (scored.clean_row_rate, scored.cap) == (0.965, 1.0)


def test_one_dead_rule_of_thirty_is_not_averaged_away():
    results = [result(f"range({number})") for number in range(29)]
    results.append(result("range(dead)", outcome=Outcome.FAILED, failed=100))

    scored = score(results, received=100, clean=0)

    assert (scored.value, scored.grade) == (0.0, Grade.RED)
    assert scored.rule_score == 0.966


def test_a_check_that_could_not_run_counts_as_nothing_met():
    missing = result("range(gone)", outcome=Outcome.ERRORED, rows=0)
    results = [missing, measure(Outcome.FAILED), result()]

    scored = score(results, received=100, clean=100)

    assert (scored.value, scored.grade, scored.rule_score) == (0.333, Grade.RED, 0.333)
    assert scored.set_by == "set by the rules, most by range(gone), which could not run"
    assert scored.set_by_check == "range(gone)"


@pytest.mark.parametrize("why", ["the file cannot be read", "the column 'id' is missing"])
def test_a_file_that_cannot_be_used_is_worth_nothing(why):
    scored = score([result()], received=100, clean=100, unusable=why)

    assert (scored.value, scored.grade, scored.set_by) == (0.0, Grade.RED, why)
    assert score([], received=0, clean=0, unusable=why).grade is Grade.RED


@pytest.mark.parametrize(
    ("value", "unit", "told"),
    [
        (684.0, "", "684"),
        (0.507527, "share", "50.8 %"),
        (0.9996, "share", "over 99.9 %"),
        (3.5, "day", "3.5 days"),
    ],
)
def test_what_was_measured_is_told_in_its_unit(value, unit, told):
    failed = result("nulls", outcome=Outcome.FAILED, rows=0, value=value, unit=unit)

    scored = score([failed, *[result()] * 30], received=100, clean=100)

    assert scored.set_by == f"capped by nulls: {told}"


def test_what_is_empty_is_never_green():
    empty = [result(outcome=Outcome.NOT_EVALUATED, rows=0)]

    scored = score(empty, received=0, clean=0)

    assert (scored.value, scored.grade) == (0.0, Grade.NO_DATA)
    assert scored.set_by == "no records were received"


def test_what_was_not_checked_is_never_green():
    scored = score([], received=100, clean=100)

    assert (scored.value, scored.grade, scored.rule_score) == (0.899, Grade.AMBER, None)
    assert scored.set_by == "capped because nothing was checked"


def test_records_that_could_not_be_read_are_not_clean():
    scored = score([result(rows=60)], received=100, clean=60)

    assert (scored.value, scored.set_by) == (0.6, "40 of 100 records cannot be used")


@pytest.mark.parametrize(
    ("results", "cap"),
    [
        ([result(outcome=Outcome.FAILED, severity=Severity.CRITICAL, failed=1)], 0.699),
        ([result(outcome=Outcome.ERRORED, severity=Severity.CRITICAL, rows=0)], 0.699),
        ([result(outcome=Outcome.FAILED, failed=1)], 0.899),
        ([result(outcome=Outcome.ERRORED, rows=0)], 0.899),
        ([result(outcome=Outcome.ERRORED, severity=Severity.WARNING, rows=0)], 0.899),
        ([result(outcome=Outcome.ERRORED, severity=Severity.INFO, rows=0)], 0.899),
        ([result(outcome=Outcome.WARNED, failed=1)], 1.0),
        ([result(outcome=Outcome.WARNED, severity=Severity.WARNING, failed=100)], 1.0),
        ([result(outcome=Outcome.WAIVED, severity=Severity.CRITICAL, failed=100)], 1.0),
    ],
)
def test_what_caps_the_score(results, cap):
    others = [result(f"not_null({number})") for number in range(9)]

    assert score([*results, *others], received=100, clean=100).cap == cap


@pytest.mark.parametrize(("unjudged", "cap"), [(1, 1.0), (2, 0.899)])
def test_over_a_fifth_without_a_verdict_cannot_be_green(unjudged, cap):
    late = [result(outcome=Outcome.NOT_EVALUATED, rows=0) for _ in range(unjudged)]
    judged = [result() for _ in range(5 - unjudged)]

    scored = score([*late, *judged], received=100, clean=100)

    assert (scored.cap, scored.rule_score) == (cap, 1.0)
    if cap < 1:
        assert scored.set_by == "capped because 40 % of the checks could not be evaluated"


def test_the_worst_of_several_caps_is_named():
    scored = score(
        [
            result("range(a)", outcome=Outcome.FAILED, failed=90),
            result("unique(b)", Severity.CRITICAL, Outcome.FAILED, failed=2),
            result("unique(c)", Severity.CRITICAL, Outcome.FAILED, failed=3),
            measure(Outcome.FAILED),
        ],
        received=100,
        clean=95,
    )

    assert scored.set_by == "set by the rules, most by row_count: 684"
    only = score([measure(Outcome.FAILED), *[result()] * 30], received=100, clean=100)
    assert (only.value, only.set_by) == (0.899, "capped by row_count: 684")


@pytest.mark.parametrize(
    ("outcome", "met"), [(Outcome.PASSED, 1.0), (Outcome.WARNED, 0.8), (Outcome.FAILED, 0.0)]
)
def test_what_a_measure_counts(outcome, met):
    assert score([measure(outcome)], received=100, clean=100).rule_score == met


def test_weights_are_those_of_severities_unless_a_check_says_otherwise():
    results = [
        result(severity=Severity.CRITICAL),
        result(severity=Severity.ERROR),
        result(severity=Severity.WARNING, outcome=Outcome.WARNED, failed=100),
        result(severity=Severity.INFO, outcome=Outcome.PASSED_WITH_FAILURES, failed=100),
    ]

    assert score(results, received=100, clean=100).rule_score == 0.888
    heavier = result(severity=Severity.WARNING, outcome=Outcome.WARNED, failed=100, weight=8)
    assert score([*results[:2], heavier], received=100, clean=100).rule_score == 0.5


def test_info_and_waived_checks_do_not_count():
    results = [
        result(severity=Severity.INFO, outcome=Outcome.PASSED_WITH_FAILURES, failed=100, weight=9),
        result(severity=Severity.CRITICAL, outcome=Outcome.WAIVED, failed=100),
        result(),
    ]

    scored = score(results, received=100, clean=100)

    assert (scored.value, scored.grade) == (1.0, Grade.GREEN)
    assert scored.set_by == "no check that counts failed"


def test_each_dimension_has_its_own_score():
    results = [
        result(dimension=Dimension.VALIDITY, outcome=Outcome.WARNED, failed=50),
        result(dimension=Dimension.VALIDITY),
        result(dimension=Dimension.COMPLETENESS),
        result(dimension=Dimension.TIMELINESS, outcome=Outcome.NOT_EVALUATED, rows=0),
    ]

    scored = score(results, received=100, clean=100)

    assert scored.dimensions == {"validity": 0.75, "completeness": 1.0}


@given(clean=st.integers(0, 1000), policy=st.sampled_from([Policy(), Policy(0.95, 0.8)]))
def test_a_score_in_thousandths_is_that_score(clean, policy):
    scored = score([result(rows=1000)], received=1000, clean=clean, policy=policy)

    assert scored.value == clean / 1000
    assert scored.grade is policy.grade(clean / 1000)


@pytest.mark.parametrize("rows", [1001, 10**7, 10**15])
def test_one_is_never_reached_by_rounding(rows):
    nearly = [result(outcome=Outcome.PASSED_WITH_FAILURES, rows=rows, failed=1)]

    scored = score(nearly, received=rows, clean=rows)

    assert (scored.value, scored.rule_score) == (0.999, 0.999)
    assert score([result(rows=rows)], received=rows, clean=rows - 1).value == 0.999


def test_a_policy_moves_its_caps():
    failed = [result(outcome=Outcome.FAILED, failed=6), *[result()] * 30]

    scored = score(failed, received=1000, clean=994, policy=Policy(green=0.95, amber=0.8))

    assert (scored.value, scored.grade) == (0.949, Grade.AMBER)


@pytest.mark.parametrize(("green", "amber"), [(0.7, 0.9), (0.9, 0.9), (1.1, 0.7), (0.9, 0)])
def test_a_policy_that_is_none_is_refused(green, amber):
    with pytest.raises(ValueError, match="0 < amber < green <= 1, for example"):
        Policy(green=green, amber=amber)
