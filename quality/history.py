"""What was recorded of the loads, read back for reports and for checks that compare."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from quality.context import Past
from quality.model import Dimension, Grade, Outcome, Severity
from quality.recording import RESULTS, SCORES
from quality.result import CheckResult, Overlap
from quality.view import Account, LoadView, RunView, Waiver

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MOST_PAST = 1000
"""Loads that a check can look back on."""


def datasets(con: DuckDBPyConnection) -> tuple[str, ...]:
    """Every dataset that was ever judged, by name."""
    rows = con.execute("SELECT DISTINCT dataset FROM pratique.scores ORDER BY ALL").fetchall()
    return tuple(name for (name,) in rows)


def latest(con: DuckDBPyConnection, dataset: str) -> tuple[LoadView, ...]:
    """The loads of the dataset's latest run, in the order they were loaded."""
    runs = trend(con, dataset, 1)
    return loads(con, dataset, runs[-1].run_id) if runs else ()


def loads(con: DuckDBPyConnection, dataset: str, run_id: str) -> tuple[LoadView, ...]:
    """The loads of the dataset in one run, in the order they were loaded."""
    return _loads(con, "dataset = ? AND run_id = ? ORDER BY load_id", [dataset, run_id])


def recent(con: DuckDBPyConnection, dataset: str, limit: int) -> tuple[LoadView, ...]:
    """The dataset's last loads, oldest first."""
    last = "dataset = ? ORDER BY judged_at DESC, load_id DESC LIMIT ?"
    return _loads(con, last, [dataset, limit])[::-1]


def held(con: DuckDBPyConnection, dataset: str) -> tuple[LoadView, ...]:
    """The dataset's loads that wait for a person, but for those that a newer version overtook."""
    newest = "version = max(version) OVER (PARTITION BY file)"
    return _loads(
        con, f"dataset = ? QUALIFY status = 'held' AND {newest} ORDER BY load_id", [dataset]
    )


def trend(con: DuckDBPyConnection, dataset: str, limit: int = 30) -> tuple[RunView, ...]:
    """The dataset's last runs, oldest first."""
    worst = " ".join(f"WHEN '{grade.label}' THEN {grade.value}" for grade in Grade)
    rows = con.execute(
        f"SELECT run_id, epoch_us(max(judged_at)), min(score), max(CASE grade {worst} END), "
        "count(*), sum(received)::BIGINT, arg_max(rule_set_fingerprint, load_id) "
        "FROM pratique.scores WHERE dataset = ? GROUP BY run_id "
        "ORDER BY max(judged_at) DESC, max(load_id) DESC LIMIT ?",
        [dataset, limit],
    ).fetchall()
    return tuple(
        RunView(run_id, moment(at), score, Grade(grade), files, received, fingerprint)
        for run_id, at, score, grade, files, received, fingerprint in reversed(rows)
    )


def account(con: DuckDBPyConnection, load: LoadView) -> Account:
    """A load with all that was found in it."""
    return Account(load, results(con, load.load_id), overlaps(con, load.load_id))


def overlaps(con: DuckDBPyConnection, load_id: int) -> tuple[Overlap, ...]:
    """Which checks failed together in one load, and how often."""
    rows = con.execute(
        "SELECT checks, records, others FROM pratique.overlaps WHERE load_id = ? ORDER BY rowid",
        [load_id],
    ).fetchall()
    return tuple(Overlap(tuple(json.loads(keys)), *rest) for keys, *rest in rows)


def results(con: DuckDBPyConnection, load_id: int) -> tuple[CheckResult, ...]:
    """What every check found in one load, in the order of the contract."""
    rows = con.execute(
        "SELECT * REPLACE (epoch_us(period) AS period, epoch_us(waits_until) AS waits_until) "
        "FROM pratique.results WHERE load_id = ? ORDER BY rowid",
        [load_id],
    ).fetchall()
    return tuple(check_result(dict(zip(RESULTS, row, strict=True))) for row in rows)


def past(con: DuckDBPyConnection, dataset: str, but: Iterable[str], check: str) -> tuple[Past, ...]:
    """What a check measured in the published loads of a dataset's other files, the latest last.

    Args:
        dataset: Name of the dataset.
        but: Names of the files whose loads do not count.
        check: Key of the check.
    """
    rows = con.execute(
        "SELECT epoch_us(moment), value, detail FROM ("
        "  SELECT coalesce(r.period, s.judged_at) AS moment, r.value, r.detail, load_id"
        "  FROM pratique.results r JOIN pratique.scores s USING (load_id)"
        '  WHERE s.dataset = ? AND s.file NOT IN (SELECT unnest(?)) AND r."check" = ?'
        "  AND s.status = 'published'"
        "  QUALIFY row_number() OVER (PARTITION BY s.file ORDER BY load_id DESC) = 1"
        "  ORDER BY moment DESC, load_id DESC LIMIT ?) ORDER BY moment, load_id",
        [dataset, list(but), check, MOST_PAST],
    ).fetchall()
    return tuple(Past(moment(at), value, json.loads(detail)) for at, value, detail in rows)


def check_result(row: Mapping[str, Any]) -> CheckResult:
    """A row of `pratique.results` as the result it was made from."""
    return CheckResult(
        **{name: row[name] for name in CheckResult.__dataclass_fields__}
        | {
            "columns": tuple(json.loads(row["columns"])),
            "severity": Severity[row["severity"].upper()],
            "dimension": Dimension(row["dimension"]),
            "outcome": Outcome(row["outcome"]),
            "unwaived": _outcome(row["unwaived"]),
            "published_outcome": _outcome(row["published_outcome"]),
            "period": _moment_or_none(row["period"]),
            "waits_until": _moment_or_none(row["waits_until"]),
            "detail": json.loads(row["detail"]),
            "examples": tuple(json.loads(row["examples"])),
            "tags": tuple(json.loads(row["tags"])),
        }
    )


def _outcome(word: str | None) -> Outcome | None:
    return None if word is None else Outcome(word)


def _loads(con: DuckDBPyConnection, which: str, values: list[Any]) -> tuple[LoadView, ...]:
    rows = con.execute(
        f"SELECT * REPLACE (epoch_us(judged_at) AS judged_at) FROM pratique.scores WHERE {which}",
        values,
    ).fetchall()
    return tuple(_load_view(dict(zip(SCORES, row, strict=True))) for row in rows)


def _load_view(row: dict[str, Any]) -> LoadView:
    names = LoadView.__dataclass_fields__
    return LoadView(
        **{name: row[name] for name in names if name in row}
        | {
            "judged_at": moment(row["judged_at"]),
            "grade": Grade[row["grade"].upper()],
            "dimensions": json.loads(row["dimensions"]),
            "thresholds": json.loads(row["thresholds"]),
            "waivers": tuple(Waiver(**each) for each in json.loads(row["waivers"])),
        }
    )


def _moment_or_none(microseconds: int | None) -> datetime | None:
    return None if microseconds is None else moment(microseconds)


def moment(microseconds: int) -> datetime:
    """A moment in UTC, of its microseconds since 1970."""
    # Fetching TIMESTAMPTZ as a datetime would need pytz.
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
