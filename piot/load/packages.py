"""The targets that every package of ``putitoutthere.toml`` has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from piot.load.npm_projects import NpmProjects
from piot.load.npm_siblings import NpmSiblings
from piot.model.cargo import Crate, Workspace
from piot.model.label import Label
from piot.model.package import (
    BundleCli,
    CratesSettings,
    NpmSettings,
    Package,
    PypiSettings,
    TargetSettings,
    TargetSpec,
)
from piot.model.pyproject import Maturin, Pyproject, python_versions
from piot.model.rule import Plain, Sources, StringMap, Triples
from piot.model.select import DEFAULT, Select, Value
from piot.model.target import Target

MAIN = {"crates": "crate", "pypi": "wheel", "npm": "package"}
"""The target of each kind that stands for the package where others depend on it."""

OVER_CARGO = ("maturin_sdist", "maturin_wheel", "napi_addon", "rust_binary")
"""Rules whose targets are compiled from the crates that they reach, without an attribute that names them."""

OVER_BACKENDS = ("python_extension_wheel", "python_sdist", "python_wheel")
"""Rules whose targets are made by the back end that their pyproject.toml names."""


def package_targets(
    packages: Iterable[Package],
    workspaces: Iterable[Workspace],
    projects: Mapping[str, Pyproject] | None = None,
    npm: NpmProjects | None = None,
) -> tuple[Target, ...]:
    """The targets of all packages, as the table in the configuration reference lists them.

    When several packages share a ``path``, the names of all their targets begin with the package's.
    """
    maker = _Maker(packages, workspaces, projects, npm)
    return tuple(target for package in maker.packages.values() for target in maker.targets(package))


def with_crates(
    targets: Iterable[Target], packages: Iterable[Package], workspaces: Iterable[Workspace]
) -> Iterator[Target]:
    """Targets of BUILD files, those over cargo with the crates that they reach in ``depends_on``.

    So that ``rdeps`` of a crate finds the programs that are compiled from it.
    """
    maker = _Maker(packages, workspaces, None)
    for target in targets:
        directory = target.get("directory") or target.label.package or "."
        if target.rule not in OVER_CARGO or not isinstance(directory, str):
            yield target
        else:
            crates = maker.sibling_crates(directory)
            given = target.get("depends_on")
            own = given if isinstance(given, tuple) else ()
            attrs = {**dict(target.attrs), "depends_on": tuple(dict.fromkeys((*own, *crates)))}
            yield replace(target, attrs=tuple(sorted(attrs.items(), key=lambda pair: pair[0])))


class _Maker:
    def __init__(
        self,
        packages: Iterable[Package],
        workspaces: Iterable[Workspace],
        projects: Mapping[str, Pyproject] | None = None,
        npm: NpmProjects | None = None,
    ) -> None:
        self._projects = projects or {}
        self.packages = {package.name: package for package in packages}
        self._workspaces = tuple(workspaces)
        self._npm = NpmSiblings(self.packages.values(), npm)
        counts = Counter(package.path for package in self.packages.values())
        self._shared = {path for path, count in counts.items() if count > 1}

    def targets(self, package: Package) -> tuple[Target, ...]:
        match package.settings:
            case CratesSettings() as settings:
                return (self._crate(package, settings),)
            case PypiSettings(build="maturin") as settings:
                cli = (
                    (self._cli(package, settings.bundle_cli, settings.targets),)
                    if settings.bundle_cli
                    else ()
                )
                return (self._wheel(package, settings), self._sdist(package, settings), *cli)
            case PypiSettings() as settings:
                return self._plain(package, settings)
            case NpmSettings(build=()) as settings:
                return (self._npm_package(package, settings),)
            case NpmSettings() as settings:
                return self._family(package, settings)
            case _:
                return ()

    def _crate(self, package: Package, settings: CratesSettings) -> Target:
        return self._target(
            package,
            "rust_crate",
            "crate",
            features=settings.features,
            no_default_features=settings.no_default_features,
            crates=self.sibling_crates(package.path),
        )

    def _wheel(self, package: Package, settings: PypiSettings) -> Target:
        targets = settings.targets
        pythons = self._python_versions(package, settings)
        return self._target(
            package,
            "maturin_wheel",
            "wheel",
            distribution=settings.pypi,
            targets=Triples(tuple(spec.triple.text for spec in targets)),
            features=_by_triple(targets, (), lambda its: its.features),
            no_default_features=_by_triple(targets, False, lambda its: its.default_features is False),
            manylinux=_by_triple(targets, settings.manylinux or "", lambda its: its.manylinux),
            python_versions=_by_triple(targets, pythons, lambda its: pythons and its.python_versions),
            rustflags=_by_triple(targets, (), lambda its: its.rustflags),
            env=_env(package, targets),
            programs=(self._label(package, "cli"),) if settings.bundle_cli else (),
            stage_to=(settings.bundle_cli.stage_to or "") if settings.bundle_cli else "",
        )

    def _python_versions(self, package: Package, settings: PypiSettings) -> tuple[str, ...]:
        """The Pythons that need a wheel of their own: none where the extension is abi3 or there is none."""
        project = self._projects.get(package.path)
        crate = None if project is None else self._crate_in(project.crate_directory)
        if project is None or crate is None:
            return ()
        maturin = project.maturin or Maturin()
        abi3 = crate.abi3(maturin.features, defaults=not maturin.no_default_features)
        if maturin.interpreter_free or abi3 is not None or not crate.pyo3:
            return ()
        return settings.python_versions or python_versions(project.requires_python)

    def _crate_in(self, directory: str) -> Crate | None:
        spaces = (each for each in self._workspaces if directory in {**each.members, **each.others})
        return next((each.crate(directory) for each in spaces), None)

    def _cli(self, package: Package, cli: BundleCli, targets: Sequence[TargetSpec]) -> Target:
        """The program of ``bundle_cli``; its crate may stand anywhere in the repository."""
        return self._target(
            package,
            "rust_binary",
            "cli",
            directory=cli.crate_path,
            bin=cli.bin,
            targets=Triples(tuple(spec.triple.text for spec in targets)),
            features=cli.features,
            no_default_features=cli.no_default_features,
            rustflags=_by_triple(targets, (), lambda its: its.rustflags),
            env=_env(package, targets),
        )

    def _family(self, package: Package, settings: NpmSettings) -> tuple[Target, ...]:
        """The addon, the program, their platform packages, and the umbrella that everybody installs."""
        families = {build.mode: build.family(settings.npm) for build in settings.build}
        shared: dict[str, Plain] = {
            "targets": Triples(tuple(spec.triple.text for spec in settings.targets)),
            "spelled": StringMap.of({spec.triple.text: spec.written for spec in settings.targets}),
        }
        made: list[Target] = []
        if "napi" in families:
            made.append(self._target(package, "napi_addon", "addon", targets=shared["targets"]))
            shared |= {"addon": made[-1].label, "addon_family": families["napi"]}
        if "bundled-cli" not in families:
            platforms = self._target(package, "npm_platforms", "platforms", **shared)
            return (*made, platforms, self._target(package, "napi_package", "package", **shared))
        umbrella = self._npm_program(package, settings, **shared, program_family=families["bundled-cli"])
        if settings.bundle_cli is None:
            return (*made, umbrella)  # which says that there is no program
        made.append(self._cli(package, settings.bundle_cli, settings.targets))
        shared |= {"program": made[-1].label, "program_family": families["bundled-cli"]}
        return (*made, self._target(package, "npm_platforms", "platforms", **shared), umbrella)

    def _npm_program(self, package: Package, settings: NpmSettings, **shared: Plain) -> Target:
        used = tuple(self._label(each, "package") for each in self._npm.siblings(package))
        cli = "" if settings.bundle_cli is None else settings.bundle_cli.bin
        own: dict[str, Plain] = {"npm": settings.npm, "program": cli, "packages": used}
        return self._target(package, "npm_program", "package", **shared, **own)

    def _sdist(self, package: Package, settings: PypiSettings) -> Target:
        return self._target(package, "maturin_sdist", "sdist", distribution=settings.pypi)

    def _npm_package(self, package: Package, settings: NpmSettings) -> Target:
        used = (self._label(each, "package") for each in self._npm.siblings(package))
        return self._target(package, "npm_package", "package", npm=settings.npm, packages=tuple(used))

    def _plain(self, package: Package, settings: PypiSettings) -> tuple[Target, ...]:
        """One wheel for all, or one for each platform where some are declared."""
        name = settings.pypi
        sdist = self._target(package, "python_sdist", "sdist", distribution=name)
        if not settings.targets:
            return self._target(package, "python_wheel", "wheel", distribution=name), sdist
        wheel = self._target(
            package,
            "python_extension_wheel",
            "wheel",
            distribution=name,
            targets=Triples(tuple(spec.triple.text for spec in settings.targets)),
            runners=StringMap.of({spec.triple.text: spec.runner for spec in settings.targets if spec.runner}),
        )
        return wheel, sdist

    def _target(self, package: Package, rule: str, name: str, **attrs: Value) -> Target:
        given: dict[str, Value] = {
            "directory": package.path,
            "env": StringMap.of(package.env),
            **attrs,
            "srcs": Sources(globs=package.paths),
            "depends_on": self._depends_on(package),
        }
        return Target(
            label=self._label(package, name),
            rule=rule,
            attrs=tuple(sorted(given.items(), key=lambda pair: pair[0])),
            package=package.name,
            location=package.location,
        )

    def _label(self, package: Package, name: str) -> Label:
        folder = "" if package.path == "." else package.path
        return Label(folder, f"{package.name}-{name}" if package.path in self._shared else name)

    def _depends_on(self, package: Package) -> tuple[Label, ...]:
        needed = (self.packages[name] for name in package.depends_on)
        labels = [self._label(each, MAIN[each.kind]) for each in needed if self.targets(each)]
        return tuple(dict.fromkeys((*labels, *self.sibling_crates(package.path))))

    def sibling_crates(self, directory: str) -> tuple[Label, ...]:
        """The ``:crate`` of every in-repository crate that packaging the one in ``directory`` needs."""
        crates = {p.path: p for p in self.packages.values() if p.kind == "crates" and p.path != directory}
        for workspace in self._workspaces:
            if directory in workspace.members:
                needed = _needed(workspace, directory)
                return tuple(self._label(crates[each], "crate") for each in needed if each in crates)
        return ()


def _by_triple(
    targets: Iterable[TargetSpec], common: Plain, own: Callable[[TargetSettings], Plain | None]
) -> Value:
    """``common``, but for the triples whose settings say otherwise."""
    branches = tuple((spec.triple.text, value) for spec in targets if (value := own(spec.settings)))
    return Select(branches=((DEFAULT, common), *branches)) if branches else common


def _env(package: Package, targets: Iterable[TargetSpec]) -> Value:
    """The package's variables; a platform's own are laid over them."""
    common = dict(package.env)
    return _by_triple(
        targets,
        StringMap.of(common),
        lambda its: StringMap.of({**common, **dict(its.env)}) if its.env else None,
    )


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
