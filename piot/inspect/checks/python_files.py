"""Files of Python packages: types that would not be shipped, versions that would not follow a release."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from piot.inspect.checks.python import has_sources, projects
from piot.inspect.view import View, manifest_of
from piot.model.finding import Finding
from piot.model.globs import Globs
from piot.model.package import Package
from piot.model.python.pyproject import Maturin, Pyproject
from piot.model.release.version_file import assigned
from piot.model.toml_scan import line_and_column

TYPES = ("py.typed", ".pyi")
"""Names, or ends of names, of what type checkers look for (PEP 561)."""

VERSIONS = ("__init__.py", "__about__.py", "__version__.py", "_version.py", "version.py")
"""Files in which projects keep their version."""

_APART = frozenset(("bench", "benches", "benchmarks", "docs", "examples", "test", "tests", "typings"))
"""Folders of what is not installed."""

_LITERAL = re.compile(assigned("__version__"), re.MULTILINE)


def types(view: View) -> Iterator[Finding]:
    """Stubs and ``py.typed`` that the globs of the package, or maturin, leave out."""
    for package, settings, project in projects(view):
        own = Globs(package.paths)
        for path, relative in _own(view, package):
            if not relative.endswith(TYPES):
                continue
            if not own.matches(path):
                message = f'{path} is not shipped: no "paths" match it'
                fix = f'add "{path}" to its paths'
                yield view.at_package(
                    "PIOT_PYPI_TYPES_UNSHIPPED", "warning", message, package, "paths", fix=fix
                )
            elif settings.build == "maturin" and not _ships(view, project, relative):
                yield view.at(
                    "PIOT_PYPI_TYPES_UNSHIPPED",
                    "warning",
                    f"{path} is not shipped: maturin takes what is in the Python package, or in include",
                    manifest_of(package),
                    ("tool", "maturin"),
                    package=package,
                    fix=f'move it into the package, or add include = ["{relative}"]',
                )


def _ships(view: View, project: Pyproject, relative: str) -> bool:
    """Maturin also takes the stub of a module without a package, which has the module's name."""
    crate = view.crate(project.crate_directory)
    maturin = project.maturin or Maturin()
    if crate is None or not has_sources(view, project) or maturin.ships(relative, crate.name):
        return True
    library = crate.library.name if crate.library else crate.name.replace("-", "_")
    module = (maturin.module_name or library).partition(".")[0]
    stub = posixpath.normpath(posixpath.join(maturin.python_source or ".", f"{module}.pyi"))
    return relative == stub


def literals(view: View) -> Iterator[Finding]:
    """``__version__ = "1.2.3"`` where piot writes no planned version: it says the old one for ever."""
    for package, _, project in projects(view):
        own = Globs(package.paths)
        written = project.version_file.path if project.version_file else None
        for path, relative in _own(view, package):
            name = relative.rpartition("/")[2]
            made = path == written or (project.scm and name == "_version.py")
            if name not in VERSIONS or made or not own.matches(path):
                continue
            text = view.documents.text(path) or ""
            match = _LITERAL.search(text)
            if match is not None:
                line, column = line_and_column(text, match.start())
                name = project.name or package.registry_name
                yield Finding(
                    code="PIOT_VERSION_LITERAL",
                    severity="warning",
                    message=f'__version__ is "{match["version"]}" here, and stays so in every release',
                    path=path,
                    line=line,
                    column=column,
                    package=package.name,
                    fix=f'write __version__ = importlib.metadata.version("{name}")',
                )


def _own(view: View, package: Package) -> Iterator[tuple[str, str]]:
    """The files that may be installed, from the root of the repository and from the package's folder.

    Folders of other packages are theirs.
    """
    prefix = "" if package.path == "." else f"{package.path}/"
    others = tuple(
        f"{each.path}/"
        for each in view.packages
        if each.path != package.path and each.path.startswith(prefix)
    )
    for path in view.below(package.path):
        relative = path[len(prefix) :]
        if not path.startswith(others) and _APART.isdisjoint(relative.split("/")[:-1]):
            yield path, relative
