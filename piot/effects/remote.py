"""Where a checkout comes from: its repository on a forge, and the branch that it is released from."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from piot.effects import plumbing

REMOTE = "origin"
"""Where tags are pushed to: the name that git gives to what was cloned (git-clone(1))."""

_PLACE = re.compile(r"(?:.*[/:])?([^/:]+)/([^/]+?)(?:\.git)?/?")

_HOST = re.compile(r"(?:[a-z+]+://(?:[^@/]*@)?(?P<host>[^/:]*)|(?:[^@/]*@)?(?P<short>[^/:]+):(?!//))")


def top(start: Path) -> Path:
    """The root of the git repository around ``start``; ``start`` itself where there is none."""
    place = plumbing.repository(start.absolute())
    return start.absolute() if place is None else place.parent


def owner_and_name(root: Path, environ: Mapping[str, str] = os.environ) -> tuple[str, str] | None:
    """The last two parts of the address of ``origin``; None without one, or where it is a folder."""
    said = _said(root, ("remote", "get-url", REMOTE), environ)
    match = _PLACE.fullmatch(said)
    known = match and (":" in said or "://" in said) and not said.startswith(("file:", "/"))
    return (match[1], match[2]) if match and known else None


def host(root: Path, environ: Mapping[str, str] = os.environ) -> str:
    """The host in the address of ``origin``; empty without one, or where it is a folder."""
    said = _said(root, ("remote", "get-url", REMOTE), environ)
    match = _HOST.match(said)
    return (match["host"] or match["short"] or "").lower() if match else ""


def main_branch(root: Path, environ: Mapping[str, str] = os.environ) -> str:
    """The branch that ``origin`` shows first, else the one that is checked out, else ``main``."""
    remote = _said(root, ("symbolic-ref", "--short", "refs/remotes/origin/HEAD"), environ)
    own = _said(root, ("symbolic-ref", "--short", "HEAD"), environ)
    return remote.partition("/")[2] or own or "main"


def _said(root: Path, words: tuple[str, ...], environ: Mapping[str, str]) -> str:
    return os.fsdecode(plumbing.output(root, words, environ) or b"").strip()
