"""Tags of releases: made once, pushed, and never moved."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from piot.effects.allowed import GIT, allowed
from piot.effects.plumbing import program, untied
from piot.effects.process import Completed, run
from piot.effects.remote import REMOTE
from piot.errors import InputError, MachineError

_WHO = ("-c", "user.name=piot", "-c", "user.email=piot@release.invalid", "-c", "tag.gpgSign=false")
"""Who makes a tag: a machine in CI has no name of its own. The domain can be nobody's (RFC 2606)."""
PATIENCE = 120.0
"""Seconds that a remote may take."""


def commit_of(root: Path, revision: str, environ: Mapping[str, str]) -> str | None:
    """The commit that a revision means here; None when there is none."""
    done = _git(root, environ, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
    return None if done.code else done.stdout.decode().strip()


def make(root: Path, tag: str, commit: str, environ: Mapping[str, str]) -> bool:
    """Makes an annotated tag; False when it is there already, at this commit.

    Raises InputError when it is at another one: a tag is never moved.
    """
    there = commit_of(root, f"refs/tags/{tag}", environ)
    if there == commit:
        return False
    if there is not None:
        raise _elsewhere(tag, there, commit)
    done = _git(root, environ, *_WHO, "tag", "--annotate", "--message", f"Release {tag}", tag, commit)
    if done.code:
        raise MachineError(f"git cannot make the tag {tag}:\n{done.complaint}")
    return True


def push(root: Path, tag: str, commit: str, environ: Mapping[str, str]) -> bool:
    """Pushes a tag; False when the remote has it already, at this commit.

    Raises InputError when the remote has it at another commit, MachineError when it does not take it.
    """
    there = _remote_commit(root, tag, environ)
    if there == commit:
        return False
    if there is not None:
        raise _elsewhere(tag, there, commit)
    done = _git(root, environ, "push", "--quiet", REMOTE, f"refs/tags/{tag}:refs/tags/{tag}")
    if done.code:
        raise MachineError(
            f"the tag {tag} cannot be pushed to {REMOTE}:\n{done.complaint}",
            hint="the job needs to write to the repository (permissions: contents: write); then run it again",
        )
    return True


def has_remote(root: Path, environ: Mapping[str, str]) -> bool:
    """Whether there is somewhere to push to."""
    return _git(root, environ, "remote", "get-url", REMOTE).code == 0


def _remote_commit(root: Path, tag: str, environ: Mapping[str, str]) -> str | None:
    """The commit of a remote's tag: an annotated one has a line of its own for it (git-ls-remote(1))."""
    done = _git(root, environ, "ls-remote", "--quiet", REMOTE, f"refs/tags/{tag}", f"refs/tags/{tag}^{{}}")
    if done.code:
        raise MachineError(f"git cannot read the tags of {REMOTE}:\n{done.complaint}")
    lines = [line.split("\t") for line in done.stdout.decode().splitlines()]
    found = {name: digest for digest, name in lines}
    return found.get(f"refs/tags/{tag}^{{}}") or found.get(f"refs/tags/{tag}")


def _elsewhere(tag: str, there: str, commit: str) -> InputError:
    return InputError(
        f"the tag {tag} is at {there[:12]}, and {commit[:12]} was published",
        hint="piot never moves a tag: find out who made it, and release another version",
    )


def _git(root: Path, environ: Mapping[str, str], *words: str) -> Completed:
    own = allowed(untied(environ), prefixes=GIT)  # hooks of a push see no token of a registry
    quiet = {**own, "LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0"}
    return run((program(environ) or "git", *words), cwd=root, env=quiet, timeout=PATIENCE)
