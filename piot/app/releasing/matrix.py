"""The CI matrix of planned versions: what rows follow from, read from the checkout."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from piot.app.catalogs.contents import contents_of
from piot.app.session.session import Session
from piot.ci.facts import BuildFacts
from piot.ci.input_keys import InputKeys, Inputs
from piot.ci.rows import matrix_rows
from piot.load.inputs import InputFiles
from piot.load.package_graph import PackageGraph
from piot.model.label import Label
from piot.model.package import Package, PypiSettings
from piot.model.pins import LOCK
from piot.model.python.pyproject import DEFAULT_PYTHON, python_versions
from piot.model.release.matrix import Row
from piot.model.select import resolve_select
from piot.model.triple import Triple

NAMES = (
    *("crate", "wheel", "sdist", "package", "platforms"),
    *("platforms-napi", "platforms-bundled-cli"),
)
"""The targets of packages that are released, or that others are made from."""

COMPILED = ("ext_modules", "ext-modules", "cffi_modules", "rust_extensions")
"""How setup.py and pyproject.toml of setuptools say that a wheel has extension modules."""

LATER = ("the tools of its machine: see piot plan --keys",)
"""What the key of a row waits for while nobody asks."""


def matrix(session: Session, versions: Mapping[str, str], *, input_keys: bool = True) -> tuple[Row, ...]:
    """The rows of the packages that have a version, with the input keys of what the session sees."""
    packages = session.config.packages
    names = PackageGraph(packages, ())
    facts = {each.name: facts_of(session, each, names) for each in packages if each.name in versions}
    rows = matrix_rows(packages, versions, facts, glibc=session.settings.glibc)
    if not input_keys:
        return rows
    keys = keys_of(session)
    return tuple(replace(row, input_key=keys.of_row(row), key_waits_for=LATER) for row in rows)


def facts_of(session: Session, package: Package, names: PackageGraph) -> BuildFacts:
    """Labels and Pythons of one package; ``names`` knows the labels of all."""
    labels = {name: names.label(package, name) for name in NAMES}
    known = {name: label for name, label in labels.items() if label in session.graph}
    return BuildFacts(
        labels={name: str(label) for name, label in known.items()},
        pythons=_pythons(session, package),
        separate=_separate(session, package, known.get("wheel")),
        pure=_pure(session, package),
    )


def keys_of(session: Session) -> InputKeys:
    """Of all targets, planned versions in them."""
    graph, inputs = session.graph, InputFiles(session.repository)
    everywhere = (session.settings.glibc, session.text(LOCK) or "")
    return InputKeys(
        Inputs(
            graph=graph,
            files=lambda label: inputs.of(graph[label]),
            contents=contents_of(session),
            everywhere=everywhere,
        )
    )


def _pythons(session: Session, package: Package) -> tuple[str, ...]:
    if not isinstance(package.settings, PypiSettings):
        return (DEFAULT_PYTHON,)
    project = session.repository.pyprojects.get(package.path)
    allowed = package.settings.python_versions or python_versions(
        project.requires_python if project else None
    )
    return in_order(allowed)


def _separate(session: Session, package: Package, wheel: Label | None) -> Mapping[str, tuple[str, ...]]:
    value = None if wheel is None else session.graph.value(wheel, "python_versions")
    found: dict[str, tuple[str, ...]] = {}
    for spec in package.targets if value is not None else ():
        chosen = resolve_select(value, Triple(spec.triple.text)) if value is not None else ()
        found[spec.triple.text] = (
            in_order([str(each) for each in chosen]) if isinstance(chosen, tuple) else ()
        )
    return found


def in_order(versions: Sequence[str]) -> tuple[str, ...]:
    """Pythons, the oldest first; a free-threaded one follows its version, PyPy comes first."""

    def rank(version: str) -> tuple[bool, tuple[int, ...], bool]:
        digits = version.removeprefix("pypy").rstrip("t")
        return not version.startswith("pypy"), tuple(map(int, digits.split("."))), version.endswith("t")

    return tuple(sorted(versions, key=rank))


def _pure(session: Session, package: Package) -> bool:
    """Whether nothing says that the wheel of a project has extension modules."""
    prefix = "" if package.path == "." else f"{package.path}/"
    texts = [session.text(f"{prefix}{name}") or "" for name in ("setup.py", "pyproject.toml")]
    return not any(word in text for text in texts for word in COMPILED)
