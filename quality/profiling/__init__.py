"""Profiling: what is in a table, column by column and across columns, without being asked for it.

Everything is counted in DuckDB and in sets; what is held in Python is what is told.
"""

from __future__ import annotations

import duckdb

from quality.profiling.columns import read_column
from quality.profiling.groups import sampled, table_of
from quality.profiling.keys import find_keys
from quality.profiling.links import Link, Parent, find_links, parents_of
from quality.profiling.model import (
    ColumnProfile,
    Counted,
    Family,
    Key,
    Ordering,
    Profile,
    document,
    masked,
)
from quality.profiling.pairs import find_correlations, find_orderings
from quality.profiling.scan import scan

__all__ = [
    "ColumnProfile",
    "Counted",
    "Family",
    "Key",
    "Link",
    "Ordering",
    "Parent",
    "Profile",
    "document",
    "find_links",
    "masked",
    "parents_of",
    "profile",
]


def profile(con: duckdb.DuckDBPyConnection, relation: duckdb.DuckDBPyRelation) -> Profile:
    """Profile a relation.

    Columns of very many values are counted in a sample, and the number of their values is an
    estimate; their profile says so.

    Args:
        con: The connection that the relation belongs to; its temporary tables are used.
        relation: The columns with their types, and nothing else.
    """
    table = table_of(con, relation)
    facts = scan(table)
    with sampled(table) as sample:
        columns = tuple(read_column(table, sample, name, facts[name]) for name in table.names)
        return Profile(
            rows=table.rows,
            columns=columns,
            keys=find_keys(table, sample, columns),
            correlations=find_correlations(sample, columns),
            orderings=find_orderings(table, sample, columns),
        )
