"""What was found as JUnit XML, which build servers show: a suite a file, a case a check. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from quality import sentences
from quality.escaping import cut, visible
from quality.model import Grade, Outcome
from quality.result import CheckResult
from quality.view import Account, Example

SCORE = "score"
"""The case that fails where a run would: its file is red, or has no data."""
_ENDS = {
    Outcome.FAILED: "failure",
    Outcome.ERRORED: "error",
    Outcome.NOT_EVALUATED: "skipped",
    Outcome.WAIVED: "skipped",
}
_COUNTED = {"failures": "failure", "errors": "error", "skipped": "skipped"}
_LONGEST = 300
_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'


@dataclass(frozen=True)
class Suite:
    """A file, and what was found in it."""

    file: str
    dataset: str
    score: float | None
    grade: Grade
    set_by: str
    results: tuple[CheckResult, ...]
    at: datetime | None = None
    """When it was judged."""
    about: Mapping[str, object] = field(default_factory=dict)
    """What else is known of it."""


def of_account(account: Account) -> Suite:
    """The suite of a load."""
    load = account.load
    about = {
        "load_id": load.load_id,
        "run_id": load.run_id,
        "status": load.status,
        "records": load.received,
        "published_score": load.published_score,
        "unwaived_score": load.unwaived_score,
        "rule_set_fingerprint": load.rule_set_fingerprint,
        "owner": load.owner,
    }
    return Suite(
        file=load.file,
        dataset=load.dataset,
        score=load.score,
        grade=load.grade,
        set_by=load.set_by,
        results=account.results,
        at=load.judged_at,
        about=about,
    )


def junit(suites: Sequence[Suite]) -> str:
    """Write suites as JUnit XML.

    A failed check is a failure, one that could not run an error; one that was not evaluated or is
    waived is skipped. All others are passed, with what they found as output.
    """
    root = Element("testsuites", name="pratique")
    for suite in suites:
        _write(suite, SubElement(root, "testsuite"))
    for name in ("tests", *_COUNTED):
        root.set(name, str(sum(int(each.get(name, 0)) for each in root)))
    ElementTree.indent(root)
    return f"{_DECLARATION}\n{ElementTree.tostring(root, encoding='unicode')}\n"


def _write(suite: Suite, element: Element) -> None:
    element.set("name", _line(suite.file))
    if suite.at:
        element.set("timestamp", suite.at.strftime("%Y-%m-%dT%H:%M:%S"))
    element.set("time", "0")
    properties = SubElement(element, "properties")
    known = {"score": sentences.points(suite.score), "grade": suite.grade.label, **suite.about}
    for name, value in known.items():
        if value is not None:
            SubElement(properties, "property", name=name, value=_line(str(value)))
    _score(suite, _case(element, suite, SCORE))
    for result in suite.results:
        _result(suite, result, _case(element, suite, result.check))
    ends = Counter(end.tag for case in element.iter("testcase") for end in case)
    element.set("tests", str(len(suite.results) + 1))
    for name, end in _COUNTED.items():
        element.set(name, str(ends[end]))


def _case(suite_element: Element, suite: Suite, name: str) -> Element:
    names = {"classname": _line(suite.dataset), "name": _line(name), "time": "0"}
    return SubElement(suite_element, "testcase", names)


def _score(suite: Suite, case: Element) -> None:
    told = f"{sentences.points(suite.score)}, {suite.grade.label}: {suite.set_by}"
    if suite.grade >= Grade.RED:
        SubElement(case, "failure", type=suite.grade.label, message=_line(told))
    else:
        SubElement(case, "system-out").text = _line(told)


def _result(suite: Suite, result: CheckResult, case: Element) -> None:
    if end := _ENDS.get(result.outcome):
        element = SubElement(case, end, type=result.outcome, message=_line(result.message))
        if end == "skipped":
            del element.attrib["type"]  # it has none
        element.text = "\n".join(_told(suite, result)) or None
    elif result.outcome is not Outcome.PASSED:
        found = (f"{sentences.outcome(result.outcome)}: {_line(result.message)}",)
        SubElement(case, "system-out").text = "\n".join((*found, *_told(suite, result)))


def _told(suite: Suite, result: CheckResult) -> Iterator[str]:
    """Where to look, and who has to act."""
    found = [Example.of(suite.file, each) for each in result.examples]
    for value, places in sentences.places(found):
        yield f"{places}: {'empty' if value is None else cut(visible(value))}"
    if owner := result.owner or suite.about.get("owner"):
        yield f"owner: {_line(str(owner))}"


def _line(text: str) -> str:
    # XML has no way at all to write most control characters.
    return cut(visible(text), _LONGEST)
