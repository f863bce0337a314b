"""The dialects of real messy files, where the corpus lies beside the project."""

from importlib import import_module
from pathlib import Path

import pytest

from ingest.formats.csv_sniffing import head, sniff
from ingest.source import Csv

ROOT = Path(__file__).parents[2]
CORPUS = ROOT.parent / "shared" / "corpora" / "messy-csv"


@pytest.fixture
def measure(monkeypatch):
    monkeypatch.syspath_prepend(ROOT)
    return import_module("benchmarks.dialects")


def test_a_corpus_is_measured(tmp_path, measure):
    files = tmp_path / "files"
    files.mkdir()
    (files / "right.csv").write_text("id;name\n1;x\n2\n")
    (files / "other.csv").write_text("id,name\n1,x\n2,y\n")
    (files / "nobody-knows.csv").write_text("id,name\n1,x\n2,y\n")
    lines = [
        "header",
        "right.csv|utf8|semicolon|doublequote||lf",
        "other.csv|utf8|tab|singlequote||lf",
    ]
    (tmp_path / "dialects.txt").write_text("\n".join(lines))
    annotations = dict(map(measure.Annotation.parse, lines[1:]))
    right, other, unknown = (
        measure.look(files / name, annotations.get(name))
        for name in ("right.csv", "other.csv", "nobody-knows.csv")
    )
    assert (right.clear, right.differences, right.silent) == (True, [], False)
    assert (right.expected, right.read, right.rejected, right.header) == (3, 1, 1, 1)
    assert (other.clear, len(other.differences)) == (False, 2)
    assert (unknown.clear, unknown.expected, unknown.silent) == (False, 3, False)


@pytest.mark.skipif(not CORPUS.exists(), reason="the corpus is not there")
def test_real_files_are_told_exactly_right(tmp_path, measure):
    clear, wrong = 0, []
    for line in (CORPUS / "dialects.txt").read_text().splitlines()[1:]:
        name, annotation = measure.Annotation.parse(line)
        text = measure.decode((CORPUS / "files" / name).read_bytes(), annotation)
        (tmp_path / "b").write_bytes(text.encode())
        told = sniff(head(tmp_path / "b"), Csv())
        if annotation.is_clear(text):
            clear += 1
            wrong += [name] if annotation.differences(vars(told), text) else []
    assert clear > 140
    assert len(wrong) <= 0.03 * clear, wrong
