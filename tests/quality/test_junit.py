"""JUnit XML that any reader takes, whatever strangers have written."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from xml.etree import ElementTree

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality import history, overview, recording
from quality.junit import SCORE, Suite, junit, of_account
from quality.model import Grade, Outcome
from quality.recording import Judged
from quality.result import CheckResult

HOSTILE = "a\x00\x1b[31m\ufffe\ud800\n<![CDATA[ ]]> & \"'<!-- \u202e 🛫"
SHAPE = {
    "testsuites": ({"name", "tests", "failures", "errors", "skipped"}, {"testsuite"}),
    "testsuite": (
        {"name", "tests", "failures", "errors", "skipped", "time", "timestamp"},
        {"properties", "testcase"},
    ),
    "properties": (set(), {"property"}),
    "property": ({"name", "value"}, set()),
    "testcase": ({"classname", "name", "time"}, {"failure", "error", "skipped", "system-out"}),
    "failure": ({"type", "message"}, set()),
    "error": ({"type", "message"}, set()),
    "skipped": ({"message"}, set()),
    "system-out": (set(), set()),
}
"""What may stand where: each element's attributes and children, as build servers know them."""


def parsed(text: str) -> ElementTree.Element:
    """Read a document as strictly as the schema of build servers does."""
    root = ElementTree.fromstring(text.encode())
    assert root.tag == "testsuites"
    for element in root.iter():
        attributes, children = SHAPE[element.tag]
        assert element.attrib.keys() <= attributes
        assert {child.tag for child in element} <= children
    for suite in root:
        cases = suite.findall("testcase")
        assert [child.tag for child in suite] == ["properties", *["testcase"] * len(cases)]
        assert int(suite.attrib["tests"]) == len(cases)
        for name, tag in {"failures": "failure", "errors": "error", "skipped": "skipped"}.items():
            assert int(suite.attrib[name]) == len(suite.findall(f"testcase/{tag}"))
        assert all(len(case) <= 1 for case in cases)
        assert len({case.attrib["name"] for case in cases}) == len(cases)
    for name in ("tests", "failures", "errors", "skipped"):
        assert int(root.attrib[name]) == sum(int(suite.attrib[name]) for suite in root)
    return root


@pytest.fixture
def results(flights: Callable[..., Judged]) -> tuple[CheckResult, ...]:
    return flights("2013-02-09", 1).results


def suite(results: tuple[CheckResult, ...], grade: Grade = Grade.AMBER, file: str = "f") -> Suite:
    return Suite(file, "flights", 0.8999, grade, "capped by something", results)


@pytest.mark.parametrize(
    ("outcome", "end"),
    [
        (Outcome.PASSED, None),
        (Outcome.PASSED_WITH_FAILURES, "system-out"),
        (Outcome.WARNED, "system-out"),
        (Outcome.FAILED, "failure"),
        (Outcome.ERRORED, "error"),
        (Outcome.NOT_EVALUATED, "skipped"),
        (Outcome.WAIVED, "skipped"),
    ],
)
def test_every_outcome_has_its_end(
    results: tuple[CheckResult, ...], outcome: Outcome, end: str | None
) -> None:
    result = dataclasses.replace(results[3], outcome=outcome, owner="ops")

    root = parsed(junit([suite((result,))]))

    (_, case) = root.findall("testsuite/testcase")
    assert [child.tag for child in case] == ([end] if end else [])
    if end:
        told = ElementTree.tostring(case, encoding="unicode")
        assert "22 of 684 rows" in told
        assert "lines 12, 13 and 14: SJU" in told
        assert "owner: ops" in told


@pytest.mark.parametrize(("grade", "fails"), [*zip(Grade, (0, 0, 1, 1), strict=True)])
def test_a_file_that_fails_a_run_fails_a_build(grade: Grade, fails: int) -> None:
    root = parsed(junit([suite((), grade)]))

    (case,) = root.findall("testsuite/testcase")
    assert case.attrib["name"] == SCORE
    assert int(root.attrib["failures"]) == fails
    assert "0.899" in ElementTree.tostring(case, encoding="unicode"), "cut, and never rounded up"


def test_hostile_text_is_shown_and_stays_text(results: tuple[CheckResult, ...]) -> None:
    bad = dataclasses.replace(
        results[3],
        check=HOSTILE,
        message=HOSTILE,
        owner=HOSTILE,
        outcome=Outcome.FAILED,
        examples=({"record_no": 1, "line": None, "value": HOSTILE},),
    )
    root = parsed(junit([dataclasses.replace(suite((bad,), file=HOSTILE), set_by=HOSTILE)]))

    (failure,) = root.iter("failure")
    assert failure.attrib["message"].startswith("a␀␛[31m\\ufffe\\ud800␊<![CDATA[ ]]> & ")
    assert (failure.text or "").startswith("record 1: a␀")


@given(st.text(st.characters(codec=None), max_size=50))
def test_any_text_can_be_read_back(text: str) -> None:
    said = dataclasses.replace(suite(()), set_by=text, file=text, about={"owner": text})
    parsed(junit([said]))


def test_a_suite_is_a_file_of_the_latest_run(
    con: duckdb.DuckDBPyConnection, flights: Callable[..., Judged]
) -> None:
    recording.record(con, flights("2013-02-07", 1), flights("2013-02-09", 2))

    accounts = overview.accounts(con, "flights")
    root = parsed(junit([of_account(each) for each in accounts]))

    names = [each.attrib["name"] for each in root]
    assert names == ["flights_2013-02-09.csv", "flights_2013-02-07.csv"], "the worst comes first"
    known = {p.attrib["name"]: p.attrib["value"] for p in root[0].iter("property")}
    assert known["score"] == "0.782"
    assert known["records"] == "684"
    assert root[0].attrib["timestamp"] == "2013-02-14T02:00:02"
    assert history.latest(con, "flights")[0].load_id == 1
