"""What a release on GitHub is to be, and what one there is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

MARK = "<!-- made by piot"
"""Begins a comment in the text of releases that piot made, so that it publishes no draft of anybody else."""
_RUN = re.compile(rf"{MARK} in run (?P<run>[0-9]+) -->")


def originals_of(tag: str) -> str:
    """The draft that keeps what is published with a tag until all of it is; it never becomes a tag."""
    return f"originals-of-{tag}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """A file of a release; ``sha256`` in hex."""

    name: str
    path: Path
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The release of one tag; ``notes`` in Markdown, ``run`` the number of the CI run, if there is one."""

    tag: str
    notes: str
    prerelease: bool
    assets: tuple[Asset, ...] = ()
    run: str = ""

    @property
    def body(self) -> str:
        """The notes, and a comment that says who made it, and in which run what was published was built."""
        by = f"{MARK} in run {self.run}" if self.run else MARK
        return f"{self.notes.strip()}\n\n{by} -->\n"


def run_of(body: str) -> str | None:
    """The number of the CI run that a release's text names."""
    found = _RUN.search(body)
    return found["run"] if found else None


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldAsset:
    """A file on GitHub; ``sha256`` None where it does not tell, not ``whole`` when its upload broke off."""

    id: int
    name: str
    sha256: str | None
    whole: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A release that GitHub has; ``ours`` when piot made it, ``upload`` is where its files are sent.

    ``run`` is the CI run that has the files that were published with it.
    """

    id: int
    tag: str
    draft: bool
    immutable: bool
    ours: bool
    upload: str
    run: str | None = None
    assets: tuple[HeldAsset, ...] = ()


def assigned(
    files: Iterable[Asset], tags: Mapping[str, tuple[tuple[str, str], ...]]
) -> dict[str | None, tuple[Asset, ...]]:
    """Archives by the tag that they belong to; ``tags`` has names and versions of the packages of each.

    An archive is of the package that its name begins with, of the longest such name; else of the only tag
    whose version is in its name. Those that are of none are under None.
    """
    found: dict[str | None, list[Asset]] = {}
    for each in files:
        found.setdefault(_tag_of(each.name, tags), []).append(each)
    return {tag: tuple(several) for tag, several in found.items()}


def _tag_of(file: str, tags: Mapping[str, tuple[tuple[str, str], ...]]) -> str | None:
    rows = [(len(name), tag) for tag, pairs in tags.items() for name, text in pairs if _is(file, name, text)]
    if rows:
        return max(rows)[1]
    versions = {tag: {version for _, version in pairs} for tag, pairs in tags.items()}
    likely = [tag for tag, some in versions.items() if any(_has(file, version) for version in some)]
    return likely[0] if len(likely) == 1 else None


def _is(file: str, name: str, version: str) -> bool:
    return file.startswith(f"{name}-") and _has(file[len(name) :], version)


def _has(file: str, version: str) -> bool:
    """Whether a version stands between what ends a word: 1.0.0 is not in ``x-1.0.0-rc.1-linux.zip``."""
    _, found, after = file.partition(f"-{version}")
    return bool(found) and (not after or after[0] in "-.") and not after.startswith(_PRE)


_PRE = ("-alpha", "-beta", "-rc", "-dev", "-pre", "-next", "-canary")
"""How pre-releases usually go on: what has one behind the version is of another version."""
