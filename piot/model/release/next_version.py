"""The version of a build that is no release, for projects whose version is a tag."""

from __future__ import annotations

import re
from collections.abc import Iterable

from piot.model.package import Package

_RELEASE = r"(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)"


def unreleased(package: Package, tags: Iterable[str]) -> str:
    """``1.2.4.dev0`` when the package's highest tag is of 1.2.3, by its first version when it has none.

    It is the same for every commit until the next release, so that commits alone change no artifact. Of
    the tags, those count that releases are given: ``X.Y.Z`` as ``tag_format`` says.
    """
    tag = _tags_of(package)
    released = [tuple(map(int, match.groups())) for each in tags if (match := tag.fullmatch(each))]
    if not released:
        return f"{package.first_version}.dev0"
    major, minor, patch = max(released)
    return f"{major}.{minor}.{patch + 1}.dev0"


def is_tag_of(package: Package, tag: str) -> bool:
    """Whether a release of the package would have such a tag."""
    return _tags_of(package).fullmatch(tag) is not None


def _tags_of(package: Package) -> re.Pattern[str]:
    before, _, after = package.tag_format.replace("{name}", package.line).partition("{version}")
    return re.compile(f"{re.escape(before)}{_RELEASE}{re.escape(after)}")
