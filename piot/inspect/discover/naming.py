"""What the packages that were found are called, and which tags they had so far."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from piot.inspect.discover.draft import Draft
from piot.inspect.discover.facts import Facts
from piot.model.cargo.facts import Workspace
from piot.model.package import DEFAULT_FIRST_VERSION, DEFAULT_TAG_FORMAT

_ENDINGS = {"crates": "rs", "pypi": "py", "npm": "js"}
_TAG = re.compile(r"(.*?)\d+\.\d+\.\d+(?:[-.+a-z].*)?")
_VERSION = re.compile(r"(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)")


def names(drafts: Sequence[Draft]) -> tuple[str, ...]:
    """A name for each: that on its registry, with an ending where two kinds share it; a crate keeps it."""
    plain = [_plain(draft) for draft in drafts]
    counts = Counter(plain)
    taken: set[str] = set()
    found: list[str] = []
    for draft, name in zip(drafts, plain, strict=True):
        shared = counts[name] > 1 and draft.kind != "crates"
        first = f"{name}-{_ENDINGS[draft.kind]}" if shared else name
        chosen = next(each for each in _numbered(first) if each not in taken)
        taken.add(chosen)
        found.append(chosen)
    return tuple(found)


def groups(named: Mapping[str, Draft], facts: Facts) -> dict[str, str]:
    """The version group of each package that has its version from a workspace that others have theirs from.

    One place holds one version, so they cannot be released with different ones.
    """
    found: dict[str, str] = {}
    for space in facts.workspaces:
        own = [name for name, draft in named.items() if _inherits(draft, space)]
        if len(own) > 1:
            group = _common(own)
            found.update(dict.fromkeys(own, group))
    return found


def _inherits(draft: Draft, space: Workspace) -> bool:
    """Whether the version of a package is that of the workspace."""
    crate = space.members.get(draft.crates[0]) if draft.crates else None
    inherited = crate is not None and crate.version_inherited and draft.version == crate.version
    return draft.kind != "npm" and inherited


def _common(names: Sequence[str]) -> str:
    """What the names begin with, in whole words; the shortest of them where that is nothing."""
    words = [re.split(r"[-_]", name) for name in names]
    same = itertools.takewhile(lambda each: len(set(each)) == 1, zip(*words, strict=False))
    return "-".join(each[0] for each in same) or min(names, key=len)


def tag_format(called: Sequence[str], tags: Iterable[str], *, alone: bool) -> str:
    """How the tags of a package are written: as those that are there, else the usual way.

    ``called`` are its names, that of the configuration first. A tag that is only a version is its own when
    it is ``alone`` in the repository.
    """
    name = called[0]
    starts = Counter(match[1] for tag in tags if (match := _TAG.fullmatch(tag)))
    for each in dict.fromkeys(called):
        for between in ("-v", "@", "/v", "-", "/", "@v"):
            if f"{each}{between}" in starts:
                return f"{'{name}' if each == name else each}{between}{{version}}"
    if alone:
        return next((f"{each}{{version}}" for each in ("v", "") if each in starts), DEFAULT_TAG_FORMAT)
    return DEFAULT_TAG_FORMAT


def first_version(draft: Draft, *, released: bool) -> str:
    """The version of its manifest, which is the one to begin with where nothing was released."""
    stated = draft.version or ""
    usable = _VERSION.fullmatch(stated) and stated != "0.0.0" and not released
    return stated if usable else DEFAULT_FIRST_VERSION


def shared_tags(tags: Iterable[str]) -> str | None:
    """The newest tag that is nothing but a version, as ``v1.2.3`` for a whole repository."""
    found = [tag for tag in tags if (match := _TAG.fullmatch(tag)) and match[1] in ("v", "")]
    return max(found, key=_numbers, default=None)


def _numbers(tag: str) -> tuple[int, ...]:
    return tuple(int(each) for each in re.findall(r"\d+", tag)[:3])


def _plain(draft: Draft) -> str:
    """The registered name, without what the name of a package may not hold."""
    return re.sub(r"_{2,}", "_", draft.registered.removeprefix("@").replace("/", "-"))


def _numbered(name: str) -> Iterable[str]:
    yield name
    yield from (f"{name}-{number}" for number in range(2, 10_000))
