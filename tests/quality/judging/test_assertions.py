"""The assertion for tests of a project."""

import polars as pl
import pytest

from quality import check
from quality.testing import assert_quality

ORDERS = pl.DataFrame(
    {
        "id": [*range(1, 1201), 1200],
        "status": ["new"] * 1100 + ["??"] * 100 + [None],
        "note": [None] * 1201,
    },
    schema_overrides={"note": pl.String},
)


def told(checks, frame=ORDERS):
    with pytest.raises(AssertionError) as broken:
        assert_quality(frame, checks)
    return str(broken.value).splitlines()


def test_what_is_good_is_let_pass():
    assert_quality(
        ORDERS.head(1000), [check("unique", columns=["id"]), {"not_null": {"column": "id"}}]
    )


def test_the_message_is_grouped_by_column_with_real_values():
    assert told(
        [
            check("accepted_values", column="status", values=["new"]),
            check("unique", columns=["id"]),
            check("not_null", column="status"),
            check("row_count", max=1000),
        ]
    ) == [
        "4 of 4 checks did not pass; 101 of 1 201 rows cannot be used",
        "  the whole frame:",
        "    - row_count: the number of rows is 1 201; expected between 1 and 1 000",
        "  id:",
        "    - unique: 2 of 1 201 rows (0.2 %): id is not unique; 1 key repeated, 1 row too many; "
        "for example '1200'",
        "  status:",
        "    - accepted_values: 100 of 1 200 rows (8.3 %): status is not one of new; "
        "for example '??'",
        "    - not_null: 1 of 1 201 rows (under 0.1 %): status is empty; for example null",
    ]


def test_one_failing_row_is_too_many_unless_it_is_allowed():
    (_, _, line) = told([check("not_null", column="status")])
    assert "1 of 1 201 rows" in line

    assert_quality(ORDERS, [check("not_null", column="status", warn_above=1)])


def test_a_warning_breaks_no_test():
    assert_quality(ORDERS, [check("not_null", column="status", severity="warning")])


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        (check("not_null", column="statu"), "could not run: there is no column 'statu'"),
        (check("length", column="note", min=1), "not evaluated: it applies to no row"),
        (check("foreign_key", columns=["id"], to="ids.id"), "nothing of ids has been published"),
    ],
)
def test_what_could_not_be_judged_has_not_passed(broken, why):
    assert why in "\n".join(told([broken]))


def test_the_test_is_shown_and_not_the_helper():
    with pytest.raises(AssertionError) as broken:
        assert_quality(ORDERS, [check("not_null", column="status")])

    assert [place.ishidden(broken) for place in broken.traceback] == [False, True]
