"""A file that a project's version stands in, and that it is written into when another one is planned."""

from __future__ import annotations

import re
from dataclasses import dataclass

HATCH = r"""(?i)^(__version__|VERSION)(?: ?\: ?str)? *= *(['"])v?(?P<version>.+?)\2"""
"""hatchling's own default (its documentation: *Version*, source ``regex``)."""

WHOLE = r"\A\s*(?P<version>\S+)\s*\Z"
"""A file that holds nothing else."""


def assigned(name: str) -> str:
    """The pattern of a variable that is given a plain string."""
    return rf"""^{re.escape(name)}(?:\s*:\s*\w+)? *= *(['"])(?P<version>[^'"\n]+)\1"""


@dataclass(frozen=True, slots=True)
class VersionFile:
    """``pattern`` has a group ``version``; ``path`` is relative to the repository root."""

    path: str
    pattern: str

    def read(self, text: str) -> str | None:
        """The version in the file; None when the pattern finds none, or is none itself."""
        found = self._found(text)
        return found["version"] if found else None

    def written(self, text: str, version: str) -> str | None:
        """The text with another version; None when there is none to replace."""
        found = self._found(text)
        return text[: found.start("version")] + version + text[found.end("version") :] if found else None

    def _found(self, text: str) -> re.Match[str] | None:
        try:
            pattern = re.compile(self.pattern, re.MULTILINE)
        except re.error:
            return None
        return pattern.search(text) if "version" in pattern.groupindex else None
