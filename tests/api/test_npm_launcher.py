"""The launcher of npm packages, run by the real Node.js: what it starts, passes on and says."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from piot.api.npm_launcher import Modules, launcher, modules_of
from piot.model.triple import Triple
from tests.support.checkout import HOST

pytestmark = pytest.mark.skipif(os.name == "nt" or shutil.which("node") is None, reason="needs node and sh")

HERE = Triple.parse(HOST)
MUSL, GNU = (Triple.parse(HOST.replace(HERE.libc or "", libc)) for libc in ("musl", "gnu"))
OTHER = Triple.parse("win32-arm64-msvc")
SHOW = '#!/bin/sh\necho "$0" | sed "s|.*/||"\nfor each; do echo "<$each>"; done\ncat\nexit 7\n'


def install(folder: Path, package: str, text: str = SHOW, mode: int = 0o755) -> Path:
    """A platform package with the program ``tool``."""
    program = folder / "node_modules" / package / "tool"
    program.parent.mkdir(parents=True)
    program.write_text(text)
    program.chmod(mode)
    (program.parent / "package.json").write_text('{"main": "tool"}')
    return program


def write(folder: Path, packages: Mapping[Triple, str], modules: Modules = "commonjs") -> Path:
    path = folder / ("tool.cjs" if modules == "commonjs" else "tool.mjs")
    path.write_text(launcher("tool", packages, modules))
    return path


def run(path: Path, *words: str, stdin: str = "", path_of: str = "") -> tuple[int, str, str]:
    node = path_of or shutil.which("node") or ""
    done = subprocess.run([node, str(path), *words], input=stdin, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("modules", ["commonjs", "module"])
def test_arguments_streams_and_the_exit_code_are_passed_on(tmp_path: Path, modules: Modules) -> None:
    """B18: under ``"type": "module"`` too."""
    install(tmp_path, "@x/tool-here")
    path = write(tmp_path, {HERE: "@x/tool-here", OTHER: "@x/tool-there"}, modules)
    assert run(path, "a b", "--c", stdin="said\n") == (7, "tool\n<a b>\n<--c>\nsaid\n", "")


@pytest.mark.parametrize(
    ("path", "manifest", "expected"),
    [
        ("bin/a.js", {}, "commonjs"),
        ("bin/a.js", {"type": "commonjs"}, "commonjs"),
        ("bin/a.js", {"type": "module"}, "module"),
        ("bin/a.cjs", {"type": "module"}, "commonjs"),
        ("bin/a.mjs", {}, "module"),
    ],
)
def test_node_reads_a_file_by_its_ending_and_type(
    path: str, manifest: dict[str, object], expected: Modules
) -> None:
    assert modules_of(path, manifest) == expected


def test_it_is_quick_to_say_nothing_of_its_own(tmp_path: Path) -> None:
    install(tmp_path, "here", "#!/bin/sh\nenv\n")
    code, out, err = run(write(tmp_path, {HERE: "here"}))
    assert (code, err) == (0, "") and f"PATH={os.environ['PATH']}" in out


LIBC = """\
Object.defineProperty(process, "report", {{ value: {{ getReport: () => ({report}) }} }});
require({path});
"""


@pytest.mark.skipif(HERE.os != "linux", reason="only Linux has several C libraries")
@pytest.mark.parametrize(
    ("report", "expected"),
    [
        ('{ header: { glibcVersionRuntime: "2.36" }, sharedObjects: [] }', "gnu"),
        ('{ header: {}, sharedObjects: ["/lib/ld-musl-x86_64.so.1"] }', "musl"),
        ('{ header: {}, sharedObjects: ["/lib/libc.musl-x86_64.so.1"] }', "musl"),
    ],
)
def test_of_two_programs_the_one_for_this_c_library_starts(
    tmp_path: Path, report: str, expected: str
) -> None:
    """B17: glibc and musl are told apart where it runs."""
    for name in ("gnu", "musl"):
        install(tmp_path, name, f"#!/bin/sh\necho {name}\n")
    path = write(tmp_path, {GNU: "gnu", MUSL: "musl"})
    around = tmp_path / "around.cjs"
    around.write_text(LIBC.format(report=report, path=repr(str(path))))
    assert run(around) == (0, f"{expected}\n", "")


@pytest.mark.skipif(HERE.os != "linux", reason="only Linux has several C libraries")
@pytest.mark.parametrize("name", ["gnu", "musl"])
def test_the_only_program_that_is_installed_starts(tmp_path: Path, name: str) -> None:
    install(tmp_path, name, f"#!/bin/sh\necho {name}\n")
    assert run(write(tmp_path, {GNU: "gnu", MUSL: "musl"})) == (0, f"{name}\n", "")


def node_name(triple: Triple) -> str:
    return f"{triple.npm_os[0]}-{triple.npm_cpu[0]}"


def test_a_program_that_is_not_installed_is_named_with_the_way_to_get_it(tmp_path: Path) -> None:
    code, out, err = run(write(tmp_path, {HERE: "@x/here", OTHER: "there"}))
    assert (code, out) == (1, "")
    assert err == (
        f"tool: the program for {node_name(HERE)} is not installed: @x/here\n"
        "tool: --omit=optional and lock files of other platforms leave it out;\n"
        "tool: install the package again without them, or run: npm install @x/here\n"
    )


def test_a_platform_that_nobody_builds_for_is_told(tmp_path: Path) -> None:
    code, _, err = run(write(tmp_path, {OTHER: "there", Triple.parse("win32-x64-msvc"): "more"}))
    expected = f"tool: there is no program for {node_name(HERE)}, only for win32-arm64, win32-x64\n"
    assert (code, err) == (1, expected)


@pytest.mark.parametrize(
    ("text", "mode", "code", "reason"),
    [
        (SHOW, 0o644, "EACCES", "it is not executable, or its file system is mounted noexec"),
        (SHOW.replace("/bin/sh", "/no/such/loader"), 0o755, "ENOENT", None),
    ],
)
def test_why_a_program_cannot_start_is_said(
    tmp_path: Path, text: str, mode: int, code: str, reason: str | None
) -> None:
    """B19: what keeps it from starting is said."""
    program = install(tmp_path, "here", text, mode)
    glibc = "it needs glibc, which is not here" if HERE.libc == "gnu" else "its loader, or the current folder"
    ended, _, err = run(write(tmp_path, {HERE: "here"}))
    assert ended == 1
    assert err.startswith(f"tool: cannot start {program} ({code}): {reason or glibc}")


HEED = """\
import os, signal, sys
for each in (signal.SIGINT, signal.SIGQUIT):
    signal.signal(each, signal.SIG_DFL)
if os.isatty(0):
    import fcntl, termios
    os.setsid()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""
"""Whoever runs tests in the background has them ignore what a terminal sends; here a terminal may be had."""


def started(tmp_path: Path, text: str, stdin: int = subprocess.DEVNULL) -> subprocess.Popen[str]:
    """The launcher, when its program has said that it runs."""
    install(tmp_path, "here", text)
    words = [sys.executable, "-c", HEED, shutil.which("node") or "", str(write(tmp_path, {HERE: "here"}))]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stdin=stdin, text=True)
    assert process.stdout is not None and process.stdout.readline() == "runs\n"
    return process


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    """How it ended, and what was said since it began."""
    with process:
        assert process.stdout is not None
        said = process.stdout.read()
    return process.returncode, said


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT", "SIGUSR2"])
def test_signals_reach_the_program_which_may_end_as_it_likes(tmp_path: Path, name: str) -> None:
    """B19: signals are passed on."""
    short = name.removeprefix("SIG")
    text = f"#!/bin/sh\ntrap 'echo {short}; exit 3' {short}\necho runs\nwhile :; do sleep 0.05; done\n"
    process = started(tmp_path, text)
    process.send_signal(signal.Signals[name])
    assert ended(process) == (3, f"{short}\n")


@pytest.mark.parametrize("name", ["SIGTERM", "SIGKILL", "SIGSEGV"])
def test_a_program_that_is_ended_by_a_signal_ends_the_launcher_alike(tmp_path: Path, name: str) -> None:
    """B19: a signal is no exit code 1."""
    short = name.removeprefix("SIG")
    process = started(tmp_path, f"#!/bin/sh\necho runs\nulimit -c 0\nkill -{short} $$\n")
    assert ended(process) == (-signal.Signals[name], "")


def test_signals_that_node_ignores_become_exit_codes(tmp_path: Path) -> None:
    process = started(tmp_path, "#!/bin/sh\necho runs\nkill -PIPE $$\n")
    assert ended(process) == (128 + signal.SIGPIPE, "")


def test_what_is_typed_reaches_the_program_once(tmp_path: Path) -> None:
    import pty

    ours, theirs = pty.openpty()
    text = "#!/bin/sh\ntrap 'echo INT' INT\n(trap '' INT; sleep 1) &\necho runs\nwait\nwait\necho end\n"
    process = started(tmp_path, text, theirs)
    os.write(ours, b"\x03")
    assert ended(process) == (0, "INT\nend\n")
    os.close(ours)
    os.close(theirs)
