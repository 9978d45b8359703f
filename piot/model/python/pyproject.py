"""What ``pyproject.toml`` says, and the Pythons that a requires-python means."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from piot.errors import InputError
from piot.model.globs import Globs
from piot.model.release.version_file import VersionFile

if TYPE_CHECKING:
    from packaging.specifiers import Specifier

KNOWN_PYTHONS = ("3.8", "3.9", "3.10", "3.11", "3.12", "3.13", "3.14")
DEFAULT_PYTHON = "3.12"
_PATCH = re.compile(r"[0-9]+\.[0-9]+\.([0-9]+)")
PYTHON = re.compile(r"3\.\d+t?|pypy3\.\d+")
SPELLED = 'write "3.12", "3.14t" (free-threaded) or "pypy3.11"'
"""How Pythons are written where wheels are asked for."""

_UNBOUND = ("bin", "cffi", "uniffi")


@dataclass(frozen=True, slots=True, kw_only=True)
class Maturin:
    """``[tool.maturin]``; paths are relative to the folder of ``pyproject.toml``."""

    features: tuple[str, ...] = ()
    no_default_features: bool = False
    all_features: bool = False
    bindings: str | None = None
    module_name: str | None = None
    python_source: str | None = None
    manifest_path: str | None = None
    profile: str | None = None
    include: tuple[str, ...] = ()
    sdist_generator: str = "cargo"
    strip: bool = False

    def ships(self, path: str, crate: str) -> bool:
        """Whether a file at ``path`` goes into the wheel: in the Python package, or by ``include``.

        The package is called as the module is, else as the ``crate`` (maturin guide, "Project layout").
        Of ``include`` a pattern that ends in ``**`` names folders only, as Rust's ``glob`` crate reads it.
        """
        module = (self.module_name or crate.replace("-", "_")).partition(".")[0]
        package = posixpath.normpath(posixpath.join(self.python_source or ".", module))
        inside = posixpath.normpath(path)
        return inside.startswith(f"{package}/") or any(
            Globs.parse((pattern,)).matches(inside) for pattern in self.include if not pattern.endswith("**")
        )

    @property
    def interpreter_free(self) -> bool:
        """Whether the bindings alone make one wheel for every Python; abi3 of pyo3 is the crate's to say."""
        return self.bindings in _UNBOUND


@dataclass(frozen=True, slots=True, kw_only=True)
class Pyproject:
    """One Python project; ``tools`` are the names of its ``[tool.…]`` tables.

    ``scripts`` are the commands that installing it puts on PATH (``[project.scripts]``), ``dependencies``
    what it needs when it is installed, as far as that stands in the file.
    """

    directory: str
    name: str | None = None
    version: str | None = None
    dynamic: tuple[str, ...] = ()
    requires_python: str | None = None
    build_backend: str | None = None
    build_requires: tuple[str, ...] = ()
    scripts: tuple[str, ...] = ()
    dependencies: tuple[str, ...] = ()
    maturin: Maturin | None = None
    tools: tuple[str, ...] = ()
    backend_path: tuple[str, ...] = ()
    """Folders of a back end that the project brings itself (PEP 517), relative to its own."""
    scm: bool = False
    """Whether hatch-vcs or setuptools-scm take the version from tags; ``version`` is what they are told."""
    version_file: VersionFile | None = None
    """Where a dynamic version stands; ``version`` is what was read there."""

    @property
    def crate_directory(self) -> str:
        """The folder of the crate that maturin builds, relative to the repository root."""
        manifest = (self.maturin.manifest_path if self.maturin else None) or "Cargo.toml"
        path = posixpath.normpath(posixpath.join(self.directory, manifest.replace("\\", "/")))
        return posixpath.dirname(path) or "."


class NoSpecifier(InputError):
    """A requires-python that says nothing of versions (PEP 440)."""


def python_version(version: str) -> str:
    """A Cargo version in the spelling of PEP 440: ``1.3.0-rc.1`` is ``1.3.0rc1``.

    Raises InputError for one that PEP 440 cannot say.
    """
    from packaging.version import InvalidVersion, Version

    try:
        found = Version(version)
    except InvalidVersion:
        found = None
    if found is None or found.is_postrelease:
        hint = "use alpha, beta, rc or dev with a number, as in 1.3.0-rc.1"
        raise InputError(f'a Python package cannot have the version "{version}" (PEP 440)', hint=hint)
    return str(found)


def python_tag(version: str) -> str:
    """The interpreter and ABI of a wheel's tags for one Python (PEP 425, PEP 703): ``cp312``, ``cp314t``.

    ``version`` is written ``3.12``, ``3.14t`` or ``pypy3.11``, whose tag is ``pp311``.
    """
    name, digits = ("pp", version.removeprefix("pypy")) if version.startswith("pypy") else ("cp", version)
    return f"{name}{digits.replace('.', '')}"


def python_versions(requires_python: str | None, known: Sequence[str] = KNOWN_PYTHONS) -> tuple[str, ...]:
    """The minor versions of ``known`` that requires-python allows; ``DEFAULT_PYTHON`` when it is not said.

    A specifier of two parts speaks of minor versions (``>3.11`` starts at 3.12), one of three parts of
    any patch release (``>=3.10.5`` allows 3.10). Raises InputError when nothing is left, or when one
    patch release is pinned, and NoSpecifier.
    """
    if requires_python is None:
        return (DEFAULT_PYTHON,)
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        specifiers = list(SpecifierSet(requires_python))
    except InvalidSpecifier as wrong:
        message = f'requires-python is "{requires_python}", which is no version specifier'
        raise NoSpecifier(message, hint='write it as in ">=3.9,<4"') from wrong
    if any(one.operator in ("==", "===") and _PATCH.fullmatch(one.version) for one in specifiers):
        message = f'requires-python "{requires_python}" pins one patch release'
        raise InputError(message, hint="name the minor version, as in ==3.12.*")
    found = tuple(minor for minor in known if specifiers and _allowed(minor, specifiers))
    if not found:
        message = f'no Python that piot knows satisfies requires-python "{requires_python}"'
        raise InputError(message, hint=f"known are {known[0]} to {known[-1]}")
    return found


def allows(requires_python: str, python: str) -> bool:
    """Whether requires-python, a valid specifier, lets a Python have the project: 3.12, 3.14t or pypy3.11."""
    from packaging.specifiers import SpecifierSet

    return _allowed(python.removeprefix("pypy").removesuffix("t"), list(SpecifierSet(requires_python)))


def _allowed(minor: str, specifiers: Sequence[Specifier]) -> bool:
    """Whether some patch release is allowed: the first, the last, and those at the edges are looked at."""
    named = [int(match[1]) for one in specifiers if (match := _PATCH.match(one.version))]
    patches = {0, 999, *named, *(number + 1 for number in named), *(max(number - 1, 0) for number in named)}
    return any(
        all(one.contains(f"{minor}.{patch}" if _PATCH.match(one.version) else minor) for one in specifiers)
        for patch in patches
    )
