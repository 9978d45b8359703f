"""The targets of packages for Python: wheels, sdists, and programs inside wheels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from piot.errors import Problem, listed
from piot.load.package_graph import PackageGraph, by_triple, cargo_settings, defaults_off, variables
from piot.load.rust_targets import program_target
from piot.model.cargo.facts import Crate
from piot.model.package import Package, PypiSettings
from piot.model.python.pyproject import Maturin, Pyproject, python_versions
from piot.model.rule import StringMap, Triples
from piot.model.target import Target


def maturin_targets(
    graph: PackageGraph, package: Package, settings: PypiSettings, projects: Mapping[str, Pyproject]
) -> tuple[Target, ...]:
    """Wheel and sdist, and the program of ``bundle_cli``."""
    cli = settings.bundle_cli
    programs = (program_target(graph, package, cli, settings.targets),) if cli else ()
    sdist = graph.target(package, "maturin_sdist", "sdist", distribution=settings.pypi)
    return (_wheel(graph, package, settings, projects), sdist, *programs)


def backend_targets(graph: PackageGraph, package: Package, settings: PypiSettings) -> tuple[Target, ...]:
    """One wheel for all, or one for each platform, and each Python, where some are declared.

    Only running ``setup.py`` would tell whether modules are for one Python or for all that follow, so that
    is for ``python_versions`` to say.
    """
    name = settings.pypi
    sdist = graph.target(package, "python_sdist", "sdist", distribution=name)
    if not settings.targets:
        return graph.target(package, "python_wheel", "wheel", distribution=name), sdist
    wheel = graph.target(
        package,
        "python_extension_wheel",
        "wheel",
        distribution=name,
        targets=Triples(tuple(spec.triple.text for spec in settings.targets)),
        runners=StringMap.of({spec.triple.text: spec.runner for spec in settings.targets if spec.runner}),
        python_versions=by_triple(
            settings.targets, settings.python_versions, lambda its: its.python_versions
        ),
        env=variables(package, settings.targets),
    )
    return wheel, sdist


def _wheel(
    graph: PackageGraph, package: Package, settings: PypiSettings, projects: Mapping[str, Pyproject]
) -> Target:
    targets = settings.targets
    pythons = _python_versions(graph, projects, package, settings)
    return graph.target(
        package,
        "maturin_wheel",
        "wheel",
        distribution=settings.pypi,
        targets=Triples(tuple(spec.triple.text for spec in targets)),
        features=by_triple(targets, (), lambda its: its.features),
        no_default_features=by_triple(targets, False, defaults_off),
        manylinux=by_triple(targets, settings.manylinux or "", lambda its: its.manylinux),
        python_versions=by_triple(targets, pythons, lambda its: pythons and its.python_versions),
        **cargo_settings(package, targets),
        programs=(graph.label(package, "cli"),) if settings.bundle_cli else (),
        stage_to=(settings.bundle_cli.stage_to or "") if settings.bundle_cli else "",
    )


def _python_versions(
    graph: PackageGraph, projects: Mapping[str, Pyproject], package: Package, settings: PypiSettings
) -> tuple[str, ...]:
    """The Pythons that need a wheel of their own: none where the extension is abi3 or there is none."""
    project = projects.get(package.path)
    crate = None if project is None else graph.crate_in(project.crate_directory)
    if project is None or crate is None or not crate.pyo3:
        return ()
    if (project.maturin or Maturin()).interpreter_free or _is_abi3(crate, project):
        return ()
    return settings.python_versions or python_versions(project.requires_python)


def _is_abi3(crate: Crate, project: Pyproject) -> bool:
    maturin = project.maturin or Maturin()
    return crate.abi3(maturin.features, defaults=not maturin.no_default_features) is not None


def unserved(
    graph: PackageGraph, package: Package, settings: PypiSettings, projects: Mapping[str, Pyproject]
) -> Iterator[Problem]:
    """Pythons that are asked for, and that the one wheel of an abi3 extension does not serve.

    Neither PyPy nor free-threaded Pythons have the stable ABI (PEP 384, PEP 703).
    """
    project = projects.get(package.path)
    crate = None if project is None else graph.crate_in(project.crate_directory)
    own = (each for spec in settings.targets for each in spec.settings.python_versions)
    asked = dict.fromkeys((*settings.python_versions, *own))
    without = [each for each in asked if each.startswith("pypy") or each.endswith("t")]
    if project is None or crate is None or not without or not _is_abi3(crate, project):
        return
    path, _, line = package.location.rpartition(":")
    yield Problem(
        path=path,
        line=int(line),
        column=1,
        code="PIOT_PYTHON_VERSION",
        message=f'package "{package.name}": its extension is abi3, which does not serve {listed(without)}',
        hint='take that out of "python_versions", or build without abi3: then every Python has its own wheel',
    )
