"""The first candidate that can is taken; when none can, all say what they lack."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from piot.api.toolchain import Answer, Request, Toolchain
from piot.model.toolchain import Lack, Linker, RustToolchain, SystemTool
from piot.model.triple import Triple
from piot.plan.toolchains import Machine, Toolchains, elsewhere

HOST = Triple.parse("x86_64-unknown-linux-gnu")
ARM = Triple.parse("aarch64-unknown-linux-gnu")
MUSL = Triple.parse("x86_64-unknown-linux-musl")
MACHINE = Machine(host=HOST, glibc=(2, 36), found={}, pinned=frozenset({"zig"}))
RUSTC = SystemTool(name="rustc", version="1", digest="1")


def candidate(kind: str, function: Callable[[Request], Answer]) -> Toolchain:
    return Toolchain(kind=kind, probes=(), pins=(), function=function)


def rust(request: Request) -> Answer:
    return RustToolchain(
        host=request.host.text,
        target=request.target.text,
        version="1.85.0",
        sysroot="/r",
        commit="c",
        rustc=RUSTC,
        linkers=(),
    )


def linker(name: str, *triples: Triple) -> Toolchain:
    def link(request: Request) -> Answer:
        if request.target in triples:
            return Linker(triple=request.target.text, name=name, environment=())
        return Lack(candidate=name, reason=f"not for {request.target}")

    return candidate("linker", link)


def toolchains(*candidates: Toolchain) -> Toolchains:
    return Toolchains(candidates, MACHINE, glibc="2.17", channel="1.85")


def linkers(found: RustToolchain | tuple[Lack, ...]) -> list[tuple[str, str]]:
    assert isinstance(found, RustToolchain)
    return [(each.name, each.triple) for each in found.linkers]


def test_a_toolchain_links_for_the_target_and_for_the_host() -> None:
    chosen = toolchains(candidate("rust", rust), linker("cc", HOST), linker("zig", ARM, HOST))
    assert linkers(chosen.rust(ARM)) == [("zig", ARM.text), ("cc", HOST.text)]
    assert linkers(chosen.rust(HOST)) == [("cc", HOST.text)]


@pytest.mark.parametrize(("target", "glibc"), [(ARM, "2.17"), (MUSL, None)])
def test_the_glibc_floor_holds_for_gnu_targets(target: Triple, glibc: str | None) -> None:
    found = toolchains(candidate("rust", rust), linker("zig", ARM, HOST, MUSL)).rust(target)
    assert isinstance(found, RustToolchain) and found.glibc == glibc


def test_every_candidate_says_what_it_lacks() -> None:
    none = candidate(
        "rust", lambda _: (Lack(candidate="r1", reason="old"), Lack(candidate="r2", reason="gone"))
    )
    found = toolchains(none, linker("cc", HOST), linker("zig", HOST)).rust(ARM)
    assert isinstance(found, tuple)
    assert [str(lack) for lack in found] == [
        "r1: old",
        "r2: gone",
        f"cc: not for {ARM}",
        f"zig: not for {ARM}",
    ]


def test_a_missing_linker_for_the_host_is_lacking_too() -> None:
    found = toolchains(candidate("rust", rust), linker("zig", ARM)).rust(ARM)
    assert found == (Lack(candidate="zig", reason=f"not for {HOST}"),)


def test_what_others_lack_is_not_said_when_one_can() -> None:
    broken = candidate("rust", lambda _: Lack(candidate="r1", reason="old"))
    found = toolchains(broken, candidate("rust", rust), linker("cc", HOST)).rust(HOST)
    assert isinstance(found, RustToolchain)


def test_candidates_are_asked_once_per_target_with_all_that_is_known() -> None:
    asked: list[Request] = []

    def noting(request: Request) -> Answer:
        asked.append(request)
        return rust(request)

    chosen = toolchains(candidate("rust", noting), linker("cc", HOST))
    assert chosen.rust(HOST) is chosen.rust(HOST)
    (request,) = asked
    assert (request.host, request.target, request.glibc, request.floor) == (HOST, HOST, "2.17", (2, 17))
    assert (request.pinned, request.channel, request.host_glibc) == (frozenset({"zig"}), "1.85", (2, 36))


def test_whether_something_links_for_a_target_is_known_without_a_compiler() -> None:
    assert toolchains(linker("zig", ARM)).links(ARM)
    assert not toolchains(linker("zig", ARM)).links(MUSL)


@pytest.mark.parametrize(
    ("glibc", "triple", "floor"),
    [
        ("2.17", "riscv64gc-unknown-linux-gnu", "2.31"),
        ("2.17", "loongarch64-unknown-linux-gnu", "2.36"),
        ("2.39", "riscv64gc-unknown-linux-gnu", "2.39"),
        ("2.9", "x86_64-unknown-linux-gnu", "2.17"),
        ("2.17", "x86_64-unknown-linux-musl", None),
        ("2.17", "aarch64-apple-darwin", None),
    ],
)
def test_no_floor_is_older_than_the_platform(glibc: str, triple: str, floor: str | None) -> None:
    target = Triple.parse(triple)
    candidates = (candidate("rust", rust), linker("any", target, HOST))
    found = Toolchains(candidates, MACHINE, glibc=glibc, channel=None).rust(target)
    assert isinstance(found, RustToolchain) and found.glibc == floor


@pytest.mark.parametrize(
    ("triple", "runner", "place"),
    [
        ("x86_64-unknown-linux-gnu", None, None),
        ("x86_64-unknown-linux-gnu", "big", None),
        ("aarch64-unknown-linux-gnu", None, "ubuntu-24.04-arm"),
        ("aarch64-unknown-linux-gnu", "my-arm", "my-arm"),
        ("s390x-unknown-linux-gnu", None, None),
        ("universal2-apple-darwin", None, "macos-latest"),
        ("i686-pc-windows-msvc", None, "windows-latest"),
        ("aarch64-pc-windows-msvc", None, "windows-latest"),
        ("x86_64-unknown-freebsd", None, "a machine with x86_64-unknown-freebsd"),
    ],
)
def test_a_machine_that_can_is_named(triple: str, runner: str | None, place: str | None) -> None:
    found = elsewhere(HOST, Triple.parse(triple), runner)
    expected = () if place is None else (f"this machine: is {HOST} (build it on {place})",)
    assert tuple(map(str, found)) == expected
