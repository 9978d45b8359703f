"""What a registry has of a name, in the same words for all registries, and an artifact held against it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from piot.model.release.artifact import Artifact, Observed


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A file that a registry has. Of ``sha256`` (hex) and ``integrity`` it tells one, or neither.

    ``version`` is as the registry spells it, ``url`` where the file is, when that is told.
    """

    file: str
    version: str
    sha256: str | None = None
    integrity: str | None = None
    yanked: bool = False
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """Everything of one name; ``withdrawn`` are versions that are gone and whose number is not free.

    ``reserved`` when the registry shows that there is nothing yet but what waits for an approval.
    """

    name: str
    files: tuple[Held, ...]
    withdrawn: tuple[str, ...] = ()
    reserved: bool = False

    @property
    def versions(self) -> tuple[str, ...]:
        """Every version of which there is a file, in the registry's order."""
        return tuple(dict.fromkeys(each.version for each in self.files))

    def of(self, version: str) -> tuple[Held, ...]:
        """The files of one version."""
        return tuple(each for each in self.files if each.version == version)


def observed(artifact: Artifact, listing: Listing | None) -> Observed:
    """The artifact's state by what the registry has; no ``listing`` means that it does not know the name.

    A file counts as the same only when its digest is: a name and a version prove nothing.
    """
    if listing is None:
        return Observed(artifact=artifact, state="unknown name")
    held = next((each for each in listing.files if each.file == artifact.file), None)
    if held is not None:
        return _compared(artifact, held)
    if artifact.version in listing.withdrawn:
        detail = f"{artifact.version} was withdrawn; the registry does not give its number again"
        return Observed(artifact=artifact, state="different", detail=detail)
    if other := _clash(artifact, listing.versions):
        detail = f"the registry has {other}, and takes no version that differs in build metadata alone"
        return Observed(artifact=artifact, state="different", detail=detail)
    return Observed(artifact=artifact, state="absent")


def _compared(artifact: Artifact, held: Held) -> Observed:
    ours, theirs = artifact.sha256, held.sha256
    if artifact.integrity is not None and held.integrity is not None:
        ours, theirs = artifact.integrity, held.integrity
    if ours is None:
        return Observed(artifact=artifact, state="yanked" if held.yanked else "there")
    if theirs is None:
        detail = f"the registry does not tell the digest of {held.file}"
        return Observed(artifact=artifact, state="unreachable", detail=detail)
    if ours != theirs:
        detail = f"ours {ours}, the registry's {theirs}"
        return Observed(artifact=artifact, state="different", detail=detail)
    return Observed(artifact=artifact, state="yanked" if held.yanked else "same")


def _clash(artifact: Artifact, versions: Iterable[str]) -> str | None:
    """A crate's version that is another one by its build metadata alone, which cargo's registries ignore."""
    if artifact.kind != "crate":
        return None
    plain = artifact.version.partition("+")[0]
    return next((each for each in versions if each.partition("+")[0] == plain), None)
