"""Tools, toolchains, sandbox and store: what stops a build here is an error, the rest is not."""

from __future__ import annotations

import pytest

from piot.inspect.doctor.machine import (
    SandboxView,
    StoreView,
    ToolchainView,
    ToolView,
    sandbox,
    store,
    toolchains,
    tools,
)
from piot.model.diagnosis import Fact, Topic
from piot.model.toolchain import Lack

HOST = "x86_64-unknown-linux-gnu"
NO_STD = Lack(candidate="rustc 1.90.0", reason="has no standard library", remedy="rustup target add it")
OTHER = Lack(candidate="this machine", reason="is HOST", remedy="build it on macos-latest")
GB = 1000**3


def said(topic: Topic) -> list[tuple[str, str, str, str | None]]:
    return [(each.code, each.severity, each.message, each.fix) for each in topic.findings]


def test_a_tool_is_shown_with_its_version_and_place() -> None:
    topic = tools([ToolView(name="npm", needed_by=("ts",), version="11.5.1", path="/bin/npm")])
    assert (topic.facts, topic.findings) == ((Fact(name="npm", value="11.5.1 (/bin/npm)"),), ())


def test_a_tool_that_packages_need_and_nobody_has_is_an_error() -> None:
    lack = Lack(candidate="node", reason="is not on PATH", remedy="install Node.js")
    topic = tools([ToolView(name="Node.js", needed_by=("a", "b"), lacks=(lack,))])
    assert topic.facts == (Fact(name="Node.js", value="missing"),)
    assert said(topic) == [("PIOT_TOOL_MISSING", "error", "a and b: node is not on PATH", "install Node.js")]


def test_a_host_that_nothing_builds_for_is_an_error() -> None:
    topic = toolchains([ToolchainView(triple=HOST, host=True, packages=("core",), lacks=(NO_STD,))])
    assert topic.facts == (Fact(name=f"{HOST} (host)", value="nothing builds for it here"),)
    assert said(topic) == [
        (
            "PIOT_TOOLCHAIN_MISSING",
            "error",
            f"core cannot be built here for {HOST}: rustc 1.90.0 has no standard library",
            "rustup target add it",
        )
    ]


def test_a_platform_that_this_machine_could_build_for_is_a_warning() -> None:
    view = ToolchainView(triple="aarch64-unknown-linux-musl", host=False, packages=("core",), lacks=(NO_STD,))
    assert [severity for _, severity, _, _ in said(toolchains([view]))] == ["warning"]


def test_a_platform_with_a_machine_of_its_own_is_none() -> None:
    view = ToolchainView(
        triple="aarch64-apple-darwin",
        host=False,
        packages=("core",),
        lacks=(NO_STD, OTHER),
        elsewhere="macos-latest",
    )
    topic = toolchains([view])
    assert topic.facts == (Fact(name="aarch64-apple-darwin", value="not here, but on macos-latest"),)
    assert topic.findings == ()


def test_two_compilers_for_the_platforms_of_a_repository_are_a_warning() -> None:
    views = [
        ToolchainView(triple=triple, host=triple == HOST, packages=("core",), rustc=rustc, summary=rustc)
        for triple, rustc in ((HOST, "1.90.0"), ("a", "1.91.0"), ("b", "1.91.0"))
    ]
    (found,) = toolchains(views).findings
    assert (found.code, found.severity) == ("PIOT_TOOLCHAIN_MIXED", "warning")
    assert found.message == (
        f"platforms are built by different compilers: rustc 1.90.0 for {HOST} and rustc 1.91.0 for a and b"
    )
    assert toolchains(views[1:]).findings == ()


@pytest.mark.parametrize(
    ("view", "fact", "severities"),
    [
        (SandboxView(level="bwrap", asked="auto", obstacle=None), "bwrap", []),
        (
            SandboxView(level="dir", asked="auto", obstacle="first\nbwrap: not permitted\n"),
            "dir (bubblewrap does not work here: bwrap: not permitted)",
            [],
        ),
        (
            SandboxView(level="bwrap", asked="bwrap", obstacle="no"),
            "bwrap (bubblewrap does not work here: no)",
            ["error"],
        ),
        (SandboxView(level="none", asked="none", obstacle=None), "none", ["warning"]),
    ],
)
def test_the_level_of_the_sandbox_and_why_it_is_no_stronger(
    view: SandboxView, fact: str, severities: list[str]
) -> None:
    topic = sandbox(view)
    assert topic.facts == (Fact(name="level", value=fact),)
    assert [each.severity for each in topic.findings] == severities


def test_the_store_has_a_size_and_room() -> None:
    topic = store(StoreView(folder="/s", used=3 * GB, limit=20 * GB, free=50 * GB))
    assert [(each.name, each.value) for each in topic.facts] == [
        ("folder", "/s"),
        ("size", "3.0 GB of at most 20.0 GB"),
        ("free", "50.0 GB"),
    ]
    assert topic.findings == ()


def test_a_disk_that_is_nearly_full_is_a_warning() -> None:
    topic = store(StoreView(folder="/s", limit=20 * GB, free=10**9))
    assert said(topic) == [
        (
            "PIOT_STORE",
            "warning",
            "/s has 1.0 GB left, which a build may need all of",
            "`piot cache gc --max-size SIZE` makes room, PIOT_CACHE_DIR names another disk",
        )
    ]


def test_a_store_that_cannot_be_written_is_an_error() -> None:
    topic = store(StoreView(folder="/s", trouble="cannot write /s/x: Permission denied"))
    assert said(topic) == [
        (
            "PIOT_STORE",
            "error",
            "the store cannot be used: cannot write /s/x: Permission denied",
            "make the folder writable, or name another one with PIOT_CACHE_DIR",
        )
    ]
