"""What a registry has of a version that is planned, and whether it is still to be published."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from piot.model.cargo.index import crate_file
from piot.model.npm.packument import tarball_name
from piot.model.package import Package
from piot.model.release.artifact import Artifact, Observed
from piot.model.release.listing import Listing, observed

State: TypeAlias = Literal[
    "absent", "in part", "there", "same", "different", "yanked", "unknown name", "unreachable"
]
"""``there`` are files that were not compared, ``same`` those whose digest is that of ours."""

Verdict: TypeAlias = Literal["publish", "skip", "unknown"]
"""Whether a registry lacks a version: ``unknown`` where it did not tell, or where ours cannot go there."""

_VERDICTS: dict[State, Verdict] = {
    "absent": "publish",
    "unknown name": "publish",
    "in part": "publish",
    "there": "skip",
    "same": "skip",
    "yanked": "skip",
    "different": "unknown",
    "unreachable": "unknown",
}
_LACKING = frozenset({"absent", "unknown name"})


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryState:
    """Of one package. ``place`` is the registry's name here, ``version`` is spelled as it spells it.

    ``artifacts`` are built files, where they are at hand; else those that are known by their names, and what
    there is of a Python project.
    """

    package: str
    place: str
    version: str
    state: State
    detail: str = ""
    artifacts: tuple[Observed, ...] = ()

    @property
    def verdict(self) -> Verdict:
        return _VERDICTS[self.state]


def registry_state(
    package: Package,
    place: str,
    version: str,
    listings: Mapping[str, Listing | None],
    *,
    built: Sequence[Artifact] = (),
    jobs: int = 1,
) -> RegistryState:
    """The state by what the registry has of every name of the package.

    ``built`` are files of ours. Without them, names of files of a Python project are not known, but that
    there is one for each of the ``jobs`` that build them.
    """
    held = [observed(each, listings.get(each.registry_name)) for each in built or _expected(package, version)]
    lacking = 0
    if not held:
        held = [*_files(package, version, listings[package.registry_name])]
        lacking = max(0, jobs - len(held))
    known = any(listing is not None for listing in listings.values())
    state, detail = _state(held, lacking=lacking, known=known)
    return RegistryState(
        package=package.name, place=place, version=version, state=state, detail=detail, artifacts=tuple(held)
    )


def silent(package: Package, version: str, why: str, place: str = "") -> RegistryState:
    """The state of a package whose registry does not tell."""
    return RegistryState(package=package.name, place=place, version=version, state="unreachable", detail=why)


def _expected(package: Package, version: str) -> Iterator[Artifact]:
    """What will be published, where names of files follow from those of packages; nothing for PyPI."""
    match package.kind:
        case "crates":
            name = package.registry_name
            file = crate_file(name, version)
            yield Artifact(package=package.name, kind="crate", registry_name=name, version=version, file=file)
        case "npm":
            for name in package.registry_names:
                yield Artifact(
                    package=package.name,
                    kind="npm-package" if name == package.registry_name else "npm-platform",
                    registry_name=name,
                    version=version,
                    file=tarball_name(name, version),
                )
        case "pypi":
            return


def _files(package: Package, version: str, listing: Listing | None) -> Iterator[Observed]:
    for each in () if listing is None else listing.of(version):
        artifact = Artifact(
            package=package.name,
            kind="wheel" if each.file.endswith(".whl") else "sdist",
            registry_name=package.registry_name,
            version=version,
            file=each.file,
        )
        yield observed(artifact, listing)


def _state(held: Sequence[Observed], *, lacking: int, known: bool) -> tuple[State, str]:
    found = {each.state for each in held}
    for worst in ("unreachable", "different"):
        if worst in found:
            return worst, next(each.detail for each in held if each.state == worst)
    there = [each for each in held if each.state not in _LACKING]
    if not there:
        return ("absent" if known else "unknown name"), ""
    if len(there) < len(held) + lacking:
        return "in part", f"{len(there)} of {len(held) + lacking} files are there"
    if yanked := [each for each in there if each.state == "yanked"]:
        return "yanked", "" if len(yanked) == len(there) else f"{len(yanked)} of {len(there)} files are"
    return ("same" if all(each.artifact.sha256 for each in there) else "there"), ""
