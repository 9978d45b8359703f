"""What packages depend on, and the order in which they are released."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from piot.model.package import Package

Closures = Mapping[str, tuple[str, ...]]
"""By name all that a package depends on, directly or not, dependencies before what needs them."""


def closures(packages: Sequence[Package]) -> dict[str, tuple[str, ...]]:
    """The closure of every package; the keys are in the order in which they can be released.

    That order is the one of the file but for dependencies, which come before what needs them. There are
    no circles: configuration with one is refused.
    """
    by_name = {package.name: package for package in packages}
    found: dict[str, tuple[str, ...]] = {}
    for package in packages:
        _visit(package, by_name, found)
    return found


def _visit(start: Package, by_name: Mapping[str, Package], found: dict[str, tuple[str, ...]]) -> None:
    """Without recursion, since chains of packages may be longer than Python's stack."""
    path = [start]
    while path:
        package = path[-1]
        waits = [name for name in package.depends_on if name not in found]
        if package.name in found:
            path.pop()
        elif waits:
            path.append(by_name[waits[0]])
        else:
            inner = (each for name in package.depends_on for each in (*found[name], name))
            found[package.name] = tuple(dict.fromkeys(inner))
            path.pop()
