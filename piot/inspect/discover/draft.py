"""A package that was found, before it has a name and knows which others it depends on."""

from __future__ import annotations

from dataclasses import dataclass

from piot.model.package import CratesSettings, Kind, NpmSettings, PypiSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """``registered`` is its name on the registry, ``version`` what its manifest says, None when nothing.

    ``crates`` are the folders of the crates that it is compiled from, ``siblings`` those of the packages of
    its own kind in the repository that it needs. ``guesses`` are sentences for people to check.
    """

    kind: Kind
    registered: str
    directory: str
    settings: CratesSettings | PypiSettings | NpmSettings
    version: str | None = None
    crates: tuple[str, ...] = ()
    siblings: tuple[str, ...] = ()
    guesses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A manifest that no package was made of, and why."""

    path: str
    name: str
    reason: str
