"""Selection: which file versions somebody means by a name, a dataset or a range of days."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from ingest.errors import FileUnknown
from ingest.model import FileVersion, Status
from ingest.succession import STANDING

COLUMNS = "file_id, dataset, name, version, sha256, mtime_ns, produced_ns"
NEWEST = "QUALIFY version = max(version) OVER (PARTITION BY dataset, name)"


def by_name(con: duckdb.DuckDBPyConnection, named: str) -> list[FileVersion]:
    """Find the newest version of a file, or of all files that came in a container.

    Args:
        con: The warehouse.
        named: What the landed file is called, or the member of one; or the number of a version,
            which is the newest, or stands.

    Raises:
        FileUnknown: Nothing that was received goes by it, or a newer version took its place.
    """
    number = int(named) if named.isascii() and named.isdigit() and len(named) < 19 else None
    found = con.execute(
        f"""WITH newest AS (SELECT {COLUMNS} FROM pratique.files {NEWEST})
        FROM newest WHERE name = $name OR file_id = $number
        OR file_id IN (SELECT file_id FROM pratique.sightings WHERE landed = $name)
        UNION SELECT {COLUMNS} FROM pratique.files WHERE file_id = $number
        AND file_id IN (SELECT file_id FROM pratique.loads WHERE {STANDING}) ORDER BY file_id""",
        {"name": named, "number": number},
    ).fetchall()
    if found:
        return [FileVersion(*row) for row in found]
    older = con.execute(
        "SELECT o.name, o.version, n.file_id, n.version FROM pratique.files o "
        f"JOIN (FROM pratique.files {NEWEST}) n USING (dataset, name) WHERE o.file_id = ?",
        [number],
    ).fetchall()
    for name, version, newer_id, newer in older:
        raise FileUnknown(
            f"file {named} is version {version} of {name}, which version {newer} took the place "
            f"of; that is file {newer_id}"
        )
    raise FileUnknown(
        f"{named} was never received; `pratique files` tells what was, by name and by number"
    )


def by_id(con: duckdb.DuckDBPyConnection, file_ids: Sequence[int]) -> list[FileVersion]:
    """Find file versions by their numbers.

    Args:
        con: The warehouse.
        file_ids: The numbers.
    """
    rows = con.execute(
        f"SELECT {COLUMNS} FROM pratique.files WHERE file_id IN (SELECT unnest(?)) "
        "ORDER BY produced_ns, file_id",
        [[*file_ids]],
    ).fetchall()
    return [FileVersion(*row) for row in rows]


def by_dataset(
    con: duckdb.DuckDBPyConnection,
    dataset: str,
    since_ns: int | None = None,
    until_ns: int | None = None,
) -> list[FileVersion]:
    """Find the newest version of each of a dataset's files that nobody turned away.

    Args:
        con: The warehouse.
        dataset: Name of the dataset.
        since_ns: The moment from which on their content was made.
        until_ns: The moment before which it was made.
    """
    rows = con.execute(
        f"""FROM (SELECT {COLUMNS} FROM pratique.files WHERE dataset = $dataset
            AND file_id NOT IN (SELECT file_id FROM pratique.loads GROUP BY file_id
                HAVING arg_max(status, load_id) = '{Status.REJECTED}'
                AND NOT bool_or({STANDING})) {NEWEST})
        WHERE produced_ns >= coalesce($since, produced_ns)
        AND produced_ns < coalesce($until, produced_ns + 1)
        ORDER BY produced_ns, file_id""",
        {"dataset": dataset, "since": since_ns, "until": until_ns},
    ).fetchall()
    return [FileVersion(*row) for row in rows]


def versions(con: duckdb.DuckDBPyConnection, named: str) -> list[FileVersion]:
    """All versions of a file, the first one first.

    Raises:
        FileUnknown: No file that was received has that name.
    """
    rows = con.execute(
        f"SELECT {COLUMNS} FROM pratique.files WHERE name = ? ORDER BY dataset, version",
        [named],
    ).fetchall()
    if not rows:
        raise FileUnknown(f"{named} was never received; `pratique files` tells what was")
    return [FileVersion(*row) for row in rows]
