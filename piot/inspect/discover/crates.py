"""The crates that can be released: those that Cargo would publish and somebody could use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from piot.inspect.discover.draft import Draft, LeftOut
from piot.inspect.discover.facts import Facts, aside
from piot.model.cargo.facts import CargoTarget, Crate
from piot.model.package import CratesSettings

FOREIGN = frozenset(("cdylib", "staticlib"))
"""Kinds of libraries that no crate can use (The Cargo Book, *Cargo Targets*, "The crate-type field")."""


def crates(facts: Facts) -> Iterator[Draft | LeftOut]:
    """One by one in the order of their folders; what ``publish = false`` keeps back is no news."""
    for directory, crate in sorted(facts.crates.items()):
        if not crate.publish or aside(crate.manifest):
            continue
        if reason := _hindrance(facts, crate):
            yield LeftOut(path=crate.manifest, name=crate.name, reason=reason)
        else:
            yield Draft(
                kind="crates",
                registered=crate.name,
                directory=directory,
                settings=CratesSettings(crate=crate.name),
                version=crate.version,
                crates=(directory,),
            )


def programs(facts: Facts) -> Mapping[str, tuple[tuple[Crate, CargoTarget], ...]]:
    """The programs that cargo can build, by name, with their crates."""
    found: dict[str, tuple[tuple[Crate, CargoTarget], ...]] = {}
    for _, crate in sorted(facts.crates.items()):
        for binary in () if aside(crate.manifest) else crate.binaries:
            found[binary.name] = (*found.get(binary.name, ()), (crate, binary))
    return found


def _hindrance(facts: Facts, crate: Crate) -> str:
    """Why a crate cannot be published, or nobody could use it; empty when nothing hinders."""
    kinds = frozenset(crate.library.crate_types if crate.library else ())
    if kinds and kinds <= FOREIGN and not crate.binaries:
        return "its library is for other languages only; `publish = false` in it would say so"
    if crate.version.partition("-")[0] == "0.0.0":
        return "its version is 0.0.0; `publish = false` in it would say that it stays here"
    lacks = [] if facts.package(crate, "description") else ["description"]
    if not (facts.package(crate, "license") or facts.package(crate, "license-file")):
        lacks.append("license")
    if lacks:
        return f"it has no {' and no '.join(lacks)}, which crates.io asks for"
    return ""
