"""Short commands: what they wrote, and why they could not run."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from piot.effects.process import Completed, run
from piot.errors import MachineError


def python(code: str, folder: Path, *, given: bytes | None = None, timeout: float | None = None) -> Completed:
    return run([sys.executable, "-I", "-c", code], cwd=folder, env={"A": "1"}, input=given, timeout=timeout)


def test_exit_code_and_both_outputs_are_captured(tmp_path: Path) -> None:
    code = "import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)"
    done = python(code, tmp_path)
    assert (done.code, done.stdout.split(), done.stderr.split()) == (3, [b"out"], [b"err"])
    assert done.complaint == "err"


def test_input_folder_and_environment_are_the_given_ones(tmp_path: Path) -> None:
    code = "import os, sys; print(sys.stdin.read(), os.getcwd(), os.environ['A'], os.environ.get('PATH'))"
    done = python(code, tmp_path, given=b"in")
    assert done.stdout.decode().split() == ["in", str(tmp_path.resolve()), "1", "None"]


def test_without_input_stdin_is_empty(tmp_path: Path) -> None:
    assert python("import sys; print(len(sys.stdin.read()))", tmp_path).stdout.strip() == b"0"


def test_a_silent_failure_names_its_exit_code() -> None:
    assert Completed(code=4, stdout=b" ", stderr=b"").complaint == "exit code 4"


def test_a_missing_program_says_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(MachineError) as caught:
        run(["no-such-program-here"], cwd=tmp_path, env={})
    assert str(caught.value) == (
        "cannot run no-such-program-here: no such program\n\n"
        "hint: install no-such-program-here or put it on PATH"
    )


def test_a_missing_folder_is_not_taken_for_a_missing_program(tmp_path: Path) -> None:
    with pytest.raises(MachineError) as caught:
        python("", tmp_path / "gone")
    assert str(caught.value) == f"cannot run {sys.executable}: the folder {tmp_path / 'gone'} is not there"


def test_a_command_that_does_not_end_is_ended(tmp_path: Path) -> None:
    with pytest.raises(MachineError) as caught:
        python("import time; time.sleep(60)", tmp_path, timeout=0.2)
    assert str(caught.value) == f"{sys.executable} did not end within 0.2 seconds"
