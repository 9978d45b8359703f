"""The root of a checkout and the tags of its commits."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from piot.effects import plumbing, witness
from piot.errors import InputError

CONFIG = "putitoutthere.toml"
_TAGS = ("tag", "--list", "--merged", "HEAD")


def find_root(start: Path) -> Path:
    """The nearest folder at or above ``start`` with a ``putitoutthere.toml``; raises InputError."""
    start = start.absolute()
    for folder in (start, *start.parents):
        witness.saw(folder / CONFIG)
        if (folder / CONFIG).is_file():
            return folder
    raise InputError(
        f"no {CONFIG} in {start} or in any folder above it",
        hint="name the repository with -C DIR, or write the file with `piot init`",
    )


def reachable_tags(root: Path, environ: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """The tags of HEAD and of the commits before it; none where git keeps nothing or is not installed."""
    place = plumbing.repository(root)
    if place is None:
        return ()
    _witness_tags(place)
    written = plumbing.output(root, _TAGS, environ)
    return tuple(os.fsdecode(written or b"").split())


def all_tags(root: Path, environ: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """Every tag, of commits that HEAD does not come from too; none without git."""
    if plumbing.repository(root) is None:
        return ()
    return tuple(os.fsdecode(plumbing.output(root, ("tag", "--list"), environ) or b"").split())


def _witness_tags(place: Path) -> None:
    """What changes whenever a tag is made or HEAD moves (gitrepository-layout(5))."""
    if not place.is_dir():  # a work tree, whose tags are kept elsewhere
        witness.doubt(str(place))
        return
    for name in ("HEAD", "packed-refs", "logs/HEAD"):
        witness.saw(place / name)
    with suppress(OSError):
        branch = (place / "HEAD").read_text(encoding="utf-8").removeprefix("ref: ").strip()
        witness.saw(place / branch)
    for folder, _, _ in os.walk(place / "refs" / "tags"):
        witness.listed(folder)
