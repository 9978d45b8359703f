"""Packages by patterns: names, labels of publish nodes, and patterns of the folders that packages lie in."""

from __future__ import annotations

from collections.abc import Sequence

from piot.errors import UsageError, near, of_command_line
from piot.load.package_graph import PackageGraph
from piot.model.label import Label, PackageName, Pattern
from piot.model.package import Package
from piot.model.rule import PUBLISH


def choose_packages(patterns: Sequence[str], packages: Sequence[Package], folder: str = "") -> frozenset[str]:
    """The names of the packages that the patterns choose, from left to right; all of them without any.

    ``folder`` is what relative patterns begin in. Raises UsageError for a pattern that chooses nothing.
    """
    every = frozenset(package.name for package in packages)
    graph = PackageGraph(packages, ())
    nodes = {package.name: graph.label(package, PUBLISH) for package in packages}
    with of_command_line():
        parsed = [Pattern.parse(text, package=folder) for text in patterns]
    found = every if not parsed or parsed[0].negative else frozenset[str]()
    for pattern in parsed:
        matching = frozenset(name for name, node in nodes.items() if _matches(pattern, name, node))
        if not matching:
            known = [*every, *map(str, nodes.values())]
            hint = near(str(pattern), known) or "see the names and paths in putitoutthere.toml"
            raise UsageError(f"no package matches {pattern}", hint=hint)
        found = found - matching if pattern.negative else found | matching
    return found


def _matches(pattern: Pattern | PackageName, name: str, node: Label) -> bool:
    """Whether a package is chosen, of which ``node`` is the publish node."""
    return pattern.name == name if isinstance(pattern, PackageName) else pattern.matches(node)
