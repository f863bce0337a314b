"""Containers: whatever is packed comes out as it went in, or stays packed with a reason."""

import bz2
import gzip
import hashlib
import io
import lzma
import os
import stat
import struct
import sys
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest import blobs, compression, landing
from ingest.compression import PIECE
from ingest.containers import Limits, Member, unpack
from ingest.errors import NoRoom

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

USUAL = Limits()
CSV = b"id,name\n1,x\n2,y\n"
PACK: dict[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.compress,
    ".zst": zstd.compress,
    ".bz2": bz2.compress,
    ".xz": lambda data: lzma.compress(data, preset=0),
}


def zipped(*members: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return made.getvalue()


def link(name: str, kind: int = stat.S_IFLNK) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.create_system, info.external_attr = 3, (kind | 0o777) << 16
    return info


def patched(archive: bytes, mark: bytes, at: int, value: bytes) -> bytes:
    """Overwrite a field of each header that begins with a mark."""
    data = bytearray(archive)
    found = data.find(mark)
    while found >= 0:
        data[found + at : found + at + len(value)] = value
        found = data.find(mark, found + 1)
    return bytes(data)


def encrypted(archive: bytes) -> bytes:
    return patched(patched(archive, b"PK\1\2", 8, b"\1\0"), b"PK\3\4", 6, b"\1\0")


@pytest.fixture
def opened(tmp_path: Path) -> Callable[..., tuple[Member, ...]]:
    """Land bytes under a name, freeze and unpack them."""

    def land(name: str, data: bytes, limits: Limits = USUAL) -> tuple[Member, ...]:
        (tmp_path / "landed").write_bytes(data)
        blob = blobs.freeze(landing.look(tmp_path / "landed"), tmp_path / "blobs")
        return unpack(name, blob, tmp_path / "blobs", limits)

    return land


@pytest.fixture
def contents(tmp_path: Path) -> Callable[[tuple[Member, ...]], dict[str, bytes]]:
    """What the members hold, by their names; of each blob, the hash is verified."""

    def read(members: tuple[Member, ...]) -> dict[str, bytes]:
        held = {}
        for member in members:
            data = blobs.locate(member.blob.sha256, tmp_path / "blobs").read_bytes()
            assert (hashlib.sha256(data).hexdigest(), len(data)) == (
                member.blob.sha256,
                member.blob.size,
            )
            held[member.name] = data
        assert len(held) == len(members)
        assert not list((tmp_path / "blobs").glob("*.tmp"))
        return held

    return read


def codes(members: tuple[Member, ...]) -> list[tuple[str, ...]]:
    return [tuple(fault.code for fault in member.faults) for member in members]


@pytest.mark.parametrize(
    ("name", "data", "held"),
    [
        ("a.csv", CSV, {"a.csv": CSV}),
        ("a.csv", b"", {"a.csv": b""}),
        ("a.csv", b"PK is no zip", {"a.csv": b"PK is no zip"}),
        ("a.csv", b"BZh9,is,no,bzip2", {"a.csv": b"BZh9,is,no,bzip2"}),
        *((f"a.csv{end}", pack(CSV), {f"a.csv{end}": CSV}) for end, pack in PACK.items()),
        *((f"a{end}", pack(b""), {f"a{end}": b""}) for end, pack in PACK.items()),
        *(
            (f"A{end.upper()}", pack(CSV) + pack(b"") + pack(CSV), {f"A{end.upper()}": CSV + CSV})
            for end, pack in PACK.items()
        ),
        ("a.gz", gzip.compress(CSV, mtime=0) + bytes(512), {"a.gz": CSV}),
        (
            "a.zst",
            b"\x53\x2a\x4d\x18\x03\0\0\0abc" + zstd.compress(CSV),
            {"a.zst": CSV},
        ),
        ("a.csv.gz.xz", lzma.compress(gzip.compress(CSV, mtime=0)), {"a.csv.gz.xz": CSV}),
        (
            "in/jan.zip",
            zipped(("a.csv", CSV), ("deep/", b""), ("deep/b.json", b"[]")),
            {"in/jan.zip/a.csv": CSV, "in/jan.zip/deep/b.json": b"[]"},
        ),
        (
            "jan.zip",
            zipped(("a.csv.gz", gzip.compress(CSV, mtime=0)), ("b.zip", zipped(("c.csv", CSV)))),
            {"jan.zip/a.csv.gz": CSV, "jan.zip/b.zip/c.csv": CSV},
        ),
        (
            "jan.zip",
            zipped(
                ("__MACOSX/._a.csv", b"junk"),
                (".DS_Store", b"junk"),
                ("in/.ds_store", b"junk"),
                ("in/Thumbs.db", b"junk"),
                ("._a.csv", b"junk"),
                ("in\\a.csv", CSV),
                ("./b//c.csv", CSV),
            ),
            {"jan.zip/in/a.csv": CSV, "jan.zip/b/c.csv": CSV},
        ),
        ("a.zip", zipped(("a", CSV), method=zipfile.ZIP_STORED), {"a.zip/a": CSV}),
        ("a.zip", zipped(("a", CSV), method=zipfile.ZIP_BZIP2), {"a.zip/a": CSV}),
        ("a.zip", zipped(("ä.csv", b"")), {"a.zip/ä.csv": b""}),
        (
            "a.zip",
            patched(zipped(("ä.csv", b"")), b"PK\1\2", 8, b"\0\0"),
            {"a.zip/ä.csv": b""},
        ),
    ],
)
def test_what_is_packed_comes_out(opened, contents, name, data, held):
    members = opened(name, data)
    assert contents(members) == held
    assert not any(member.faults for member in members)


@pytest.mark.parametrize(
    ("name", "data", "held", "code"),
    [
        ("a.csv.gz", CSV, {"a.csv.gz": CSV}, "not-a-container"),
        ("a.zip", CSV, {"a.zip": CSV}, "not-a-container"),
        ("a.csv", gzip.compress(CSV, mtime=0), {"a.csv": CSV}, "unexpected-container"),
        ("a.csv.gz", zstd.compress(CSV), {"a.csv.gz": CSV}, "unexpected-container"),
        ("a.csv", zipped(("b.csv", CSV)), {"a.csv/b.csv": CSV}, "unexpected-container"),
        ("a.zip", zipped(("b.gz", CSV)), {"a.zip/b.gz": CSV}, "not-a-container"),
        ("a.gz", gzip.compress(CSV, mtime=0) + b"hello", {"a.gz": CSV}, "trailing-bytes"),
    ],
)
def test_what_is_odd_about_it_is_told(opened, contents, name, data, held, code):
    members = opened(name, data)
    assert contents(members) == held
    assert codes(members) == [(code,)]
    assert not members[0].faults[0].fatal


@pytest.mark.parametrize(
    ("member", "shown", "code"),
    [
        ("../a.csv", "a.csv", "unsafe-member"),
        ("in/../../a.csv", "in/a.csv", "unsafe-member"),
        ("..\\a.csv", "a.csv", "unsafe-member"),
        ("/etc/passwd", "etc/passwd", "unsafe-member"),
        ("C:\\a.csv", "C:/a.csv", "unsafe-member"),
        ("..", "unnamed", "unsafe-member"),
        ("a" * 1001, "a" * 1000, "unsafe-member"),
        (link("a.csv"), "a.csv", "unsafe-member"),
        (link("a.csv", stat.S_IFIFO), "a.csv", "unsafe-member"),
    ],
)
def test_what_leads_out_of_an_archive_stays_packed(opened, contents, member, shown, code):
    members = opened("jan.zip", zipped((member, CSV), ("good.csv", CSV)))
    held = contents(members)
    assert held.pop("jan.zip/good.csv") == CSV
    assert codes(members) == [(code,), ()]
    assert members[0].faults[0].fatal
    ((name, packed),) = held.items()
    assert name == f"jan.zip/{shown}"
    assert packed.startswith(b"PK\3\4")
    assert packed != CSV


@pytest.mark.parametrize(
    ("archive", "code"),
    [
        (encrypted(zipped(("a.csv", CSV))), "encrypted-member"),
        (patched(zipped(("a.csv", CSV)), b"PK\1\2", 10, b"\x09\0"), "unsupported-compression"),
        (patched(zipped(("a.csv", CSV)), b"PK\1\2", 16, b"\1\2\3\4"), "damaged-container"),
        (patched(zipped(("a.csv", CSV)), b"PK\1\2", 24, b"\1"), "damaged-container"),
        (patched(zipped(("a.csv", CSV)), b"PK\1\2", 42, b"\1"), "damaged-container"),
        (patched(zipped(("a.csv", CSV)), b"PK\1\2", 20, b"\xff\xff\xff\x7f"), "damaged-container"),
        (zipped(("a.csv.gz", b"\x1f\x8b\x08no")), "damaged-container"),
        (zipped(("a.csv.zip", b"PK\3\4 no zip")), "damaged-container"),
        (zipped(("a.csv.zip", zipped())), "empty-archive"),
    ],
)
def test_what_cannot_be_unpacked_stays_packed(opened, contents, archive, code):
    members = opened("jan.zip", archive)
    assert codes(members) == [(code,)]
    assert members[0].faults[0].fatal
    assert contents(members) != {"jan.zip/a.csv": CSV}


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("other", ["a.csv", "./a.csv", "../a.csv"])
def test_of_members_called_alike_none_is_guessed_at(opened, contents, other):
    members = opened("jan.zip", zipped(("a.csv", CSV), (other, CSV + CSV), ("b.csv", CSV)))
    assert sorted(codes(members)) in ([(), ("duplicate-member",)], [(), ("unsafe-member",)])
    assert contents(members)["jan.zip/b.csv"] == CSV


@pytest.mark.parametrize("end", PACK)
@pytest.mark.parametrize("nul", [b"", b"\0"])
def test_of_what_is_cut_off_whole_lines_are_kept(opened, contents, end, nul):
    lines = [os.urandom(20).hex().encode() + b"\n" + nul for _ in range(30_000)]
    whole = b"".join(lines)
    packed = PACK[end](whole)
    for cut in (16, len(packed) // 2, len(packed) - 1):
        members = opened(f"a.csv{end}", packed[:cut])
        ((name, held),) = contents(members).items()
        assert name == f"a.csv{end}"
        assert whole.startswith(held)
        assert len(held) % len(lines[0]) == 0
        (fault,) = members[0].faults
        assert (fault.code, fault.byte, fault.incomplete) == (
            "truncated-compression",
            len(held),
            True,
        )
    assert len(held) > len(whole) - PIECE


def test_a_single_line_that_is_cut_off_is_kept_as_far_as_it_came(opened, contents):
    whole = b"[" + b",".join(b'{"id": %d}' % i for i in range(1000))
    members = opened("a.json.gz", gzip.compress(whole)[:-1])
    assert contents(members) == {"a.json.gz": whole}


def test_a_line_without_end_is_not_waited_for(opened, contents, monkeypatch):
    monkeypatch.setattr(compression, "LONGEST_TAIL", 1 << 20)
    packed = gzip.compress(b"a\n" + os.urandom(1 << 20).hex().encode() * 3)
    ((_, held),) = contents(opened("a.csv.gz", packed[:-9])).items()
    assert len(held) > 3 << 20


def test_an_archive_that_we_do_not_unpack_is_named(opened, contents):
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as archive:
        archive.addfile(tarfile.TarInfo("a.csv"))
    foreign = {
        "tar": made.getvalue(),
        "7z": b"7z\xbc\xaf\x27\x1c\0\4",
        "rar": b"Rar!\x1a\x07\1\0",
        "lz4": b"\x04\x22\x4d\x18d",
        "compress": b"\x1f\x9d\x90a",
    }
    for kind, data in foreign.items():
        members = opened("a.csv", data)
        assert members[0].faults[-1].message.startswith(f"it is {kind}, which is not unpacked")
        assert members[0].faults[-1].fatal


def test_what_is_damaged_is_kept_as_it_came(opened, contents):
    packed = bytearray(gzip.compress(CSV, mtime=0))
    packed[-6] ^= 1
    members = opened("a.csv.gz", bytes(packed))
    assert codes(members) == [("damaged-container",)]
    assert contents(members) == {"a.csv.gz": bytes(packed)}


@pytest.mark.parametrize(
    "name", ["[Content_Types].xml", "mimetype"], ids=["workbook", "open document"]
)
def test_a_document_is_no_archive(opened, contents, name):
    document = zipped((name, b"application/..."), ("data.csv", CSV))
    members = opened("a.xlsx", document)
    assert contents(members) == {"a.xlsx": document}
    assert codes(members) == [()]


LOW = Limits(unpacked=8 << 20, ratio=10, ratio_from=1 << 20, members=3, depth=2)
ZEROS = bytes(2 << 20)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        *((pack(ZEROS), "unpacks-too-large") for pack in PACK.values()),
        (zipped(("a", ZEROS)), "unpacks-too-large"),
        (zipped(("a", ZEROS), method=zipfile.ZIP_BZIP2), "unpacks-too-large"),
        (zipped(*((str(i), ZEROS[: 1 << 19]) for i in range(3))), "unpacks-too-large"),
        (gzip.compress(os.urandom(9 << 20)), "unpacks-too-large"),
        (zipped(*((str(i), b"") for i in range(4))), "too-many-members"),
        (
            zipped(*((f"{i}.zip", zipped(("a", CSV), ("b", CSV))) for i in range(2))),
            "too-many-members",
        ),
        (gzip.compress(gzip.compress(gzip.compress(CSV, mtime=0))), "nested-too-deep"),
        (zipped(("a.zip", zipped(("a.csv.gz", gzip.compress(CSV, mtime=0))))), "nested-too-deep"),
        (b"PK\5\6" + bytes(18), "empty-archive"),
        (zipped(("a/", b"")), "empty-archive"),
        (zipped(("a", CSV))[:-30], "damaged-container"),
    ],
)
def test_what_goes_beyond_the_limits_leaves_nothing(opened, contents, tmp_path, data, code):
    members = opened("a.csv", data, LOW)
    assert contents(members) == {"a.csv": data}
    assert code in codes(members)[0]
    assert any(fault.fatal for fault in members[0].faults)
    stored = [path for path in (tmp_path / "blobs").rglob("*") if path.is_file()]
    assert len(stored) == 1


def test_small_files_may_be_packed_as_well_as_they_can(opened):
    assert codes(opened("a.csv.gz", gzip.compress(bytes(1 << 20)), LOW)) == [()]


def test_a_list_of_members_too_long_to_be_read_is_not_read(opened):
    data = bytearray(zipped(("a", b"")) + bytes(2 << 20))
    end = data.find(b"PK\5\6")
    tail = data[end : end + 22]
    data = data[:end] + bytes(2 << 20) + tail
    struct.pack_into("<L", data, len(data) - 10, (2 << 20) + 47)
    ((fault,),) = (member.faults for member in opened("a.zip", bytes(data), LOW))
    assert (fault.code, fault.message) == (
        "damaged-container",
        "its list of members takes 2 MB; send it again",
    )


def test_where_there_is_no_room_nothing_is_kept(opened, contents, tmp_path):
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    data = gzip.compress(os.urandom(1 << 10) * 4096)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, hard))
    try:
        with pytest.raises(NoRoom, match="nothing is lost; make room, and run again"):
            opened("a.gz", data)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert [path.stat().st_size for path in (tmp_path / "blobs").glob("*/*")] == [len(data)]
    assert contents(opened("a.gz", data)) == {"a.gz": gzip.decompress(data)}


NAMES = st.text(
    st.characters(exclude_characters="/\\\0:", codec="utf-8"), min_size=1, max_size=8
).filter(lambda name: not name.startswith("._"))
Packed = tuple[str, bytes, dict[str, bytes]]
"""A name, the bytes under it, and what must come out under which names."""


@st.composite
def plain(draw: st.DrawFn) -> Packed:
    name, data = f"{draw(NAMES)}.csv", b"x" + draw(st.binary(max_size=100))
    return name, data, {name: data}


@st.composite
def compressed(draw: st.DrawFn, inner: st.SearchStrategy[Packed]) -> Packed:
    (name, data, held), end = draw(inner), draw(st.sampled_from(sorted(PACK)))
    return name + end, PACK[end](data), {name + end + k[len(name) :]: v for k, v in held.items()}


@st.composite
def archived(draw: st.DrawFn, inner: st.SearchStrategy[Packed]) -> Packed:
    many = draw(st.lists(inner, min_size=1, max_size=3, unique_by=lambda one: one[0]))
    name = f"{draw(NAMES)}.zip"
    data = zipped(*((member, data) for member, data, _ in many))
    return name, data, {f"{name}/{k}": v for *_, held in many for k, v in held.items()}


@settings(max_examples=25, deadline=None)
@given(st.recursive(plain(), lambda inner: compressed(inner) | archived(inner), max_leaves=4))
def test_whatever_the_layers_what_went_in_comes_out(packed):
    name, data, held = packed
    with TemporaryDirectory() as directory:
        place = Path(directory)
        (place / "landed").write_bytes(data)
        blob = blobs.freeze(landing.look(place / "landed"), place)
        members = unpack(name, blob, place, Limits(depth=20))
        out = {m.name: blobs.locate(m.blob.sha256, place).read_bytes() for m in members}
    assert out == held
    assert not any(member.faults for member in members)


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(
        [
            zipped(("a.csv", CSV), ("b.gz", gzip.compress(CSV, mtime=0))),
            *(p(CSV) for p in PACK.values()),
        ]
    ),
    st.lists(st.tuples(st.integers(0, 300), st.binary(max_size=4)), min_size=1, max_size=3),
)
def test_whatever_is_broken_about_it_is_a_fault_and_no_accident(data, changes):
    broken = bytearray(data)
    for at, value in changes:
        broken[at : at + len(value)] = value
    with TemporaryDirectory() as directory:
        place = Path(directory)
        (place / "landed").write_bytes(broken)
        blob = blobs.freeze(landing.look(place / "landed"), place)
        for member in unpack("a", blob, place, LOW):
            held = blobs.locate(member.blob.sha256, place).read_bytes()
            assert hashlib.sha256(held).hexdigest() == member.blob.sha256
        assert not list(place.glob("*.tmp"))
