"""Links: the columns of one table whose values are keys of another."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

import duckdb

from quality.profiling.model import ColumnProfile, Family, Profile
from quality.sql import quoted

LEAST_FOUND = Fraction(4, 5)
"""Share of the values that another table must know for a column that is called like its key."""
LEAST_STRANGE = Fraction(9, 10)
"""The same for a column that is called otherwise."""
MANY, SOME = 20, 3
"""Different values of a column that is called otherwise, to say anything; with only some, all must
be known."""
LONGEST = 60
"""Characters of a key."""


@dataclass(frozen=True)
class Parent:
    """A column that tells the rows of a dataset apart."""

    dataset: str
    column: str
    relation: duckdb.DuckDBPyRelation
    family: Family
    rows: int


@dataclass(frozen=True)
class Link:
    """A column whose values are found in a key of another dataset."""

    column: str
    parent: Parent
    rows: int
    """Rows that have a value."""
    found: int
    """Of those, how many have one that the other dataset has."""
    named: bool
    """Whether it is called as what it refers to is."""

    @property
    def share(self) -> Fraction:
        """The values that are found, of all."""
        return Fraction(self.found, self.rows)


def find_links(
    con: duckdb.DuckDBPyConnection,
    relation: duckdb.DuckDBPyRelation,
    profile: Profile,
    parents: Sequence[Parent],
) -> tuple[Link, ...]:
    """Find the columns that refer to other datasets, each with the one that fits best.

    Args:
        con: The connection of all relations.
        relation: The table.
        profile: Its profile.
        parents: What may be referred to.
    """
    found = []
    for column in profile.columns:
        if not _may_refer(column, profile):
            continue
        links = [
            link
            for parent in parents
            if parent.family is column.family
            and (link := _link(con, relation, column, parent)) is not None
        ]
        found += sorted(links, key=lambda e: (not e.named, -e.share, e.parent.rows))[:1]
    return tuple(found)


def parents_of(
    dataset: str, relation: duckdb.DuckDBPyRelation, profile: Profile
) -> Iterator[Parent]:
    """Give the columns of a profiled table by which others may refer to it."""
    for key in profile.keys:
        if len(key.columns) == 1:
            column = profile.column(key.columns[0])
            yield Parent(dataset, column.name, relation, column.family, column.rows)


def _may_refer(column: ColumnProfile, profile: Profile) -> bool:
    """Whether a column may be a reference: a code or a number, and not the table's own key."""
    if not column.values or any(key.columns == (column.name,) for key in profile.keys[:1]):
        return False
    if column.family is Family.NUMBER:
        return "INT" in column.type
    return column.texts is not None and column.texts.longest <= LONGEST


def _link(
    con: duckdb.DuckDBPyConnection,
    relation: duckdb.DuckDBPyRelation,
    column: ColumnProfile,
    parent: Parent,
) -> Link | None:
    named = alike(column.name, parent.dataset, parent.column)
    if not named and (column.family is Family.NUMBER or column.distinct < SOME):
        return None  # small numbers are found among the keys of anything
    ((rows, found, distinct, known),) = con.execute(
        "SELECT sum(n), coalesce(sum(n) FILTER (k IS NOT NULL), 0), count(*), count(k) FROM "
        f"(SELECT {quoted(column.name)} AS v, count(*) AS n FROM ({relation.sql_query()}) "
        f"WHERE v IS NOT NULL GROUP BY v) LEFT JOIN (SELECT DISTINCT {quoted(parent.column)} AS k "
        f"FROM ({parent.relation.sql_query()})) ON v = k"
    ).fetchall()
    link = Link(column.name, parent, int(rows), int(found), named)
    if named:
        return link if link.share >= LEAST_FOUND else None
    enough = link.share >= LEAST_STRANGE if distinct >= MANY else known == distinct
    return link if enough else None


def alike(column: str, dataset: str, key: str) -> bool:
    """Whether a column is called as the key of a dataset: `customer_id` for `customers.id`."""
    name, key, one = _plain(column), _plain(key), _singular(_plain(dataset))
    return name == key != "id" or name in (one, one + key, one + "id", one + "code", one + "no")


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _singular(name: str) -> str:
    if name.endswith("ies"):
        return name[:-3] + "y"
    return name.removesuffix("s")
