from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from piot.run.verify.leaks import Leak, find_leaks

Maker = Callable[..., bytes]


@pytest.mark.parametrize(
    ("data", "forbidden", "expected"),
    [
        (b"at /home/me/.cargo/x.rs:1", "/home/me", ("/home/me/.cargo/x.rs:1", 3)),
        (b"`None` value/home/me/lib.rs\0more", "/home/me", ("/home/me/lib.rs", 12)),
        (b'"/home/me"', "/home/me/", ("/home/me", 1)),
        (b"/home/melissa /home/me.old", "/home/me", None),
        (b"/home/you/x", "/home/me", None),
        (b"x C:\\Users\\me\\a.rs", "C:\\Users\\me", ("C:\\Users\\me\\a.rs", 2)),
        (b"x C:/Users/me/a.rs", "C:\\Users\\me", ("C:/Users/me/a.rs", 2)),
        (b'{"p": "C:\\\\Users\\\\me\\\\a"}', "C:\\Users\\me", ("C:\\\\Users\\\\me\\\\a", 7)),
        ("in /home/zoë/x".encode(), "/home/zoë", ("/home/zoë/x", 3)),
        (b"in /home/\xff/x", b"/home/\xff", ("/home/\ufffd/x", 3)),
        (b"/ and /usr", "/", None),
        (b"/usr", "", None),
    ],
)
def test_a_path_of_the_machine_is_found_where_it_stands(
    data: bytes, forbidden: str | bytes, expected: tuple[str, int] | None
) -> None:
    leaks = () if expected is None else (Leak(member="", text=expected[0], offset=expected[1]),)
    assert find_leaks(data, [forbidden]) == leaks


def test_paths_are_found_inside_archives_and_archives_inside_them(
    make_zip: Maker, make_tar_gz: Maker
) -> None:
    inner = make_zip({"a.txt": b"see /work/exec/b"})
    data = make_tar_gz({"d/inner.whl": inner, "d/plain": b"/work/exec/c", "d/clean": b"nothing"})
    assert find_leaks(data, ["/work/exec"]) == (
        Leak(member="d/inner.whl!a.txt", text="/work/exec/b", offset=4),
        Leak(member="d/plain", text="/work/exec/c", offset=0),
    )


def test_a_broken_archive_is_searched_as_it_is() -> None:
    assert find_leaks(b"PK\x03\x04 /work/exec/c", ["/work/exec"]) == (
        Leak(member="", text="/work/exec/c", offset=5),
    )


def test_the_same_path_is_told_once_and_only_a_few_of_many() -> None:
    assert len(find_leaks(b"/work/exec/a " * 9, ["/work/exec"])) == 1
    many = b" ".join(b"/work/exec/%d" % number for number in range(100))
    assert [leak.text for leak in find_leaks(many, ["/work/exec"])] == [f"/work/exec/{n}" for n in range(5)]


def test_every_forbidden_path_is_looked_for() -> None:
    assert [leak.text for leak in find_leaks(b"/b/x /a/y", ["/a", b"/b"])] == ["/a/y", "/b/x"]


@given(before=st.binary(max_size=40), after=st.binary(max_size=40))
def test_a_folder_followed_by_a_slash_is_found_in_any_bytes(before: bytes, after: bytes) -> None:
    data = b"x" + before + b"/secret/exec/" + after
    assert any(leak.text.startswith("/secret/exec/") for leak in find_leaks(data, ["/secret/exec"]))
