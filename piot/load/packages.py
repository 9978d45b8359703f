"""The targets that every package of ``putitoutthere.toml`` has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from piot.errors import Problem, Problems
from piot.load.npm_projects import NpmProjects
from piot.load.npm_siblings import NpmSiblings
from piot.load.npm_targets import npm_targets
from piot.load.package_graph import PackageGraph
from piot.load.pypi_targets import backend_targets, maturin_targets, unserved
from piot.load.rust_targets import crate_target
from piot.model.cargo.facts import Workspace
from piot.model.package import CratesSettings, NpmSettings, Package, PypiSettings
from piot.model.python.pyproject import Pyproject
from piot.model.target import Target

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

    Raises Problems where a wheel is asked for that cannot be.
    """
    graph = PackageGraph(packages, workspaces)
    siblings = NpmSiblings(graph.packages.values(), npm)
    found: list[Target] = []
    wrong: list[Problem] = []
    for package in graph.packages.values():
        match package.settings:
            case CratesSettings() as settings:
                found.append(crate_target(graph, package, settings))
            case PypiSettings(build="maturin") as settings:
                wrong += unserved(graph, package, settings, projects or {})
                found += maturin_targets(graph, package, settings, projects or {})
            case PypiSettings() as settings:
                found += backend_targets(graph, package, settings)
            case NpmSettings() as settings:
                found += npm_targets(graph, package, settings, siblings)
    if wrong:
        raise Problems(wrong)
    return tuple(found)


def with_crates(
    targets: Iterable[Target], packages: Iterable[Package], workspaces: Iterable[Workspace]
) -> Iterator[Target]:
    """Targets of BUILD files, those over cargo with the crates that they reach in ``depends_on``.

    So that ``rdeps`` of a crate finds the programs that are compiled from it.
    """
    graph = PackageGraph(packages, workspaces)
    for target in targets:
        if target.rule not in OVER_CARGO:
            yield target
        else:
            crates = graph.sibling_crates(target.directory)
            given = target.get("depends_on")
            own = given if isinstance(given, tuple) else ()
            attrs = {**dict(target.attrs), "depends_on": tuple(dict.fromkeys((*own, *crates)))}
            yield replace(target, attrs=tuple(sorted(attrs.items(), key=lambda pair: pair[0])))
