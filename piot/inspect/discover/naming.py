"""What the packages that were found are called, and which tags they had so far."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from piot.inspect.discover.draft import Draft
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


def tag_format(name: str, draft: Draft, tags: Iterable[str], *, alone: bool) -> str:
    """How its tags are written: as those that are there, else the usual way.

    A tag that is only a version is the package's when it is ``alone`` in the repository.
    """
    starts = Counter(match[1] for tag in tags if (match := _TAG.fullmatch(tag)))
    called = dict.fromkeys((name, draft.registered, draft.registered.rpartition("/")[2]))
    for each in called:
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
