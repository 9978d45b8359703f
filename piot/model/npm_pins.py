"""One package of a lock file of npm, pnpm, Yarn or Bun as something to fetch, or what is wrong with it."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, field

from piot.errors import InputError, Problem
from piot.model.fetch import NpmFetch
from piot.model.npm import problem

_NAME = re.compile(r"(@[a-z0-9_.~-]+/)?[a-z0-9_~-][a-z0-9_.~-]*", re.IGNORECASE)
_VERSION = re.compile(r"[0-9A-Za-z.+-]+")
_ELSEWHERE = ("git", "file:", "link:", "portal:", "patch:", "github:")


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
        elsewhere = address.startswith(_ELSEWHERE)
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


def wrong(path: str, message: str, hint: str) -> Problem:
    """One finding in a lock file."""
    return problem(path, "PIOT_NPM_LOCK", message, hint)
