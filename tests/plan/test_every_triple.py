"""What would run for every known platform, down to the command lines, on a machine that has every tool.

The plans are files in ``triples/``, one for each platform; ``PIOT_REWRITE_PLANS=1`` writes them anew.
"""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from piot.app.building.planning import rule_finder, surroundings
from piot.app.building.request import BuildRequest
from piot.app.session.session import Session
from piot.app.session.where import Where
from piot.errors import Problems
from piot.model.action import CommandAction
from piot.model.label import Label
from piot.model.plan import BuildPlan, Configured
from piot.model.platforms import PLATFORMS
from piot.model.toolchain import Found, Interpreter, Lack, NodeToolchain, SystemTool
from piot.model.triple import Triple
from piot.plan.analyze import Analysis
from piot.plan.toolchains import Machine, Toolchains
from tests.support.checkout import ROOT
from tests.support.toolchains import candidates

PLANS = Path(__file__).parent / "triples"
LINUX, MAC = Triple.parse("x86_64-unknown-linux-gnu"), Triple.parse("aarch64-apple-darwin")
WINDOWS = Triple.parse("x86_64-pc-windows-msvc")
TARGETS = ("//packages/python:wheel", "//crates/cli:cli", "//packages/ts:addon", "//crates/cli:archive")
MACS = [text for text, row in PLATFORMS.items() if row.os == "macos"]
WINDOWSES = [text for text, row in PLATFORMS.items() if row.os == "windows"]
MSVCS = [text for text in WINDOWSES if PLATFORMS[text].libc == "msvc"]
CASES = [
    *((LINUX, triple, "") for triple in PLATFORMS),
    *((MAC, triple, ".mac") for triple in MACS),
    *((WINDOWS, triple, ".windows") for triple in WINDOWSES),
    *((LINUX, triple, ".xwin") for triple in MSVCS),
]
"""Host, platform and the end of the file's name; ``.xwin`` is the host with a copy of Microsoft's SDK."""


def rustc(host: Triple) -> Found:
    """A compiler with every standard library that there is."""
    every = tuple(text for text in PLATFORMS if not text.startswith("universal2"))
    return Found(
        probe="rustc",
        program="/rust/bin/rustc",
        version=f"rustc 1.90.0\nrelease: 1.90.0\ncommit-hash: 0\nhost: {host}",
        answers=(("sysroot", "/rust"),),
        lists=(("targets", every),),
        siblings=(("cargo", "/rust/bin/cargo"),),
        roots=("/rust",),
        digest="rustc",
    )


def cc(host: Triple) -> Found:
    return Found(
        probe="cc",
        program="/usr/bin/cc",
        version=f"cc 12 for {host}",
        answers=(),
        lists=(),
        siblings=(),
        roots=(),
        digest="cc",
    )


MSVC = replace(
    cc(WINDOWS),
    probe="msvc",
    program=r"C:\VS\2022\Enterprise\VC\Tools\MSVC\14.44.35207\bin\Hostx64\x64\cl.exe",
    lists=(("targets", ("arm64", "x64", "x86")),),
)
LLD = replace(
    cc(LINUX),
    probe="lld-link",
    program="/usr/lib/llvm-19/bin/lld",
    lists=(("architectures", ("aarch64", "x86", "x86_64")),),
    roots=("/opt/xwin",),
)
CLANG = replace(cc(LINUX), probe="clang-cl", program="/usr/lib/llvm-19/bin/clang")


def machine_of(host: Triple, *, sdk: bool = False) -> Machine:
    found: dict[str, tuple[Found, ...]] = {"rustc": (rustc(host),), "cc": (cc(host),)}
    found |= {"cc": (), "msvc": (MSVC,)} if host == WINDOWS else {}
    found |= {"lld-link": (LLD,), "clang-cl": (CLANG,)} if sdk else {}
    return Machine(
        host=host,
        glibc=(2, 17),
        found=found,
        pinned=frozenset() if host == WINDOWS else frozenset({"ziglang", "cargo-zigbuild"}),
        places={"windows_sdk": "/opt/xwin"} if sdk else {},
    )


@cache
def machine(host: Triple, *, sdk: bool = False) -> Toolchains:
    return Toolchains(candidates("rust", "linker"), machine_of(host, sdk=sdk), glibc="2.17", channel=None)


def node() -> NodeToolchain:
    tools = {name: SystemTool(name=name, version="1", digest=name) for name in ("node", "npm")}
    return NodeToolchain(node=tools["node"], npm=tools["npm"])


def python(requires: tuple[str, ...], *, headers: bool) -> Interpreter:
    """The one that packs archives."""
    assert requires == (">=3.9",)
    return Interpreter(
        version="3.12.1",
        headers=headers,
        tool=SystemTool(name="python3.12", version="3.12.1", digest="python"),
    )


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("example") / "polyglot"
    left_out = shutil.ignore_patterns("dist", ".piot", "target", "node_modules")
    shutil.copytree(ROOT / "examples/polyglot", folder, ignore=left_out)
    return folder


def plan(example: Path, host: Triple, label: str, triple: str, *, sdk: bool = False) -> BuildPlan:
    where = Where(directory=example, environ={"HOME": "/home", "PATH": ""})
    session = Session(where, lambda _: None)
    vars(session)["host"] = host
    programs: Mapping[str, SystemTool | Lack] = {}
    around = surroundings(
        session, BuildRequest(patterns=()), machine(host, sdk=sdk), programs, python, node=node
    )
    analysis = Analysis(session.graph, around, rule_finder(session))
    return analysis.plan([Configured(label=Label.parse(label), triple=triple)])


def text_of(example: Path, host: Triple, triple: str, *, sdk: bool) -> str:
    """What a person would want to know: commands, linkers, results and their proofs; each once."""
    told: dict[str, None] = {}
    lines = [f"{triple} on {host}{' with a copy of the SDK' if sdk else ''}", ""]
    for label in TARGETS:
        lines += [
            label,
            *(line for each in shown(example, host, label, triple, sdk) for line in fresh(each, told)),
            "",
        ]
    return "\n".join(lines)


def fresh(block: tuple[str, ...], told: dict[str, None]) -> tuple[str, ...]:
    """A block that was not told before: actions are shared, and so are variables."""
    if block[0] in told:
        return (f"{block[0]} as above",) if block[0].endswith(":") else ()
    told[block[0]] = None
    found = tuple(line for line in block if not (line.startswith("    ") and line in told))
    told.update(dict.fromkeys(found))
    return found


def shown(example: Path, host: Triple, label: str, triple: str, sdk: bool) -> list[tuple[str, ...]]:
    try:
        found = plan(example, host, label, triple, sdk=sdk)
    except Problems as error:
        return [(f"  is refused: {error.problems[0].message}", f"  hint: {error.problems[0].hint}")]
    for each in found.unbuildable:
        return [("  cannot be built:", *(f"  - {lack}" for lack in each.lacks))]
    (requested,) = found.requested
    return [block(found.actions[name], triple) for name in requested.actions]


def block(action: CommandAction, triple: str) -> tuple[str, ...]:
    names = {part.replace("-", "_") for part in Triple.parse(triple).parts}
    variables = [
        f"{name}={value}"
        for name, value in action.environment
        if name in ("RUSTFLAGS", "LIB", "CARGO")
        or name.startswith("XWIN")
        or any(each in name or each.upper() in name for each in names)
    ]
    needs = sorted({need.rpartition("%")[2].rpartition("#")[2] for need in action.needs})
    mounts = [mount.name for mount in action.mounts if mount.name != "vendor"]
    return (
        f"  $ {shlex.join(action.argv[1:])}",
        *(f"    {line}" for line in variables),
        *([f"  uses {', '.join((*mounts, *needs))}"] if mounts or needs else []),
        *(f"  gives {output.path}{'/' if output.directory else ''}" for output in action.outputs),
        *(f"  proof {proof!r}" for _, proof in action.proofs),
    )


@pytest.mark.parametrize(
    ("host", "triple", "end"),
    CASES,
    ids=str,
)
def test_the_plan_of_a_platform_is_the_one_that_was_read_and_approved(
    example: Path, host: Triple, triple: str, end: str
) -> None:
    text = text_of(example, host, triple, sdk=end == ".xwin")
    file = PLANS / f"{triple}{end}.txt"
    if os.environ.get("PIOT_REWRITE_PLANS"):
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")


def test_there_is_no_plan_of_a_platform_that_nobody_knows() -> None:
    known = {f"{triple}{end}.txt" for _, triple, end in CASES}
    assert {path.name for path in PLANS.iterdir()} == known


@pytest.mark.parametrize("triple", PLATFORMS)
def test_the_table_names_the_toolchains_that_link(triple: str) -> None:
    """``native`` is asked on a machine of that kind; the others on any."""
    target = Triple.parse(triple)
    by_host = {
        host: [each.name for each in candidates("linker") if _links(each.name, host, target)]
        for host in (LINUX, MAC, WINDOWS)
    }
    others = [name for name in target.linkers if name != "native"]
    assert [name for name in by_host[LINUX] if name != "native"] == others
    assert ("native" in by_host[LINUX]) == (target == LINUX)
    assert ("native" in by_host[MAC]) == (target.os == "macos")
    assert ("native" in by_host[WINDOWS]) == (target.libc == "msvc")


def _links(name: str, host: Triple, target: Triple) -> bool:
    only = [each for each in candidates("linker") if each.name == name]
    known = machine_of(host, sdk=host != WINDOWS)
    return Toolchains(only, known, glibc="2.17", channel=None).links(target)
