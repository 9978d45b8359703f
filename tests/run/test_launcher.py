"""The launcher, run by the shells that a machine may have as ``sh``."""

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

from piot.run.launcher import PATH, SCRIPT

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a shell script")

SHELLS = [name for name in ("sh", "dash", "bash", "busybox", "mksh", "zsh") if shutil.which(name)]

SHOW = 'printf "<%s>" "$@"'


@pytest.fixture(params=SHELLS)
def interpreter(request: pytest.FixtureRequest) -> list[str]:
    name: str = request.param
    return [name, "sh"] if name == "busybox" else [name, "--emulate", "sh"] if name == "zsh" else [name]


def launch(
    root: Path, *argv: str, shell: list[str] | None = None, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    script = root / PATH
    script.parent.mkdir(exist_ok=True, parents=True)
    script.write_text(SCRIPT)
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


def test_home_and_the_temporary_folder_are_there(tmp_path: Path) -> None:
    assert launch(tmp_path, "ls", ".piot").stdout.decode().split() == ["home", "launch", "tmp"]


def test_the_exit_code_is_that_of_the_command(tmp_path: Path, interpreter: list[str]) -> None:
    assert launch(tmp_path, "sh", "-c", "exit 7", shell=interpreter).returncode == 7


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12), max_size=4))
def test_text_without_holes_is_handed_on_unchanged(tmp_path: Path, words: list[str]) -> None:
    words = [word.replace("%{root}", "").replace("%{tool:", "") for word in words]
    assert shown(tmp_path, *words, shell=["sh"]) == "".join(f"<{word}>" for word in words) or not words
