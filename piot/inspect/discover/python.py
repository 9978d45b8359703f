"""The Python projects that can be released: those of maturin, hatch and setuptools."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from piot.inspect.discover.draft import Draft, LeftOut
from piot.inspect.discover.facts import Facts, folder_of, inside
from piot.inspect.discover.launcher import bundled_program
from piot.model.package import BundleCli, PypiBuild, PypiSettings, TargetSpec
from piot.model.tables import Table, table_at, texts
from piot.model.triple import Triple

FIVE = (
    "x86_64-unknown-linux-gnu",
    "aarch64-unknown-linux-gnu",
    "x86_64-apple-darwin",
    "aarch64-apple-darwin",
    "x86_64-pc-windows-msvc",
)
"""The platforms that nearly all users have."""

BUILDS: Mapping[str, PypiBuild] = {"maturin": "maturin", "hatchling": "hatch", "setuptools": "setuptools"}
"""By the module of ``build-backend``."""

PRIVATE = "Private ::"
"""Classifiers that begin so make PyPI refuse a package (PyPI, *Classifiers*)."""

_EXTENSIONS = re.compile(r"ext_modules|rust_extensions|cffi_modules|\bExtension\(|\bRustExtension\(")
_EXTENSION_TOOLS = ("setuptools-rust", "cython", "cffi", "pybind11", "nanobind", "numpy")
_NAME = re.compile(r"[A-Za-z0-9._-]+")


def default_targets() -> tuple[TargetSpec, ...]:
    """`FIVE`, as a configuration would have them."""
    return tuple(TargetSpec(triple=Triple.parse(text), written=text) for text in FIVE)


def projects(facts: Facts) -> Iterator[Draft | LeftOut]:
    """One by one in the order of their folders; a pyproject.toml for tools only is no news."""
    named = {canonical(_text(table, "project", "name")): path for path, table in facts.pyprojects.items()}
    for directory, table in sorted(facts.pyprojects.items()):
        path = inside(directory, "pyproject.toml")
        name = _text(table, "project", "name")
        backend = _text(table, "build-system", "build-backend")
        module = (backend or "setuptools").partition(".")[0]
        private = [each for each in texts(table_at(table, "project").get("classifiers")) if PRIVATE in each]
        if not name or private or ("build-system" not in table and not _legacy(facts, directory)):
            continue
        if module not in BUILDS:
            reason = f"piot builds with maturin, hatch and setuptools, not with {module}"
            yield LeftOut(path=path, name=name, reason=reason)
            continue
        wanted = texts(table_at(table, "project").get("dependencies"))
        needed = (named.get(canonical(each)) for each in wanted)
        siblings = tuple(sorted({each for each in needed if each is not None and each != directory}))
        yield _draft(facts, directory, table, BUILDS[module], name, siblings)


def _draft(
    facts: Facts, directory: str, table: Table, build: PypiBuild, name: str, siblings: tuple[str, ...]
) -> Draft:
    crates: tuple[str, ...] = ()
    cli: BundleCli | None = None
    guesses: tuple[str, ...] = ()
    if build == "maturin":
        manifest = _text(table, "tool", "maturin", "manifest-path") or "Cargo.toml"
        crates = (folder_of(inside(directory, manifest)),)
        cli, guesses = bundled_program(facts, directory, table)
    platforms = build == "maturin" or (build == "setuptools" and _extends(facts, directory, table))
    version = _text(table, "project", "version")
    if not version:
        version = next((facts.crates[each].version for each in crates if each in facts.crates), "")
    if not _licensed(table):
        guesses = (*guesses, f"{name} has no licence: add license to [project] in its pyproject.toml")
    return Draft(
        kind="pypi",
        registered=name,
        directory=directory,
        settings=PypiSettings(
            pypi=name, build=build, targets=default_targets() if platforms else (), bundle_cli=cli
        ),
        version=version or None,
        crates=tuple(dict.fromkeys((*crates, *([cli.crate_path] if cli else [])))),
        siblings=siblings,
        guesses=guesses,
    )


def _licensed(table: Table) -> bool:
    """Whether it says under which terms it may be used (PEP 639, and the classifiers of before)."""
    project = table_at(table, "project")
    classified = any(each.startswith("License ::") for each in texts(project.get("classifiers")))
    return bool(project.get("license") or project.get("license-files")) or classified


def _legacy(facts: Facts, directory: str) -> bool:
    """Whether a project without a ``[build-system]`` is one of setuptools' (PEP 517)."""
    return facts.has(inside(directory, "setup.py")) or facts.has(inside(directory, "setup.cfg"))


def _extends(facts: Facts, directory: str, table: Table) -> bool:
    """Whether setuptools compiles extension modules for it."""
    script = facts.read(inside(directory, "setup.py")) or ""
    tool = table_at(table, "tool")
    asked = {canonical(each) for each in texts(table_at(table, "build-system").get("requires"))}
    declared = "setuptools-rust" in tool or "ext-modules" in table_at(tool, "setuptools")
    return declared or bool(_EXTENSIONS.search(script)) or not asked.isdisjoint(_EXTENSION_TOOLS)


def canonical(requirement: str) -> str:
    """The one spelling of a project's name (PEP 503), taken from the start of a requirement (PEP 508)."""
    match = _NAME.match(requirement)
    return re.sub(r"[-_.]+", "-", match[0]).lower() if match else ""


def _text(table: Table, *where: str) -> str:
    value = table_at(table, *where[:-1]).get(where[-1])
    return value if isinstance(value, str) else ""
