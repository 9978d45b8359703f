"""Probes find tools in their order, and tell by content when one is another."""

from __future__ import annotations

import dataclasses
import os
import shutil
import sys
import time
from pathlib import Path

import pytest

from piot.model.toolchain import Found, Lack, Probe
from piot.run import probe as probe_module
from piot.run.probe import Prober, probe

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the tools of these tests are shell scripts")

TOOL = Probe(
    name="tool",
    programs=("tool", "~/tools/*/bin/tool"),
    version=("-vV",),
    answers=(("sysroot", ("--print", "sysroot")), ("linker", ("--linker",))),
    lists=(("targets", "{sysroot}/lib/targets/*/std-*.lib"),),
    content=("{program}", "{prefix}/bin/helper", "{sysroot}/lib/driver-*.so", "{linker}", "{nothing}/x"),
    parts=(("targets", ("{sysroot}/lib/targets/{targets}/*",)),),
    siblings=("helper", "absent"),
    roots=("{sysroot}", "{nothing}"),
)
SCRIPT = """#!/bin/sh
echo "$*" >> "$(dirname "$0")/../asked"
case "$1" in
    -vV) printf 'tool 1.0\\nrelease: 1.0\\nlang=%s%s\\n' "$LC_ALL" "$UNDECLARED" ;;
    --print) cd "$(dirname "$0")/.." && pwd ;;
    --linker) echo ld ;;
esac
"""


def write(path: Path, text: str, mode: int = 0o644) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)
    return path


class Machine:
    """A home with tools in it, and a cache."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "home"
        self.cache = folder / "cache"
        self.bin = folder / "bin"
        write(self.bin / "ld", "a linker", 0o755)
        path = os.pathsep.join([str(self.bin), os.environ["PATH"]])
        self.environ = {"HOME": str(self.home), "PATH": path, "UNDECLARED": "x"}

    def tool(self, name: str, *targets: str, text: str = SCRIPT) -> Path:
        prefix = self.home / "tools" / name
        write(prefix / "bin/helper", "helper", 0o755)
        write(prefix / "lib/driver-1.so", "driver")
        for target in targets:
            write(prefix / f"lib/targets/{target}/std-1.lib", f"std of {target}")
        return write(prefix / "bin/tool", text, 0o755)

    def prober(self) -> Prober:
        """Of a new run, some time after the tools were installed."""
        return Prober(environ=self.environ, cache=self.cache, clock=lambda: time.time_ns() + 10_000_000_000)

    def identified(self) -> tuple[Found, ...]:
        prober = self.prober()
        found = tuple(prober.identify(TOOL, each) for each in prober.find(TOOL))
        prober.save()
        return found

    def asked(self, name: str) -> int:
        """How many questions the tool was asked."""
        file = self.home / "tools" / name / "asked"
        return len(file.read_text().splitlines()) if file.exists() else 0


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.fixture
def binaries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Takes the scripts of the tests for binaries, which are not asked again."""

    def never(program: Path) -> bool:
        del program
        return False

    monkeypatch.setattr(probe_module, "is_script", never)


def test_a_tool_is_found_with_all_that_it_says_in_a_scrubbed_environment(machine: Machine) -> None:
    program = machine.tool("a", "y", "x")
    prefix = program.parent.parent
    (found,) = machine.prober().find(TOOL)
    assert found == Found(
        probe="tool",
        program=str(program),
        version="tool 1.0\nrelease: 1.0\nlang=C",
        answers=(("sysroot", str(prefix)), ("linker", "ld")),
        lists=(("targets", ("x", "y")),),
        siblings=(("helper", str(prefix / "bin/helper")),),
        roots=(str(prefix),),
    )
    assert found.line("release") == "1.0"


def test_tools_come_in_the_order_of_the_probe_each_once(machine: Machine) -> None:
    first, second = machine.tool("a"), machine.tool("b")
    (machine.bin / "tool").symlink_to(second)
    (machine.home / "tools/alias").symlink_to("a")
    assert [found.program for found in machine.prober().find(TOOL)] == [str(second), str(first)]


def test_a_candidate_that_does_not_work_is_told_and_left_out(machine: Machine) -> None:
    machine.tool("good")
    bad = machine.tool("bad", text="#!/bin/sh\necho broken >&2; exit 3\n")
    prober = machine.prober()
    assert [Path(found.program).parent.parent.name for found in prober.find(TOOL)] == ["good"]
    assert prober.lacks == [Lack(candidate=str(bad), reason=f"`{bad} --print sysroot` failed: broken")]


def test_equal_tools_in_different_places_have_one_identity(machine: Machine) -> None:
    machine.tool("a", "x")
    machine.tool("b", "x")
    first, second = machine.identified()
    assert first.program != second.program
    assert first.digest == second.digest != ""
    assert first.part("targets", "x") == second.part("targets", "x") != ""


@pytest.mark.usefixtures("binaries")
@pytest.mark.parametrize(
    "file", ["bin/tool", "bin/helper", "lib/driver-1.so", "lib/driver-2.so", "../../../bin/ld"]
)
def test_any_file_of_the_tool_changes_its_identity(machine: Machine, file: str) -> None:
    machine.tool("a", "x")
    (before,) = machine.identified()
    path = machine.home / "tools/a" / file
    write(path, (path.read_text() if path.exists() else "") + "\n", 0o755)
    (after,) = machine.identified()
    assert before.digest != after.digest
    assert before.parts == after.parts


@pytest.mark.usefixtures("binaries")
def test_a_new_target_leaves_the_identity_of_the_tool_and_of_the_others_alone(machine: Machine) -> None:
    machine.tool("a", "x")
    (before,) = machine.identified()
    machine.tool("a", "x", "y")
    write(machine.home / "tools/a/lib/targets/empty/other", "no std here")
    (after,) = machine.identified()
    assert after.listed("targets") == ("x", "y")
    assert (before.digest, before.part("targets", "x")) == (after.digest, after.part("targets", "x"))
    assert after.part("targets", "y") not in ("", after.part("targets", "x"))
    assert after.part("targets", "z") == ""


def test_only_the_parts_that_are_asked_for_are_read(machine: Machine) -> None:
    machine.tool("a", "x", "y")
    prober = machine.prober()
    (found,) = prober.find(TOOL)
    assert [part[:2] for part in prober.identify(TOOL, found, {"targets": ("y",)}).parts] == [
        ("targets", "y")
    ]
    assert prober.identify(TOOL, found, {}).parts == ()


@pytest.mark.usefixtures("binaries")
def test_a_warm_probe_starts_nothing_and_says_the_same(machine: Machine) -> None:
    machine.tool("a", "x")
    first = machine.identified()
    asked = machine.asked("a")
    assert machine.identified() == first
    assert machine.asked("a") == asked == 3


@pytest.mark.usefixtures("binaries")
@pytest.mark.parametrize("file", ["bin/tool", "lib/driver-1.so"])
def test_a_tool_is_asked_again_when_a_file_of_it_changed(machine: Machine, file: str) -> None:
    machine.tool("a", "x")
    machine.identified()
    path = machine.home / "tools/a" / file
    path.write_text(path.read_text().replace("1.0", "2.0") + "\n")
    (after,) = machine.identified()
    assert machine.asked("a") == 6
    assert after.line("release") == ("2.0" if file == "bin/tool" else "1.0")


@pytest.mark.usefixtures("binaries")
def test_a_tool_that_was_just_installed_is_not_remembered(machine: Machine) -> None:
    machine.tool("a")
    for _ in range(2):
        probe(TOOL, environ=machine.environ, cache=machine.cache)
    assert machine.asked("a") == 6


def test_a_script_is_asked_each_time_and_its_version_is_part_of_its_identity(machine: Machine) -> None:
    text = SCRIPT.replace("tool 1.0", '$(cat "$(dirname "$0")/../real")')
    program = machine.tool("a", text=text.replace("printf '", 'printf "').replace("%s%s\\n'", '%s%s\\n"'))
    write(program.parent.parent / "real", "one")
    (before,) = machine.identified()
    write(program.parent.parent / "real", "two")
    (after,) = machine.identified()
    assert (before.version.split("\n")[0], after.version.split("\n")[0]) == ("one", "two")
    assert before.digest != after.digest


def test_a_script_that_is_whole_is_remembered_like_a_binary(machine: Machine) -> None:
    machine.tool("a", "x")
    whole = dataclasses.replace(TOOL, whole=True)
    for _ in range(2):
        prober = machine.prober()
        (found,) = prober.find(whole)
        prober.identify(whole, found)
        prober.save()
    assert machine.asked("a") == 3


def test_a_damaged_or_unwritable_cache_only_costs_time(machine: Machine) -> None:
    machine.tool("a")
    expected = machine.identified()
    for name in ("answers", "index"):
        write(machine.cache / "probes" / name, "nonsense")
    assert machine.identified() == expected
    machine.cache = machine.cache / "probes" / "index"
    assert machine.identified() == expected


RUSTC = Probe(
    name="rustc",
    programs=("rustc",),
    version=("-vV",),
    answers=(("sysroot", ("--print", "sysroot")),),
    lists=(("targets", "{sysroot}/lib/rustlib/*/lib/libstd-*.rlib"),),
    libraries=("librustc_driver-*",),
    siblings=("cargo",),
)
CC = Probe(
    name="cc",
    programs=("cc", "gcc", "clang"),
    version=("--version",),
    answers=(
        ("ld", ("-print-prog-name=ld",)),
        ("libc", ("-print-file-name=libc.so.6",)),
        ("crt1", ("-print-file-name=crt1.o",)),
        ("machine", ("-dumpmachine",)),
    ),
    content=("{program}", "{ld}", "{libc}", "{crt1}"),
)


@pytest.mark.skipif(sys.platform != "linux" or not shutil.which("rustc"), reason="needs a rustc on Linux")
def test_the_rustc_of_this_machine_is_found_behind_its_shims(tmp_path: Path) -> None:
    found = Prober(environ=os.environ, cache=tmp_path).find(RUSTC)
    assert found
    for each in found:
        assert each.version.startswith("rustc ")
        assert each.line("host") in each.listed("targets")
        assert Path(each.program).resolve() == Path(each.program)
        assert all("librustc_driver-" in library for library in each.libraries)


@pytest.mark.skipif(sys.platform != "linux" or not shutil.which("cc"), reason="needs a C compiler on Linux")
def test_the_c_compiler_of_this_machine_is_identified_with_its_linker_and_c_library(tmp_path: Path) -> None:
    prober = Prober(environ=os.environ, cache=tmp_path)
    found = prober.find(CC)[0]
    assert found.answer("machine").startswith(os.uname().machine)
    digests = {
        prober.identify(dataclasses.replace(CC, content=CC.content[:count]), found).digest
        for count in range(1, 5)
    }
    assert len(digests) == 4
