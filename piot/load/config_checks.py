"""What must hold between packages: unique names, known and acyclic dependencies, distinct tags."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

from piot.errors import listed, near
from piot.load.config_reader import Section
from piot.model.package import Package


def check_packages(packages: Sequence[Package], sections: Sequence[Section]) -> None:
    """Notes every fault between packages; both sequences are in the order of the file."""
    named = [(package, section) for package, section in zip(packages, sections, strict=True) if package.name]
    _unique_names(named)
    _unique_registry_names(named)
    _unique_tags(named)
    _equal_in_groups(named)
    _known_dependencies(named)
    _no_cycles(named)


_Named = list[tuple[Package, Section]]


def _unique_names(named: _Named) -> None:
    seen: dict[str, Package] = {}
    for package, section in named:
        if package.name in seen:
            hint = 'rename one; "crate", "pypi" or "npm" keeps its registered name'
            message = f"the package at {_line(seen[package.name])} has the same name"
            section.fault(("name",), "PIOT_DUPLICATE_NAME", message, hint=hint)
        seen.setdefault(package.name, package)


def _unique_registry_names(named: _Named) -> None:
    """Registries ignore case; ``-`` and ``_`` are the same to them, on PyPI also ``.`` (PEP 503)."""
    seen: dict[tuple[str, str], Package] = {}
    for package, section in named:
        same = {"crates": r"[-_]", "pypi": r"[-_.]+", "npm": r"(?!)"}[package.kind]
        keys = {(package.kind, re.sub(same, "-", name).lower()): name for name in package.registry_names}
        clashing = [key for key in keys if keys[key] and key in seen and seen[key].name != package.name]
        for key in clashing[-1:]:  # its own name is the last; one of a family is enough
            message = f'"{keys[key]}" is also published by package "{seen[key].name}"'
            own = {"crates": "crate", "pypi": "pypi", "npm": "npm"}[package.kind]
            own = own if keys[key] == package.registry_name else "build"
            hint = "two packages cannot have one name on a registry"
            section.fault((own,), "PIOT_REGISTRY_NAME", message, hint=hint)
        for key in keys:
            seen.setdefault(key, package)


def _unique_tags(named: _Named) -> None:
    seen: dict[str, Package] = {}
    for package, section in named:
        tag = package.tag_format.replace("{name}", package.line)
        if tag in seen and seen[tag].line != package.line:
            message = f'its tags are those of package "{seen[tag].name}": "{tag}"'
            hint = 'put {name} into "tag_format", or give both one "version_group"'
            section.fault(("tag_format",), "PIOT_TAG_COLLISION", message, hint=hint)
        seen.setdefault(tag, package)


def _equal_in_groups(named: _Named) -> None:
    """Packages of one version have it from one place."""
    seen: dict[str, Package] = {}
    for package, section in named:
        if package.version_group is None:
            continue
        first = seen.setdefault(package.version_group, package)
        for key in ("tag_format", "first_version", "version_from", "baseline_tags"):
            if getattr(package, key) != getattr(first, key):
                message = f'"{key}" is not that of package "{first.name}", of the same version group'
                hint = "packages of one version group share version and tags: write the same in all of them"
                section.fault((key,), "PIOT_VERSION_GROUP", message, hint=hint)


def _known_dependencies(named: _Named) -> None:
    names = [package.name for package, _ in named]
    for package, section in named:
        for index, entry in enumerate(section.items("depends_on")):
            if entry == package.name:
                message = "it depends on itself"
                section.fault(("depends_on", index), "PIOT_DEPENDS_SELF", message, hint="remove the entry")
            elif isinstance(entry, str) and entry.strip() and entry not in names:
                hint = near(entry, names) or f"the packages are {listed(names)}"
                message = f'it depends on "{entry}", which is no package'
                section.fault(("depends_on", index), "PIOT_DEPENDS_UNKNOWN", message, hint=hint)


def _no_cycles(named: _Named) -> None:
    sections: dict[str, Section] = {}
    waits: dict[str, tuple[str, ...]] = {}
    for package, section in named:
        sections.setdefault(package.name, section)
        waits.setdefault(package.name, package.depends_on)
    waits = {name: tuple(o for o in others if o in waits and o != name) for name, others in waits.items()}
    while cycle := _a_cycle(waits):
        section = sections[cycle[0]]
        index = section.items("depends_on").index(cycle[1])
        message = f"its dependencies go in a circle: {' → '.join(cycle)}"
        hint = "packages are published in order; remove one of these entries"
        section.fault(("depends_on", index), "PIOT_DEPENDS_CYCLE", message, hint=hint)
        waits = {name: others for name, others in waits.items() if name not in cycle}


def _a_cycle(waits: Mapping[str, Sequence[str]]) -> list[str]:
    """``a, b, a``, from the package of the cycle that comes first in the file; empty without a cycle."""
    try:
        TopologicalSorter(waits).prepare()
    except CycleError as found:
        # graphlib names each node before the one that waits for it, and the first again at the end
        cycle: list[str] = found.args[1][:0:-1]
        first = cycle.index(next(name for name in waits if name in cycle))
        return cycle[first:] + cycle[: first + 1]
    return []


def _line(package: Package) -> str:
    return "line " + package.location.rpartition(":")[2]
