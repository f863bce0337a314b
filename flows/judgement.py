"""Judging a staged file by its contract: where what ingest staged meets the rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import duckdb
import numpy as np

from flows import contract as contracts
from flows.contract import Contract
from ingest import staging
from ingest.model import FileError
from ingest.sql import identifier
from ingest.staging import Staged
from quality import checks as check_binding
from quality import evaluate, into_tables, quarantine, scoring
from quality.model import Check, CheckResult, Dimension, Outcome, Severity
from quality.rules.type import cast_verdict
from quality.scoring import Policy, Score


@dataclass(frozen=True)
class Judgement:
    """What was found in a staged file, and what it makes of it."""

    score: Score
    results: tuple[CheckResult, ...]
    clean: int
    """Records that fit and broke no critical or error check."""
    bad: str
    """Table of the records to quarantine."""
    fingerprint: str


def judge(
    con: duckdb.DuckDBPyConnection,
    contract: Contract,
    staged: Staged,
    references: Mapping[str, duckdb.DuckDBPyRelation],
    policy: Policy,
) -> Judgement:
    """Judge a staged file by its contract.

    Args:
        con: The connection it is staged on.
        contract: The contract.
        staged: The staged file.
        references: Other datasets, as they are published.
        policy: The thresholds.

    Raises:
        CheckInvalid: The contract's half about rules is wrong.
    """
    checks = contracts.checks(contract)
    bad = staged.area.table("bad")
    fingerprint = f"{contract.source.fingerprint[:16]}-{check_binding.fingerprint(checks)[:16]}"
    if not staged.readable:
        nothing = scoring.score(
            (), received=staged.records, clean=0, policy=policy, unusable=unusable(staged)
        )
        return Judgement(nothing, (), 0, bad, fingerprint)
    frame = con.sql(staging.relation(staged, cast_verdict))
    keep = into_tables(con, identifier(staged.area.catalog, "main"))
    waived = {w.check for w in contract.waivers if w.until >= datetime.now(UTC).date()}
    if contract.dataset in check_binding.references(checks):
        references = {**references, contract.dataset: _with_own(con, contract, staged, references)}
    evaluation = evaluate(frame, _without_consequence(checks, waived), references, keep)
    judged = _waived(evaluation.results, checks, waived)
    results = (*map(_incomplete, _missing_parts(staged)), *_with_lines(con, judged, staged))
    columns = [column.name for column in staged.columns]
    everything = f"({staging.relation(staged, cast_verdict)})"
    failures = f"({evaluation.failures.to_native().sql_query()})"
    found = quarantine.records(everything, failures, evaluation.results, columns)
    con.execute(f"CREATE OR REPLACE TABLE {bad} AS {found}")
    clean = staged.records - staged.rejected - evaluation.bad
    score = scoring.score(results, received=staged.records, clean=clean, policy=policy)
    return Judgement(score, results, clean, bad, fingerprint)


def _without_consequence(checks: Iterable[Check], waived: set[str]) -> list[Check]:
    """Let no record be quarantined for a check that somebody has answered for."""
    return [replace(c, severity=Severity.INFO) if c.key in waived else c for c in checks]


def _waived(
    results: Iterable[CheckResult], checks: Iterable[Check], waived: set[str]
) -> list[CheckResult]:
    """Say of each waived check that did not pass that it is waived, at its own severity."""
    return [
        replace(result, severity=check.severity, outcome=Outcome.WAIVED)
        if result.check in waived and result.outcome is not Outcome.PASSED
        else result
        for result, check in zip(results, checks, strict=True)
    ]


def _with_own(
    con: duckdb.DuckDBPyConnection,
    contract: Contract,
    staged: Staged,
    references: Mapping[str, duckdb.DuckDBPyRelation],
) -> duckdb.DuckDBPyRelation:
    """What a dataset that refers to itself may refer to: what is published, and what has come."""
    columns = ", ".join(identifier(column.name) for column in staged.columns)
    own = f"SELECT {columns} FROM ({staging.relation(staged, cast_verdict)})"
    if contract.dataset in references:
        own += f" UNION ALL SELECT {columns} FROM {identifier('main', contract.dataset)}"
    return con.sql(own)


def _missing_parts(staged: Staged) -> list[FileError]:
    return [error for error in staged.errors if error.incomplete]


def _incomplete(error: FileError) -> CheckResult:
    """A file of which a part did not come is not green, however good the rest of it is."""
    return CheckResult(
        check="structure",
        rule="structure",
        columns=(),
        severity=Severity.ERROR,
        dimension=Dimension.COMPLETENESS,
        outcome=Outcome.FAILED,
        rows=0,
        failed=0,
        subject="the file",
        expected="whole",
        message=error.message,
        weight=0,  # it caps the score, whatever the rest of the file is like
    )


def unusable(staged: Staged) -> str:
    """Say why nothing of a file can be used."""
    return "; ".join(error.message for error in staged.errors if error.fatal)


def _with_lines(
    con: duckdb.DuckDBPyConnection, results: Sequence[CheckResult], staged: Staged
) -> tuple[CheckResult, ...]:
    """Tell of every example on which line of the file it stands."""
    numbers = {example["record_no"] for result in results for example in result.examples}
    wanted = np.array(sorted(numbers), np.int64)
    lines: dict[int, int] = {}
    for rows in staged.raw_records(con, wanted):
        lines |= zip(rows["_record_no"].to_pylist(), rows["line"].to_pylist(), strict=True)
    return tuple(
        replace(
            result,
            examples=tuple({**e, "line": lines.get(e["record_no"])} for e in result.examples),
        )
        for result in results
    )
