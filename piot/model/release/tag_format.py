"""``tag_format``: which tag a version gets, and which versions tags are of."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from piot.errors import InputError
from piot.model.semver import Semver

_K = TypeVar("_K", bound=Hashable)
_VERSION = re.compile(r"(?=[0-9]+\.[0-9]+\.[0-9])")


@dataclass(frozen=True, slots=True)
class TagFormat:
    """A template of tags with the name filled in: what stands before and after the version."""

    before: str
    after: str = ""

    @classmethod
    def parse(cls, template: str, name: str) -> TagFormat:
        """``template`` has ``{version}`` once, and may have ``{name}``."""
        before, _, after = template.partition("{version}")
        return cls(before.replace("{name}", name), after.replace("{name}", name))

    def tag(self, version: Semver | str) -> str:
        """The tag of a version, in Cargo's spelling."""
        return f"{self.before}{version}{self.after}"

    def version(self, tag: str) -> Semver | None:
        """The version that ``tag`` is of: ``X.Y.Z``, perhaps a pre-release; None for other tags."""
        if not (tag.startswith(self.before) and tag.endswith(self.after)):
            return None
        text = tag[len(self.before) : len(tag) - len(self.after)]
        if not text or "+" in text:
            return None
        try:
            return Semver.parse(text)
        except InputError:
            return None


def versions_of(
    tags: Iterable[str], formats: Mapping[_K, Iterable[TagFormat]]
) -> dict[_K, list[tuple[Semver, str]]]:
    """By key the versions that ``tags`` say were released, each with its tag.

    Every tag is looked up by what stands before a version in it, so that a thousand packages do not each
    try ten thousand tags.
    """
    by_before: dict[str, list[tuple[_K, TagFormat]]] = {}
    for key, several in formats.items():
        for each in several:
            by_before.setdefault(each.before, []).append((key, each))
    found: dict[_K, list[tuple[Semver, str]]] = {key: [] for key in formats}
    for tag in tags:
        for place in _VERSION.finditer(tag):
            for key, each in by_before.get(tag[: place.start()], ()):
                if (version := each.version(tag)) is not None:
                    found[key].append((version, tag))
    return found
