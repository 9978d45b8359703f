"""From patterns and flags to what is going to be built, or to one clear error."""

from __future__ import annotations

from pathlib import Path

import pytest

from piot.app.building.choosing import chosen, configure
from piot.app.building.request import BuildRequest
from piot.app.session.session import Session
from piot.app.session.where import Where
from piot.errors import UsageError
from tests.support.checkout import HOST, Checkout, MakeCheckout, command

ARM = "aarch64-unknown-linux-gnu" if not HOST.startswith("aarch64") else "x86_64-unknown-linux-gnu"
MAC, WINDOWS = "aarch64-apple-darwin", "x86_64-pc-windows-msvc"

CONFIG = """\
[putitoutthere]
version = 1

[[package]]
name = "rs"
kind = "crates"
path = "packages/rust"
paths = ["packages/rust/**"]

[[package]]
name = "py"
kind = "pypi"
path = "packages/python"
paths = ["packages/python/**"]
build = "maturin"
targets = [TARGETS]

[[package]]
name = "ts"
kind = "npm"
path = "packages/ts"
paths = ["packages/ts/**"]
build = "bundled-cli"
targets = [TARGETS]
"""

FILES = {
    "Cargo.toml": '[workspace]\nmembers = ["packages/rust", "packages/python"]\n',
    "packages/rust/Cargo.toml": '[package]\nname = "rs"\nversion = "0.1.0"\nedition = "2021"\n',
    "packages/rust/src/lib.rs": "",
    "packages/python/Cargo.toml": (
        '[package]\nname = "py"\nversion = "0.1.0"\nedition = "2021"\n[lib]\ncrate-type = ["cdylib"]\n'
    ),
    "packages/python/src/lib.rs": "",
    "packages/python/pyproject.toml": (
        '[build-system]\nrequires = ["maturin"]\nbuild-backend = "maturin"\n'
        '[project]\nname = "py"\nversion = "0.1.0"\n'
    ),
    "BUILD": command("made", ":") + 'test(name = "check", argv = ["true"])\n',
    "sub/BUILD": command("inner", ":") + command("other", ":"),
}


@pytest.fixture
def checkout(make_checkout: MakeCheckout) -> Checkout:
    made = make_checkout()
    for path, text in FILES.items():
        made.write(path, text)
    declare(made, HOST, ARM)
    return made


def declare(checkout: Checkout, *triples: str) -> None:
    named = ", ".join(f'"{triple}"' for triple in triples)
    checkout.write("putitoutthere.toml", CONFIG.replace("TARGETS", named))


def session(checkout: Checkout, folder: str = ".") -> Session:
    return Session(Where(directory=checkout.root / folder, environ=checkout.environ), lambda _: None)


def labels(checkout: Checkout, *patterns: str, folder: str = ".", tests: bool = False) -> list[str]:
    request = BuildRequest(patterns=patterns, tests=tests)
    return [str(target.label) for target in chosen(session(checkout, folder), request)]


PACKAGES = [
    *("//packages/python:sdist", "//packages/python:wheel"),
    *("//packages/rust:crate", "//packages/ts:package"),
]


@pytest.mark.parametrize(
    ("patterns", "folder", "found"),
    [
        (["//..."], ".", ["//:made", *PACKAGES, "//sub:inner", "//sub:other"]),
        (["//packages/..."], ".", PACKAGES),
        (["//packages/python"], ".", PACKAGES[:2]),
        (["//packages/python:all"], ".", PACKAGES[:2]),
        (["py"], ".", PACKAGES[:2]),
        (["rs", "//:made"], ".", ["//:made", PACKAGES[2]]),
        (["..."], "sub", ["//sub:inner", "//sub:other"]),
        ([":inner"], "sub", ["//sub:inner"]),
        (["sub:inner"], ".", ["//sub:inner"]),
        (["//...", "-//packages/...", "-//sub:other"], ".", ["//:made", "//sub:inner"]),
        (["//...", "-py", "-//sub"], ".", ["//:made", *PACKAGES[2:]]),
        (["//:check"], ".", ["//:check"]),
    ],
)
def test_patterns_choose_targets(
    checkout: Checkout, patterns: list[str], folder: str, found: list[str]
) -> None:
    assert labels(checkout, *patterns, folder=folder) == found


def test_a_test_run_takes_tests_only_unless_a_label_names_something_else(checkout: Checkout) -> None:
    smoke = ["//packages/python:smoke", "//packages/ts:smoke"]
    assert labels(checkout, "//...", tests=True) == ["//:check", *smoke]
    assert labels(checkout, "//...", "//:made", tests=True) == ["//:check", "//:made", *smoke]


@pytest.mark.parametrize(
    ("pattern", "kind", "text"),
    [
        ("pyy", UsageError, 'no package is called "pyy"\n\nhint: did you mean "py"?'),
        ("-pyy", UsageError, 'no package is called "pyy"\n\nhint: did you mean "py"?'),
        (
            "//packages/rust:publish",
            UsageError,
            "//packages/rust:publish is not built but published\n\n"
            "hint: use `piot publish //packages/rust:publish`",
        ),
        ("//:mad", UsageError, 'no target matches //:mad\n\nhint: did you mean "//:made"?'),
        ("//sup/...", UsageError, 'no target matches //sup/...\n\nhint: did you mean "//sub"?'),
        ("//a//b", UsageError, None),
    ],
)
def test_what_no_target_matches_is_an_error(
    checkout: Checkout, pattern: str, kind: type[Exception], text: str | None
) -> None:
    with pytest.raises(kind) as caught:
        labels(checkout, "//:made", pattern)
    assert text is None or str(caught.value) == text


def configured(checkout: Checkout, pattern: str, *triples: str) -> tuple[list[str], tuple[str, ...]]:
    here = session(checkout)
    found, notes = configure(here, chosen(here, BuildRequest(patterns=(pattern,))), triples)
    return [str(each) for each in found], notes


WHEEL = "//packages/python:wheel"


@pytest.mark.parametrize(
    ("triples", "found"),
    [
        ((), [HOST]),
        (("host",), [HOST]),
        ((ARM,), [ARM]),
        (("all",), [HOST, ARM]),
        (("all", ARM, "host"), [HOST, ARM]),
        ((ARM, "host"), [ARM, HOST]),
    ],
)
def test_a_target_is_configured_for_every_triple_that_is_asked_for(
    checkout: Checkout, triples: tuple[str, ...], found: list[str]
) -> None:
    assert configured(checkout, WHEEL, *triples) == ([f"{WHEEL}@triple={each}" for each in found], ())


def test_napis_spelling_of_a_triple_means_the_same(checkout: Checkout) -> None:
    declare(checkout, MAC)
    assert configured(checkout, WHEEL, "darwin-arm64")[0] == [f"{WHEEL}@triple={MAC}"]


def test_a_platform_makes_no_difference_to_an_sdist(checkout: Checkout) -> None:
    assert configured(checkout, "//packages/python:sdist", ARM, "host") == (["//packages/python:sdist"], ())


def test_a_triple_that_is_not_declared_is_an_error_that_names_the_declared_ones(checkout: Checkout) -> None:
    with pytest.raises(UsageError) as caught:
        configured(checkout, WHEEL, WINDOWS)
    assert str(caught.value) == (
        f"{WHEEL} is not declared for {WINDOWS}\n\nhint: it is declared for {HOST} and {ARM}"
    )


def test_the_host_builds_with_a_note_where_it_is_not_declared(checkout: Checkout) -> None:
    declare(checkout, MAC, WINDOWS)
    note = f"{WHEEL} is not declared for this host ({HOST}); built all the same"
    assert configured(checkout, WHEEL) == ([f"{WHEEL}@triple={HOST}"], (note,))
    assert configured(checkout, WHEEL, "all") == ([f"{WHEEL}@triple={each}" for each in (MAC, WINDOWS)], ())


def test_targets_that_declare_no_platforms_build_for_any(checkout: Checkout) -> None:
    assert configured(checkout, "//:made", ARM, "all")[0] == [
        f"//:made@triple={each}" for each in (ARM, HOST)
    ]


def test_the_folder_that_piot_starts_in_may_be_a_link(checkout: Checkout, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(checkout.root)
    linked = Checkout(root=tmp_path / "link", environ=checkout.environ)
    assert labels(linked, ":inner", folder="sub") == ["//sub:inner"]


def test_all_that_nobody_knows_on_a_command_line_is_told_at_once(checkout: Checkout) -> None:
    said = session(checkout)
    targets = chosen(said, BuildRequest(patterns=("//...",)))
    with pytest.raises(UsageError) as caught:
        configure(said, targets, ("host", "foo", "all"), ("3.x", "3.12", "2.7"))
    python = 'is not a Python version (write "3.12", "3.14t" (free-threaded) or "pypy3.11")'
    assert str(caught.value) == (
        'unknown triple "foo" (a triple is spelled as by rustc (x86_64-unknown-linux-gnu) or by napi '
        f'(linux-x64-gnu))\n"3.x" {python}\n"2.7" {python}'
    )


def test_a_python_for_what_has_one_wheel_for_all_is_said_to_change_nothing(checkout: Checkout) -> None:
    said = session(checkout)
    targets = chosen(said, BuildRequest(patterns=("//packages/python:wheel",)))
    configured, notes = configure(said, targets, (), ("3.12",))
    assert [each.python for each in configured] == [None]
    assert notes == ("//packages/python:wheel is not made for each Python: --python changes nothing there",)
