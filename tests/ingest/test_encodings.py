"""Encodings: told from the letters, and no byte that is no text passes for some."""

import codecs
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from ingest import encodings
from ingest.areas import attach
from ingest.encodings import Encoding, as_utf8, recognise
from ingest.source import Csv, Json
from ingest.staged import sound_records
from ingest.staging import stage as stage_file

WIDE = ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"]
MARKED = {"utf-8-sig": "utf-8-sig", "utf-16": "utf-16", "utf-32": "utf-32"}
TEXTS = {
    "English": "id,name\n1,Smith\n2,Jones\n",
    "mixed": "id,name\n1,Müller\n2,São Paulo\n3,Orléans\n4,Málaga\n5,5 € – “ok”\n",
    "Polish": "id,name\n1,Łódź\n2,Kraków\n3,Szczęsny\n4,Wałęsa\n",
    "Czech": "id,name\n1,Dvořák\n2,Příbram\n3,Žižkov\n4,Plzeň\n",
    "Hungarian": "id,name\n1,Győr\n2,Székesfehérvár\n3,Szűcs\n",
    "Russian": "id,name\n1,Москва\n2,Санкт-Петербург\n3,Пётр\n",
    "Greek": "id,name\n1,Αθήνα\n2,Θεσσαλονίκη\n3,Γιώργος\n",
    "Turkish": "id,name\n1,İstanbul\n2,Beşiktaş\n3,Ağrı\n4,Işık\n",
    "Hebrew": "id,name\n1,תל אביב\n2,ירושלים\n3,משה כהן\n",
    "Arabic": "id,name\n1,القاهرة\n2,الرياض\n3,محمد\n",
    "Thai": "id,name\n1,กรุงเทพ เชียงใหม่\n2,บริษัท จำกัด\n3,ประเทศไทย สวัสดี\n4,ถนน บริษัท\n",
    "Japanese": "id,name\n1,東京\n2,株式会社カタカナ\n3,ありがとう\n4,表示能力\n",
    "Chinese": "id,name\n1,北京\n2,上海市有限公司\n3,张伟\n4,深圳市\n",
    "Korean": "id,name\n1,서울\n2,부산\n3,주식회사\n",
}


@pytest.fixture
def told(tmp_path: Path):
    """Tell the encoding of some bytes."""

    def tell(data: bytes, declared: str | None = None) -> Encoding:
        (tmp_path / "blob").write_bytes(data)
        return recognise(tmp_path / "blob", declared)

    return tell


@pytest.fixture
def text_of(tmp_path: Path):
    """Read some bytes in an encoding, as formats do."""

    def read(data: bytes, encoding: Encoding) -> str:
        (tmp_path / "blob").write_bytes(data)
        read = as_utf8(tmp_path / "blob", encoding, tmp_path / "copy")
        return read.read_bytes().removeprefix(codecs.BOM_UTF8).decode("utf-8", "backslashreplace")

    return read


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize("name", ["utf-8", *WIDE, *MARKED])
def test_unicode_is_told_with_and_without_a_mark(told, text_of, text, name):
    encoding = told(text.encode(name))
    assert encoding == Encoding(MARKED.get(name, name), "mark" if name in MARKED else "detected")
    assert text_of(text.encode(name), encoding) == text


@pytest.mark.parametrize(
    ("language", "name"),
    [
        ("mixed", "cp1252"),
        ("Polish", "cp1250"),
        ("Polish", "iso8859-2"),
        ("Czech", "cp1250"),
        ("Hungarian", "cp1250"),
        ("Russian", "cp1251"),
        ("Russian", "koi8-r"),
        ("Russian", "cp866"),
        ("Greek", "cp1253"),
        ("Turkish", "cp1254"),
        ("Hebrew", "cp1255"),
        ("Arabic", "cp1256"),
        ("Thai", "cp874"),
        ("Japanese", "cp932"),
        ("Japanese", "euc_jp"),
        ("Chinese", "gb18030"),
        ("Korean", "euc_kr"),
    ],
)
def test_other_encodings_are_told_by_the_words_that_they_make(told, text_of, language, name):
    data = TEXTS[language].encode(name)
    assert text_of(data, told(data)) == TEXTS[language]


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"", "utf-8"),
        (b"\0", "utf-8"),
        (b"\xff", "utf-8"),
        (b"1,caf\xe9\n", "cp1252"),
        (b"1,CAF\xc9\n", "cp1252"),
        (b"it\x92s 5 \x80\n", "cp1252"),
        (b"20 m\xb2, 5 \xb0C\n", "cp1252"),
        (b"id,name\n1,\xff\n2,y\n", "utf-8"),
        (b"id,name\n1,x\0\n2,y\n", "utf-8"),
        (b"id,name\n1,x\0\0\0\0\n2,y\0\0\0\0\n", "utf-8"),
        ("é\n".encode() * 3 + b"\xe9t\xe9\n" * 2, "utf-8"),
        (bytes(range(128, 256)), "utf-8"),
        ("it’s one, it’s\n".encode() + "it’s… so\n".encode("cp1252") * 3, "utf-8"),
        ("Twô wördç\n".encode("cp1252"), "cp1252"),
        ("1001 · Trust\n".encode("cp1252"), "cp1252"),
        ('"","対象リスク","bmi"\n'.encode("cp932"), "cp932"),
        ("名,上\n".encode("utf-16-le"), "utf-16-le"),
        ("id,name\n1,loading…\n2,• so… so…\n".encode("utf-16-le"), "utf-16-le"),
        (b"id,name\n1,x\0y\n2,y\0\n", "utf-8"),
    ],
)
def test_what_makes_no_sense_otherwise_is_left_as_it_is(told, data, name):
    assert told(data).name == name


@pytest.mark.parametrize("after", ["1,café\n".encode("latin-1"), "1,café\n".encode()])
def test_the_first_byte_beyond_ascii_may_come_late(told, after):
    whole = b"1,some text in plain ASCII\n" * 100_000 + after
    assert told(whole).name == ("utf-8" if b"\xc3" in after else "cp1252")


def test_a_mark_is_believed_before_a_contract_and_a_contract_before_the_text(told):
    german = "1,Müller\n"
    assert told(german.encode("utf-16"), "cp1252") == Encoding("utf-16", "mark")
    assert told(german.encode("cp1252"), "iso8859-2") == Encoding("iso8859-2", "declared")
    assert told(german.encode("utf-16-le"), "utf-16-le") == Encoding("utf-16-le", "declared")
    assert told(german.encode("utf-16-be"), "utf-16") == Encoding("utf-16-be", "declared")


@pytest.mark.parametrize(
    ("declared", "data", "read"),
    [
        ("utf-16", "id,name\n1,é\n".encode("utf-16-be"), "id,name\n1,é\n"),
        ("utf-32", "id,name\n1,é\n".encode("utf-32-be"), "id,name\n1,é\n"),
        ("utf-16", "東京".encode("utf-16-le"), "東京"),
        ("utf-16", b"id,n", "摩測"),
        ("utf-32", b"id,n\n", "\\x69\\x64\\x2c\\x6e"),
    ],
)
def test_what_is_declared_of_wide_characters_is_read_so_without_a_mark(
    stage, source, declared, data, read
):
    staged = stage(data, "a.csv", source(format=Csv(encoding=declared)))
    assert Path(staged.framed).read_bytes().decode("utf-8", "backslashreplace").startswith(read)
    assert "encoding-differs" not in [error.code for error in staged.errors]


CODECS = ["ascii", "cp1252", "cp1250", "cp1253", "shift_jis", "cp932", "gb18030", "euc_kr", *WIDE]
BYTES = st.lists(
    st.sampled_from(
        [b"a", b"\n", b"\0", b"\xc3", b"\xa9", b"\xe3\x81\x82", b"\x81", b"\xff", b"\xd8"]
    )
    | st.binary(max_size=4)
).map(b"".join)


@settings(max_examples=300, deadline=None)
@given(BYTES, st.sampled_from(CODECS), st.integers(1, 9))
def test_what_does_not_decode_never_looks_as_if_it_did(data, name, size):
    with TemporaryDirectory() as directory, pytest.MonkeyPatch.context() as patch:
        blob, copy = Path(directory, "blob"), Path(directory, "copy")
        blob.write_bytes(data)
        read = encodings.chunks
        patch.setattr(encodings, "chunks", lambda path, **_: read(path, size=size))
        as_utf8(blob, Encoding(name, "declared"), copy)
        copied = copy.read_bytes()
    try:
        text = data.decode(name)
    except UnicodeDecodeError:
        with pytest.raises(UnicodeDecodeError):
            copied.decode()
    else:
        assert copied.decode() == text


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.sampled_from(["Müller", "São Paulo", "Москва", "東京", "5 €", "it’s"]), min_size=4),
    st.lists(st.tuples(st.integers(0, 20), st.integers(0x80, 0xFF)), max_size=2),
)
def test_a_few_bad_bytes_make_no_other_encoding_of_utf8(words, bad):
    data = bytearray("".join(f"{i},{word}\n" for i, word in enumerate(words)).encode())
    for at, byte in bad:
        data[at] = byte
    with TemporaryDirectory() as directory:
        blob = Path(directory, "blob")
        blob.write_bytes(data)
        assert recognise(blob, None).name == "utf-8"


def rejects(con, staged):
    table = staged.area.table("rejects")
    return con.sql(f"SELECT line, byte, raw, reason FROM {table} ORDER BY number").fetchall()


def names(con, staged):
    rows = con.sql(sound_records(staged, lambda column: f"{column}__castable")).fetchall()
    return [(number, name) for number, _, _, name, *_ in rows]


UNDECODABLE = {
    "cp1252": b"\x81",
    "shift_jis": b"\xff",
    "utf-16-le": b"\0\xd8",
    "utf-16-be": b"\xd8\0",
    "utf-32-le": b"\0\0\x11\0",
}


@pytest.mark.parametrize(("name", "bad"), UNDECODABLE.items(), ids=UNDECODABLE)
@pytest.mark.parametrize(
    ("file", "head", "record", "line"),
    [
        ("a.csv", "id,name\n", "%d,%s\n", 3),
        ("a.jsonl", "", '{"id": %d, "name": "%s"}\n', 2),
        ("a.json", "[", '{"id": %d, "name": "%s"},\n', 2),
    ],
)
def test_a_byte_that_does_not_decode_costs_its_record(
    con, stage, source, name, bad, file, head, record, line
):
    word = "東京" if name == "shift_jis" else "Müller"
    records = [record % (number, text) for number, text in enumerate([word, "x?", word], 1)]
    text = head + "".join(records).rstrip(",\n") + ("]" if head == "[" else "")
    data = text.encode(name).replace("?".encode(name), bad)
    spec = (Csv if file == "a.csv" else Json)(encoding=name)
    staged = stage(data, file, source(format=spec))
    assert names(con, staged) == [(1, word), (3, word)]
    ((at, byte, raw, reason),) = rejects(con, staged)
    assert (at, byte) == (line, None)
    shown = "".join(f"\\x{each:02x}" for each in bad)
    assert raw == (record % (2, f"x{shown}")).rstrip(",\n")
    assert reason == f"it holds bytes that are not {codecs.lookup(name).name}, shown as escapes"
    assert staged.dialect["encoding"] == codecs.lookup(name).name


def test_a_sound_file_in_utf8_is_not_copied(stage, tmp_path):
    staged = stage("id,name\n1,Müller\n".encode(), "a.csv")
    assert Path(staged.framed).read_bytes() == "id,name\n1,Müller\n".encode()
    assert not list(staged.area.scratch.glob("*.utf8"))
    assert staged.dialect["encoding_known_by"] == "detected"


def test_what_was_told_once_is_not_told_again(con, tmp_path, source):
    blob = tmp_path / "blob"
    blob.write_bytes("id,name\n1,Wałęsa\n".encode("cp1250"))
    with attach(con, "s", tmp_path, lasting=False) as fresh:
        told = stage_file(con, blob, "csv", source(), fresh).dialect
    assert told["encoding"] == "cp1250"
    with attach(con, "s", tmp_path, lasting=False) as fresh:
        pinned = replace(fresh, pinned={**told, "encoding": "iso8859-2"})
        again = stage_file(con, blob, "csv", source(), pinned)
        assert names(con, again) == [(1, "Wałęsa".encode("cp1250").decode("iso8859-2"))]


def test_a_mark_that_the_contract_does_not_know_is_told(stage, source):
    staged = stage(
        "id,name\n1,é\n".encode("utf-16"), "a.csv", source(format=Csv(encoding="latin-1"))
    )
    assert [error.code for error in staged.errors] == ["encoding-differs"]
    assert staged.rejected == 0
    alike = stage(
        "id,name\n1,é\n".encode("utf-8-sig"), "b.csv", source(format=Csv(encoding="UTF8"))
    )
    assert not alike.errors


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Latin-1", "iso8859-1"),
        ("UTF8", "utf-8"),
        ("Shift-JIS", "shift_jis"),
        ("windows-1252", "cp1252"),
    ],
)
def test_an_encoding_goes_by_any_of_its_names(source, written, name):
    like = source(format=Csv(encoding=written))
    assert like.format.encoding == name
    assert like.fingerprint == source(format=Csv(encoding=name)).fingerprint
    assert like.fingerprint != source(format=Csv()).fingerprint


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("cp12522", "write cp1252, or one like"),
        ("", "is no encoding; write one like utf-8, latin-1"),
        ("base64", "is no encoding"),
        ("rot13", "is no encoding"),
        ("idna", "is no encoding"),
        ("utf-7", "is no encoding"),
        ("a\0b", "is no encoding"),
        ("undefined", "is no encoding"),
    ],
)
def test_what_is_no_encoding_is_refused(written, said):
    with pytest.raises(ValidationError, match=said):
        Csv(encoding=written)
