"""What is picked up from the landing directory, and what is left alone."""

import os
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.blobs import freeze, locate
from ingest.errors import FilePartial, FileUnreadable
from ingest.landing import Ignored, Scan, look, printable, scan
from ingest.landing import locate as locate_landed


def test_only_settled_regular_files_inside_the_root_are_seen(tmp_path):
    landing = tmp_path / "landing"
    (landing / "sub").mkdir(parents=True)
    (landing / "_temporary").mkdir()
    (landing / "_temporary" / "part.csv").write_text("x")
    (landing / "named.csv").mkdir()
    for name in (
        "a.csv",
        "sub/b.json",
        ".hidden.csv",
        "c.csv.part",
        "d.TMP",
        "~$e.csv",
        'e"\n.csv',
    ):
        (landing / name).write_text("x")
    (tmp_path / "outside.csv").write_text("secret")
    (landing / "link.csv").symlink_to(tmp_path / "outside.csv")
    os.mkfifo(landing / "pipe.csv")
    seen = scan(landing)
    assert [file.name for file in seen.files] == ["a.csv", 'e"\n.csv', "sub/b.json"]
    assert {one.name: one.reason.split(",")[0] for one in seen.ignored} == {
        "link.csv": "is a symbolic link; put the file itself here",
        "named.csv": "is a directory",
        "pipe.csv": "is not a regular file",
    }


def test_what_stands_beside_a_file_is_no_data(tmp_path):
    for name in ("a.csv", "a.csv.done", "a.csv.META.JSON", "b.csv", "b.done", "_SUCCESS"):
        (tmp_path / name).write_text("{}")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "c.csv").write_text("x")
    seen = scan(tmp_path)
    assert {file.name: sorted(one.kind for one in file.beside) for file in seen.files} == {
        "a.csv": [".done", ".meta.json", "_SUCCESS"],
        "b.csv": ["_SUCCESS"],
        "sub/c.csv": [],
    }
    assert [(one.name, one.reason) for one in seen.ignored] == [
        ("b.done", "is for b, which is not there")
    ]


def test_a_changed_sidecar_is_another_look(tmp_path):
    (tmp_path / "a.csv").write_text("x")
    (alone,) = scan(tmp_path).files
    (tmp_path / "a.csv.meta.json").write_text("{}")
    (beside,) = scan(tmp_path).files
    assert alone.look != beside.look


def test_what_could_not_be_read_may_hide_files():
    seen = Scan((), (Ignored("sub", "cannot be read", unread=True), Ignored("link", "is a link")))
    assert seen.hides("sub/a.csv")
    assert seen.hides("sub")
    assert not seen.hides("subway.csv")
    assert not seen.hides("link")


def test_a_name_that_is_no_text_is_written_with_escapes(tmp_path):
    (tmp_path / os.fsdecode(b"\xff.csv")).write_text("x")
    (file,) = scan(tmp_path).files
    assert file.name == "\\xff.csv"
    assert freeze(file, tmp_path / "blobs").size == 1


@given(st.binary(min_size=1, max_size=9).filter(lambda name: b"\0" not in name))
def test_a_name_leads_back_to_its_file(name):
    path = Path("landing") / os.fsdecode(name)
    assert locate_landed(Path("landing"), printable(os.fsdecode(name))) == path


def test_a_blob_is_the_file_as_it_was_seen(tmp_path):
    (tmp_path / "a.csv").write_bytes(b"id\n1\n")
    blob = freeze(look(tmp_path / "a.csv"), tmp_path / "blobs")
    assert locate(blob.sha256, tmp_path / "blobs").read_bytes() == b"id\n1\n"
    assert blob.size == 5


def test_a_file_that_changed_since_it_was_seen_is_left_for_the_next_run(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"id\n1\n")
    seen = look(path)
    path.write_bytes(b"id\n1\n2\n")
    with pytest.raises(FilePartial, match="changed after it was seen"):
        freeze(seen, tmp_path / "blobs")
    assert not list((tmp_path / "blobs").iterdir())


def test_a_file_that_went_away_is_not_the_supplier_s_fault(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"id\n1\n")
    seen = look(path)
    path.unlink()
    with pytest.raises(FilePartial, match="went away"):
        freeze(seen, tmp_path / "blobs")


def test_what_is_written_after_a_file_was_frozen_is_seen(tmp_path):
    path = tmp_path / "a.csv"
    for number in range(10):
        path.write_bytes(b"one")
        seen = look(path)
        freeze(seen, tmp_path / "blobs")
        path.write_bytes(b"two")
        assert look(path).look != seen.look, number


def test_a_file_that_turns_into_a_link_is_not_followed(tmp_path):
    (tmp_path / "secret").write_text("x")
    (tmp_path / "link").symlink_to("secret")
    seen = replace(look(tmp_path / "secret"), path=tmp_path / "link", name="link")
    with pytest.raises(FileUnreadable, match="link: cannot be opened"):
        freeze(seen, tmp_path / "blobs")
