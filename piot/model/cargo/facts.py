"""What Cargo manifests say: crates, their targets and path dependencies, and the workspace around them.

All paths are relative to the repository root, with ``/`` between folders and ``.`` for the root itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from piot.errors import InputError, near
from piot.model.cargo.lockfile import Lockfile, Patch

DependencyKind: TypeAlias = Literal["normal", "build", "dev"]

SETTINGS = ("rust-toolchain.toml", "rust-toolchain", ".cargo/config.toml", ".cargo/config")
"""Files that rustup and cargo look at, in any folder around a manifest: inputs of every cargo action."""

ANY_ABI3 = (0, 0)
"""abi3 without a lowest Python: that of the interpreter which is built with."""

PYO3_CRATES = ("pyo3", "pyo3-ffi")
_ABI3 = re.compile(r"abi3(?:-py3([0-9]+))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class CargoTarget:
    """A library or a binary; ``path`` is its root source file."""

    name: str
    path: str
    crate_types: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PathDependency:
    """A dependency on a crate of the repository; ``name`` is the package's, whatever the dependent calls it.

    ``version_requirement`` is what stands beside the path, or None.
    """

    name: str
    directory: str
    kind: DependencyKind
    version_requirement: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Crate:
    """One package of Cargo, inherited values filled in.

    ``pyo3`` says that it depends on pyo3, ``pyo3_abi3`` is the lowest Python that its dependency entries
    ask it for, ``ANY_ABI3`` when they ask for abi3 without one, None when they do not ask; ``abi3`` also
    follows features. ``features`` are all that can be asked for, ``feature_map`` is the ``[features]`` table.
    ``version_inherited``: the version stands in the workspace's root manifest.
    """

    name: str
    version: str
    directory: str
    manifest: str
    edition: str = "2015"
    library: CargoTarget | None = None
    binaries: tuple[CargoTarget, ...] = ()
    build_script: str | None = None
    proc_macro: bool = False
    features: tuple[str, ...] = ()
    default_features: tuple[str, ...] = ()
    feature_map: tuple[tuple[str, tuple[str, ...]], ...] = ()
    path_dependencies: tuple[PathDependency, ...] = ()
    pyo3: bool = False
    pyo3_abi3: tuple[int, int] | None = None
    publish: bool = True
    links: str | None = None
    version_inherited: bool = False

    def abi3(self, features: Iterable[str] = (), *, defaults: bool = True) -> tuple[int, int] | None:
        """The lowest Python of the stable ABI when built with ``features``, as ``pyo3_abi3`` says it.

        pyo3 takes the lowest version of all that are asked for.
        """
        requests = dict(self.feature_map)
        todo = [*features, *(["default"] if defaults else [])]
        seen: set[str] = set()
        asked: list[str] = []
        while todo:
            feature = todo.pop()
            if feature in seen:
                continue
            seen.add(feature)
            owner, _, name = feature.rpartition("/")
            if owner.removesuffix("?") in PYO3_CRATES:
                asked.append(name)
            elif owner in ("", self.name):
                todo.extend(requests.get(name, ()))
        return lowest_abi3([self.pyo3_abi3, abi3_floor(asked)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """Crates that share a root manifest, a lock and a target folder; a crate on its own is one too.

    ``members`` is by directory; ``others`` are path dependencies and patches that are no members but
    that cargo loads with them. ``lock`` is None when there is no ``Cargo.lock``.
    """

    root: str
    manifest: str
    members: Mapping[str, Crate] = field(hash=False)
    others: Mapping[str, Crate] = field(hash=False, default_factory=dict[str, Crate])
    lock_path: str
    lock_text: str | None = None
    lock: Lockfile | None = None
    patches: tuple[Patch, ...] = ()
    profiles: tuple[str, ...] = ()

    @property
    def patched_paths(self) -> tuple[str, ...]:
        """The directories that ``[patch]`` names; cargo reads their manifests in every build."""
        return tuple(sorted({patch.directory for patch in self.patches if patch.directory is not None}))

    def crate(self, directory: str) -> Crate:
        """The crate in ``directory``; raises InputError when there is none."""
        found = self.members.get(directory) or self.others.get(directory)
        if found is None:
            hint = near(directory, [*self.members, *self.others])
            raise InputError(f"there is no crate in {directory}", hint=hint)
        return found

    def reach(self, directory: str) -> tuple[Crate, ...]:
        """The crate in ``directory`` and all that it depends on by path, sorted by directory.

        Dependencies of every kind count, since cargo reads the manifests of all.
        """
        found: dict[str, Crate] = {}
        todo = [directory]
        while todo:
            one = todo.pop()
            if one not in found:
                found[one] = self.crate(one)
                todo.extend(dependency.directory for dependency in found[one].path_dependencies)
        return tuple(found[one] for one in sorted(found))

    def kept(self, directory: str) -> tuple[str, ...]:
        """The directories of the members among ``reach``: what a workspace cut for this crate lists."""
        return tuple(crate.directory for crate in self.reach(directory) if crate.directory in self.members)

    def patched(self) -> tuple[Crate, ...]:
        """The crates that third-party crates may be compiled against: patches, and what those reach."""
        found = {crate.directory: crate for path in self.patched_paths for crate in self.reach(path)}
        return tuple(found[one] for one in sorted(found))


def abi3_floor(features: Iterable[str]) -> tuple[int, int] | None:
    """What features of pyo3 say: the lowest Python, ``ANY_ABI3`` for a plain ``abi3``, or None."""
    matches = [match for feature in features if (match := _ABI3.fullmatch(feature))]
    return lowest_abi3([(3, int(match[1])) if match[1] else ANY_ABI3 for match in matches])


def lowest_abi3(floors: Iterable[tuple[int, int] | None]) -> tuple[int, int] | None:
    """The lowest of some floors; one that names a Python counts more than one that does not."""
    known = [floor for floor in floors if floor is not None]
    return min((floor for floor in known if floor != ANY_ABI3), default=ANY_ABI3 if known else None)
