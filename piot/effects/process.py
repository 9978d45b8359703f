"""Short commands, run to the end with what they wrote captured; and becoming another program."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from piot.errors import MachineError


@dataclass(frozen=True, slots=True, kw_only=True)
class Completed:
    """How a command ended: its exit code (negative: the signal that ended it) and what it wrote."""

    code: int
    stdout: bytes
    stderr: bytes

    @property
    def complaint(self) -> str:
        """The end of stderr, else of stdout, as text for an error message."""
        text = (self.stderr.strip() or self.stdout.strip()).decode("utf-8", "replace")
        return "\n".join(text.splitlines()[-12:]) or f"exit code {self.code}"


def run(
    argv: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str],
    timeout: float | None = None,
    input: bytes | None = None,  # noqa: A002 (the name that subprocess uses)
) -> Completed:
    """Run ``argv`` in ``cwd`` with exactly the environment ``env``; any exit code is a result.

    ``timeout`` is in seconds. Raises MachineError when the program is missing or cannot be started,
    and when the time is over (the command is ended first).
    """
    import subprocess

    try:
        done = subprocess.run(
            list(argv),
            cwd=cwd,
            env=dict(env),
            input=input,
            stdin=subprocess.DEVNULL if input is None else None,
            capture_output=True,
            timeout=timeout,
            check=False,
        )
    except FileNotFoundError as error:
        raise _absent(argv[0], cwd) from error
    except OSError as error:
        raise MachineError(f"cannot run {argv[0]}: {error.strerror or error}") from error
    except subprocess.TimeoutExpired as error:
        raise MachineError(f"{argv[0]} did not end within {timeout:g} seconds") from error
    return Completed(code=done.returncode, stdout=done.stdout, stderr=done.stderr)


def _absent(program: str, cwd: Path) -> MachineError:
    """Python says the same of a program and of a folder that are not there."""
    if not cwd.is_dir():
        return MachineError(f"cannot run {program}: the folder {cwd} is not there")
    hint = f"install {Path(program).name} or put it on PATH"
    return MachineError(f"cannot run {program}: no such program", hint=hint)


def become(
    program: Path, arguments: Sequence[str], *, env: Mapping[str, str], cwd: Path | None = None
) -> int:
    """Runs ``program`` in place of this process: the same streams, process id and exit code.

    ``cwd`` None keeps the folder. Where a process cannot become another (Windows), the program is
    waited for and its exit code returned. Raises MachineError when it cannot be started.
    """
    try:
        if cwd is not None:
            os.chdir(cwd)
        sys.stdout.flush()
        sys.stderr.flush()
        if sys.platform == "win32":
            return _wait_for(program, arguments, env)
        _exec(program, arguments, env)
    except OSError as error:
        raise MachineError(f"cannot run {program}: {error.strerror or error}") from error


def _exec(program: Path, arguments: Sequence[str], env: Mapping[str, str]) -> NoReturn:
    """Signals that Python ignores for itself would stay ignored (execve(2)): they are set back."""
    import signal

    for name in ("SIGPIPE", "SIGXFSZ"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_DFL)
    os.execve(program, [str(program), *arguments], env)


def _wait_for(program: Path, arguments: Sequence[str], env: Mapping[str, str]) -> int:
    """Ctrl-C reaches the program too, which decides what it means."""
    import signal
    import subprocess

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    return subprocess.run([str(program), *arguments], env=dict(env), check=False).returncode
