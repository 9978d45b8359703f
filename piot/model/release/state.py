"""How the tags of a package, its registry and its built artifacts stand to each other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from piot.errors import InputError, listed
from piot.model.npm.stage import StagedVersion
from piot.model.package import Kind, Package
from piot.model.release.artifact import Observed
from piot.model.release.listing import Listing
from piot.model.release.spelling import spelled
from piot.model.release.tag_format import TagFormat
from piot.model.semver import Semver

ReleaseState: TypeAlias = Literal[
    "in sync",
    "unreleased",
    "published, untagged",
    "tagged, unpublished",
    "published in part",
    "different bytes",
    "version mismatch",
    "waits for approval",
    "registry unreachable",
]

SETTLED = frozenset({"in sync", "unreleased", "registry unreachable"})
"""The states that are no drift: all is well, nothing was begun, or nobody knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageState:
    """One package. ``tag`` is its last release reachable from HEAD, ``tag_version`` the version it names.

    ``registry`` is the newest version there, as it is spelled there; ``place`` the registry's name here.
    ``artifacts`` are built files of the tagged version, as far as there are any. ``staged`` are versions
    that wait for an approval, in the order in which they are to be approved; None where nobody tells.
    """

    package: str
    kind: Kind
    place: str
    tag: str | None
    tag_version: str | None
    registry: str | None
    state: ReleaseState
    detail: str = ""
    artifacts: tuple[Observed, ...] = ()
    staged: tuple[StagedVersion, ...] | None = ()

    @property
    def drift(self) -> bool:
        """Whether somebody has to do something."""
        return self.state not in SETTLED


def tagged_versions(package: Package, tags: Iterable[str]) -> dict[str, Semver]:
    """The version that each tag of the package, or of its group, names; older formats count too.

    A version that its registry cannot have is no release.
    """
    templates = (package.tag_format, *package.baseline_tags)
    formats = [TagFormat.parse(template, package.line) for template in templates]
    named = ((tag, form.version(tag)) for tag in tags for form in formats)
    return {tag: version for tag, version in named if version is not None and _possible(package, version)}


def _possible(package: Package, version: Semver) -> bool:
    try:
        spelled(package.kind, version)
    except InputError:
        return False
    return True


def newest(versions: Mapping[str, Semver]) -> str | None:
    """The tag of the highest version, by precedence."""
    return max(versions, key=lambda tag: versions[tag].precedence, default=None)


def judged(
    package: Package,
    place: str,
    tags: Mapping[str, Semver],
    everywhere: Iterable[Semver],
    listings: Mapping[str, Listing | None],
    artifacts: Sequence[Observed] = (),
    waiting: Sequence[StagedVersion] | None = (),
) -> PackageState:
    """The state of a package whose registry answered; ``waiting`` is None where it does not tell that.

    ``tags`` are those reachable from HEAD, ``everywhere`` the versions of all tags, so that a release of
    another branch is no drift. ``listings`` are by registry name, every name of the package among them.
    """
    tag = newest(tags)
    version = None if tag is None else tags[tag]
    own = listings[package.registry_name]
    top = _newest_of(package.kind, () if own is None else own.versions)
    state, detail = _state(package, version, tuple(everywhere), listings, top, artifacts)
    staged = None if waiting is None else _staged(package, listings, waiting)
    if state != "different bytes":
        state, detail = _waits(listings, staged) or (state, detail)
    if staged is None:
        detail = "; ".join(filter(None, (detail, f"{_UNSEEN}: `npm stage list {package.registry_name}`")))
    return PackageState(
        package=package.name,
        kind=package.kind,
        place=place,
        tag=tag,
        tag_version=None if version is None else str(version),
        registry=top,
        state=state,
        detail=detail,
        artifacts=tuple(artifacts),
        staged=staged,
    )


def unreachable(package: Package, place: str, tags: Mapping[str, Semver], why: str) -> PackageState:
    """The state of a package whose registry does not tell."""
    tag = newest(tags)
    return PackageState(
        package=package.name,
        kind=package.kind,
        place=place,
        tag=tag,
        tag_version=None if tag is None else str(tags[tag]),
        registry=None,
        state="registry unreachable",
        detail=why,
        staged=None,
    )


def _state(
    package: Package,
    version: Semver | None,
    everywhere: Sequence[Semver],
    listings: Mapping[str, Listing | None],
    top: str | None,
    artifacts: Sequence[Observed],
) -> tuple[ReleaseState, str]:
    present = [name for name, listing in listings.items() if listing is not None and listing.files]
    if version is None:
        return ("published, untagged", "") if present else ("unreleased", "")
    if not present:
        return "tagged, unpublished", ""
    wanted = spelled(package.kind, version)
    lacking = [name for name, listing in listings.items() if not _has(package.kind, listing, wanted)]
    if len(lacking) == len(listings):
        return "version mismatch", f"the registry does not have {wanted}"
    if lacking:
        return "published in part", f"{wanted} of {listed(lacking)} is not there"
    if found := _by_digest(artifacts):
        return found
    if top is not None and _ahead(package.kind, top, wanted, everywhere):
        return "version mismatch", f"{top} is on the registry, and no tag names it"
    return "in sync", _yanked(listings[package.registry_name], wanted)


_UNSEEN = "what waits for an approval is shown to tokens of persons alone"


def _staged(
    package: Package, listings: Mapping[str, Listing | None], waiting: Iterable[StagedVersion]
) -> tuple[StagedVersion, ...]:
    """Those that nobody can install yet, the package itself behind what it needs."""
    known = {name: listing.versions for name, listing in listings.items() if listing is not None}
    found = (each for each in waiting if each.version not in known.get(each.name, ()))
    return tuple(
        sorted(found, key=lambda each: (each.name == package.registry_name, each.name, each.version))
    )


def _waits(
    listings: Mapping[str, Listing | None], staged: Sequence[StagedVersion] | None
) -> tuple[ReleaseState, str] | None:
    """What waits, or of which names something does where no more is told; None: nothing that is known."""
    if staged:
        return "waits for approval", listed([f"{each.name} {each.version}" for each in staged])
    reserved = [name for name, listing in listings.items() if listing is not None and listing.reserved]
    if staged is None and reserved:
        return "waits for approval", f"a first version of {listed(reserved)}"
    return None


def _by_digest(artifacts: Sequence[Observed]) -> tuple[ReleaseState, str] | None:
    different = [each.artifact.file for each in artifacts if each.state == "different"]
    if different:
        return "different bytes", f"{listed(different)} as built here is not what the registry has"
    absent = [each.artifact.file for each in artifacts if each.state in ("absent", "unknown name")]
    return ("published in part", f"the registry lacks {listed(absent)}") if absent else None


def _has(kind: Kind, listing: Listing | None, version: str) -> bool:
    """Cargo's registries take no two versions that differ in build metadata alone."""
    if listing is None:
        return False
    if kind == "crates":
        return any(each.partition("+")[0] == version.partition("+")[0] for each in listing.versions)
    return version in listing.versions


def _yanked(listing: Listing | None, version: str) -> str:
    files = () if listing is None else listing.of(version)
    yanked = [each.file for each in files if each.yanked]
    if not yanked:
        return ""
    return "yanked" if len(yanked) == len(files) else f"{listed(yanked)} is yanked"


def _ahead(kind: Kind, top: str, wanted: str, everywhere: Sequence[Semver]) -> bool:
    """Whether the registry has a later version than the last tag, of which no tag is known."""
    known = {_rank(kind, spelled(kind, each)) for each in everywhere}
    mine, theirs = _rank(kind, wanted), _rank(kind, top)
    return theirs is not None and mine is not None and theirs > mine and theirs not in known


def _newest_of(kind: Kind, versions: Iterable[str]) -> str | None:
    ranked = [(rank, each) for each in versions if (rank := _rank(kind, each)) is not None]
    return max(ranked, default=(None, None))[1]


def _rank(kind: Kind, version: str) -> tuple[object, ...] | None:
    """What versions of a registry are sorted by; None for what is no version."""
    if kind != "pypi":
        try:
            return Semver.parse(version).precedence
        except InputError:
            return None
    from packaging.version import InvalidVersion, Version

    try:
        return (Version(version),)
    except InvalidVersion:
        return None
