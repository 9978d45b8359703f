"""What pyproject.toml says of a wheel: where its files are, what starts its program, its version."""

from __future__ import annotations

import re
from collections.abc import Iterator

from piot.errors import InputError
from piot.inspect.view import View, bundle_cli, inside, manifest_of
from piot.model.finding import Finding
from piot.model.package import Package, PypiSettings
from piot.model.python.pyproject import Maturin, NoSpecifier, Pyproject, python_version, python_versions
from piot.model.tables import table_at

_CALLED = re.compile(r"^\s*version\s*=\s*(['\"]?)[0-9]", re.M)


def projects(view: View) -> Iterator[tuple[Package, PypiSettings, Pyproject]]:
    """The packages of PyPI whose pyproject.toml could be read."""
    for package in view.packages:
        project = view.pyprojects.get(package.path)
        if isinstance(package.settings, PypiSettings) and project is not None:
            yield package, package.settings, project


def sources(view: View) -> Iterator[Finding]:
    """``python-source`` of maturin: a folder in the repository, written relative to pyproject.toml."""
    for package, settings, project in projects(view):
        source = project.maturin.python_source if project.maturin else None
        if settings.build != "maturin" or source is None:
            continue
        folder = inside(package.path, source)
        if source.startswith("/") or re.match(r"[A-Za-z]:", source) or folder.startswith("../"):
            message = f'"python-source" is "{source}", which only one machine has'
            fix = "write it relative to the folder of pyproject.toml"
        elif not view.below(folder):
            message = f'"python-source" is "{source}", but there is no folder {folder}'
            fix = "correct it, or add the package"
        else:
            continue
        where = ("tool", "maturin", "python-source")
        yield view.at(
            "PIOT_PYPI_PYTHON_SOURCE", "error", message, manifest_of(package), where, package=package, fix=fix
        )


def has_sources(view: View, project: Pyproject) -> bool:
    """Whether ``python-source`` is a folder with files; without one it is that of pyproject.toml."""
    source = project.maturin.python_source if project.maturin else None
    return source is None or bool(view.below(inside(project.directory, source)))


def bundled(view: View) -> Iterator[Finding]:
    """A program inside of a wheel is taken along, and something starts it."""
    for package, _, project in projects(view):
        cli, crate = bundle_cli(package), view.crate(project.crate_directory)
        if cli is None or crate is None or not has_sources(view, project):
            continue
        place = inside(cli.stage_to or ".", cli.bin)
        path = manifest_of(package)
        if not (project.maturin or Maturin()).ships(place, crate.name):
            folder = place.rpartition("/")[0]
            yield view.at(
                "PIOT_PYPI_MATURIN_INCLUDE_MISSING",
                "error",
                f"[tool.maturin] keeps {place} out of the wheel, where bundle_cli puts its program",
                path,
                ("tool", "maturin", "include"),
                package=package,
                fix=f'add include = ["{folder}/*"] to [tool.maturin]',
            )
        if not project.scripts:
            yield view.at(
                "PIOT_PYPI_NO_COMMAND",
                "error",
                f'the wheel ships the program "{cli.bin}", but no command starts it',
                path,
                ("project",),
                package=package,
                fix="add an entry point to [project.scripts]",
            )


def versions(view: View) -> Iterator[Finding]:
    """A planned version can be written into the project, and is one that Python can say."""
    for package, settings, project in projects(view):
        path = manifest_of(package)
        if settings.build == "maturin":
            yield from _of_crate(view, package, project)
        elif project.version is None and not project.scm and project.version_file is None:
            yield from _unwritable(view, package, project, path)
        elif project.version_file is not None and project.version is None:
            file = project.version_file.path
            yield view.at(
                "PIOT_PYPI_DYNAMIC_VERSION_NO_BACKEND",
                "error",
                f"the version is to be found in {file}, but there is none",
                path,
                ("project", "dynamic"),
                package=package,
                fix=f'write __version__ = "0.0.0" into {file}',
            )


def _of_crate(view: View, package: Package, project: Pyproject) -> Iterator[Finding]:
    crate = view.crate(project.crate_directory)
    if crate is None:
        yield view.at(
            "PIOT_MANIFEST_MISSING",
            "error",
            f"maturin builds the crate in {project.crate_directory}, and there is none",
            manifest_of(package),
            ("tool", "maturin"),
            package=package,
            fix="correct [tool.maturin] manifest-path, or add the Cargo.toml",
        )
    elif project.version is None:
        try:
            python_version(crate.version)
        except InputError as wrong:
            yield view.at(
                "PIOT_VERSION_SPELLING",
                "error",
                wrong.message,
                crate.manifest,
                ("package", "version"),
                package=package,
                fix=wrong.hint,
            )


def _unwritable(view: View, package: Package, project: Pyproject, path: str) -> Iterator[Finding]:
    """``project`` has its version from where piot does not write."""
    beside = [inside(package.path, name) for name in ("setup.py", "setup.cfg")]
    file = next((each for each in beside if _CALLED.search(view.documents.text(each) or "")), None)
    if "version" not in project.dynamic and file is not None:
        yield view.at(
            "PIOT_PYPI_STATIC_VERSION",
            "error",
            f"the version stands in {file}, where piot does not write planned versions",
            file,
            package=package,
            fix='move it to pyproject.toml: version = "0.0.0" in [project]',
        )
    elif "version" in project.dynamic and _has_table(view, path):
        yield view.at(
            "PIOT_PYPI_STATIC_VERSION",
            "error",
            "the version comes from code, where piot does not write planned versions",
            path,
            ("project", "dynamic"),
            package=package,
            fix='write version = "0.0.0" into [project], or name the file that it stands in',
        )


def _has_table(view: View, path: str) -> bool:
    """Whether something says where the version comes from; without, loading has said so already."""
    tool = table_at(view.documents.table(path), "tool")
    return bool(table_at(tool, "hatch", "version")) or "version" in table_at(tool, "setuptools", "dynamic")


def pythons(view: View) -> Iterator[Finding]:
    """Some Python that piot knows satisfies ``requires-python``, where wheels are made for each."""
    for package, settings, project in projects(view):
        if settings.build != "maturin" or settings.python_versions:
            continue
        try:
            python_versions(project.requires_python)
        except NoSpecifier:
            continue  # loading has said so
        except InputError as wrong:
            where = ("project", "requires-python")
            yield view.at(
                "PIOT_PYTHON_VERSION",
                "error",
                wrong.message,
                manifest_of(package),
                where,
                package=package,
                fix=wrong.hint,
            )
