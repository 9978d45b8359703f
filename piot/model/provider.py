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
class Crate:
    """A ``.crate``: ``archive`` is the folder that holds just that file."""

    name: str
    version: str
    archive: Output

    @property
    def outputs(self) -> tuple[Output, ...]:
        return (self.archive,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Executable:
    """A program for one triple."""

    name: str
    triple: str
    file: Output

    @property
    def outputs(self) -> tuple[Output, ...]:
        return (self.file,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wheel:
    """A wheel: ``folder`` holds just that file, whose name carries version and tags."""

    name: str
    version: str
    folder: Output

    @property
    def outputs(self) -> tuple[Output, ...]:
        return (self.folder,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sdist:
    """A source distribution: ``folder`` holds just that file."""

    name: str
    version: str
    folder: Output

    @property
    def outputs(self) -> tuple[Output, ...]:
        return (self.folder,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tested:
    """A test that passed; there is nothing to show but that it ran."""

    outputs: tuple[Output, ...] = ()
