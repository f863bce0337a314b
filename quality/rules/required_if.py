"""required_if: values that a condition makes necessary."""

from __future__ import annotations

from quality.arguments import Written
from quality.condition import Condition, Sql
from quality.rule import Example, rule
from quality.sql import quoted


@rule(
    dimension="consistency",
    subject="{then}",
    expects="filled in where {when}",
    fault="{subject} is empty where {when}",
    nulls="judge",
    examples=[
        Example(
            {"when": "status = 'shipped'", "then": ["shipped_at"]},
            good={"status": ["shipped", "open", None], "shipped_at": ["May", None, None]},
            bad={"status": ["shipped", "shipped"], "shipped_at": [None, None]},
        ),
    ],
)
def required_if(when: Sql, then: Written) -> Condition:
    """Where a condition holds, there is a value in every one of some columns.

    A field that may be empty in general is indispensable in some cases: an order that has been
    shipped has a day on which it was, a flight that was cancelled has a reason.

    Instead: where the field is always needed use `not_null`. For another rule than presence give
    that rule a `where`. Where the condition is null, nothing is required.

    Also known as: isCompleteIf (Deequ), if and then with required (JSON Schema), row_condition
    with expect_column_values_to_not_be_null (Great Expectations), not_null with where (dbt).

    Args:
        when: The condition, in SQL, on the columns of one row.
        then: The columns that are to be filled in where it holds.
    """
    filled = " AND ".join(f"{quoted(name)} IS NOT NULL" for name in then)
    return Condition(f"CASE WHEN ({when}\n) THEN {filled} END")
