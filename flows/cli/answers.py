"""How answers look to a person: the tables and lines of each command."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows.document import shown
from flows.terminal import LIGHT, fitting, light, say, show
from quality.sentences import points
from quality.view import BADNESS
from quality.wording import count, low_volume, plural

if TYPE_CHECKING:
    from flows.auditing import Audit
    from flows.inspection import Inspection
    from flows.inventory import DatasetStatus, FileStatus, ProjectStatus
    from flows.preview import Preview
    from flows.summary import DatasetSummary, RunSummary
    from quality.result import CheckResult

FATES = ("loaded", "quarantined", "skipped")
MOST_STRAYS = 10
"""Blobs of nothing that are named."""
MOST_RECORDS = 20
"""Quarantined records that a list shows, unless it is asked for more."""
QUIET = ("passed", "not_evaluated", "waived")
"""Outcomes that take no line of their own."""


def of_run(summary: RunSummary, page: Path) -> None:
    """A row a dataset, a line for whatever did not get through, and where the report is."""
    rows = []
    for dataset in summary.datasets:
        loads = [load for load in summary.loads if load.dataset == dataset.dataset]
        counts = {fate: sum(getattr(load, fate) for load in loads) for fate in FATES}
        rows.append(
            {LIGHT: light(dataset.grade), "dataset": dataset.dataset}
            | {"file": loads[0].file if len(loads) == 1 else plural(len(loads), "file")}
            | {"records": sum(load.records_in for load in loads), "score": dataset.score}
            | {"set by": _set_by(dataset)}
            | counts
        )
    if rows:
        show(rows, LIGHT, "dataset", "file", "records", *FATES, "score", remark="set by")
    else:
        say("nothing new to load")
    stopped = [load for load in summary.loads if load.status != "done"]
    for load in stopped:
        _say_stopped(load.status, load.file, load.load_id, load.error)
    for name in summary.unclaimed:
        say(f"{name} unclaimed: no contract is for it")
    for name, reason in summary.ignored.items():
        say(f"{name} ignored: it {reason}")
    for load in summary.parked:
        _say_stopped(load.status, load.file, load.load_id, load.error)
    for name, records in summary.waiting.items():
        _say_waiting(name, records)
    _say_ways_out(load.status for load in (*stopped, *summary.parked))
    if page.exists():
        say(f"report: {shown(page)}")


def of_status(found: ProjectStatus) -> None:
    """A row a dataset, then what is stopped and what waits."""
    rows = [
        asdict(one)
        | {LIGHT: light(one.grade), "set by": _set_by(one)}
        | {"judged": f"{one.at:%Y-%m-%d %H:%M}" if one.at else None}
        for one in found.datasets
    ]
    if rows:
        show(rows, LIGHT, "dataset", "score", "judged", "rows", "quarantined", remark="set by")
    else:
        say("no contracts, and nothing has come")
    for one in found.stopped:
        _say_stopped(one.status, one.file, one.load_id, one.error)
    for dataset in found.datasets:
        if dataset.waiting:
            _say_waiting(dataset.dataset, dataset.waiting)
    _say_ways_out(one.status for one in found.stopped)
    if found.waiting:
        names = ", ".join(found.waiting[:3]) + (", …" if len(found.waiting) > 3 else "")
        say(f"waiting: {plural(len(found.waiting), 'file')} for the next run: {names}")


def _say_waiting(dataset: str, records: int) -> None:
    what = f"{plural(records, 'record')} of {dataset}"
    say(f"waiting: {what}, for what another dataset may still bring")


def _set_by(standing: DatasetSummary | DatasetStatus) -> str | None:
    """What set a score; with a word of caution where few records did."""
    return f"{standing.set_by} (low volume)" if standing.low_volume else standing.set_by


def of_files(found: Sequence[FileStatus]) -> None:
    """A row a file version."""
    rows = [
        asdict(one)
        | {"load": one.load_id, "records": one.records_in, "id": one.file_id}
        | {"status": one.stage if one.status == "done" else one.status or one.arrival}
        for one in found
    ]
    if rows:
        columns = ("file", "status", "records", *FATES, "load", "dataset", "version", "arrival")
        show(rows, *fitting(rows, (*columns, "seen", "id")), remark="error")
    else:
        say("no file has come")


def of_quarantine(found: Sequence[Mapping[str, Any]], most: int) -> None:
    """A row a record, with what is wrong with it."""
    rows = [
        {"record": one["record_id"], "file": one["file"], "line": one["line"]}
        | {"what is wrong": "; ".join(failure["message"] for failure in one["failures"])}
        for one in found[:most]
    ]
    if rows:
        show(rows, "record", "file", "line", remark="what is wrong")
    else:
        say("nothing is in quarantine")
    if len(found) > most:
        say("… and more; --limit N shows so many", "dim")


def of_record(record: Mapping[str, Any]) -> None:
    """One quarantined record: where it stood, how it came, and each check that it failed."""
    place = f"version {record['version']}, record {count(record['record_no'])}"
    line = f", line {count(record['line'])}" if record["line"] else ""
    say(f"{record['record_id']}  {record['status']}  {record['file']}, {place}{line}")
    say(record["raw"])
    show(record["failures"], "check", "value", remark="expected")


def of_inspection(found: Inspection) -> None:
    """The verdict, how the file is written, and what was found; in full only what is wrong."""
    score = found.score
    few = " (low volume)" if low_volume(found.records_in) else ""
    say(f"{score.grade.light} {points(score.value)}  {found.file}  {score.set_by}{few}")
    fates = f"{count(found.good)} good, {count(found.bad)} bad"
    say(f"{plural(found.records_in, 'record')}: {fates}; {_written(found)}", "dim")
    for remark in found.remarks:
        say(remark, "dim")
    for error in found.file_errors:
        line = f"line {count(error.line)}: " if error.line else ""
        say(f"{line}{error.message}")
    loud = [result for result in found.checks if result.outcome not in QUIET]
    if found.dataset is None:
        rows = [{"column": name, "looks like": type} for name, type in found.columns.items()]
        show(rows, "column", "looks like")
    if loud:
        rows = [_finding(result) for result in sorted(loud, key=_harm, reverse=True)]
        show(rows, "outcome", "check", "severity", "failed", remark="finding")
    if found.checks:
        passed = sum(result.outcome == "passed" for result in found.checks)
        say(f"{count(passed)} of {plural(len(found.checks), 'check')} passed", "dim")


def of_preview(found: Preview, most: int | None) -> None:
    """The records as a table, as far as they fit, and the bad ones with their reasons."""
    records = [dict(zip(found.columns, each, strict=True)) for each in islice(found.records, most)]
    columns = fitting(records, found.columns)
    if columns:
        show(records, *columns)
    if left := found.columns[len(columns) :]:
        say(f"… and {plural(len(left), 'more column')}: {', '.join(left)}", "dim")
    if more := found.records_in - found.bad - len(records):
        say(f"… and {plural(more, 'more record')}; --all shows them all", "dim")
    for reject in islice(found.rejected, most):
        line = f"line {count(reject.line)}: " if reject.line else ""
        say(f"{line}{reject.reason}")
    if most and found.bad > most:
        say(f"… and {count(found.bad - most)} more that do not fit", "dim")


def of_audit(found: Audit) -> None:
    """What was looked at, and a row for whatever is not as it should be."""
    rows = [asdict(difference) | {"load": difference.load_id} for difference in found.differences]
    if rows:
        columns = ("dataset", "file", "version", "load")
        show(rows, "code", *(c for c in columns if any(row[c] for row in rows)), remark="message")
    for stray in found.strays[:MOST_STRAYS]:
        say(f"{stray} lies among the blobs, and no file is known that it would be of", "dim")
    if (more := len(found.strays) - MOST_STRAYS) > 0:
        say(f"… and {count(more)} more of them", "dim")
    looked = f"{plural(found.files, 'file')}, {count(found.bytes)} bytes, "
    looked += plural(found.records, "record")
    verdict = plural(len(rows), "difference") if rows else "all of it is as it should be"
    say(f"{looked}: {verdict}")


def of_rule(rule: Mapping[str, Any]) -> None:
    """All about one rule, with an example to copy."""
    say(f"{rule['rule']}  {rule['kind']} rule, {rule['dimension']}, {rule['severity']}")
    for line in rule["docs"].splitlines():
        say(line)
    say("")
    arguments = rule["arguments"]
    required = arguments.get("required", [])
    rows = [
        {"argument": name, "needed": "yes" if name in required else None}
        | {"meaning": told.get("description")}
        for name, told in arguments["properties"].items()
    ]
    show(rows, "argument", "needed", remark="meaning")
    for example in rule["examples"]:
        say(f"- {rule['rule']}: {json.dumps(example, default=str, ensure_ascii=False)}")


def _say_stopped(status: str | None, file: str, load_id: int | None, error: str | None) -> None:
    number = "" if load_id is None else f" (load {load_id})"
    told = str(error) if str(error).startswith(str(status)) else f"{status}: {error}"
    say(f"{file}{number} {told}")


def _say_ways_out(statuses: Iterable[str | None]) -> None:
    ways = {"held": "lets a held load in", "parked": "has a parked load tried again"}
    stopped = set(statuses)
    if wanted := [way for status, way in ways.items() if status in stopped]:
        approve = f"`pratique approve LOAD_ID` {', or '.join(wanted)}"
        say(f"{approve}; `pratique reject LOAD_ID` turns it away")


def _written(found: Inspection) -> str:
    """How a file is written, in the words of its format."""
    match found.dialect:
        case {"layout": layout}:
            return f"JSON {layout}, {found.encoding}"
        case {"delimiter": delimiter}:
            return f"CSV with {delimiter!r}, {found.encoding}"
        case {"sheet": sheet, "header_row": row}:
            return f"Excel sheet {sheet}, named by row {row}"
        case {"written_by": program}:
            return f"Parquet from {program or 'an unknown program'}"
    return "unreadable"


def _finding(result: CheckResult) -> dict[str, Any]:
    line = next((each["line"] for each in result.examples if each.get("line")), None)
    where = f"; first on line {count(line)}" if line else ""
    return {
        "outcome": result.outcome.replace("_", " "),
        "check": result.check,
        "severity": result.severity.label,
        "failed": result.failed,
        "finding": f"{result.message}{where}",
    }


def _harm(result: CheckResult) -> tuple[int, int]:
    return BADNESS.index(result.outcome), result.severity
