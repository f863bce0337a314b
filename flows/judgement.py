"""Judging a staged file by its contract: where what ingest staged meets the rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import chain
from operator import attrgetter
from typing import Any

import duckdb
import numpy as np

from flows import contract as contracts
from flows import kin
from flows.contract import Contract, Waiver
from ingest.bundles import Bundle, Part
from ingest.model import FileError
from ingest.sql import identifier
from ingest.staged import Staged, sound_records
from quality import quarantine, scoring
from quality.context import Context
from quality.evaluation import Evaluation, answer, evaluate, evaluate_parts
from quality.frames import PART, Frame, Materialise, cast_verdict, into_tables
from quality.model import Check, Dimension, Outcome, Severity
from quality.result import CheckResult, Overlap
from quality.scoring import Policy, Score


@dataclass(frozen=True)
class Judgement:
    """What was found in a staged file, and what it makes of it."""

    score: Score
    results: tuple[CheckResult, ...]
    clean: int
    """Records that fit and broke no critical or error check."""
    bad: str
    """View of the records to quarantine."""
    fingerprint: str
    contract: Contract
    rejected: int = 0
    """Records that could not be read."""
    overlaps: tuple[Overlap, ...] = ()

    @property
    def waivers(self) -> tuple[Waiver, ...]:
        """Those that are in force."""
        return _in_force(self.contract)

    @property
    def stops(self) -> list[CheckResult]:
        """The failed checks that let nothing of the file pass; a rejection first."""
        stops = [
            result
            for result in self.results
            if (result.on_fail == "reject_file" and result.outcome is Outcome.FAILED)
            or (result.on_fail == "hold" and result.outcome in (Outcome.FAILED, Outcome.ERRORED))
        ]
        return sorted(stops, key=lambda result: result.on_fail != "reject_file")


def judge(
    con: duckdb.DuckDBPyConnection,
    contract: Contract,
    staged: Staged,
    references: Mapping[str, duckdb.DuckDBPyRelation],
    policy: Policy,
    context: Context,
) -> Judgement:
    """Judge a staged file by its contract.

    Args:
        con: The connection it is staged on.
        contract: The contract.
        staged: The staged file.
        references: Other datasets, as they are published.
        policy: The thresholds.
        context: What is known beside the rows.

    Raises:
        CheckInvalid: The contract's half about rules is wrong.
    """
    checks = _checks(contract)
    if not staged.readable:
        nothing = scoring.score(
            (), received=staged.records, clean=0, policy=policy, unusable=unusable(staged)
        )
        return Judgement(nothing, (), 0, _bad(staged), contracts.fingerprint(contract), contract)
    frame = con.sql(sound_records(staged, cast_verdict))
    name = context.file.name if context.file else ""
    references = {**references, **kin.find(con, contract, checks, staged, references, name)}
    evaluation = evaluate(frame, checks, references, _keeping(con, staged), context)
    _set_apart(con, contract, staged, evaluation.results, evaluation.failures)
    lines = _lines(con, evaluation.results, staged)
    results = (*map(_incomplete, _missing_parts(staged)), *_placed(evaluation.results, lines))
    return _concluded(contract, staged, evaluation, results, staged.rejected, policy)


def _concluded(
    contract: Contract,
    staged: Staged,
    evaluation: Evaluation,
    results: tuple[CheckResult, ...],
    rejected: int,
    policy: Policy,
) -> Judgement:
    return Judgement(
        score=scoring.score_all(results, evaluation, rejected, policy),
        results=results,
        clean=evaluation.rows - evaluation.bad,
        bad=_bad(staged),
        fingerprint=contracts.fingerprint(contract),
        contract=contract,
        rejected=rejected,
        overlaps=evaluation.overlaps,
    )


def judge_parts(
    con: duckdb.DuckDBPyConnection,
    contract: Contract,
    bundle: Bundle,
    references: Mapping[str, duckdb.DuckDBPyRelation],
    policy: Policy,
    beside: Callable[[Part], Context],
) -> Iterator[tuple[int, Judgement]]:
    """Judge each of many staged files by their contract, in their order.

    What can be asked of all at once is; the dataset checks that cannot are asked of one after the
    other. Each check is separable or a dataset check, and refers to other datasets only.

    Args:
        con: The connection they are staged on.
        contract: The contract.
        bundle: The staged files.
        references: Other datasets, as they are published.
        policy: The thresholds.
        beside: Tells what is known of a file beside its rows, once those before it are judged.

    Yields:
        The id of a load, and what was found in it; but of files without a record that fits.

    Raises:
        Exception: A check cannot be asked of many files at once, or is broken.
    """
    checks = _checks(contract)
    single = [check for check in checks if not check.separable]
    staged = bundle.staged
    sound, keep = sound_records(staged, cast_verdict), _keeping(con, staged)
    frame = con.sql(f"SELECT r.*, p.load_id AS {PART} FROM {bundle.apart(sound)}")
    shared = [check for check in checks if check.separable]
    evaluations = evaluate_parts(frame, shared, references, keep)
    if not evaluations:
        return
    found = {load_id: each.results for load_id, each in evaluations.items()}
    worst = [
        max(of_check, key=attrgetter("failed")) for of_check in zip(*found.values(), strict=True)
    ]
    _set_apart(con, contract, staged, worst, next(iter(evaluations.values())).failures)
    lines = _lines(con, chain(*found.values()), staged)
    for part in bundle.parts:
        if not (evaluation := evaluations.get(part.load.load_id)):
            continue
        results = evaluation.results
        if single:
            own = con.sql(_own(sound, part))
            asked = {each.check: each for each in results}
            asked |= {e.check: e for e in answer(own, single, references, keep, beside(part))}
            results = tuple(asked[check.key] for check in checks)
        results = _placed(results, lines, part.before, part.line)
        rejected = bundle.rejected.get(part.load.load_id, 0)
        yield (
            part.load.load_id,
            _concluded(contract, staged, evaluation, results, rejected, policy),
        )


def _own(sound: str, part: Part) -> str:
    """Give the SQL of the records of a part, numbered as in their file."""
    last = part.before + part.body.records
    number = f"_record_no - {part.before} AS _record_no"
    return (
        f"SELECT * REPLACE ({number}) FROM ({sound}) "
        f"WHERE _record_no BETWEEN {part.before + 1} AND {last}"
    )


def _keeping(con: duckdb.DuckDBPyConnection, staged: Staged) -> Materialise:
    return into_tables(con, identifier(staged.area.catalog, "main"))


def _bad(staged: Staged) -> str:
    return staged.area.table("to_quarantine")


def _set_apart(
    con: duckdb.DuckDBPyConnection,
    contract: Contract,
    staged: Staged,
    results: Sequence[CheckResult],
    failures: Frame,
) -> None:
    """Tell which records to quarantine.

    As a view: where all are bad, what they failed takes many times the room of the file.
    """
    columns = [column.name for column in staged.columns]
    everything = f"({sound_records(staged, cast_verdict)})"
    failing = f"({failures.to_native().sql_query()})"
    found = quarantine.records(everything, failing, results, columns, contract.pii)
    con.execute(f"CREATE OR REPLACE VIEW {_bad(staged)} AS {found}")


def _checks(contract: Contract) -> list[Check]:
    """The checks of a contract; those that somebody has answered for today have no consequence."""
    waived = {waiver.check for waiver in _in_force(contract)}
    return [replace(c, waived=True) if c.key in waived else c for c in contracts.checks(contract)]


def _in_force(contract: Contract) -> tuple[Waiver, ...]:
    today = datetime.now(UTC).date()
    return tuple(waiver for waiver in contract.waivers if waiver.until >= today)


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


def _lines(
    con: duckdb.DuckDBPyConnection, results: Iterable[CheckResult], staged: Staged
) -> dict[int, int | None]:
    """Tell of the record of every example on which line it stands."""
    numbers = {example["record_no"] for result in results for example in result.examples}
    lines: dict[int, int | None] = {}
    for rows in staged.raw_records(con, np.array(sorted(numbers), np.int64)):
        lines |= zip(rows["_record_no"].to_pylist(), rows["line"].to_pylist(), strict=True)
    return lines


def _placed(
    results: Iterable[CheckResult], lines: Mapping[int, int | None], before: int = 0, above: int = 0
) -> tuple[CheckResult, ...]:
    """Tell of every example where it stands in its file, before which others may stand."""

    def placed(example: Mapping[str, Any]) -> dict[str, Any]:
        number = example["record_no"]
        line = lines.get(number)
        place = None if line is None else line - above
        return {**example, "record_no": number - before, "line": place}

    return tuple(
        replace(result, examples=tuple(map(placed, result.examples))) if result.examples else result
        for result in results
    )
