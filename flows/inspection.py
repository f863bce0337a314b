"""Inspection: what a run would do with a file, found out without writing anything that stays."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from flows import contract as contracts
from flows import steps
from flows.contract import Contract, ContractInvalid
from flows.judgement import judge
from flows.project import Project
from flows.provenance import about
from flows.trial import Trial, lay_out, name_of
from ingest import codes, drift, manifest, tables
from ingest.model import FileError
from ingest.source import claims
from ingest.sql import literal
from ingest.staged import Staged
from ingest.transcript import UNKNOWN
from quality import history, recording
from quality.context import Context
from quality.junit import Suite
from quality.junit import junit as junit_xml
from quality.result import CheckResult
from quality.scoring import Policy, Score, score
from quality.wording import count, low_volume

MOST_BAD_RECORDS = 100
"""Records that do not fit and are told one by one; of more it is told how many."""

References = Mapping[str, duckdb.DuckDBPyRelation]


@dataclass(frozen=True)
class Inspection:
    """What a run would make of a file."""

    file: str
    dataset: str | None
    """None without a contract: then only the structure of the file was judged."""
    dialect: Mapping[str, Any]
    encoding: str | None
    """As Python knows it; None for what is no text."""
    columns: Mapping[str, str]
    """The columns with their types: as the contract says, or else as their values look."""
    records_in: int
    good: int
    score: Score
    checks: tuple[CheckResult, ...]
    file_errors: tuple[FileError, ...]
    remarks: tuple[str, ...] = ()
    """What could not be taken into account."""

    @property
    def bad(self) -> int:
        """Records that would not be loaded."""
        return self.records_in - self.good


def find_contract(path: Path, project: Project | None, named: str | None = None) -> Contract | None:
    """Find the contract that a run would judge a file by.

    Args:
        path: The file.
        project: The project; without one, only a contract that is named by its file is found.
        named: A contract's file, or the name of its dataset; without it, whichever contract claims
            the file by its name.

    Raises:
        ContractInvalid: The contract is not there, or not right, or there are several.
    """
    gate = project.gate if project else "red"
    known, problems = contracts.of_project(project) if project else ([], [])
    if named and Path(named).is_file():
        return contracts.read(Path(named), gate, project.variables if project else {})
    name = name_of(path, project)
    if named:
        owners = [contract for contract in known if contract.dataset == named]
        problems = [*problems, f"{named}: is neither a contract's file nor a dataset with one"]
    else:
        owners = [contract for contract in known if claims(contract.source, name)]
    if len(owners) > 1:
        several = " and ".join(owner.dataset for owner in owners)
        problems = [f"{name} is claimed by {several}; say which one with --contract"]
    if len(owners) != 1 and problems:
        raise ContractInvalid(problems)
    return owners[0] if owners else None


def inspect(path: Path, project: Project | None, contract: Contract | None) -> Inspection:
    """Find out what a run would make of a file.

    Args:
        path: The file.
        project: The project, for its limits and for what it has published.
        contract: What to judge by; without one, the structure is judged and the types are guessed.

    Raises:
        OSError: The file is not there, or is no regular file.
        IngestError: It cannot be read.
        CheckInvalid: The contract's half about rules is wrong.
    """
    with lay_out(path, project) as trial:
        if contract:
            return _judge(trial, contract, project)
        return _look(trial, project.policy if project else Policy())


def _judge(trial: Trial, contract: Contract, project: Project | None) -> Inspection:
    """Judge a file by its contract."""
    source = contract.source
    references, remarks = published_beside(trial.con, project)
    staged = trial.stage(source)
    if project and not remarks:
        staged = tables.require(trial.con, source, staged)
    policy = project.policy if project else Policy()
    beside = _context(trial, contract, staged)
    judgement = judge(trial.con, contract, staged, references, policy, beside)
    columns = {column.name: column.type for column in source.columns}
    return Inspection(
        file=trial.file,
        dataset=contract.dataset,
        dialect=staged.dialect,
        encoding=staged.dialect.get("encoding"),
        columns=columns,
        records_in=staged.records,
        good=judgement.clean,
        score=judgement.score,
        checks=judgement.results,
        file_errors=(*staged.errors, *_remarks(staged), *_misfits(trial)),
        remarks=remarks,
    )


def _context(trial: Trial, contract: Contract, staged: Staged) -> Context:
    """Tell what a run would know of the file beside its rows, if it came now."""
    now_ns = time.time_ns()
    con, dataset = trial.con, contract.dataset
    known = recording.exists(con)
    return Context(
        file=about(trial.file, trial.blob.stat().st_size, trial.sha256, staged, now_ns, now_ns),
        history=lambda check: history.past(con, dataset, [trial.file], check) if known else (),
    )


def _look(trial: Trial, policy: Policy) -> Inspection:
    """Judge what can be judged of a file that nothing is agreed about."""
    transcript = trial.transcribe(UNKNOWN)
    good = transcript.records - trial.rejected()
    return Inspection(
        file=trial.file,
        dataset=None,
        dialect=transcript.dialect,
        encoding=transcript.dialect.get("encoding"),
        columns=dict(zip(transcript.fields, transcript.types(trial.con), strict=True)),
        records_in=transcript.records,
        good=good,
        score=score((), received=transcript.records, clean=good, policy=policy),
        checks=(),
        file_errors=(*transcript.errors, *_misfits(trial)),
        remarks=("no contract claims this file, so only its structure was judged",),
    )


def published_beside(
    con: duckdb.DuckDBPyConnection, project: Project | None
) -> tuple[References, tuple[str, ...]]:
    """Open what the project has published, without waiting for a run that is at it."""
    if project is None or not project.warehouse.exists():
        return {}, ()
    try:
        con.execute(f"ATTACH {literal(project.warehouse)} AS published (READ_ONLY)")
    except duckdb.IOException:
        busy = "the warehouse cannot be read for now: references into it were not judged"
        return {}, (busy,)
    con.execute("USE published")
    return (steps.published(con) if manifest.exists(con) else {}), ()


def _remarks(staged: Staged) -> Iterator[FileError]:
    """Tell of what is new in the file, and does not keep it from being loaded."""
    return (each for each in drift.findings(staged.drift, staged.fields) if not each.fatal)


def _misfits(trial: Trial) -> Iterator[FileError]:
    """Tell of the records that do not fit, and of a great many only how many there are."""
    for reject in trial.rejects(MOST_BAD_RECORDS):
        code = codes.of_record(reject.reason)
        yield FileError(code, reject.reason, reject.line, reject.byte)
    if (more := trial.rejected() - MOST_BAD_RECORDS) > 0:
        yield FileError("more-bad-records", f"{count(more)} more records do not fit")


def document(found: Inspection) -> dict[str, Any]:
    """Give an inspection as plain data with stable keys."""
    return {
        "file": found.file,
        "dataset": found.dataset,
        "dialect": dict(found.dialect),
        "encoding": found.encoding,
        "columns": [{"name": name, "type": type} for name, type in found.columns.items()],
        "records_in": found.records_in,
        "good": found.good,
        "bad": found.bad,
        "score": found.score.value,
        "grade": found.score.grade.label,
        "set_by": found.score.set_by,
        "published_score": found.score.published,
        "unwaived_score": found.score.unwaived,
        "low_volume": low_volume(found.records_in),
        "dimensions": dict(found.score.dimensions),
        "checks": [
            {
                "check": result.check,
                "rule": result.rule,
                "column": ", ".join(result.columns) or None,
                "severity": result.severity.label,
                "dimension": result.dimension,
                "outcome": result.outcome,
                "rows": result.rows,
                "failed": result.failed,
                "message": result.message,
            }
            for result in found.checks
        ],
        "file_errors": [
            {"code": e.code, "message": e.message, "line": e.line, "byte": e.byte}
            for e in found.file_errors
        ],
    }


def junit(found: Inspection, contract: Contract | None) -> str:
    """Give an inspection as JUnit XML.

    Args:
        found: The inspection.
        contract: What the file was judged by.
    """
    about = {
        "records": found.records_in,
        "published_score": found.score.published,
        "unwaived_score": found.score.unwaived,
        "owner": contract.owner if contract else None,
    }
    suite = Suite(
        file=found.file,
        dataset=found.dataset or found.file,
        score=found.score.value,
        grade=found.score.grade,
        set_by=found.score.set_by,
        results=found.checks,
        about=about,
    )
    return junit_xml([suite])
