"""select(): conditions, the most specific branch, and what is said when none or two fit."""

from __future__ import annotations

import pytest

from piot.errors import InputError
from piot.model.rule import Sources
from piot.model.select import Select, SelectList, condition, resolve_select
from piot.model.triple import Triple

LINUX = Triple.parse("x86_64-unknown-linux-gnu")
MUSL = Triple.parse("aarch64-unknown-linux-musl")
MAC = Triple.parse("aarch64-apple-darwin")


def chosen(branches: dict[str, str], triple: Triple | None) -> object:
    return resolve_select(Select(branches=tuple(branches.items())), triple)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("default", "default"),
        ("//conditions:default", "default"),
        ("linux", "linux"),
        ("aarch64", "aarch64"),
        ("musl", "musl"),
        ("macos-aarch64", "macos-aarch64"),
        ("linux-musl", "linux-musl"),
        ("linux-arm64-gnu", "aarch64-unknown-linux-gnu"),
        ("x86_64-pc-windows-msvc", "x86_64-pc-windows-msvc"),
    ],
)
def test_a_condition_has_one_spelling(text: str, expected: str) -> None:
    assert condition(text) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("linx", 'unknown condition "linx" in select()\n\nhint: did you mean "linux"?'),
        ("macos-arm64", 'unknown condition "macos-arm64" in select()\n\nhint: did you mean "macos-aarch64"?'),
    ],
)
def test_an_unknown_condition_gets_the_nearest(text: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        condition(text)
    assert str(caught.value) == message


EVERY = {
    "default": "d",
    "linux": "os",
    "linux-musl": "os-libc",
    "aarch64-unknown-linux-musl": "triple",
    "macos-aarch64": "os-arch",
}


@pytest.mark.parametrize(
    ("without", "triple", "expected"),
    [
        ([], MUSL, "triple"),
        (["aarch64-unknown-linux-musl"], MUSL, "os-libc"),
        ([], LINUX, "os"),
        (["linux"], LINUX, "d"),
        ([], MAC, "os-arch"),
        ([], None, "d"),
    ],
)
def test_the_most_specific_branch_wins(without: list[str], triple: Triple | None, expected: str) -> None:
    assert chosen({key: value for key, value in EVERY.items() if key not in without}, triple) == expected


def test_two_branches_that_fit_equally_well_are_an_error() -> None:
    with pytest.raises(InputError) as caught:
        chosen({"linux": "a", "x86_64": "b", "default": "c"}, LINUX)
    assert str(caught.value) == (
        'select() is ambiguous for x86_64-unknown-linux-gnu: "linux" and "x86_64" fit equally well\n\n'
        'hint: add a more specific condition, such as "linux-x86_64" or the triple itself'
    )


@pytest.mark.parametrize(
    ("triple", "shown"), [(MAC, "aarch64-apple-darwin"), (None, "a target without a triple")]
)
def test_no_branch_that_fits_is_an_error(triple: Triple | None, shown: str) -> None:
    with pytest.raises(InputError) as caught:
        chosen({"linux": "a", "windows": "b"}, triple)
    assert str(caught.value) == (
        f'no branch of select() fits {shown}: there are "linux" and "windows"\n\n'
        'hint: add a branch for it, or "default"'
    )


def test_a_select_list_adds_the_branch_that_fits_to_its_base() -> None:
    words = SelectList(base=("a",), branches=(("linux", ("b",)),))
    assert resolve_select(words, LINUX) == ("a", "b")
    assert resolve_select(words, MAC) == ("a",)
    files = SelectList(base=Sources(files=("a",)), branches=(("linux", Sources(files=("b",))),))
    assert resolve_select(files, LINUX) == Sources(files=("a", "b"))


def test_a_plain_value_is_itself() -> None:
    assert resolve_select("x", LINUX) == "x"
