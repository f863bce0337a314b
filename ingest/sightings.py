"""Sightings: every look at the landing directory, and what was taken for what.

Sightings only add up: what is known of a landed file is the last of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb

from ingest.model import Arrival, LandedFile, Look
from ingest.sql import literal
from ingest.warehouse import draw, lend, transaction

TABLES = """
CREATE SEQUENCE IF NOT EXISTS pratique.look_ids;
CREATE TABLE IF NOT EXISTS pratique.sightings (
    look_id BIGINT, run_id VARCHAR, landed VARCHAR, name VARCHAR, size BIGINT, mtime_ns BIGINT,
    ctime_ns BIGINT, sidecar_ns BIGINT, sha256 VARCHAR, arrival VARCHAR, file_id BIGINT,
    said VARCHAR, reported BOOLEAN, seen_at TIMESTAMPTZ);
"""

Row = dict[str, int | str | None]
COLUMNS = {
    "landed": "VARCHAR",
    "name": "VARCHAR",
    "size": "BIGINT",
    "mtime_ns": "BIGINT",
    "ctime_ns": "BIGINT",
    "sidecar_ns": "BIGINT",
    "sha256": "VARCHAR",
    "arrival": "VARCHAR",
    "said": "VARCHAR",
}
"""What is told of each landed file, or member of one, in one look."""

UNSETTLED = (Arrival.PARTIAL, Arrival.WAITING)
"""What is tried again, though it looks as it did."""
GONE = (Arrival.VANISHED, Arrival.CLEARED)
"""What is not in the landing directory any more."""

_UNSETTLED = ", ".join(map(literal, UNSETTLED))
_GONE = ", ".join(map(literal, GONE))
LOOKS = f"""(SELECT *, max(look_id) OVER each AS last,
    max(look_id) FILTER (arrival NOT IN ({_UNSETTLED})) OVER each AS last_whole,
    arrival IN ({_UNSETTLED}) AS unsettled, arrival IN ({_GONE}) AS gone
    FROM pratique.sightings WINDOW each AS (PARTITION BY landed))"""
"""SQL of all sightings, with the number of the last look at their landed file, and of the last one
that found it whole, or gone."""


@dataclass(frozen=True)
class Sighting:
    """The last look at a landed file, and what it was taken for."""

    look: Look
    arrival: Arrival
    since_ns: int
    """When it was first seen so."""
    tries: int
    """How often it was partial since it was last whole."""
    unclaimed: tuple[str, ...]
    """Its name, or those of its members, if no contract claimed them."""

    def shows(self, file: LandedFile) -> bool:
        """Whether a landed file still is what it was seen to be."""
        return self.look == file.look and self.arrival not in UNSETTLED

    def tells(self, seen: Seen) -> bool:
        """Whether there is nothing new about a file of which there is nothing to load."""
        known = self.arrival == seen.arrival or seen.name in self.unclaimed
        return self.look == seen.file.look and known


@dataclass(frozen=True)
class Seen:
    """A landed file, or a member of one, of which there is nothing to load."""

    file: LandedFile
    arrival: Arrival
    said: str | None = None
    """Why, as a sentence."""
    member: str = ""
    """What it is called, if it came in a container."""
    packed: str | None = None
    """Hash of the landed file as it came."""

    @property
    def name(self) -> str:
        """What it is known by."""
        return self.member or self.file.name


@dataclass(frozen=True)
class Known:
    """What is known of a name: that of a landed file, or of a member of one."""

    name: str
    arrival: Arrival
    said: str | None
    dataset: str | None
    twin: str | None
    """Name under which its content was loaded."""

    @property
    def remark(self) -> str | None:
        """What explains it, as far as there is something to explain."""
        if self.arrival is Arrival.DUPLICATE:
            return f"has the content of {self.twin}"
        return self.said


@dataclass(frozen=True)
class News:
    """A sighting that was not told of yet."""

    run_id: str
    look_id: int
    landed: str
    name: str
    """What it is called, or what a member of it is."""
    arrival: str
    said: str | None
    dataset: str | None
    file_id: int | None
    version: int | None


def see(con: duckdb.DuckDBPyConnection, run_id: str, seen: str) -> None:
    """Record one look at the landing directory, in the transaction of the caller.

    Args:
        con: The warehouse.
        run_id: The run that looks.
        seen: SQL of what was seen: a row a landed file, or a member of one.
    """
    (look_id,) = draw(con, "look_ids", 1)
    con.execute(
        "INSERT INTO pratique.sightings BY NAME SELECT ? AS look_id, ? AS run_id, landed, name, "
        "size, mtime_ns, ctime_ns, sidecar_ns, sha256, arrival, file_id, said, "
        f"false AS reported, now() AS seen_at FROM ({seen})",
        [look_id, run_id],
    )


def follow(
    con: duckdb.DuckDBPyConnection, run_id: str, arrival: Arrival, landed: Mapping[str, str | None]
) -> None:
    """Record what became of landed files, and of all that came in them, without a new look.

    Args:
        con: The warehouse.
        run_id: The run that found out.
        arrival: What became of them.
        landed: Their names, with what there is to say about each.
    """
    if not landed:
        return
    rows = [{"landed": name, "said": said} for name, said in landed.items()]
    with lend(con, {"landed": "VARCHAR", "said": "VARCHAR"}, rows) as followed, transaction(con):
        see(
            con,
            run_id,
            f"SELECT s.* REPLACE ('{arrival}' AS arrival, f.said AS said) "
            f"FROM {LOOKS} s JOIN {followed} f USING (landed) "
            "WHERE look_id = coalesce(last_whole, last) AND NOT gone",
        )


def last(con: duckdb.DuckDBPyConnection) -> dict[str, Sighting]:
    """The last look at each landed file that was there then, by its name."""
    rows = con.sql(
        f"""SELECT landed,
            any_value((size, mtime_ns, ctime_ns, sidecar_ns)) FILTER (look_id = last),
            any_value(arrival) FILTER (look_id = last),
            max(epoch_us(seen_at)) FILTER (look_id = last) * 1000,
            count(*) FILTER (arrival = '{Arrival.PARTIAL}' AND look_id > coalesce(last_whole, 0)),
            list(name) FILTER (arrival = '{Arrival.UNCLAIMED}' AND look_id = last)
        FROM {LOOKS} WHERE NOT gone GROUP BY landed HAVING bool_or(look_id = last)"""
    ).fetchall()
    return {
        landed: Sighting(tuple(look), Arrival(arrival), since, tries, tuple(unclaimed or ()))
        for landed, look, arrival, since, tries, unclaimed in rows
    }


def known(con: duckdb.DuckDBPyConnection) -> list[Known]:
    """The last that is known of each name that a landed file, or a member of one, has or had."""
    rows = con.sql(
        f"SELECT s.name, s.arrival, s.said, f.dataset, f.name FROM {LOOKS} s "
        "LEFT JOIN pratique.files f USING (file_id) WHERE NOT (unsettled AND look_id < last) "
        "QUALIFY row_number() OVER (PARTITION BY s.name ORDER BY s.look_id DESC) = 1"
    ).fetchall()
    return [Known(name, Arrival(arrival), *others) for name, arrival, *others in rows]


def unreported(con: duckdb.DuckDBPyConnection) -> list[News]:
    """What was seen since somebody was last told, in the order in which it was."""
    rows = con.sql(
        "SELECT s.run_id, s.look_id, s.landed, s.name, s.arrival, s.said, f.dataset, f.file_id, "
        "f.version FROM pratique.sightings s LEFT JOIN pratique.files f USING (file_id) "
        "WHERE NOT s.reported ORDER BY s.look_id, s.name"
    ).fetchall()
    return [News(*row) for row in rows]


def reported(con: duckdb.DuckDBPyConnection) -> None:
    """Record that everybody is told of all that was seen so far."""
    con.execute("UPDATE pratique.sightings SET reported = true WHERE NOT reported")


def describe(file: LandedFile) -> Row:
    """Tell of a landed file what is recorded of each look."""
    size, mtime_ns, ctime_ns, sidecar_ns = file.look
    return {
        "landed": file.name,
        "size": size,
        "mtime_ns": mtime_ns,
        "ctime_ns": ctime_ns,
        "sidecar_ns": sidecar_ns,
    }
