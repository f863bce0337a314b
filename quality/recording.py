"""What every load scored and what every check found, recorded in the warehouse.

Reports are rendered from these aggregates, never from the data.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from quality.model import Grade
from quality.result import CheckResult, Overlap
from quality.view import Waiver

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from quality.scoring import Score

SCORES = {
    "run_id": "VARCHAR",
    "load_id": "BIGINT",
    "dataset": "VARCHAR",
    "file": "VARCHAR",
    "version": "INTEGER",
    "judged_at": "TIMESTAMPTZ",
    "status": "VARCHAR",
    "error": "VARCHAR",
    "received": "BIGINT",
    "loaded": "BIGINT",
    "quarantined": "BIGINT",
    "skipped": "BIGINT",
    "rejected": "BIGINT",
    "clean": "BIGINT",
    "score": "DOUBLE",
    "grade": "VARCHAR",
    "set_by": "VARCHAR",
    "set_by_check": "VARCHAR",
    "rule_score": "DOUBLE",
    "clean_row_rate": "DOUBLE",
    "cap": "DOUBLE",
    "published_score": "DOUBLE",
    "unwaived_score": "DOUBLE",
    "dimensions": "JSON",
    "thresholds": "JSON",
    "rule_set_fingerprint": "VARCHAR",
    "contract_version": "VARCHAR",
    "owner": "VARCHAR",
    "description": "VARCHAR",
    "waivers": "JSON",
}
"""The columns of `pratique.scores`, with their types."""

RESULTS = {
    "load_id": "BIGINT",
    "check": "VARCHAR",
    "rule": "VARCHAR",
    "columns": "JSON",
    "severity": "VARCHAR",
    "dimension": "VARCHAR",
    "outcome": "VARCHAR",
    "rows": "BIGINT",
    "failed": "BIGINT",
    "subject": "VARCHAR",
    "expected": "VARCHAR",
    "message": "VARCHAR",
    "weight": "DOUBLE",
    "value": "DOUBLE",
    "unit": "VARCHAR",
    "low": "DOUBLE",
    "high": "DOUBLE",
    "period": "TIMESTAMPTZ",
    "detail": "JSON",
    "keys": "BIGINT",
    "surplus": "BIGINT",
    "sole": "BIGINT",
    "unwaived": "VARCHAR",
    "published_rows": "BIGINT",
    "published_failed": "BIGINT",
    "published_outcome": "VARCHAR",
    "waits_until": "TIMESTAMPTZ",
    "on_fail": "VARCHAR",
    "examples": "JSON",
    "description": "VARCHAR",
    "owner": "VARCHAR",
    "tags": "JSON",
}
"""The columns of `pratique.results`, with their types."""
OVERLAPS = {
    "load_id": "BIGINT",
    "checks": "JSON",
    "records": "BIGINT",
    "others": "BOOLEAN",
}
"""The columns of `pratique.overlaps`, with their types."""
_TABLES = {"scores": SCORES, "results": RESULTS, "overlaps": OVERLAPS}


@dataclass(frozen=True)
class Judged:
    """One load and what was found in it; or, when it could not be judged, why not."""

    run_id: str
    load_id: int
    dataset: str
    file: str
    version: int
    judged_at: datetime
    received: int
    """Records in the file."""
    rejected: int = 0
    """Of those, how many could not be read."""
    clean: int = 0
    """Of those, parsable and without a critical or error failure."""
    score: Score | None = None
    """Missing when the load was rejected or failed: it then counts as 0 and red."""
    thresholds: Mapping[str, float] | None = None
    """The lowest score of each grade: `{"green": 0.9, "amber": 0.7}`."""
    rule_set_fingerprint: str = ""
    contract_version: str | None = None
    owner: str | None = None
    """Whom to ask about the dataset."""
    description: str | None = None
    """What the dataset is."""
    waivers: tuple[Waiver, ...] = ()
    """Those that were in force."""
    results: tuple[CheckResult, ...] = ()
    overlaps: tuple[Overlap, ...] = ()
    error: str | None = None


def create(con: DuckDBPyConnection) -> None:
    """Make the tables `pratique.scores`, `.results` and `.overlaps` unless they are there."""
    con.execute("CREATE SCHEMA IF NOT EXISTS pratique")
    for table, columns in _TABLES.items():
        body = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
        con.execute(f"CREATE TABLE IF NOT EXISTS pratique.{table} ({body})")


def exists(con: DuckDBPyConnection) -> bool:
    """Whether the tables are there, in the database that is in use."""
    found = con.execute(
        "SELECT count(*) FROM duckdb_tables() WHERE database_name = current_database() "
        "AND schema_name = 'pratique' AND table_name IN (SELECT unnest(?))",
        [list(_TABLES)],
    ).fetchall()
    return bool(found == [(len(_TABLES),)])


def record(con: DuckDBPyConnection, *judged: Judged) -> None:
    """Store loads, each in the place of what was stored under its load_id.

    Runs inside the caller's transaction, so that a verdict and the stage it ends commit together.
    """
    load_ids = [each.load_id for each in judged]
    for table in _TABLES:
        con.execute(f"DELETE FROM pratique.{table} WHERE load_id IN (SELECT unnest(?))", [load_ids])
    _insert(con, "scores", SCORES, [_score_row(each) for each in judged])
    results = [_result_row(each.load_id, r) for each in judged for r in each.results]
    _insert(con, "results", RESULTS, results)
    overlaps = [{"load_id": j.load_id, **asdict(found)} for j in judged for found in j.overlaps]
    if overlaps:
        _insert(con, "overlaps", OVERLAPS, overlaps)


@dataclass(frozen=True)
class Settled:
    """What became of a judged load."""

    load_id: int
    status: str
    """`published`, `held`, `rejected` or `failed`."""
    loaded: int
    quarantined: int
    skipped: int


def settle(con: DuckDBPyConnection, *settled: Settled) -> None:
    """Fill in what became of judged loads; runs inside the transaction that publishes them."""
    rows = json.dumps([asdict(each) for each in settled])
    shape = json.dumps([{name: SCORES[name] for name in Settled.__dataclass_fields__}])
    con.execute(
        "UPDATE pratique.scores SET status = s.status, loaded = s.loaded, "
        "quarantined = s.quarantined, skipped = s.skipped "
        "FROM (SELECT unnest(from_json(?, ?), recursive := true)) s "
        "WHERE scores.load_id = s.load_id",
        [rows, shape],
    )


def kept(detail: Mapping[str, Any]) -> dict[str, Any]:
    """What a check keeps, as it is read back once it is recorded."""
    found: dict[str, Any] = json.loads(_text(_finite(detail)))
    return found


def _insert(
    con: DuckDBPyConnection, table: str, columns: Mapping[str, str], rows: list[dict[str, Any]]
) -> None:
    # One statement for all rows, as JSON: five times as fast as a statement for each.
    names = ", ".join(f'r."{name}"' for name in columns)
    shape = json.dumps([dict(columns)])
    con.execute(
        f"INSERT INTO pratique.{table} SELECT {names} FROM (SELECT unnest(from_json(?, ?)) AS r)",
        [_text(rows), shape],
    )


def _score_row(judged: Judged) -> dict[str, Any]:
    row = {name: getattr(judged, name, None) for name in SCORES}
    row |= {
        "judged_at": judged.judged_at.isoformat(),
        "thresholds": judged.thresholds or {},
        "waivers": [asdict(each) for each in judged.waivers],
    }
    score = judged.score
    if score is None:
        grade, set_by = Grade.RED.label, judged.error or "could not be judged"
        not_judged = {"status": "rejected", "score": 0.0, "grade": grade, "set_by": set_by}
        return row | not_judged | {"dimensions": {}}
    return row | {
        "status": "judged",
        "score": score.value,
        "grade": score.grade.label,
        "set_by": score.set_by,
        "set_by_check": score.set_by_check,
        "rule_score": score.rule_score,
        "clean_row_rate": score.clean_row_rate,
        "cap": score.cap,
        "published_score": score.published,
        "unwaived_score": score.unwaived,
        "dimensions": dict(score.dimensions),
    }


def _result_row(load_id: int, result: CheckResult) -> dict[str, Any]:
    row = {name: getattr(result, name, None) for name in RESULTS}
    return row | {
        "load_id": load_id,
        "severity": result.severity.label,
        "dimension": result.dimension.value,
        "outcome": result.outcome.value,
        "value": _finite(result.value),
        "low": _finite(result.low),
        "high": _finite(result.high),
        "period": _told(result.period),
        "waits_until": _told(result.waits_until),
        "detail": _finite(result.detail),
        "examples": _finite(result.examples),
    }


def _text(document: Any) -> str:
    return json.dumps(document, default=str, allow_nan=False)


def _told(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _finite(value: Any) -> Any:
    # JSON knows neither NaN nor infinity; in a report their name says enough.
    if isinstance(value, Mapping):
        return {name: _finite(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(each) for each in value]
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value
