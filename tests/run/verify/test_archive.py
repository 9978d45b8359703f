from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import pytest

from piot.run.verify.archive import read_tar_gz, read_zip, unsafe

Maker = Callable[..., bytes]


def test_the_files_of_a_zip_are_read_in_their_order(make_zip: Maker) -> None:
    archive = read_zip(make_zip({"b.py": b"1", "a/": b"", "a/c.py": b""}))
    assert [*archive.members.items()] == [("b.py", b"1"), ("a/c.py", b"")]
    assert archive.findings == ()


def test_a_zip_with_changed_bytes_is_found_by_its_checksum() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("a.py", b"hello")
    assert read_zip(stream.getvalue().replace(b"hello", b"hallo")).findings == (
        "The file is not a sound zip archive: Bad CRC-32 for file 'a.py'.",
    )


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 and no more", b"text"])
def test_what_is_no_zip_is_said_to_be_none(data: bytes) -> None:
    assert read_zip(data).findings == ("The file is not a sound zip archive: File is not a zip file.",)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_zip_with_double_and_unsafe_names_is_refused() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name in ("a.py", "a.py", "../evil.py"):
            archive.writestr(name, b"")
    assert read_zip(stream.getvalue()).findings == (
        "Member a.py occurs more than once.",
        "Member '../evil.py' has an unsafe name: absolute, with '..', or not portable.",
    )


def test_links_and_odd_compressions_in_a_zip_are_refused() -> None:
    link = zipfile.ZipInfo("link")
    link.external_attr = 0o120777 << 16
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(link, b"target")
        archive.writestr("packed", b"data", zipfile.ZIP_BZIP2)
    assert read_zip(stream.getvalue()).findings == (
        "Member link is a symbolic link, which installers write as a file.",
        "Member packed uses zip compression method 12, expected stored or deflate.",
    )


def test_files_and_links_of_a_tar_are_read(make_tar_gz: Maker) -> None:
    archive = read_tar_gz(make_tar_gz({"d/a": b"1"}, links={"d/b": "a"}))
    assert (archive.members, archive.links, archive.findings) == ({"d/a": b"1"}, {"d/b": "a"}, ())


def test_the_members_of_a_tar_that_their_owner_may_run_are_known(make_tar_gz: Maker) -> None:
    modes = {"d/a": 0o755, "d/b": 0o644, "d/c": 0o744}
    found = read_tar_gz(make_tar_gz(dict.fromkeys(modes, b""), modes=modes))
    assert found.executables == {"d/a", "d/c"}


@pytest.mark.parametrize("target", ["/etc/passwd", "../../x", ".."])
def test_a_link_that_leaves_the_archive_is_refused(make_tar_gz: Maker, target: str) -> None:
    assert read_tar_gz(make_tar_gz({"d/a": b""}, links={"d/b": target})).findings == (
        f"Member d/b links to {target}, outside the archive.",
    )


def test_a_tar_that_is_cut_short_or_changed_is_refused(make_tar_gz: Maker) -> None:
    data = make_tar_gz({"d/a": b"1" * 1000})
    assert read_tar_gz(data[:-9]).findings == (
        "The file is not a sound gzipped tar archive: "
        "Compressed file ended before the end-of-stream marker was reached.",
    )
    changed = read_tar_gz(data[:-8] + bytes(4) + data[-4:]).findings
    assert changed[0].startswith("The file is not a sound gzipped tar archive: CRC check failed")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a/b.py", False),
        ("a/", False),
        ("a/..b", False),
        ("/a", True),
        ("a/../b", True),
        ("./a", True),
        ("a//b", True),
        ("a\\b", True),
        ("C:/a", True),
        ("a\0b", True),
        ("", True),
    ],
)
def test_only_plain_relative_names_are_safe(name: str, expected: bool) -> None:
    assert unsafe(name) is expected
