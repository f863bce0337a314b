"""Document: where a key stands, and what YAML lets pass that a reader would not see."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.document import Document, DocumentInvalid, Keys, read, spell

ORDERS = """\
dataset: orders
defaults: &quiet
  severity: warning
columns:
  - name: id
    checks: [not_null]
  - {name: until, checks: [{range: {<<: *quiet, max: 2}}]}
"""


def written(tmp_path: Path, text: str | bytes) -> Path:
    path = tmp_path / "orders.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.fixture
def orders(tmp_path: Path) -> Document:
    return read(written(tmp_path, ORDERS))


def test_says_what_the_file_says(orders: Document) -> None:
    assert orders.data["dataset"] == "orders"
    assert orders.data["columns"][1]["checks"] == [{"range": {"severity": "warning", "max": 2}}]


@pytest.mark.parametrize(
    ("keys", "line"),
    [
        ((), 1),
        (("dataset",), 1),
        (("columns", 0), 5),
        (("columns", 0, "checks", 0), 6),
        (("columns", 1, "checks", 0, "range", "max"), 7),
        (("columns", 1, "checks", 0, "range", "severity"), 3),
        (("columns", 1, "type"), 7),
        (("columns", 9), 4),
        (("owner",), 1),
    ],
)
def test_knows_the_line_of_each_key(orders: Document, keys: Keys, line: int) -> None:
    assert orders.line(keys) == line


@pytest.mark.parametrize(
    ("keys", "spelled"),
    [
        ((), ""),
        (("policy", "green"), "policy.green"),
        (("columns", 0, "type"), "columns[0].type"),
        (("columns", 0, "checks", 1), "columns[0].checks[1]"),
    ],
)
def test_spells_the_way_to_a_key(keys: Keys, spelled: str) -> None:
    assert spell(keys) == spelled


def test_names_the_file_as_seen_from_here(
    orders: Document, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert orders.at(("columns",)) == f"{tmp_path}/orders.yaml:4"
    monkeypatch.chdir(tmp_path)
    assert orders.at(("columns",)) == "orders.yaml:4"


def test_an_empty_file_says_nothing(tmp_path: Path) -> None:
    assert read(written(tmp_path, "# nothing yet\n")).data == {}


def test_a_byte_order_mark_is_no_part_of_the_first_key(tmp_path: Path) -> None:
    assert read(written(tmp_path, b"\xef\xbb\xbfdataset: orders")).data == {"dataset": "orders"}


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        (
            "a: 1\nb: {c: 1, c: 2}\na: 3\n",
            ["2: 'c' stands here already, on line 2", "3: 'a' stands here already, on line 1"],
        ),
        ("on: 1\n", ['1: a key must be text; write it in quotes: "on"']),
        ("? [a]\n: 1\n", ["1: a key must be text; write it in quotes"]),
        ("a:\n  - &a [*a]\n", ["2: contains itself"]),
        ("a: 1\nb: !!python/object/apply:os.getcwd []\n", ["2: could not determine a constructor"]),
        ("a: 1\nuntil: 2026-02-31\n", ["2: day is out of range for month"]),
        ("a: 1\nb: [1\n", ["3: expected ',' or ']', but got '<stream end>'"]),
        ("a: 1\n\tb: 2\n", ["2: found character '\\t' that cannot start any token"]),
        ("a: 1\n---\nb: 2\n", ["2: but found another document"]),
        ("a: *b\n", ["1: found undefined alias 'b'"]),
        ("- a\n", ["1: must be keys with values, `key: value`"]),
        ("just text\n", ["1: must be keys with values, `key: value`"]),
        ("a: \x01\n", [" special characters are not allowed"]),
        (b"a: caf\xe9\n", [" is not UTF-8 at byte 6"]),
    ],
)
def test_what_is_no_such_yaml(tmp_path: Path, text: str | bytes, problems: list[str]) -> None:
    path = written(tmp_path, text)
    with pytest.raises(DocumentInvalid) as caught:
        read(path)
    assert len(caught.value.problems) == len(problems)
    for said, expected in zip(caught.value.problems, problems, strict=True):
        assert expected in said.removeprefix(str(path))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DocumentInvalid, match=r"orders.yaml: cannot be read: No such file"):
        read(tmp_path / "orders.yaml")


def test_aliases_of_aliases_are_refused_at_once(tmp_path: Path) -> None:
    levels = [f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]" for n in range(1, 30)]
    path = written(tmp_path, "\n".join(["l0: &l0 [x]", *levels]))
    with pytest.raises(DocumentInvalid, match=r"comes to more than 500 000 values"):
        read(path)


def test_what_is_nested_too_deeply_is_said_to_be(tmp_path: Path) -> None:
    path = written(tmp_path, "a: " + "[" * 5000 + "]" * 5000)
    with pytest.raises(DocumentInvalid, match=r"orders.yaml: is nested too deeply"):
        read(path)
