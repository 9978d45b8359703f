"""Which files of the checkout a failed action missed, guessed from what it printed and what it read.

A sandbox hides what is not declared, and the tools only say that a file is not there. What they say
first: a path in the log that stands for a file of the checkout which was not staged. Often they say no
path at all (a proc macro that unwraps, a build script): then the string literals of the sources do.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

MOST = 5
"""More suspects than these say nothing."""

MANIFEST = "Cargo.toml"

_ABSENT = re.compile(
    r"no such file or directory|not found|os error [23]\b|cannot find the (?:file|path)", re.I
)
"""What rustc, cargo, shells and Rust's own errors say of a file that is not there, on any system."""

_COLORS = re.compile(r"\x1b\[[0-9;]*m")
_QUOTED = re.compile(r"[`'\"]([^`'\"\n]+)[`'\"]")
_WORD = re.compile(r"[^\s`'\"()\[\]{}<>,;=|]+")
_POSITION = re.compile(r"(?::\d+)*[:.!?]*$")
_LITERAL = re.compile(r'"((?:[^"\\\n]|\\.)+)"')
_PATH_LIKE = re.compile(r"/|\w\.\w+$")
_FAILED = (
    re.compile(r"(?:custom build command for|could not compile) `([\w-]+)"),
    re.compile(r" Packaging ([\w-]+) v"),
)
_NAME = re.compile(r"""^\[package\](?:\n(?!\[).*)*?\nname\s*=\s*["']([\w-]+)""", re.M)


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """A file of the checkout, or a folder (``path`` ends in ``/**``), and the crate that seems to need it.

    ``crate`` is the folder of a ``Cargo.toml``, "." for the root's, None where no crate is concerned.
    """

    path: str
    crate: str | None = None


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What a failed action had: ``staged`` paths, and what the checkout has, all relative to its root.

    ``roots`` are the texts that stand for the exec root in its log; ``read`` gives a staged file's text.
    """

    staged: Collection[str]
    present: Collection[str]
    roots: Sequence[str]
    read: Callable[[str], str | None]

    @cached_property
    def here(self) -> frozenset[str]:
        """Staged files and the folders that hold some."""
        return frozenset((*self.staged, *(folder for path in self.staged for folder in _above(path))))

    @cached_property
    def missing(self) -> frozenset[str]:
        """Files that were not staged, and folders nothing of which was."""
        files = frozenset(self.present) - self.here
        return files | {folder for path in files for folder in _above(path)} - self.here

    @cached_property
    def names(self) -> frozenset[str]:
        """The last parts of ``missing``: nearly every word of a log is done with after one look here."""
        return frozenset(path.rpartition("/")[2] for path in self.missing)

    @cached_property
    def crates(self) -> tuple[str, ...]:
        """Folders of staged manifests, "" for the root, the innermost first."""
        found = {posixpath.dirname(path) for path in self.staged if posixpath.basename(path) == MANIFEST}
        return tuple(sorted(found, key=lambda folder: (-len(folder), folder)))

    @cached_property
    def folders(self) -> tuple[str, ...]:
        """What a path in a log may be relative to: the exec root, crates, packages, folders of sources."""
        places = (".rs", "package.json")
        sources = sorted({posixpath.dirname(path) for path in self.staged if path.endswith(places)})
        return tuple(dict.fromkeys(("", *self.crates, *sources)))

    def crate(self, path: str) -> str | None:
        """The innermost crate around a path."""
        return next(
            (one for one in self.crates if not one or path == one or path.startswith(f"{one}/")), None
        )

    def resolve(self, word: str, folders: Iterable[str]) -> tuple[str, str] | None:
        """What ``word`` means of ``missing``, and the folder it is relative to; None when it was staged."""
        if word.rstrip("/").rpartition("/")[2] not in self.names:
            return None
        found: tuple[str, str] | None = None
        for folder in folders:
            path = posixpath.normpath(posixpath.join(folder, word))
            if path in self.here:
                return None
            if found is None and path in self.missing:
                found = path, folder
        return found


def missed(log: str, seen: Seen) -> tuple[Missed, ...]:
    """The files that the action seems to have missed, at most ``MOST``, the likeliest first."""
    log = _COLORS.sub("", log)
    failed = _failed_crate(log, seen)
    found = list(_in_log(log, seen, failed))
    if not found and _ABSENT.search(log):
        found = list(_in_sources(seen, failed))
    return tuple(dict.fromkeys(found))[:MOST]


def _in_log(log: str, seen: Seen, failed: str | None) -> Iterator[Missed]:
    words = (*_QUOTED.findall(log), *_WORD.findall(log))
    for word in dict.fromkeys(_relative(_POSITION.sub("", word), seen.roots) for word in words):
        if (
            _PATH_LIKE.search(word)
            and not word.startswith("/")
            and (found := seen.resolve(word, seen.folders))
        ):
            path, folder = found
            yield _missed(path, failed if failed is not None else seen.crate(folder), seen)


def _in_sources(seen: Seen, failed: str | None) -> Iterator[Missed]:
    """From the crate that failed; where that names nothing (its macro's crate may), from all of them."""
    sources = sorted(path for path in seen.staged if path.endswith(".rs"))
    own = [path for path in sources if failed is not None and seen.crate(path) == failed]
    for group in (own, sources):
        found = [each for path in group for each in _in_source(path, seen)]
        if found:
            yield from found
            return


def _in_source(path: str, seen: Seen) -> Iterator[Missed]:
    """Its literals as ``include_str!``, ``CARGO_MANIFEST_DIR`` and cargo's current folder resolve them."""
    crate = seen.crate(path)
    around = [one for one in seen.crates if not one or path.startswith(f"{one}/")]
    folders = tuple(dict.fromkeys((posixpath.dirname(path), *around, "")))
    for literal in dict.fromkeys(_LITERAL.findall(seen.read(path) or "")):
        word = literal.lstrip("/")  # concat!(env!("CARGO_MANIFEST_DIR"), "/../x")
        if _PATH_LIKE.search(word) and (found := seen.resolve(word, folders)):
            yield _missed(found[0], crate, seen)


def _missed(path: str, crate: str | None, seen: Seen) -> Missed:
    """A crate is needed as a whole, and a folder for what is in it."""
    if posixpath.basename(path) == MANIFEST:
        path = posixpath.dirname(path)
    name = path if path in seen.present else f"{path}/**"
    return Missed(path=name, crate="." if crate == "" else crate)


def _failed_crate(log: str, seen: Seen) -> str | None:
    """The folder of the crate that cargo says it could not build; None when it does not, or none we know."""
    said = next((found[1] for each in _FAILED if (found := each.search(log))), None)
    for crate in seen.crates if said else ():
        name = _NAME.search(seen.read(posixpath.join(crate, MANIFEST)) or "")
        if name is not None and name[1] == said:
            return crate
    return None


def _relative(word: str, roots: Iterable[str]) -> str:
    """Without the exec root at its start."""
    for root in roots:
        if word == root:
            return ""
        if word.startswith(f"{root}/"):
            return word[len(root) + 1 :]
    return word


def _above(path: str) -> Iterator[str]:
    """The folders that a path lies in, but for the root."""
    while path := posixpath.dirname(path):
        yield path
