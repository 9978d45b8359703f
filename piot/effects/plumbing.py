"""git's plumbing commands: started without ``subprocess``, whose import costs more than git."""

from __future__ import annotations

import os
import select
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from piot.effects.host import which
from piot.errors import MachineError

_AT_ONCE = 4096
"""Bytes that fit into every pipe before somebody reads them (pipe(7): at least a page)."""
_TIED = frozenset(("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR"))
"""Variables of a git hook, which name the repository that the hook is of."""


def repository(root: Path) -> Path | None:
    """The ``.git`` of the repository that ``root`` lies in, None when it lies in none."""
    places = (folder / ".git" for folder in (root, *root.parents))
    return next((place for place in places if place.exists()), None)


def program(environ: Mapping[str, str]) -> str | None:
    """Where git is; None when it is not on PATH."""
    found = which("git", environ.get("PATH", os.defpath))
    return str(found[0]) if found else None


def output(root: Path, words: Iterable[str], environ: Mapping[str, str], told: bytes = b"") -> bytes | None:
    """What a git command writes in ``root``; None when git is not there or fails.

    ``told`` is what it reads.
    """
    return started(root, words, environ, told=told)()


def started(
    root: Path,
    words: Iterable[str],
    environ: Mapping[str, str],
    meanwhile: Iterable[Callable[[], object]] = (),
    *,
    told: bytes = b"",
) -> Callable[[], bytes | None]:
    """The same for a command that runs on while something else is done; it is waited for in the call.

    There one after the other of ``meanwhile`` is done, until the command answers. One that is told more
    than fits into a pipe is only started there.
    """
    git = program(environ)
    if git is None:
        return lambda: None
    argv, env = (git, "-C", str(root), *words), untied(environ)
    if sys.platform == "win32" or not hasattr(os, "posix_spawn") or len(told) > _AT_ONCE:
        return lambda: _waited(argv, root, env, told)
    child, into = _started(argv, env, told)

    def finish() -> bytes | None:
        for step in meanwhile:
            if not child or select.select([into], (), (), 0)[0]:
                break
            step()
        return _finished(child, into)

    return finish


def complaint(root: Path, words: Iterable[str], environ: Mapping[str, str]) -> MachineError:
    """For a command that failed: git's own words, from asking once more."""
    from piot.effects.process import run

    done = run((program(environ) or "git", "-C", str(root), *words), cwd=root, env=untied(environ))
    return MachineError(
        f"git cannot list the files of {root}:\n{done.complaint}",
        hint="`git status` in that folder must work for piot too",
    )


def untied(environ: Mapping[str, str]) -> dict[str, str]:
    """The variables for a git that finds its repository by the folder, speaking English."""
    return {name: value for name, value in environ.items() if name not in _TIED} | {"LC_ALL": "C"}


def _waited(argv: tuple[str, ...], root: Path, env: Mapping[str, str], told: bytes) -> bytes | None:
    from piot.effects.process import run

    done = run(argv, cwd=root, env=env, input=told)
    return None if done.code else done.stdout


def _started(argv: tuple[str, ...], env: Mapping[str, str], told: bytes) -> tuple[int, int]:
    """Process id (0 when it could not be started) and the end of the pipe to read from."""
    if sys.platform == "win32":
        raise NotImplementedError
    into, out = os.pipe()
    heard, say = os.pipe()
    os.write(say, told)
    os.close(say)
    actions = [
        (os.POSIX_SPAWN_DUP2, heard, 0),
        (os.POSIX_SPAWN_DUP2, out, 1),
        (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
    ]
    try:
        return os.posix_spawn(argv[0], argv, dict(env), file_actions=actions), into
    except OSError:
        return 0, into
    finally:
        os.close(out)
        os.close(heard)


def _finished(child: int, into: int) -> bytes | None:
    pieces: list[bytes] = []
    try:
        while piece := os.read(into, 1 << 20):
            pieces.append(piece)
    finally:
        os.close(into)
    if not child:
        return None
    _, status = os.waitpid(child, 0)
    return None if os.waitstatus_to_exitcode(status) else b"".join(pieces)
