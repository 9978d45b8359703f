"""What a target shows its dependents: the closed set of things piot knows how to build and release."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from piot.model.action import Output


class Provider(Protocol):
    """Anything with outputs; user rules may define their own."""

    @property
    def outputs(self) -> tuple[Output, ...]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """Plain outputs."""

    outputs: tuple[Output, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """One file that a registry takes: ``folder`` holds just that file, whose name carries the version."""

    name: str
    version: str
    folder: Output

    @property
    def outputs(self) -> tuple[Output, ...]:
        return (self.folder,)


class Crate(Distribution):
    """A ``.crate``."""

    __slots__ = ()


class Wheel(Distribution):
    """A wheel; its file name carries its tags too."""

    __slots__ = ()


class NpmPackage(Distribution):
    """A ``.tgz`` as npm packs it."""

    __slots__ = ()


class Sdist(Distribution):
    """A source distribution of Python."""

    __slots__ = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Executable:
    """A program for one triple; ``version`` is that of its sources, empty where they have none."""

    name: str
    triple: str
    file: Output
    version: str = ""

    @property
    def outputs(self) -> tuple[Output, ...]:
        return (self.file,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """A release archive for one triple; ``folder`` holds just it, ``checksum`` just its ``.sha256``.

    ``top`` is the folder that all of it is in, empty where there is none; ``programs`` are the places of its
    programs in it.
    """

    name: str
    version: str
    triple: str
    folder: Output
    checksum: Output
    top: str
    programs: tuple[str, ...]

    @property
    def outputs(self) -> tuple[Output, ...]:
        return (self.folder, self.checksum)


@dataclass(frozen=True, slots=True, kw_only=True)
class Addon:
    """A Node.js addon for one triple; ``bindings`` holds its loader and its types, at their places."""

    name: str
    triple: str
    file: Output
    bindings: Output

    @property
    def outputs(self) -> tuple[Output, ...]:
        return (self.file,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tested:
    """A test that passed; there is nothing to show but that it ran."""

    outputs: tuple[Output, ...] = ()
