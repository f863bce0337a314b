"""A dataset after its latest run, gathered from the history for a report."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from quality import explanation, history
from quality.explanation import Explanation
from quality.model import Dimension, Grade, Outcome, Severity
from quality.view import (
    BADNESS,
    Account,
    Cell,
    CheckView,
    Course,
    DatasetView,
    Example,
    LoadView,
    Point,
)

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MOST_LOADS = 50
"""Files that a report lists; of more, the worst."""
MOST_POINTS = 40
"""Files of which the course of a check is shown."""
LEAST_POINTS = 3
"""Files that make a course."""
RECENT_LOADS = 14
"""Files of earlier runs that a file is shown beside when it came alone."""


def read_view(con: DuckDBPyConnection, dataset: str) -> DatasetView | None:
    """The dataset as a report shows it, or nothing when no file of it was ever judged."""
    runs = history.trend(con, dataset)
    if not runs:
        return None
    loads = history.loads(con, dataset, runs[-1].run_id)
    worst_first = _worst_first(loads)
    worst_ids = {each.load_id for each in worst_first[:MOST_LOADS]}
    shown = tuple(each for each in loads if each.load_id in worst_ids)
    compared = shown if len(shown) > 1 else history.recent(con, dataset, RECENT_LOADS)
    previous = runs[-2] if len(runs) > 1 else None
    checks = _checks(con, dataset, runs[-1].run_id)
    return DatasetView(
        dataset=dataset,
        run=runs[-1],
        previous=previous,
        runs=runs,
        worst=worst_first[0],
        thresholds=next((each.thresholds for each in loads if each.thresholds), {}),
        loads=shown,
        compared=compared,
        held=history.held(con, dataset),
        files={grade: n for grade in Grade if (n := sum(each.grade == grade for each in loads))},
        received=sum(each.received for each in loads),
        loaded=sum(each.loaded or 0 for each in loads),
        quarantined=sum(each.quarantined or 0 for each in loads),
        skipped=sum(each.skipped or 0 for each in loads),
        dimensions=_lowest_dimensions(loads),
        checks=checks,
        previous_checks={c.check: c for c in _checks(con, dataset, previous.run_id)}
        if previous
        else {},
        cells=_cells(con, [each.load_id for each in compared]),
        account=history.account(con, worst_first[0]),
        courses=_courses(con, dataset, checks),
    )


def read_views(con: DuckDBPyConnection) -> tuple[DatasetView, ...]:
    """Every dataset that was ever judged, by name."""
    views = (read_view(con, dataset) for dataset in history.datasets(con))
    return tuple(view for view in views if view)


def accounts(con: DuckDBPyConnection, dataset: str) -> tuple[Account, ...]:
    """All files of the dataset's latest run with all that was found in them, the worst first."""
    return tuple(history.account(con, each) for each in _worst_first(history.latest(con, dataset)))


def explain(con: DuckDBPyConnection, dataset: str, most: int) -> tuple[Explanation, ...]:
    """Explain the scores of the dataset's latest run, and of what is held of runs before.

    Args:
        con: The warehouse.
        dataset: Name of the dataset.
        most: How many files at most; the worst come first.
    """
    loads = {each.load_id: each for each in history.held(con, dataset)}
    loads |= {each.load_id: each for each in history.latest(con, dataset)}
    chosen = _worst_first(tuple(loads.values()))[:most]
    return tuple(explanation.explain(history.account(con, each)) for each in chosen)


def _worst_first(loads: Sequence[LoadView]) -> list[LoadView]:
    return sorted(loads, key=lambda each: (-each.grade, each.score or 0.0, each.load_id))


def _lowest_dimensions(loads: tuple[LoadView, ...]) -> dict[str, float]:
    found = [item for load in loads for item in load.dimensions.items()]
    return {
        dimension.value: min(scores)
        for dimension in Dimension
        if (scores := [score for name, score in found if name == dimension])
    }


def _checks(con: DuckDBPyConnection, dataset: str, run_id: str) -> tuple[CheckView, ...]:
    badness = " ".join(f"WHEN '{outcome}' THEN {i}" for i, outcome in enumerate(BADNESS))
    found = con.execute(
        f"""
        WITH found AS (
            SELECT r.*, s.file, CASE r.outcome {badness} END AS badness,
                   coalesce(r.failed / nullif(r.rows, 0), 0) AS share,
                   r.weight * CASE WHEN r."rows" > 0 THEN share
                                   WHEN r.outcome IN ('errored', 'failed') THEN 1.0
                                   WHEN r.outcome = 'warned' THEN 0.2 ELSE 0.0 END AS cost,
                   row_number() OVER (PARTITION BY r."check" ORDER BY badness DESC, share DESC,
                                      r.load_id DESC) AS place
            FROM pratique.results r JOIN pratique.scores s USING (load_id)
            WHERE s.dataset = ? AND s.run_id = ?
        ), total AS (
            SELECT "check", sum("rows")::BIGINT AS all_rows, sum(failed)::BIGINT AS all_failed,
                   count(*) AS files,
                   count(*) FILTER (failed > 0 OR outcome IN ('warned', 'errored', 'failed'))
                       AS files_failed
            FROM found GROUP BY ALL
        )
        SELECT "check", rule, columns, severity, dimension, outcome, all_rows AS "rows",
               all_failed AS failed, expected, message, files, files_failed, file AS worst_file,
               "rows" AS worst_rows, failed AS worst_failed, examples,
               value, unit, description, owner
        FROM found JOIN total USING ("check") WHERE place = 1
        ORDER BY badness DESC, cost DESC, "check"
        """,
        [dataset, run_id],
    )
    names = [column[0] for column in found.description]
    return tuple(_check_view(dict(zip(names, row, strict=True))) for row in found.fetchall())


def _check_view(row: dict[str, Any]) -> CheckView:
    examples = json.loads(row["examples"])
    converted = {
        "columns": tuple(json.loads(row["columns"])),
        "severity": Severity[row["severity"].upper()],
        "dimension": Dimension(row["dimension"]),
        "outcome": Outcome(row["outcome"]),
        "examples": tuple(Example.of(row["worst_file"], each) for each in examples),
    }
    return CheckView(**row | converted)


def _courses(
    con: DuckDBPyConnection, dataset: str, checks: Sequence[CheckView]
) -> tuple[Course, ...]:
    """What checks that compare times measured in the last files, if that says anything."""
    keys = {check.check: check.unit for check in checks if not check.rows}
    if not keys:
        return ()
    rows = con.execute(
        """
        SELECT "check", epoch_us(period), measured, low, high, outcome FROM (
            SELECT r."check", r.period, r.low, r.high, r.outcome, r.load_id,
                   coalesce(r.value, try_cast(r.detail ->> 'value' AS DOUBLE)) AS measured
            FROM pratique.results r JOIN pratique.scores s USING (load_id)
            WHERE s.dataset = ? AND r."check" IN (SELECT unnest(?)) AND r.period IS NOT NULL
            QUALIFY row_number() OVER (PARTITION BY r."check", s.file ORDER BY load_id DESC) = 1
        )
        WHERE isfinite(measured)
        QUALIFY row_number() OVER (PARTITION BY "check" ORDER BY period DESC, load_id DESC) <= ?
        ORDER BY period, load_id
        """,
        [dataset, list(keys), MOST_POINTS],
    ).fetchall()
    points: dict[str, list[Point]] = {}
    for check, at, value, low, high, outcome in rows:
        point = Point(history.moment(at), value, low, high, Outcome(outcome))
        points.setdefault(check, []).append(point)
    return tuple(
        Course(check, unit, tuple(points[check]))
        for check, unit in keys.items()
        if len(points.get(check, ())) >= LEAST_POINTS and _has_band(points[check])
    )


def _has_band(points: Sequence[Point]) -> bool:
    """Whether what is expected comes from the past, and is not a bound that somebody wrote."""
    banded = {(each.low, each.high) for each in points if each.low != each.high}
    return len(banded) > 1 or any(low is not None for low, _ in banded)


def _cells(con: DuckDBPyConnection, load_ids: list[int]) -> tuple[Cell, ...]:
    rows = con.execute(
        'SELECT "check", load_id, outcome, "rows", failed, value, unit FROM pratique.results '
        "WHERE load_id IN (SELECT unnest(?)) ORDER BY load_id, rowid",
        [load_ids],
    ).fetchall()
    return tuple(
        Cell(check, load_id, Outcome(outcome), rows, failed, value, unit)
        for check, load_id, outcome, rows, failed, value, unit in rows
    )
