"""rows_complete: a value in each of several columns."""

from __future__ import annotations

import narwhals as nw

from quality.arguments import Columns
from quality.rule import Example, rule


@rule(
    dimension="completeness",
    expects="filled in",
    fault=lambda given: "{columns} is " + ("empty" if len(given["columns"]) == 1 else "incomplete"),
    nulls="judge",
    examples=[
        Example(
            {"columns": ["street", "city"]},
            good={"street": ["Quai 1", ""], "city": ["Brest", "Nantes"]},
            bad={"street": ["Quai 1", None, None], "city": [None, "Nantes", None]},
        ),
    ],
)
def rows_complete(columns: Columns) -> nw.Expr:
    """There is a value in every one of some columns.

    Some columns are of use only together: an amount without its currency, a street without a town.
    One check says so, and counts a row once however much of it is missing.

    Instead: where it matters which column is empty, give each its own `not_null`. Where one of
    them is enough use `at_least_one_of`.

    Also known as: rows_complete (pointblank), areComplete (Deequ), not_null of many columns (dbt).

    Args:
        columns: The columns that must all be filled in.
    """
    return nw.all_horizontal(*(~nw.col(name).is_null() for name in columns), ignore_nulls=False)
