"""What a result must be shown to be before it is stored: the values that a rule declares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True, kw_only=True)
class WheelProof:
    """The file is an installable wheel (PyPA binary distribution format) of this project.

    ``name`` is compared normalised (PEP 503), ``version`` as PEP 440 reads it; None takes any.
    ``triple`` is Rust's spelling of the platform that the tags must name; None leaves the choice
    to the file, whose tags must be true all the same. ``glibc`` is the highest glibc that a
    manylinux tag may ask for (``"2.17"``). ``abi3`` is the oldest Python of a stable-ABI wheel
    (PEP 384), ``(3, 9)``; ``python`` the interpreter tag of any other (PEP 425), ``"cp312"``, with a ``t``
    for free-threaded ones. ``programs`` are files that must be inside, by their names, and may be run.
    """

    name: str
    version: str | None = None
    triple: str | None = None
    glibc: str | None = None
    abi3: tuple[int, int] | None = None
    python: str | None = None
    programs: tuple[str, ...] = ()
    pure: bool = False
    """Whether it must be one for all platforms (``any``)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SdistProof:
    """The file is a source distribution (PEP 625) of this project; names compared as in a wheel."""

    name: str
    version: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CrateProof:
    """The file is a ``.crate`` as ``cargo package`` writes it and crates.io takes it.

    ``name`` and ``version`` are compared as written; None takes any version.
    """

    name: str
    version: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BinaryProof:
    """The file is a program for ``triple``; on glibc it runs where glibc is ``glibc`` or newer.

    With ``foreign`` it may need libraries that not every system has, since its target declares some.
    """

    triple: str
    glibc: str | None = None
    foreign: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LibraryProof:
    """The file is a shared library for ``triple`` (a ``.node`` is one too); the rest as for a program."""

    triple: str
    glibc: str | None = None
    foreign: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TarballProof:
    """The file is a ``.tgz`` as ``npm pack`` writes it, in which all that its package.json names is there.

    ``name`` and ``version`` are compared as written. ``triple`` is the platform of a platform package: its
    ``os``, ``cpu`` and ``libc`` must be those of the platform, and every program and library in it must be
    built for it.
    """

    name: str
    version: str
    triple: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveProof:
    """The file is a release archive: ``.tar.gz``, ``.tar.xz`` or ``.zip``, as ``file``, its name, says.

    It holds ``files``, and below every folder of ``folders`` (which end in ``/``; "" is the archive itself)
    at least one more, nothing else. Those of ``files`` that are ``programs`` may be run and are for
    ``triple``.
    """

    file: str
    triple: str
    files: tuple[str, ...]
    folders: tuple[str, ...] = ()
    programs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """What came of proofs: findings make a result worthless, leaks keep it from being shared, notes are only
    said.
    """

    findings: tuple[str, ...] = ()
    leaks: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


Proof: TypeAlias = (
    WheelProof | SdistProof | CrateProof | BinaryProof | LibraryProof | TarballProof | ArchiveProof
)
