"""The launcher, run by the shells that a machine may have as ``sh``; and that of Windows, by Python.

One table for both: what the one does, the other does.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from piot.effects import windows_launch
from piot.errors import MachineError
from piot.model.triple import Triple
from piot.run import programs, windows
from piot.run.launcher import PATH, SCRIPT, text

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a shell script")

SHELLS = [name for name in ("sh", "dash", "bash", "busybox", "mksh", "zsh") if shutil.which(name)]

SHOW = 'printf "<%s>" "$@"'


WINDOWS = Triple.parse("x86_64-pc-windows-msvc")
PYTHON = [sys.executable, "-I"]


@pytest.fixture(params=[*SHELLS, "python"])
def interpreter(request: pytest.FixtureRequest) -> list[str]:
    name: str = request.param
    if name == "python":
        return PYTHON
    return [name, "sh"] if name == "busybox" else [name, "--emulate", "sh"] if name == "zsh" else [name]


def launch(
    root: Path, *argv: str, shell: list[str] | None = None, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    script = root / PATH
    script.parent.mkdir(exist_ok=True, parents=True)
    script.write_text(text(WINDOWS) if shell == PYTHON else SCRIPT)
    return subprocess.run(
        [*(shell or ["sh"]), PATH, *argv],
        cwd=root,
        env={"PATH": os.environ["PATH"], **(env or {})},
        capture_output=True,
        check=False,
    )


def shown(root: Path, *arguments: str, shell: list[str], env: Mapping[str, str] | None = None) -> str:
    done = launch(root, "sh", "-c", SHOW, "sh", *arguments, shell=shell, env=env)
    assert done.stderr == b""
    return done.stdout.decode()


AWKWARD = "a  b\n'\"$HOME`x`\\ \\n *?[a] %{ %{other} }%{root\n\n"


def test_arguments_are_expanded_and_otherwise_left_as_they_are(
    tmp_path: Path, interpreter: list[str]
) -> None:
    root = tmp_path / "a folder's $root"
    tool = {"PIOT_TOOL_cargo_zigbuild": "/opt/a b/$zig"}
    given = ("%{root}", "x=%{root}/y:%{root}", "%{tool:cargo-zigbuild}/bin", "", "-n", "*", AWKWARD)
    assert shown(root, *given, shell=interpreter, env=tool) == (
        f"<{root}><x={root}/y:{root}></opt/a b/$zig/bin><><-n><*><{AWKWARD}>"
    )


def test_a_tool_that_the_runner_does_not_place_is_mounted_in_the_exec_root(
    tmp_path: Path, interpreter: list[str]
) -> None:
    assert shown(tmp_path, "%{tool:vendor}/x", shell=interpreter) == f"<{tmp_path}/.piot/mnt/vendor/x>"


def test_what_stands_in_a_replaced_text_is_not_expanded_again(tmp_path: Path, interpreter: list[str]) -> None:
    env = {"PIOT_TOOL_a": "%{root}%{tool:a}"}
    assert shown(tmp_path, "%{tool:a}", shell=interpreter, env=env) == "<%{root}%{tool:a}>"


def test_named_variables_are_expanded_and_others_are_not(tmp_path: Path, interpreter: list[str]) -> None:
    env = {"PIOT_EXPAND": "ONE TWO", "ONE": f"%{{root}}{AWKWARD}", "TWO": "%{tool:t}", "THREE": "%{root}"}
    env |= {"PIOT_TOOL_t": "/t"}
    done = launch(
        tmp_path, "sh", "-c", 'printf "%s|%s|%s" "$ONE" "$TWO" "$THREE"', shell=interpreter, env=env
    )
    assert done.stdout.decode() == f"{tmp_path}{AWKWARD}|/t|%{{root}}"


@pytest.mark.parametrize("name", ["value", "rest", "name", "count", "file", "variable", "place", "before"])
def test_variables_of_any_name_reach_the_command(tmp_path: Path, interpreter: list[str], name: str) -> None:
    env = {name: "kept", "PIOT_EXPAND": "OTHER", "OTHER": "%{root}"}
    done = launch(tmp_path, "sh", "-c", f'printf %s "${name}"', "%{root}", shell=interpreter, env=env)
    assert done.stdout == b"kept"


def test_named_files_are_expanded_and_otherwise_kept_bit_for_bit(
    tmp_path: Path, interpreter: list[str]
) -> None:
    before = f"#!/bin/sh\n{AWKWARD}%{{root}}/x\t\n\n\n".encode()
    for name in ("a file", "*"):
        (tmp_path / name).write_bytes(before)
        (tmp_path / name).chmod(0o555)
    (tmp_path / "other").write_bytes(before)
    done = launch(tmp_path, "true", shell=interpreter, env={"PIOT_FILES": "a file\n*"})
    assert (done.returncode, done.stderr) == (0, b"")
    after = before.replace(b"%{root}/x", f"{tmp_path}/x".encode())
    assert [(tmp_path / name).read_bytes() for name in ("a file", "*", "other")] == [after, after, before]
    assert os.access(tmp_path / "a file", os.X_OK)


def test_running_it_again_changes_nothing_more(tmp_path: Path, interpreter: list[str]) -> None:
    (tmp_path / "file").write_text("%{root}\n")
    for _ in range(2):
        assert launch(tmp_path, "true", shell=interpreter, env={"PIOT_FILES": "file"}).returncode == 0
        assert (tmp_path / "file").read_text() == f"{tmp_path}\n"


def test_a_named_file_that_is_not_there_ends_it(tmp_path: Path, interpreter: list[str]) -> None:
    done = launch(tmp_path, "echo", "ran", shell=interpreter, env={"PIOT_FILES": "none"})
    assert done.returncode != 0 and done.stdout == b"" and b"none" in done.stderr


def test_the_command_sees_where_it_runs_but_nothing_of_the_launchers_own(
    tmp_path: Path, interpreter: list[str]
) -> None:
    env = {"PIOT_TOOL_a": "/a", "PIOT_TOOL_b": "/b", "PIOT_TOOLS": "PIOT_TOOL_a\nPIOT_TOOL_b"}
    env |= {"PIOT_EXPAND": "", "PIOT_FILES": ""}
    done = launch(tmp_path, "env", shell=interpreter, env=env)
    variables = [
        line for line in done.stdout.decode().splitlines() if "piot" in line.lower().partition("=")[0]
    ]
    assert variables == [f"PIOT_ROOT={tmp_path}"]


def test_home_and_the_temporary_folder_are_there(tmp_path: Path, interpreter: list[str]) -> None:
    assert launch(tmp_path, "ls", ".piot", shell=interpreter).stdout.decode().split() == [
        "home",
        "launch",
        "tmp",
    ]


def test_the_exit_code_is_that_of_the_command(tmp_path: Path, interpreter: list[str]) -> None:
    assert launch(tmp_path, "sh", "-c", "exit 7", shell=interpreter).returncode == 7


def test_a_program_that_is_not_there_is_said_to_be_so(tmp_path: Path, interpreter: list[str]) -> None:
    for name in ("no-such-program", "./no-such-program"):
        done = launch(tmp_path, name, shell=interpreter)
        assert (done.returncode, done.stdout) == (127, b"")
        assert b"no-such-program" in done.stderr


def test_a_file_that_is_no_program_is_not_run(tmp_path: Path, interpreter: list[str]) -> None:
    (tmp_path / "data").write_text("data")
    assert launch(tmp_path, "./data", shell=interpreter).returncode in (126, 127)


@pytest.mark.parametrize("first", ["#!/bin/sh", "#!/bin/sh -e", "#!/usr/bin/env sh"])
def test_a_script_is_run_by_what_its_first_line_names(
    tmp_path: Path, interpreter: list[str], first: str
) -> None:
    (tmp_path / ".piot/shims").mkdir(parents=True)
    for place in ("a script", ".piot/shims/one"):
        (tmp_path / place).write_text(f"{first}\n{SHOW.replace('$@', '$0|$@')}\nexit 3\n")
        (tmp_path / place).chmod(0o755)
    shims = {"PIOT_EXPAND": "PATH", "PATH": f"%{{root}}/.piot/shims:{os.environ['PATH']}"}
    for name, shown_as in (("./a script", "a script"), ("one", ".piot/shims/one")):
        done = launch(tmp_path, name, "%{root}", "", AWKWARD, shell=interpreter, env=shims)
        assert done.returncode == 3
        called, rest = done.stdout.decode().split("|", 1)
        assert called.endswith(shown_as) and rest == f"{tmp_path}><><{AWKWARD}>"


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12), max_size=4))
def test_text_without_holes_is_handed_on_unchanged(tmp_path: Path, words: list[str]) -> None:
    words = [word.replace("%{root}", "").replace("%{tool:", "") for word in words]
    assert shown(tmp_path, *words, shell=["sh"]) == "".join(f"<{word}>" for word in words) or not words


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.sampled_from(["%{", "root}", "tool:", "a-b", "}", "%", "{", "%{root}", "%{tool:x.y}", "\\", "\n"]),
        max_size=12,
    )
)
def test_both_launchers_find_the_same_holes(tmp_path: Path, parts: list[str]) -> None:
    env = {"PIOT_TOOL_a_b": "/a b", "PIOT_TOOL_x_y": "%{root}"}
    word = "".join(parts)
    assert shown(tmp_path, word, shell=["sh"], env=env) == shown(tmp_path, word, shell=PYTHON, env=env)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("%{root}/.piot/shims:%{root}/.piot/bin", "%{root}/.piot/shims;%{root}/.piot/bin"),
        ("C:/a:b", "C:/a;b"),
        ("a:C:\\b;D:\\c", "a;C:\\b;D:\\c"),
    ],
)
def test_folders_are_joined_as_windows_does_but_for_the_colons_of_drives(written: str, meant: str) -> None:
    assert vars(windows_launch)["_COLON"].sub(";", written) == meant


def test_every_tool_and_script_gets_a_program_that_others_can_start(tmp_path: Path) -> None:
    """What stands behind the stub runs here too: Python takes a zip wherever it begins in a file."""
    root = tmp_path / "a b"
    (root / ".piot/shims").mkdir(parents=True)
    (root / ".piot/shims/wrap").write_text(f"#!/bin/sh\n{SHOW}\nexit 4\n")
    (root / ".piot/shims/wrap").chmod(0o755)
    (tmp_path / "stub").write_bytes(b"MZ stub")
    shell = shutil.which("sh")
    assert shell
    env = {"PIOT_STUB": str(tmp_path / "stub"), "PIOT_PROGRAMS": f"tool={shell}"}
    seen = launch(root, "sh", "-c", "env", shell=PYTHON, env=env).stdout.decode()
    assert "PIOT_STUB" not in seen and "PIOT_PROGRAMS" not in seen
    tool, wrap = root / ".piot/bin/tool.exe", root / ".piot/shims/wrap.exe"
    head = b'MZ stub#!"' + sys.executable.encode() + b'" -I\r\nPK'
    assert tool.read_bytes().startswith(head) and wrap.read_bytes().startswith(head)
    done = subprocess.run([*PYTHON, tool, "-c", "exit 5"], check=False)
    assert done.returncode == 5
    done = subprocess.run([*PYTHON, wrap, "a b", ""], capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (4, b"<a b><>")


def test_pip_has_the_stub_for_every_windows_that_github_has() -> None:
    for machine in ("AMD64", "ARM64"):
        assert windows.stub(machine).read_bytes().startswith(b"MZ")
    with pytest.raises(MachineError) as caught:
        windows.stub("riscv64")
    assert str(caught.value) == (
        "this Python's pip has no launcher for riscv64\n\n"
        "hint: run `python -m pip install --upgrade pip` in piot's environment"
    )


def test_the_shell_of_windows_is_the_one_that_git_brings(tmp_path: Path) -> None:
    for path in ("cmd/git", "usr/bin/sh.exe"):
        (tmp_path / "Git" / path).parent.mkdir(parents=True)
        (tmp_path / "Git" / path).touch(mode=0o755)
    assert programs.beside_git(str(tmp_path / "Git/cmd")) == tmp_path / "Git/usr/bin"
    with pytest.raises(MachineError) as caught:
        programs.beside_git(str(tmp_path))
    assert str(caught.value) == (
        "no git on PATH that brings a shell (usr/bin/sh.exe)\n\nhint: install Git for Windows"
    )
