"""foreign_key: a key that another dataset has."""

from __future__ import annotations

from quality.arguments import Columns, Reference
from quality.frames import Frame
from quality.rule import Example, rule


@rule(
    dimension="consistency",
    expects="found in {to}",
    finds="{keys} unknown",
    separable=True,
    examples=[
        Example(
            {"columns": ["tailnum"], "to": "planes.tailnum"},
            good={"tailnum": ["N1", "N2", "N1", None]},
            bad={"tailnum": ["N3", "n1", ""]},
            references={"planes": {"tailnum": ["N1", "N2", None]}},
        ),
        Example(
            {"columns": ["a", "b"], "to": {"dataset": "routes", "columns": ["origin", "dest"]}},
            good={"a": ["JFK", None], "b": ["SFO", "JFK"]},
            bad={"a": ["SFO"], "b": ["JFK"]},
            references={"routes": {"origin": ["JFK"], "dest": ["SFO"]}},
        ),
    ],
)
def foreign_key(frame: Frame, reference: Frame, columns: Columns, to: Reference) -> Frame:
    """Every key is one that another dataset has.

    A row that refers to nothing drops out of every join: the flights of an unknown airport are
    missing from the report by airport, and nothing says so.

    The other dataset is what has been published of it. If nothing has, the check is not evaluated,
    because thousands of orphans would only say that one file is late. A key with a null in it is
    not judged, as in SQL; add `not_null` where it must be there.

    Instead: for a short list that never changes use `accepted_values`.

    Also known as: relationships (dbt), valid_reference_data (Soda), foreign_key (DQX),
    foreign-key (Frictionless), ReferentialIntegrity (AWS Glue), col_vals_in_table (pointblank).

    Args:
        columns: The columns that make the key together.
        to: Where the key must be found: `planes.tailnum`, or `{dataset: routes, columns: [a, b]}`.
    """
    if len(columns) != len(to.columns):
        raise ValueError(
            f"{len(columns)} columns cannot refer to {len(to.columns)} of {to.dataset}"
        )
    # Each key once: a million flights of a thousand planes are a thousand look-ups.
    keys = frame.group_by(*columns).agg()
    return keys.join(reference, left_on=columns, right_on=to.columns, how="anti")
