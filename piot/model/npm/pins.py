"""One package of a lock file of npm, pnpm, Yarn or Bun as something to fetch, or what is wrong with it."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from piot.errors import InputError, Problem
from piot.model.fetch import NpmFetch
from piot.model.npm.project import NpmManifest, problem
from piot.model.platforms import PLATFORMS, SPELLINGS

_NAME = re.compile(r"(@[a-z0-9_.~-]+/)?[a-z0-9_~-][a-z0-9_.~-]*", re.IGNORECASE)
_VERSION = re.compile(r"[0-9A-Za-z.+-]+")
ELSEWHERE = ("git", "file:", "link:", "portal:", "patch:", "github:")


@dataclass(slots=True, kw_only=True)
class Pins:
    """Reads packages of the lock file ``path``, which ``tool`` writes; ``problems`` is all that is wrong."""

    path: str
    tool: str
    problems: list[Problem] = field(default_factory=list[Problem])

    def pin(self, where: str, name: str, version: str, integrity: str, address: str = "") -> NpmFetch | None:
        """What to fetch; None with a note when no registry has it or no strong hash pins it.

        An address that every registry of npm has for this name and version says nothing and is dropped.
        """
        strongest = NpmFetch.strongest(integrity)
        elsewhere = address.startswith(ELSEWHERE)
        if elsewhere or not _NAME.fullmatch(name) or not _VERSION.fullmatch(version):
            shown = address if elsewhere else f"{name} {version}"
            self.note(f"{where} is {shown}", "depend on a version that a registry has")
        elif strongest is None:
            self.note(f"{where} is not pinned by a sha512 integrity", self._again)
        else:
            return self._fetch(name, version, strongest, address)
        return None

    def note(self, message: str, hint: str) -> None:
        """One finding in the lock file."""
        self.problems.append(wrong(self.path, message, hint))

    @property
    def _again(self) -> str:
        return f"remove its entry and run `{self.tool} install`"

    def _fetch(self, name: str, version: str, integrity: str, address: str) -> NpmFetch | None:
        usual = not address or address.endswith(f"/{name}/-/{posixpath.basename(name)}-{version}.tgz")
        folder = posixpath.dirname(self.path) or "."
        kept = "" if usual else address
        try:
            return NpmFetch(name=name, version=version, integrity=integrity, address=kept, directory=folder)
        except InputError as error:
            self.note(error.message, self._again)
            return None


_PLATFORM = tuple(f"{before}{text}" for text in (*PLATFORMS, *SPELLINGS) for before in "-/")


def differences(
    path: str, manifest: NpmManifest, asked: Mapping[str, str], known: Mapping[str, str], hint: str
) -> Iterator[Problem]:
    """Where a manifest asks for something else than what was locked.

    Optional packages of a platform that were never locked do not count: those of a family do not exist
    before its first release, and pnpm leaves out what does not exist.
    """
    optional = manifest.needs("optionalDependencies")
    for name in sorted({*asked, *known}):
        if asked.get(name) == known.get(name) or (may_lack(name, optional) and name not in known):
            continue
        now, then = asked.get(name, "nothing"), known.get(name, "nothing")
        yield wrong(path, f"it is out of date: {manifest.path} asks for {name} {now}, locked is {then}", hint)


def may_lack(name: str, optional: Collection[str]) -> bool:
    """Whether ``name`` is one of the optional packages, and for one platform."""
    return name in optional and name.endswith(_PLATFORM)


def wrong(path: str, message: str, hint: str) -> Problem:
    """One finding in a lock file."""
    return problem(path, "PIOT_NPM_LOCK", message, hint)
