"""yarn.lock, as Yarn 1 writes it.

https://classic.yarnpkg.com/lang/en/docs/yarn-lock/
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from piot.errors import Problems
from piot.model.npm import NpmProject
from piot.model.npm_graph import LockedPackage, Needs, NpmGraph
from piot.model.npm_lock import below, inside
from piot.model.npm_pins import ELSEWHERE, Pins, may_lack, wrong
from piot.model.yaml_text import texts

_TABLES = ("optionalDependencies", "dependencies", "devDependencies")
_WORDS = re.compile(r'"((?:[^"\\]|\\.)*)"|([^\s",]+)')


@dataclass(slots=True)
class _Entry:
    """One entry: its ``patterns`` (``name@range``), its texts, and the tables of what it needs."""

    patterns: tuple[str, ...]
    texts: dict[str, str] = field(default_factory=dict[str, str])
    tables: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])


def is_berry(text: str) -> bool:
    """Whether Yarn 2 or later wrote it, whose checksums are of archives that only it can make."""
    return re.search(r"^__metadata:", text, re.MULTILINE) is not None


def parse_yarn_lock(text: str, path: str, project: NpmProject) -> NpmGraph:
    """Reads a lock file, and compares it with the manifests of ``project``.

    It does not tell what is for which platform, nor who gets which peer: those are found where they stand.
    Raises Problems with everything that cannot be installed from it, and all that is out of date.
    """
    entries = _entries(text, path)
    pins = Pins(path=path, tool="yarn")
    keys = {pattern: entry.patterns[0] for entry in entries for pattern in entry.patterns}
    reader = _Reader(project, keys, pins)
    packages = {entry.patterns[0]: each for entry in entries if (each := reader.package(entry))}
    importers = {below(project.root, directory): reader.importer(directory) for directory in project.members}
    if pins.problems:
        raise Problems(pins.problems)
    return NpmGraph(path=path, importers=importers, packages=packages)


class _Reader:
    """Turns requirements into keys of packages by what Yarn wrote for them."""

    def __init__(self, project: NpmProject, keys: Mapping[str, str], pins: Pins) -> None:
        self._project = project
        self._keys = keys
        self._pins = pins
        self._resolutions = [*_resolutions(texts(project.top.get("resolutions")))]

    def package(self, entry: _Entry) -> LockedPackage | None:
        alias, wanted = _split(entry.patterns[0])
        name, version = _real_name(alias, wanted), entry.texts.get("version", "")
        address = entry.texts.get("resolved", "").partition("#")[0]
        if wanted.startswith(ELSEWHERE):
            address = wanted
        fetch = self._pins.pin(entry.patterns[0], name, version, entry.texts.get("integrity", ""), address)
        rows = {table: entry.tables.get(table, {}) for table in _TABLES}
        needs = self._needs(alias, rows, f"{self._pins.path}: {entry.patterns[0]}")
        return None if fetch is None else LockedPackage(fetch=fetch, needs=needs)

    def importer(self, directory: str) -> Needs:
        manifest = self._project.members[directory]
        rows = {table: manifest.needs(table) for table in _TABLES}
        return self._needs("", rows, manifest.path)

    def _needs(self, parent: str, rows: Mapping[str, Mapping[str, str]], where: str) -> Needs:
        packages, links, optional = dict[str, str](), dict[str, str](), set[str]()
        for table, needs in rows.items():
            for name, wanted in needs.items():
                if name in packages or name in links:
                    continue
                key = self._key(parent, name, wanted)
                member = self._project.member(name)
                if key is not None:
                    packages[name] = key
                    optional |= {name} if table == "optionalDependencies" else set()
                elif member is not None:
                    links[name] = below(self._project.root, member.directory)
                elif not (may_lack(name, rows["optionalDependencies"]) or (parent and table == _TABLES[0])):
                    hint = f"run `yarn install`{inside(self._project.root)} and commit {self._pins.path}"
                    message = f"it is out of date: {where} asks for {name} {wanted}, which is not in it"
                    self._pins.note(message, hint)
        return Needs(packages=packages, optional=frozenset(optional), links=links)

    def _key(self, parent: str, name: str, wanted: str) -> str | None:
        for within, replaced, other in self._resolutions:
            if replaced == name and within in ("", parent):
                wanted = other
        return self._keys.get(f"{name}@{wanted}")


def _resolutions(found: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """Parent (empty: any), name and range of ``resolutions``; nothing above the parent is looked at."""
    for pattern, wanted in found.items():
        names = re.findall(r"@[^/]+/[^/]+|[^/]+", pattern)
        parent = names[-2] if len(names) > 1 else ""
        yield ("" if parent == "**" else parent), names[-1], wanted


def _split(pattern: str) -> tuple[str, str]:
    """The name, which may begin with ``@``, and the range of a pattern."""
    at = pattern.find("@", 1)
    return (pattern[:at], pattern[at + 1 :]) if at > 0 else (pattern, "")


def _real_name(alias: str, wanted: str) -> str:
    """``npm:other@^1`` means another package than what it is called."""
    other = wanted.removeprefix("npm:")
    return (other.rpartition("@")[0] or other) if wanted.startswith("npm:") else alias


def _entries(text: str, path: str) -> list[_Entry]:
    """The entries of a lock file; raises Problems at the first line that is none."""
    found: list[_Entry] = []
    table: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        depth, words = len(line) - len(line.lstrip()), [a or b for a, b in _WORDS.findall(line.rstrip(":"))]
        if depth == 0 and line.endswith(":") and words:
            found.append(_Entry(tuple(words)))
        elif depth == 2 and found and line.endswith(":"):
            table = found[-1].tables.setdefault(words[0], {})
        elif depth in (2, 4) and found and len(words) == 2:
            (table if depth == 4 else found[-1].texts)[words[0]] = words[1]
        else:
            message = f"not a lock file of Yarn 1: {line.strip()}"
            raise Problems([replace(wrong(path, message, "run `yarn install` and commit it"), line=number)])
    return found
