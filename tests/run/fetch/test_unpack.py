"""Archives into trees, and archives that try to be more than that."""

from __future__ import annotations

import io
import json
import stat
import tarfile
import zipfile
from collections.abc import Callable
from typing import Literal

import pytest

from piot.errors import InputError
from piot.model.digest import Digest
from piot.model.tree import decode_directory
from piot.run.fetch import unpack as room
from piot.run.fetch.unpack import Kind, TreeStore, unpack

SHA256 = "ab" * 32
Member = tuple[tarfile.TarInfo, bytes]


def member(name: str, data: bytes = b"", **attributes: object) -> Member:
    info = tarfile.TarInfo(name)
    info.size = len(data)
    for key, value in attributes.items():
        setattr(info, key, value)
    return info, data


def tar(*members: Member, mode: Literal["w", "w:gz", "w:xz"] = "w:gz") -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as archive:
        for info, data in members:
            archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def wheel(*members: tuple[str, bytes, int]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data, mode in members:
            info = zipfile.ZipInfo(name)
            info.external_attr = mode << 16
            archive.writestr(info, data)
    return buffer.getvalue()


def files(store: TreeStore, root: Digest, above: str = "") -> dict[str, tuple[bytes, bool] | str]:
    """Every file (content, executable) and link (target) of a tree by its path."""
    directory = decode_directory(store.read(root))
    found: dict[str, tuple[bytes, bool] | str] = {}
    for file in directory.files:
        found[above + file.name] = (store.read(file.digest), file.executable)
    for link in directory.symlinks:
        found[above + link.name] = link.target
    for folder in directory.directories:
        found |= files(store, folder.digest, f"{above}{folder.name}/")
    return found


def unpacked(store: TreeStore, data: bytes, kind: Kind) -> dict[str, tuple[bytes, bool] | str]:
    sha256 = SHA256 if kind == "crate" else None
    return files(store, unpack(store, store.put_bytes(data), kind, sha256=sha256))


def test_a_crate_is_what_cargo_wants_in_a_directory_source(store: TreeStore) -> None:
    data = tar(
        member("x-1.0.0/Cargo.toml", b"old"),
        member("x-1.0.0/Cargo.toml", b"[package]"),
        member("x-1.0.0/src", type=tarfile.DIRTYPE),
        member("x-1.0.0/src/lib.rs", b"// x"),
        member("x-1.0.0/build.sh", b"#!", mode=0o755),
        member("x-1.0.0/copy", type=tarfile.LNKTYPE, linkname="x-1.0.0/build.sh"),
        member("x-1.0.0/src/link.rs", type=tarfile.SYMTYPE, linkname="../src/lib.rs"),
    )
    found = unpacked(store, data, "crate")
    checksums = found.pop(".cargo-checksum.json")
    assert found == {
        "Cargo.toml": (b"[package]", False),
        "src/lib.rs": (b"// x", False),
        "build.sh": (b"#!", True),
        "copy": (b"#!", True),
        "src/link.rs": "../src/lib.rs",
    }
    assert not isinstance(checksums, str)
    assert json.loads(checksums[0]) == {"files": {}, "package": SHA256}


def test_a_wheel_is_laid_out_as_an_installer_does(store: TreeStore) -> None:
    data = wheel(
        ("t/__init__.py", b"", 0o100644),
        ("t/tool", b"elf", 0o100755),
        ("t-1.0.data/scripts/t", b"run", 0o100644),
        ("t-1.0.data/data/share/x", b"x", 0),
        ("t-1.0.data/purelib/pure.py", b"", 0),
        ("t-1.0.data/platlib/plat.so", b"", 0),
        ("t-1.0.data/headers/t.h", b"", 0),
        ("t-1.0.dist-info/RECORD", b"", 0),
    )
    assert unpacked(store, data, "wheel") == {
        "t/__init__.py": (b"", False),
        "t/tool": (b"elf", True),
        "bin/t": (b"run", True),
        "share/x": (b"x", False),
        "pure.py": (b"", False),
        "plat.so": (b"", False),
        "include/t.h": (b"", False),
        "t-1.0.dist-info/RECORD": (b"", False),
    }


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:xz"])
def test_a_tar_is_taken_as_it_is(store: TreeStore, mode: Literal["w", "w:gz", "w:xz"]) -> None:
    data = tar(member("./a", b"a"), member("./", type=tarfile.DIRTYPE), member("b/.c", b"c"), mode=mode)
    assert unpacked(store, data, "tar") == {"a": (b"a", False), "b/.c": (b"c", False)}


def test_an_archive_is_unpacked_once_unless_asked_to_do_it_anew(
    store: TreeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    blob = store.put_bytes(tar(member("a", b"a")))
    root = unpack(store, blob, "tar", sha256=None)
    read: list[Digest] = []
    monkeypatch.setattr(store, "read", reading(store.read, read))
    assert unpack(store, blob, "tar", sha256=None) == root
    assert read == []
    assert unpack(store, blob, "tar", sha256=None, anew=True) == root
    assert read == [blob]


def reading(real: Callable[[Digest], bytes], seen: list[Digest]) -> Callable[[Digest], bytes]:
    def read(digest: Digest) -> bytes:
        seen.append(digest)
        return real(digest)

    return read


def test_the_same_content_gives_the_same_tree_whatever_the_order(store: TreeStore) -> None:
    one, two = member("a", b"a", mtime=1), member("b/c", b"c", uid=5)
    assert unpack(store, store.put_bytes(tar(one, two)), "tar", sha256=None) == unpack(
        store, store.put_bytes(tar(two, one, mode="w")), "tar", sha256=None
    )


@pytest.mark.parametrize(
    ("hostile", "expected"),
    [
        (member("/etc/passwd"), "the archive member '/etc/passwd' would leave its folder"),
        (member("../x"), "the archive member '../x' would leave its folder"),
        (member("a/../../x"), "the archive member 'a/../../x' would leave its folder"),
        (member("C:/x"), "the archive member 'C:/x' would leave its folder"),
        (member("a\\x"), "the archive member 'a\\\\x' would leave its folder"),
        (
            member("a/l", type=tarfile.SYMTYPE, linkname="../../x"),
            "the link 'a/l' leads out of the archive, to '../../x'",
        ),
        (
            member("l", type=tarfile.SYMTYPE, linkname="/etc/passwd"),
            "the link 'l' leads out of the archive, to '/etc/passwd'",
        ),
        (
            member("h", type=tarfile.LNKTYPE, linkname="elsewhere"),
            "the archive member 'h' is neither a file, a folder nor a link",
        ),
        (
            member("d", type=tarfile.CHRTYPE, devmajor=1, devminor=3),
            "the archive member 'd' is neither a file, a folder nor a link",
        ),
        (member("f", type=tarfile.FIFOTYPE), "the archive member 'f' is neither a file, a folder nor a link"),
    ],
)
def test_a_hostile_tar_is_refused(store: TreeStore, hostile: Member, expected: str) -> None:
    with pytest.raises(InputError) as caught:
        unpacked(store, tar(hostile), "tar")
    assert str(caught.value) == expected


def test_nothing_is_put_below_a_link(store: TreeStore) -> None:
    data = tar(member("a", type=tarfile.SYMTYPE, linkname="b"), member("a/x", b"x"))
    with pytest.raises(InputError) as caught:
        unpacked(store, data, "tar")
    assert caught.value.message == "two different things at 'a'"


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ((("../x", b"", 0),), "the archive member '../x' would leave its folder"),
        ((("x", b"y", stat.S_IFLNK | 0o777),), "the archive member 'x' is not a plain file"),
        ((("x", b"1", 0), ("./x", b"2", 0)), "the archive has two members './x'"),
        ((("t.data/etc/x", b"", 0),), "the wheel has a folder that no installer knows: 't.data/etc/x'"),
    ],
)
def test_a_hostile_wheel_is_refused(
    store: TreeStore, members: tuple[tuple[str, bytes, int], ...], expected: str
) -> None:
    with pytest.raises(InputError) as caught:
        unpacked(store, wheel(*members), "wheel")
    assert str(caught.value) == expected


def test_a_crate_with_two_folders_is_refused(store: TreeStore) -> None:
    with pytest.raises(InputError) as caught:
        unpacked(store, tar(member("x-1/a"), member("y-1/a")), "crate")
    assert str(caught.value) == "the crate has a file outside of its folder 'x-1': 'y-1/a'"


@pytest.mark.parametrize("limit", ["_MOST_BYTES", "_MOST_MEMBERS"])
@pytest.mark.parametrize("kind", ["tar", "wheel"])
def test_an_archive_of_absurd_size_is_refused_before_it_is_read(
    store: TreeStore, monkeypatch: pytest.MonkeyPatch, limit: str, kind: Kind
) -> None:
    monkeypatch.setattr(room, limit, 3)
    many = [(f"f{number}", b"xx") for number in range(5)]
    tarred = tar(*(member(name, data) for name, data in many))
    data = tarred if kind == "tar" else wheel(*((name, data, 0) for name, data in many))
    with pytest.raises(InputError, match=r"^the archive is absurdly large: more than "):
        unpacked(store, data, kind)


@pytest.mark.parametrize("kind", ["crate", "wheel", "tar"])
@pytest.mark.parametrize(
    "data",
    [b"", b"not an archive" * 100, tar(member("a/b", b"x" * 5000))[:60]],
    ids=["empty", "text", "cut off"],
)
def test_damaged_bytes_are_refused(store: TreeStore, kind: Kind, data: bytes) -> None:
    with pytest.raises(InputError, match=rf"^not a {kind} archive, or a damaged one: "):
        unpacked(store, data, kind)
