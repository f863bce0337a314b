from __future__ import annotations

import dataclasses
import html
import json
import os
import re
from base64 import b64decode
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import duckdb
import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from quality import recording, report
from quality.drawing import opaque
from quality.model import Grade, Outcome
from quality.overview import read_view
from quality.recording import Judged
from quality.view import DatasetView

GOLDEN = Path(__file__).parent / "golden"
PICTURE = re.compile(
    r"<svg .*?</svg>|(?<=data:image/svg\+xml;base64,)[\w+/=]+|(?<=<style>).*?(?=</style>)", re.S
)
HOSTILE = (
    "</td><script src=//x.org/x.js></script>|`](javascript:alert(1))![i](http://x.org/i)\n# \x00"
)


class Page(HTMLParser):
    """The tags of a page, and whatever in it could make a browser ask for more."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        reaching = {"src", "href", "srcset", "action", "data", "background", "poster"}
        self.addresses += [value or "" for name, value in attrs if name in reaching]
        assert not [name for name, _ in attrs if name.startswith("on")]


RENDERED = {
    "flights.md": report.markdown,
    "flights.html": report.html,
    "flights.json": report.json,
    "index.md": lambda view: report.index_markdown([view]),
    "index.html": lambda view: report.index_html([view], {"flights": "flights.html"}),
}


@pytest.mark.parametrize("name", RENDERED)
def test_reports_read_as_agreed(blizzard: DatasetView, name: str) -> None:
    """Compare with the kept page; PRATIQUE_WRITE_GOLDEN=1 keeps the new one.

    Pictures and style are left out: they are looked at, and tested by themselves.
    """
    text = PICTURE.sub("…", RENDERED[name](blizzard))
    kept = GOLDEN / name
    if os.environ.get("PRATIQUE_WRITE_GOLDEN"):
        kept.write_text(text, encoding="utf-8")
    assert text == kept.read_text(encoding="utf-8")


def test_a_report_is_the_same_every_time(blizzard: DatasetView) -> None:
    again = dataclasses.replace(blizzard)
    for render in RENDERED.values():
        assert render(blizzard) == render(again)


def test_the_page_needs_nothing_but_itself(blizzard: DatasetView) -> None:
    for text in (report.html(blizzard), report.index_html([blizzard])):
        page = Page(text)
        assert not {"script", "link", "iframe", "img", "object", "embed"} & set(page.tags)
        assert page.addresses == []
        assert "url(" not in text
        assert "@import" not in text
        assert "default-src 'none'" in text
    pictures = re.findall(r"<svg .*?</svg>", report.html(blizzard), re.S)
    assert len(pictures) == 2
    assert all(ElementTree.fromstring(picture).tag.endswith("svg") for picture in pictures)


@pytest.fixture
def hostile(con: duckdb.DuckDBPyConnection, flights: Callable[..., Judged]) -> DatasetView:
    """A dataset where every text that somebody else wrote is an attack."""
    for n in (1, 2):
        judged = flights("2013-02-09", n, HOSTILE)
        results = tuple(
            dataclasses.replace(
                result,
                check=f"{HOSTILE}{place}",
                columns=(HOSTILE,),
                expected=HOSTILE,
                message=HOSTILE,
                description=HOSTILE,
                examples=({"record_no": 1, "value": HOSTILE * 5, "line": 2},),
            )
            for place, result in enumerate(judged.results)
        )
        attack = dataclasses.replace(
            judged,
            dataset=HOSTILE,
            file=f"{HOSTILE}{n}",
            results=results,
            score=dataclasses.replace(judged.score, set_by=HOSTILE, set_by_check=f"{HOSTILE}0"),
            rule_set_fingerprint=HOSTILE,
        )
        recording.record(con, attack)
    recording.record(con, dataclasses.replace(attack, load_id=3, score=None, error=HOSTILE))
    recording.settle(con, recording.Settled(1, "held", loaded=0, quarantined=0, skipped=684))
    view = read_view(con, HOSTILE)
    assert view
    assert view.held
    return view


def test_hostile_text_stays_text_in_html(hostile: DatasetView) -> None:
    links = {HOSTILE: 'x.html"><script>'}
    for text in (report.html(hostile), report.index_html([hostile], links)):
        page = Page(text)
        assert "script" not in page.tags
        assert page.addresses in ([], ["x.html%22%3E%3Cscript%3E"])
        assert "&lt;script src=//x.org/x.js&gt;" in text
        assert "\x00" not in text
        assert "␀" in text


def tokens(text: str) -> Iterator[Token]:
    """What a reader of markdown makes of a text, links to anywhere allowed."""
    reader = MarkdownIt("commonmark").enable("table")
    reader.validateLink = lambda url: True
    for token in reader.parse(text):
        yield token
        yield from token.children or ()


def test_hostile_text_stays_text_in_markdown(hostile: DatasetView) -> None:
    for text, tables in ((report.markdown(hostile), 3), (report.index_markdown([hostile]), 1)):
        found = list(tokens(text))
        assert "\x00" not in text
        assert {t.content for t in found if t.type.startswith("html")} <= {"<br>"}
        assert not [t for t in found if t.type == "link_open"]
        images = [str(t.attrs["src"]) for t in found if t.type == "image"]
        assert all(image.startswith("data:image/svg+xml;base64,") for image in images)
        assert not [t for t in found if t.type == "text" and re.search("https?://", t.content)]
        assert len([t for t in found if t.type == "table_open"]) == tables
        assert len([t for t in found if t.type == "heading_open"]) == len(
            [line for line in text.splitlines() if line.startswith("#")]
        )
        rows = [line for line in text.splitlines() if line.startswith("|")]
        # A bar that ends a cell is one that no backslash stands before.
        assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} <= {4, 5, 8}


def test_long_values_are_cut(hostile: DatasetView) -> None:
    codes = re.findall("<mark><code>(.*?)</code></mark> in line", report.html(hostile))
    in_html = [html.unescape(value) for value in codes]
    in_markdown = [t.content for t in tokens(report.markdown(hostile)) if t.type == "code_inline"]
    for values in (in_html, [value for value in in_markdown if value.endswith("…")]):
        assert len(values) >= 5
        assert {len(value) for value in values} == {80}


def test_the_document_holds_the_facts(blizzard: DatasetView) -> None:
    document = json.loads(report.json(blizzard))
    assert document["dataset"] == "flights"
    assert (document["grade"], document["score"]) == ("amber", blizzard.run.score)
    assert document["records"] == {
        "received": 6115,
        "loaded": 5971,
        "quarantined": 144,
        "skipped": 0,
    }
    assert document["set_by"]["file"] == "flights_2013-02-09.csv"
    first = document["checks"][0]
    assert (first["check"], first["outcome"], first["files_failed"]) == (
        "cancelled_flights",
        "failed",
        2,
    )


def test_what_was_measured_is_a_number_in_the_document(
    con: duckdb.DuckDBPyConnection, flights: Callable[..., Judged]
) -> None:
    judged = flights("2013-02-09", 1)
    nothing = dataclasses.replace(judged.results[0], check="mean", value=float("nan"), unit="")
    recording.record(con, dataclasses.replace(judged, results=(*judged.results, nothing)))
    view = read_view(con, "flights")
    assert view
    checks = {check["check"]: check for check in json.loads(report.json(view))["checks"]}
    assert checks["cancelled_flights"]["value"] == pytest.approx(393 / 684)
    assert checks["cancelled_flights"]["unit"] == "share"
    assert checks["mean"]["value"] == "nan", "JSON has no word for it"
    assert checks["range(dep_time)"]["value"] is None


def test_page_and_markdown_show_the_same_pictures(blizzard: DatasetView) -> None:
    on_page = re.findall(r"<svg .*?</svg>", report.html(blizzard), re.S)
    inside = re.findall(r"base64,([\w+/=]+)", report.markdown(blizzard))
    assert [opaque(svg) for svg in on_page] == [b64decode(each).decode() for each in inside]


def test_a_description_tells_why_the_check_is_there(blizzard: DatasetView) -> None:
    said = "The share of cancelled flights: above a tenth few flew."
    for text in (report.html(blizzard), report.markdown(blizzard)):
        assert text.count(said) == 2, "once for what set the score, once for the finding"
    document = json.loads(report.json(blizzard))
    assert document["set_by"]["check"] == "cancelled_flights"
    assert document["checks"][0]["description"] == said.removesuffix(".")
    unexplained = dataclasses.replace(
        blizzard, checks=tuple(dataclasses.replace(c, description=None) for c in blizzard.checks)
    )
    assert 'class="about"' not in report.html(unexplained)
    assert not re.search(r"(^|<br>)\*\w", report.markdown(unexplained), re.M)


def test_markdown_gives_up_charts_before_it_grows_too_large(
    blizzard: DatasetView, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = report.markdown(blizzard)
    assert len(whole.encode()) < report.LARGEST_MARKDOWN
    assert whole.count("](data:image/svg+xml;base64,") == 2
    monkeypatch.setattr(report, "LARGEST_MARKDOWN", len(whole.encode()) - 1)
    fewer = report.markdown(blizzard)
    assert fewer.count("](data:image/svg+xml;base64,") == 1
    assert "Failing records by check and file" in fewer


def test_a_check_that_says_nothing_is_not_among_those_that_passed(
    con: duckdb.DuckDBPyConnection, flights: Callable[..., Judged]
) -> None:
    judged = flights("2013-02-07", 1)
    silent = dataclasses.replace(
        judged.results[0], outcome=Outcome.NOT_EVALUATED, message="planes has not arrived"
    )
    passed = dataclasses.replace(judged.results[0], check="other", outcome=Outcome.PASSED)
    recording.record(con, dataclasses.replace(judged, results=(silent, passed)))
    view = read_view(con, "flights")
    assert view
    for text in (report.html(view), report.markdown(view)):
        assert "1 check could not be judged" in text
        assert "planes has not arrived." in text
        assert "1 check found nothing wrong" in text


@pytest.mark.parametrize(
    ("held", "named", "more"), [(0, 0, ""), (2, 2, ""), (7, 5, "2 more files")]
)
def test_a_held_file_comes_with_the_ways_out(
    blizzard: DatasetView, held: int, named: int, more: str
) -> None:
    loads = blizzard.loads[:held]
    view = dataclasses.replace(blizzard, held=loads)
    for text in (report.html(view), report.markdown(view)):
        ways = [
            [int(number) for number in re.findall(rf"pratique {way} (\d+)", text)]
            for way in ("approve", "reject")
        ]
        assert ways == [[load.load_id for load in loads[:named]]] * 2
        assert ("pratique status" in text) == bool(more)
        assert more in text


def test_nothing_checked_is_not_nothing_wrong(
    con: duckdb.DuckDBPyConnection, flights: Callable[..., Judged]
) -> None:
    recording.record(con, dataclasses.replace(flights("2013-02-07", 1), results=()))
    view = read_view(con, "flights")
    assert view
    for text in (report.html(view), report.markdown(view)):
        assert "Nothing was checked." in text
        assert "found nothing wrong" not in text


def test_the_worst_dataset_comes_first(blizzard: DatasetView) -> None:
    red = dataclasses.replace(
        blizzard,
        dataset="weather",
        run=dataclasses.replace(blizzard.run, grade=Grade.RED, score=0.1),
    )
    text = report.index_markdown([blizzard, red])
    assert text.startswith("# 🔴")
    assert text.index("weather") < text.index("flights")


def test_no_dataset_makes_a_page_too() -> None:
    assert "Nothing has been judged yet" in report.index_markdown([])
    assert "Nothing has been judged yet" in report.index_html([])
