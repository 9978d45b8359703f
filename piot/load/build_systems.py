"""What must hold for a Python project by what builds it, and what is read of it for that."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from piot.load.config_reader import Section
from piot.load.project_files import check_files
from piot.load.source_tree import SourceTree
from piot.load.version_files import at, version_file
from piot.model.package import PypiBuild, PypiSettings
from piot.model.python.pyproject import Pyproject

BACKENDS: dict[PypiBuild, tuple[str, str]] = {
    "hatch": ("hatchling", "hatchling.build"),
    "setuptools": ("setuptools", "setuptools.build_meta"),
    "maturin": ("maturin", "maturin"),
}
"""The module of each back end, and how ``build-backend`` is written."""

LEGACY = ("setuptools>=40.8.0",)
"""What a project without a ``[build-system]`` asks for (PEP 517, *Source trees*)."""

Beside = Callable[[str], bool]
"""Whether a file of this name stands beside pyproject.toml."""

Then = Callable[[Pyproject, Section], Pyproject]
"""What `read_pyproject` does with the project that it has read."""


def checked(settings: PypiSettings, prefix: str, files: SourceTree) -> Then:
    """What must hold for a package's project, whatever builds it; as `plain` and `of_maturin`."""
    build, pypi = settings.build, settings.pypi
    then = of_maturin(pypi) if build == "maturin" else plain(build, pypi, prefix, files)

    def and_files(found: Pyproject, top: Section) -> Pyproject:
        check_files(found, top, settings, files)
        return then(found, top)

    return and_files


def plain(build: PypiBuild, pypi: str, prefix: str, files: SourceTree) -> Then:
    """For a package with this ``build``, registered as ``pypi``: adds what building by PEP 517 needs to know.

    ``files`` are those of the repository, ``prefix`` is the project's folder in it.
    """

    def then(found: Pyproject, top: Section) -> Pyproject:
        found = _plain(found, top, build, pypi, lambda name: f"{prefix}{name}" in files)
        if "version" not in found.dynamic or found.scm:
            return found
        return replace(found, version_file=version_file(top, build, prefix, files))

    return then


def of_maturin(pypi: str) -> Then:
    """For a project that maturin builds: its name, which wheels have, and its back end.

    Piot calls maturin itself, but whoever installs the sdist goes by ``[build-system]``.
    """

    def then(found: Pyproject, top: Section) -> Pyproject:
        system, project = top.table("build-system", "[build-system]"), top.table("project", "[project]")
        if system is None:
            hint = 'write [build-system] with requires = ["maturin>=1.9,<2"] and build-backend = "maturin"'
            top.fault((), "PIOT_BUILD_SYSTEM", "there is no [build-system]", hint=hint)
        else:
            _check_backend(system, found, "maturin")
        if project is not None:
            _check_name(project, found, pypi)
            _check_python(project, found)
        return found

    return then


def _plain(found: Pyproject, top: Section, build: PypiBuild, pypi: str, beside: Beside) -> Pyproject:
    system = top.table("build-system", "[build-system]")
    if system is None and build == "setuptools":
        found = replace(found, build_requires=LEGACY)
    elif system is None:
        hint = 'write [build-system] with requires = ["hatchling"] and build-backend = "hatchling.build"'
        top.fault((), "PIOT_BUILD_SYSTEM", "there is no [build-system]", hint=hint)
    else:
        _check_system(system, found, build)
    scm = _is_versioned_by_scm(found, top, build)
    _check_project(top, found, build, pypi, beside, scm=scm)
    path = system.texts("backend-path") if system else ()
    return replace(found, backend_path=path, scm=scm)


def _check_system(system: Section, found: Pyproject, build: PypiBuild) -> None:
    from packaging.requirements import InvalidRequirement, Requirement

    system.require("requires", f'requires = ["{BACKENDS[build][0]}"]')
    for index, text in enumerate(system.items("requires")):
        try:
            requirement = Requirement(text) if isinstance(text, str) else None
        except InvalidRequirement:
            hint = 'write it as in "hatchling>=1.27" (PEP 508)'
            message = f'"{text}" is no requirement'
            system.fault(("requires", index), "PIOT_REQUIREMENT", message, hint=hint)
        else:
            if requirement is not None and requirement.url:
                message = f'"{text}" names an address, and piot pins what an index has'
                hint = "name the project and its version"
                system.fault(("requires", index), "PIOT_REQUIREMENT", message, hint=hint)
    _check_backend(system, found, build)


def _check_backend(system: Section, found: Pyproject, build: PypiBuild) -> None:
    backend = found.build_backend or "setuptools"
    if backend.partition(".")[0] == BACKENDS[build][0] or "backend-path" in system.values:
        return
    others = [name for name, (module, _) in BACKENDS.items() if backend.partition(".")[0] == module]
    hint = f'set build-backend = "{BACKENDS[build][1]}"'
    hint += f', or build = "{others[0]}" in putitoutthere.toml' if others else ""
    message = f'"build-backend" is "{backend}", but putitoutthere.toml says build = "{build}"'
    key = ("build-backend",) if "build-backend" in system.values else ()
    system.fault(key, "PIOT_PYPI_BUILD_BACKEND_MISMATCH", message, hint=hint)


def _check_project(
    top: Section, found: Pyproject, build: PypiBuild, pypi: str, beside: Beside, *, scm: bool
) -> None:
    project = top.table("project", "[project]")
    configured = build == "setuptools" and (beside("setup.py") or beside("setup.cfg"))
    if project is None:
        if not configured:
            hint = f'write [project] with name = "{pypi}" and a version'
            top.fault((), "PIOT_MISSING_KEY", "there is no [project]", hint=hint)
        return
    project.require("name", f'name = "{pypi}"')
    _check_name(project, found, pypi)
    _check_python(project, found)
    _check_version(top, project, found, build, known=scm or configured)


def _check_name(project: Section, found: Pyproject, pypi: str) -> None:
    if found.name and _canonical(found.name) != _canonical(pypi):
        message = f'"name" is "{found.name}", but putitoutthere.toml says that it is registered as "{pypi}"'
        hint = f'set pypi = "{found.name}" there, or correct the name here'
        project.fault(("name",), "PIOT_PYPI_NAME_MISMATCH", message, hint=hint)


def _check_python(project: Section, found: Pyproject) -> None:
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        SpecifierSet(found.requires_python or "")
    except InvalidSpecifier:
        message = f'"requires-python" is "{found.requires_python}", which is no version specifier'
        where = ("requires-python",)
        project.fault(where, "PIOT_PYTHON_VERSION", message, hint='write it as in ">=3.9,<4"')


def _check_version(
    top: Section, project: Section, found: Pyproject, build: PypiBuild, *, known: bool
) -> None:
    """``known`` says that a version is found elsewhere."""
    from packaging.version import InvalidVersion, Version

    dynamic = "version" in found.dynamic
    if found.version is not None:
        try:
            Version(found.version)
        except InvalidVersion:
            message = f'"version" is "{found.version}", which is no version (PEP 440)'
            project.fault(("version",), "PIOT_PROJECT_VERSION", message, hint='write it as in "1.2.3"')
    if found.version is not None and dynamic:
        message = '"version" is given, and named in "dynamic" too'
        project.fault(("dynamic",), "PIOT_PROJECT_VERSION", message, hint="remove one of them")
    elif found.version is None and not dynamic:
        hint = 'write version = "0.1.0", or dynamic = ["version"] and where it comes from'
        project.fault((), "PIOT_PROJECT_VERSION", "there is no version", hint=hint)
    elif dynamic and not known and not _has_source(top, build):
        tables = {"hatch": "[tool.hatch.version]", "setuptools": "[tool.setuptools.dynamic] version"}
        message = '"version" is dynamic, but nothing says where it comes from'
        hint = f"add {tables[build]}"
        project.fault(("dynamic",), "PIOT_PYPI_DYNAMIC_VERSION_NO_BACKEND", message, hint=hint)


def _has_source(top: Section, build: PypiBuild) -> bool:
    if build == "hatch":
        return at(top, "tool", "hatch", "version") is not None
    dynamic = at(top, "tool", "setuptools", "dynamic")
    return dynamic is not None and "version" in dynamic.values


def _is_versioned_by_scm(found: Pyproject, top: Section, build: PypiBuild) -> bool:
    """Whether hatch-vcs or setuptools-scm take the version from tags; both obey the same variable."""
    if "version" not in found.dynamic:
        return False
    if build == "hatch":
        version = at(top, "tool", "hatch", "version")
        return version is not None and version.values.get("source") == "vcs"
    if at(top, "tool", "setuptools", "dynamic", "version") is not None:
        return False
    names = {_canonical(match[0]) for text in found.build_requires if (match := _NAME.match(text))}
    return "setuptools-scm" in names or "setuptools_scm" in found.tools


_NAME = re.compile(r"[A-Za-z0-9._-]+")


def _canonical(name: str) -> str:
    """The one spelling of a project's name (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()
