"""What the packages of ``putitoutthere.toml`` have in common as targets: labels, sources, dependencies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from piot.model.cargo.facts import Crate, Workspace
from piot.model.label import Label
from piot.model.package import Package, TargetSettings, TargetSpec
from piot.model.rule import Plain, Sources, StringMap
from piot.model.select import DEFAULT, Select, Value
from piot.model.target import Target

MAIN = {"crates": "crate", "pypi": "wheel", "npm": "package"}
"""The target of each kind that stands for the package where others depend on it."""


class PackageGraph:
    """The packages of a repository and the crates between them.

    When several packages share a ``path``, the names of all their targets begin with the package's.
    """

    def __init__(self, packages: Iterable[Package], workspaces: Iterable[Workspace]) -> None:
        self.packages = {package.name: package for package in packages}
        self._workspaces = tuple(workspaces)
        counts = Counter(package.path for package in self.packages.values())
        self._shared = {path for path, count in counts.items() if count > 1}
        self._crates = {each.path: each for each in self.packages.values() if each.kind == "crates"}

    def label(self, package: Package, name: str) -> Label:
        """The label of the target ``name`` of a package."""
        folder = "" if package.path == "." else package.path
        return Label(folder, f"{package.name}-{name}" if package.path in self._shared else name)

    def target(self, package: Package, rule: str, name: str, **attrs: Value) -> Target:
        """A target of a package, with what all of them have: folder, sources, dependencies, variables."""
        given: dict[str, Value] = {
            "directory": package.path,
            "env": StringMap.of(package.env),
            **attrs,
            "srcs": Sources(globs=package.paths),
            "depends_on": self._depends_on(package),
        }
        return Target(
            label=self.label(package, name),
            rule=rule,
            attrs=tuple(sorted(given.items(), key=lambda pair: pair[0])),
            package=package.name,
            location=package.location,
        )

    def _depends_on(self, package: Package) -> tuple[Label, ...]:
        needed = (self.packages[name] for name in package.depends_on)
        labels = [self.label(each, MAIN[each.kind]) for each in needed]
        return tuple(dict.fromkeys((*labels, *self.sibling_crates(package.path))))

    def crate_in(self, directory: str) -> Crate | None:
        """The crate in a folder; None when there is none."""
        spaces = (each for each in self._workspaces if directory in each.members or directory in each.others)
        return next((each.crate(directory) for each in spaces), None)

    def sibling_crates(self, directory: str) -> tuple[Label, ...]:
        """The ``:crate`` of every in-repository crate that packaging the one in ``directory`` needs."""
        for workspace in self._workspaces:
            if directory in workspace.members:
                needed = (each for each in _needed(workspace, directory) if each != directory)
                return tuple(
                    self.label(self._crates[each], "crate") for each in needed if each in self._crates
                )
        return ()


def by_triple(
    targets: Iterable[TargetSpec], common: Plain, own: Callable[[TargetSettings], Plain | None]
) -> Value:
    """``common``, but for the triples whose settings say otherwise."""
    values = ((spec.triple.text, own(spec.settings)) for spec in targets)
    branches = tuple((text, value) for text, value in values if value not in (None, (), ""))
    return Select(branches=((DEFAULT, common), *branches)) if branches else common


def defaults_off(its: TargetSettings) -> bool | None:
    """Whether a platform is built without the default features; None where it does not say."""
    return None if its.default_features is None else not its.default_features


def variables(package: Package, targets: Iterable[TargetSpec]) -> Value:
    """The package's variables; a platform's own are laid over them."""
    common = dict(package.env)
    return by_triple(
        targets,
        StringMap.of(common),
        lambda its: StringMap.of({**common, **dict(its.env)}) if its.env else None,
    )


def system(package: Package, targets: Iterable[TargetSpec]) -> Value:
    """What the package needs of the machine, and what a platform needs besides."""
    common = package.system
    return by_triple(
        targets, common, lambda its: tuple(dict.fromkeys((*common, *its.system))) if its.system else None
    )


def cargo_settings(package: Package, targets: Sequence[TargetSpec]) -> dict[str, Value]:
    """The attributes that all rules over cargo have, by what ``targets`` says of each platform."""
    return {
        "rustflags": by_triple(targets, (), lambda its: its.rustflags),
        "profile": by_triple(targets, "", lambda its: its.profile),
        "system": system(package, targets),
        "env": variables(package, targets),
    }


def _needed(workspace: Workspace, directory: str) -> list[str]:
    """The folders of the crates that packaging the one in ``directory`` needs, sorted.

    Crates may test each other: dev-dependencies of others play no part, and cargo leaves its own out of
    what it packages when they have no version (The Cargo Book, *Specifying Dependencies*).
    """
    own = workspace.crate(directory).path_dependencies
    todo = [each.directory for each in own if each.kind != "dev" or each.version_requirement is not None]
    found: set[str] = set()
    while todo:
        one = todo.pop()
        if one not in found and one != directory:
            found.add(one)
            needed = workspace.crate(one).path_dependencies
            todo += [each.directory for each in needed if each.kind != "dev"]
    return sorted(found)
