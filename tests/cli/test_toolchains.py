"""``piot toolchains``: what builds for each platform, or what every candidate lacks."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from piot.app.machine import toolchain_rows as verb
from piot.app.session.session import Session
from piot.effects import host
from piot.effects.host import HostFacts
from piot.model.toolchain import Lack, Linker, RustToolchain, SystemTool
from piot.model.triple import Triple

Piot = Callable[..., tuple[int, str, str]]

HOST = "x86_64-unknown-linux-gnu"
ARM = "aarch64-unknown-linux-gnu"
RUSTC = SystemTool(
    name="rustc", version="rustc 1.90.0 (abc)", digest="d", programs=(("rustc", "/bin/rustc"),)
)
CC = SystemTool(name="cc", version="cc 12.2", digest="d", programs=(("cc", "/bin/cc"),))
NATIVE = Linker(triple=HOST, name="native cc", environment=(), tools=(CC,))
ZIG = Linker(triple=ARM, name="zig", environment=(), fetched=("ziglang",))
LACKS = (
    Lack(candidate="rustc 1.90.0", reason="has no standard library"),
    Lack(candidate="zig", reason="no SDK", remedy="get one"),
)
LOCK = """\
version = 1

[[tool]]
name = "ziglang"
ecosystem = "pypi"
version = "9.9"
files = [
    { filename = "ziglang-9.9-py3-none-any.whl", sha256 = "%s" },
]
"""

TABLE = """\
TARGET                           TOOLCHAIN        TOOLS, OR WHAT IS LACKING
x86_64-unknown-linux-gnu (host)  native cc        rustc 1.90.0 (/bin/rustc)
                                                  cc 12.2 (/bin/cc)
aarch64-apple-darwin             none             rustc 1.90.0: has no standard library
                                                  zig: no SDK (get one)
                                                  this machine: is HOST (build it on macos-latest)
aarch64-unknown-linux-gnu        zig, glibc 2.17  rustc 1.90.0 (/bin/rustc)
                                                  ziglang 9.9 (fetched)
"""


class Choice:
    """Toolchains of a machine that is not this one."""

    def rust(self, triple: Triple) -> RustToolchain | tuple[Lack, ...]:
        linkers = {HOST: (NATIVE,), ARM: (ZIG, NATIVE)}.get(triple.text)
        if linkers is None:
            return LACKS
        return RustToolchain(
            host=HOST,
            target=triple.text,
            version="1.90.0",
            sysroot="/",
            commit="abc",
            rustc=RUSTC,
            linkers=linkers,
            glibc="2.17" if triple.text == ARM else None,
        )


class Machine:
    asked: Sequence[Triple] = ()

    def __init__(self, session: Session) -> None:
        assert session.host.text == HOST

    def choose(self, targets: Sequence[Triple]) -> Choice:
        Machine.asked = targets
        return Choice()


@pytest.fixture(autouse=True)
def machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verb, "Tooling", Machine)
    monkeypatch.setattr(host, "host_triple_facts", lambda: HostFacts("Linux", "x86_64", "glibc", "2.36"))


def test_the_host_comes_first_and_then_what_packages_declare(checkout: Path, piot: Piot) -> None:
    (checkout / "piot.lock").write_text(LOCK % ("ab" * 32))
    assert piot("toolchains") == (0, TABLE.replace("is HOST", f"is {HOST}"), "")


def test_json_holds_the_same(checkout: Path, piot: Piot) -> None:
    (checkout / "piot.lock").write_text(LOCK % ("ab" * 32))
    code, out, err = piot("toolchains", "--json")
    assert (code, err) == (0, "")
    rustc = {"name": "rustc", "version": "1.90.0", "path": "/bin/rustc"}
    assert json.loads(out) == {
        "schema": 1,
        "toolchains": [
            {
                "triple": HOST,
                "host": True,
                "rustc": rustc,
                "linker": "native cc",
                "tools": [{"name": "cc", "version": "cc 12.2", "path": "/bin/cc"}],
                "glibc": None,
                "lacks": [],
            },
            {
                "triple": "aarch64-apple-darwin",
                "host": False,
                "rustc": None,
                "linker": None,
                "tools": [],
                "glibc": None,
                "lacks": [
                    {"candidate": "rustc 1.90.0", "reason": "has no standard library", "remedy": ""},
                    {"candidate": "zig", "reason": "no SDK", "remedy": "get one"},
                    {
                        "candidate": "this machine",
                        "reason": f"is {HOST}",
                        "remedy": "build it on macos-latest",
                    },
                ],
            },
            {
                "triple": ARM,
                "host": False,
                "rustc": rustc,
                "linker": "zig",
                "tools": [{"name": "ziglang", "version": "9.9", "path": None}],
                "glibc": "2.17",
                "lacks": [],
            },
        ],
    }


def test_outside_of_a_checkout_every_linux_platform_is_shown(outside: Path, piot: Piot) -> None:
    assert outside.is_dir()
    code, out, err = piot("toolchains")
    assert (code, err) == (0, "")
    assert out.splitlines()[1].startswith(f"{HOST} (host)  native cc  ")
    assert Machine.asked[0].text == HOST
    assert {each.os for each in Machine.asked} == {"linux"} and len(Machine.asked) == 16
