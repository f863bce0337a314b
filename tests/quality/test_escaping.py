from __future__ import annotations

import pytest

from quality.escaping import code, cut, markdown, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain Ünïcode 数", "plain Ünïcode 数"),
        ("a\tb\r\nc", "a␉b␍␊c"),
        ("\x00\x1b[31m\x7f", "␀␛[31m␡"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
        ("zero\u200bwidth", "zero\\u200bwidth"),
        ("no\u00a0break", "no\u00a0break"),
        ("half \ud800", "half \\ud800"),
        ("line\u2028end", "line\\u2028end"),
    ],
)
def test_what_cannot_be_seen_is_shown(text: str, shown: str) -> None:
    assert visible(text) == shown


@pytest.mark.parametrize(("length", "end"), [(79, "x"), (80, "x"), (81, "…"), (5000, "…")])
def test_long_text_is_cut_with_an_ellipsis(length: int, end: str) -> None:
    text = cut("x" * length)
    assert len(text) == min(length, 80)
    assert text.endswith(end)


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("a|b", r"a\|b"),
        ("a\\|b", r"a\\\|b"),
        ("one\n\n# two", r"one␊␊\# two"),
        ("<img src=x onerror=alert(1)>", "&lt;img src=x onerror=alert(1)&gt;"),
        ("&lt;b&gt;", "&amp;lt;b&amp;gt;"),
        ("![a](b) [c](d)", r"\!\[a\](b) \[c\](d)"),
        ("`code` *b* _i_ ~~s~~", r"\`code\` \*b\* \_i\_ \~\~s\~\~"),
        ("https://x.org", "https:\u2060//x.org"),
        ("WWW.x.org", "WWW\u2060.x.org"),
        ("me@x.org", "me\u2060@x.org"),
    ],
)
def test_markdown_is_escaped(text: str, escaped: str) -> None:
    assert markdown(text) == escaped


@pytest.mark.parametrize(
    ("text", "cell", "escaped"),
    [
        ("a|b", False, "`a|b`"),
        ("a|b", True, r"`a\|b`"),
        ("a`b``c", False, "``` a`b``c ```"),
        ("a\nb", False, "`a␊b`"),
    ],
)
def test_code_keeps_its_fence(text: str, cell: bool, escaped: str) -> None:
    assert code(text, cell) == escaped
