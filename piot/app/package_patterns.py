"""Packages by patterns: names, and patterns of the folders that packages lie in."""

from __future__ import annotations

from collections.abc import Sequence

from piot.errors import UsageError, near, of_command_line
from piot.model.label import PackageName, Pattern
from piot.model.package import Package


def choose_packages(patterns: Sequence[str], packages: Sequence[Package], folder: str = "") -> frozenset[str]:
    """The names of the packages that the patterns choose, from left to right; all of them without any.

    ``folder`` is what relative patterns begin in. Raises UsageError for a pattern that chooses nothing.
    """
    every = frozenset(package.name for package in packages)
    with of_command_line():
        parsed = [Pattern.parse(text, package=folder) for text in patterns]
    found = every if not parsed or parsed[0].negative else frozenset[str]()
    for pattern in parsed:
        matching = frozenset(package.name for package in packages if _matches(pattern, package))
        if not matching:
            hint = near(str(pattern), every) or "see the names and paths in putitoutthere.toml"
            raise UsageError(f"no package matches {pattern}", hint=hint)
        found = found - matching if pattern.negative else found | matching
    return found


def _matches(pattern: Pattern | PackageName, package: Package) -> bool:
    if isinstance(pattern, PackageName):
        return pattern.name == package.name
    folder = "" if package.path == "." else package.path
    if pattern.recursive:
        return not pattern.package or f"{folder}/".startswith(f"{pattern.package}/")
    return folder == pattern.package
